"""Who is due what in an epoch: scores to amounts. Exact: parts of a contribution are due what the whole is.

A kind's budget over its score is a whole number of token units for each point of score, rounded down, so that an amount
is score times rate and nothing is rounded for an account. What rounding leaves is not minted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from thenar.domain.epochs.rules import BP, EpochRules, Kind
from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId


@dataclass(frozen=True, slots=True)
class Contribution:
    """One proof of contribution and what it counts.

    ``proof`` says what it is, ``inputs`` which numbers made the score. The rest of the reward comes free while the
    storage of ``asset`` is proved, or proofs of ``node`` itself go on; with neither, by time alone. What hangs from a
    witness's ``word`` for the asset is lost with it.
    """

    kind: Kind
    account: Address
    score: int
    at: At
    proof: str
    inputs: tuple[tuple[str, int], ...]
    asset: AssetId | None = None
    node: Address | None = None
    round: int = 0
    word: Address | None = None


@dataclass(frozen=True, slots=True)
class Proved:
    """Whose storage was proved in an epoch: assets, and the nodes that proved; and words that were false by its end."""

    assets: frozenset[AssetId]
    nodes: frozenset[Address]
    struck: frozenset[tuple[AssetId, Address]] = frozenset()

    def keeps(self, contribution: Contribution) -> bool:
        """Whether a part of this contribution's reward comes free in the epoch."""
        if contribution.asset is not None:
            return contribution.asset in self.assets and not self.refutes(contribution)
        return contribution.node is None or contribution.node in self.nodes

    def refutes(self, contribution: Contribution) -> bool:
        """Whether a contribution hangs from a word that was false."""
        asset, word = contribution.asset, contribution.word
        return asset is not None and word is not None and (asset, word) in self.struck


@dataclass(frozen=True, slots=True)
class Rate:
    """Token units for each point of score: at once, and for each later part."""

    whole: int
    now: int
    tranche: int
    budget: int
    scored: int  # by all contributions of the kind

    @classmethod
    def of(cls, rules: EpochRules, budget: int, scored: int, least: int) -> Rate:
        """A kind's rate: its budget over its score, which counts as no less than ``least``."""
        whole = budget // max(scored, least)
        return cls(whole, whole * rules.now_bp // BP, whole * rules.tranche_bp // BP, budget, scored)


def rates(rules: EpochRules, pool: int, base: int, contributions: Iterable[Contribution]) -> dict[Kind, Rate]:
    """The rate of every kind in an epoch. What shares in use only has no part of the base."""
    scored: Counter[Kind] = Counter()
    for one in contributions:
        scored[one.kind] += one.score
    found = {}
    for kind in Kind:
        budget = rules.budget(kind)
        shared = max(0, pool - base) if kind.value in rules.of_use else pool
        found[kind] = Rate.of(rules, shared * budget.part_bp // BP, scored[kind], budget.least)
    return found


def due_now(contributions: Iterable[Contribution], rated: Mapping[Kind, Rate]) -> Counter[Address]:
    """What accounts are due at the end of the epoch their contributions belong to."""
    due: Counter[Address] = Counter()
    for one in contributions:
        due[one.account] += one.score * rated[one.kind].now
    return due


def due_later(
    earlier: Sequence[tuple[Sequence[Contribution], Mapping[Kind, Rate]]], proved: Proved
) -> Counter[Address]:
    """What comes free in an epoch of the rewards of those before it, no more of which than have tranches left."""
    due: Counter[Address] = Counter()
    for contributions, rated in earlier:
        for one in contributions:
            if proved.keeps(one):
                due[one.account] += one.score * rated[one.kind].tranche
    return due
