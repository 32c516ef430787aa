"""The filter answers every system call as it should: run instruction by instruction, and by the kernel in a fork."""

from __future__ import annotations

import errno
import os
import platform
import struct
from collections.abc import Callable

import pytest

from thenar.adapters.compute import seccomp
from thenar.errors import BadConfig

PID = 4_242
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000  # SECCOMP_RET_* of linux/seccomp.h
X86_64, X86 = 0xC000003E, 0x40000003
CLONE, CLONE3, TGKILL = 56, 435, 234
OF_A_THREAD = 0x003D0F00  # the flags glibc asks with
OF_A_PROCESS = 0x01200011


def answered(number: int, *, machine: int = X86_64, first: int = 0) -> int:
    """What the filter says to a call: a machine of classic BPF, as far as the kernel lets filters use it."""
    seen = struct.pack("=IIQ6Q", number, machine, 0, first, 0, 0, 0, 0, 0)
    lines = list(struct.iter_unpack("=HBBI", seccomp.program(PID)))
    at = held = 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        if code == 0x06:  # BPF_RET | BPF_K
            return value
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (held,) = struct.unpack_from("=I", seen, value)
        else:  # BPF_JMP | BPF_K and the comparison
            holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            at += yes if holds else no


def test_what_is_on_the_list_is_allowed_and_nothing_else() -> None:
    allowed = {number for number in range(1_000) if answered(number) == ALLOW}
    refused = {number for number in range(1_000) if answered(number) == REFUSE | errno.EPERM}

    assert allowed == set(seccomp.ALLOWED.values())
    assert refused == set(range(1_000)) - allowed - {CLONE3}


@pytest.mark.parametrize("number", [0, 39, 59, CLONE, CLONE3])
def test_a_call_of_another_machine_or_abi_ends_the_process(number: int) -> None:
    assert answered(number, machine=X86) == KILL
    assert answered(number | 0x40000000) == KILL
    assert answered(0xFFFFFFFF) == KILL


def test_threads_are_made_and_processes_are_not() -> None:
    assert answered(CLONE, first=OF_A_THREAD) == ALLOW
    assert answered(CLONE, first=0x00010000) == ALLOW
    assert answered(CLONE, first=OF_A_PROCESS) == REFUSE | errno.EPERM
    assert answered(CLONE3, first=OF_A_THREAD) == REFUSE | errno.ENOSYS


def test_signals_reach_the_process_itself_and_no_other() -> None:
    assert answered(TGKILL, first=PID) == ALLOW
    assert answered(TGKILL, first=PID + 1) == REFUSE | errno.EPERM
    assert answered(TGKILL, first=1) == REFUSE | errno.EPERM


def in_a_fork(work: Callable[[], bool]) -> bool:
    """Whether ``work`` holds in a process of its own, which is then gone with its filter."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


linux = pytest.mark.skipif(platform.machine() != "x86_64", reason="work is confined on x86-64 Linux only")


@linux
def test_the_kernel_holds_to_it_from_then_on() -> None:
    def works() -> bool:
        seccomp.install()
        try:
            os.open("/dev/null", os.O_RDONLY)
        except PermissionError:
            return os.getpid() > 1
        return False

    assert in_a_fork(works)


@linux
def test_a_filter_the_kernel_does_not_take_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def works() -> bool:
        try:
            seccomp.install()
        except BadConfig as told:
            return "the kernel refuses" in told.message and os.strerror(errno.EINVAL) in told.message
        return False

    monkeypatch.setattr(seccomp, "program", lambda _: bytes(8))

    assert in_a_fork(works)


def test_another_machine_is_told_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")

    with pytest.raises(BadConfig, match="x86-64"):
        seccomp.install()
