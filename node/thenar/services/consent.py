"""What an owner says about licenses after they were given: ended, shortened, prolonged, and what must be left out."""

from __future__ import annotations

from collections.abc import Sequence

from thenar.domain.actions import (
    AcknowledgeExclusion,
    BindFloor,
    BuyLicense,
    CloseOffer,
    EndLicense,
    GrantLicense,
    JoinTerms,
    RevokeAll,
    SetExpiry,
    SetTerms,
)
from thenar.domain.assets import AssetKind, Terms
from thenar.domain.catalog import Catalog
from thenar.domain.duties import Duty, bought_floor
from thenar.domain.exclusion import EVERYTHING, LIMIT, Exclusion
from thenar.domain.ids import RAW, Address, AssetId, Cid, PeerId, TermsId
from thenar.domain.licenses import FOREVER, Stage
from thenar.domain.parts import WHOLE_FILE
from thenar.domain.terms import meet
from thenar.errors import BadInput, NotFound, Refused, Reverted, Unavailable
from thenar.services.licensing import PATIENCE, Trade, Wish, approve, standing_offer, terms_id
from thenar.services.payouts import known, owned
from thenar.services.ports import Receipt, Store, one_part


async def end_license(trade: Trade, asset: AssetId, licensee: Address, part: int = WHOLE_FILE) -> tuple[int, Receipt]:
    """End one licensee's licenses of an owned asset, at once; what time without end cost is paid back from the wallet.

    Returns what is paid back. Raises NotFound, Refused, Poor, Reverted when nothing runs.
    """
    owned(trade, asset)
    back = _paid_for_ever(trade.belief.catalog, asset, licensee, part)
    if back:
        await approve(trade, back)
    return back, await _send(trade, f"end/{asset}/{licensee}/{part}", EndLicense(asset, licensee, part))


def expiry_name(asset: AssetId, licensee: Address) -> str:
    """What a request to set a license's end is known by."""
    return f"expiry/{asset}/{licensee}"


def gift_name(asset: AssetId, licensee: Address) -> str:
    """What a request to give a license away is known by."""
    return f"give/{asset}/{licensee}"


async def set_expiry(trade: Trade, asset: AssetId, licensee: Address, until: int) -> Receipt:
    """Set when a license that came without a key ends. Raises NotFound, Refused, Reverted for bought time cut short."""
    owned(trade, asset)
    return await _send(trade, expiry_name(asset, licensee), SetExpiry(asset, licensee, until))


async def give(trade: Trade, asset: AssetId, licensee: Address, terms: TermsId, until: int) -> Receipt:
    """Give a license of an owned asset away. Raises NotFound, Refused."""
    owned(trade, asset)
    return await _send(trade, gift_name(asset, licensee), GrantLicense(asset, licensee, terms, until))


async def close_offer(trade: Trade, asset: AssetId, terms: TermsId, part: int = WHOLE_FILE) -> Receipt:
    """Take an offer back. Raises NotFound."""
    known(trade.belief.catalog, asset)
    return await _send(trade, f"close/{asset}/{terms}/{part}", CloseOffer(asset, terms, part))


async def buy_without_key(trade: Trade, wish: Wish) -> tuple[int, Receipt]:
    """Buy a license at the standing offer without any key: for what is not sealed, or whose key is here already.

    Returns the price. Raises NotFound without an offer, Refused above the price accepted, Poor.
    """
    now = (await trade.chain.head()).timestamp
    terms, made = standing_offer(trade.belief.catalog, wish, now)
    await approve(trade, made.price)
    bought = BuyLicense(wish.asset, terms, made.price, wish.max_share, made.duration or FOREVER)
    return made.price, await _send(trade, f"take/{wish.asset}/{terms}", bought)


async def revoke_all(trade: Trade, store: Store, asset: AssetId, left_out: Exclusion | None = None) -> Receipt:
    """End every license of an owned asset at once. ``left_out`` is published, its root goes on chain; None means all.

    Raises NotFound, Refused.
    """
    owned(trade, asset)
    root = EVERYTHING
    if left_out is not None:
        stored = await store.add(one_part(left_out.encode()))
        root = stored.root.digest
    return await _send(trade, f"revoke/{asset}/{root.hex()}", RevokeAll(asset, root))


