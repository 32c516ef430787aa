"""A job as people write it: one TOML, and beside it the files it names."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from thenar.domain.ids import AssetId, Cid, asset_id
from thenar.domain.money import parse_amount, parse_share
from thenar.domain.records import completed, from_value
from thenar.domain.work.audits import least_stake
from thenar.domain.work.bounties import NO_ASSET, Job
from thenar.domain.work.classes import CLASSES
from thenar.domain.work.jobs import AssetFile, JobSpec, Limits
from thenar.domain.work.jobwork import shape_of, work_of
from thenar.errors import BadInput
from thenar.services.ports import Progress, Store, one_part

LIMIT: Final = 256 * 1024
NEXT: Final = "`thenar job template` prints one to start from"
JOB: Final = frozenset({"kind", "class", "units", "segments", "segment", "seed"})
PAY: Final = frozenset(
    {"price", "audit_price", "audit", "deadline_hours", "work_minutes", "input", "input_price", "stake"}
)
TOP: Final = frozenset({"job", "files", "work", "limits", "pay"})
AUDIT_MARKUP: Final = 110
"""Percent of a unit's price that its audit costs, unless the file says otherwise."""
MAX_HOURS, MAX_MINUTES = 24 * 366, 24 * 60 * 366


@dataclass(frozen=True, slots=True)
class JobFile:
    """What a TOML asks for, with the files it reads still on disk."""

    folder: Path
    job: Mapping[str, object]
    files: Mapping[str, str]
    work: Mapping[str, object]
    limits: Mapping[str, object]
    pay: Mapping[str, object]

    @classmethod
    def read(cls, path: Path) -> JobFile:
        """Read a job's TOML. Raises BadInput."""
        try:
            if path.stat().st_size > LIMIT:
                raise BadInput(f"{path} has more than {LIMIT} bytes")
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as cause:
            raise BadInput(f"cannot read {path}: {cause.strerror}", next_step="check the path") from cause
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as cause:
            raise BadInput(f"{path} is not TOML: {cause}", next_step=NEXT) from cause
        _only(tree, TOP, str(path))
        sections = {name: tree.get(name, {}) for name in TOP}
        for name, section in sections.items():
            if not isinstance(section, dict):
                raise BadInput(f"{path}: {name} is not a section", next_step=NEXT)
        _only(sections["job"], JOB, f"{path}: [job]")
        _only(sections["pay"], PAY, f"{path}: [pay]")
        return cls(path.parent, **sections)

    async def spec(self, store: Store, units: int | None, progress: Progress) -> JobSpec:
        """The job's spec, its files stored for workers to fetch. Raises BadInput, Refused over the quota."""
        kind = _text(self.job, "kind", "[job]")
        work = work_of(kind, completed(shape_of(kind), self.work))
        assets = {}
        for name in sorted({*work.files(), *self.files}):
            assets[name] = await _stored(self.folder / str(self.files.get(name, name)), store, progress)
        return JobSpec(
            kind=kind,
            class_id=_class_named(_text(self.job, "class", "[job]")),
            seed=_number(self.job, "seed", "[job]", 0, 2**63 - 1, default=0),
            units=units or _number(self.job, "units", "[job]", 1, 2**32 - 1),
            segments=_number(self.job, "segments", "[job]", 1, 4_095),
            segment=_number(self.job, "segment", "[job]", 1, 2**31),
            work=work,
            assets=assets,
            limits=from_value(Limits, completed(Limits, self.limits), "[limits]"),
        )

    def terms(self, spec: JobSpec, price: str | None, now: int, decimals: int) -> Job:
        """What the chain is told: pay, audits, deadlines. ``now`` is the chain's time. Raises BadInput."""
        unit = parse_amount(price or _text(self.pay, "price", "[pay]"), decimals)
        audit_bps = parse_share(_text(self.pay, "audit", "[pay]", "10%")) // 100
        if not 0 < audit_bps <= 10_000:
            raise BadInput("[pay].audit is between 0.01% and 100%", next_step='for example audit = "10%"')
        audited = self.pay.get("audit_price")
        stake = self.pay.get("stake")
        return Job(
            class_id=spec.class_id,
            spec=spec.digest,
            input=self._input(),
            canary_root=bytes(32),
            units=spec.units,
            segments=spec.segments,
            audit_bps=audit_bps,
            deadline=now + 3_600 * _number(self.pay, "deadline_hours", "[pay]", 1, MAX_HOURS, default=24),
            work_window=60 * _number(self.pay, "work_minutes", "[pay]", 1, MAX_MINUTES, default=60),
            price=unit,
            audit_price=unit * AUDIT_MARKUP // 100 if audited is None else parse_amount(str(audited), decimals),
            input_price=parse_amount(_text(self.pay, "input_price", "[pay]", "0"), decimals),
            stake=least_stake(unit, audit_bps) if stake is None else parse_amount(str(stake), decimals),
        )

    def _input(self) -> AssetId:
        named = self.pay.get("input")
        return NO_ASSET if named is None else asset_id(str(named))


async def _stored(path: Path, store: Store, progress: Progress) -> AssetFile:
    try:
        data = await trio.Path(path).read_bytes()
    except OSError as cause:
        raise BadInput(f"cannot read {path}: {cause.strerror}", next_step="check [files] of the job") from cause
    stored = await store.add(one_part(data), progress=progress)
    return AssetFile(str(Cid(stored.root)), "0x" + hashlib.sha256(data).hexdigest(), len(data))


def _class_named(name: str) -> bytes:
    for known in CLASSES.values():
        if known.name == name:
            return known.id
    if re.fullmatch("0x[0-9a-f]{64}", name):
        return bytes.fromhex(name[2:])
    raise BadInput(
        f"{name[:40]!r} is no determinism class",
        next_step=f"use one of {', '.join(k.name for k in CLASSES.values())}, or an id that `thenar work probe` shows",
    )


def _only(section: Mapping[str, object], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(section) - known)
    if unknown:
        raise BadInput(f"{where} has no {unknown[0]!r}", next_step=f"there are {', '.join(sorted(known))}")


def _text(section: Mapping[str, object], key: str, where: str, default: str | None = None) -> str:
    value = section.get(key, default)
    if not isinstance(value, str):
        raise BadInput(f"{where}.{key} must be a string", next_step=NEXT)
    return value


def _number(
    section: Mapping[str, object], key: str, where: str, low: int, high: int, *, default: int | None = None
) -> int:
    value = section.get(key, default)
    if type(value) is not int or not low <= value <= high:
        raise BadInput(f"{where}.{key} must be a whole number from {low:,} to {high:,}", next_step=NEXT)
    return value
