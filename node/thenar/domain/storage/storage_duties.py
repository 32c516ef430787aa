"""Duties that facts about proofs of storage give: to who pledged, to who keeps watch, and to who demanded."""

from __future__ import annotations

from collections.abc import Iterator

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog
from thenar.domain.duty import Duty, DutyKind, Me
from thenar.domain.ids import Address


def for_storage(catalog: Catalog, fact: f.ReplicaFact | f.StorageFact, me: Me) -> Iterator[Duty]:
    """The duties of one fact; the catalog already holds it."""
    block = fact.at.block
    match fact:
        case f.ReplicaDropped(holder=holder, replica=root) if holder == me.account:
            # The running round asks for it still; a round nobody opened yet is not known here, and the story waits.
            after = _began(catalog, max(catalog.rounds, default=0) + 1)
            yield Duty(DutyKind.LET_GO, f"{root.hex()}/{block}", block, not_before=after)
        case f.StoragePledged(node=node, since=since) if node == me.account:
            yield Duty(DutyKind.OPEN_ROUND, str(since), block, not_before=_began(catalog, since))
        case f.RoundOpened() | f.RoundSeeded():
            yield from _for_round(catalog, fact, me)
        case f.StorageAnswered(node=node, round=round_):
            if node != me.account and (is_asked(catalog, me.account, round_) or _owns_some(catalog, me, node)):
                yield Duty(DutyKind.CHECK_ANSWERS, f"{node}/{round_}", block)
        case f.AnswerDemanded(node=node, round=round_, place=place):
            if node == me.account:
                yield Duty(DutyKind.SHOW_STORED, f"{round_}/{place}", block)
            if fact.by == me.account:
                yield Duty(DutyKind.CONVICT_STORE, f"{node}/{round_}/{place}", block, not_before=fact.show_by)
        case f.StorageRetired(node=node) | f.AnswerMissed(node=node) | f.StorageConvicted(node=node):
            until = catalog.stores[node].until
            if node == me.account and until is not None:
                after = _began(catalog, until + 1)
                yield Duty(
                    DutyKind.FREE_STORAGE, f"{until}/{fact.at.block}.{fact.at.log_index}", block, not_before=after
                )
        case _:
            pass


def _for_round(catalog: Catalog, fact: f.RoundOpened | f.RoundSeeded, me: Me) -> Iterator[Duty]:
    """Whoever is asked sees to it that everybody is."""
    block, round_ = fact.at.block, fact.round
    if not is_asked(catalog, me.account, round_):
        return
    if isinstance(fact, f.RoundOpened):
        yield Duty(DutyKind.SEED_ROUND, f"{round_}/{fact.seed_block}", block)
        yield Duty(DutyKind.OPEN_ROUND, str(round_ + 1), block, not_before=_began(catalog, round_ + 1))
    else:
        yield Duty(DutyKind.ANSWER_ROUND, str(round_), block)
        yield Duty(DutyKind.REPORT_MISSES, str(round_), block, not_before=fact.answer_by)


def is_asked(catalog: Catalog, node: Address, round_: int) -> bool:
    """Whether a round asks a node."""
    record = catalog.stores.get(node)
    return record is not None and record.pledge_in(round_) is not None


def _owns_some(catalog: Catalog, me: Me, node: Address) -> bool:
    """Whether a node keeps a replica of an asset of this account."""
    roots = catalog.kept.get(node, {})
    return any(catalog.assets[catalog.replicas[root].asset].owner == me.account for root in roots)


def _began(catalog: Catalog, round_: int) -> int:
    """When a round begins; at once for a deployment that did not say."""
    return catalog.storage_terms.began(round_) if catalog.storage_terms else 0
