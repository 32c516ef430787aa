"""Fingertip captures in batches → datasets → a policy → licence income, down to the last claim.

Everything a capture is due is claimed through members of batches that were never materialised, so that the whole
economy costs one transaction for each batch and one for each handful of claims.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assets import DATASET, MODEL, mint, write_terms
from batches import Batch, commit
from brownie import history, web3
from payouts import filing, publish, to_owner
from system import System, fund

from thenar.domain.revenue import ClaimLeaf
from thenar.domain.sumtree import SumTree

WHOLE = 1_000_000
SHARES = (250_000, 180_000, 70_001)  # what the datasets are due of the policy's income, parts per million
PRICES = (1_999_999_999, 777_777_777, 31)  # what three buyers pay for a licence of the policy
AT_ONCE = 40  # claims in one transaction: below the 128 KB of calldata that nodes pass on
SEED = 1_956  # sensors of a hand

Step = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What the whole economy cost and moved: amounts in token units, gas of all transactions of a kind."""

    captures: int
    income: int
    to_fingertips: int
    to_trainer: int
    dust: int
    claims: int
    gas_committing: int
    gas_publishing: int
    gas_claiming: int

    @property
    def gas_per_contributor(self) -> int:
        """Gas to pay one capture, and its share of being committed and published."""
        return (self.gas_committing + self.gas_publishing + self.gas_claiming) // self.captures


@dataclass
class Dataset:
    """A dataset over some batches, with the tree of its one payout."""

    id: bytes
    curator: Any
    batches: Sequence[Batch]
    tree: SumTree | None = None

    def places(self) -> Iterator[tuple[Batch, int]]:
        """Every capture of it, in the order of its payout."""
        return ((batch, member) for batch in self.batches for member in range(len(batch.members)))


def run(system: System, owners: Sequence[Any], curators: Sequence[Any], trainer: Any, buyers: Any, size: int) -> Report:
    """Commit a batch of ``size`` captures for every owner and pay every one; raises AssertionError on any gap."""
    batches, committing = list[Batch](), 0
    for at, owner in enumerate(owners):
        batches.append(commit(system.asset_registry, owner, size, f"hand {at}"))
        committing += history[-1].gas_used
    datasets = [
        Dataset(mint(system.asset_registry, curator, f"dataset {at}", DATASET), curator, batches[at :: len(curators)])
        for at, curator in enumerate(curators)
    ]
    policy = mint(system.asset_registry, trainer, "policy", MODEL)
    linked = system.revenue_graph.link(
        policy, sorted((one.id, share) for one, share in zip(datasets, SHARES, strict=True)), {"from": trainer}
    )
    publishing = linked.gas_used
    for one in datasets:
        publishing += _publish(system, one)
    income = _license(system, policy, trainer, buyers)
    claims = gas = 0
    for one, share in zip(datasets, SHARES, strict=True):
        rolled = system.revenue_graph.roll(policy, one.id, {"from": trainer})
        assert rolled.return_value == income * share // WHOLE
        counted, used = _claim_everything(system, one)
        claims, gas = claims + counted, gas + used + rolled.gas_used
    system.revenue_graph.takeOwn(policy, {"from": trainer})
    return _audit(system, batches, datasets, trainer, income, (claims, committing, publishing, gas))


def _publish(system: System, dataset: Dataset) -> int:
    dice = random.Random(f"{SEED}/{dataset.id.hex()}")
    shares = [to_owner(batch.members[member].id, dice.randint(1, 1_000)) for batch, member in dataset.places()]
    dataset.tree = publish(system.revenue_graph, dataset.id, shares, dataset.curator)
    return int(history[-1].gas_used)


def _license(system: System, policy: bytes, trainer: Any, buyers: Sequence[Any]) -> int:
    """Sell licences of the policy; returns what they brought."""
    terms = write_terms(system.terms_book, trainer)
    for buyer, price in zip(buyers, PRICES, strict=True):
        fund(system.token, buyer, price, system.ledger)
        system.license_desk.offer(policy, terms, 0, (price, 0, 2**40 - 1, 0), {"from": trainer})
        system.license_desk.buy(policy, terms, price, WHOLE, 0, {"from": buyer})
    return sum(PRICES)


