"""A robot asks and a node answers, over real libp2p and a real model process: pay, windows, limits, and bad manners."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
import trio
from p2p_peers import peer, until
from policies import random_layers, write_policy
from reflex_arc import DEPOSIT, DESK, MODEL, PRICE, ROBOT, Key, answering_node, asked, channel, purse, route_to

from thenar.adapters.vault.keyring import signer_of
from thenar.domain.reflex.frames import MAX_BODY, Frame, Hello, Kind, Pay, SignedWindow
from thenar.domain.reflex.vouchers import hello_signed
from thenar.errors import Refused, Unavailable
from thenar.services.reflex.answering import voucher_name
from thenar.services.reflex.route import PAY_EVERY

WIDTH = 16


class Fickle:
    """An engine that touches up every second run."""

    def __init__(self, honest):
        self._honest, self._runs = honest, 0

    @property
    def shape(self):
        return self._honest.shape

    async def run(self, observations):
        self._runs += 1
        found = await self._honest.run(observations)
        return found if self._runs % 2 else [bytes([action[0] ^ 1]) + action[1:] for action in found]


@pytest.fixture
def model(tmp_path):
    """A policy of 16 numbers in, 4 out."""
    return write_policy(tmp_path / "policy.onnx", random_layers(WIDTH, 32, 4))


def observation(number: int) -> bytes:
    return np.full(WIDTH, number / 100, np.float32).tobytes()


async def test_answers_are_the_models_own_and_the_robot_pays_for_each(model) -> None:
    layers = random_layers(WIDTH, 32, 4)

    async with answering_node("near", model) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        route = await route_to(robot, near)
        nursery.start_soon(route.run)
        found = [await asked(route, observation(number)) for number in range(5)]
        await route.settle_up()
        await until(lambda: voucher_name(1) in near.journal.kept)
        nursery.cancel_scope.cancel()

    for number, action in enumerate(found):
        hidden = np.tanh(np.full(WIDTH, number / 100, np.float32) @ layers[0][0] + layers[0][1])
        assert np.allclose(np.frombuffer(action, np.float32), hidden @ layers[1][0] + layers[1][1], atol=1e-5)
    pay = Pay.decode(near.journal.kept[voucher_name(1)])
    assert (pay.amount, pay.calls) == (5 * PRICE // 1_000, 5)
    assert route.windows == 1


async def test_vouchers_follow_by_themselves_and_are_kept_over_a_new_line(model) -> None:
    async with answering_node("near", model) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        first = await route_to(robot, near)
        nursery.start_soon(first.run)
        for number in range(PAY_EVERY):
            await asked(first, observation(number))
        await until(lambda: voucher_name(1) in near.journal.kept)
        await first.line.drop()
        second = await route_to(robot, near)

        assert (second.calls, second.paid) == (PAY_EVERY, PAY_EVERY)
        nursery.cancel_scope.cancel()


async def test_a_node_answers_no_further_than_its_credit(model) -> None:
    async with answering_node("near", model, credit=8) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        route = await route_to(robot, near, own=purse(near.key.account, key=ROBOT, deposit=0))  # it never signs
        nursery.start_soon(route.run)
        answers = [await asked(route, observation(number)) for number in range(10)]
        nursery.cancel_scope.cancel()

    assert [answer is not None for answer in answers] == [True] * 8 + [False] * 2
    assert near.answering.calls == 8


@pytest.mark.parametrize("wrong", ["key", "channel", "over", "other peer"])
async def test_a_robot_without_a_good_channel_is_not_answered(model, wrong: str) -> None:
    async with answering_node("near", model) as near, peer("robot") as robot, peer("thief") as thief:
        own = purse(
            near.key.account, key=Key("a thief") if wrong == "key" else ROBOT, number=9 if wrong == "channel" else 1
        )
        if wrong == "over":
            near.channels[1] = channel(near.key.account, until=1_000)
        asker = robot
        if wrong == "other peer":  # a stolen hello, shown by somebody else
            asker = thief
            stolen = ROBOT.sign(hello_signed(DESK, 1, robot.me, near.peers.me))
            await thief.dial(near.peers.addresses[0])
            line = await thief.lines.call(near.peers.me)
            await line.send(Frame(Kind.HELLO, Hello(1, MODEL, stolen).encode()))
            with suppress(Unavailable):  # reset, or closed in order
                assert await line.receive() is None
            return
        with pytest.raises((Refused, Unavailable)):
            await route_to(asker, near, own=own)


async def test_a_robot_refuses_a_price_above_its_own(model) -> None:
    async with answering_node("near", model) as near, peer("robot") as robot:
        with pytest.raises(Refused, match="above 999"):
            await route_to(robot, near, most=PRICE - 1)


@pytest.mark.parametrize("spoilt", ["amount", "signature", "deposit", "size"])
async def test_a_bad_voucher_pays_for_nothing(model, spoilt: str) -> None:
    async with answering_node("near", model, credit=2) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        route = await route_to(robot, near, own=purse(near.key.account, deposit=0))
        nursery.start_soon(route.run)
        await asked(route, observation(1))
        amount = {"amount": 0, "deposit": DEPOSIT + 1}.get(spoilt, 5_000)
        calls = 5_000 if spoilt == "amount" else 1
        body = Pay(amount, calls, bytes(65)).encode()
        await route.line.send(Frame(Kind.VOUCHER, body[:-1] if spoilt == "size" else body))
        await asked(route, observation(2))
        answer = await asked(route, observation(3))
        nursery.cancel_scope.cancel()

    assert answer is None
    assert voucher_name(1) not in near.journal.kept


async def test_a_dead_nodes_calls_fail_at_once(model) -> None:
    async with peer("robot") as robot, trio.open_nursery() as nursery:
        async with answering_node("near", model) as near:
            route = await route_to(robot, near)
            nursery.start_soon(route.run)
            await asked(route, observation(1))
        await until(lambda: not route.alive)
        began = trio.current_time()

        assert await asked(route, observation(2)) is None
        assert trio.current_time() - began < 1
        nursery.cancel_scope.cancel()


async def test_an_observation_of_another_size_is_refused(model) -> None:
    async with answering_node("near", model) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        route = await route_to(robot, near)
        nursery.start_soon(route.run)

        assert await asked(route, observation(1)[:-4]) is None
        assert await asked(route, observation(1)) is not None
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    "nonsense", [b"\xff" * 16, b"\x03\x00\x00\x00" + (MAX_BODY + 1).to_bytes(4, "little") + bytes(8)]
)
async def test_nonsense_ends_its_own_line_only(model, nonsense: bytes) -> None:
    class Raw:
        def encode(self) -> bytes:
            return nonsense

    async with (
        answering_node("near", model) as near,
        peer("robot") as robot,
        peer("eve") as eve,
        trio.open_nursery() as nursery,
    ):
        route = await route_to(robot, near)
        nursery.start_soon(route.run)
        await eve.dial(near.peers.addresses[0])
        line = await eve.lines.call(near.peers.me)
        await line.send(Raw())  # type: ignore[arg-type]
        with suppress(Unavailable):  # reset, or closed in order
            assert await line.receive() is None

        assert await asked(route, observation(1)) is not None
        nursery.cancel_scope.cancel()


async def test_a_node_that_signs_other_answers_than_it_gave_is_left(model) -> None:
    async with answering_node("near", model) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        honest = near.answering._signed

        def touched_up(number, full):  # type: ignore[no-untyped-def]
            signed = honest(number, full)
            return SignedWindow(signed.window, signed.count, signed.runtime, b"\x01" * 32, signed.signature)

        near.answering._signed = touched_up  # type: ignore[method-assign]
        route = await route_to(robot, near)
        nursery.start_soon(route.run)
        await asked(route, observation(1))
        await route.settle_up()

        assert not route.alive
        nursery.cancel_scope.cancel()


async def test_many_robots_are_answered_in_one_run(model) -> None:
    async with answering_node("near", model, batch=8) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        for number in range(2, 5):
            near.channels[number] = channel(near.key.account)
        routes = []
        for number in range(1, 5):
            routes.append(await route_to(robot, near, own=purse(near.key.account, number=number)))
            nursery.start_soon(routes[-1].run)
        alone = [await asked(routes[0], observation(number)) for number in range(4)]
        together: dict[int, bytes | None] = {}

        async def ask(number: int) -> None:
            together[number] = await asked(routes[number], observation(number))

        async with trio.open_nursery() as crowd:
            for number in range(4):
                crowd.start_soon(ask, number)
        nursery.cancel_scope.cancel()

    assert [together[number] for number in range(4)] == alone


async def test_a_node_that_gives_one_observation_two_answers_is_caught_with_evidence(model) -> None:
    """A robot asks a sampled observation again; the second answer is touched up, signed, and so provable."""
    async with answering_node("near", model) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        honest = near.answering.engine
        near.answering.engine = Fickle(honest)
        route = await route_to(robot, near)
        nursery.start_soon(route.run)
        route.sample(observation(1))
        await asked(route, observation(1))
        await route.settle_up()
        route.ask_again()
        await until(lambda: route.calls == 2)
        await route.settle_up()
        await until(lambda: not route.alive)
        nursery.cancel_scope.cancel()

    assert route.evidence is not None
    first, second = route.evidence
    assert first.contradicts(second)
    assert first.observation == second.observation
    for shown in route.evidence:
        assert signer_of(shown.answers.signed(DESK), shown.signature) == near.key.account


async def test_an_honest_node_repeats_itself(model) -> None:
    async with answering_node("near", model) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        route = await route_to(robot, near)
        nursery.start_soon(route.run)
        route.sample(observation(1))
        for _ in range(3):
            await asked(route, observation(1))
            await route.settle_up()
            route.ask_again()
        await until(lambda: route.calls == 6)
        await route.settle_up()

        assert route.alive
        assert route.evidence is None
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("said", [Frame(Kind.READY), Frame(Kind.HELLO), Frame(77)])
async def test_a_robot_that_forgets_its_manners_loses_its_own_line_only(model, said: Frame) -> None:
    """After a good hello, within the tasks of its line, where an exception must not reach anybody else."""
    async with answering_node("near", model) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        near.channels[2] = channel(near.key.account)
        rude = await route_to(robot, near)
        kind = await route_to(robot, near, own=purse(near.key.account, number=2))
        nursery.start_soon(kind.run)
        await rude.line.send(said)
        with suppress(Unavailable):
            assert await rude.line.receive() is None

        assert await asked(kind, observation(1)) is not None
        nursery.cancel_scope.cancel()


async def test_when_the_models_process_dies_robots_are_told_at_once(model) -> None:
    async with answering_node("near", model) as near, peer("robot") as robot, trio.open_nursery() as nursery:
        route = await route_to(robot, near)
        nursery.start_soon(route.run)
        await asked(route, observation(1))

        await near.answering.hang_up()

        await until(lambda: not route.alive)
        nursery.cancel_scope.cancel()
