"""What rewriting a recording yields."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Scrubbed:
    """The format written, what was left out, in sentences for people, and whether coordinates were moved."""

    format: str
    notes: list[str] = field(default_factory=list)
    localised: bool = False
