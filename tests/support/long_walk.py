"""Walk a state machine far: Hypothesis keeps its runs short, and a short run seldom reaches what takes three steps.

A walk is decided by its seed alone, so a failing one can be walked again.
"""

from __future__ import annotations

import inspect
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any


def long_walk(machine: Any, limits: Mapping[str, int], *, steps: int, seed: int) -> Counter[str]:
    """Apply random rules with random arguments from 0 to their limits, checking every invariant after every step.

    Returns how often each rule ran. The machine is set up and torn down as Hypothesis would.
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
        rule(**{argument: dice.randint(0, limits[argument]) for argument in inspect.signature(rule).parameters})
        ran[name] += 1
        for holds in invariants:
            holds()
    machine.teardown()
    return ran
