"""Determinism classes: who may be asked to agree with whom to the last bit.

A class is described by everything that decides bits: engine and version, the digest of the engine's library, the
digest of the pinned libm, and the version of the executor's own rules. Its id is the SHA-256 of that description in
canonical JSON.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

from thenar.domain import canonical
from thenar.domain.work import aggregates

EXECUTOR_VERSION: Final = 1
"""Raised whenever the executor's own arithmetic, order or formats change."""

PAINTER_VERSION: Final = 1
"""Raised whenever rays, colours or the layout of pictures change."""

LIBM_SHA256: Final = "40cb5da3bf23e985340cf58a29650d07b2fa7fef2d911db9b934eacd3d7663ab"
"""The pinned libm as ``thenar.adapters.compute.libm`` builds it from the musl sources of ``ziglang`` 0.14.1."""

MUJOCO_VERSION: Final = "4.0.0"
MUJOCO_SHA256: Final = "90bc997a73efc90624a120f63eccd67441dfc6c705cd537357508f44757880ba"
"""``libmujoco.so`` of the x86-64 wheel ``mujoco-core`` of that version."""

PLUGIN_SHA256: Final = "9992771b25b592ce2098805e5215d01ce4451f9f17bf769e4b05fe67e4aba1dd"
"""``plugin/libsensor.so`` of that wheel: the one plugin library a job may use, for ``touch_grid``."""

WASMTIME_VERSION: Final = "50.0.1"

_SIMULATED: Final = ("mujoco-rollout", "tactile-rollout", "policy-eval", "es-train")
_WASM: Final = ("wasm", "data-process")


@dataclass(frozen=True)
class DeterminismClass:
    """One class: its short name, the kinds of job it runs, and what decides its bits."""

    name: str
    kinds: tuple[str, ...]
    parts: Mapping[str, str]
    named: bytes | None = None
    """An id that contracts know; None leaves it to the description."""

    def describe(self) -> bytes:
        """The canonical description that is hashed."""
        return canonical.encode({"schema": "thenar.class/1", "name": self.name, "parts": dict(self.parts)})

    @property
    def pinned(self) -> bool:
        """Whether its work needs the pinned libm."""
        return "libm_sha256" in self.parts

    @cached_property
    def id(self) -> bytes:
        """The 32-byte class id."""
        return self.named or hashlib.sha256(self.describe()).digest()


X1: Final = DeterminismClass(
    "X1",
    _SIMULATED,
    MappingProxyType(
        {
            "machine": "x86-64",
            "engine": f"mujoco {MUJOCO_VERSION}",
            "engine_sha256": MUJOCO_SHA256,
            "plugin_sha256": PLUGIN_SHA256,
            "libm_sha256": LIBM_SHA256,
            "executor": str(EXECUTOR_VERSION),
        }
    ),
)
"""Physics on x86-64 with one pinned libm: the same bits on every processor model and glibc."""

X1R: Final = DeterminismClass("X1r", ("render",), MappingProxyType({**X1.parts, "painter": f"rays {PAINTER_VERSION}"}))
"""Pictures by the engine's own rays, coloured here in exact arithmetic: no graphics library decides a bit."""

X2: Final = DeterminismClass(
    "X2",
    _WASM,
    MappingProxyType(
        {
            "machine": "wasm32",
            "engine": f"wasmtime {WASMTIME_VERSION}",
            "features": "bulk_memory,multi_value,mutable_globals,reference_types,saturating_float,sign_extension",
            "nan": "canonical",
            "executor": str(EXECUTOR_VERSION),
        }
    ),
)
"""WebAssembly without threads, relaxed SIMD, clocks or randomness; fuel is the count of work."""

GRID: Final = 65_536
"""A state of class T stands on whole multiples of one part in so many."""
TOLERANT_STEPS: Final = 50
"""Steps of a segment of class T at most: over so few, processors that differ stay within 1e-13 of each other."""

T: Final = DeterminismClass(
    "T",
    ("mujoco-rollout", "tactile-rollout"),
    MappingProxyType(
        {
            "engine": f"mujoco {MUJOCO_VERSION}",
            "grid": f"1/{GRID}",
            "steps": str(TOLERANT_STEPS),
            "executor": str(EXECUTOR_VERSION),
        }
    ),
)
"""Physics with whatever libm there is: checkpoints are rounded to a grid far coarser than what processors differ by.

Not exact: two honest machines part where a number lies within their difference of a grid's border. See docs.
"""


def probed(digest: bytes) -> DeterminismClass:
    """The class H of machines whose probe, without a pinned libm, came to ``digest`` of 32 bytes."""
    parts = {key: value for key, value in X1R.parts.items() if key != "libm_sha256"}
    return DeterminismClass("H", (*_SIMULATED, "render"), MappingProxyType({**parts, "probe": digest.hex()}))


ASKED: Final = probed(bytes(32))
"""The class in whose name a machine runs the probe that tells which class H is its own; nobody works in it."""

SUM: Final = DeterminismClass("SUM", ("aggregate",), MappingProxyType({"numbers": "whole"}), aggregates.CLASS)
"""Sums of whole numbers, which the chain computes itself where two of them differ."""

WEAKER: Final = frozenset({"T", "H"})
"""Names of classes in which honest machines may differ: no machine is lent for them unless that is asked."""

CLASSES: Final[Mapping[bytes, DeterminismClass]] = MappingProxyType(
    {known.id: known for known in (X1, X1R, X2, SUM, T)}
)
