"""How contributions are counted, epoch by epoch, and how roots and claims change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.bounty.answers import AnswerStage, ask_of
from thenar.domain.bounty.asks import MODALITIES
from thenar.domain.bounty.coverage import worth
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.epoch_records import EpochRecord, RoundProof
from thenar.domain.epochs.pools import RootProposal
from thenar.domain.epochs.rules import RULES, Kind
from thenar.domain.epochs.shares import Contribution, Proved, due_later, due_now, rates
from thenar.domain.ids import Address
from thenar.domain.storage.pledges import Held


def fold(catalog: Catalog, fact: f.EpochFact) -> None:
    """Add one fact about epochs."""
    book = catalog.epochs
    match fact:
        case f.EpochTerms():
            book.params = fact.params
            book.epochs[1] = EpochRecord(1, fact.pool, fact.opened_at)
        case f.EpochClosed():
            _close(catalog, fact)
        case f.UsagePaid():
            book.epochs[fact.epoch].burnt += fact.burnt
        case f.RootProposed():
            book.proposal = RootProposal(fact.root, fact.proposer, fact.until)
        case f.RootChallenged():
            book.dispute, book.held = fact.dispute, fact.held
            catalog.cases[fact.dispute].epoch = fact.held.epoch
        case f.RootJudged():
            book.proposal, book.dispute, book.held = None, None, None
        case f.RootSettled():
            book.proposal, book.settled = None, fact.root
            book.roots[fact.root.epoch] = fact.root
        case f.RewardClaimed():
            book.claimed[fact.account] = fact.amount
        case _:
            assert_never(fact)


def observe(catalog: Catalog, fact: f.Fact) -> None:
    """Count what a fact proves; the catalog already holds it."""
    running = catalog.epochs.running
    if running is None:
        return
    match fact:
        case f.AnswerSettled():
            _capture(catalog, running, fact)
        case f.Witnessed():
            _witness(catalog, running, fact)
        case f.ReplicaListed():
            catalog.epochs.listed.setdefault(fact.asset, []).append(fact.replica)
        case f.StorageAnswered():
            _storage(catalog, running, fact)
        case f.ClaimFinalized():
            _compute(catalog, running, fact)
        case _:
            pass


def _capture(catalog: Catalog, running: EpochRecord, fact: f.AnswerSettled) -> None:
    """What a capture adds to the coverage of its spot, at the trust that captures begin with."""
    answer = catalog.answers[fact.answer]
    if answer.shown is None:
        return
    kind, asset = Kind(MODALITIES[catalog.asks[ask_of(fact.answer)].ask.modality - 1]), answer.shown.asset
    added = worth(RULES.coverage_price, RULES.coverage_target, fact.before, fact.covered)
    catalog.epochs.worth[asset] = (kind, fact.contributor, added)
    inputs = (("before", fact.before), ("covered", fact.covered), ("worth", added), ("trust_bp", RULES.unwitnessed_bp))
    made = Contribution(
        *(kind, fact.contributor, added * RULES.unwitnessed_bp, fact.at, f"answer {fact.answer}", inputs), asset=asset
    )
    running.contributions.append(made)


def _witness(catalog: Catalog, running: EpochRecord, fact: f.Witnessed) -> None:
    """What a word adds to the trust in a capture: as much for who captured as for who bears witness."""
    if fact.capture not in catalog.epochs.worth:
        return
    kind, contributor, added = catalog.epochs.worth[fact.capture]
    inputs, proof = (("worth", added), ("trust_bp", fact.weight)), f"word of {fact.witness} for {fact.capture}"
    for counted, account in ((kind, contributor), (Kind.WITNESS, fact.witness)):
        score, about = added * fact.weight, fact.capture
        made = Contribution(counted, account, score, fact.at, proof, inputs, asset=about, word=fact.witness)
        running.contributions.append(made)


def _storage(catalog: Catalog, running: EpochRecord, fact: f.StorageAnswered) -> None:
    """The leaves a node proved to hold of others' paid captures; and what it proved at all, for what vests on it."""
    pledge = catalog.stores[fact.node].proved(fact.round)
    if pledge is None:
        return
    held = {one: catalog.replicas[one.root].asset for one in pledge.replicas if one.root in catalog.replicas}
    running.proofs.append(RoundProof(fact.node, fact.round, frozenset(held.values())))
    leaves = sum(one.leaves for one in held if _earns(catalog, fact.node, one))
    if leaves:
        inputs = (("leaves", leaves), ("replicas", len(held)))
        proof = f"round {fact.round}"
        made = Contribution(Kind.STORAGE, fact.node, leaves, fact.at, proof, inputs, node=fact.node, round=fact.round)
        running.contributions.append(made)


def _earns(catalog: Catalog, node: Address, held: Held) -> bool:
    """A replica of a capture that was answered with and paid, among the first of it, and nobody's own."""
    replica = catalog.replicas[held.root]
    number = catalog.answered.get(replica.asset)
    answer = None if number is None else catalog.answers[number]
    if answer is None or answer.stage is not AnswerStage.SETTLED:
        return False
    asset = catalog.assets.get(replica.asset)
    own = {replica.lister, answer.contributor} | ({asset.owner, asset.author} if asset else set())
    return node not in own and held.root in catalog.epochs.listed.get(replica.asset, [])[: RULES.most_replicas]


def _compute(catalog: Catalog, running: EpochRecord, fact: f.ClaimFinalized) -> None:
    """What a unit's requester paid, where an auditor of a third group looked at the claim."""
    claim = catalog.work[fact.claim]
    requester = catalog.bounties[claim.bounty].requester
    if claim.auditor is None or not fact.audit_paid:
        return
    groups = {catalog.groups.get(who, who) for who in (fact.worker, claim.auditor, requester)}
    if len(groups) == 3:
        inputs = (("paid", fact.paid), ("audit_paid", fact.audit_paid))
        made = Contribution(Kind.COMPUTE, fact.worker, fact.paid, fact.at, f"claim {fact.claim}", inputs)
        running.contributions.append(made)


def _close(catalog: Catalog, fact: f.EpochClosed) -> None:
    book = catalog.epochs
    ended = book.epochs[fact.epoch]
    ended.closed, ended.closed_at, ended.granted = fact.at, fact.closed_at, fact.granted
    stood = [one for one in ended.proofs if not _disproved(catalog, one.node, one.round)]
    ended.proved = Proved(
        frozenset(asset for one in stood for asset in one.assets),
        frozenset(one.node for one in stood),
        frozenset(catalog.trust.struck),
    )
    held = [one for one in ended.contributions if not _disproved(catalog, one.node, one.round)]
    ended.contributions = [one for one in held if not ended.proved.refutes(one)]
    base = book.params.base if book.params else 0
    ended.rates = rates(RULES, ended.pool, base, ended.contributions)
    ended.due = due_now(ended.contributions, ended.rates)
    before = [book.epochs[number] for number in range(max(1, fact.epoch - RULES.tranches), fact.epoch)]
    ended.due.update(due_later([(one.contributions, one.rates) for one in before], ended.proved))
    book.epochs[fact.epoch + 1] = EpochRecord(fact.epoch + 1, fact.next_pool, fact.closed_at)


def _disproved(catalog: Catalog, node: Address | None, round_: int) -> bool:
    """Whether an answer of this round was demanded and not shown."""
    return node is not None and round_ in catalog.stores[node].convicted
