"""What was freed goes back to the system, every minute."""

from __future__ import annotations

import subprocess
import sys

import pytest
import trio
from p2p_peers import until

from thenar.adapters import memory

HOLES = """
import os
from thenar.adapters.memory import give_back

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

held = [bytes(4096) for _ in range(20_000)]
held = held[::100]
before = resident()
print(give_back(), before - resident())
"""


def test_holes_between_what_is_held_go_back() -> None:
    if not memory.give_back():
        pytest.skip("this C library knows no malloc_trim")
    told = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True).stdout.split()

    assert told[0] == "True"
    assert int(told[1]) > 40_000_000


SCATTERED = """
import os
from thenar.adapters.memory import arrange

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

kept, before, held = arrange() if {kept} else None, resident(), []
for size in (8_000_000, 1_000_000):  # glibc learns from what is freed
    for _ in range(8):
        large = b"x" * size
        held += [b"y" * 1_000 for _ in range(50)]
        del large
print(kept, resident() - before)
"""


def test_what_is_large_lies_apart_and_goes_back_when_it_is_freed() -> None:
    if not memory.arrange():
        pytest.skip("this C library knows no mallopt")

    def grown(kept: bool) -> int:
        code = [sys.executable, "-c", SCATTERED.replace("{kept}", str(kept))]
        return int(subprocess.run(code, capture_output=True, text=True, check=True).stdout.split()[1])

    assert grown(True) < 1_000_000 < grown(False)


THREADS = """
import ctypes, tempfile, threading
from thenar.adapters.memory import arrange

kept = arrange() if {kept} else None
ready = threading.Barrier(5)
held = []
def hold():
    held.append([b"x" * size for size in range(1_000, 3_000)])
    ready.wait()
threads = [threading.Thread(target=hold) for _ in range(4)]
[one.start() for one in threads]
ready.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as told:
    out = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, out)
    libc.fclose(out)
    print(kept, told.read().count(b"<heap nr="))
"""


def test_threads_share_one_heap() -> None:
    if not memory.arrange():
        pytest.skip("this C library knows no mallopt")

    def heaps(kept: bool) -> int:
        code = [sys.executable, "-c", THREADS.replace("{kept}", str(kept))]
        return int(subprocess.run(code, capture_output=True, text=True, check=True).stdout.split()[1])

    assert heaps(True) == 1 < heaps(False)


SETTLED = """
import gc
from thenar.adapters.memory import settle

loaded = [[] for _ in range(300_000)]
settle()
print(gc.get_freeze_count() > 300_000, len(gc.get_objects()) < 1_000)
"""


def test_what_was_loaded_is_looked_through_no_more() -> None:
    told = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True).stdout.split()

    assert told == ["True", "True"]


def test_a_library_that_knows_no_trimming_is_left_alone(monkeypatch) -> None:
    monkeypatch.setattr(memory, "_trim", None)

    assert not memory.give_back()
    trio.run(memory.keep_small)  # ends at once


async def test_memory_is_given_back_again_and_again(monkeypatch) -> None:
    given: list[int] = []

    def note(_: int) -> int:
        given.append(1)
        return 1

    monkeypatch.setattr(memory, "_trim", note)
    monkeypatch.setattr(memory, "EVERY_SECONDS", 0.01)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(memory.keep_small)
        await until(lambda: len(given) >= 3)
        nursery.cancel_scope.cancel()
