"""Programs an owner approved, runs of them, and the budget: the twin of contracts/types/Runs.sol and RunDesk._spend.

A program is given the bytes of the input and the number of a part, and nothing of the buyer's. Equal runs put out equal
bytes (class X2), so all that it can tell anybody, however often and by however many it is asked, is ``parts`` outputs
of ``output_bytes``. The runs of a day bound how fast.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from thenar.domain.ids import RAW, Address, AssetId, Cid
from thenar.domain.work.classes import X2
from thenar.domain.work.jobs import MAX_ASSET_BYTES, MAX_FUEL, AssetFile, JobSpec
from thenar.domain.work.jobs import Limits as JobLimits
from thenar.domain.work.jobwork import MAX_PAGES, Wasm
from thenar.errors import BadInput

DAY: Final = 86_400
MAX_OUTPUT: Final = 256_000
"""Bytes of an output: with its report it is sealed into one IPFS block."""
MAX_PARTS: Final = 2**32 - 1
MAX_RUNS: Final = 2**16 - 1
"""Runs in a day."""
MODULE, INPUT = "program.wasm", "input"
_MIB: Final = 1 << 20


class RunStage(IntEnum):
    """Where a run stands. The chain keeps the first three; how a run ended is told by its last event."""

    NONE = 0
    ORDERED = 1
    DELIVERED = 2
    SETTLED = 3
    REJECTED = 4
    REFUNDED = 5


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What an owner lets a program do. Money in token units."""

    price: int
    fuel: int
    output_bytes: int
    parts: int
    per_buyer: int
    per_day: int

    @property
    def ever(self) -> int:
        """The most bytes the program can ever tell all buyers together of one input."""
        return self.parts * self.output_bytes

    @property
    def daily(self) -> int:
        """The most bytes that leave on one day (UTC), for all buyers together."""
        return min(self.ever, self.per_day * self.output_bytes)

    def check(self) -> None:
        """Raise BadInput for what this node does not run, or the contract does not keep."""
        for name, value, most in (
            ("output", self.output_bytes, MAX_OUTPUT),
            ("fuel", self.fuel, MAX_FUEL),
            ("parts", self.parts, MAX_PARTS),
            ("per-buyer", self.per_buyer, MAX_RUNS),
            ("per-day", self.per_day, MAX_RUNS),
        ):
            if not 1 <= value <= most:
                raise BadInput(f"{name} is {value}; it must be 1 to {most:,}")
        if not 0 <= self.price < 2**96:
            raise BadInput("the price does not fit the contract")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it was ordered. Times in unix seconds, money in token units."""

    buyer: Address
    price: int
    asset: AssetId
    program: bytes
    part: int
    output_bytes: int
    consent_epoch: int
    ordered_at: int
    deadline: int
    stage: RunStage


def fits(limits: RunLimits, earlier: Iterable[tuple[Address, int]], buyer: Address, at: int) -> str | None:
    """Why one more order does not fit a day's budget, or None. ``earlier`` orders are (buyer, when)."""
    today = [who for who, when in earlier if when // DAY == at // DAY]
    if sum(who == buyer for who in today) >= limits.per_buyer:
        return f"the buyer has ordered {limits.per_buyer} runs today, as many as one may"
    if len(today) >= limits.per_day:
        return f"{limits.per_day} runs were ordered today, as many as all buyers together may"
    return None


def job_of(program: AssetFile, size: int, content_hash: bytes, limits: RunLimits) -> JobSpec:
    """The job whose unit is a run: the module over the input, one segment, nothing from the buyer but the part.

    ``size`` and ``content_hash`` are those of the opened input. Raises BadInput for an input too large to be read.
    """
    if size > MAX_ASSET_BYTES:
        raise BadInput(f"the input has {size:,} bytes; a program reads at most {MAX_ASSET_BYTES:,}")
    named = AssetFile(Cid.of(RAW, content_hash), "0x" + content_hash.hex(), size)
    return JobSpec(
        kind="data-process",
        class_id=X2.id,
        seed=0,
        units=limits.parts,
        segments=1,
        segment=limits.fuel,
        work=Wasm(MODULE, (INPUT,), MAX_PAGES, "unit"),
        assets={MODULE: program, INPUT: named},
        limits=JobLimits(1024 + 3 * (size // _MIB), limits.output_bytes),
    )
