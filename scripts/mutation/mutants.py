"""What a mutant is: one small change at one place of one file, named by what it changes and not by where it stands."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

REMOVING = ("assignment", "call", "modifier", "refusal", "logic")
"""Kinds of wrong that leave something out; a statement that says nothing stands in its place."""


@dataclass(frozen=True, slots=True)
class Change:
    """A replacement of some bytes of a file, before it has a name."""

    place: str
    """The function it is in, as ``Contract.function``."""
    kind: str
    """What sort of wrong it is, for instance ``relation`` or ``refusal``."""
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A named change. The id stays the same while the function it is in says the same."""

    id: str
    file: str
    place: str
    kind: str
    line: int
    start: int
    end: int
    old: str
    new: str

    def applied(self, source: bytes) -> bytes:
        """The file with this wrong in it."""
        return source[: self.start] + self.new.encode() + source[self.end :]

    @property
    def told(self) -> str:
        """One line for a person: what stands there, and what the mutant put there."""
        if self.new in ("", "0", "pass") and self.kind in REMOVING:
            return f"`{_short(self.old)}` removed"
        return f"`{_short(self.old)}` → `{_short(self.new) or ' '}`"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"


def named(file: str, source: bytes, changes: Iterable[Change]) -> Iterator[Mutant]:
    """Give every change its id: place, kind, words before and after, and a count where they are equal."""
    seen: Counter[str] = Counter()
    for change in sorted(changes, key=lambda one: (one.start, one.end, one.kind, one.text)):
        old = source[change.start : change.end].decode()
        if old == change.text:
            continue
        said = "\0".join((file, change.place, change.kind, " ".join(old.split()), change.text))
        seen[said] += 1
        digest = hashlib.sha256(f"{said}\0{seen[said]}".encode()).hexdigest()[:10]
        line = source.count(b"\n", 0, change.start) + 1
        yield Mutant(digest, file, change.place, change.kind, line, change.start, change.end, old, change.text)


def drawn(mutants: Iterable[Mutant], number: int) -> list[Mutant]:
    """The ``number`` mutants whose ids come first: a fair draw that does not move when others come or go."""
    return sorted(mutants, key=lambda one: one.id)[:number]
