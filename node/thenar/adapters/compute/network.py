"""Policies as small dense networks whose every sum runs in one order, so that every processor gets the same controls.

The file: ``THNRPOL1`` ‖ number of layer sizes, 4 bytes big-endian ‖ sizes, 4 bytes each ‖ parameters as 4-byte signed
little-endian whole numbers of 1/65,536: for each layer its weights row by row of inputs, then its biases. Every layer
ends in x / (1 + |x|). Only multiplication, addition, division and size are used: exact everywhere, unlike tanh or BLAS.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from thenar.errors import BadInput

MAGIC: Final = b"THNRPOL1"
UNIT: Final = 65536
MAX_LAYERS: Final = 8
MAX_PARAMETERS: Final = 1 << 20
_LARGEST: Final = 2**31 - 1

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Network:
    """The shape of a policy and its parameters as whole numbers."""

    sizes: tuple[int, ...]
    parameters: NDArray[np.int64]

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a policy. Raises BadInput."""
        if data[:8] != MAGIC or len(data) < 12:
            raise BadInput("the policy does not begin with THNRPOL1")
        (count,) = struct.unpack_from(">I", data, 8)
        if not 2 <= count <= MAX_LAYERS + 1 or len(data) < 12 + 4 * count:
            raise BadInput(f"a policy has 1 to {MAX_LAYERS} layers")
        sizes = struct.unpack_from(f">{count}I", data, 12)
        expected = parameters_of(sizes)
        if expected > MAX_PARAMETERS or min(sizes) < 1 or len(data) != 12 + 4 * count + 4 * expected:
            raise BadInput(f"the policy's sizes {sizes} do not go with its {len(data)} bytes")
        return cls(tuple(sizes), np.frombuffer(data, "<i4", offset=12 + 4 * count).astype(np.int64))

    def encode(self) -> bytes:
        """The bytes of the file."""
        head = MAGIC + struct.pack(f">{len(self.sizes) + 1}I", len(self.sizes), *self.sizes)
        return head + self.parameters.astype("<i4").tobytes()

    def moved(self, noise: NDArray[np.int64], size: int, sign: int) -> NDArray[np.int64]:
        """Parameters moved by noise of 1/32,768ths of ``size``, one way or the other; kept within 32 bits."""
        step = (noise * size) >> 15
        return np.clip(self.parameters + sign * step, -_LARGEST, _LARGEST)


def parameters_of(sizes: Sequence[int]) -> int:
    """How many parameters a network of these sizes has."""
    return sum((into + 1) * out for into, out in pairwise(sizes))


class Minds:
    """One network per lane, all of one shape, evaluated together in a fixed order."""

    __slots__ = ("_layers", "sizes")

    def __init__(self, network: Network, lanes: int) -> None:
        self.sizes = network.sizes
        shapes = pairwise(network.sizes)
        self._layers = [(np.zeros((lanes, into, out)), np.zeros((lanes, out))) for into, out in shapes]
        for lane in range(lanes):
            self.set(lane, network.parameters)

    def set(self, lane: int, parameters: NDArray[np.int64]) -> None:
        """Give one lane its parameters."""
        scaled, at = parameters.astype(np.float64) / UNIT, 0
        for weights, biases in self._layers:
            into, out = weights.shape[1:]
            weights[lane] = scaled[at : at + into * out].reshape(into, out)
            biases[lane] = scaled[at + into * out : at + into * out + out]
            at += (into + 1) * out

    def act(self, lanes: NDArray[np.intp], seen: Floats) -> Floats:
        """What each of the lanes answers to what it sees, (lanes, inputs) to (lanes, outputs) in (-1, 1)."""
        values = seen
        for weights, biases in self._layers:
            chosen, total = weights[lanes], biases[lanes]
            part = np.empty_like(total)
            for place in range(weights.shape[1]):
                np.multiply(values[:, place, None], chosen[:, place], out=part)
                np.add(total, part, out=total)
            values = total / (1.0 + np.abs(total))
        return values
