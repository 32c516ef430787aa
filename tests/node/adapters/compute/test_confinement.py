"""A confined process reaches nothing: more than a hundred attempts, under bubblewrap and without it."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from attacks import ATTEMPTS, PREPARED, TRIED
from compute_jobs import BUBBLEWRAP

from thenar.adapters.compute import launch
from thenar.adapters.compute.confine import NOBODY
from thenar.adapters.compute.launch import Room
from thenar.adapters.compute.seccomp import ALLOWED, program

ROOMS = {"bubblewrap": Room(BUBBLEWRAP), "the door alone": Room(None)}


@pytest.fixture(params=list(ROOMS))
def room(request: pytest.FixtureRequest) -> Room:
    if request.param == "bubblewrap" and BUBBLEWRAP is None:
        pytest.skip("there is no bubblewrap here")
    return ROOMS[request.param]


def tried(room: Room, prepared: str, code: str, handed: bytes = b"") -> tuple[int, bytes]:
    """Run code in a confined process; its exit code and what it said."""
    process = launch.start(room, "timeit", ["-n1", "-r1", "-s", prepared, code])
    said, _ = process.communicate(handed, timeout=120)
    return process.returncode, said


def test_no_attempt_comes_through(room: Room, tmp_path: Path) -> None:
    _, said = tried(room, PREPARED, TRIED, json.dumps(ATTEMPTS).encode())
    came_through, count, _ = said.split(b"|")

    assert int(count) == len(ATTEMPTS) >= 100
    assert json.loads(came_through) == []
    assert not list(Path("/tmp").glob("escaped-*"))


def test_the_same_attempts_come_through_where_no_door_is_closed() -> None:
    """The attempts are real: without the filter and the walls most of the harmless ones succeed."""
    harmless = ["look at a file", "list the root", "open a UDP socket", "make a file in memory", "fork", "watch files"]
    harmless += ["set up io_uring", "ask for keys", "make pipes", "read its maps", "open relative to a handle"]
    unlocked = PREPARED.replace("confine(Bounds(4 << 30, 60))", "")
    _, said = tried(Room(None), unlocked, TRIED, json.dumps({name: ATTEMPTS[name] for name in harmless}).encode())

    assert len(json.loads(said.split(b"|")[0])) >= 8


def test_spinning_ends_with_the_processor_time_that_was_given(room: Room) -> None:
    code, _ = tried(room, PREPARED.replace("60))", "1))"), "while True: pass")

    assert code in (-signal.SIGKILL, 128 + signal.SIGKILL)


def test_another_abi_ends_the_process(room: Room) -> None:
    code, said = tried(room, PREPARED, "kernel(0x40000000 + 39); os.write(1, b'alive')")

    assert code in (-signal.SIGSYS, 128 + signal.SIGSYS)
    assert b"alive" not in said


def test_nothing_of_the_operator_is_in_the_environment(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THENAR_PASSWORD", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    _, said = tried(room, "import os", "os.write(1, repr(sorted(os.environ)).encode())")

    assert b"THENAR" not in said and b"AWS" not in said


def test_the_process_is_nobody(room: Room) -> None:
    told = "from thenar.adapters.compute import confine, seccomp; seccomp.install = lambda: None; "
    told += "confine.confine(confine.Bounds(4 << 30, 60)); os.write(1, repr(os.getresuid()).encode() + b'|')"
    _, said = tried(room, "import os", told)

    mine = os.getuid() if room.bubblewrap is None else NOBODY
    assert said.split(b"|")[0] == repr((mine or NOBODY,) * 3).encode()


@pytest.mark.skipif(BUBBLEWRAP is None, reason="there is no bubblewrap here")
def test_under_bubblewrap_there_is_nothing_to_see_even_before_the_door_closes() -> None:
    look = "import os, json; seen = [os.listdir('/'), os.getuid(), os.path.exists('/etc/passwd')]; "
    look += "os.write(1, json.dumps(seen).encode() + b'|')"
    _, said = tried(Room(BUBBLEWRAP), "pass", look)
    listed, uid, password = json.loads(said.split(b"|")[0])

    assert not {"proc", "sys", "tmp", "var", "run", "boot", "mnt"} & set(listed)
    assert (uid, password) == (65534, False)


def test_a_killed_supervisor_takes_its_child_along() -> None:
    process = launch.start(Room(BUBBLEWRAP), "timeit", ["-n1", "-r1", "import time; time.sleep(60)"])
    time.sleep(0.5)
    process.kill()
    began = time.monotonic()
    process.communicate(timeout=20)

    assert time.monotonic() - began < 10


def test_the_filter_allows_what_is_on_the_list_and_nothing_that_opens() -> None:
    assert not {"open", "openat", "socket", "execve", "fork", "ptrace", "ioctl", "io_uring_setup"} & set(ALLOWED)
    assert len(program(1)) % 8 == 0
