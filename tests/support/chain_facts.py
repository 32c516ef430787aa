"""Small facts for tests: accounts, assets and places on a chain that never was."""

from __future__ import annotations

from dataclasses import replace

from thenar.domain import facts as f
from thenar.domain.assets import AssetKind, Commitment, Purpose, Terms
from thenar.domain.ids import Address, AssetId, TermsId, TxHash
from thenar.domain.licenses import Deal, Delivery

ANA, BEN, CHIDI = (Address("0x" + digit * 40) for digit in "abc")
NOBODY = Address("0x" + "0" * 40)
TRAIN = Terms(Purpose.TRAIN | Purpose.EVAL, 50_000, 0, 0, 0)


def at(block: int, index: int = 0) -> f.At:
    """A place on the chain."""
    return f.At(block, index, f"0x{block:064x}", TxHash(f"0x{block:060x}{index:04x}"))


def commitment(author: Address, number: int = 1, kind: AssetKind = AssetKind.CAPTURE) -> Commitment:
    """What an asset commits to; differs with ``number``."""
    word = number.to_bytes(32, "big")
    return Commitment(author, kind, number, word, word, word, word, word)


def minted(author: Address, number: int = 1, *, block: int = 1, kind: AssetKind = AssetKind.CAPTURE) -> f.AssetMinted:
    """The minting of an asset."""
    made = commitment(author, number, kind)
    return f.AssetMinted(at(block, number), made.asset_id, author, NOBODY, number, TermsId(1), 0, made)


def materialised(batch: f.AssetMinted, owner: Address, number: int = 7, *, block: int = 2) -> f.Materialised:
    """The materialising of a member of a batch."""
    made = replace(commitment(batch.author, number), batch=batch.id)
    return f.Materialised(at(block), made.asset_id, batch.id, owner, 0, number, TermsId(1), 0, made)


def deal(asset: AssetId, *, seller: Address = ANA, buyer: Address = BEN, key_x: int = 5, epoch: int = 0) -> Deal:
    """A deal about an asset."""
    return Deal(
        asset=asset,
        seller=seller,
        buyer=buyer,
        key_x=key_x,
        key_y=6,
        opened_at=100,
        duration=0,
        consent_epoch=epoch,
        terms=TermsId(1),
        price=10,
        derived=False,
    )


def opened(found: Deal, *, block: int = 2, deadline: int = 160) -> f.SaleOpened:
    """The opening of a sale; the deal id is made of its one-time key."""
    return f.SaleOpened(at(block), found.key_x.to_bytes(32, "big"), found.asset, found.buyer, found, deadline)


def delivered(
    found: f.SaleOpened, *, block: int = 3, deadline: int = 200, delivery: Delivery | None = None
) -> f.KeyDelivered:
    """The delivery of a key."""
    given = delivery or Delivery(bytes(32), 1, 2)
    return f.KeyDelivered(at(block), found.deal_id, found.asset, found.buyer, given, deadline)
