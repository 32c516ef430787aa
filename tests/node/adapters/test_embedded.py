"""What only the embedded store promises: its files, its quota, its crashes and its garbage collection."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
from neighbours import Neighbours
from patterns import CHUNK, pattern

from thenar.adapters.ipfs.embedded import EmbeddedStore, open_embedded
from thenar.domain import unixfs
from thenar.domain.ids import Cid, PeerId
from thenar.errors import BadConfig, BadInput, Conflict, Corrupt, NotFound, Refused, Unavailable
from thenar.services.ports import Stored, one_part

BIG = 1 << 30
BEN = PeerId("12D3KooWBen")


async def stream(size: int) -> AsyncIterator[bytes]:
    for part in pattern(size):
        yield part


async def whole(store: EmbeddedStore, root: Cid) -> bytes:
    return b"".join([part async for part in store.read(root)])


def files_of(directory: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in (directory / "blocks").glob("*/*")}


def scribble(directory: Path, pattern_: str) -> None:
    for path in directory.glob(pattern_):
        path.write_bytes(b"this is no database, and long enough to be noticed" * 100)


def staged(directory: Path) -> list[Path]:
    return list((directory / "staging").rglob("*"))


async def test_usage_is_what_lies_on_disk(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=BIG) as store:
        first = await store.add(stream(3 * CHUNK + 7))
        await store.add(stream(CHUNK))  # shares its block with the first
        await store.put(unixfs.leaf_cid(b"alone"), b"alone")

        usage = await store.usage()

    on_disk = files_of(tmp_path)
    assert (usage.used, usage.blocks, usage.pins) == (sum(on_disk.values()), len(on_disk), 2)
    assert first.blocks == 5
    assert not staged(tmp_path)


async def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=BIG) as store:
        stored = await store.add(stream(2 * CHUNK + 1))
        before = await store.usage()

    async with open_embedded(tmp_path, quota=BIG) as store:
        assert await store.usage() == before
        assert await whole(store, stored.root) == b"".join(pattern(2 * CHUNK + 1))


async def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=BIG):
        with pytest.raises(Conflict, match="another process"):
            async with open_embedded(tmp_path, quota=BIG):
                pass


async def test_the_quota_refuses_before_it_is_passed_and_leaves_nothing(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=3 * CHUNK) as store:
        await store.add(stream(CHUNK))

        with pytest.raises(Refused, match="quota") as refusal:
            await store.add(_other(3 * CHUNK))

        assert refusal.value.next_step
        assert (await store.usage()).used == CHUNK
        await store.add(_other(2 * CHUNK - 200))  # two leaves and their node fit
        assert (await store.usage()).used <= 3 * CHUNK
    assert not staged(tmp_path)


async def _other(size: int) -> AsyncIterator[bytes]:
    source = random.Random(7)
    for start in range(0, size, CHUNK):
        yield source.randbytes(min(CHUNK, size - start))


async def test_a_source_that_fails_leaves_nothing(tmp_path: Path) -> None:
    async def failing() -> AsyncIterator[bytes]:
        for part in pattern(20 * CHUNK):
            yield part
        raise Unavailable("the source went away")

    async with open_embedded(tmp_path, quota=BIG) as store:
        with pytest.raises(Unavailable, match="went away"):
            await store.add(failing())

        assert (await store.usage()).used == 0
    assert not staged(tmp_path)
    assert not files_of(tmp_path)


async def test_a_failure_among_adds_leaves_none_of_them(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=1 << 30) as store:
        with pytest.raises(RuntimeError):
            async with store.together() as adds:
                await adds.add(one_part(b"few bytes"))
                raise RuntimeError("the caller gave up")

        assert await store.pins() == frozenset()
        assert (await store.usage()).blocks == 0


@pytest.mark.parametrize("damage", ["flip", "cut", "grow", "delete"])
async def test_a_block_that_went_bad_is_never_given_out(tmp_path: Path, damage: str) -> None:
    async with open_embedded(tmp_path, quota=BIG) as store:
        stored = await store.add(stream(CHUNK))
        path = tmp_path / "blocks" / stored.root[-2] / stored.root
        good = path.read_bytes()
        bad = {"flip": b"\xff" + good[1:], "cut": good[:-1], "grow": good + b"x", "delete": b""}[damage]
        path.unlink() if damage == "delete" else path.write_bytes(bad)

        with pytest.raises(Corrupt, match="went bad"):
            await store.get(stored.root)

        assert not await store.has(stored.root)
        with pytest.raises(NotFound):
            await store.get(stored.root)
        assert (await store.usage()).used == 0


async def test_a_bad_block_heals_by_fetching_again(tmp_path: Path) -> None:
    async with open_embedded(tmp_path / "a", quota=BIG) as ana, open_embedded(tmp_path / "b", quota=BIG) as ben:
        stored = await ben.add(stream(4 * CHUNK))
        exchange = Neighbours({BEN: ben})
        ana.fetch_through(exchange)
        await ana.fetch(stored.root, [BEN], limit=BIG)
        leaf = unixfs.leaf_cid(next(iter(pattern(CHUNK))))
        (tmp_path / "a" / "blocks" / leaf[-2] / leaf).write_bytes(b"rust")
        exchange.asked.clear()

        await ana.fetch(stored.root, [BEN], limit=BIG)

        assert exchange.asked == [leaf]
        assert await whole(ana, stored.root) == b"".join(pattern(4 * CHUNK))


async def test_collecting_stops_when_a_pinned_file_cannot_be_walked(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=BIG) as store:
        stored = await store.add(stream(3 * CHUNK))
        loose = unixfs.leaf_cid(b"loose")
        await store.put(loose, b"loose")
        (tmp_path / "blocks" / stored.root[-2] / stored.root).write_bytes(b"rust")

        with pytest.raises(Corrupt):
            await store.collect()

        assert await store.has(loose)
        assert len(files_of(tmp_path)) == 4  # three leaves and the loose one; the rusty node is gone


async def test_collecting_spares_what_a_running_add_relies_on(tmp_path: Path) -> None:
    freed: list[int] = []

    async with open_embedded(tmp_path, quota=BIG) as store:
        first = await store.add(stream(2 * CHUNK))
        await store.unpin(first.root)

        async def slow() -> AsyncIterator[bytes]:
            for number, part in enumerate(pattern(300 * CHUNK)):
                if number in (32, 290):  # after two blocks were found here already, and after some were settled
                    freed.append(await store.collect())
                yield part

        stored = await store.add(slow())

        assert freed == [_node_bytes(2), 0]
        assert sum([len(part) async for part in store.read(stored.root)]) == 300 * CHUNK


def _node_bytes(leaves: int) -> int:
    sizes: list[int] = []
    builder = unixfs.Builder(lambda cid, block: sizes.append(len(block)))
    for part in pattern(leaves * CHUNK):
        builder.leaf(part)
    builder.finish()
    return sizes[-1]


async def test_what_arrived_before_a_fetch_failed_is_not_fetched_again(tmp_path: Path) -> None:
    async with open_embedded(tmp_path / "a", quota=BIG) as ana, open_embedded(tmp_path / "b", quota=BIG) as ben:
        stored = await ben.add(stream(40 * CHUNK))
        last = unixfs.leaf_cid(list(pattern(40 * CHUNK))[-1])
        ana.fetch_through(Neighbours({BEN: ben}, forged={last: b"forged"}))
        with pytest.raises(Corrupt):
            await ana.fetch(stored.root, [BEN], limit=BIG)
        assert stored.root not in await ana.pins()

        honest = Neighbours({BEN: ben})
        ana.fetch_through(honest)
        await ana.fetch(stored.root, [BEN], limit=BIG)

        assert 0 < len(honest.asked) <= 8
        assert (await ana.usage()).used == (await ben.usage()).used


async def test_the_window_of_wants_is_bounded(tmp_path: Path) -> None:
    async with open_embedded(tmp_path / "a", quota=BIG) as ana, open_embedded(tmp_path / "b", quota=BIG) as ben:
        stored = await ben.add(stream(180 * CHUNK))
        exchange = Neighbours({BEN: ben})
        ana.fetch_through(exchange)

        fetched = await ana.fetch(stored.root, [BEN], limit=180 * CHUNK)

        assert fetched == stored
        assert exchange.most_at_once <= 32
        assert len(exchange.asked) == stored.blocks


async def test_without_an_exchange_there_is_nothing_to_fetch_from(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=BIG) as store:
        with pytest.raises(Unavailable, match="not connected"):
            await store.fetch(unixfs.leaf_cid(b""), [BEN], limit=1)


async def test_two_adds_of_the_same_bytes_at_once_agree(tmp_path: Path) -> None:
    found: list[Stored] = []

    async with open_embedded(tmp_path, quota=BIG) as store:

        async def one() -> None:
            found.append(await store.add(stream(150 * CHUNK)))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(one)
            nursery.start_soon(one)

        usage = await store.usage()
        assert found[0] == found[1]
        assert usage.used == sum(files_of(tmp_path).values())
        assert await store.collect() == 0


WRITER = """
import sys, trio, random
from pathlib import Path
from thenar.adapters.ipfs.embedded import open_embedded

