"""Many SHA-256 at a time: leaves, nodes and blocks, in C where this machine has what it takes, else in Python.

``_hashes.c`` is built at set-up where there is a C compiler, and used where the processor has the SHA extensions. It
hashes two messages side by side, which one core does in little more than the time of one, or sixteen where there is
AVX-512, without holding Python's lock. What it gives is what the functions of ``PURE`` give, bit for bit. A run is
hashes of 32 bytes, one after another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import add
from types import ModuleType
from typing import Any

try:
    from thenar.domain import _hashes as _found
except ImportError:
    _built: ModuleType | None = None
else:
    _built = _found

Octets = bytes | memoryview

LEAF_BYTES = 1024
DIGEST_BYTES = 32
HEAD_BYTES = 64

_sha256 = hashlib.sha256
_NODE = _sha256(b"\x01")
_NAMES = {2: "C, two hashes at a time", 16: "C, sixteen hashes at a time"}


@dataclass(frozen=True, slots=True)
class Hashing:
    """One way to compute leaves, nodes and digests, and what to tell people about it."""

    name: str
    leaf_run: Callable[[bytes, Octets, bool], bytes]
    fold: Callable[[bytes], bytes]
    digest_run: Callable[[Sequence[Octets]], bytes]


def _leaf_run(head: bytes, chunk: Octets, numbered: bool) -> bytes:
    if len(head) > HEAD_BYTES:
        raise ValueError(f"a leaf's head has at most {HEAD_BYTES} bytes")
    # A hot loop: copying a prepared state and slicing a view measured fastest of eight spellings.
    view, start_state, found = memoryview(chunk), _sha256(head).copy, []
    for place, start in enumerate(range(0, len(view) or 1, LEAF_BYTES)):
        state = start_state()
        if numbered:
            state.update(place.to_bytes(4, "big"))
        state.update(view[start : start + LEAF_BYTES])
        found.append(state.digest())
    return b"".join(found)


def _fold(run: bytes) -> bytes:
    level = split(run)
    if run == b"" or len(run) % DIGEST_BYTES or len(level) & (len(level) - 1):
        raise ValueError("only a power of two of hashes folds")
    start_state = _NODE.copy  # copying a prepared state measured 8 % faster than hashing the prefix each time
    while len(level) > 1:
        pairs = iter(level)
        level = []
        for pair in map(add, pairs, pairs):
            state = start_state()
            state.update(pair)
            level.append(state.digest())
    return level[0]


def _digest_run(blocks: Sequence[Octets]) -> bytes:
    return b"".join(_sha256(block).digest() for block in blocks)


def split(run: bytes) -> list[bytes]:
    """The hashes of a run, one by one."""
    return [run[start : start + DIGEST_BYTES] for start in range(0, len(run), DIGEST_BYTES)]


def native(built: Any) -> tuple[Hashing, ...]:
    """Every way in C that a built part offers on this machine, the fastest last; none from one of other source."""
    lanes = built.lanes() if hasattr(built, "lanes") else 0
    return tuple(_in_c(built, said, many > 2) for many, said in _NAMES.items() if many <= lanes)


def _why_pure() -> str:
    if _built is None:
        return "Python: the C part is not built here"
    if not hasattr(_built, "lanes"):
        return "Python: the C part is older than this source; make setup builds it anew"
    return "Python: this processor lacks the SHA extensions"


def _in_c(built: Any, name: str, wide: bool) -> Hashing:
    return Hashing(
        name,
        lambda head, chunk, numbered: built.leaf_run(head, chunk, numbered, wide),
        lambda run: built.fold(run, wide),
        lambda blocks: built.digest_run(blocks, wide),
    )


PURE = Hashing(_why_pure(), _leaf_run, _fold, _digest_run)
NATIVE = native(_built)
BEST = NATIVE[-1] if NATIVE else PURE


def leaf_run(head: bytes, chunk: Octets, numbered: bool) -> bytes:
    """SHA-256(head ‖ place, 4 bytes big-endian, when numbered ‖ piece) of every 1 KiB of a chunk, as a run.

    An empty chunk has one empty piece. A head has at most 64 bytes.
    """
    return BEST.leaf_run(head, chunk, numbered)


def fold(run: bytes) -> bytes:
    """Root of a run of 2**k hashes; a node is SHA-256(1 ‖ left ‖ right)."""
    return BEST.fold(run)


def digests(blocks: Sequence[Octets]) -> list[bytes]:
    """The SHA-256 of each block."""
    return split(BEST.digest_run(blocks))
