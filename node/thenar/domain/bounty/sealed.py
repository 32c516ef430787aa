"""Sketches that only a jury sees: what is published about one, what is sealed, and when two show a copy.

A sketch of a home is a fingerprint of the home, and a sketch of a touch is a touch. So the answer's note names a
ciphertext and a secp256k1 point: whoever is given the point's secret opens the sketch, and can tell that it is the one
that was committed to on chain, because no other secret belongs to the point and no other plaintext to the ciphertext.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from thenar.domain import canonical
from thenar.domain.bounty.answers import answer_id
from thenar.domain.bounty.sketches import MOST_SKETCH, Judged, judge
from thenar.domain.description import require
from thenar.domain.documents import Document
from thenar.domain.ids import AnswerId, AskId, Cid, PeerId, address
from thenar.domain.scoring import codes, trajectory
from thenar.domain.scoring.codes import CodeSketch
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.playing import FORMS
from thenar.domain.scoring.plugins import Sketch, plugin_for
from thenar.domain.scoring.report import Likeness, Verdict
from thenar.domain.scoring.search import search
from thenar.domain.scoring.signals import Recorded
from thenar.domain.scoring.trajectory import PoseSketch
from thenar.errors import BadInput

JURY_KEY: Final = "/thenar/jury-key/1"
GENERATOR: Final = bytes.fromhex(
    "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
)
"""The base point of secp256k1, x then y: times a secret it gives the point a note names."""
SALT_BYTES: Final = 32
PADDING: Final = 4_096
"""Sealed sketches are as long as a whole number of these, so that their length says little."""
_OVERHEAD: Final = 256
_TAG: Final = b"thenar.sketch.sealed/1"
_CONTEXT: Final = b"thenar.sealed-sketch/1\x00"
_SEED: Final = b"thenar.sketch-key/1\x00"
_REQUEST: Final = b"thenar jury key request 1\x00"
_POINT: Final = re.compile(r"[0-9a-f]{128}")
_SALT: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{130}")


@dataclass(frozen=True, slots=True)
class SealedNote(Document):
    """Which ciphertext is the sketch of an asset, and the point whose secret opens it. The answer names its digest."""

    noun: ClassVar[str] = "note about a sealed sketch"
    most: ClassVar[int] = 1_024

    asset: str
    modality: str
    rules: str
    sketch: str
    length: int
    point: str
    salt: str

    def __post_init__(self) -> None:
        require(0 < self.length <= MOST_SKETCH, f"a sealed sketch has 1 to {MOST_SKETCH:,} bytes")
        require(_POINT.fullmatch(self.point) is not None, "a point has 128 hex digits")
        require(_SALT.fullmatch(self.salt) is not None, "a salt has 64 hex digits")
        Cid.parse(self.sketch)

    @property
    def context(self) -> bytes:
        """The 32 bytes its seal is bound to."""
        return context_of(self.asset, self.salt)

    @property
    def seed(self) -> bytes:
        """What its owner's keyring makes the secret from."""
        return seed_of(self.asset, self.salt)


@dataclass(frozen=True, slots=True)
class JuryKeyRequest:
    """A drawn juror asks for the secret of one of the two sketches of a dispute, wrapped to a one-time key."""

    dispute: int
    bounty: int
    place: int
    account: str
    key: str
    at: int
    signature: str

    def __post_init__(self) -> None:
        require(0 <= self.place < 2**32 and 0 < self.bounty < 2**32, "an answer has a bounty and a place in it")
        require(address(self.account) == self.account, "an account is written in lower case")
        require(_POINT.fullmatch(self.key) is not None, "a one-time key has 128 hex digits")
        require(_SIGNATURE.fullmatch(self.signature) is not None, "a signature has 130 hex digits")

    @property
    def answer(self) -> AnswerId:
        """Whose sketch it is."""
        return answer_id(AskId(self.bounty), self.place)

    def digest(self, *, chain: int, asker: PeerId, answerer: PeerId) -> bytes:
        """The 32 bytes its account signs; bound to chain, both peers and time. Also the wrap's context."""
        said = {"account": self.account, "answerer": answerer, "asker": asker, "at": self.at, "chain": chain}
        about = {"bounty": self.bounty, "dispute": self.dispute, "place": self.place}
        return hashlib.sha256(_REQUEST + canonical.encode({**said, **about, "key": self.key})).digest()


