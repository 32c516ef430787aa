"""Requests between real hosts, with askers and answerers that misbehave."""

from __future__ import annotations

import pytest
import trio
from libp2p.custom_types import TProtocol
from p2p_peers import peer, until

from thenar.adapters.p2p import identity, wire
from thenar.adapters.p2p.host import P2pPeers
from thenar.adapters.p2p.requests import RequestLimits
from thenar.domain import canonical
from thenar.domain.ids import PeerId
from thenar.errors import BadInput, Corrupt, Late, NotFound, Refused, ThenarError, Unavailable

KEY = "/thenar/key/1"
SHORT = RequestLimits(request=1000, answer=2000, seconds=0.5, per_peer=2, total=3)


async def _echo(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
    return request


async def test_a_handler_may_be_registered_before_and_after_the_peers_meet() -> None:
    async with peer("ana") as ana, peer("ben") as ben:
        ana.serve(KEY, _echo)
        await ben.dial(ana.addresses[0])
        ana.serve("/thenar/sketch/1", _echo)

        assert await ben.ask(ana.me, KEY, {"a": [1, "x"]}) == {"a": [1, "x"]}
        assert await ben.ask(ana.me, "/thenar/sketch/1", {}) == {}


@pytest.mark.parametrize("error", [NotFound, BadInput, Refused, Corrupt, Unavailable])
async def test_a_refusal_arrives_as_what_it_is(error: type[ThenarError]) -> None:
    async def refuse(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        raise error("no license today")

    async with peer("ana") as ana, peer("ben") as ben:
        ana.serve(KEY, refuse)
        await ben.dial(ana.addresses[0])

        with pytest.raises(error, match="no license today") as caught:
            await ben.ask(ana.me, KEY, {})
        assert type(caught.value) is error


async def test_a_request_over_the_cap_never_leaves_and_never_gets_in() -> None:
    async with peer("ana", requests=SHORT) as ana, peer("ben", requests=SHORT) as ben, peer("eve") as eve:
        ana.serve(KEY, _echo)
        await ben.dial(ana.addresses[0])
        await eve.dial(ana.addresses[0])

        with pytest.raises(BadInput, match="at most 1000"):
            await ben.ask(ana.me, KEY, {"x": "y" * 1000})
        with pytest.raises(BadInput, match="at most 1000"):
            await eve.ask(ana.me, KEY, {"x": "y" * 1000})


async def test_an_answer_over_the_cap_is_refused_on_both_sides() -> None:
    async def long(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        return {"x": "y" * 3000}

    async with peer("ana", requests=SHORT) as ana, peer("eve") as eve, peer("ben", requests=SHORT) as ben:
        ana.serve(KEY, long)
        eve.serve(KEY, long)
        await ben.dial(ana.addresses[0])
        await ben.dial(eve.addresses[0])

        with pytest.raises(Refused, match="longer than a message"):
            await ben.ask(ana.me, KEY, {})
        with pytest.raises(BadInput, match="at most 2000"):
            await ben.ask(eve.me, KEY, {})


async def test_a_peer_that_never_answers_is_late() -> None:
    async def sleep(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        await trio.sleep_forever()
        return {}

    async with peer("ana") as ana, peer("ben", requests=SHORT) as ben:
        ana.serve(KEY, sleep)
        await ben.dial(ana.addresses[0])

        with pytest.raises(Late):
            await ben.ask(ana.me, KEY, {})


async def test_too_many_requests_at_once_are_told_to_come_later() -> None:
    gate = trio.Event()

    async def wait(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        await gate.wait()
        return {}

    outcomes: list[str] = []

    async def ask(ben: P2pPeers, ana: PeerId) -> None:
        try:
            await ben.ask(ana, KEY, {})
            outcomes.append("answered")
        except Unavailable as refusal:
            outcomes.append("later" if "ask again later" in refusal.message else refusal.message)

    limits = RequestLimits(seconds=5, per_peer=2, total=3)
    async with peer("ana", requests=limits) as ana, peer("ben") as ben:
        ana.serve(KEY, wait)
        await ben.dial(ana.addresses[0])
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(ask, ben, ana.me)
            await until(lambda: outcomes.count("later") == 3)
            gate.set()

        assert sorted(outcomes) == ["answered"] * 2 + ["later"] * 3
        assert not ana._requests._busy


async def test_a_stream_that_is_begun_and_left_is_dropped_at_the_deadline() -> None:
    async with peer("ana", requests=SHORT) as ana, peer("eve") as eve:
        ana.serve(KEY, _echo)
        await eve.dial(ana.addresses[0])
        ana_id = identity.to_libp2p(ana.me)
        for beginning in (b"\x80", b"\x40", b"\x40{"):
            stream = await eve._host.new_stream(ana_id, [TProtocol(KEY)])
            await stream.write(beginning)
        await until(lambda: ana._requests._busy[eve.me] == 2)
        await until(lambda: not ana._requests._busy, seconds=5)

        assert await eve.ask(ana.me, KEY, {"still": "alive"}) == {"still": "alive"}


@pytest.mark.parametrize(
    "request_bytes",
    [b"{", b'{"a": 1}', b"[]", b"\xff\xfe", b'{"a":1.5}', b"[" * 500, b'{"a":1,"a":1}'],
)
async def test_a_malformed_request_is_refused_and_the_peer_lives_on(request_bytes: bytes) -> None:
    async with peer("ana") as ana, peer("eve") as eve:
        ana.serve(KEY, _echo)
        await eve.dial(ana.addresses[0])
        stream = await eve._host.new_stream(identity.to_libp2p(ana.me), [TProtocol(KEY)])

        await stream.write(wire.frame(request_bytes))
        answer = await wire.Frames(stream, limit=10_000, seconds=2).next()

        assert answer is not None
        refusal = canonical.decode_object(answer, limit=10_000)["refusal"]
        assert isinstance(refusal, dict) and refusal["kind"] == "bad_input"
        assert await eve.ask(ana.me, KEY, {}) == {}


async def test_only_our_own_protocol_names_can_be_served_or_asked() -> None:
    async with peer("ana") as ana:
        with pytest.raises(BadInput):
            ana.serve("/ipfs/id/1.0.0", _echo)
        with pytest.raises(BadInput):
            await ana.ask(ana.me, "/ipfs/id/1.0.0", {})


@pytest.mark.parametrize("fault", [RuntimeError("ours"), ExceptionGroup("ours", [KeyError("x"), RuntimeError("y")])])
async def test_a_fault_of_ours_costs_an_answer_and_not_the_node(fault: Exception) -> None:
    async def fail(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        raise fault

    async with peer("ana") as ana, peer("ben") as ben:
        ana.serve(KEY, fail)
        ana.serve("/thenar/sketch/1", _echo)
        await ben.dial(ana.addresses[0])
        with pytest.raises(Unavailable):
            await ben.ask(ana.me, KEY, {})

        assert await ben.ask(ana.me, "/thenar/sketch/1", {"a": 1}) == {"a": 1}
