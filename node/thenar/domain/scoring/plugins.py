"""One plugin a modality: what is scored, quality, sketch, likeness to an earlier one, novelty, preview, gesture.

A witness says how the newer recording is made into the older: a ``Transform`` of places, or how it is ``Played``.
Checking one is everybody's work and quick; ``search`` looks for one and is the challenger's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np

from thenar.domain.gestures import checking
from thenar.domain.gestures.checking import GestureCheck
from thenar.domain.gestures.trace import Kind
from thenar.domain.scoring import codes, glimpse, imu, places, rollout, search, spatial, tactile, trajectory
from thenar.domain.scoring.codes import CodeSketch
from thenar.domain.scoring.glimpse import Glimpses, Probed
from thenar.domain.scoring.integers import share
from thenar.domain.scoring.parameters import RULES, Parameters, TrajectoryRules
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.playing import AS_IT_IS, FORMS, STRETCHED, Played
from thenar.domain.scoring.report import SHOWN, CopyRule, Match, Novelty, Quality, novelty_of
from thenar.domain.scoring.signals import Recorded
from thenar.domain.scoring.trajectory import PoseSketch
from thenar.domain.scoring.transform import Transform
from thenar.errors import BadInput

Sketch: TypeAlias = PlaceSketch | CodeSketch | PoseSketch
Witness: TypeAlias = Transform | Played


class Plugin(Protocol):
    """What every modality gives. Everything is exact: the same recording and rules make the same bits anywhere."""

    @property
    def rule(self) -> CopyRule:
        """When a recording is a copy."""

    def probe(self, recorded: Recorded) -> Probed:
        """What of it is scored. Raises BadInput when it holds nothing of the modality."""

    def preview(self, recorded: Recorded) -> Glimpses:
        """What of it may be shown to anybody."""

    def quality(self, recorded: Recorded) -> Quality:
        """How good it is by itself."""

    def sketch(self, recorded: Recorded) -> Sketch:
        """What is kept of it to compare later ones with."""

    def decode(self, data: bytes) -> Sketch:
        """A sketch from its bytes. Raises BadInput."""

    def verify_duplicate(self, recorded: Recorded, old: Sketch, witness: Witness) -> Match:
        """What it shares with an earlier sketch under a witness. Raises BadInput for one of another modality."""

    def search(self, recorded: Recorded, old: Sketch, *, stretched: bool = False) -> Witness:
        """The best witness this node's search finds."""

    def seen_bp(self, recorded: Recorded, matches: Sequence[Match]) -> int:
        """Basis points of it that the matches show together."""

    def novelty(self, recorded: Recorded, matches: Sequence[Match]) -> Novelty:
        """What is new in it beside the earlier ones it was matched with."""

    @property
    def gestures(self) -> tuple[Kind, ...]:
        """Of which kinds its gestures may be; none where it cannot show one."""

    def gesture_check(self, recorded: Recorded, head: bytes, log: Recorded | None = None) -> GestureCheck:
        """Whether it, or the log that came with it, begins with the gesture of a beacon, and why."""


@dataclass(frozen=True, slots=True)
class Spatial:
    """Scans of places."""

    rules: Parameters = RULES

    @property
    def rule(self) -> CopyRule:
        """When a scan is a copy."""
        return self.rules.spatial.copy

    def probe(self, recorded: Recorded) -> Probed:
        """The points of a scan."""
        points, signal = spatial.points_of(recorded)
        return Probed.of(signal, points)

    def preview(self, recorded: Recorded) -> Glimpses:
        """How large and dense a scan is, in round numbers."""
        return glimpse.of_place(recorded, self.rules.spatial)

    def quality(self, recorded: Recorded) -> Quality:
        """How good a scan is."""
        return spatial.quality(recorded, self.rules.spatial)

    def sketch(self, recorded: Recorded) -> PlaceSketch:
        """The occupied cells of a scan."""
        return PlaceSketch.of(spatial.points_of(recorded)[0], self.rules.spatial)

    def decode(self, data: bytes) -> PlaceSketch:
        """A place from its bytes."""
        return PlaceSketch.decode(data, self.rules.spatial)

    def verify_duplicate(self, recorded: Recorded, old: Sketch, witness: Witness) -> Match:
        """What a scan shares with an earlier one when laid on it as stated."""
        if not isinstance(old, PlaceSketch) or not isinstance(witness, Transform):
            raise BadInput("a scan is compared with a sketch of a place, under a transform")
        return places.verify(self.sketch(recorded), old, witness)

    def search(self, recorded: Recorded, old: Sketch, *, stretched: bool = False) -> Transform:
        """The transform under which most of a scan falls on the earlier one."""
        if not isinstance(old, PlaceSketch):
            raise BadInput("a scan is compared with a sketch of a place")
        return search.search(self.sketch(recorded), old, stretched=stretched)

    def seen_bp(self, recorded: Recorded, matches: Sequence[Match]) -> int:
        """Basis points of a scan's voxels that earlier ones have together."""
        return places.seen_share(self.sketch(recorded), [match.seen for match in matches])

    def novelty(self, recorded: Recorded, matches: Sequence[Match]) -> Novelty:
        """What is new beside earlier ones."""
        return _novelty(self, recorded, matches)

    @property
    def gestures(self) -> tuple[Kind, ...]:
        """Turns of the scanner."""
        return (Kind.TURNS,)

    def gesture_check(self, recorded: Recorded, head: bytes, log: Recorded | None = None) -> GestureCheck:
        """Points show no gesture: the motion in the file does, or the log that was recorded with them."""
        without = "points show no gesture: it takes a gyroscope with an accelerometer, or poses, recorded with them"
        return checking.check(log or recorded, head, self.gestures, without)


