"""A peer dials back: this node's key is proven where it says that it is, and nobody else's door is knocked at."""

from __future__ import annotations

import pytest
import trio
from p2p_peers import peer, raw_cid, until

from thenar.adapters.p2p import reach
from thenar.adapters.p2p.reach import read_seen
from thenar.errors import BadConfig, BadInput, Refused, Unavailable
from thenar.services.ports import Seen

BLOCK = b"a block" * 1_000
DEAD = "/ip4/127.0.0.1/tcp/9"


def bare(address: str) -> str:
    return address.partition("/p2p/")[0]


async def dialled(asker, other, *addresses: str) -> dict[str, object]:
    """What another peer tells when it is asked for these addresses."""
    return await asker.ask(other.me, reach.PROTOCOL, {"addresses": list(addresses)})


async def test_a_peer_gets_through_where_a_node_listens() -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())

        assert await ben.seen_by(ana.me) == Seen("127.0.0.1", (bare(ben.addresses[0]),), ())
        assert await ana.seen_by(ben.me) == Seen("127.0.0.1", (bare(ana.addresses[0]),), ())


async def test_a_dial_back_leaves_the_connection_there_was_and_no_other() -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected() and ben.me in ana.connected())
        await ben.seen_by(ana.me)

        await trio.sleep(0.3)
        assert [len(one._host.get_network().get_connections()) for one in (ana, ben)] == [1, 1]
        assert await ana.seen_by(ben.me)


async def test_where_nobody_listens_nobody_gets_through() -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses, announce=[DEAD]) as ben:
        await until(lambda: ana.me in ben.connected())

        assert ben.addresses == (f"{DEAD}/p2p/{ben.me}",)
        assert bare(ben.listening[0]) != DEAD
        assert await ben.seen_by(ana.me) == Seen("127.0.0.1", (), (DEAD,))


async def test_where_somebody_else_listens_nobody_gets_through() -> None:
    async with peer("ana") as ana, peer("eve") as eve, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())

        place = bare(eve.addresses[0])
        assert await dialled(ben, ana, place) == {"seen": "127.0.0.1", "through": [], "silent": [place]}


async def test_a_door_that_opens_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "DIAL_SECONDS", 0.3)
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben, trio.open_nursery() as nursery:
        await until(lambda: ana.me in ben.connected())
        (mute,) = await trio.open_tcp_listeners(0, host="127.0.0.1")

        async def say_nothing(_: trio.SocketStream) -> None:
            await trio.sleep_forever()

        nursery.start_soon(trio.serve_listeners, say_nothing, [mute])
        place = f"/ip4/127.0.0.1/tcp/{mute.socket.getsockname()[1]}"

        with trio.fail_after(5):
            assert (await dialled(ben, ana, place))["silent"] == [place]
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    "address",
    [
        "/ip4/127.0.0.2/tcp/4001",
        "/ip4/203.0.113.7/tcp/4001",
        "/ip6/::1/tcp/4001",
        "/dns4/localhost/tcp/4001",
        "/ip4/127.0.0.1/udp/4001",
        "/ip4/127.0.0.1/tcp/4001/tcp/4002",
        "/ip4/127.0.0.1",
        "nonsense",
        "",
        "/ip4/127.0.0.1/tcp/4001" + "/" * 200,
    ],
)
async def test_only_where_the_asker_is_seen_is_dialled(address: str) -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())

        assert await dialled(ben, ana, address) == {"seen": "127.0.0.1", "through": [], "silent": []}


async def test_every_address_of_a_machine_stands_for_the_one_it_is_seen_at() -> None:
    async with (
        peer("ana") as ana,
        peer("ben", listen=["/ip4/0.0.0.0/tcp/0"], bootstrap=ana.addresses) as ben,
    ):
        await until(lambda: ana.me in ben.connected())

        assert ben.addresses[0].startswith("/ip4/0.0.0.0/tcp/")
        found = await ben.seen_by(ana.me)
        assert found.through == (bare(ben.addresses[0]).replace("0.0.0.0", "127.0.0.1"),)


