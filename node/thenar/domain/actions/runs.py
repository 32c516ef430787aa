"""Calls about programs that come to the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import Address, AssetId, RunId
from thenar.domain.runs.programs import RunLimits


@dataclass(frozen=True, slots=True)
class ApproveProgram:
    """Let licensees run a program over an asset, within limits."""

    asset: AssetId
    program: bytes
    limits: RunLimits


@dataclass(frozen=True, slots=True)
class DisapproveProgram:
    """Take that back."""

    asset: AssetId
    program: bytes


@dataclass(frozen=True, slots=True)
class OrderRun:
    """Pay for a run over one part; the output is sealed for a one-time point."""

    asset: AssetId
    program: bytes
    part: int
    max_price: int
    key_x: int
    key_y: int


@dataclass(frozen=True, slots=True)
class DeliverRun:
    """Say where the sealed output lies."""

    run: RunId
    buyer: Address
    sealed_digest: bytes


@dataclass(frozen=True, slots=True)
class SettleRun:
    """Have a delivered run paid to its asset."""

    run: RunId


@dataclass(frozen=True, slots=True)
class RejectRun:
    """Burn the price of a delivered run."""

    run: RunId


@dataclass(frozen=True, slots=True)
class RefundRun:
    """Bring the price of a run without output back."""

    run: RunId


RunAction: TypeAlias = ApproveProgram | DisapproveProgram | OrderRun | DeliverRun | SettleRun | RejectRun | RefundRun
