"""What a look at a node found, and what would mend it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from thenar.adapters.chain import deployments
from thenar.adapters.chain.deployments import Deployment
from thenar.config import Config, load
from thenar.directory import runtime_of
from thenar.errors import ThenarError


@dataclass(frozen=True, slots=True)
class Mend:
    """What ``doctor --fix`` can do by itself without losing anything; ``says`` is what a person would type."""

    says: str
    do: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``next_step`` is there when it is not fine."""

    check: str
    fine: bool
    seen: str
    next_step: str | None = None
    mend: Mend | None = None


def fine(check: str, seen: str = "yes") -> Finding:
    """Nothing is wrong with it."""
    return Finding(check, True, seen)


def fault(check: str, seen: str, next_step: str, mend: Mend | None = None) -> Finding:
    """Something is wrong with it."""
    return Finding(check, False, seen, next_step, mend)


@dataclass(frozen=True)
class Patient:
    """A data directory under examination. ``status`` is what its node says of itself, or that none answers."""

    directory: Path
    environment: Mapping[str, str]
    status: Mapping[str, object]
    password: str | None = None
    store_lost: bool = False

    @property
    def running(self) -> bool:
        """Whether its node answers."""
        return bool(self.status.get("running"))

    @cached_property
    def config(self) -> Config | ThenarError:
        """Its settings, or why there are none."""
        try:
            return load(self.directory, environment=self.environment)[0]
        except ThenarError as wrong:
            return wrong

    @cached_property
    def deployment(self) -> Deployment | None:
        """Its deployment, when the settings name one that can be read; a running node's own is on a devnet another."""
        if isinstance(self.config, ThenarError) or not self.config.chain_deployment:
            return None
        try:
            return deployments.load(Path(self.config.chain_deployment))
        except ThenarError:
            return None

    @cached_property
    def runtime(self) -> dict[str, object] | None:
        """What its node wrote down about where it answers."""
        return runtime_of(self.directory)


def shown(found: object) -> str:
    """Part of a status, in one line."""
    if isinstance(found, Mapping):
        return ", ".join(f"{key} {value}" for key, value in found.items())
    if isinstance(found, list) and found:
        return "; ".join(map(str, found))
    return found if isinstance(found, str) else json.dumps(found) if found else "yes"
