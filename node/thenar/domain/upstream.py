"""What the maker of an asset owes those it was made from: the shares their terms demand, and which terms bind it."""

from __future__ import annotations

from collections.abc import Iterable

from thenar.domain.assets import Terms
from thenar.domain.catalog import Catalog
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.licenses import Stage
from thenar.domain.revenue import WHOLE
from thenar.domain.terms import meet
from thenar.errors import Refused


def terms_used(catalog: Catalog, asset: AssetId, maker: Address) -> list[TermsId]:
    """The terms a maker was licensed an asset under, over or not; the asset's own when there was no license."""
    grant, deal = catalog.grants.get((asset, maker)), catalog.current_sale.get((asset, maker, 0))
    held = [grant.terms] if grant else []
    held += [catalog.sales[deal].deal.terms] if deal and catalog.sales[deal].stage is Stage.SETTLED else []
    return [terms for terms in held or [catalog.assets[asset].terms] if terms in catalog.terms]


def shares_demanded(catalog: Catalog, parents: Iterable[AssetId], maker: Address) -> dict[AssetId, int]:
    """What each parent is owed of the new asset's income, in parts per million; those that demand nothing are left out.

    Raises Refused when they demand more than there is.
    """
    shares = {
        parent: max((catalog.terms[terms].derivative_share for terms in terms_used(catalog, parent, maker)), default=0)
        for parent in sorted(parents)
    }
    if sum(shares.values()) > WHOLE:
        raise Refused(
            f"the parents' terms demand {sum(shares.values())} of {WHOLE} parts together",
            next_step="license some of them under terms with a smaller share",
        )
    return {parent: share for parent, share in shares.items() if share}


def terms_inherited(catalog: Catalog, parents: Iterable[AssetId], maker: Address) -> Terms | None:
    """The widest terms that allow nothing one of the parents forbids; None without a parent that has any.

    Raises Refused when the parents allow nothing together.
    """
    found: Terms | None = None
    for terms in (catalog.terms[used] for parent in sorted(parents) for used in terms_used(catalog, parent, maker)):
        met = terms if found is None else meet(found, terms)
        if met is None:
            raise Refused(
                "the parents' terms allow nothing together", next_step="`--terms` names the ones you may offer it under"
            )
        found = met
    return found
