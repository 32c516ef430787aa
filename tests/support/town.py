"""People who trade: real journals, stores, keyrings and sealers on one chain that exists in memory only.

The chain here is a dozen lines of what the contracts do when all goes well; refusals are put in by the tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chain_facts import NOBODY, TRAIN, at
from fakes import CONTRACT, FakeChain, FakeOutbox, FakePeers
from neighbours import Neighbours

from thenar.adapters.ipfs.embedded import EmbeddedStore, open_embedded
from thenar.adapters.journal import SqliteJournal, open_journal
from thenar.adapters.vault.keyring import CHEAP, OpenKeyring, create
from thenar.adapters.vault.seal import FileSealer
from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.assets import AssetKind
from thenar.domain.catalog import apply
from thenar.domain.ids import Address, AssetId, PeerId, TermsId
from thenar.domain.licenses import FOREVER, Deal, Offer
from thenar.services.belief import Belief
from thenar.services.licensing import Trade
from thenar.services.once import Once
from thenar.services.publish import CardDraft, Publication, Published, publish_asset
from thenar.services.records import Source, remember_source

WINDOW = 60
QUOTA = 1 << 30


@dataclass
class Person:
    """Somebody with a node's parts, none of them running."""

    folder: Path
    keyring: OpenKeyring
    journal: SqliteJournal
    store: EmbeddedStore
    peers: FakePeers
    belief: Belief
    outbox: FakeOutbox
    trade: Trade
    sealer: FileSealer

    @property
    def me(self) -> Address:
        return self.keyring.account

    async def publish(self, content: bytes, name: str = "model.bin") -> Published:
        """Publish a small model under terms 1."""
        path = self.folder / name
        path.write_bytes(content)
        draft = CardDraft(AssetKind.MODEL, "A model", (), "LicenseRef-Thenar", name)
        return await publish_asset(
            Publication(path, draft, AssetKind.MODEL, TermsId(1)),
            self.me,
            sealer=self.sealer,
            store=self.store,
            journal=self.journal,
            outbox=self.outbox,
            belief=self.belief,
        )

    async def hear_of(self, asset: AssetId, holder: Person) -> None:
        """Know that somebody holds an asset."""
        await remember_source(self.journal, asset, Source(holder.peers.me, holder.peers.addresses))


@dataclass
class Town:
    """One chain and everybody who believes it."""

    folder: Path
    stack: AsyncExitStack
    chain: FakeChain = field(default_factory=FakeChain)
    people: list[Person] = field(default_factory=list)
    stores: dict[PeerId, EmbeddedStore] = field(default_factory=dict)
    history: list[f.Fact] = field(default_factory=lambda: [f.TermsWritten(at(1), TermsId(1), bytes(32), TRAIN)])

    async def person(self, name: str) -> Person:
        """Somebody new, who believes what everybody else does."""
        folder = self.folder / name
        ring = create(folder / "keys", "password", cost=CHEAP)
        journal = await self.stack.enter_async_context(open_journal(folder))
        exchange = Neighbours(self.stores)
        store = await self.stack.enter_async_context(open_embedded(folder / "store", quota=QUOTA, exchange=exchange))
        belief, peers = Belief(), FakePeers(name)
        self.stores[peers.me] = store
        outbox = FakeOutbox(self.chain, ring.account, self.effects, [self.tell])
        sealer = ring.sealer()
        trade = Trade(ring.account, self.chain, Once(journal, outbox), belief, ring.wrapper(), sealer)
        made = Person(folder, ring, journal, store, peers, belief, outbox, trade, sealer)
        self.people.append(made)
        for fact in self.history:
            apply(belief.catalog, fact)
        belief.advance(self.chain.block)
        return made

    def tell(self, facts: Sequence[f.Fact], block: int) -> None:
        """Let everybody believe some facts."""
        self.history += facts
        for person in self.people:
            for fact in facts:
                apply(person.belief.catalog, fact)
            person.belief.advance(block)

    def effects(self, who: Address, action: a.Action, where: f.At) -> Iterable[f.Fact]:
        """What the contracts say when they allow an action."""
        now = self.chain.timestamp
        match action:
            case a.MintAsset(commitment=made, terms=terms):
                yield f.AssetMinted(where, made.asset_id, who, NOBODY, len(self.history), terms, 0, made)
            case a.WriteTerms(terms=terms):
                yield f.TermsWritten(where, TermsId(where.block), bytes(32), terms)
            case a.MakeOffer(asset=asset, terms=terms):
                yield f.Offered(where, asset, who, terms, Offer(action.price, action.duration, action.expires_at))
            case a.OpenSale():
                yield self._opened(who, action, where, now)
            case a.DeliverKey(deal=deal, delivery=delivery):
                yield f.KeyDelivered(where, self.id_of(deal), deal.asset, deal.buyer, delivery, now + WINDOW)
            case a.SettleSale(deal=deal):
                yield f.SaleSettled(where, self.id_of(deal), deal.asset, deal.buyer, deal.price, FOREVER)
            case a.TimeoutRefund(deal=deal):
                yield f.SaleRefunded(where, self.id_of(deal), deal.asset, deal.buyer, deal.price, 1)
            case a.DisputeKey(deal=deal):
                yield f.SaleRefunded(where, self.id_of(deal), deal.asset, deal.buyer, deal.price, 2)
            case a.PayAsset() | a.PublishPayout() | a.RollShare() | a.ClaimLeaves() | a.TakeOwn() | a.LinkParents():
                yield from self._income(who, action, where)

    def id_of(self, deal: Deal) -> bytes:
        return deal.id_on(self.chain.chain_id, CONTRACT)

    def _opened(self, who: Address, ask: a.OpenSale, where: f.At, now: int) -> f.SaleOpened:
        seller = self.people[0].belief.catalog.assets[ask.asset].owner
        deal = Deal(ask.asset, seller, who, ask.key_x, ask.key_y, now, 0, 0, ask.terms, ask.max_price, derived=True)
        return f.SaleOpened(where, self.id_of(deal), ask.asset, who, deal, now + WINDOW)

    def _income(self, who: Address, action: a.Action, where: f.At) -> Iterable[f.Fact]:
        catalog = self.people[0].belief.catalog
        match action:
            case a.PayAsset(asset=asset, amount=amount, ref=ref):
                yield f.Paid(where, asset, who, amount, ref)
            case a.LinkParents(child=child, parents=parents):
                yield f.Linked(where, child, parents, catalog.income_of(child).received)
            case a.RollShare(child=child, parent=parent):
                yield f.Rolled(where, child, parent, catalog.income_of(child).roll_due(parent))
            case a.TakeOwn(asset=asset):
                yield f.OwnTaken(where, asset, who, catalog.income_of(asset).own_due())
            case a.PublishPayout(asset=asset):
                held = catalog.income_of(asset)
                tree = (action.root, action.total_weight, action.depth)
                number = len(held.payouts) + 1
                yield f.PayoutPublished(where, asset, number, *tree, held.own, bytes(32), action.manifest)
            case a.ClaimLeaves(asset=asset, payout=payout, leaves=leaves):
                for leaf in leaves:
                    amount = catalog.income_of(asset).due(payout, leaf.index, leaf.weight)
                    yield f.Claimed(where, asset, payout, leaf.index, who, leaf.beneficiary, amount)


@asynccontextmanager
async def open_town(folder: Path) -> AsyncIterator[Town]:
    """An empty town."""
    async with AsyncExitStack() as stack:
        yield Town(folder, stack)
