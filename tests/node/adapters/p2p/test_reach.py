"""A peer dials back: this node's key is proven where it says that it is, and nobody else's door is knocked at."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
import trio
from libp2p.abc import INetStream
from libp2p.utils import encode_delim
from multiaddr import Multiaddr
from p2p_peers import peer, raw_cid, until

from thenar.adapters.p2p import reach
from thenar.adapters.p2p.bounds import Bounds
from thenar.adapters.p2p.host import P2pPeers
from thenar.adapters.p2p.reach import read_seen
from thenar.errors import BadConfig, BadInput, Refused, ThenarError, Unavailable
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
        assert await dialled(ben, ana, place) == {"seen": "127.0.0.1", "through": [], "silent": [0]}


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
            assert (await dialled(ben, ana, place))["silent"] == [0]
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
    listen = ["/ip4/0.0.0.0/tcp/0"]
    async with peer("ana") as ana, peer("ben", listen=listen, bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())

        assert bare(ben.addresses[0]).startswith("/ip4/0.0.0.0/tcp/")
        assert (await ben.seen_by(ana.me)).through == (bare(ben.addresses[0]),)


@pytest.mark.parametrize(
    ("address", "seen", "named"),
    [
        ("/ip4/0.0.0.0/tcp/1", "9.9.9.9", "/ip4/9.9.9.9/tcp/1"),
        ("/ip6/::/tcp/1", "2620:fe::9", "/ip6/2620:fe::9/tcp/1"),
        ("/ip4/0.0.0.0/tcp/1", "2620:fe::9", None),
        ("/ip6/::/tcp/1", "9.9.9.9", None),
        ("/ip6/::ffff:9.9.9.9/tcp/1", "9.9.9.9", None),
        ("/ip4/9.9.9.9/tcp/1", "9.9.9.9", "/ip4/9.9.9.9/tcp/1"),
        ("/ip4/9.9.9.9/tcp/1", "9.9.9.10", None),
        ("/ip4/192.168.0.1/tcp/1", "192.168.0.1", None),
    ],
)
def test_an_address_is_that_of_who_asks_and_of_its_kind(address: str, seen: str, named: str | None) -> None:
    found = reach.place_named(address, seen, Bounds([Multiaddr("/ip4/0.0.0.0/tcp/4001")]))

    assert (None if found is None else str(found)) == named


HELLO = encode_delim(b"/multistream/1.0.0")
NOISE = HELLO + encode_delim(b"/noise")
SAID = {
    "no text": encode_delim(b"\xff\xfe\xfd"),
    "a length of 34 GB": b"\xff" * 4 + b"\x7f",
    "a length of it after a greeting": HELLO + b"\xff" * 4 + b"\x7f",
    "a length without an end": b"\x80" * 64,
    "refusals": HELLO + encode_delim(b"na") * 20,
    "nothing in Noise": NOISE + b"\x00\x00",
    "a short message in Noise": NOISE + b"\x00\x0a" + b"x" * 10,
    "a key of nobody in Noise": NOISE + b"\x00\xc8" + bytes(200),
    "garbage in Noise": NOISE + b"\x00\xc8" + random.Random(7).randbytes(200),
    "a long message in Noise": NOISE + b"\xea\x60" + random.Random(8).randbytes(60_000),
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
async def test_whatever_is_said_at_a_door_is_a_no(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "DIAL_SECONDS", 1.0)
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben, trio.open_nursery() as nursery:
        await until(lambda: ana.me in ben.connected())
        (door,) = await trio.open_tcp_listeners(0, host="127.0.0.1")

        async def say(stream: trio.SocketStream) -> None:
            with suppress(trio.BrokenResourceError):
                await stream.send_all(said)
                await trio.sleep(0.3)

        nursery.start_soon(trio.serve_listeners, say, [door])
        place = f"/ip4/127.0.0.1/tcp/{door.socket.getsockname()[1]}"
        with trio.fail_after(8):
            assert (await dialled(ben, ana, place))["silent"] == [0]
        monkeypatch.setattr(reach, "PAUSE", 0.0)
        assert (await ana.seen_by(ben.me)).through
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("said", [HELLO + b"\x03\xff\xff\n", b"\x03\xff\xff\n", HELLO + encode_delim(b"na") * 3])
async def test_a_peer_that_talks_nonsense_when_it_is_asked_says_nothing(said: bytes) -> None:
    async with peer("ana") as ana, peer("eve", bootstrap=ana.addresses) as eve:
        await until(lambda: ana.me in eve.connected() and eve.me in ana.connected())
        await trio.sleep(0.3)

        async def say(stream: INetStream) -> None:
            await stream.write(said)
            await trio.sleep(1)

        eve._host.get_network().set_stream_handler(say)
        with pytest.raises(ThenarError), trio.fail_after(15):
            await ana.seen_by(eve.me)


async def test_a_peer_that_talks_nonsense_when_it_is_served_ends_nothing() -> None:
    async with peer("ana", BLOCK) as ana, peer("eve", bootstrap=ana.addresses) as eve:
        await until(lambda: ana.me in eve.connected() and eve.me in ana.connected())
        await trio.sleep(0.3)

        async def say(stream: INetStream) -> None:
            await stream.write(HELLO + b"\x03\xff\xff\n")
            await trio.sleep(1)

        eve._host.get_network().set_stream_handler(say)
        with trio.move_on_after(2):
            async for _ in eve.exchange.want([raw_cid(BLOCK)], [ana.me]):
                pass
        async with peer("ben", bootstrap=ana.addresses) as ben:
            await until(lambda: ana.me in ben.connected())
            assert [pair async for pair in ben.exchange.want([raw_cid(BLOCK)], [ana.me])]


async def test_only_so_many_are_dialled_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "AT_ONCE", 1)
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben, peer("cleo") as cleo:
        await cleo.dial(ana.addresses[0])
        await until(lambda: ana.me in ben.connected())
        refused: list[ThenarError] = []

        async def ask(asker: P2pPeers) -> None:
            try:
                await dialled(asker, ana, DEAD)
            except ThenarError as cause:
                refused.append(cause)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, ben)
            nursery.start_soon(ask, cleo)
    assert [type(cause) for cause in refused] == [Unavailable]


async def test_how_soon_a_port_said_no_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "DIAL_SECONDS", 1.0)
    async with peer("ana") as ana, peer("ben", bootstrap=ana.addresses) as ben:
        await until(lambda: ana.me in ben.connected())
        began = trio.current_time()
        await dialled(ben, ana, DEAD)

        assert trio.current_time() - began >= 1.0


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
        {"seen": "127.0.0.1", "through": [-1], "silent": []},
        {"seen": "127.0.0.1", "through": [True], "silent": []},
        {"seen": "127.0.0.1", "through": [], "silent": [0] * 5},
        {"seen": "127.0.0.1", "through": [], "silent": ["/ip4/203.0.113.9/tcp/1"]},
        {"seen": ["127.0.0.1"], "through": [], "silent": []},
        {"seen": "127.0.0.1", "through": [], "silent": [], "served": [1]},
        {"seen": "127.0.0.1", "through": [], "silent": [], "served": 2},
    ],
)
def test_an_answer_that_is_none_is_refused(answer: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        read_seen(answer, [DEAD])


def test_an_ipv4_address_inside_an_ipv6_one_is_told_as_itself() -> None:
    assert read_seen({"seen": "::ffff:203.0.113.7", "through": [], "silent": []}, []).place == "203.0.113.7"


@pytest.mark.parametrize(
    "address",
    [
        *("", "nonsense", "/ip4/0.0.0.0/tcp/4001", "/ip4/1.2.3.4/tcp/0", "/dns4/a.b/tcp/1", "/ip4/224.0.0.1/tcp/1"),
        *("/ip6/::ffff:1.2.3.4/tcp/1", "/ip6/fe80::1/tcp/1", "/ip6/64:ff9b::1/tcp/1", "/ip4/1.2.3.4/tcp/1/p2p/nobody"),
    ],
)
async def test_what_strangers_would_not_dial_is_not_announced(address: str) -> None:
    with pytest.raises(BadConfig, match=r"p2p\.announce"):
        async with peer("ben", announce=[address]):
            pass


async def test_what_is_announced_is_what_others_are_told() -> None:
    async with peer("ben") as ben:
        place = bare(ben.addresses[0])
    async with peer("ben", listen=[place], announce=[place, "/ip4/9.9.9.9/tcp/4001"]) as ben:
        assert ben.addresses == (f"{place}/p2p/{ben.me}", f"/ip4/9.9.9.9/tcp/4001/p2p/{ben.me}")
        assert ben.listening == (f"{place}/p2p/{ben.me}",)
