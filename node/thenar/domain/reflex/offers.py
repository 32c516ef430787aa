"""Signed offers to answer with a model, as they travel in gossip envelopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thenar.domain.ids import Address, AssetId, PeerId, address, asset_id
from thenar.domain.reflex.frames import MAX_BODY
from thenar.errors import BadInput

KIND: Final = "offer"
WHAT: Final = "infer"
MAX_ADDRESSES: Final = 8
MAX_ADDRESS: Final = 256
LASTS: Final = 60.0
"""Seconds after which an offer nobody repeated is forgotten."""
_NUMBERS: Final = ("price", "observation", "action", "batch", "latency_us")


@dataclass(frozen=True, slots=True)
class InferOffer:
    """A node answers with a model: price of 1,000 calls in token units, bytes, rows at once, its own latency in µs.

    What it says of its latency is its own word; a robot measures.
    """

    node: Address
    model: AssetId
    price: int
    observation: int
    action: int
    batch: int
    latency_us: int
    addresses: tuple[str, ...]

    def body(self) -> dict[str, object]:
        """What the envelope carries."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        said = {"what": WHAT, "node": self.node, "model": self.model, "addresses": list(self.addresses)}
        return {**said, **numbers}


@dataclass(frozen=True, slots=True)
class HeardOffer:
    """An offer and who said it, when (seconds of the listener's own clock)."""

    offer: InferOffer
    peer: PeerId
    heard: float


def read_offer(body: dict[str, object]) -> InferOffer | None:
    """Read an envelope's body; None when it offers something else. Raises BadInput."""
    if body.get("what") != WHAT:
        return None
    numbers = {name: body.get(name) for name in _NUMBERS}
    if not all(isinstance(value, int) and 0 <= value < 2**63 for value in numbers.values()):
        raise BadInput("an offer's numbers are whole and not negative")
    if not (0 < int(str(numbers["observation"])) <= MAX_BODY and 0 < int(str(numbers["action"])) <= MAX_BODY):
        raise BadInput("an offer's observations and actions have a size")
    listed = body.get("addresses")
    if not isinstance(listed, list) or len(listed) > MAX_ADDRESSES:
        raise BadInput(f"an offer names at most {MAX_ADDRESSES} addresses")
    if not all(isinstance(one, str) and len(one) <= MAX_ADDRESS for one in listed):
        raise BadInput("an offer's addresses are texts")
    node, model = address(str(body.get("node"))), asset_id(str(body.get("model")))
    return InferOffer(node, model, addresses=tuple(listed), **{name: int(str(numbers[name])) for name in _NUMBERS})
