"""Rollouts: movements of a simulated body, worth something when running them again gives the same bytes.

What they are compared by are their poses, as of any movement.
"""

from __future__ import annotations

from thenar.domain.scoring import trajectory
from thenar.domain.scoring.integers import BP
from thenar.domain.scoring.parameters import TrajectoryRules
from thenar.domain.scoring.report import Part, Quality
from thenar.domain.scoring.signals import Recorded


def quality(recorded: Recorded, rules: TrajectoryRules) -> Quality:
    """Score a rollout as the movement it is, and nothing unless each of its segments came out the same again."""
    replayed = _replayed(recorded)
    parts = (replayed, *trajectory.quality(recorded, rules).parts)
    return Quality.of(parts, 0) if replayed.bp else Quality(0, parts)


def _replayed(recorded: Recorded) -> Part:
    run = recorded.replay
    if run is None:
        return Part("run again", 0, 4, "it was not run again, so nobody knows whether a simulator made it")
    whole = run.same == run.asked > 0
    return Part("run again", BP if whole else 0, 4, f"{run.same:,} of {run.asked:,} segments came out the same again")
