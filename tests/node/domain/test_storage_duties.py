"""Which facts about storage give whom which duties, and what the catalog makes of them."""

from __future__ import annotations

from chain_facts import ANA, BEN, CHIDI, at, minted

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import Duty, DutyKind, Me, react
from thenar.domain.storage.pledges import Held, PledgeTree

TERMS = f.StorageTerms(at(1), 1_000, 100, 20, 30, 5, 7)
CAPTURE = minted(ANA)
HELD = Held(b"\x01" * 32, 12)
LISTED = f.ReplicaListed(at(3), HELD.root, CAPTURE.id, ANA, 12, "b" + "a" * 58)
TAKEN = f.ReplicaTaken(at(4), HELD.root, CAPTURE.id, BEN)
TREE = PledgeTree.build([HELD])
PLEDGED = f.StoragePledged(at(5), BEN, TREE.root, 12, 0, 1, 3, 7)
OPENED = f.RoundOpened(at(6), 3, 9)
SEEDED = f.RoundSeeded(at(7), 3, b"\x05" * 32, 1_220)
ANSWERED = f.StorageAnswered(at(8), BEN, 3, b"\x06" * 32)
DEMANDED = f.AnswerDemanded(at(9), BEN, 3, 4, ANA, b"\x06" * 32, 1_260)
STORY = (TERMS, CAPTURE, LISTED, TAKEN, PLEDGED, OPENED, SEEDED, ANSWERED, DEMANDED)


def duties_of(who, *facts: f.Fact) -> list[tuple[DutyKind, str, int]]:
    """The duties the last fact gives."""
    catalog, found = Catalog(), ()
    for fact in facts:
        apply(catalog, fact)
        found = react(catalog, fact, Me(who, True))
    return [_plain(duty) for duty in found]


def _plain(duty: Duty) -> tuple[DutyKind, str, int]:
    return duty.kind, duty.subject, duty.not_before


def after(*facts: f.Fact) -> Catalog:
    catalog = Catalog()
    for fact in facts:
        apply(catalog, fact)
    return catalog


def upto(fact: f.Fact) -> tuple[f.Fact, ...]:
    return STORY[: STORY.index(fact) + 1]


def test_who_pledged_sees_to_it_that_its_round_is_opened():
    assert duties_of(BEN, *upto(PLEDGED)) == [(DutyKind.OPEN_ROUND, "3", 1_200)]
    assert duties_of(ANA, *upto(PLEDGED)) == []


def test_who_is_asked_seeds_the_round_and_opens_the_next():
    assert duties_of(BEN, *upto(OPENED)) == [(DutyKind.SEED_ROUND, "3/9", 0), (DutyKind.OPEN_ROUND, "4", 1_300)]
    assert duties_of(CHIDI, *upto(OPENED)) == []


def test_who_is_asked_answers_and_reports_who_does_not():
    assert duties_of(BEN, *upto(SEEDED)) == [(DutyKind.ANSWER_ROUND, "3", 0), (DutyKind.REPORT_MISSES, "3", 1_220)]


def test_owners_and_others_who_pledged_keep_watch():
    rival = f.StoragePledged(at(5, 1), CHIDI, b"\x09" * 32, 5, 0, 1, 3, 7)

    assert duties_of(ANA, *upto(ANSWERED)) == [(DutyKind.CHECK_ANSWERS, f"{BEN}/3", 0)]
    assert duties_of(BEN, *upto(ANSWERED)) == []
    assert duties_of(CHIDI, *upto(ANSWERED)) == []
    assert duties_of(CHIDI, *upto(PLEDGED), rival, OPENED, SEEDED, ANSWERED) == [
        (DutyKind.CHECK_ANSWERS, f"{BEN}/3", 0)
    ]


def test_a_demand_is_met_by_one_and_carried_out_by_the_other():
    assert duties_of(BEN, *STORY) == [(DutyKind.SHOW_STORED, "3/4", 0)]
    assert duties_of(ANA, *STORY) == [(DutyKind.CONVICT_STORE, f"{BEN}/3/4", 1_260)]


def test_whoever_ends_has_the_bond_back_a_round_later():
    retired = f.StorageRetired(at(10), BEN, 4)
    convicted = f.StorageConvicted(at(10, 1), BEN, 3, 4, ANA, 7)

    assert duties_of(BEN, *STORY, retired) == [(DutyKind.FREE_STORAGE, "4/10.0", 1_400)]
    assert duties_of(BEN, *STORY, convicted) == [(DutyKind.FREE_STORAGE, "3/10.1", 1_300)]
    assert duties_of(ANA, *STORY, retired) == []


def test_a_warning_ends_nothing():
    assert duties_of(BEN, *upto(SEEDED), f.AnswerMissed(at(8), BEN, 3, ANA, 1, 0)) == []


def test_an_answered_round_is_proved_until_it_is_disproved():
    catalog = after(*STORY)
    assert catalog.stores[BEN].proved(3).replicas == (HELD,)

    apply(catalog, f.AnswerShown(at(10), BEN, 3, 4))
    assert catalog.stores[BEN].proved(3) and catalog.stores[BEN].demands[3, 4].over

    apply(catalog, f.StorageConvicted(at(11), BEN, 3, 4, ANA, 7))
    assert catalog.stores[BEN].proved(3) is None
    assert (catalog.stores[BEN].bond, catalog.stores[BEN].pledge_in(4)) == (0, None)


def test_a_pledge_over_what_was_not_taken_proves_nothing():
    other = f.StoragePledged(at(5), BEN, b"\x07" * 32, 12, 0, 1, 3, 7)

    catalog = after(*upto(TAKEN), other, OPENED, SEEDED, ANSWERED)

    assert catalog.stores[BEN].pledge_in(3) is not None
    assert catalog.stores[BEN].proved(3) is None


def test_what_was_dropped_is_pledged_no_more():
    catalog = after(*upto(TAKEN), f.ReplicaDropped(at(5), HELD.root, CAPTURE.id, BEN), PLEDGED)

    assert catalog.replicas[HELD.root].holder is None
    assert catalog.stores[BEN].pledges[-1].replicas == ()


def test_a_later_pledge_leaves_the_running_round_alone():
    later = f.StoragePledged(at(10), BEN, b"\x07" * 32, 1, 0, 2, 4, 7)

    catalog = after(*STORY, later)

    assert [catalog.stores[BEN].pledge_in(round_).number for round_ in (3, 4)] == [1, 2]


def test_a_third_miss_ends_the_pledge_with_the_newest_round():
    opened = f.RoundOpened(at(12), 5, 30)

    catalog = after(*upto(SEEDED), opened, f.AnswerMissed(at(13), BEN, 3, ANA, 3, 1))

    assert (catalog.stores[BEN].until, catalog.stores[BEN].bond) == (5, 6)


def test_who_was_freed_begins_anew():
    freed = f.StorageFreed(at(11), BEN, 7)

    catalog = after(*STORY, f.StorageRetired(at(10), BEN, 4), freed)

    assert (catalog.stores[BEN].pledges, catalog.stores[BEN].until) == ([], None)
