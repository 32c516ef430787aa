"""Witnesses in the node: whose word counts for which capture, how much, and how it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_facts import ANA, BEN, CHIDI, NOBODY, at
from hypothesis import given
from hypothesis import strategies as st
from word_facts import BOTH, DORA, LEAST, NEXT, OTHER, SCANNER, START, asset, believed, paid, sponsored

from thenar.domain import facts as f
from thenar.domain.bounty.answers import AnswerStage, answer_id
from thenar.domain.bounty.eligible import objection, worth
from thenar.domain.bounty.witnessing import ALONE, Attestation, SignedWord, Trust, pair_of, weight_of
from thenar.domain.catalog import Catalog, apply
from thenar.domain.devices import GOOD
from thenar.domain.duties import Me, react
from thenar.domain.ids import Address, AskId
from thenar.errors import BadInput


def said_against(facts) -> str | None:
    catalog = believed(facts)
    capture, scan = list(catalog.answers.values())[:2]
    return objection(catalog, capture, scan)


def test_who_was_paid_for_a_later_scan_of_the_place_may_speak():
    catalog = believed(BOTH)
    capture, scan = catalog.answers.values()

    assert objection(catalog, capture, scan) is None
    assert worth(catalog, capture, BEN) == 3_000
    assert objection(catalog, scan, capture) is not None


def without(facts, kind, number: int = -1):
    """The facts but for one of a kind."""
    found = [fact for fact in facts if isinstance(fact, kind)][number]
    return [fact for fact in facts if fact is not found]


def registered(device: Address, owner: Address) -> f.DeviceRegistered:
    return f.DeviceRegistered(at(1, 5), device, owner, NOBODY, 1, 0, 0, bytes(32))


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (without(BOTH, f.AnswerRevealed), "shown"),
        (without(BOTH, f.AnswerSettled), "paid"),
        ([*START, *paid(1, ANA), *paid(2, BEN, cell=NEXT)], "same place"),
        ([*START, *paid(1, ANA), *paid(2, BEN, level=2)], "same place"),
        (sponsored([*START, *paid(1, ANA), *paid(2, BEN, 2)], 2, CHIDI, rules=bytes(32)), "same place"),
        (sponsored([*START, *paid(1, ANA), *paid(2, BEN, 2)], 2, CHIDI, modality=4), "same place"),
        (sponsored([*START, *paid(1, ANA), *paid(2, BEN, 2)], 2, ANA), "has to do with"),
        (sponsored([*START[:2], *paid(1, ANA, 2), *START[2:], *paid(2, BEN)], 2, BEN), "has to do with"),
        ([*START, *paid(1, BEN), *paid(2, BEN)], "has to do with"),
        ([*BOTH, f.GroupJoined(at(90), BEN, ANA)], "has to do with"),
        ([*BOTH, f.GroupJoined(at(90), BEN, DORA), f.GroupJoined(at(91), CHIDI, DORA)], "has to do with"),
        ([*START, *paid(1, ANA, device=SCANNER), *paid(2, BEN, device=SCANNER)], "device"),
        ([*START, registered(SCANNER, BEN), *paid(1, ANA, device=SCANNER), *paid(2, BEN)], "device"),
        ([*START, registered(OTHER, ANA), *paid(1, ANA), *paid(2, BEN, device=OTHER)], "device"),
        (without(BOTH, f.NodeRegistered), "counts nothing"),
        ([*BOTH, f.Unbonding(at(90), BEN, 2 * LEAST, 5)], "counts nothing"),
    ],
)
def test_whose_word_would_not_count_is_told_why(facts, says):
    assert says in (said_against(facts) or "")


def test_devices_of_their_own_are_no_hindrance():
    mine, theirs = registered(SCANNER, ANA), registered(OTHER, BEN)
    facts = [*START, mine, theirs, *paid(1, ANA, device=SCANNER), *paid(2, BEN, device=OTHER)]

    assert said_against(facts) is None and mine.device in believed(facts).devices
    assert believed(facts).devices[SCANNER].until == GOOD


def test_being_paid_makes_a_node_look_for_what_its_scan_shows_again():
    catalog, duties = Catalog(), []
    for fact in BOTH:
        apply(catalog, fact)
        duties = react(catalog, fact, Me(BEN, False))

    first, second = answer_id(AskId(1), 0), answer_id(AskId(1), 1)
    assert [(str(duty.kind), duty.subject) for duty in duties] == [("witness capture", f"{second}/{first}")]
    assert react(catalog, BOTH[-1], Me(ANA, False)) == ()
    assert react(catalog, BOTH[-1], Me(DORA, False)) == ()


def test_a_counted_word_raises_trust_and_is_not_said_again():
    word = f.Witnessed(at(80), asset(1), BEN, asset(2), 3_000, 7_000, 5_300, b"{}", 9_000)
    catalog = believed([*BOTH, word])
    capture, scan = catalog.answers.values()

    assert catalog.trust.of(asset(1)) == 7_000 and catalog.trust.of(asset(2)) == ALONE
    assert catalog.trust.between(ANA, BEN) == 1 == catalog.trust.between(BEN, ANA)
    assert "before" in (objection(catalog, capture, scan) or "")
    assert catalog.answers[capture.id].stage is AnswerStage.SETTLED


def test_withdrawn_words_raise_the_nonce():
    assert believed([f.WordsWithdrawn(at(5), BEN, 3)]).nonces == {BEN: 3}


@given(st.integers(0, 10**30), st.integers(0, 10**30), st.integers(0, 1_000))
def test_a_word_never_counts_more_for_less_stake_or_after_more_words(stake, minimum, earlier):
    weight = weight_of(stake, minimum, earlier)

    assert 0 <= weight <= 3_000
    assert weight_of(stake + 1, minimum, earlier) >= weight >= weight_of(stake, minimum, earlier + 1)


def test_two_full_words_of_two_witnesses_make_full_trust_and_no_more():
    trust = Trust()
    for who in (BEN, CHIDI, DORA):
        trust.count(asset(1), who, ANA, trust.worth(asset(1), weight_of(2 * LEAST, LEAST, 0)))

    assert trust.of(asset(1)) == 10_000
    assert trust.weights[asset(1)] == {BEN: 3_000, CHIDI: 3_000, DORA: 0}
    assert pair_of(BEN, ANA) == pair_of(ANA, BEN)


def test_a_word_is_the_same_after_it_was_told():
    word = Attestation(asset(1), asset(2), BEN, 5_300, b'{"height_bp":10000}', 7)
    said = SignedWord.of(word, b"\x1b" * 65)

    assert SignedWord.decode(said.encode()).opened == (word, b"\x1b" * 65)


@pytest.mark.parametrize(
    "changes", [{"overlap": 0}, {"overlap": 10_001}, {"laid": "x" * 4_097}, {"signature": "zz"}, {"asset": "0x12"}]
)
def test_what_is_no_word_is_refused(changes):
    said = SignedWord.of(Attestation(asset(1), asset(2), BEN, 5_300, b"{}", 0), b"\x1b" * 65)

    with pytest.raises(BadInput):
        _ = replace(said, **changes).opened