@pytest.mark.parametrize("addresses", [None, "x", {}, ["/ip4/127.0.0.1/tcp/1"] * 5])
async def test_what_is_no_such_request_is_refused(addresses: object) -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())
        request: dict[str, object] = {} if addresses is None else {"addresses": addresses}
        with pytest.raises(BadInput, match="at most 4 addresses"):
            await ben.ask(ana.me, reach.PROTOCOL, request)


async def test_a_block_is_fetched_from_who_asks_for_it() -> None:
    async with peer("ana") as ana, peer("ben", BLOCK, bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())

        assert (await ben.seen_by(ana.me, raw_cid(BLOCK))).served is True
        assert await ana.exchange._blocks.has(raw_cid(BLOCK)) is False


async def test_a_block_that_is_not_there_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "PAUSE", 0.0)
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())

        assert (await ben.seen_by(ana.me, raw_cid(BLOCK))).served is False
        assert (await ben.seen_by(ana.me)).served is None


async def test_who_has_the_block_already_fetches_it_all_the_same() -> None:
    async with peer("ana", BLOCK) as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())

        assert (await ben.seen_by(ana.me, raw_cid(BLOCK))).served is False


@pytest.mark.parametrize("block", ["", "nonsense", 7, "b" * 200])
async def test_what_is_no_block_is_refused(block: object) -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())
        with pytest.raises(BadInput):
            await ben.ask(ana.me, reach.PROTOCOL, {"addresses": [], "block": block})


async def test_a_peer_is_not_dialled_again_at_once() -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())
        await ben.seen_by(ana.me)
        with pytest.raises(Unavailable, match="ask again later"):
            await ben.seen_by(ana.me)


async def test_who_does_not_know_the_protocol_says_nothing() -> None:
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())
        ana._host.get_mux().handlers.pop(reach.PROTOCOL)
        with pytest.raises((Unavailable, Refused)):
            await ben.seen_by(ana.me)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"seen": "here", "through": [], "silent": []},
        {"seen": "127.0.0.1", "through": []},
        {"seen": "127.0.0.1", "through": [1], "silent": []},
        {"seen": "127.0.0.1", "through": [], "silent": ["x"] * 5},
        {"seen": "127.0.0.1", "through": [], "silent": ["x" * 129]},
        {"seen": ["127.0.0.1"], "through": [], "silent": []},
        {"seen": "127.0.0.1", "through": [], "silent": [], "served": [1]},
        {"seen": "127.0.0.1", "through": [], "silent": [], "served": 2},
    ],
)
def test_an_answer_that_is_none_is_refused(answer: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        read_seen(answer)


def test_an_ipv4_address_inside_an_ipv6_one_is_told_as_itself() -> None:
    assert read_seen({"seen": "::ffff:203.0.113.7", "through": [], "silent": []}).place == "203.0.113.7"


@pytest.mark.parametrize("address", ["", "nonsense", "/ip4/0.0.0.0/tcp/4001", "/ip4/1.2.3.4/tcp/0", "/dns4/a.b/tcp/1"])
async def test_what_strangers_would_not_dial_is_not_announced(address: str) -> None:
    with pytest.raises(BadConfig, match=r"p2p\.announce"):
        async with peer("ben", announce=[address]):
            pass


async def test_what_is_announced_is_what_others_are_told() -> None:
    async with peer("ben") as ben:
        place = bare(ben.addresses[0])
    async with peer("ben", listen=[place], announce=[place, "/ip4/198.51.100.7/tcp/4001"]) as ben:
        assert ben.addresses == (f"{place}/p2p/{ben.me}", f"/ip4/198.51.100.7/tcp/4001/p2p/{ben.me}")
        assert ben.listening == (f"{place}/p2p/{ben.me}",)
