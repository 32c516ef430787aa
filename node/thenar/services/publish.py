"""A file becomes an asset: sealed, stored, described, minted. Safe to repeat at any point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from thenar.domain.actions import MintAsset
from thenar.domain.assets import AssetKind, Commitment
from thenar.domain.card import Card
from thenar.domain.ids import Address, AssetId, Cid, TermsId
from thenar.errors import Conflict
from thenar.services import records
from thenar.services.belief import Belief
from thenar.services.once import send_patiently
from thenar.services.ports import Draft, Journal, Outbox, Progress, Receipt, Sealed, Sealer, Store, one_part
from thenar.services.records import remember_own

Vouch = Callable[[Commitment], tuple[Address, bytes]]
"""A device's key, and its signature over what it saw."""


@dataclass(frozen=True, slots=True)
class Published:
    """A minted asset, its CIDs, size and SHA-256 of what was sealed, and what minting cost."""

    asset: AssetId
    manifest: Cid
    sealed: Cid
    bytes: int
    sha256: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class CardDraft:
    """A derived asset's card, lacking only the seal."""

    kind: AssetKind
    title: str
    parents: tuple[AssetId, ...]
    license: str
    file_name: str
    media_type: str = "application/octet-stream"

    def seal_with(self, owner: Address, sealed: Sealed) -> Card:
        """Complete the card. Raises BadInput."""
        return Card(
            kind=self.kind.name.lower(),
            owner=owner,
            title=self.title,
            parents=self.parents,
            files=(sealed.file(self.file_name, self.media_type),),
            enc=sealed.encryption(),
            license=self.license,
        )


@dataclass(frozen=True, slots=True)
class Publication:
    """What to publish: a file, its description still lacking the seal, and how it may be licensed."""

    path: Path
    draft: Draft
    kind: AssetKind
    terms: TermsId
    royalty_bps: int = 0
    vouch: Vouch | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything of an asset but its minting: sealed, stored, described, and what its id commits to."""

    commitment: Commitment
    manifest: Cid
    sealed: Sealed


async def prepare_asset(
    publication: Publication,
    owner: Address,
    *,
    sealer: Sealer,
    store: Store,
    journal: Journal,
    progress: Progress | None = None,
) -> Prepared:
    """Seal a file into the store and describe it for ``owner``, who may be a wallet that mints it by itself.

    Raises BadInput for what cannot be described.
    """
    async with store.together() as adds:  # the disk is waited for once
        sealed = await sealer.seal(publication.path, adds, progress=progress)
        description = publication.draft.seal_with(owner, sealed)
        stored = await adds.add(one_part(description.encode()))
    commitment = Commitment(
        author=owner,
        kind=publication.kind,
        size=sealed.size,
        cipher_root=sealed.cipher_root,
        plain_root=sealed.plain_root,
        key_commit=sealed.key_commit,
        manifest_digest=stored.root.digest,
        manifest_hash=description.keccak,
    )
    asset = commitment.asset_id
    await remember_own(journal, asset, sealed.content_hash, stored.root, sealed.stored.root)
    return Prepared(commitment, stored.root, sealed)


async def publish_asset(
    publication: Publication,
    owner: Address,
    *,
    sealer: Sealer,
    store: Store,
    journal: Journal,
    outbox: Outbox,
    belief: Belief,
    progress: Progress | None = None,
    patience: float = 120.0,
) -> Published:
    """Seal a file into the store, mint its asset and wait until the chain confirms it.

    Raises BadInput for what cannot be described, Reverted, Poor, and Late when the chain does not confirm within
    ``patience`` seconds.
    """
    ready = await prepare_asset(publication, owner, sealer=sealer, store=store, journal=journal, progress=progress)
    commitment, sealed, asset = ready.commitment, ready.sealed, ready.commitment.asset_id
    minted = belief.catalog.assets.get(asset)
    if minted is not None and minted.terms != publication.terms:
        raise Conflict(
            f"{asset} is minted already, under terms {minted.terms}",
            next_step="`thenar license offer` changes what it costs; another file becomes another asset",
        )
    said = publication.vouch(commitment) if publication.vouch else ()
    mint = MintAsset(commitment, publication.terms, publication.royalty_bps, *said)
    receipt = await send_patiently(outbox, f"mint:{asset}", mint)
    await belief.until(lambda catalog: catalog.assets.get(asset), seconds=patience, what=f"the minting of {asset}")
    return Published(asset, ready.manifest, sealed.stored.root, sealed.size, sealed.content_hash.hex(), receipt)


async def announcement(journal: Journal, asset: AssetId, addresses: tuple[str, ...]) -> dict[str, object] | None:
    """What to tell other nodes about an asset held here, or None when it is not held."""
    places = await records.held(journal, asset)
    if places is None:
        return None
    return {"asset": asset, "manifest": str(places[0]), "sealed": str(places[1]), "addresses": list(addresses)}
