"""Hold the statements of everybody's account against what the Ledger released, on whatever chain a test has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog, apply
from thenar.domain.earnings import DOLLARS, UNEXPLAINED, Earning, Entry, Returned, statement
from thenar.domain.ids import Address

BURNT = Address("0x" + "0" * 36 + "dead")


def believed(facts: Iterable[f.Fact]) -> Catalog:
    """What facts add up to."""
    catalog = Catalog()
    for fact in facts:
        apply(catalog, fact)
    return catalog


def credited(facts: Iterable[f.Fact]) -> Counter[Address]:
    """Token units that the Ledger itself says it released, by account; what is burnt is nobody's."""
    sums: Counter[Address] = Counter()
    for fact in facts:
        if isinstance(fact, f.Released) and fact.account != BURNT:
            sums[fact.account] += fact.amount
    return sums


def counted(entry: Entry) -> int:
    """Settlement-token units of an entry."""
    return entry.amount if isinstance(entry, Returned) or entry.unit == DOLLARS else 0


def audited(catalog: Catalog, facts: Sequence[f.Fact]) -> Counter[str]:
    """How often each source paid somebody, ``returned`` for money that came back.

    Raises AssertionError for an account whose entries do not come to what the Ledger released to it.
    """
    seen: Counter[str] = Counter()
    for who, amount in credited(facts).items():
        entries = list(statement(catalog, facts, who))
        unexplained = [one for one in entries if isinstance(one, Earning) and one.source == UNEXPLAINED]
        assert not unexplained, f"nothing says why {who} had {unexplained}: {_beside(facts, unexplained[0])}"
        assert sum(map(counted, entries)) == amount
        assert all(one.amount >= 0 for one in entries)
        seen.update("returned" if isinstance(one, Returned) else one.source for one in entries)
    return seen


def _beside(facts: Sequence[f.Fact], entry: Earning) -> list[str]:
    """What the transaction of an entry did."""
    return [type(one).__name__ for one in facts if one.at.tx_hash == entry.at.tx_hash]