async def exclusion_of(store: Store, root: bytes, holders: Sequence[PeerId]) -> Exclusion | None:
    """The published list behind a withdrawal, from here or its holders; None when all was left out or nobody has it."""
    if root == EVERYTHING:
        return None
    cid = Cid.of(RAW, root)
    try:
        await store.fetch(cid, holders, limit=LIMIT)
        return Exclusion.decode(b"".join([part async for part in store.read(cid)]))
    except (NotFound, BadInput, Unavailable):  # the root stands on chain whatever lies behind it
        return None


async def acknowledge(trade: Trade, model: AssetId, asset: AssetId) -> Receipt:
    """Say that an owned derived asset leaves out what was named when an asset's consent was last withdrawn.

    A statement its maker can be held to; nothing can look into a model. Raises NotFound, Refused.
    """
    owned(trade, model)
    known(trade.belief.catalog, asset)
    record = trade.belief.catalog.assets[asset]
    if trade.belief.catalog.assets[model].kind in (AssetKind.CAPTURE, AssetKind.BATCH):
        raise Refused(f"{model} was not made from other assets")
    if not record.consent_epoch:
        raise Refused(f"consent for {asset} was never withdrawn")
    said = AcknowledgeExclusion(model, asset, record.exclusion_root)
    return await _send(trade, f"acknowledge/{model}/{asset}", said)


async def bind_floor(trade: Trade, child: AssetId, parent: AssetId) -> Receipt | None:
    """Bind the floor under which a parent was bought to what was made under it; anybody may. None when it is bound."""
    catalog = trade.belief.catalog
    for asset in (child, parent):
        known(catalog, asset)
    if bought_floor(catalog, child, parent) <= catalog.floors.get(child, 0):
        return None
    made, nobody = catalog.assets[child], Address("0x" + "0" * 40)
    for maker in (made.author, made.owner, nobody):
        try:
            return await _send(trade, f"bind/{child}/{parent}/{maker}", BindFloor(made.commitment, parent, maker))
        except Reverted as refused:
            if refused.name != "Covenants_NothingToBind":
                raise
    return None


async def bind_linked(trade: Trade, duty: Duty) -> None:
    """Owner of a parent: bind the floor to a child that has just named it."""
    child, parent = duty.subject.split("/")
    await bind_floor(trade, AssetId(child), AssetId(parent))


async def set_terms(trade: Trade, asset: AssetId, terms: TermsId) -> Receipt:
    """Name other terms for future licenses of an owned asset. Raises NotFound, Refused."""
    owned(trade, asset)
    written(trade.belief.catalog, terms)
    return await _send(trade, f"set-terms/{asset}/{terms}", SetTerms(asset, terms))


async def join_terms(trade: Trade, a: TermsId, b: TermsId) -> TermsId:
    """The id of the terms that hold for what is made under both, written first when nobody has. Raises BadInput."""
    catalog = trade.belief.catalog
    both = meet(written(catalog, a), written(catalog, b))
    if both is None:
        raise BadInput(f"terms {a} and {b} allow nothing together", next_step="`thenar terms list` shows both")
    if terms_id(catalog, both) is None:
        await _send(trade, f"join/{a}/{b}", JoinTerms(a, b))
    return await trade.belief.until(lambda c: terms_id(c, both), seconds=PATIENCE, what="the writing of terms")


def written(catalog: Catalog, terms: TermsId) -> Terms:
    """The terms behind an id. Raises NotFound."""
    found = catalog.terms.get(terms)
    if found is None:
        raise NotFound(f"nobody has written terms {terms}", next_step="`thenar terms list` shows what is written")
    return found


def _paid_for_ever(catalog: Catalog, asset: AssetId, licensee: Address, part: int) -> int:
    """What was paid for time without end that runs: the twin of LicenseDesk.revokeOne."""
    epoch, back = catalog.assets[asset].consent_epoch, 0
    grant = catalog.grants.get((asset, licensee)) if part == WHOLE_FILE else None
    if grant and grant.consent_epoch == epoch and grant.until == FOREVER:
        back += grant.price
    deal_id = catalog.current_sale.get((asset, licensee, part))
    sold = catalog.sales[deal_id] if deal_id else None
    if sold and sold.stage is Stage.SETTLED and sold.deal.consent_epoch == epoch and sold.until == FOREVER:
        back += sold.deal.price
    return back


async def _send(
    trade: Trade,
    name: str,
    action: EndLicense
    | SetExpiry
    | GrantLicense
    | CloseOffer
    | BuyLicense
    | RevokeAll
    | AcknowledgeExclusion
    | BindFloor
    | SetTerms
    | JoinTerms,
) -> Receipt:
    receipt = await trade.send(name, action)
    await trade.seen(receipt)
    return receipt
