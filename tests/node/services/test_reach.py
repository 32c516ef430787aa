"""What peers say of where they reach this node is weighed: one yes is proof, a no needs two who say it."""

from __future__ import annotations

import pytest
import trio

from thenar.domain.ids import PeerId
from thenar.errors import Late
from thenar.services.ports import Seen
from thenar.services.reach import EVERY, KEPT, Reach

HERE, OTHER = "/ip4/203.0.113.7/tcp/4001", "/ip4/203.0.113.7/tcp/4002"
YES = Seen("203.0.113.7", (HERE,), ())
NO = Seen("203.0.113.7", (), (HERE,))
NOTHING = Seen("203.0.113.7", (), ())


class Town:
    """Peers who say what a test has them say; None is silence."""

    def __init__(self, **words: Seen | None) -> None:
        self.words = {PeerId(name): word for name, word in words.items()}
        self.asked: list[str] = []

    def connected(self) -> frozenset[PeerId]:
        return frozenset(self.words)

    async def seen_by(self, peer: PeerId) -> Seen:
        self.asked.append(peer)
        await trio.sleep(0.1)
        word = self.words[peer]
        if word is None:
            raise Late("no answer")
        return word


@pytest.mark.parametrize(
    ("words", "through", "silent"),
    [
        ({}, (), ()),
        ({"a": YES}, (HERE,), ()),
        ({"a": NO}, (), ()),
        ({"a": NO, "b": NO}, (), (HERE,)),
        ({"a": NO, "b": NO, "c": YES}, (HERE,), ()),
        ({"a": NO, "b": None, "c": None}, (), ()),
        ({"a": NO, "b": NOTHING, "c": NO}, (), (HERE,)),
        ({"a": Seen("203.0.113.7", (), (HERE, HERE, HERE))}, (), ()),
        ({"a": Seen("203.0.113.7", (HERE,), (OTHER,)), "b": Seen("203.0.113.7", (), (OTHER,))}, (HERE,), (OTHER,)),
    ],
)
async def test_a_yes_is_proof_and_a_no_needs_two(words, through, silent, autojump_clock) -> None:
    reach = Reach(Town(**words))

    await reach.look()

    assert (reach.told().through, reach.told().silent) == (through, silent)


async def test_nobody_is_asked_more_often_than_it_is_time(autojump_clock) -> None:
    town = Town(a=YES, b=YES, c=YES, d=YES)
    reach = Reach(town)
    for _ in range(20):
        await reach.look()
        await trio.sleep(EVERY / 10)

    assert len(town.asked) == 6


async def test_everybody_gets_a_turn(autojump_clock) -> None:
    town = Town(**dict.fromkeys("abcdefg", YES))
    reach = Reach(town)
    for _ in range(3):
        await reach.look()
        await trio.sleep(EVERY)

    assert set(town.asked) == set("abcdefg")


async def test_the_first_peer_is_asked_as_soon_as_it_is_there(autojump_clock) -> None:
    town = Town()
    reach = Reach(town)
    await reach.look()
    town.words[PeerId("a")] = YES

    await reach.look()

    assert reach.told().asked == 1


async def test_a_port_that_is_closed_is_known_after_one_look(autojump_clock) -> None:
    town = Town(**dict.fromkeys("abcdefg", YES))
    reach = Reach(town)
    for _ in range(3):
        await reach.look()
        await trio.sleep(EVERY)
    town.words = dict.fromkeys(town.words, NO)

    await reach.look()

    assert reach.told().silent == (HERE,)


async def test_what_was_said_long_ago_does_not_count(autojump_clock) -> None:
    town = Town(a=NO, b=NO)
    reach = Reach(town)
    await reach.look()
    town.words = {}
    await trio.sleep(KEPT + 1)

    await reach.look()

    assert (reach.told().asked, reach.told().silent) == (0, ())
