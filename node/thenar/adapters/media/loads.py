"""Loads of a tactile capture while it is decoded: one number a reading and region, and which sensors ever moved."""

from __future__ import annotations

from typing import Final

import numpy as np

from thenar.adapters.media.recording import Block, Head, Ints, Tally
from thenar.domain.preview_card import Preview, preview_of

_TOUCH: Final = ("force", "pressure", "electrode", "taxel", "touch", "tactile", "skin", "load", "capacit")
_MOST: Final = 1 << 20  # loads kept of a region: 8 MiB


class LoadMeter:
    """Sums each reading of each touch stream; memory is bounded, of long captures every second, fourth ... is kept."""

    def __init__(self, head: Head) -> None:
        chosen = [i for i, info in enumerate(head.streams) if any(mark in info.kind.lower() for mark in _TOUCH)]
        self._head = head
        self._streams = chosen or list(range(len(head.streams)))
        self._loads: dict[int, list[Ints]] = {index: [] for index in self._streams}
        self._stride = dict.fromkeys(self._streams, 1)
        self._low: dict[int, Ints] = {}
        self._high: dict[int, Ints] = {}

    def add(self, block: Block) -> None:
        """Count one block in."""
        at = block.stream
        if at not in self._loads:
            return
        low, high = block.values.min(axis=0), block.values.max(axis=0)
        self._low[at] = np.minimum(self._low.get(at, low), low)
        self._high[at] = np.maximum(self._high.get(at, high), high)
        zero = self._head.streams[at].zero_offset
        self._loads[at].append(np.abs(block.values - zero).sum(axis=1)[:: self._stride[at]])
        if sum(map(len, self._loads[at])) > _MOST:
            self._loads[at] = [np.concatenate(self._loads[at])[::2]]
            self._stride[at] *= 2

    def preview(self, tallies: list[Tally], seconds: int, rate_mhz: int) -> Preview | None:
        """The card of what went by, or None when nothing did."""
        seen = [index for index in self._streams if tallies[index].samples]
        if not seen:
            return None
        span = max(tallies[index].high for index in seen) - min(tallies[index].low for index in seen)
        return preview_of(
            sensors=sum(len(self._low[index]) for index in seen),
            live=sum(int((self._high[index] > self._low[index]).sum()) for index in seen),
            bits=span.bit_length(),
            seconds=seconds,
            rate_hz=(rate_mhz + 500) // 1000,
            regions=[np.concatenate(self._loads[index]).tolist() for index in seen],
        )
