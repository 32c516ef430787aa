"""Facts about capturing devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address


@dataclass(frozen=True, slots=True)
class DeviceRegistered:
    """A device was registered, by its own signature and that of its parent; ``since`` in unix seconds."""

    at: At
    device: Address
    owner: Address
    parent: Address
    kind: int
    depth: int
    since: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class DeviceEnded:
    """From ``until`` on, unix seconds, a device's word counts no more, nor that of devices on it."""

    at: At
    device: Address
    until: int
    compromised: bool


DeviceFact: TypeAlias = DeviceRegistered | DeviceEnded
