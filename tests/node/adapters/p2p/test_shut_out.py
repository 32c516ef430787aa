"""Peers that break the rules of gossip are shut out, honest ones never."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import trio
from libp2p.abc import INetStream
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.pubsub import Pubsub
from libp2p.pubsub.validators import PUBSUB_SIGNING_PREFIX
from libp2p.stream_muxer.yamux.yamux import YamuxStream
from p2p_peers import CHAIN, peer, seed, until

from thenar.adapters.p2p import cures, identity, wire
from thenar.adapters.p2p.gossip import topic_of
from thenar.adapters.p2p.host import P2pPeers
from thenar.domain import messages
from thenar.domain.messages import Envelope
from thenar.errors import Late, Unavailable

MESHSUB = TProtocol("/meshsub/1.1.0")


@asynccontextmanager
async def ana_and_eve(**settings: object) -> AsyncIterator[tuple[P2pPeers, P2pPeers]]:
    async with peer("ana", **settings) as ana, peer("eve", bootstrap=ana.addresses) as eve:
        await until(lambda: eve.me in ana.connected())
        yield ana, eve


async def _gossips(eve: P2pPeers, ana: P2pPeers) -> INetStream:
    return await eve._host.new_stream(identity.to_libp2p(ana.me), [MESHSUB])


async def _is_dropped(stream: INetStream, *, seconds: float = 5.0) -> bool:
    with trio.move_on_after(seconds):
        try:
            while await stream.read(1000):
                pass
        except wire.TROUBLE:
            return True
    return False


def _said(name: str, number: int, *, seq: int | None = None, forged: bool = False) -> rpc_pb2.Message:
    """An envelope of a peer as a message of gossip, signed by that peer twice, or wrongly inside."""
    key = create_new_key_pair(seed(name))
    origin = ID.from_pubkey(key.public_key)
    data = Envelope(CHAIN, "offer", identity.from_libp2p(origin), seq or time.time_ns(), {"n": number}).encode()
    message = rpc_pb2.Message(
        data=(bytes(64) if forged else key.private_key.sign(messages.signed_bytes(data))) + data,
        topicIDs=[topic_of(CHAIN)],
        from_id=origin.to_bytes(),
        seqno=number.to_bytes(8, "big"),
    )
    message.signature = key.private_key.sign(PUBSUB_SIGNING_PREFIX.encode() + message.SerializeToString())
    return message


async def _passes_on(stream: INetStream, *said: rpc_pb2.Message) -> None:
    for message in said:
        await stream.write(wire.frame(rpc_pb2.RPC(publish=[message]).SerializeToString()))


async def _is_cut(ana: P2pPeers, eve: P2pPeers) -> None:
    await until(lambda: eve.me not in ana.connected(), seconds=5)
    assert ana.shut_out == 1


async def test_a_peer_that_passes_on_forgeries_is_cut_and_not_let_in_again() -> None:
    async with ana_and_eve() as (ana, eve):
        stream = await _gossips(eve, ana)
        with suppress(*wire.TROUBLE):
            await _passes_on(stream, *(_said("eve", number, forged=True) for number in range(100)))
        await _is_cut(ana, eve)

        async with ana.heard() as news, peer("ben", bootstrap=ana.addresses) as ben:
            with suppress(Unavailable, Late, *wire.TROUBLE):
                await eve.dial(ana.addresses[0])
                await _passes_on(await _gossips(eve, ana), _said("eve", 101))
            await until(lambda: ben.me in ana.connected() and eve.me not in ana.connected())
            await ben.announce("want", {"n": 1})
            with trio.fail_after(10):
                assert (await anext(news)).origin == ben.me
        with pytest.raises(Unavailable, match="shut out"):
            await ana.dial(eve.addresses[0])


HOSTILE_FRAMES = {
    "a megabyte": wire.frame(rpc_pb2.RPC(publish=[rpc_pb2.Message(data=bytes(1_000_000))]).SerializeToString()),
    "longer than any": wire.varint(2_000_000) + bytes(10_000),
    "no gossip": wire.frame(b"\xff" * 100),
    "topics": wire.frame(
        rpc_pb2.RPC(
            subscriptions=[rpc_pb2.RPC.SubOpts(subscribe=True, topicid=f"/{number}") for number in range(2000)]
        ).SerializeToString()
    ),
    "grafts": wire.frame(
        rpc_pb2.RPC(
            control=rpc_pb2.ControlMessage(graft=[rpc_pb2.ControlGraft(topicID=f"/{number}") for number in range(2000)])
        ).SerializeToString()
    ),
    "padding": wire.frame(
        rpc_pb2.RPC(
            control=rpc_pb2.ControlMessage(iwant=[rpc_pb2.ControlIWant(messageIDs=[b"f" * 900_000])])
        ).SerializeToString()
    ),
}


@pytest.mark.parametrize("frame", HOSTILE_FRAMES.values(), ids=HOSTILE_FRAMES.keys())
async def test_frames_no_honest_peer_sends_cut_their_sender_and_leave_nothing_behind(frame: bytes) -> None:
    async with ana_and_eve() as (ana, eve):
        for _ in range(100):
            with suppress(*wire.HOSTILE):
                await (await _gossips(eve, ana)).write(frame)
            if eve.me not in ana.connected():
                break
        await _is_cut(ana, eve)

        pubsub = ana._gossip._pubsub
        await until(lambda: not pubsub.peers and not pubsub._reading)
        assert not set(pubsub.peer_topics) - {ana._gossip.topic}
        assert not set(pubsub.router.back_off) - {ana._gossip.topic}  # type: ignore[attr-defined]


async def test_a_full_networks_burst_through_one_peer_cuts_nobody() -> None:
    said = [_said(f"origin {number % 50}", number) for number in range(3000)]
    async with ana_and_eve() as (ana, eve), ana.heard() as news:
        await _passes_on(await _gossips(eve, ana), *said)
        heard = set()
        with trio.fail_after(60):
            while len(heard) < len(said):
                heard.add((await anext(news)).body["n"])

        assert heard == set(range(3000))
        assert (ana.shut_out, eve.me in ana.connected()) == (0, True)


async def test_what_another_clock_or_another_view_of_the_chain_excuses_cuts_nobody() -> None:
    old = time.time_ns() - messages.OLDEST_NS - 10**9
    stale = [_said("carl", number, seq=old + number) for number in range(200)]
    strangers = [_said(f"stranger {number % 50}", number) for number in range(500)]
    async with ana_and_eve(registered=lambda origin: False) as (ana, eve):
        await _passes_on(await _gossips(eve, ana), *stale, *strangers)
        await until(lambda: ana.counts.refused + len(ana._gossip._held) == 700)

        assert ana.counts.refused > 200, "strangers said more than their share"
        assert (ana.shut_out, eve.me in ana.connected()) == (0, True)


async def test_a_frame_that_is_begun_and_not_ended_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ana_and_eve() as (ana, eve):
        monkeypatch.setattr(cures, "_FRAME_SECONDS", 0.2)
        stream = await _gossips(eve, ana)
        await stream.write(wire.varint(1_000_000) + b"slowly")

        assert await _is_dropped(stream)


async def test_streams_of_gossip_of_one_peer_are_bounded() -> None:
    async with ana_and_eve() as (ana, eve):
        reading, most = ana._gossip._pubsub._reading, 0
        for _ in range(10):
            with suppress(*wire.TROUBLE):
                await (await _gossips(eve, ana)).write(b"\x20")
            most = max(most, *reading.values())

        assert most == 4
        assert ana.shut_out == 0


async def test_what_is_not_read_yet_of_a_peers_gossip_is_little(monkeypatch: pytest.MonkeyPatch) -> None:
    window = 256 * 1024
    said = [_said(f"origin {number % 50}", number) for number in range(2000)]
    async with ana_and_eve() as (ana, eve), ana.heard() as news:
        monkeypatch.setattr(YamuxStream, "_effective_rtt", lambda _: 10.0)  # a busy machine answers late
        await _passes_on(await _gossips(eve, ana), *said)
        with trio.fail_after(60):
            for _ in said:
                await anext(news)

        (connection,) = ana._host.get_network().get_connections(identity.to_libp2p(eve.me))
        assert {stream.target_recv_window for stream in connection.muxed_conn.streams.values()} == {window}


async def test_a_peer_that_takes_nothing_is_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> bool:
        await trio.sleep_forever()
        return True

    async with ana_and_eve() as (ana, _):
        await until(lambda: bool(ana._gossip._pubsub.router.mesh.get(ana._gossip.topic)))  # type: ignore[attr-defined]
        monkeypatch.setattr(cures, "_TAKE_SECONDS", 0.2)
        monkeypatch.setattr(Pubsub, "write_msg", never)
        before = list(ana._host.get_network().get_connections())
        await ana.announce("offer", {"n": 1})

        await until(lambda: not set(before) & set(ana._host.get_network().get_connections()), seconds=5)
