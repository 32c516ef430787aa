"""What people do with their nodes: publish, sell, buy, deposit, keep copies, withdraw consent, ask for keys, vouch.

A wish outlives its node: after a stop it is wished again under the same id, until it is done or refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import trio
from paper_evm import START
from resident import Resident, Surroundings

from thenar.assembly import Node
from thenar.domain.actions import Deposit
from thenar.domain.assets import AssetKind
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.licenses import Offer
from thenar.errors import Conflict, Corrupt, Refused, Unavailable
from thenar.services import consent, licensing
from thenar.services.ask import ask_key
from thenar.services.complaints import fetch_before_paying
from thenar.services.licensing import Wish
from thenar.services.publish import CardDraft, Publication, publish_asset
from thenar.services.storing import keeping, taking

DOLLAR = 10**6
TERMS = TermsId(1)
DAY = 86_400.0
EVERY = 2 * DAY
"""Between one person's wishes, on average."""
TRIES = 40
AGAIN = 3_600.0

Deed = Callable[["Person", Node], Awaitable[None]]


@dataclass
class Person:
    """Somebody with a node, and what is on his mind."""

    resident: Resident
    around: Surroundings
    wish: tuple[str, str] | None = None
    count: int = 0
    owned: list[AssetId] = field(default_factory=list)
    deposited: list[int] = field(default_factory=list)
    said: dict[str, bytes] = field(default_factory=dict)
    hopes: dict[str, AssetId] = field(default_factory=dict)

    async def lead(self, _: Resident, node: Node) -> None:
        """Live, while the node runs."""
        while True:
            if self.wish is None:
                if self.around.quiet:
                    return
                await trio.sleep(self.resident.dice.expovariate(1 / EVERY))
                self.wish = self._next(node)
            await self._try(node)
            self.wish = None

    def _next(self, node: Node) -> tuple[str, str]:
        self.count += 1
        kinds = ["deposit", "buy", "buy", "say", "ask"]
        if self.resident.dice.random() < 0.6 ** len(self.owned):
            kinds += ["publish"]
        if self.resident.keeps:
            kinds += ["keep", "keep"]
        if self.owned and self.resident.dice.random() < 0.03:
            kinds = ["withdraw"]
        return self.resident.dice.choice(kinds), f"{self.resident.name}-{self.count}"

    async def _try(self, node: Node) -> None:
        if self.wish is None:
            return
        kind, request = self.wish
        for _ in range(TRIES):
            try:
                await DEEDS[kind](self, node)
            except Unavailable as cause:
                self.around.note("wish waits", self.resident.name, request, kind, cause.message)
                await trio.sleep(AGAIN)
            except (Refused, Corrupt) as cause:
                self.around.note("wish refused", self.resident.name, request, kind, cause.message)
                self.around.told[f"wishes refused: {kind}"] += 1
                return
            else:
                self.around.note("wish done", self.resident.name, request, kind)
                self.around.told[f"wishes done: {kind}"] += 1
                return
        self.around.told["wishes given up"] += 1

    @property
    def request(self) -> str:
        """The id of what is wished now."""
        return self.wish[1] if self.wish else ""


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
    if person.request not in person.hopes:
        wanted = [
            asset
            for asset in sorted(catalog.offers)
            if catalog.offers[asset] and catalog.assets[asset].owner != node.me and not _bought(node, asset)
        ]
        if not wanted:
            return
        person.hopes[person.request] = person.resident.dice.choice(wanted)
    asset = person.hopes[person.request]
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
    if person.request not in person.hopes:
        free = [root for root in sorted(catalog.replicas) if catalog.replicas[root].holder is None]
        if not free:
            return
        person.hopes[person.request] = AssetId(person.resident.dice.choice(free).hex())
    await taking.take(node.stock_for(person.request), [bytes.fromhex(person.hopes[person.request])])


async def withdraw(person: Person, node: Node) -> None:
    """Withdraw consent: every license of the asset ends."""
    person.hopes.setdefault(person.request, person.owned[0])
    asset = person.hopes[person.request]
    await consent.revoke_all(node.trade_for(person.request), node.store, asset)
    if asset in person.owned:
        person.owned.remove(asset)


async def ask(person: Person, node: Node) -> None:
    """Ask whoever owns an asset for its key, with a license or without."""
    theirs = [one for one, record in sorted(node.belief.catalog.assets.items()) if record.owner != node.me]
    if not theirs:
        return
    asset = person.hopes.setdefault(person.request, person.resident.dice.choice(theirs))
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


DEEDS: dict[str, Deed] = {
    "publish": publish,
    "buy": buy,
    "deposit": deposit,
    "keep": keep,
    "withdraw": withdraw,
    "ask": ask,
    "say": say,
}
