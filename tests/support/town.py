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
from thenar.adapters.vault.shares import KeyShares
from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.assets import NO_BATCH, AssetKind, Commitment
from thenar.domain.catalog import apply
from thenar.domain.ids import Address, AssetId, PeerId, TermsId
from thenar.domain.licenses import FOREVER, Deal, Order
from thenar.domain.live import LiveStream
from thenar.domain.marking import agreeing, is_clear
from thenar.domain.marks import MarkEnd
from thenar.domain.openings import Layout
from thenar.domain.previews import Preview
from thenar.domain.statements import Statement
from thenar.services.batching import Workshop
from thenar.services.belief import Belief
from thenar.services.licensing import Trade
from thenar.services.members import Library
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

    @property
    def library(self) -> Library:
        """What finding members of batches needs."""
        return Library(self.journal, self.store, self.peers, self.belief)

    @property
    def workshop(self) -> Workshop:
        """What making a batch needs."""
        return Workshop(self.me, self.sealer, self.store, self.journal, self.outbox, self.belief)

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
        sealer = ring.sealer(KeyShares(folder / "keys"))
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
            case a.CommitBatch(commitment=made):
                yield f.AssetMinted(where, made.asset_id, who, NOBODY, len(self.history), TermsId(0), 0, made)
            case a.Materialise(leaf=leaf):
                made, terms = leaf.leaf, TermsId(1)
                yield f.Materialised(where, made.asset_id, made.batch, who, leaf.index, 9, terms, 0, made)
            case a.WriteTerms(terms=terms):
                yield f.TermsWritten(where, TermsId(where.block), bytes(32), terms)
            case a.RevokeAll(asset=asset, exclusion_root=root):
                epoch = self.people[0].belief.catalog.assets[asset].consent_epoch + 1
                yield f.ConsentChanged(where, asset, epoch, now, root)
            case a.MakeOffer(asset=asset, terms=terms):
                yield f.Offered(where, asset, who, terms, action.offer, action.range)
            case a.OpenSale():
                yield self._opened(who, action.order, where, now)
            case a.OpenLeaf(order=order, leaf=leaf):
                yield self._opened(who, order, where, now, leaf.leaf)
            case a.DeliverKey(deal=deal, delivery=delivery):
                yield f.KeyDelivered(where, self.id_of(deal), deal.asset, deal.buyer, delivery, now + WINDOW)
            case a.SettleSale(deal=deal):
                yield f.SaleSettled(where, self.id_of(deal), deal.asset, deal.buyer, deal.price, FOREVER)
            case a.TimeoutRefund(deal=deal):
                yield f.SaleRefunded(where, self.id_of(deal), deal.asset, deal.buyer, deal.price, 1)
            case a.DisputeKey(deal=deal):
                yield f.SaleRefunded(where, self.id_of(deal), deal.asset, deal.buyer, deal.price, 2)
            case a.DisputeChunk(deal=deal):
                yield f.SaleRefunded(where, self.id_of(deal), deal.asset, deal.buyer, deal.price, 4)
            case a.ConsentRefund(deal=deal):
                yield f.SaleRefunded(where, self.id_of(deal), deal.asset, deal.buyer, deal.price, 3)
            case a.AppointKeeper(keeper=keeper):
                yield f.KeeperAppointed(where, who, keeper)
            case a.OpenStream() | a.CloseStream() | a.Subscribe() | a.TopUp() | a.CollectDebt() | a.StopSubscription():
                yield from self._live(who, action, where, now)
            case a.ChallengePreview():
                yield self._previewed(who, action, where)
            case a.OpenPreview(preview=preview, opened=opened):
                preview_id = preview.id_on(self.chain.chain_id, CONTRACT)
                yield f.PreviewOpened(where, preview_id, preview.asset, preview.challenger, opened, now + WINDOW)
            case a.DisputePreview(preview=preview) | a.ClosePreview(preview=preview) | a.ExpirePreview(preview=preview):
                how = {a.ClosePreview: 1, a.DisputePreview: 2, a.ExpirePreview: 3}[type(action)]
                preview_id = preview.id_on(self.chain.chain_id, CONTRACT)
                yield f.PreviewEnded(where, preview_id, preview.asset, preview.challenger, how)
            case a.ProposeMark() | a.RecallMark() | a.AcceptMark() | a.LapseMark() | a.ReleaseMark():
                yield from self._agreed(who, action, where)
            case a.SealLeak() | a.ShowLeak() | a.AnswerLeak():
                yield from self._found(who, action, where, now)
            case a.PayAsset() | a.PublishPayout() | a.RollShare() | a.ClaimLeaves() | a.TakeOwn() | a.LinkParents():
                yield from self._income(who, action, where)

    def _live(self, who: Address, action: a.Action, where: f.At, now: int) -> Iterable[f.Fact]:
        catalog = self.people[0].belief.catalog
        match action:
            case a.OpenStream(asset=asset):
                stream = LiveStream(asset, who, action.rate, action.terms, 0, action.epoch_seconds, now, 0)
                yield f.LiveOpened(where, len(catalog.live) + 1, asset, who, stream)
            case a.CloseStream(stream=stream):
                yield f.LiveClosed(where, stream, now)
            case a.Subscribe(stream=stream):
                live = catalog.live[stream].stream
                since = live.start_of(-((live.opened_at - now) // live.epoch_seconds))
                yield f.Subscribed(where, stream, who, since, action.deposit, action.key_x, action.key_y)
            case a.TopUp(stream=stream, amount=amount):
                yield f.ToppedUp(where, stream, who, catalog.live[stream].subscriptions[who].deposit + amount)
            case a.CollectDebt(stream=stream, subscriber=subscriber):
                debt = catalog.debt_of(stream, subscriber, now)
                paid = catalog.live[stream].subscriptions[subscriber].paid
                yield f.LivePaid(where, stream, subscriber, debt - paid, debt)
            case a.StopSubscription(stream=stream, subscriber=subscriber):
                held, debt = catalog.live[stream].subscriptions[subscriber], catalog.debt_of(stream, subscriber, now)
                until = max(held.since, min(now, catalog.cover_of(stream, subscriber).until))
                yield f.Unsubscribed(where, stream, subscriber, until, debt, held.deposit - debt)

    def _agreed(self, who: Address, action: a.MarkAction, where: f.At) -> Iterable[f.Fact]:
        mark = action.mark
        mark_id = mark.id_on(self.chain.chain_id, CONTRACT)
        ends = {a.RecallMark: MarkEnd.RECALLED, a.LapseMark: MarkEnd.UNANSWERED, a.ReleaseMark: MarkEnd.RAN_OUT}
        if isinstance(action, a.ProposeMark):
            yield f.MarkProposed(where, mark_id, mark.copy, mark.buyer, mark)
        elif isinstance(action, a.AcceptMark):
            yield f.MarkAccepted(where, mark_id)
        else:
            yield f.MarkEnded(where, mark_id, ends[type(action)], NOBODY)

    def _found(self, who: Address, action: a.MarkAction, where: f.At, now: int) -> Iterable[f.Fact]:
        if isinstance(action, a.SealLeak):
            yield f.LeakSealed(where, action.mark_id, who, action.commitment)
            return
        mark_id, leak = action.mark.id_on(self.chain.chain_id, CONTRACT), action.leak
        if isinstance(action, a.ShowLeak):
            yield f.LeakShown(where, mark_id, who, leak, now + WINDOW)
            return
        agreed = agreeing(action.secret, leak.seen)
        finder = self.people[0].belief.catalog.marks[mark_id].finder or NOBODY
        if is_clear(agreed, len(leak.seen)):
            yield f.MarkEnded(where, mark_id, MarkEnd.LEAKED, finder)
        else:
            yield f.LeakRefuted(where, mark_id, finder, leak.chapter, agreed)

    def id_of(self, deal: Deal) -> bytes:
        return deal.id_on(self.chain.chain_id, CONTRACT)

    def _previewed(self, who: Address, ask: a.ChallengePreview, where: f.At) -> f.PreviewAsked:
        asset = ask.commitment.asset_id
        seller = self.people[0].belief.catalog.assets[asset].owner
        chunks = Layout(ask.commitment.size).chunks
        made = Preview(asset, seller, who, ask.key_x, ask.key_y, where.block, chunks, ask.count, ask.fee)
        return f.PreviewAsked(where, made.id_on(self.chain.chain_id, CONTRACT), asset, who, made)

    def _opened(
        self, who: Address, ask: Order, where: f.At, now: int, member: Commitment | None = None
    ) -> f.SaleOpened:
        seller = self.people[0].belief.catalog.assets[ask.asset].owner
        asset, batch = (member.asset_id, member.batch) if member else (ask.asset, NO_BATCH)
        deal = Deal(
            asset,
            seller,
            who,
            ask.key_x,
            ask.key_y,
            now,
            0,
            0,
            ask.terms,
            ask.max_price,
            derived=True,
            range=ask.range,
            batch=batch,
        )
        return f.SaleOpened(where, self.id_of(deal), asset, who, deal, now + WINDOW)

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
            case a.PublishPayout(asset=asset, plan=plan):
                held = catalog.income_of(asset)
                tree = (plan.root, plan.total_weight, plan.depth)
                stated = Statement(who, self.chain.timestamp, plan.bond, plan.license_set_root, plan.license_count)
                yield f.PayoutPublished(where, asset, len(held.payouts) + 1, *tree, held.own, stated, plan.manifest)
            case a.ClaimLeaves(asset=asset, payout=payout, leaves=leaves):
                for leaf in leaves:
                    amount = catalog.income_of(asset).due(payout, leaf.index, leaf.weight)
                    yield f.Claimed(where, asset, payout, leaf.index, who, leaf.beneficiary, amount)


@asynccontextmanager
async def open_town(folder: Path) -> AsyncIterator[Town]:
    """An empty town."""
    async with AsyncExitStack() as stack:
        yield Town(folder, stack)
