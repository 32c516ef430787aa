"""What is published as one block: a frozen dataclass and its canonical bytes, each made of the other."""

from __future__ import annotations

import hashlib
from typing import ClassVar, Self

from thenar.domain import canonical
from thenar.domain.ids import RAW, Cid
from thenar.domain.keccak import keccak256
from thenar.domain.records import from_value, to_value
from thenar.errors import BadInput


class Document:
    """The bytes of a dataclass. Whoever decodes them again gets the same bytes back."""

    __slots__ = ()

    noun: ClassVar[str]
    """What it is called when it is refused."""
    most: ClassVar[int]
    """Bytes it may have; checked before it is parsed."""

    def encode(self) -> bytes:
        """The canonical bytes. Raises BadInput when they are too many."""
        data = canonical.encode(to_value(self))
        if len(data) > self.most:
            raise BadInput(f"the {self.noun} has {len(data)} bytes; at most {self.most} are allowed")
        return data

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read canonical bytes; anything unknown, missing, malformed or too long raises BadInput."""
        return from_value(cls, canonical.decode(data, limit=cls.most), cls.noun)

    @property
    def keccak(self) -> bytes:
        """keccak256 of the canonical bytes: what the chain records."""
        return keccak256(self.encode())

    @property
    def cid(self) -> Cid:
        """CID of the canonical bytes as one raw block."""
        return Cid.of(RAW, hashlib.sha256(self.encode()).digest())
