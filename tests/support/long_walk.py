"""Walk a state machine far: Hypothesis keeps its runs short, and a short run seldom reaches what takes three steps.

A walk is decided by its seed alone, so a failing one can be walked again. ``THENAR_CAMPAIGN=20`` (see ``make
campaign``) walks twenty times as many seeds; `-s` shows what each walk did.
"""

from __future__ import annotations

import inspect
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

CAMPAIGN = int(os.environ.get("THENAR_CAMPAIGN", "1"))

Range = int | tuple[int, int] | Callable[[random.Random], Any]


def seeds(count: int) -> range:
    """Return the seeds to walk: so many, times the size of the campaign."""
    return range(count * CAMPAIGN)


def drawn(dice: random.Random, limits: Range) -> Any:
    """Return a random argument: from 0 to a limit, between two limits, or whatever a function makes of the dice."""
    if callable(limits):
        return limits(dice)
    low, high = limits if isinstance(limits, tuple) else (0, limits)
    return dice.randint(low, high)


def long_walk(machine: Any, limits: Mapping[str, Range], *, steps: int, seed: int) -> Counter[str]:
    """Apply random rules with random arguments, checking every invariant after every step.

    Returns how often each rule ran; no rule may be left out. The machine is set up and torn down as Hypothesis would.
    """
    dice = random.Random(seed)
    names = sorted(name for name, _ in inspect.getmembers(machine, inspect.ismethod))
    rules = [name for name in names if name.startswith("rule_")]
    invariants = [getattr(machine, name) for name in names if name.startswith("invariant_")]
    machine.setup()
    ran: Counter[str] = Counter()
    for _ in range(steps):
        name = dice.choice(rules)
        rule = getattr(machine, name)
        rule(**{argument: drawn(dice, limits[argument]) for argument in inspect.signature(rule).parameters})
        ran[name] += 1
        for holds in invariants:
            holds()
    machine.teardown()
    print(f"{type(machine).__name__}, seed {seed}: {ran.total()} steps, {dict(ran)}")
    missing = set(rules) - set(ran)
    assert not missing, f"the walk never took {missing}: make it longer"
    return ran
