"""How a challenger says that one recording in time is another: backwards, or faster or slower."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from thenar.domain.description import require
from thenar.domain.scoring.integers import BP
from thenar.domain.scoring.signals import Recorded, Signal


@dataclass(frozen=True, slots=True)
class Played:
    """Play the newer recording backwards, and its clock at ``speed_bp``: 5,000 lets it last twice as long."""

    backwards: bool = False
    speed_bp: int = BP

    def __post_init__(self) -> None:
        require(2_500 <= self.speed_bp <= 40_000, "a recording is played at a quarter to four times its speed")

    def apply(self, recorded: Recorded) -> Recorded:
        """The recording as it is played."""
        if self == AS_IT_IS:
            return recorded
        return Recorded(recorded.modality, tuple(self._played(signal) for signal in recorded.signals))

    def _played(self, signal: Signal) -> Signal:
        values, times = signal.values, signal.times
        if times is not None:
            times = (times - times[0]) * BP // self.speed_bp
        if self.backwards:
            values = values[::-1]
            times = None if times is None else times[-1] - times[::-1]
        rate = signal.rate_mhz * self.speed_bp // BP
        return replace(
            signal, values=values, times=None if times is None else np.ascontiguousarray(times), rate_mhz=rate
        )


AS_IT_IS: Final = Played()
"""Forwards at its own speed."""
FORMS: Final = (AS_IT_IS, Played(backwards=True))
STRETCHED: Final = tuple(Played(back, speed) for back in (False, True) for speed in (5_000, 8_000, 12_500, 20_000))
"""What a search tries."""
