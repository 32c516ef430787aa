"""Bounded memory of who said how much: token buckets per peer and a set that forgets its oldest members."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Rates:
    """A token bucket per key: ``rate`` tokens a second, at most ``burst`` saved up; ``size`` keys are remembered."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float], *, size: int = 4096) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._size = size
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def take(self, key: Hashable, tokens: float = 1.0) -> bool:
        """Take tokens for a key; False when it has not got so many."""
        now = self._clock()
        bucket = self._buckets.pop(key, None) or _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled_at) * self._rate)
        bucket.filled_at = now
        self._buckets[key] = bucket
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        if bucket.tokens < tokens:
            return False
        bucket.tokens -= tokens
        return True


class Seen:
    """The last ``size`` things that were added."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, thing: Hashable) -> bool:
        return thing in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, thing: Hashable) -> bool:
        """Remember a thing; False when it was known already."""
        if thing in self._kept:
            return False
        self._kept[thing] = None
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return True
