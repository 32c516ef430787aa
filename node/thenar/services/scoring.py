"""What a recording would count for, before anybody uploads it: quality, and what is new beside earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from thenar.domain.scoring.glimpse import Glimpses, Probed
from thenar.domain.scoring.integers import BP
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.plugins import Plugin, Sketch, Witness, plugin_for, units
from thenar.domain.scoring.report import Match, Novelty, Quality, Verdict, percent
from thenar.domain.scoring.signals import Recorded

UNITS = {"spatial": "voxels", "tactile": "codes", "imu": "codes", "trajectory": "poses", "rollout": "poses"}


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier recording by its name, and its sketch."""

    name: str
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Compared:
    """One earlier recording, the witness found against the newer one, and what it shows."""

    name: str
    witness: Witness
    match: Match
    verdict: Verdict

    @property
    def reason(self) -> str:
        """The verdict in plain words."""
        found = self.match.likeness
        if self.verdict is Verdict.TOO_SMALL:
            return f"too small to compare: the smaller one holds only {found.compared:,}"
        said = f"{percent(found.shared_bp)} is shared"
        if self.verdict is Verdict.COPY:
            return f"{said}, {percent(found.agreement_bp)} alike: this is a copy"
        if self.verdict is Verdict.PARTLY:
            return f"{said}, {percent(found.agreement_bp)} alike: that part is copied"
        if self.verdict is Verdict.AGAIN:
            return f"{said}, only {percent(found.agreement_bp)} alike: the same thing, recorded again and independently"
        return f"{said}: something else"


@dataclass(frozen=True, slots=True)
class Scored:
    """Everything scoring says about one recording."""

    modality: str
    probed: Probed
    preview: Glimpses
    quality: Quality
    sketch: Sketch
    earlier: tuple[Compared, ...]
    novelty: Novelty

    @property
    def contribution_bp(self) -> int:
        """Quality times novelty."""
        return self.quality.bp * self.novelty.bp // BP

    @property
    def size(self) -> str:
        """How large the sketch is, in the unit of its modality."""
        return f"{units(self.sketch):,} {UNITS[self.modality]}"

    @property
    def rules(self) -> str:
        """The hash of the rules it was scored under."""
        return "0x" + RULES.hash.hex()


Say = Callable[[str], None]


def score(recorded: Recorded, earlier: Sequence[Earlier], *, stretched: bool = False, say: Say | None = None) -> Scored:
    """Score a recording, looking for the worst an honest challenger could say with each earlier one.

    Raises BadInput for a modality that is not scored, or a recording without what its modality needs.
    """
    tell = say or (lambda _: None)
    plugin = plugin_for(recorded.modality)
    probed, preview = plugin.probe(recorded), plugin.preview(recorded)
    tell("judging quality")
    quality = plugin.quality(recorded)
    tell("sketching")
    sketch = plugin.sketch(recorded)
    compared = []
    for other in earlier:
        tell(f"comparing with {other.name}")
        compared.append(_compared(plugin, recorded, other, stretched))
    found = plugin.novelty(recorded, [one.match for one in compared])
    return Scored(recorded.modality, probed, preview, quality, sketch, tuple(compared), found)


def _compared(plugin: Plugin, recorded: Recorded, other: Earlier, stretched: bool) -> Compared:
    witness = plugin.search(recorded, other.sketch, stretched=stretched)
    match = plugin.verify_duplicate(recorded, other.sketch, witness)
    return Compared(other.name, witness, match, plugin.rule.verdict(match.likeness))
