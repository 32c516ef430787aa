"""What peers say of where they reach this node is weighed: a yes is believed, a no needs two who say it."""

from __future__ import annotations

import pytest
import trio

from thenar.adapters.journal import open_journal
from thenar.domain.ids import RAW, AssetId, Cid, PeerId
from thenar.errors import Late
from thenar.services.ports import Seen
from thenar.services.reach import COUNTS, EVERY, KNOWN, Reach, some_block
from thenar.services.records import remember_own

HERE, OTHER = "/ip4/9.9.9.9/tcp/4001", "/ip4/9.9.9.9/tcp/4002"
YES = Seen("9.9.9.9", (HERE,), ())
NO = Seen("9.9.9.9", (), (HERE,))
NOTHING = Seen("9.9.9.9", (), ())


class Town:
    """Peers who say what a test has them say; None is silence."""

    def __init__(self, **words: Seen | None) -> None:
        self.words = {PeerId(name): word for name, word in words.items()}
        self.asked: list[str] = []
        self.blocks: list[Cid | None] = []

    def connected(self) -> frozenset[PeerId]:
        return frozenset(self.words)

    async def seen_by(self, peer: PeerId, block: Cid | None = None) -> Seen:
        self.asked.append(peer)
        self.blocks.append(block)
        await trio.sleep(0.1)
        word = self.words[peer]
        if word is None:
            raise Late("no answer")
        return word


async def no_block() -> Cid | None:
    return None


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
        ({"a": Seen("9.9.9.9", (), (HERE, HERE, HERE))}, (), ()),
        ({"a": Seen("9.9.9.9", (HERE,), (OTHER,)), "b": Seen("9.9.9.9", (), (OTHER,))}, (HERE,), (OTHER,)),
    ],
)
async def test_a_yes_is_believed_and_a_no_needs_two(words, through, silent, autojump_clock) -> None:
    reach = Reach(Town(**words), no_block)

    await reach.look()

    assert (reach.told().through, reach.told().silent) == (through, silent)


async def test_nobody_is_asked_more_often_than_it_is_time(autojump_clock) -> None:
    town = Town(a=YES, b=YES, c=YES, d=YES)
    reach = Reach(town, no_block)
    for _ in range(20):
        await reach.look()
        await trio.sleep(EVERY / 10)

    assert len(town.asked) == 6


async def test_everybody_gets_a_turn_and_the_silent_keep_nobody_from_it(autojump_clock) -> None:
    town = Town(**dict.fromkeys("abc"), **dict.fromkeys("defgh", YES))
    reach = Reach(town, no_block)
    for _ in range(8):
        await reach.look()
        await trio.sleep(EVERY)

    assert set(town.asked) == set("abcdefgh")
    assert reach.told().through == (HERE,)


async def test_the_first_peer_is_asked_as_soon_as_it_is_there(autojump_clock) -> None:
    town = Town()
    reach = Reach(town, no_block)
    await reach.look()
    town.words[PeerId("a")] = YES

    await reach.look()

    assert reach.told().asked == 1


async def test_a_port_that_is_closed_is_known_within_a_quarter_of_an_hour(autojump_clock) -> None:
    town = Town(**dict.fromkeys("abcdefg", YES))
    reach = Reach(town, no_block)
    for _ in range(6):
        await reach.look()
        await trio.sleep(EVERY)
    town.words = dict.fromkeys(town.words, NO)

    for _ in range(int(COUNTS // EVERY)):
        await reach.look()
        await trio.sleep(EVERY)

    assert reach.told().silent == (HERE,)


async def test_a_crowd_of_strangers_alarms_nobody_whose_peers_get_through(autojump_clock) -> None:
    town = Town(**dict.fromkeys("abcde", YES))
    reach = Reach(town, no_block)
    await reach.look()
    for number in range(50):
        strangers = {PeerId(f"{number}/{one}"): NO for one in range(20)}
        town.words = {PeerId(name): YES for name in "abcde"} | strangers
        await trio.sleep(EVERY)
        await reach.look()
        assert reach.told().silent == ()


async def test_what_is_remembered_of_peers_is_bounded(autojump_clock) -> None:
    town = Town()
    reach = Reach(town, no_block)
    for number in range(KNOWN):
        town.words = {PeerId(f"{number}/{one}"): YES for one in range(3)}
        await trio.sleep(EVERY)
        await reach.look()

    assert len(reach._asked) == KNOWN
    assert len(reach._said) < 20


async def test_what_was_said_long_ago_does_not_count(autojump_clock) -> None:
    town = Town(a=NO, b=NO)
    reach = Reach(town, no_block)
    await reach.look()
    town.words = {}
    await trio.sleep(COUNTS + 1)

    await reach.look()

    assert (reach.told().asked, reach.told().silent) == (0, ())


@pytest.mark.parametrize(
    ("served", "count", "unserved"),
    [
        ((None, None, None), 0, False),
        ((True, None, None), 1, False),
        ((False, None, None), 0, False),
        ((False, False, None), 0, True),
        ((False, False, True), 1, False),
        ((False, False, False), 0, True),
    ],
)
async def test_a_block_that_two_asked_for_and_nobody_got_is_told(served, count, unserved, autojump_clock) -> None:
    words = {name: Seen("9.9.9.9", (HERE,), (), got) for name, got in zip("abc", served, strict=True)}
    reach = Reach(Town(**words), no_block)

    await reach.look()

    assert (reach.told().served, reach.told().unserved) == (count, unserved)


async def test_everybody_is_told_of_a_block_that_is_held(autojump_clock) -> None:
    held = Cid.of(RAW, bytes(32))

    async def a_block() -> Cid | None:
        return held

    town = Town(a=YES, b=YES)
    await Reach(town, a_block).look()

    assert town.blocks == [held, held]


async def test_only_what_was_announced_is_told_of(tmp_path) -> None:
    async with open_journal(tmp_path) as journal:
        assert await some_block(journal) is None
        manifest, sealed = Cid.of(RAW, bytes(32)), Cid.of(RAW, b"1" * 32)
        await remember_own(journal, AssetId("0x" + "ab" * 32), bytes(32), manifest, sealed)

        assert {await some_block(journal) for _ in range(40)} == {manifest, sealed}
