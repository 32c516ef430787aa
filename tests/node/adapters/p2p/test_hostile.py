"""Peers that follow no rules: nothing crashes, hangs or grows."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import pytest
import trio
from libp2p.abc import INetStream
from libp2p.bitswap.pb.bitswap_pb2 import Message
from libp2p.custom_types import TProtocol
from libp2p.pubsub.pb import rpc_pb2
from p2p_peers import MemoryBlocks, peer, raw_cid, until

from thenar.adapters.p2p import bitswap, cures, identity, link, wire
from thenar.adapters.p2p.exchange import ExchangeLimits
from thenar.adapters.p2p.host import P2pPeers
from thenar.domain.ids import Cid, PeerId
from thenar.errors import Late, NotFound, Unavailable

BLOCKS = [bytes([number]) * 200_000 for number in range(20)]
MESHSUB = TProtocol("/meshsub/1.1.0")


@asynccontextmanager
async def ana_and_eve(*blocks: bytes, **settings: object) -> AsyncIterator[tuple[P2pPeers, P2pPeers]]:
    async with peer("ana", *blocks, **settings) as ana, peer("eve", bootstrap=ana.addresses) as eve:
        await until(lambda: eve.me in ana.connected())
        yield ana, eve


async def _stream(eve: P2pPeers, to: PeerId, protocol: str = bitswap.V1_2) -> INetStream:
    return await eve._host.new_stream(identity.to_libp2p(to), [TProtocol(protocol)])


async def _is_dropped(stream: INetStream, *, seconds: float = 5.0) -> bool:
    with trio.move_on_after(seconds):
        try:
            while await stream.read(1000):
                pass
        except wire.TROUBLE:
            return True
    return False


async def _serves(ana: P2pPeers, block: bytes) -> None:
    """An honest stranger still gets what it asks for."""
    async with peer("ben", bootstrap=ana.addresses) as ben:
        got = [pair async for pair in ben.exchange.want([raw_cid(block)], [ana.me])]
        assert got == [(raw_cid(block), block)]


async def test_a_wantlist_of_fifty_thousand_is_refused_whole() -> None:
    async with ana_and_eve(*BLOCKS) as (ana, eve):
        message, cid = Message(), bitswap.spell(raw_cid(BLOCKS[0]))
        for _ in range(50_000):
            message.wantlist.entries.add(block=cid, sendDontHave=True)
        stream = await _stream(eve, ana.me)
        await stream.write(wire.frame(message.SerializeToString()))

        assert await _is_dropped(stream)
        assert eve.me not in ana._exchange._links
        await _serves(ana, BLOCKS[0])


async def test_the_same_block_asked_for_a_thousand_times_is_sent_once_a_message() -> None:
    async with ana_and_eve(*BLOCKS) as (ana, eve):
        message, cid = Message(), bitswap.spell(raw_cid(BLOCKS[0]))
        for _ in range(1000):
            message.wantlist.entries.add(block=cid, sendDontHave=True)
        stream = await _stream(eve, ana.me)
        await stream.write(wire.frame(message.SerializeToString()))
        await until(lambda: eve.me in ana._exchange._links)
        await trio.sleep(0.5)

        assert ana._exchange._links[eve.me].served == len(BLOCKS[0])


async def test_asks_of_one_peer_are_bounded_over_many_messages() -> None:
    async with ana_and_eve(*BLOCKS) as (ana, eve):
        stream = await _stream(eve, ana.me)
        for batch in range(5):
            message = Message()
            for number in range(1000):
                cid = raw_cid(b"no such block %d %d" % (batch, number))
                message.wantlist.entries.add(block=bitswap.spell(cid))
            await stream.write(wire.frame(message.SerializeToString()))
        await until(lambda: eve.me in ana._exchange._links)

        assert len(ana._exchange._links[eve.me]._asks) <= link.PENDING
        await _serves(ana, BLOCKS[0])


async def test_blocks_nobody_asked_for_are_thrown_away() -> None:
    store = MemoryBlocks()
    async with ana_and_eve(store=store) as (ana, eve):
        message = Message()
        message.payload.add(prefix=b"\x01\x55\x12\x20", data=b"unsolicited" * 10_000)
        message.blocks.append(b"old unsolicited" * 10_000)
        stream = await _stream(eve, ana.me)
        for _ in range(20):
            await stream.write(wire.frame(message.SerializeToString()))
        with pytest.raises(NotFound):
            async for _ in ana.exchange.want([raw_cid(b"wanted")], [eve.me]):
                pytest.fail("an unsolicited block was yielded")

        assert not store.kept


async def test_a_block_whose_hash_is_wrong_never_arrives() -> None:
    class Lies(MemoryBlocks):
        async def get(self, cid: Cid) -> bytes:
            return b"something else"

    wanted = raw_cid(b"the real thing")
    limits = ExchangeLimits(stall=0.3, patience=0.5)
    async with peer("eve", store=Lies()) as eve, peer("ana", exchange=limits, bootstrap=eve.addresses) as ana:
        await until(lambda: eve.me in ana.connected())
        with pytest.raises(Late):
            async for _ in ana.exchange.want([wanted], [eve.me]):
                pytest.fail("a wrong block was yielded")


async def test_a_silent_peer_is_passed_over_for_one_that_has_it() -> None:
    class Silent(MemoryBlocks):
        async def get(self, cid: Cid) -> bytes:
            await trio.sleep_forever()
            return b""

    limits = ExchangeLimits(stall=0.3, patience=5)
    async with (
        peer("eve", store=Silent()) as eve,
        peer("carl", *BLOCKS) as carl,
        peer("ana", exchange=limits, bootstrap=[*eve.addresses, *carl.addresses]) as ana,
    ):
        await until(lambda: len(ana.connected()) == 2)
        wanted = [raw_cid(block) for block in BLOCKS]
        got = [cid async for cid, _ in ana.exchange.want(wanted, [eve.me, carl.me])]

        assert sorted(got) == sorted(wanted)


async def test_what_was_lost_with_a_broken_stream_is_asked_for_again() -> None:
    class Once(MemoryBlocks):
        broken = False

        async def get(self, cid: Cid) -> bytes:
            if not self.broken:
                self.broken = True
                raise Unavailable("the first answer breaks off") from None
            return await super().get(cid)

    limits = ExchangeLimits(stall=0.5, patience=20)
    store = Once(BLOCKS[0])
    async with peer("eve", store=store) as eve, peer("ana", exchange=limits, bootstrap=eve.addresses) as ana:
        await until(lambda: eve.me in ana.connected())
        got = [cid async for cid, _ in _wants_silently(ana, raw_cid(BLOCKS[0]), eve.me)]

        assert got == [raw_cid(BLOCKS[0])]


async def _wants_silently(ana: P2pPeers, cid: Cid, of: PeerId) -> AsyncIterator[tuple[Cid, bytes]]:
    """Ask without asking to be told what is missing, as bitswap 1.1 does."""
    said = bitswap.Outgoing.want

    def want(outgoing: bitswap.Outgoing, cids: Iterable[Cid]) -> None:
        for wanted in cids:
            outgoing.message.wantlist.entries.add(block=bitswap.spell(wanted), priority=1)

    bitswap.Outgoing.want = want  # type: ignore[method-assign]
    try:
        async for pair in ana.exchange.want([cid], [of]):
            yield pair
    finally:
        bitswap.Outgoing.want = said  # type: ignore[method-assign]


async def test_a_peer_that_dies_during_a_transfer_makes_it_unavailable() -> None:
    class Slow(MemoryBlocks):
        async def get(self, cid: Cid) -> bytes:
            await trio.sleep(0.05)
            return await super().get(cid)

    async with peer("ana") as ana:
        with pytest.raises((Unavailable, NotFound)):
            async with peer("eve", store=Slow(*BLOCKS)) as eve, trio.open_nursery() as nursery:
                await ana.dial(eve.addresses[0])
                nursery.start_soon(_close_soon, eve)
                async for _ in ana.exchange.want([raw_cid(block) for block in BLOCKS], [eve.me]):
                    pass


async def _close_soon(eve: P2pPeers) -> None:
    await trio.sleep(0.3)
    await cures.close(eve._host)


async def test_a_policy_decides_who_gets_a_block() -> None:
    async with (
        peer("eve") as eve,
        peer("ben") as ben,
        peer("ana", BLOCKS[0], may_serve=lambda cid, asker: asker == ben.me) as ana,
    ):
        await ben.dial(ana.addresses[0])
        await eve.dial(ana.addresses[0])
        got = [cid async for cid, _ in ben.exchange.want([raw_cid(BLOCKS[0])], [ana.me])]
        assert got == [raw_cid(BLOCKS[0])]

        with pytest.raises(NotFound):
            async for _ in eve.exchange.want([raw_cid(BLOCKS[0])], [ana.me]):
                pytest.fail("a block was served against the policy")


MALFORMED = [
    wire.frame(b"\xff" * 100),
    wire.frame(b"\x0a\xff\xff\xff\xff\x0f"),
    b"\xff\xff\xff\xff\x7f",
    b"\x80" * 100,
    wire.frame(b"\x12\x01x" * 5000),
]


@pytest.mark.parametrize("protocol", [bitswap.V1_2, bitswap.V1_0, MESHSUB, "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0"])
async def test_malformed_messages_end_the_stream_and_nothing_else(protocol: str) -> None:
    async with ana_and_eve(BLOCKS[0]) as (ana, eve):
        for data in MALFORMED:
            with suppress(*wire.TROUBLE):  # whoever goes on so in gossip is hung up
                stream = await _stream(eve, ana.me, protocol)
                await stream.write(data)
                await stream.write(data)
                await wire.finish(stream)

        await _serves(ana, BLOCKS[0])


async def test_gossip_that_is_no_envelope_of_ours_does_not_end_the_service() -> None:
    async with ana_and_eve() as (ana, eve):
        stream = await _stream(eve, ana.me, MESHSUB)
        rpc = rpc_pb2.RPC()
        topics = ([ana._gossip.topic], ["other"], [ana._gossip.topic, "other"], [])
        origins = (b"", b"x", b"\x00" * 38, b"\x12\x20" + bytes(32), bytes.fromhex("002408011220") + b"\xff" * 32)
        for topic in topics:
            for origin in origins:
                rpc.publish.add(
                    data=b"x" * 100, from_id=origin, seqno=b"1" * 8, topicIDs=topic, signature=b"s", key=b"k"
                )
        rpc.control.iwant.add(messageIDs=[b"not hex", b"\xff\x00"])
        rpc.control.ihave.add(topicID="other", messageIDs=[b"\xfe"] * 10)
        rpc.control.graft.add(topicID="other")
        rpc.control.prune.add(topicID=ana._gossip.topic, backoff=2**63)
        rpc.subscriptions.add(subscribe=True, topicid="elsewhere")
        await stream.write(wire.frame(rpc.SerializeToString()))
        async with ana.heard() as news, peer("ben", bootstrap=ana.addresses) as ben:
            await until(lambda: ben.me in ana.connected())
            await ben.announce("offer", {"n": 1})
            with trio.fail_after(10):
                assert (await news.__anext__()).body == {"n": 1}
        assert "elsewhere" not in ana._gossip._pubsub.peer_topics


async def test_a_flood_beyond_an_unread_window_closes_the_connection() -> None:
    async with ana_and_eve() as (ana, eve):

        async def never_read(stream: INetStream) -> None:
            await trio.sleep_forever()

        ana._host.set_stream_handler(TProtocol("/test/never-read"), never_read)
        stream = await _stream(eve, ana.me, "/test/never-read")
        muxed = stream.muxed_stream  # type: ignore[attr-defined]
        with pytest.raises(wire.TROUBLE):
            for _ in range(2 * cures.MUXER_BUFFER // 1_000_000):
                muxed.send_window = 1 << 30
                await stream.write(bytes(1_000_000))
        gc.collect()

        await until(lambda: eve.me not in ana.connected())


async def test_streams_of_one_peer_are_bounded() -> None:
    async with ana_and_eve(BLOCKS[0]) as (ana, eve):
        for _ in range(20):
            with suppress(*wire.TROUBLE):
                await (await _stream(eve, ana.me)).write(b"\x20")
        await until(lambda: ana._exchange._streams[eve.me] == 8)
        await trio.sleep(0.2)

        assert ana._exchange._streams[eve.me] == 8
        await _serves(ana, BLOCKS[0])
