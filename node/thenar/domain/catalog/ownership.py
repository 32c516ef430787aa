"""How facts about assets, consent and terms change the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import AssetRecord


def fold(catalog: Catalog, fact: f.OwnershipFact) -> None:
    """Add one fact."""
    match fact:
        case f.AssetMinted():
            catalog.assets[fact.id] = AssetRecord(
                id=fact.id,
                serial=fact.serial,
                author=fact.author,
                owner=fact.author,
                device=fact.device,
                terms=fact.terms,
                consent_epoch=0,
                commitment=fact.commitment,
                minted=fact.at,
            )
        case f.Materialised():
            catalog.assets[fact.id] = _member(catalog.assets[fact.batch], fact)
        case f.Transfer():
            # The transfer that belongs to a mint comes before AssetMinted in the same transaction.
            if fact.token_id in catalog.assets:
                catalog.assets[fact.token_id].owner = fact.to
                catalog.licensed[(fact.token_id, fact.to)] = fact.at.block
        case f.TermsChanged():
            catalog.assets[fact.id].terms = fact.terms
        case f.ConsentChanged():
            record = catalog.assets[fact.id]
            record.consent_epoch, record.withdrawn = fact.consent_epoch, (*record.withdrawn, fact.revoked_at)
            record.exclusion_root = fact.exclusion_root
            catalog.offers.pop(fact.id, None)
            catalog.exclusives.pop(fact.id, None)
        case f.TermsWritten():
            catalog.terms[fact.id] = fact.terms
        case _:
            assert_never(fact)


def _member(batch: AssetRecord, fact: f.Materialised) -> AssetRecord:
    """A member's own record: what its batch said about it until now."""
    return replace(
        batch,
        id=fact.id,
        serial=fact.serial,
        owner=fact.owner,
        terms=fact.terms,
        consent_epoch=fact.consent_epoch,
        commitment=fact.commitment,
        minted=fact.at,
    )
