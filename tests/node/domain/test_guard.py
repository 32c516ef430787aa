"""The signing guard: cases every implementation must agree on, and random lives in which no node contradicts itself."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.adapters.journal import tables
from thenar.adapters.journal.rows import equip
from thenar.adapters.journal.sqlite import steps
from thenar.domain.guard import FLOOR, SPOILED, Document, Said, judge, merged, read, spell
from thenar.domain.ids import Address
from thenar.errors import BadInput, Conflict

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
LIVES = 100_000 if FULL else 1_500
ON_DISK = 2_000 if FULL else 40
CORPUS = json.loads((Path(__file__).parents[2] / "vectors" / "guard.json").read_text())
VECTORS, REFUSED = CORPUS["vectors"], CORPUS["refused_documents"]
ME = Address("0x" + "ab" * 20)


class Plain:
    """The rules over a dictionary."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], bytes] = {}
        self.floor = 0

    def sign(self, domain: str, key: str, digest: bytes, about: int | None = None) -> str:
        known = self.held.get((domain, key))
        verdict = judge(known, digest, about=about, floor=self.floor)
        if verdict.may_sign:
            self.held[domain, key] = digest
        return verdict.name.lower() if verdict.may_sign else "refused"

    def hear(self, said: tuple[Said, ...]) -> dict[str, int]:
        found = {"added": 0, "known": 0, "spoiled": 0}
        for one in said:
            before = self.held.get((one.domain, one.key))
            after = self.held[one.domain, one.key] = merged(before, one.digest)
            found["known" if before == after else "added" if before is None else "spoiled"] += 1
        return found

    def statements(self) -> tuple[Said, ...]:
        return tuple(Said(*subject, digest) for subject, digest in self.held.items())

    def restored(self, at: int) -> Plain:
        fresh = Plain()
        fresh.held, fresh.floor = dict(self.held), at
        return fresh


class Kept:
    """The same, in a journal's tables."""

    def __init__(self, db: sqlite3.Connection | None = None) -> None:
        self.db = db or sqlite3.connect(":memory:", isolation_level=None)
        equip(self.db)
        if db is None:
            for step in steps():
                self.db.executescript(step)

    def sign(self, domain: str, key: str, digest: bytes, about: int | None = None) -> str:
        before = self.db.total_changes
        try:
            tables.guard(self.db, domain, key, digest, about)
        except Conflict:
            return "refused"
        return "new" if self.db.total_changes > before else "again"

    def hear(self, said: tuple[Said, ...]) -> dict[str, int]:
        return tables.hear(self.db, said)

    def statements(self) -> tuple[Said, ...]:
        return tables.statements(self.db)

    def restored(self, at: int) -> Kept:
        copy = sqlite3.connect(":memory:", isolation_level=None)
        self.db.backup(copy)
        kept = Kept(copy)
        tables.remember(copy, {FLOOR: str(at).encode()})
        return kept


def test_the_corpus_is_large_enough(record_property):
    record_property("vectors", len(VECTORS) + len(REFUSED))
    assert len(VECTORS) >= 100
    assert len({one["name"] for one in VECTORS}) == len(VECTORS)


@pytest.mark.parametrize("guard", [Plain, Kept])
def test_every_vector_comes_out_as_published(guard):
    for vector in VECTORS:
        node: Any = guard()
        for step in vector["steps"]:
            if "restore" in step:
                node = node.restored(step["restore"])
            elif "hear" in step:
                said = read(json.dumps(step["hear"])).statements
                assert node.hear(said) == step["expect"], vector["name"]
            else:
                asked = {**step["sign"], "digest": bytes.fromhex(step["sign"]["digest"][2:])}
                assert node.sign(**asked) == step["expect"], vector["name"]


@pytest.mark.parametrize("document", REFUSED, ids=lambda one: one["name"])
def test_a_damaged_list_is_refused_whole(document):
    with pytest.raises(BadInput):
        read(document["text"])


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=200)
SAID = st.builds(Said, WORDS, WORDS, st.binary(max_size=64))


@settings(max_examples=30)
@given(st.lists(SAID, max_size=8, unique_by=lambda one: (one.domain, one.key)), st.integers(0, 2**63))
def test_a_list_is_read_as_it_was_written(said, chain):
    document = Document(ME, chain, tuple(said))

    again = read(spell(document))

    assert set(again.statements) == set(said)
    assert spell(again) == spell(document)


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_any_other_text_is_refused(text):
    with pytest.raises(BadInput):
        read(text)


def life(dice: random.Random, node: Any, signed: dict[Any, set[bytes]], counts: dict[str, int]) -> None:
    """A node that signs, is backed up, restored and told what its other copies signed; who ended never returns."""
    now, backups, lists = 100, [node], []
    for _ in range(dice.randint(4, 12)):
        now += dice.randint(1, 5)
        action = dice.choices(("sign", "back up", "restore", "write", "hear", "clone"), (10, 2, 2, 2, 2, 1))[0]
        counts[action] += 1
        if action == "sign":
            about = now - dice.randint(1, 40)  # of a time that is over
            subject, digest = ("live epoch", f"1/{about // 4}"), bytes([dice.randint(1, 2)])
            if node.sign(*subject, digest, about // 4 * 4) != "refused":
                signed[subject].add(digest)
        elif action == "back up":
            backups.append(node.restored(now))
        elif action == "restore":  # the old one has ended
            node = dice.choice(backups).restored(now)
        elif action == "write":
            lists.append(node.statements())
        elif action == "hear" and lists:
            node.hear(dice.choice(lists))
        elif action == "clone":  # beside the old one: it does not start, see test_backup
            dice.choice(backups).restored(now)


@pytest.mark.parametrize(("guard", "lives"), [(Plain, LIVES), (Kept, ON_DISK)], ids=["rules", "tables"])
def test_no_life_of_a_node_signs_a_contradiction(guard, lives, record_property):
    counts: dict[str, int] = defaultdict(int)
    signatures = contradictions = 0
    for seed in range(lives):
        signed: dict[Any, set[bytes]] = defaultdict(set)
        life(random.Random(seed), guard(), signed, counts)
        signatures += len(signed)
        contradictions += sum(len(digests) > 1 for digests in signed.values())

    name = "in_tables" if guard is Kept else "by_the_rules"
    record_property(f"sequences_{name}", lives)
    record_property(f"subjects_signed_{name}", signatures)
    record_property(f"conflicting_signatures_{name}", contradictions)
    assert contradictions == 0
    assert signatures > lives
    assert min(counts.values()) > lives // 4


def test_without_the_floor_such_lives_would_contradict():
    """The campaign finds what the guard is there for."""

    class Forgetful(Plain):
        def restored(self, at: int) -> Plain:
            fresh = Forgetful()
            fresh.held = dict(self.held)
            return fresh

    contradictions = 0
    for seed in range(400):
        signed: dict[Any, set[bytes]] = defaultdict(set)
        life(random.Random(seed), Forgetful(), signed, defaultdict(int))
        contradictions += sum(len(digests) > 1 for digests in signed.values())
    assert contradictions > 0


def test_what_is_spoiled_is_never_signed():
    assert merged(b"a", b"b") == SPOILED
    assert merged(SPOILED, b"b") == SPOILED
    with closing(Kept().db) as db:
        tables.hear(db, (Said("run", "k", b"a"), Said("run", "l", SPOILED)))
        with pytest.raises(Conflict, match="two different"):
            tables.guard(db, "run", "l", b"a")
