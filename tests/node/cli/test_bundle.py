"""Twelve secrets are planted where a node may have them; none is in the bundle, the metrics or the process list."""

from __future__ import annotations

import json
import tarfile

import pytest
import trio
from command_line import make_node
from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.journal import open_journal
from thenar.directory import RUNTIME_FILE
from thenar.domain.duties import Duty, DutyKind
from thenar.services.ports import Batch
from thenar.upkeep.bundle import GONE, scrub

WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"
SEED = "nothing but the journal tells that this is one"
CANARIES = {
    "account key": "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
    "mnemonic": WORDS,
    "password": "correct-horse-battery-canary",
    "door token": "d00r" * 16,
    "key in the endpoint's path": "v3canary0123456789abcdef",
    "password of the endpoint": "rpc-pass-canary",
    "bearer token": "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl",
    "bought key": "ab" * 32,
    "IPv4 address": "203.0.113.77",
    "IPv6 address": "2001:db8::dead:beef",
    "cloud secret": "aws-canary-6f1e2d",
    "user's name": "/home/anastasia",
}


@pytest.fixture
def hoard(tmp_path, monkeypatch):
    """A node that has all of them, and a log that says all of them."""
    endpoint = CANARIES["key in the endpoint's path"]
    rpc = f"http://user:{CANARIES['password of the endpoint']}@127.0.0.1:9/{endpoint}"
    peer = f"/ip4/{CANARIES['IPv4 address']}/tcp/4001/p2p/12D3KooWCanary"
    folder = make_node(tmp_path / "node", chain_rpc=rpc, p2p_bootstrap=(peer,))
    (folder / "thenar.toml").open("a").write(f"# old key: {CANARIES['account key']}\n")
    (folder / RUNTIME_FILE).write_text(json.dumps({"address": "127.0.0.1:9", "token": CANARIES["door token"]}))
    monkeypatch.setenv("THENAR_PASSWORD", CANARIES["password"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARIES["cloud secret"])
    trio.run(_remember, folder)
    lines = [f"something about {name}: {value} happened" for name, value in {**CANARIES, "seed": SEED}.items()]
    (folder / "node.log").write_text("\n".join([*lines, json.dumps(CANARIES), f"Authorization: Bearer {rpc}"]))
    return folder


async def _remember(folder) -> None:
    async with open_journal(folder) as journal:
        await journal.put("key/0x01", bytes.fromhex(CANARIES["bought key"]))
        await journal.put("sale-key/01", SEED.encode())
        duty = Duty(DutyKind.PIN_ASSET, "0x" + "cd" * 32, 5)
        await journal.take_in(Batch(5, 5, "0x" + "00" * 32, ()), [duty])
        await journal.fail(duty, f"{CANARIES['IPv6 address']} said {CANARIES['mnemonic']}")


def test_no_planted_secret_is_in_the_bundle(hoard, tmp_path, thenar, record_property):
    made = thenar("support-bundle", tmp_path / "help.tar", "--log", hoard / "node.log", "--data", hoard, "--json")

    assert made.code == 0, made.out
    with tarfile.open(tmp_path / "help.tar") as tar:
        texts = {head.name: tar.extractfile(head).read().decode() for head in tar}
    found = {(name, canary) for name, text in texts.items() for canary, value in CANARIES.items() if value in text}
    record_property("canaries_planted", len(CANARIES))
    record_property("canaries_found", len(found))
    assert found == set()
    assert set(texts) == {"status.json", "doctor.json", "settings.json", "journal.json", "machine.json", "log.txt"}
    for name, text in texts.items():
        assert name == "log.txt" or json.loads(text)
    assert GONE in texts["log.txt"]
    assert "something about" in texts["log.txt"]
    assert SEED not in texts["log.txt"]
    assert (tmp_path / "help.tar").stat().st_mode & 0o077 == 0
    assert thenar("support-bundle", tmp_path / "help.tar", "--data", hoard, "--json").code == 12


def test_what_helps_is_still_there():
    text = "block 12345 of 0xcd0000000000000000000000000000000000abcd on http://127.0.0.1:8545 at ::1, exit 6, 10:42:17"

    assert scrub(text) == text


@given(st.text(max_size=200), st.sampled_from(sorted(CANARIES.values())), st.text(max_size=200))
def test_a_known_secret_goes_wherever_it_stands(before, secret, after):
    assert secret not in scrub(before + secret + after, [secret])
