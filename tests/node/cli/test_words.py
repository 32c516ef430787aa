"""What people are shown of a status and of a doctor's look: words, faults first, and one line for each check."""

from __future__ import annotations

import pytest

from thenar.cli.words import lasting, status_in_words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.7, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7_260, "2 h 1 min"), (90_000, "1 d 1 h")],
)
def test_a_time_is_told_in_its_two_largest_units(seconds, said):
    assert lasting(seconds) == said


def test_a_status_tells_sizes_and_times_in_words():
    told = status_in_words(
        {
            "ready": True,
            "up_seconds": 3_700,
            "as_of": {"block": 41, "age_s": 3.2, "unix": 1_795_895_585},
            "parts": {
                "chain": {"up": True, "head_age_s": 75, "behind": -38, "answered_in_ms": 6},
                "disk": {"free": 62_720_770_048},
                "wallet": {"gas_wei": "1500000000000000000"},
                "store": {"up": False, "reason": "gone", "on_disk": 4_096},
            },
        }
    )

    assert (told["as of"], told["up for"]) == ("block 41, 3 s ago", "1 h 1 min")
    parts = told["parts"]
    assert parts["chain"] == {"up": True, "head mined": "1 min 15 s ago", "behind": "-38 blocks", "answered in": "6 ms"}
    assert parts["disk"] == {"free": "62.7 GB"}
    assert parts["wallet"] == {"gas": "1.5 ETH"}
    assert parts["store"] == {"up": False, "reason": "gone", "on disk": "4.1 kB"}


def test_a_doctor_shows_faults_first_and_what_is_fine_when_asked(thenar, node):
    (node / "keys" / "account.json").chmod(0o644)

    few, all_of_them = thenar("doctor", "--data", node), thenar("doctor", "--all", "--data", node)
    told = thenar("doctor", "--data", node, "--json").json

    lines, more = few.out.splitlines(), all_of_them.out.splitlines()
    faults = [one for one in told["checks"] if not one["fine"]]
    assert (few.code, all_of_them.code) == (5, 5)
    assert len(lines) == len(faults) + 1
    assert all(line.startswith("fault") for line in lines[:-1])
    assert any("key files are private" in line and "--fix does: chmod 600" in line for line in lines)
    assert lines[-1].startswith(f"healthy  no: {len(faults)} faults in {len(told['checks'])} checks")
    assert len(more) == len(told["checks"]) + 1
    assert [line[:5] for line in more[:-1]] == ["fault"] * len(faults) + ["fine "] * (len(more) - 1 - len(faults))
