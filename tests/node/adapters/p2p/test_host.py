"""Two and three real hosts in one process: finding, asking, hearing, fetching."""

from __future__ import annotations

import gc
import weakref

import pytest
import trio
from p2p_peers import LOOPBACK, peer, raw_cid, seed, until

from thenar.adapters.p2p import cures, host, identity
from thenar.domain.ids import PeerId
from thenar.errors import BadConfig, BadInput, NotFound, Unavailable

BLOCK = b"a block" * 1000


async def test_two_peers_find_each_other_by_one_bootstrap_address() -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected() and ben.me in ana.connected())

        assert all(address.endswith(f"/p2p/{ana.me}") for address in ana.addresses)


async def test_the_same_seed_is_the_same_peer() -> None:
    async with peer("ana") as ana:
        first = ana.me
    async with peer("ana") as ana:
        assert ana.me == first


async def test_dialling_an_address_names_the_peer_behind_it() -> None:
    async with peer("ana") as ana, peer("ben") as ben:
        assert await ben.dial(ana.addresses[0]) == ana.me
        assert ana.me in ben.connected()


async def test_dialling_somebody_else_at_an_address_is_unavailable() -> None:
    async with peer("ana") as ana, peer("ben") as ben, peer("eve") as eve:
        wrong = ana.addresses[0].replace(ana.me, eve.me)

        with pytest.raises(Unavailable):
            await ben.dial(wrong)


@pytest.mark.parametrize("address", ["", "nonsense", "/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/1/p2p/x", "/p2p/é"])
async def test_a_bad_address_is_refused_with_a_reason(address: str) -> None:
    async with peer("ben") as ben:
        with pytest.raises(BadInput):
            await ben.dial(address)


async def test_a_node_that_was_called_more_often_than_it_has_places_still_takes_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host, "_CONNECTIONS", 6)
    async with peer("ana") as ana, peer("ben") as ben:
        me, address = identity.parse_address(ana.addresses[0])
        for _ in range(20):
            await ben._connect(me, [address])
            await ben._host.get_network().close_peer(identity.to_libp2p(ana.me))
            await until(lambda: not ana.connected() and not ben.connected())


async def test_nothing_is_left_in_memory_of_connections_that_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cures, "_ENDED", 5)
    monkeypatch.setattr(cures, "_LOOK_SECONDS", 0.0)
    gc.disable()  # Python would look by itself sooner or later
    try:
        async with peer("ana") as ana, peer("ben") as ben:
            me, address = identity.parse_address(ana.addresses[0])
            left = []
            for _ in range(15):
                await ben._connect(me, [address])
                await until(lambda: bool(ana.connected()))
                left += [weakref.ref(one.muxed_conn) for one in ana._host.get_network().get_connections()]
                await ben._host.get_network().close_peer(identity.to_libp2p(ana.me))
                await until(lambda: not ana.connected() and not ben.connected())

            assert len(left) == 15
            await until(lambda: sum(one() is not None for one in left) <= 6)
    finally:
        gc.enable()


async def test_a_dead_address_is_unavailable() -> None:
    async with peer("ana") as ana:
        address = ana.addresses[0]
    async with peer("ben") as ben:
        with pytest.raises(Unavailable):
            await ben.dial(address)


async def test_a_taken_port_is_a_configuration_error() -> None:
    async with peer("ana") as ana:
        taken = ana.addresses[0].split("/p2p/")[0]
        with pytest.raises(BadConfig):
            async with peer("ben", listen=[taken]):
                pass


async def test_a_learned_address_is_enough_to_ask_and_fetch() -> None:
    async with peer("ana", BLOCK) as ana, peer("ben") as ben:

        async def answer(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
            return {"asker": asker, **request}

        ana.serve("/thenar/key/1", answer)
        with pytest.raises(Unavailable, match="address is unknown"):
            await ben.ask(ana.me, "/thenar/key/1", {})

        ben.learn(ana.me, [address.split("/p2p/")[0] for address in ana.addresses])

        assert await ben.ask(ana.me, "/thenar/key/1", {"deal": 7}) == {"asker": ben.me, "deal": 7}
        got = [pair async for pair in ben.exchange.want([raw_cid(BLOCK)], [ana.me])]
        assert got == [(raw_cid(BLOCK), BLOCK)]


async def test_a_peer_that_comes_back_is_dialled_again() -> None:
    async with peer("ana") as ana:
        address = ana.addresses[0]
        listen = address.split("/p2p/")[0]
        async with peer("ben", bootstrap=[address]) as ben:
            await until(lambda: ana.me in ben.connected())
            async with peer("dora", bootstrap=ben.addresses) as dora:
                await until(lambda: dora.me in ben.connected())
            await until(lambda: dora.me not in ben.connected())
    async with peer("ben", bootstrap=[address]) as ben:
        await trio.sleep(0.6)
        async with peer("ana", listen=[listen]) as ana:
            await until(lambda: ana.me in ben.connected())


async def test_websocket_addresses_are_spoken_too() -> None:
    both = [LOOPBACK, LOOPBACK + "/ws"]
    async with peer("ana", listen=both) as ana, peer("ben", listen=both) as ben:
        websocket = next(address for address in ana.addresses if "/ws/" in address)

        await ben.dial(websocket)

        with pytest.raises(Unavailable, match="speak"):
            await ben.ask(ana.me, "/thenar/nothing/1", {})


async def test_a_block_nobody_has_is_not_found() -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben, peer("carl") as carl:
        await ben.dial(carl.addresses[0])

        with pytest.raises(NotFound, match="none of 2 peers"):
            async for _ in ben.exchange.want([raw_cid(b"nobody's")], [ana.me, carl.me]):
                pass


async def test_the_peer_key_signs() -> None:
    async with peer("ana") as ana:
        assert len(ana.sign(b"statement")) == 64
    assert len(seed("ana")) == 32


async def test_a_peer_that_went_and_came_back_is_given_blocks_at_once() -> None:
    """What is said on the stream of a connection that has ended arrives nowhere, and would be asked for in vain."""
    async with peer("ana", BLOCK) as ana:
        for _ in range(3):
            async with peer("ben", bootstrap=ana.addresses) as ben:
                await until(lambda: ana.me in ben.connected())
                with trio.fail_after(5):
                    came = [block async for _, block in ben.exchange.want([raw_cid(BLOCK)], [ana.me])]
            await until(lambda: not ana.connected())

            assert came == [BLOCK]
