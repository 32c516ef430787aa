"""Gossip between real hosts, and the validator against forged envelopes."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
import trio
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.network.stream.exceptions import StreamEOF
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from libp2p.stream_muxer.yamux.yamux import YamuxStream
from p2p_peers import CHAIN, peer, seed, until

from thenar.adapters.p2p import cures, identity
from thenar.adapters.p2p.host import P2pPeers
from thenar.domain import messages
from thenar.domain.ids import PeerId
from thenar.domain.messages import Envelope
from thenar.errors import BadInput, Refused


def _sealed(name: str, *, origin: PeerId, seq: int | None = None, kind: str = "offer", chain: int = CHAIN) -> bytes:
    data = Envelope(chain, kind, origin, seq or time.time_ns(), {"n": 1}).encode()
    return create_new_key_pair(seed(name)).private_key.sign(messages.signed_bytes(data)) + data


async def _publish(peers: P2pPeers, packet: bytes, topic: str | None = None) -> None:
    """Publish raw bytes as a peer that follows no rules would."""
    gossip = peers._gossip
    gossip._pubsub.topic_validators.clear()
    await gossip._pubsub.publish(topic or gossip.topic, packet)


def _passes_on_to(speaker: P2pPeers, hearer: P2pPeers) -> bool:
    gossip = speaker._gossip
    return identity.to_libp2p(hearer.me) in gossip._pubsub.router.mesh.get(gossip.topic, ())


async def test_what_one_peer_announces_every_other_hears_once() -> None:
    async with (
        peer("ana") as ana,
        peer("ben", bootstrap=ana.addresses) as ben,
        peer("carl", bootstrap=[*ana.addresses, *ben.addresses]) as carl,
    ):
        await until(lambda: len(ana.connected()) == 2 and len(ben.connected()) == 2)
        async with ben.heard() as at_ben, carl.heard() as at_carl, ana.heard() as at_ana:
            for number in range(100):
                await ana.announce("offer", {"n": number})
            await ben.announce("want", {"n": 0})
            with trio.fail_after(60):
                ben_heard = [(await at_ben.__anext__()).body["n"] for _ in range(100)]
                carl_heard = [await at_carl.__anext__() for _ in range(101)]
                ana_heard = await at_ana.__anext__()

        assert sorted(ben_heard) == list(range(100))
        assert {(news.origin, news.kind) for news in carl_heard} == {(ana.me, "offer"), (ben.me, "want")}
        assert (ana_heard.origin, ana_heard.kind) == (ben.me, "want")


async def test_an_envelope_over_the_cap_or_not_canonical_is_refused_at_the_sender() -> None:
    async with peer("ana") as ana:
        with pytest.raises(Refused):
            await ana.announce("offer", {"x": "y" * messages.MAX_BYTES})
        with pytest.raises(BadInput):
            await ana.announce("offer", {"price": 1.5})
        with pytest.raises(BadInput):
            await ana.announce("chatter", {})


@pytest.mark.parametrize("forgery", ["signature", "origin", "chain", "old", "future", "huge", "garbage", "replay"])
async def test_a_forged_or_replayed_envelope_is_never_heard(forgery: str) -> None:
    async with peer("ana") as ana, peer("eve", bootstrap=ana.addresses) as eve, peer("ben") as ben:
        await until(lambda: _passes_on_to(eve, ana))
        async with ana.heard() as at_ana:
            if forgery == "replay":
                packet = _sealed("eve", origin=eve.me)
                await _publish(eve, packet)
                with trio.fail_after(30):
                    await at_ana.__anext__()
                await _publish(eve, packet)
            else:
                await _publish(eve, _forged(forgery, eve, ben))
            await eve.announce("want", {"last": 1})
            with trio.fail_after(30):
                news = await at_ana.__anext__()

        assert news.kind == "want"
        assert ana.counts.refused + ana.counts.duplicate == 1


def _forged(forgery: str, eve: P2pPeers, ben: P2pPeers) -> bytes:
    now = time.time_ns()
    return {
        "signature": _sealed("ben", origin=eve.me),
        "origin": _sealed("ben", origin=ben.me),
        "chain": _sealed("eve", origin=eve.me, chain=CHAIN + 1),
        "old": _sealed("eve", origin=eve.me, seq=now - 11 * 60 * 10**9),
        "future": _sealed("eve", origin=eve.me, seq=now + 3 * 60 * 10**9),
        "huge": bytes(messages.MAX_BYTES),
        "garbage": b"\x00" * 70,
    }[forgery]


async def test_an_unregistered_origin_is_heard_only_once_it_is_registered() -> None:
    known: set[PeerId] = set()
    async with peer("ana", registered=known.__contains__) as ana, peer("eve", bootstrap=ana.addresses) as eve:
        await until(lambda: _passes_on_to(eve, ana))
        async with ana.heard() as at_ana:
            await eve.announce("offer", {"n": 1})
            with trio.move_on_after(0.5) as quiet:
                await at_ana.__anext__()
            assert quiet.cancelled_caught

            known.add(eve.me)

            with trio.fail_after(30):
                assert (await at_ana.__anext__()).body == {"n": 1}


async def test_unregistered_origins_share_one_allowance() -> None:
    async with peer("ana", registered=lambda origin: False) as ana, peer("eve", bootstrap=ana.addresses) as eve:
        await until(lambda: _passes_on_to(eve, ana))  # what is said before is for nobody
        began = trio.current_time()
        for number in range(400):
            await eve.announce("offer", {"n": number})
        await until(lambda: ana.counts.refused + len(ana._gossip._held) == 400, seconds=60)
        took = trio.current_time() - began

        assert len(ana._gossip._held) <= 200 + 20 * took + 1


async def test_a_message_costs_no_window_update_and_carries_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    updates: list[int] = []
    update = YamuxStream.send_window_update

    async def counted(stream: YamuxStream, increment: int, skip_lock: bool = False) -> None:
        updates.append(increment)
        await update(stream, increment, skip_lock)

    monkeypatch.setattr(YamuxStream, "send_window_update", counted)
    async with peer("ana") as ana, peer("eve", bootstrap=ana.addresses) as eve:
        await until(lambda: _passes_on_to(eve, ana))
        before = len(updates)
        async with ana.heard() as news:
            for number in range(50):
                await eve.announce("offer", {"n": number})
            with trio.fail_after(30):
                heard = [(await anext(news)).body["n"] for _ in range(50)]

        assert heard == list(range(50))
        assert len(updates) - before < 5  # what is said beside gossip may fill half a window


async def test_what_was_said_is_not_kept_for_ever() -> None:
    async with peer("ana") as ana, peer("eve", bootstrap=ana.addresses) as eve:
        await until(lambda: _passes_on_to(eve, ana))
        router = ana._gossip._pubsub.router
        async with ana.heard() as news:
            for number in range(50):
                await eve.announce("offer", {"n": number})
            with trio.fail_after(30):
                for _ in range(50):
                    await anext(news)

        assert not router.equivocation_detection  # type: ignore[attr-defined]
        assert not any(router.recent_message_deliveries.values())  # type: ignore[attr-defined]


async def test_a_message_that_comes_while_gossip_ends_ends_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async def too_late(*_: object) -> None:
        async with trio.open_nursery() as nursery:
            pass
        nursery.start_soon(trio.sleep, 0)

    monkeypatch.setattr(cures.GuardedPubsub, "continuously_read_stream", too_late)
    stream = SimpleNamespace(muxed_conn=SimpleNamespace(peer_id="eve"), muxed_stream=trio.Event())
    async with peer("ana") as ana:
        gossip = ana._gossip._pubsub
        gossip._has_ended = True

        await gossip.stream_handler(stream)

        gossip._has_ended = False
        with pytest.raises(RuntimeError, match="closed to new arrivals"):
            await gossip.stream_handler(stream)


async def test_a_peer_whose_old_connection_failed_late_is_still_spoken_to() -> None:
    """Killed and started again, it calls, and says what it listens to, before the old connection is seen to be dead."""
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben, ben.heard() as at_ben:
        await until(lambda: _passes_on_to(ana, ben))

        ana._gossip._pubsub._handle_dead_peer(identity.to_libp2p(ben.me))
        await until(lambda: _passes_on_to(ana, ben))
        await ana.announce("offer", {"n": 1})

        with trio.fail_after(10):
            assert (await anext(at_ben)).body == {"n": 1}


async def test_what_is_kept_for_a_peer_that_never_comes_back_is_forgotten_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its stream failed, its connection ended before there was another: words were kept for it in between."""
    async with peer("ana") as ana:
        pubsub = ana._gossip._pubsub
        router = pubsub.router
        async with peer("ben", bootstrap=ana.addresses) as ben:
            await until(lambda: _passes_on_to(ana, ben))
            gone = identity.to_libp2p(ben.me)
            monkeypatch.setattr(pubsub, "_schedule_peer_stream_retry", lambda peer: None)
            pubsub._handle_dead_peer(gone)
            await ana.announce("offer", {"n": 1})
            assert gone in router._pending_messages

        await until(lambda: not ana.connected())
        await until(lambda: gone not in router._pending_messages)

        assert gone not in pubsub.peer_topics.get(ana._gossip.topic, ())


async def test_what_is_read_from_a_peer_after_it_has_gone_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = ID.from_pubkey(create_new_key_pair(seed("eve")).public_key)
    stream = SimpleNamespace(muxed_conn=SimpleNamespace(peer_id=gone), muxed_stream=trio.Event())
    async with peer("ana") as ana:
        pubsub, topic = ana._gossip._pubsub, ana._gossip.topic

        async def read_late(*_: object) -> None:
            pubsub.handle_subscription(gone, rpc_pb2.RPC.SubOpts(subscribe=True, topicid=topic))
            assert gone in pubsub.peer_topics[topic]
            raise StreamEOF

        monkeypatch.setattr(pubsub, "continuously_read_stream", read_late)
        await pubsub.stream_handler(stream)

        assert gone not in pubsub.peer_topics.get(topic, ())
        assert gone not in pubsub._peer_subscription_count
