"""What robots say of nodes they have measured: round trips of their own, as they travel in gossip envelopes.

There is no score. A robot believes the witnesses it chose, for nodes it has not measured itself, and nobody else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from thenar.domain.ids import AssetId, PeerId, asset_id
from thenar.domain.reflex.choice import Record, quantile
from thenar.errors import BadInput

KIND: Final = "attestation"
WHAT: Final = "infer"
LASTS: Final = 600.0
"""Seconds after which what a witness saw is old."""
LEAST_CALLS: Final = 15
"""Round trips below which nobody attests anything."""
LONGEST_US: Final = 60_000_000
MAX_PEER: Final = 128
_NUMBERS: Final = ("median_us", "calls", "failed")


@dataclass(frozen=True, slots=True)
class Attestation:
    """Somebody asked a node for a model: the median round trip (µs), and of how many calls how many failed."""

    peer: PeerId
    model: AssetId
    median_us: int
    calls: int
    failed: int

    def body(self) -> dict[str, object]:
        """What the envelope carries."""
        return {"what": WHAT, "peer": self.peer, "model": self.model} | {name: getattr(self, name) for name in _NUMBERS}


@dataclass(frozen=True, slots=True)
class HeardAttestation:
    """An attestation and who said it, when (seconds of the listener's own clock)."""

    said: Attestation
    witness: PeerId
    heard: float


def attest(peer: PeerId, model: AssetId, record: Record) -> Attestation | None:
    """What one's own record says of a node; None while it says too little."""
    if len(record.trips) < LEAST_CALLS:
        return None
    calls = round(record.answered + record.failed)
    return Attestation(peer, model, round(record.latency * 1e6), calls, round(record.failed))


def read_attestation(body: dict[str, object]) -> Attestation | None:
    """Read an envelope's body; None when it attests something else. Raises BadInput."""
    if body.get("what") != WHAT:
        return None
    peer = body.get("peer")
    if not isinstance(peer, str) or not 0 < len(peer) <= MAX_PEER:
        raise BadInput("an attestation names a peer")
    numbers = [body.get(name) for name in _NUMBERS]
    if not all(isinstance(one, int) and 0 <= one <= LONGEST_US for one in numbers):
        raise BadInput("an attestation's numbers are whole and not negative")
    median, calls, failed = (int(str(one)) for one in numbers)
    if not median or failed > calls or calls < LEAST_CALLS:
        raise BadInput(f"an attestation is of {LEAST_CALLS} calls at least")
    return Attestation(PeerId(peer), asset_id(str(body.get("model"))), median, calls, failed)


def expected(record: Record, attested: Iterable[Attestation], claimed_us: int) -> tuple[bool, float]:
    """Whether a node's latency is only its own word, and the latency to expect of it in seconds.

    One's own measurement counts before the median of what trusted witnesses saw, that before the node's own word.
    """
    if record.trips:
        return False, record.latency * record.doubt**2
    seen = [one.median_us / 1e6 * _doubt(one) for one in attested]
    if seen:
        return False, quantile(seen, 0.5)
    return True, claimed_us / 1e6 if claimed_us else math.inf


def _doubt(said: Attestation) -> float:
    """As a robot weighs its own failures: how often one must ask for one answer, squared."""
    return float(((1 + said.calls) / (1 + said.calls - said.failed)) ** 2)
