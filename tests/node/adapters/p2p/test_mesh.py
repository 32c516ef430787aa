"""Who is in the mesh, who hears from outside it, and what strangers cannot do about either."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import trio
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from p2p_peers import peer, seed, until

from thenar.adapters.p2p import identity
from thenar.adapters.p2p.gossip import topic_of
from thenar.adapters.p2p.host import P2pPeers
from thenar.adapters.p2p.mesh import Mesh

TOPIC = topic_of(31337)
MORE_THAN_A_MESH = 14


def _ids(count: int, name: str) -> list[ID]:
    return [ID.from_pubkey(create_new_key_pair(seed(f"{name} {number}")).public_key) for number in range(count)]


def _mesh_of(peers: P2pPeers) -> Mesh:
    return peers._gossip._pubsub.router


@asynccontextmanager
async def _callers(hub: P2pPeers, count: int) -> AsyncIterator[list[P2pPeers]]:
    """So many peers that know nobody but the hub, each of which has said that it listens."""
    async with AsyncExitStack() as stack:
        callers = [
            await stack.enter_async_context(peer(f"caller {number}", bootstrap=hub.addresses))
            for number in range(count)
        ]
        listening, ids = hub._gossip._pubsub.peer_topics, {identity.to_libp2p(caller.me) for caller in callers}
        await until(lambda: ids <= listening.get(TOPIC, set()))
        yield callers


async def test_through_one_node_that_many_call_everybody_hears_everybody() -> None:
    async with peer("hub") as hub, _callers(hub, MORE_THAN_A_MESH) as callers, AsyncExitStack() as stack:
        mesh = _mesh_of(hub)
        await until(lambda: bool(mesh.back_off.get(TOPIC)))  # more than it takes have come, and some were put out
        ears = [await stack.enter_async_context(caller.heard()) for caller in callers]

        for number, caller in enumerate(callers):
            await caller.announce("offer", {"n": number})

        everybody = set(range(len(callers)))
        with trio.fail_after(60):
            for number, ear in enumerate(ears):
                heard = {(await anext(ear)).body["n"] for _ in range(len(callers) - 1)}
                assert heard == everybody - {number}


async def test_a_crowd_of_strangers_puts_no_known_peer_out_of_the_mesh() -> None:
    known: set[ID] = set()
    async with (
        peer("hub", registered=lambda one: identity.to_libp2p(one) in known) as hub,
        peer("ben", bootstrap=hub.addresses) as ben,
    ):
        known.add(identity.to_libp2p(ben.me))
        async with _callers(hub, MORE_THAN_A_MESH) as strangers:
            mesh = _mesh_of(hub)
            await until(lambda: identity.to_libp2p(ben.me) in mesh.mesh[TOPIC])
            mesh.mesh[TOPIC] |= {identity.to_libp2p(stranger.me) for stranger in strangers}

            await until(lambda: len(mesh.mesh[TOPIC]) <= mesh.degree_high)

            assert known <= mesh.mesh[TOPIC]


def test_strangers_leave_first_and_known_peers_only_when_no_stranger_is_left() -> None:
    known, strangers = set(_ids(5, "known")), set(_ids(9, "stranger"))
    mesh = Mesh(known.__contains__)
    mesh.mesh[TOPIC] = known | strangers

    assert set(mesh._select_peers_for_pruning(TOPIC, 8)) < strangers
    assert set(mesh._select_peers_for_pruning(TOPIC, 9)) == strangers
    assert set(mesh._select_peers_for_pruning(TOPIC, 11)) > strangers
    assert mesh._select_peers_for_pruning(TOPIC, 0) == []
    assert mesh._select_peers_for_pruning("another", 3) == []


async def test_a_mesh_full_of_strangers_takes_known_peers_in_beside_them() -> None:
    known: set[ID] = set()
    async with (
        peer("hub", registered=lambda one: identity.to_libp2p(one) in known) as hub,
        _callers(hub, 6) as callers,
    ):
        mesh, ids = _mesh_of(hub), [identity.to_libp2p(caller.me) for caller in callers]
        await until(lambda: len(mesh.mesh[TOPIC]) == len(ids))
        mesh.mesh[TOPIC].discard(ids[0])
        assert len(mesh.mesh[TOPIC]) > mesh.degree_low

        known.add(ids[0])

        await until(lambda: ids[0] in mesh.mesh[TOPIC])


async def test_what_a_peer_says_itself_goes_to_everybody_who_listens() -> None:
    async with peer("ana") as ana, _callers(ana, 3) as callers:
        mesh, ids = _mesh_of(ana), {identity.to_libp2p(caller.me) for caller in callers}
        mesh.mesh[TOPIC].clear()
        me, other = identity.to_libp2p(ana.me), next(iter(ids))

        assert set(mesh._get_peers_to_send([TOPIC], me, me)) == ids
        assert set(mesh._get_peers_to_send([TOPIC], other, other)) == set()


async def test_who_was_put_out_is_told_what_was_said() -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        mesh, out = _mesh_of(ana), identity.to_libp2p(ben.me)
        await until(lambda: out in mesh.mesh[TOPIC])
        await ana.announce("offer", {"n": 1})
        mesh.mesh[TOPIC].discard(out)
        mesh._add_back_off(out, TOPIC, is_unsubscribe=False)

        assert list(mesh.gossip_heartbeat()[out]) == [TOPIC]


async def test_nobody_is_told_to_stay_away_for_ever_and_everybody_is_forgotten_in_time(monkeypatch) -> None:
    async with peer("ana") as ana:
        mesh, (eve,) = _mesh_of(ana), _ids(1, "eve")

        await mesh.handle_prune(rpc_pb2.ControlPrune(topicID=TOPIC, backoff=2**40), eve)

        assert mesh._check_back_off(eve, TOPIC)
        end = mesh.back_off[TOPIC][eve]
        monkeypatch.setattr("thenar.adapters.p2p.mesh.time.time", lambda: end + 1)
        mesh.mesh_heartbeat()
        assert eve not in mesh.back_off[TOPIC]
