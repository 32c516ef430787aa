"""Bounded memory of who said how much and did what wrong: token buckets per peer, patience, a set that forgets."""

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


class Patience:
    """What peers did wrong, in points that time forgives; whoever has used up all of them is shut out for a while."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        points: float = 20.0,
        forgiven: float = 0.2,
        seconds: float = 60.0,
        size: int = 4096,
    ) -> None:
        self._left = Rates(forgiven, points, clock, size=size)
        self._clock = clock
        self._size = size
        self._out: OrderedDict[Hashable, float] = OrderedDict()
        self.seconds = seconds
        self.ended = 0
        """How often somebody was shut out."""

    def blame(self, peer: Hashable, points: float = 1.0) -> bool:
        """Count something against a peer; True when this was once too often and shuts it out from now on."""
        if self.has_ended_with(peer) or self._left.take(peer, points):
            return False
        self._out[peer] = self._clock() + self.seconds
        if len(self._out) > self._size:
            self._out.popitem(last=False)
        self.ended += 1
        return True

    def has_ended_with(self, peer: Hashable) -> bool:
        """Whether a peer is shut out now."""
        until = self._out.get(peer)
        if until is None:
            return False
        if self._clock() < until:
            return True
        del self._out[peer]
        return False


class Seen:
    """The last ``size`` things that were added, each for ``seconds``."""

    def __init__(self, size: int, seconds: float, clock: Callable[[], float]) -> None:
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[Hashable, float] = OrderedDict()

    def __contains__(self, thing: Hashable) -> bool:
        return thing in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, thing: Hashable) -> bool:
        """Remember a thing; False when it was known already."""
        now = self._clock()
        while self._kept and next(iter(self._kept.values())) <= now - self._seconds:
            self._kept.popitem(last=False)
        if thing in self._kept:
            return False
        self._kept[thing] = now
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return True
