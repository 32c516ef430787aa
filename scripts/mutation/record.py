"""What a campaign found, in a file that a stopped campaign goes on from: outcomes by mutant, sources by hash."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutation.mutants import Mutant

KILLED, SURVIVED, INVALID, EQUIVALENT = "killed", "survived", "invalid", "equivalent"
KILLERS = 6
WALK = "walk"
"""Who let a mutant pass that has not met the contract's own tests yet."""


@dataclass
class Record:
    """Outcomes by the mutant's id, and of which sources: a mutant of another source is judged anew."""

    path: Path
    sources: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    drawn: int = 0
    """How many mutants the whole campaign is of."""

    @classmethod
    def at(cls, path: Path) -> Record:
        """Read a record, or begin an empty one."""
        if not path.exists():
            return cls(path)
        kept = json.loads(path.read_text("utf-8"))
        return cls(path, kept["sources"], kept["outcomes"], kept["drawn"])

    def keep(self, mutant: Mutant, outcome: str, by: str) -> None:
        """Note one outcome and write the file, so that a campaign that is stopped loses one judgement at most."""
        self.outcomes[mutant.id] = _told(mutant) | {"outcome": outcome, "by": by}
        self.write()

    def write(self) -> None:
        """Write the record whole, or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = {"drawn": self.drawn, "sources": self.sources, "outcomes": dict(sorted(self.outcomes.items()))}
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(self.path)

    def known(self, mutant: Mutant) -> bool:
        """Whether this mutant needs no judgement: it died, is equivalent, or was judged on this very source."""
        return mutant.id in self.outcomes

    def survived(self, mutant: Mutant) -> bool:
        """Whether it was judged and nobody noticed."""
        return self.outcomes.get(mutant.id, {}).get("outcome") == SURVIVED

    def waits(self, mutant: Mutant) -> bool:
        """Whether the walk let it pass and the contract's own tests have not judged it yet."""
        return self.survived(mutant) and self.outcomes[mutant.id]["by"] == WALK

    def killers(self, place: str) -> list[str]:
        """Who noticed other wrongs in this function, the most successful first: they are likely to notice the next."""
        found = Counter(
            one["by"] for one in self.outcomes.values() if (one["place"], one["outcome"]) == (place, KILLED)
        )
        return [name for name, _ in found.most_common(KILLERS)]

    def settle(self, drawn: Iterable[Mutant]) -> None:
        """Leave out what is not among these mutants any more, and tell of the others where they stand now."""
        present = {mutant.id: mutant for mutant in drawn}
        self.drawn = len(present)
        for gone in self.outcomes.keys() - present.keys():
            del self.outcomes[gone]
        for name, one in self.outcomes.items():
            one |= _told(present[name])

    def counts(self, reasons: dict[str, str]) -> dict[str, int]:
        """How many came out how; what a person explained as equivalent counts as equivalent."""
        found: Counter[str] = Counter()
        for name, one in self.outcomes.items():
            found[EQUIVALENT if one["outcome"] == SURVIVED and name in reasons else one["outcome"]] += 1
        return dict(found)


def _told(mutant: Mutant) -> dict[str, Any]:
    where = {"file": mutant.file, "place": mutant.place, "line": mutant.line}
    return where | {"kind": mutant.kind, "change": mutant.told}


def digest(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def share(counts: dict[str, int]) -> float:
    """The share of mutants that were noticed, of those that could be: equivalent and invalid ones count on no side."""
    judged = counts.get(KILLED, 0) + counts.get(SURVIVED, 0)
    return counts.get(KILLED, 0) / judged if judged else 0.0
