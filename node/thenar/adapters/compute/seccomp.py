"""A filter over system calls, written out by hand: what computing needs is allowed, everything else is refused.

Source: Linux's seccomp(2) and its classic BPF, x86-64 numbers from arch/x86/entry/syscalls/syscall_64.tbl. Threads may
be made and processes may not; files, sockets, other processes, keys and the kernel's young interfaces are out of reach
because nothing that names them is on the list. A call through another ABI ends the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from typing import Final

from thenar.errors import BadConfig

ALLOWED: Final = {
    "read": 0,
    "write": 1,
    "close": 3,
    "fstat": 5,
    "poll": 7,
    "lseek": 8,
    "mmap": 9,
    "mprotect": 10,
    "munmap": 11,
    "brk": 12,
    "rt_sigaction": 13,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "readv": 19,
    "writev": 20,
    "sched_yield": 24,
    "mremap": 25,
    "madvise": 28,
    "nanosleep": 35,
    "getpid": 39,
    "exit": 60,
    "uname": 63,
    "gettimeofday": 96,
    "getrusage": 98,
    "times": 100,
    "sigaltstack": 131,
    "gettid": 186,
    "futex": 202,
    "sched_getaffinity": 204,
    "restart_syscall": 219,
    "clock_gettime": 228,
    "clock_getres": 229,
    "clock_nanosleep": 230,
    "exit_group": 231,
    "set_robust_list": 273,
    "getrandom": 318,
    "membarrier": 324,
    "rseq": 334,
}
_CLONE, _CLONE3, _TGKILL = 56, 435, 234
_THREAD: Final = 0x00010000  # CLONE_THREAD
_X32: Final = 0x40000000
_ARCH: Final = 0xC000003E  # AUDIT_ARCH_X86_64

_LOAD, _EQUAL, _AT_LEAST, _AND_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _MACHINE, _FIRST = 0, 4, 16  # offsets in struct seccomp_data

_SET_NO_NEW_PRIVS, _SET_SECCOMP, _MODE_FILTER = 38, 22, 2

Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def program(pid: int) -> bytes:
    """The filter for the process ``pid``: instructions of eight bytes."""
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, _ARCH),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        *_when(_CLONE3, [(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]),  # glibc then asks for clone, whose flags can be seen
        *_when(_CLONE, [(_LOAD, 0, 0, _FIRST), (_AND_ANY, 0, 1, _THREAD), *_answers()]),
        *_when(_TGKILL, [(_LOAD, 0, 0, _FIRST), (_EQUAL, 0, 1, pid), *_answers()]),
    ]
    for number in sorted(ALLOWED.values()):
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    lines.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _when(number: int, then: list[Instruction]) -> list[Instruction]:
    return [(_EQUAL, 0, len(then), number), *then]


def _answers() -> list[Instruction]:
    return [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]


def install() -> None:
    """Filter this process, its threads and whatever they might start, for good. Raises BadConfig where it cannot."""
    if platform.machine() != "x86_64" or not hasattr(ctypes.CDLL(None), "prctl"):
        raise BadConfig("work is confined on x86-64 Linux only")
    lines = program(os.getpid())
    buffer = ctypes.create_string_buffer(lines, len(lines))
    asked = _Program(len(lines) // 8, ctypes.addressof(buffer))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    for option, mode, filtered in ((_SET_NO_NEW_PRIVS, 1, None), (_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(asked))):
        if prctl(option, mode, filtered, 0, 0):
            raise BadConfig(f"the kernel refuses to filter system calls: {os.strerror(ctypes.get_errno())}")
