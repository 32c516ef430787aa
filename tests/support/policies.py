"""ONNX models of tests and benchmarks, written byte by byte: layers of weights with a tanh between them.

Source: onnx.proto3 of ONNX 1.17 (field numbers), operator set 13 (MatMul, Add, Tanh).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from thenar.domain.reflex.onnx import policy_model


def random_layers(*widths: int, seed: int = 1) -> list[tuple[Any, Any]]:
    """Weights and offsets of layers between these widths."""
    dice = np.random.default_rng(seed)
    pairs = itertools.pairwise(widths)
    return [
        ((dice.standard_normal((a, b)) / np.sqrt(a)).astype(np.float32), np.full(b, 0.01, np.float32)) for a, b in pairs
    ]


def write_policy(path: Path, layers: Sequence[tuple[Any, Any]]) -> Path:
    """Write a policy of any number of rows."""
    plain = [(weights.tobytes(), weights.shape, offset.tobytes()) for weights, offset in layers]
    path.write_bytes(policy_model(plain))
    return path
