"""Which facts about epochs give whom which duties."""

from __future__ import annotations

from chain_facts import ANA, BEN, CHIDI, at
from epoch_facts import TERMS, WEEK, after, close

from thenar.domain import facts as f
from thenar.domain.duties import DutyKind, Me, react
from thenar.domain.epochs.epoch_duties import TURN, turn_of
from thenar.domain.epochs.pools import EpochRoot
from thenar.domain.ids import DisputeId
from thenar.domain.work.disputes import Opening, Ruling

NODES = tuple(f.NodeRegistered(at(2, place), who, bytes([place]) * 32, 1, 5) for place, who in enumerate((ANA, BEN)))
ROOT = EpochRoot(1, 0, 5, b"\x01" * 32, b"\x02" * 32)
PROPOSED = f.RootProposed(at(1_001), ANA, ROOT, 2_000_000)
OPENED = f.CaseOpened(
    at(1_002), DisputeId(1), Opening(bytes(32), bytes(32), 1, 1, b"\x01" * 32, b"\x02" * 32, ANA, BEN, CHIDI), 5
)
CHALLENGED = f.RootChallenged(at(1_002, 1), DisputeId(1), BEN, ROOT)
END = 1_000_000 + WEEK


def duties_of(who, *facts: f.Fact) -> list[tuple[DutyKind, str, int]]:
    """The duties the last fact gives."""
    found = react(after(*facts), facts[-1], Me(who, True))
    return [(duty.kind, duty.subject, duty.not_before) for duty in found]


def test_nodes_close_an_epoch_by_turns_when_it_has_lasted_long_enough():
    duties = {who: duties_of(who, *NODES, TERMS) for who in (ANA, BEN)}

    times = sorted(found[0][2] for found in duties.values())
    assert [found[0][:2] for found in duties.values()] == [(DutyKind.CLOSE_EPOCH, "1")] * 2
    assert times == [END, END + TURN]


def test_who_becomes_a_node_later_takes_part_from_then_on():
    assert duties_of(ANA, TERMS) == []
    assert duties_of(ANA, TERMS, NODES[0]) == [(DutyKind.CLOSE_EPOCH, "1", END)]
    assert duties_of(BEN, TERMS, NODES[0]) == []
    later = duties_of(ANA, TERMS, close(1), NODES[0])
    assert later == [(DutyKind.CLOSE_EPOCH, "2", END + WEEK)]


def test_nodes_propose_the_root_of_a_closed_epoch_and_close_the_next():
    catalog = after(*NODES, TERMS, close(1))
    wait = turn_of(catalog, 1, ANA)

    assert duties_of(ANA, *NODES, TERMS, close(1)) == [
        (DutyKind.PROPOSE_ROOT, "1", END + wait),
        (DutyKind.CLOSE_EPOCH, "2", END + WEEK + turn_of(catalog, 2, ANA)),
    ]


def test_who_is_no_node_owes_nothing():
    assert duties_of(CHIDI, *NODES, TERMS, close(1)) == []


def test_everybody_else_recomputes_a_proposed_root_at_once():
    subject = f"1/{ROOT.root.hex()}"
    facts = (*NODES, TERMS, close(1), PROPOSED)

    assert duties_of(ANA, *facts) == [(DutyKind.SETTLE_ROOT, subject, PROPOSED.until)]
    checks, settles = duties_of(BEN, *facts)
    assert checks == (DutyKind.CHECK_ROOT, subject, 0)
    assert settles[2] >= PROPOSED.until + TURN


def test_after_a_void_the_root_is_proposed_again():
    facts = (*NODES, TERMS, close(1), PROPOSED, OPENED, CHALLENGED)
    judged = f.RootJudged(at(1_003), DisputeId(1), 1, Ruling.VOID, 0, 0, 40)

    assert duties_of(BEN, *facts, judged) == [(DutyKind.PROPOSE_ROOT, "1/1", 0)]
    assert after(*facts, judged).epochs.proposal is None


def test_a_ruling_leaves_nothing_to_propose():
    judged = f.RootJudged(at(1_003), DisputeId(1), 1, Ruling.OTHER, 100, 50, 50)

    assert duties_of(BEN, *NODES, TERMS, close(1), PROPOSED, OPENED, CHALLENGED, judged) == []


def test_the_catalog_knows_what_a_dispute_is_about_and_what_was_settled():
    catalog = after(*NODES, TERMS, close(1), PROPOSED, OPENED, CHALLENGED)
    assert (catalog.cases[DisputeId(1)].epoch, catalog.epochs.held) == (1, ROOT)

    settled = after(
        *NODES, TERMS, close(1), PROPOSED, f.RootSettled(at(1_003), ROOT), f.RewardClaimed(at(1_004), ANA, 5, 5)
    )
    assert (settled.epochs.settled, settled.epochs.roots, settled.epochs.claimed[ANA]) == (ROOT, {1: ROOT}, 5)


def test_fees_are_counted_in_their_epoch():
    paid = f.UsagePaid(at(5), "0x" + "1" * 64, BEN, ANA, 100, 5, 1)

    assert after(TERMS, paid, paid).epochs.epochs[1].burnt == 10
