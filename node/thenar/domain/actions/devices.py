"""Calls about capturing devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.devices import DeviceClaim
from thenar.domain.ids import Address


@dataclass(frozen=True, slots=True)
class RegisterDevice:
    """Register a device of this account; the parent's signature is empty when there is no parent."""

    claim: DeviceClaim
    device_signature: bytes
    parent_signature: bytes


@dataclass(frozen=True, slots=True)
class RetireDevice:
    """End a device now."""

    device: Address


@dataclass(frozen=True, slots=True)
class CompromiseDevice:
    """End a device from a time on that may lie in the past, unix seconds."""

    device: Address
    since: int


DeviceAction: TypeAlias = RegisterDevice | RetireDevice | CompromiseDevice
