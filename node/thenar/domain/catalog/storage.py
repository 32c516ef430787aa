"""How replicas and proofs of storage change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.storage_records import (
    AnswerDemandRecord,
    PledgeRecord,
    ReplicaRecord,
    RoundRecord,
    StorageRecord,
)
from thenar.domain.ids import Address
from thenar.domain.storage.pledges import Held, PledgedRoot, PledgeTree


def fold_replica(catalog: Catalog, fact: f.ReplicaFact) -> None:
    """Add one fact about a replica."""
    match fact:
        case f.ReplicaListed():
            made = ReplicaRecord(Held(fact.replica, fact.leaves), fact.asset, fact.lister, fact.cid)
            catalog.replicas[fact.replica] = made
        case f.ReplicaTaken():
            replica = catalog.replicas[fact.replica]
            replica.holder = fact.holder
            catalog.kept.setdefault(fact.holder, {})[fact.replica] = replica.held
        case f.ReplicaDropped():
            catalog.replicas[fact.replica].holder = None
            catalog.kept[fact.holder].pop(fact.replica, None)
        case _:
            assert_never(fact)


def fold(catalog: Catalog, fact: f.StorageFact) -> None:
    """Add one fact about a pledge or a round."""
    match fact:
        case f.StorageTerms():
            catalog.storage_terms = fact
        case f.StoragePledged():
            _pledge(catalog, fact)
        case f.StorageRetired():
            catalog.stores[fact.node].until = fact.until
        case f.StorageFreed():
            record = catalog.stores[fact.node]
            record.bond, record.until, record.pledges = 0, None, []
        case f.RoundOpened():
            catalog.rounds[fact.round] = RoundRecord(fact.round, fact.seed_block, fact.at.block)
        case f.RoundSeeded():
            round_ = catalog.rounds[fact.round]
            round_.seed, round_.answer_by = fact.seed, fact.answer_by
        case f.StorageAnswered():
            catalog.stores[fact.node].answers[fact.round] = fact.answers
        case f.AnswerMissed():
            record = catalog.stores[fact.node]
            record.missed.add(fact.round)
            record.bond -= fact.fine
            if fact.fine:
                _end(catalog, record, fact.round)
        case f.AnswerDemanded() | f.AnswerShown() | f.StorageConvicted():
            _demand(catalog, fact)
        case _:
            assert_never(fact)


def _pledge(catalog: Catalog, fact: f.StoragePledged) -> None:
    record = catalog.stores.setdefault(fact.node, StorageRecord(fact.node))
    pledged = PledgedRoot(fact.root, fact.leaves, fact.depth)
    made = PledgeRecord(pledged, fact.number, fact.since, _replicas(catalog, fact.node, pledged))
    record.pledges = [one for one in record.pledges if one.number != fact.number] + [made]
    record.bond = fact.bond


def _replicas(catalog: Catalog, node: Address, pledged: PledgedRoot) -> tuple[Held, ...]:
    """The replicas a pledge is over, when it is over those the node took."""
    held = catalog.kept.get(node, {})
    if not held:
        return ()
    tree = PledgeTree.build(held.values())
    return tree.replicas if PledgedRoot(tree.root, tree.leaves, tree.depth) == pledged else ()


def _demand(catalog: Catalog, fact: f.AnswerDemanded | f.AnswerShown | f.StorageConvicted) -> None:
    record, key = catalog.stores[fact.node], (fact.round, fact.place)
    match fact:
        case f.AnswerDemanded():
            record.demands[key] = AnswerDemandRecord(fact.by, fact.show_by)
        case f.AnswerShown():
            record.demands[key].over = True
        case f.StorageConvicted():
            record.demands[key].over = True
            record.convicted.add(fact.round)
            record.bond -= fact.taken
            _end(catalog, record, fact.round)
        case _:
            assert_never(fact)


def _end(catalog: Catalog, record: StorageRecord, round_: int) -> None:
    """The contract ends a pledge with the round that runs, which the newest opened one is at least as old as."""
    if record.until is None:
        record.until = max(round_, *catalog.rounds)
