"""What people do with what they own: publish, offer, buy, see a preview, deposit, keep, withdraw, ask for keys."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import trio
from paper_evm import START

from thenar.assembly import Node
from thenar.domain.actions import Deposit
from thenar.domain.assets import AssetKind
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.licenses import Offer
from thenar.errors import Conflict, Unavailable
from thenar.services import consent, licensing, preview
from thenar.services.ask import ask_key
from thenar.services.complaints import fetch_before_paying
from thenar.services.licensing import Wish
from thenar.services.publish import CardDraft, Publication, publish_asset
from thenar.services.storing import keeping, taking

if TYPE_CHECKING:
    from life import Person

DOLLAR = 10**6
TERMS = TermsId(1)
DAY = 86_400.0


async def publish(person: Person, node: Node) -> None:
    """Publish a small model, offer licenses of it, and let others keep two ciphertexts."""
    seed = hashlib.sha256(person.request.encode()).digest()
    path = person.resident.folder / f"{person.request}.bin"
    path.write_bytes(hashlib.shake_256(seed).digest(1_500 + 40 * seed[0]))
    draft = CardDraft(AssetKind.MODEL, person.request, (), "LicenseRef-Thenar", path.name)
    made = await publish_asset(
        Publication(path, draft, AssetKind.MODEL, TERMS),
        node.me,
        sealer=node.sealer,
        store=node.store,
        journal=node.journal,
        outbox=node.outbox,
        belief=node.belief,
        patience=licensing.PATIENCE,
    )
    if made.asset not in person.owned:
        person.owned.append(made.asset)
    price = (1 + seed[1] % 9) * DOLLAR
    trade = node.trade_for(person.request)
    await licensing.offer(trade, made.asset, TERMS, Offer(price, 0, START + 10**9, 1_000))
    await keeping.replicate(node.stock_for(person.request), made.asset, 2)


async def buy(person: Person, node: Node) -> None:
    """Buy a license of something on offer."""
    catalog = node.belief.catalog
    wanted = (
        asset
        for asset in catalog.offers
        if catalog.offers[asset] and catalog.assets[asset].owner != node.me and not _bought(node, asset)
    )
    asset = person.chooses(wanted)
    if asset is None:
        return
    await fetch_before_paying(node.shelf, asset, patience=0)
    await licensing.buy(node.trade_for(person.request), Wish(asset))


def _bought(node: Node, asset: AssetId) -> bool:
    return any(sale.deal.asset == asset and sale.deal.buyer == node.me for sale in node.belief.catalog.sales.values())


async def deposit(person: Person, node: Node) -> None:
    """Bring money into the Ledger: the same call again and again, and each has one effect."""
    amount = DOLLAR + int(person.request.rsplit("-", 1)[1])
    if amount not in person.deposited:
        person.deposited.append(amount)
    await node.trade_for(person.request).send("deposit", Deposit(node.me, amount))


async def keep(person: Person, node: Node) -> None:
    """Take a replica nobody keeps, and pledge what is kept."""
    catalog = node.belief.catalog
    free = (one for one, record in catalog.replicas.items() if record.holder is None)
    root = person.chooses(one for one in free if catalog.assets[catalog.replicas[one].asset].owner != node.me)
    if root is not None:
        await taking.take(node.stock_for(person.request), [root])


async def withdraw(person: Person, node: Node) -> None:
    """Withdraw consent: every license of the asset ends."""
    person.hopes.setdefault(person.request, person.owned[0])
    asset = person.hopes[person.request]
    await consent.revoke_all(node.trade_for(person.request), node.store, asset)
    if asset in person.owned:
        person.owned.remove(asset)


async def ask(person: Person, node: Node) -> None:
    """Ask whoever owns an asset for its key, with a license or without."""
    theirs = _of_others(node)
    asset = person.chooses([one for one in theirs if _bought(node, one)] or theirs)
    if asset is None:
        return
    try:
        await ask_key(node.trade, node.peers, node.keyring, asset, ())
    except Unavailable:
        person.around.told["keys not given"] += 1
    else:
        person.around.told["keys given"] += 1
        person.around.keys_given.append((asset, node.me))


async def say(person: Person, node: Node) -> None:
    """Say something about today, under the guard; what is said depends on the moment, so that twice may differ."""
    day = str(int(trio.current_time() // (4 * DAY)))
    digest = hashlib.sha256(f"{day}/{trio.current_time()}".encode()).digest()
    try:
        await node.journal.guard_statement("day", day, digest)
    except Conflict:
        person.around.told["statements the guard refused"] += 1
        return
    node.keyring.sign_digest(digest)
    person.around.said.append((node.me, day, digest))


async def look(person: Person, node: Node) -> None:
    """Ask to see a chunk of something before buying it."""
    asset = person.chooses(_of_others(node))
    if asset is not None:
        fee = (1 + hashlib.sha256(person.request.encode()).digest()[2] % 3) * DOLLAR // 4 + person.count
        await preview.challenge(node.viewing_for(person.request), asset, 1, fee)


def _of_others(node: Node) -> list[AssetId]:
    return [one for one, record in node.belief.catalog.assets.items() if record.owner != node.me]