def _claim_everything(system: System, dataset: Dataset) -> tuple[int, int]:
    """Claim every leaf of a dataset's payout; returns the number of claims and their gas."""
    graph, tree = system.revenue_graph, dataset.tree
    assert tree is not None
    head = (dataset.id, 1, filing(graph, dataset.id).statement.hash)
    places, claims, gas = list(dataset.places()), 0, 0
    for start in range(0, len(places), AT_ONCE):
        part = places[start : start + AT_ONCE]
        leaves = [tree.prove(start + at) for at in range(len(part))]
        data = (
            graph.claimLeaves.signature + call_data(*head, leaves, [batch.leaf(member) for batch, member in part]).hex()
        )
        gas += _send(graph, dataset.curator, data)
        claims += len(part)
    return claims, gas


def _send(graph: Any, sender: Any, data: str) -> int:
    ask = {"from": str(sender), "to": str(graph), "data": data, "gas": hex(16_777_216), "gasPrice": "0x0"}
    sent = web3.provider.make_request("eth_sendTransaction", [ask])
    assert "error" not in sent, sent
    receipt = web3.eth.wait_for_transaction_receipt(sent["result"], poll_latency=0.004)  # mined in no time
    assert receipt["status"] == 1
    return int(receipt["gasUsed"])


def _audit(
    system: System,
    batches: Sequence[Batch],
    datasets: Sequence[Dataset],
    trainer: Any,
    income: int,
    counted: tuple[int, int, int, int],
) -> Report:
    """Compare every account with what exact sums say, and count the dust."""
    due: dict[str, int] = defaultdict(int)
    for dataset, share in zip(datasets, SHARES, strict=True):
        assert dataset.tree is not None
        earned = income * share // WHOLE
        for (batch, _), leaf in zip(dataset.places(), dataset.tree.shares, strict=True):
            due[batch.made.author] += earned * leaf.weight // dataset.tree.total_weight
    assert {owner: system.ledger.balanceOf(owner) for owner in due} == due
    own = income * (WHOLE - sum(SHARES)) // WHOLE
    assert system.ledger.balanceOf(trainer) == own
    captures, fingertips = sum(len(batch.members) for batch in batches), sum(due.values())
    dust = system.ledger.lockedBy(system.revenue_graph)
    assert fingertips + own + dust == income
    assert 0 <= dust < captures + len(datasets) + 1
    claims, committing, publishing, claiming = counted
    return Report(captures, income, fingertips, own, dust, claims, committing, publishing, claiming)


def call_data(
    asset: bytes, payout: int, statement: bytes, leaves: Sequence[ClaimLeaf], members: Sequence[tuple[Any, ...]]
) -> bytes:
    """The arguments of claimLeaves as the ABI has them, forty times as fast as a general encoder."""
    claims, proofs = _array([_claim(leaf) for leaf in leaves]), _array([_member(member) for member in members])
    head = (asset, _word(payout), statement, _word(5 * 32), _word(5 * 32 + len(claims)))
    return b"".join((*head, claims, proofs))


def _claim(leaf: ClaimLeaf) -> bytes:
    fixed = 6 * 32
    siblings = _word(len(leaf.siblings)) + b"".join(leaf.siblings)
    sums = _word(len(leaf.sums)) + b"".join(_word(one) for one in leaf.sums)
    head = (_word(leaf.index), _word(int(leaf.kind)), leaf.beneficiary, _word(leaf.weight))
    return b"".join((*head, _word(fixed), _word(fixed + len(siblings)), siblings, sums))


def _member(member: tuple[Any, ...]) -> bytes:
    batch, index, leaf, siblings = member
    first, second = _commitment(batch), _commitment(leaf)
    head = (first, _word(index), second, _word(len(first) + len(second) + 64))
    return b"".join((*head, _word(len(siblings)), *siblings))


def _commitment(fields: tuple[Any, ...]) -> bytes:
    author, kind, size, *words = fields
    return b"".join((bytes(12), bytes.fromhex(str(author)[2:]), _word(kind), _word(size), *words))


def _array(items: Sequence[bytes]) -> bytes:
    offsets, at = [], 32 * len(items)
    for item in items:
        offsets.append(_word(at))
        at += len(item)
    return b"".join((_word(len(items)), *offsets, *items))


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")
