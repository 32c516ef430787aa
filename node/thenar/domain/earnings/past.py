"""What earlier facts said that a later one refers to, and what else one transaction did."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, TypeVar, cast

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog
from thenar.domain.ids import Address

Kind = TypeVar("Kind")

BURNT: Final = Address("0x" + "0" * 36 + "dead")
"""Whom contracts pay what nobody shall have."""
_KEYS: Final[dict[type, Callable[[Any], Hashable]]] = {
    f.AnswerCommitted: lambda fact: fact.answer,
    f.AnswerDisputed: lambda fact: fact.dispute,
    f.AuditCommitted: lambda fact: fact.claim,
    f.AuditDrawn: lambda fact: fact.claim,
    f.AuditRevealed: lambda fact: fact.claim,
    f.CallAccused: lambda fact: fact.accusation,
    f.CaseAppealed: lambda fact: (fact.dispute, fact.round),
    f.CaseRuled: lambda fact: (fact.dispute, fact.round),
    f.ChannelOpened: lambda fact: fact.channel,
    f.ClaimDisputed: lambda fact: fact.dispute,
    f.EpochTerms: lambda _: None,
    f.JuryDrawn: lambda fact: (fact.dispute, fact.round),
    f.LivePaid: lambda fact: (fact.stream, fact.subscriber),
    f.MarkProposed: lambda fact: fact.mark_id,
    f.PlaceDemanded: lambda fact: (fact.claim, fact.place),
    f.RootChallenged: lambda fact: fact.dispute,
    f.RootProposed: lambda _: None,
    f.RunOrdered: lambda fact: fact.run,
    f.StorageTerms: lambda _: None,
    f.StreamStarted: lambda fact: fact.id,
    f.Subscribed: lambda fact: (fact.stream, fact.subscriber),
    f.VoucherRedeemed: lambda fact: fact.channel,
    f.WordAccused: lambda fact: fact.dispute,
}


@dataclass(slots=True)
class Past:
    """The latest fact of a kind about each thing, as of the fact that is looked at."""

    _latest: dict[tuple[type, Hashable], f.Fact] = field(default_factory=dict)

    def take_in(self, fact: f.Fact) -> None:
        """Keep a fact that later ones refer to."""
        key = _KEYS.get(type(fact))
        if key is not None:
            self._latest[type(fact), key(fact)] = fact

    def of(self, kind: type[Kind], key: Hashable = None) -> Kind | None:
        """The latest fact of a kind about a thing; None when there was none."""
        return cast(Kind | None, self._latest.get((kind, key)))


@dataclass(frozen=True, slots=True)
class Scene:
    """A fact as an account looks at it: what was before it, and everything else its transaction logged.

    ``place`` is the fact's among ``all``; the catalog is what all facts add up to, later ones too.
    """

    who: Address
    catalog: Catalog
    past: Past
    all: Sequence[f.Fact]
    place: int

    def after(self) -> Iterator[f.Fact]:
        """What the transaction logged later, in order."""
        return iter(self.all[self.place + 1 :])

    def before(self) -> Iterator[f.Fact]:
        """What the transaction logged earlier, the latest first."""
        return reversed(self.all[: self.place])

    def released(self) -> int:
        """What the Ledger released next to the account, before it burnt something; 0 when nothing."""
        for fact in self.after():
            if isinstance(fact, f.Released) and fact.account in (self.who, BURNT):
                return fact.amount if fact.account == self.who else 0
        return 0


def transactions(facts: Iterable[f.Fact]) -> Iterator[Sequence[f.Fact]]:
    """Facts in chain order, those of one transaction together."""
    for _, together in groupby(facts, lambda fact: (fact.at.block, fact.at.tx_hash)):
        yield list(together)
