"""The redial loop in virtual time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import trio
from multiaddr import Multiaddr
from trio.testing import MockClock

from thenar.adapters.p2p.redial import Redial
from thenar.domain.ids import PeerId
from thenar.errors import Unavailable

ME, ANA = PeerId("me"), PeerId("ana")
HERE = Multiaddr("/ip4/127.0.0.1/tcp/1")
THERE = Multiaddr("/ip4/127.0.0.1/tcp/2")


class Network:
    """Peers that answer or do not, and when they were dialled."""

    def __init__(self) -> None:
        self.up: set[PeerId] = set()
        self.connected: set[PeerId] = set()
        self.dials: list[tuple[float, PeerId]] = []

    async def connect(self, peer: PeerId, addresses: Sequence[Multiaddr]) -> None:
        self.dials.append((trio.current_time(), peer))
        if peer not in self.up:
            raise Unavailable("nobody there")
        self.connected.add(peer)

    def redial(self) -> Redial:
        return Redial(self.connect, lambda: self.connected, me=ME, jitter=lambda low, high: high)


async def test_dialling_becomes_more_patient_and_never_stops(autojump_clock: MockClock) -> None:
    network = Network()
    redial = network.redial()
    redial.learn(ANA, [HERE], keep=True)
    with trio.move_on_after(600):
        await redial.run()

    waits = [later - earlier for (earlier, _), (later, _) in zip(network.dials, network.dials[1:], strict=False)]
    assert all(later >= earlier - 0.3 for earlier, later in itertools.pairwise(waits))
    assert waits[0] < 1 and 14 < waits[-1] < 16
    assert 40 < len(network.dials) < 60


async def test_a_lost_peer_is_dialled_soon_and_patience_starts_anew(autojump_clock: MockClock) -> None:
    network = Network()
    redial = network.redial()
    redial.learn(ANA, [HERE], keep=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(redial.run)
        await trio.sleep(100)
        network.up.add(ANA)
        await trio.sleep(31)
        assert ANA in network.connected

        network.connected.clear()
        lost = trio.current_time()
        await trio.sleep(1)

        assert ANA in network.connected and network.dials[-1][0] - lost < 1
        nursery.cancel_scope.cancel()


async def test_learned_peers_are_dialled_only_while_there_are_few_connections(autojump_clock: MockClock) -> None:
    network = Network()
    network.up.add(ANA)
    network.connected = {PeerId(str(number)) for number in range(8)}
    redial = network.redial()
    redial.learn(ANA, [HERE])
    with trio.move_on_after(60):
        await redial.run()
    assert not network.dials

    network.connected.pop()
    with trio.move_on_after(1):
        await redial.run()
    assert ANA in network.connected


def test_what_is_learned_is_bounded_and_kept_peers_stay() -> None:
    redial = Network().redial()
    redial.learn(ANA, [HERE], keep=True)
    redial.learn(ME, [HERE])
    for number in range(1000):
        redial.learn(PeerId(f"stranger {number}"), [Multiaddr(f"/ip4/10.0.0.1/tcp/{number + 1}")])
    for number in range(50):
        redial.learn(ANA, [Multiaddr(f"/ip4/10.0.0.2/tcp/{number + 1}")])

    assert len(redial._wanted) == 256
    assert redial.addresses(ME) == ()
    assert len(redial.addresses(ANA)) == 8


def test_the_newest_address_comes_first() -> None:
    redial = Network().redial()
    redial.learn(ANA, [HERE])
    redial.learn(ANA, [THERE])
    redial.learn(ANA, [])

    assert redial.addresses(ANA) == (THERE, HERE)
