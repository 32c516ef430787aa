"""Answers of a round as one node tells them another, and as a node keeps them until the round is over.

Canonical JSON; bytes are base64, joined where there are several of 32. Nothing in it is believed: `pledges.verify`
holds every answer against the pledge and the root that stand on chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from thenar.domain import canonical, protocols
from thenar.domain.description import require
from thenar.domain.leaves import LEAF_BYTES
from thenar.domain.storage.pledges import CHALLENGES, ShownAnswer
from thenar.domain.sumtree import MAX_DEPTH

ANSWERS: Final = "/thenar/answers/1"
MAX_BYTES: Final = CHALLENGES * 8 * 1024
"""Bytes of all eight answers as they are kept: a leaf of 1 KiB and at most 48, 20 and 3 hashes each."""
_HASH: Final = 32
_LEVELS: Final = 48


@dataclass(frozen=True, slots=True)
class AnswersRequest:
    """Asks a node for its answers of a round."""

    round: int

    def __post_init__(self) -> None:
        require(self.round > 0, "rounds count from 1")


@dataclass(frozen=True, slots=True)
class SpokenAnswer:
    """One answer; ``replica`` is hex."""

    leaf: str
    index: int
    path: str
    replica: str
    leaves: int
    place: int
    siblings: str
    sums: tuple[int, ...]
    beside: str

    @classmethod
    def of(cls, shown: ShownAnswer) -> Self:
        """Spell an answer."""
        return cls(
            leaf=protocols.to_text(shown.leaf),
            index=shown.index,
            path=protocols.to_text(b"".join(shown.path)),
            replica=shown.replica.hex(),
            leaves=shown.leaves,
            place=shown.place,
            siblings=protocols.to_text(b"".join(shown.siblings)),
            sums=shown.sums,
            beside=protocols.to_text(b"".join(shown.beside)),
        )

    @property
    def shown(self) -> ShownAnswer:
        """The answer. Raises BadInput for what no answer looks like."""
        require(len(self.replica) == 2 * _HASH and self.replica.isascii(), "a replica has 64 hex digits")
        require(self.index >= 0 and self.place >= 0 and self.leaves > 0, "places are not negative")
        try:
            replica = bytes.fromhex(self.replica)
        except ValueError:
            require(False, "a replica is written in hex")
        return ShownAnswer(
            leaf=protocols.from_text(self.leaf, limit=LEAF_BYTES),
            index=self.index,
            path=_hashes(self.path, _LEVELS),
            replica=replica,
            leaves=self.leaves,
            place=self.place,
            siblings=_hashes(self.siblings, MAX_DEPTH),
            sums=self.sums,
            beside=_hashes(self.beside, MAX_DEPTH),
        )


@dataclass(frozen=True, slots=True)
class AnswersAnswer:
    """A node's eight answers of a round, in order."""

    answers: tuple[SpokenAnswer, ...]

    def __post_init__(self) -> None:
        require(len(self.answers) == CHALLENGES, f"a round has {CHALLENGES} answers")

    def encode(self) -> bytes:
        """As it is kept on disk."""
        return canonical.encode(protocols.spell(self))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what ``encode`` wrote. Raises BadInput."""
        return protocols.read(cls, canonical.decode_object(data, limit=MAX_BYTES), "the answers")


def _hashes(text: str, most: int) -> tuple[bytes, ...]:
    joined = protocols.from_text(text, limit=most * _HASH)
    require(len(joined) % _HASH == 0, "hashes have 32 bytes")
    return tuple(joined[at : at + _HASH] for at in range(0, len(joined), _HASH))