async def main():
    source = random.Random(int(sys.argv[2]))
    async with open_embedded(Path(sys.argv[1]), quota=1 << 31) as store:
        print("ready", flush=True)
        while True:
            async def parts():
                for _ in range(source.randrange(1, 300)):
                    yield source.randbytes(source.choice((1000, 262144, 262144, 300000)))
            stored = await store.add(parts())
            print(stored.root, flush=True)
            action = source.randrange(4)
            if action == 0:
                await store.unpin(stored.root)
                print("-" + stored.root, flush=True)
            if action < 2:
                await store.collect()

trio.run(main)
"""


def kill_a_writer(directory: Path, seed: int) -> list[str]:
    """Let a process add, unpin and collect for a while, kill it, and return what it said it had finished."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory), str(seed)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).uniform(0.05, 0.9))  # a real process dies at a real moment
    process.send_signal(signal.SIGKILL)
    lines = process.stdout.read().split()
    process.wait()
    return lines


@pytest.mark.parametrize("seed", range(6))
async def test_killing_the_process_at_any_point_loses_nothing_pinned(tmp_path: Path, seed: int) -> None:
    lines = kill_a_writer(tmp_path, seed)

    said = {line for line in lines if not line.startswith("-")} - {line[1:] for line in lines}
    async with open_embedded(tmp_path, quota=1 << 31) as store:
        pins = await store.pins()
        assert said - pins <= set(lines[-1:])  # the last one may have been unpinned without a word
        assert (await store.usage()).used == sum(files_of(tmp_path).values())
        assert not staged(tmp_path)
        await store.collect()
        assert (await store.usage()).used == sum(files_of(tmp_path).values())
        for root in pins:
            async for _ in store.read(root):
                pass