def context_of(asset: str, salt: str) -> bytes:
    """The 32 bytes a sketch's seal is bound to."""
    return hashlib.sha256(_CONTEXT + f"{asset}/{salt}".encode()).digest()


def seed_of(asset: str, salt: str) -> bytes:
    """What a keyring makes a sketch's secret from."""
    return hashlib.sha256(_SEED + f"{asset}/{salt}".encode()).digest()


def forms_of(recorded: Recorded) -> tuple[Sketch, ...]:
    """The sketches that are sealed together: of what is played in time also how it is backwards."""
    plugin = plugin_for(recorded.modality)
    forms = FORMS if recorded.modality in ("tactile", "imu") else FORMS[:1]
    return tuple(plugin.sketch(form.apply(recorded)) for form in forms)


def pack(sketches: Sequence[Sketch]) -> bytes:
    """Sketches in one piece: how many, each with its length in 32 bits, then zeros."""
    parts = [sketch.encode() for sketch in sketches]
    body = _TAG + bytes([len(parts)]) + b"".join(len(part).to_bytes(4, "little") + part for part in parts)
    padded = body + bytes(-len(body) % PADDING)
    require(len(padded) + _OVERHEAD <= MOST_SKETCH, f"the sketch has more than {MOST_SKETCH:,} bytes")
    return padded


def unpack(modality: str, data: bytes) -> tuple[Sketch, ...]:
    """Sketches from one piece. Raises BadInput for anything ``pack`` does not write."""
    plugin, at = plugin_for(modality), len(_TAG) + 1
    count = data[len(_TAG)] if data.startswith(_TAG) and len(data) >= at else 0
    if not 0 < count <= len(FORMS):
        raise BadInput("these bytes are no sealed sketch")
    found = []
    for _ in range(count):
        size = int.from_bytes(data[at : at + 4], "little")
        part, at = data[at + 4 : at + 4 + size], at + 4 + size
        if len(part) != size:
            raise BadInput("a sealed sketch is cut short")
        found.append(plugin.decode(part))
    rest = data[at:]
    if len(data) % PADDING or len(rest) >= PADDING or any(rest):
        raise BadInput("a sealed sketch ends in zeros, and only as many as fill its last block")
    return tuple(found)


def compared(modality: str, new: Sequence[Sketch], old: Sequence[Sketch]) -> Verdict:
    """How a recording stands to an older one by what was sealed of both; the same on every machine.

    A jury looks for itself how one is laid on the other: nobody else has seen both.
    """
    there = old[0]
    if isinstance(there, PlaceSketch):
        return max((_laid(one, there).verdict for one in new if isinstance(one, PlaceSketch)), key=_ORDER.index)
    rule = plugin_for(modality).rule
    likenesses = [found for one in new if (found := _likeness(modality, one, there)) is not None]
    if not likenesses:
        raise BadInput("the two sketches are not of one kind")
    return max((rule.verdict(one) for one in likenesses), key=_ORDER.index)


_ORDER: Final = (Verdict.TOO_SMALL, Verdict.OTHER, Verdict.AGAIN, Verdict.PARTLY, Verdict.COPY)


def _laid(new: PlaceSketch, old: PlaceSketch) -> Judged:
    found = judge(new, old, search(new, old))
    if found.verdict in (Verdict.COPY, Verdict.TOO_SMALL):
        return found
    stretched = judge(new, old, search(new, old, stretched=True))
    return stretched if stretched.verdict is Verdict.COPY else found


def _likeness(modality: str, new: Sketch, old: Sketch) -> Likeness | None:
    if isinstance(new, CodeSketch) and isinstance(old, CodeSketch):
        most = RULES.tactile.most_bits if modality == "tactile" else RULES.imu.most_bits
        return codes.compare(new, old, most).likeness
    if isinstance(new, PoseSketch) and isinstance(old, PoseSketch):
        return trajectory.compare(new, old, RULES.trajectory).likeness
    return None
