"""How accounts and locks change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.ids import Address


def _add(book: dict[Address, int], who: Address, amount: int) -> None:
    book[who] = book.get(who, 0) + amount


def fold(catalog: Catalog, fact: f.MoneyFact) -> None:
    """Add one fact."""
    match fact:
        case f.Deposited():
            _add(catalog.accounts, fact.account, fact.amount)
        case f.Withdrawn():
            _add(catalog.accounts, fact.account, -fact.amount)
        case f.Collected():
            _add(catalog.locks, fact.module, fact.amount)
        case f.Locked():
            _add(catalog.accounts, fact.account, -fact.amount)
            _add(catalog.locks, fact.module, fact.amount)
        case f.Released():
            _add(catalog.locks, fact.module, -fact.amount)
            _add(catalog.accounts, fact.account, fact.amount)
        case f.Moved():
            _add(catalog.locks, fact.from_, -fact.amount)
            _add(catalog.locks, fact.to, fact.amount)
        case _:
            assert_never(fact)