async def test_a_place_that_cannot_hold_a_store_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(BadConfig, match="cannot hold a store"):
        async with open_embedded(tmp_path / "file", quota=BIG):
            pass
    with pytest.raises(BadInput, match="holds nothing"):
        async with open_embedded(tmp_path / "new", quota=0):
            pass


async def test_a_damaged_index_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=BIG) as store:
        await store.add(stream(CHUNK))
    scribble(tmp_path, "index.sqlite*")

    with pytest.raises(Corrupt, match="block index"):
        async with open_embedded(tmp_path, quota=BIG):
            pass

    assert files_of(tmp_path)


async def test_a_usage_request_does_not_wait_for_a_collection(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=BIG) as store:
        await store.add(stream(CHUNK))
        with store._holdings.gate, trio.fail_after(5):
            assert (await store.usage()).pins == 1


def rewrite_states(directory: Path, states: dict[Cid, int]) -> None:
    """Leave the index as a crash between two moments leaves it."""
    connection = sqlite3.connect(directory / "index.sqlite")
    with connection:
        for cid, state in states.items():
            connection.execute("update blocks set state = ? where cid = ?", (state, cid))
    connection.close()


async def test_opening_finishes_or_undoes_what_a_crash_left(tmp_path: Path) -> None:
    texts = (b"named", b"unnamed", b"leaving", b"kept", b"torn by a power cut")
    named, unnamed, leaving, kept, torn = (unixfs.leaf_cid(text) for text in texts)
    async with open_embedded(tmp_path, quota=BIG) as store:
        for text in texts:
            await store.put(unixfs.leaf_cid(text), text)
    rewrite_states(tmp_path, {named: 1, unnamed: 1, leaving: 2, torn: 1})
    (tmp_path / "blocks" / unnamed[-2] / unnamed).unlink()
    (tmp_path / "blocks" / torn[-2] / torn).write_bytes(b"torn by")
    (tmp_path / "staging" / "left").mkdir()

    async with open_embedded(tmp_path, quota=BIG) as store:
        assert [await store.has(cid) for cid in (named, unnamed, leaving, kept, torn)] == [True] + 2 * [False] + [
            True,
            False,
        ]
        assert (await store.usage()).used == len(b"named" + b"kept") == sum(files_of(tmp_path).values())
    assert not staged(tmp_path)


async def test_where_the_kernel_refuses_direct_writes_the_same_files_appear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_embedded(tmp_path / "direct", quota=BIG) as store:
        expected = await store.add(stream(9 * CHUNK + 5))
    monkeypatch.setattr("thenar.adapters.ipfs.blockfiles._DIRECT", os.O_TMPFILE)  # never allowed together with O_CREAT

    async with open_embedded(tmp_path / "cached", quota=BIG) as store:
        assert await store.add(stream(9 * CHUNK + 5)) == expected
        assert await whole(store, expected.root) == b"".join(pattern(9 * CHUNK + 5))
    assert files_of(tmp_path / "cached") == files_of(tmp_path / "direct")
