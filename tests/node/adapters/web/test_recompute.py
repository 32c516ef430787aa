"""What a browser works out again is what the node worked out: the same whole numbers, and a lie is seen."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from base64 import b64encode

import pytest
from page_weights import PAGES

from thenar.domain.bounty.coverage import BP, faded, worth
from thenar.domain.epochs.rules import RULES

NODE = shutil.which("node")
COUNT = 2_000
PROGRAM = """
const [{ recompute }, { faded }] = await Promise.all(process.argv.slice(1).map((module) => import(module)));
let text = '';
for await (const part of process.stdin) text += part;
const { earnings, fades } = JSON.parse(text);
const again = (one) => one && [String(one.found), one.agrees, one.capped];
const left = ([amount, age, half]) => Math.floor(faded(amount, age, half));
console.log(JSON.stringify({ told: earnings.map((one) => again(recompute(one))), faded: fades.map(left) }));
"""

if NODE is None:
    pytest.skip("no Node.js on PATH to run the pages' modules with", allow_module_level=True)


def asked(earnings: list[dict[str, object]], fades: list[tuple[int, int, int]] = []) -> dict[str, list[object]]:  # noqa: B006
    """What the pages' own modules answer."""
    modules = [b64encode((PAGES / name).read_bytes()).decode() for name in ("recompute.js", "faded.js")]
    command = [
        str(NODE),
        "--input-type=module",
        "-e",
        PROGRAM,
        *(f"data:text/javascript;base64,{one}" for one in modules),
    ]
    given = json.dumps({"earnings": earnings, "fades": fades})
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=120)
    return dict(json.loads(done.stdout))


def earning(units: int, /, **numbers: int) -> dict[str, object]:
    return {"units": str(units), "numbers": {name: str(number) for name, number in numbers.items()}}


def bounties(dice: random.Random) -> tuple[dict[str, object], list[object]]:
    price, target = dice.randrange(1, 2**96), dice.randrange(BP, 100 * BP)
    before, covered = sorted(dice.randrange(0, 2 * target) for _ in range(2))
    due = worth(price, target, before, covered)
    paid = dice.choice((due, due // 2))
    return earning(paid, price=price, target=target, before=before, covered=covered), [str(due), True, paid < due]


def rewards(dice: random.Random) -> tuple[dict[str, object], list[object]]:
    score, budget, scored = dice.randrange(1, 2**40), dice.randrange(2**100), dice.randrange(1, 2**50)
    least, free = dice.randrange(1, 2**50), dice.randrange(8)
    rate = budget // max(scored, least)
    due = score * (rate * RULES.now_bp // BP + free * (rate * RULES.tranche_bp // BP))
    numbers = {"score": score, "budget": budget, "all_scores": scored, "least": least, "tranches_free": free}
    ways = {"at_once_bp": RULES.now_bp, "tranche_bp": RULES.tranche_bp, "pool": 1, "units_per_score": rate}
    return earning(due, **numbers, **ways), [str(due), True, False]


def test_bounties_and_rewards_come_to_the_same_in_the_browser_to_the_unit() -> None:
    dice = random.Random(11)
    cases = [dice.choice((bounties, rewards))(dice) for _ in range(COUNT)]

    assert asked([given for given, _ in cases])["told"] == [expected for _, expected in cases]


def test_a_number_that_does_not_follow_from_its_formula_is_told_to_differ() -> None:
    lies = [
        earning(101, units=10, price=10),
        earning(7, bond=8),
        earning(51, price=100, target=BP, before=0, covered=0),
    ]

    assert [agrees for _, agrees, _ in asked(lies)["told"]] == [False, False, False]  # type: ignore[misc]


def test_every_source_that_carries_its_numbers_comes_to_the_same_in_the_browser() -> None:
    right = [
        earning(30, bond=81, eighths=3),
        earning(26, lost=51, auditors_half=25),
        earning(9, redeemed=50, redeemed_before=40, to_model=1, calls=3),
        earning(10, debt=40, debt_paid_before=30, rate=2),
        earning(950, used=1_000, burnt=50),
        earning(500, price=500),
        earning(10, fine=10),
        earning(25, lost=51),
        earning(120, audit_price=60, share_bp=5_000, units=4, drawn_units=2),
        earning(70, audit_price=60, share_bp=5_000, units=4, drawn_units=2),
    ]
    wrong = [{**one, "units": str(int(str(one["units"])) + 1)} for one in right[:-1]]

    assert [one[1:] for one in asked(right)["told"]] == [[True, False]] * 9 + [[True, True]]  # type: ignore[index]
    assert [one[1] for one in asked(wrong)["told"]] == [False] * 9  # type: ignore[index]


def test_what_needs_more_of_the_chain_is_not_pretended_to_be_computed() -> None:
    shown = asked(
        [
            earning(5, total_weight=10, start=0, leaf=3),
            earning(5, audit_price=5, share_bp=1, units=9, price=1),
            earning(5, collected=5, price=9, since=1, until=7),
        ]
    )

    assert shown["told"] == [None, None, None]


def test_coverage_fades_on_the_map_as_it_does_on_chain() -> None:
    dice = random.Random(12)
    fades = [
        (dice.randrange(10**6), dice.randrange(10**9), dice.choice((90, 180, 365, 730)) * 86_400) for _ in range(COUNT)
    ]

    assert asked([], fades)["faded"] == [faded(*one) for one in fades]
