"""The signing guard: what may be signed, given what was signed before, here or elsewhere under the same keys.

A statement is about a subject (``domain`` and ``key``) and says one thing (``digest``). Saying it again is harmless;
saying something else about the same subject is what costs a stake. A subject about which two things were heard is
spoiled: nothing is said about it any more. ``about`` is the time a statement speaks of, in Unix seconds: a node that
came out of a backup makes none about the time before, because its older self may have.

The interchange document carries what one copy of a node signed to another. tests/vectors/guard.json holds cases that
every implementation must agree on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from thenar.domain.ids import Address, address
from thenar.errors import BadInput

FORMAT = "thenar.guard/1"
FLOOR = "home/restored"
"""Under this name a journal that came out of a backup remembers when, in Unix seconds."""
SPOILED = b""
"""In place of a digest: two different ones were heard of."""
MAX_BYTES = 64 << 20
"""Of one document; a statement takes about 150."""
_WORD = re.compile(r"[ -~]{1,200}", re.ASCII)
_DIGEST = re.compile(r"0x(?:[0-9a-f]{2}){0,64}", re.ASCII)


class Verdict(Enum):
    """What becomes of the wish to sign."""

    NEW = "new"
    AGAIN = "again"
    OTHER = "something else was already signed"
    SPOILED = "two different statements are known"
    EARLIER = "the node this one was restored from may have said something else"

    @property
    def may_sign(self) -> bool:
        """Whether a signature may leave the node."""
        return self in (Verdict.NEW, Verdict.AGAIN)


@dataclass(frozen=True, slots=True)
class Said:
    """A statement as it was signed, or a spoiled subject."""

    domain: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """What one copy of a node signed, for another."""

    account: Address
    chain_id: int
    statements: tuple[Said, ...]


def judge(held: bytes | None, digest: bytes, *, about: int | None = None, floor: int = 0) -> Verdict:
    """Whether ``digest`` may be signed where ``held`` was; ``floor`` is when the node came out of a backup."""
    if held == SPOILED or not digest:
        return Verdict.SPOILED
    if held is not None:
        return Verdict.AGAIN if held == digest else Verdict.OTHER
    return Verdict.EARLIER if about is not None and about < floor else Verdict.NEW


def merged(held: bytes | None, heard: bytes) -> bytes:
    """What is known about a subject once another copy's word about it was heard."""
    return heard if held is None or held == heard else SPOILED


def spell(document: Document) -> str:
    """The document as JSON, a statement a line, in the order of subjects."""
    rows = [
        json.dumps({"domain": one.domain, "key": one.key, "digest": f"0x{one.digest.hex()}"})
        for one in sorted(document.statements, key=lambda one: (one.domain, one.key))
    ]
    head = {"format": FORMAT, "account": document.account, "chain_id": document.chain_id}
    return json.dumps(head)[:-1] + ', "statements": [\n' + ",\n".join(rows) + "\n]}\n"


def read(text: str) -> Document:
    """Raises BadInput for anything that is not such a document, and for one that contradicts itself."""
    if len(text) > MAX_BYTES:
        raise BadInput(f"a list of statements has at most {MAX_BYTES >> 20} MB")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise BadInput("the list of statements is not JSON") from cause
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise BadInput(f"this is not a list of statements ({FORMAT})")
    chain, rows = body.get("chain_id"), body.get("statements")
    if not isinstance(chain, int) or isinstance(chain, bool) or not isinstance(rows, list):
        raise BadInput("a list of statements names a chain and statements")
    said = tuple(map(_said, rows))
    if len({(one.domain, one.key) for one in said}) != len(said):
        raise BadInput("the list names a subject twice")
    return Document(address(str(body.get("account"))), chain, said)


def _said(row: object) -> Said:
    found = row if isinstance(row, Mapping) else {}
    domain, key, digest = found.get("domain"), found.get("key"), found.get("digest")
    for word, shape in ((domain, _WORD), (key, _WORD), (digest, _DIGEST)):
        if not isinstance(word, str) or not shape.fullmatch(word):
            raise BadInput(f"a statement of the list is damaged: {str(row)[:80]}")
    return Said(str(domain), str(key), bytes.fromhex(str(digest)[2:]))


def counts(changes: Iterable[tuple[bytes | None, bytes]]) -> dict[str, int]:
    """How many subjects an import added, knew already, and spoiled; each as what was held and what is now."""
    found = {"added": 0, "known": 0, "spoiled": 0}
    for before, after in changes:
        name = "known" if before == after else "added" if before is None else "spoiled"
        found[name] += 1
    return found
