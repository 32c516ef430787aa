"""The canonical description of a derived asset (dataset, model, result), ``thenar.card/1``.

Also how to read the description of any asset, whichever kind it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from thenar.domain import canonical
from thenar.domain.assets import AssetKind
from thenar.domain.description import Encryption, File, check_license, require
from thenar.domain.documents import Document
from thenar.domain.ids import address, asset_id
from thenar.domain.manifest import LIMIT, Manifest
from thenar.domain.manifest import SCHEMA as CAPTURE_SCHEMA
from thenar.errors import BadInput, Corrupt

SCHEMA: Final = "thenar.card/1"
KINDS: Final = {"dataset": AssetKind.DATASET, "model": AssetKind.MODEL, "result": AssetKind.RESULT}
MAX_PARENTS: Final = 4096

_TITLE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, slots=True)
class Card(Document):
    """One derived asset: what it is called, what it was made from (asset ids) and how it was sealed."""

    kind: str
    owner: str
    title: str
    parents: tuple[str, ...]
    files: tuple[File, ...]
    enc: Encryption
    license: str
    schema: str = SCHEMA
    noun: ClassVar = "card"
    most: ClassVar = LIMIT

    def __post_init__(self) -> None:
        require(self.schema == SCHEMA, f"the card has schema {self.schema[:40]!r}, not {SCHEMA}")
        require(self.kind in KINDS, f"kind {self.kind[:40]!r} is unknown", f"use one of: {', '.join(KINDS)}")
        require(address(self.owner) == self.owner, "owner must be an address in lower case")
        require(_TITLE.fullmatch(self.title) is not None, "title needs 1 to 200 printable characters")
        require(len(self.parents) <= MAX_PARENTS, f"a card names at most {MAX_PARENTS} parents")
        require(list(self.parents) == sorted({asset_id(p) for p in self.parents}), "parents must be sorted asset ids")
        require(len(self.files) == 1, "a card describes exactly one sealed file")
        check_license(self.license)


def decode_description(data: bytes) -> Manifest | Card:
    """Read the description of any asset, by its schema. Raises BadInput."""
    value = canonical.decode(data, limit=LIMIT)
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema == CAPTURE_SCHEMA:
        return Manifest.decode(data)
    if schema == SCHEMA:
        return Card.decode(data)
    raise BadInput(f"the description has an unknown schema {str(schema)[:40]!r}")


def check_description(
    description: Manifest | Card, *, size: int, cipher_root: bytes, plain_root: bytes, key_commit: bytes
) -> None:
    """Compare what a description says with what the asset id commits to. Raises Corrupt."""
    if description.files[0].bytes != size:
        raise Corrupt("the description's file size is not the one the asset was minted with")
    said = description.enc
    pairs = (("cipher root", said.cipher_root, cipher_root), ("plain root", said.plain_root, plain_root))
    for name, text, promised in (*pairs, ("key commitment", said.key_commit, key_commit)):
        if bytes.fromhex(text.removeprefix("0x")) != promised:
            raise Corrupt(f"the description's {name} is not the one the asset was minted with")