@dataclass(frozen=True, slots=True)
class InTime:
    """Touch, or inertial logs, as sets of codes."""

    modality: str
    rules: Parameters = RULES

    @property
    def rule(self) -> CopyRule:
        """When a recording is a copy."""
        return self.rules.tactile.copy if self.modality == "tactile" else self.rules.imu.copy

    def probe(self, recorded: Recorded) -> Probed:
        """The taxels, or the accelerometer."""
        if self.modality == "tactile":
            rows, signal = tactile.touch_of(recorded)
            return Probed.of(signal, rows)
        acceleration, _ = imu.streams_of(recorded)
        return Probed.of(acceleration, acceleration.values)

    def preview(self, recorded: Recorded) -> Glimpses:
        """How many sensors, for how long and how often, in round numbers."""
        return glimpse.of_touch(recorded) if self.modality == "tactile" else glimpse.of_inertia(recorded)

    def quality(self, recorded: Recorded) -> Quality:
        """How good a recording is."""
        if self.modality == "tactile":
            return tactile.quality(recorded, self.rules.tactile)
        return imu.quality(recorded, self.rules.imu)

    def sketch(self, recorded: Recorded) -> CodeSketch:
        """The codes of a recording."""
        if self.modality == "tactile":
            return tactile.sketch(recorded, self.rules.tactile)
        return imu.sketch(recorded, self.rules.imu)

    def decode(self, data: bytes) -> CodeSketch:
        """Codes from their bytes."""
        return CodeSketch.decode(data)

    def verify_duplicate(self, recorded: Recorded, old: Sketch, witness: Witness) -> Match:
        """Which codes of a recording, played as stated, the earlier one has."""
        if not isinstance(old, CodeSketch) or not isinstance(witness, Played):
            raise BadInput("a recording in time is compared with a sketch of codes, played in a stated way")
        most = self.rules.tactile.most_bits if self.modality == "tactile" else self.rules.imu.most_bits
        return codes.compare(self.sketch(witness.apply(recorded)), old, most)

    def search(self, recorded: Recorded, old: Sketch, *, stretched: bool = False) -> Played:
        """How to play a recording so that it shares most codes."""
        return _best_played(self, recorded, old, stretched)

    def seen_bp(self, recorded: Recorded, matches: Sequence[Match]) -> int:
        """Basis points of the codes that earlier ones have together, or of the one that has most."""
        return _seen_together(matches)

    def novelty(self, recorded: Recorded, matches: Sequence[Match]) -> Novelty:
        """What is new beside earlier ones."""
        return _novelty(self, recorded, matches)

    @property
    def gestures(self) -> tuple[Kind, ...]:
        """Presses of four regions of a skin, and turns of what an inertial sensor is on."""
        return (Kind.PRESSES, Kind.TURNS) if self.modality == "tactile" else (Kind.TURNS,)

    def gesture_check(self, recorded: Recorded, head: bytes, log: Recorded | None = None) -> GestureCheck:
        """Whether a skin was pressed, or a sensor turned, as a beacon says."""
        turning = "a gyroscope with an accelerometer"
        needed = f"four taxels, or {turning}," if self.modality == "tactile" else turning
        without = f"nothing in it shows a gesture: it takes {needed} with times or a rate"
        return checking.check(log or recorded, head, self.gestures, without)


