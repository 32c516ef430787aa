"""The RevenueGraph's arithmetic in Python, twice: as the contract rounds it, and exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

WHOLE = 1_000_000

Asset = Hashable
Person = Hashable


@dataclass
class Plan:
    """A published payout: weights in order, where it starts, and what every leaf has taken."""

    weights: Sequence[int]
    start: int
    taken: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class NodeTwin:
    """One asset's income."""

    received: int = 0
    own_at_link: int = 0
    received_at_link: int = 0
    linked_share: int = 0
    own_taken: int = 0
    plans: list[Plan] = field(default_factory=list)

    @property
    def own(self) -> int:
        """The cumulative part that no parent owns."""
        return self.own_at_link + (self.received - self.received_at_link) * (WHOLE - self.linked_share) // WHOLE


@dataclass
class EdgeTwin:
    """A parent's claim on a child."""

    share: int
    baseline: int
    rolled: int = 0


class GraphTwin:
    """Every number the contract keeps, moved by the same verbs; `held` is what the Ledger must hold for it."""

    def __init__(self) -> None:
        self.nodes: dict[Asset, NodeTwin] = defaultdict(NodeTwin)
        self.edges: dict[tuple[Asset, Asset], EdgeTwin] = {}
        self.held = 0

    def pay(self, asset: Asset, amount: int) -> None:
        """New money arrives."""
        self.nodes[asset].received += amount
        self.held += amount

    def link(self, child: Asset, shares: Mapping[Asset, int]) -> None:
        """Parents own shares of what comes from here on."""
        node = self.nodes[child]
        node.own_at_link, node.received_at_link = node.own, node.received
        node.linked_share += sum(shares.values())
        for parent, share in shares.items():
            self.edges[child, parent] = EdgeTwin(share, node.received)

    def roll_due(self, child: Asset, parent: Asset) -> int:
        """What `roll` would move."""
        edge = self.edges[child, parent]
        return (self.nodes[child].received - edge.baseline) * edge.share // WHOLE - edge.rolled

    def roll(self, child: Asset, parent: Asset) -> int:
        """Move a parent's share to its node."""
        amount = self.roll_due(child, parent)
        self.edges[child, parent].rolled += amount
        self.nodes[parent].received += amount
        return amount

    def publish(self, asset: Asset, weights: Sequence[int]) -> None:
        """Share the own part from here on."""
        node = self.nodes[asset]
        node.plans.append(Plan(weights, node.own))

    def claim_due(self, asset: Asset, payout: int, index: int) -> int:
        """What a leaf would be paid; payouts count from 1."""
        node = self.nodes[asset]
        plan = node.plans[payout - 1]
        end = node.plans[payout].start if payout < len(node.plans) else node.own
        whole = (end - plan.start) * plan.weights[index] // sum(plan.weights)
        return whole - plan.taken[index]

    def claim(self, asset: Asset, payout: int, index: int, to: Asset | None = None) -> int:
        """Pay a leaf: to another asset's node, or out of the graph."""
        amount = self.claim_due(asset, payout, index)
        self.nodes[asset].plans[payout - 1].taken[index] += amount
        if to is None:
            self.held -= amount
        else:
            self.nodes[to].received += amount
        return amount

    def own_due(self, asset: Asset) -> int:
        """What `takeOwn` would pay."""
        node = self.nodes[asset]
        return (node.plans[0].start if node.plans else node.own) - node.own_taken

    def take_own(self, asset: Asset) -> int:
        """Pay the owner what no payout covers."""
        amount = self.own_due(asset)
        self.nodes[asset].own_taken += amount
        self.held -= amount
        return amount

    def due(self) -> int:
        """Everything anybody could still take: what the graph owes."""
        owed = sum(self.own_due(asset) for asset in self.nodes)
        owed += sum(self.roll_due(*pair) for pair in self.edges)
        return owed + sum(
            self.claim_due(asset, payout, index)
            for asset, node in self.nodes.items()
            for payout, plan in enumerate(node.plans, 1)
            for index in range(len(plan.weights))
        )


def exact_income(
    order: Sequence[Asset],
    paid: Mapping[Asset, int],
    links: Mapping[Asset, Mapping[Asset, int]],
    payouts: Mapping[Asset, Sequence[tuple[Person, int]]],
    owners: Mapping[Asset, Person],
) -> dict[Person, Fraction]:
    """Who would get what in a graph that stands before the first payment, if money had no smallest unit.

    ``order`` has the oldest asset first; a parent is older than its child.
    """
    received = {asset: Fraction(paid.get(asset, 0)) for asset in order}
    people: dict[Person, Fraction] = defaultdict(Fraction)
    for asset in reversed(order):
        own = received[asset]
        for parent, share in links.get(asset, {}).items():
            received[parent] += received[asset] * share / WHOLE
            own -= received[asset] * share / WHOLE
        plan = payouts.get(asset) or [(owners[asset], 1)]
        total = sum(weight for _, weight in plan)
        for person, weight in plan:
            people[person] += own * weight / total
    return people
