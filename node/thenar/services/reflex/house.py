"""The reflex arc of a running node: what it serves, what others offer, and whom it answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from thenar.domain import canonical
from thenar.domain.ids import AssetId, ChannelId, PeerId
from thenar.domain.reflex.attestations import KIND as ATTESTATION
from thenar.domain.reflex.attestations import LASTS as ATTESTATION_LASTS
from thenar.domain.reflex.attestations import Attestation, HeardAttestation, attest, expected, read_attestation
from thenar.domain.reflex.channels import Channel
from thenar.domain.reflex.choice import Record
from thenar.domain.reflex.frames import Hello, Kind
from thenar.domain.reflex.offers import KIND, LASTS, HeardOffer, InferOffer, read_offer
from thenar.domain.reflex.vouchers import Desk
from thenar.errors import BadInput, Corrupt, Late, Refused, Unavailable
from thenar.services.licensing import Trade
from thenar.services.ports import Heard, Line, Lines, OpenEngine, Peers, SignerOf
from thenar.services.reflex.answering import Answering, Books, Quote

log = logging.getLogger(__name__)

SERVED: Final = "reflex/serve/"
"""Names under which the journal keeps what this node serves."""
LOOK_EVERY: Final = 0.5
OFFER_EVERY: Final = 3.0
ATTEST_EVERY: Final = 30.0
HELLO_SECONDS: Final = 5.0
MOST_OFFERS: Final = 1_024
LIMIT: Final = 4_096

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Serving:
    """A model this node serves: where its file is, the price of 1,000 calls (token units), rows run at once."""

    model: AssetId
    path: Path
    price: int
    batch: int

    def encode(self) -> bytes:
        """As the journal keeps it."""
        return canonical.encode({"path": str(self.path), "price": self.price, "batch": self.batch})

    @staticmethod
    def decode(model: AssetId, data: bytes) -> Serving:
        """Read it back. Raises Corrupt."""
        body = canonical.decode_object(data, limit=LIMIT)
        price, batch = body.get("price"), body.get("batch")
        if not isinstance(price, int) or not isinstance(batch, int):
            raise Corrupt(f"the journal's {SERVED}{model} has no price", next_step="serve the model again")
        return Serving(model, Path(str(body.get("path"))), price, batch)


@dataclass(slots=True)
class House:
    """Everything the reflex arc of one node holds. ``run`` lasts as long as the node."""

    trade: Trade
    peers: Peers
    lines: Lines
    desk: Desk
    sign: Sign
    signer_of: SignerOf
    open_engine: OpenEngine
    answering: dict[AssetId, Answering] = field(default_factory=dict)
    failures: dict[AssetId, str] = field(default_factory=dict)
    offers: dict[tuple[PeerId, AssetId], HeardOffer] = field(default_factory=dict)
    records: dict[PeerId, Record] = field(default_factory=dict)
    trusted: frozenset[PeerId] = frozenset()
    """Whose word on nodes counts where there is no measurement of one's own."""
    heard: dict[tuple[PeerId, PeerId, AssetId], HeardAttestation] = field(default_factory=dict)
    asked: set[tuple[PeerId, AssetId]] = field(default_factory=set)
    """Whom this node has measured, with which model."""
    liars: set[PeerId] = field(default_factory=set)
    """Nodes whose answers were not the model's: this robot asks them nothing any more."""
    _ends: dict[AssetId, trio.CancelScope] = field(default_factory=dict)

    async def run(self) -> None:
        """Answer robots and look again and again for what is to be served."""
        self.lines.answer(self.take)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._offer_again)
            nursery.start_soon(self._attest_again)
            while True:
                try:
                    await self._look(nursery)
                except Unavailable as cause:
                    log.info("serving later", extra={"reason": cause.message})
                await trio.sleep(LOOK_EVERY)

    async def hear(self, heard: Heard) -> None:
        """Take in an offer of a registered node; what is none is left alone. Raises BadInput."""
        offer = read_offer(heard.body)
        if offer is None or self.trade.belief.catalog.operators.get(heard.origin, set()).isdisjoint({offer.node}):
            return
        self.peers.learn(heard.origin, offer.addresses)
        if len(self.offers) >= MOST_OFFERS and (heard.origin, offer.model) not in self.offers:
            oldest = min(self.offers, key=lambda key: self.offers[key].heard)
            del self.offers[oldest]
        self.offers[heard.origin, offer.model] = HeardOffer(offer, heard.origin, trio.current_time())

    async def hear_witness(self, heard: Heard) -> None:
        """Take in what a witness this node trusts saw of another one; nobody else's word is kept. Raises BadInput."""
        said = read_attestation(heard.body)
        if said is None or heard.origin not in self.trusted or heard.origin == said.peer:
            return
        if len(self.heard) >= MOST_OFFERS and (heard.origin, said.peer, said.model) not in self.heard:
            del self.heard[min(self.heard, key=lambda key: self.heard[key].heard)]
        self.heard[heard.origin, said.peer, said.model] = HeardAttestation(said, heard.origin, trio.current_time())

    def attested(self, peer: PeerId, model: AssetId) -> list[Attestation]:
        """What trusted witnesses saw of a node lately."""
        now = trio.current_time()
        found = (one for (_, of, for_), one in self.heard.items() if (of, for_) == (peer, model))
        return [one.said for one in found if now - one.heard < ATTESTATION_LASTS]

    def expected_cost(self, one: HeardOffer) -> tuple[bool, float]:
        """Price × the latency to expect; who is known only by its own word comes after all who are not."""
        claimed = self.trade.belief.catalog.claimed_latency.get((one.offer.node, one.offer.model), 0)
        record = self.records.get(one.peer) or Record()
        is_word, seconds = expected(record, self.attested(one.peer, one.offer.model), claimed)
        return is_word, max(one.offer.price, 1) * seconds

    def offers_of(self, model: AssetId) -> list[HeardOffer]:
        """What was offered for a model lately by nodes that serve it on chain, who is expected to cost least first."""
        now, services = trio.current_time(), self.trade.belief.catalog.services
        found = (one for (_, of), one in self.offers.items() if of == model and now - one.heard < LASTS)
        serving = (one for one in found if (known := services.get((one.offer.node, model))) and known.runs)
        return sorted(serving, key=lambda one: (*self.expected_cost(one), one.offer.price, one.peer))

    def record_of(self, peer: PeerId) -> Record:
        """What this robot itself saw of a node."""
        return self.records.setdefault(peer, Record())

    async def take(self, line: Line) -> None:
        """Answer one robot. Raises BadInput, Late, Refused, Unavailable."""
        with trio.move_on_after(HELLO_SECONDS) as scope:
            frame = await line.receive()
        if scope.cancelled_caught:
            raise Late("a robot opened a line and said nothing")
        if frame is None or frame.kind != Kind.HELLO:
            raise BadInput("a robot begins with a hello")
        hello = Hello.decode(frame.body)
        answering = self.answering.get(hello.model)
        if answering is None:
            raise Refused(f"{hello.model} is not served here")
        await answering.serve(line, hello)

    async def remember(self, serving: Serving) -> None:
        """Serve a model from now on, also after a restart."""
        await self.trade.journal.put(SERVED + serving.model, serving.encode())

    async def forget(self, model: AssetId) -> None:
        """Serve a model no longer."""
        await self.trade.journal.forget([SERVED + model])

    async def _look(self, nursery: trio.Nursery) -> None:
        wanted = {AssetId(name.removeprefix(SERVED)) for name in await self.trade.journal.names(SERVED)}
        for model in wanted - self._ends.keys():
            data = await self.trade.journal.get(SERVED + model)
            service = self.trade.belief.catalog.services.get((self.trade.me, model))
            if data is not None and service is not None and service.stake:
                self._ends[model] = trio.CancelScope()
                nursery.start_soon(self._serve, Serving.decode(model, data), self._ends[model])
        for model in self._ends.keys() - wanted:
            self._ends[model].cancel()

    async def _serve(self, serving: Serving, scope: trio.CancelScope) -> None:
        model = serving.model
        try:
            with scope:
                async with self.open_engine(serving.path, serving.batch) as engine:
                    quote = Quote(self.trade.me, model, serving.price)
                    self.answering[model] = Answering(engine, quote, self._books())
                    self.failures.pop(model, None)
                    await self.answering[model].run()
        except (BadInput, Corrupt, Late, Unavailable, OSError) as cause:
            self.failures[model] = str(cause)
            log.warning("a model is not answered with", extra={"model": model, "reason": str(cause)})
            await trio.sleep(LASTS / 6)
        finally:
            answering = self.answering.pop(model, None)
            self._ends.pop(model, None)
            if answering is not None:
                with trio.CancelScope(shield=True):
                    await answering.hang_up()

    def _books(self) -> Books:
        def channel(number: int) -> Channel | None:
            found = self.trade.belief.catalog.channels.get(ChannelId(number))
            return found.channel if found is not None and found.settled is None else None

        async def now() -> int:
            return (await self.trade.chain.head()).timestamp

        return Books(self.desk, channel, self.signer_of, self.sign, self.trade.journal, self.peers.me, now)

    async def _attest_again(self) -> None:
        """Say what this node measured of others, as a witness for whoever trusts it."""
        while True:
            await trio.sleep(ATTEST_EVERY)
            for peer, model in sorted(self.asked):
                record = self.record_of(peer)
                said = attest(peer, model, record) if record.is_fresh else None
                if said is None:
                    continue
                record.is_fresh = False
                try:
                    await self.peers.announce(ATTESTATION, said.body())
                except (Refused, Unavailable) as cause:
                    log.info("attesting later", extra={"reason": cause.message})

    async def _offer_again(self) -> None:
        while True:
            for model, answering in list(self.answering.items()):
                shape = answering.engine.shape
                sizes = (shape.observation, shape.action, shape.batch)
                addresses = tuple(self.peers.addresses)
                offer = InferOffer(self.trade.me, model, answering.quote.price, *sizes, answering.latency_us, addresses)
                try:
                    await self.peers.announce(KIND, offer.body())
                except (Refused, Unavailable) as cause:
                    log.info("offering later", extra={"reason": cause.message})
            await trio.sleep(OFFER_EVERY)