@dataclass(frozen=True, slots=True)
class Movements:
    """Trajectories and rollouts as sets of poses: how they are played makes no difference."""

    modality: str
    rules: Parameters = RULES

    @property
    def _own(self) -> TrajectoryRules:
        return self.rules.rollout if self.modality == "rollout" else self.rules.trajectory

    @property
    def rule(self) -> CopyRule:
        """When a movement is a copy."""
        return self._own.copy

    def probe(self, recorded: Recorded) -> Probed:
        """The poses of a movement."""
        rows, signal = trajectory.poses_of(recorded)
        return Probed.of(signal, rows)

    def preview(self, recorded: Recorded) -> Glimpses:
        """How many numbers make a pose, for how long and how often, in round numbers."""
        return glimpse.of_movement(recorded)

    def quality(self, recorded: Recorded) -> Quality:
        """How good a movement is."""
        if self.modality == "rollout":
            return rollout.quality(recorded, self._own)
        return trajectory.quality(recorded, self._own)

    def sketch(self, recorded: Recorded) -> PoseSketch:
        """The poses of a trajectory."""
        return trajectory.sketch(recorded, self._own)

    def decode(self, data: bytes) -> PoseSketch:
        """Poses from their bytes."""
        return PoseSketch.decode(data)

    def verify_duplicate(self, recorded: Recorded, old: Sketch, witness: Witness) -> Match:
        """Which poses of a trajectory lie near the earlier one's."""
        if not isinstance(old, PoseSketch) or witness != AS_IT_IS:
            raise BadInput("a trajectory is compared with a sketch of poses, as it is")
        return trajectory.compare(self.sketch(recorded), old, self._own)

    def search(self, recorded: Recorded, old: Sketch, *, stretched: bool = False) -> Played:
        """Poses know neither time nor direction, so there is nothing to look for."""
        return AS_IT_IS

    def seen_bp(self, recorded: Recorded, matches: Sequence[Match]) -> int:
        """Basis points of the poses that earlier ones have together."""
        return _seen_together(matches)

    def novelty(self, recorded: Recorded, matches: Sequence[Match]) -> Novelty:
        """What is new beside earlier ones."""
        return _novelty(self, recorded, matches)

    @property
    def gestures(self) -> tuple[Kind, ...]:
        """Turns of a body, or wiggles of joints; a simulator's body makes none."""
        return () if self.modality == "rollout" else (Kind.TURNS, Kind.JOINTS)

    def gesture_check(self, recorded: Recorded, head: bytes, log: Recorded | None = None) -> GestureCheck:
        """Whether a body turned, or joints wiggled, as a beacon says."""
        if self.modality == "rollout":
            return GestureCheck(None, False, "a rollout shows no gesture: a simulator makes any move at any time")
        without = "nothing in it shows a gesture: it takes orientations or four joints, with times or a rate"
        return checking.check(log or recorded, head, self.gestures, without)


def _best_played(plugin: InTime, recorded: Recorded, old: Sketch, stretched: bool) -> Played:
    forms = FORMS + STRETCHED if stretched else FORMS
    found = [(plugin.verify_duplicate(recorded, old, form).likeness.shared_bp, -at) for at, form in enumerate(forms)]
    return forms[-max(found)[1]]


def _seen_together(matches: Sequence[Match]) -> int:
    """Together where the matches are about the same units, else what the largest has: played apart, units differ."""
    if not matches:
        return 0
    if len({len(match.seen) for match in matches}) > 1:
        return max(match.likeness.shared_bp for match in matches)
    seen = np.logical_or.reduce([match.seen for match in matches])
    return share(int(seen.sum()), len(seen))


_PLUGINS: Final[dict[str, Plugin]] = {
    "spatial": Spatial(),
    "tactile": InTime("tactile"),
    "trajectory": Movements("trajectory"),
    "imu": InTime("imu"),
    "rollout": Movements("rollout"),
}


def plugin_for(modality: str) -> Plugin:
    """The plugin of a modality. Raises BadInput for one that is not scored."""
    found = _PLUGINS.get(modality)
    if found is None:
        raise BadInput(f"{modality} recordings are not scored", next_step=f"scored are: {', '.join(_PLUGINS)}")
    return found


def _novelty(plugin: Plugin, recorded: Recorded, matches: Sequence[Match]) -> Novelty:
    likenesses = [match.likeness for match in matches]
    shown = [match for match in matches if plugin.rule.verdict(match.likeness) in SHOWN]
    return novelty_of(plugin.rule, units(plugin.sketch(recorded)), likenesses, plugin.seen_bp(recorded, shown))


def units(sketch: Sketch) -> int:
    """What a sketch is measured in: voxels, codes or poses."""
    if isinstance(sketch, PlaceSketch):
        return len(sketch.voxels)
    return len(sketch.codes) if isinstance(sketch, CodeSketch) else len(sketch.poses)
