"""HDF5 files of numeric datasets: teleoperation episodes, tactile logs, anything with a declared layout.

Only what is inside the file is read: external links, external storage and virtual datasets are refused.
Episodes under /data/<name>_<n>/ (robosuite, robomimic) are joined, one stream per dataset name.
Source: HDF5 File Format Specification 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from thenar.adapters.media.layout import Layout, Signal
from thenar.adapters.media.quantise import integers, nanoseconds
from thenar.adapters.media.recording import (
    ARBITRARY,
    BLOCK_NUMBERS,
    DAMAGE,
    Block,
    Head,
    Ints,
    Limits,
    Reading,
    StreamInfo,
    file_size,
)
from thenar.errors import BadInput

MICRO: Final = Fraction(1, 1_000_000)
_OBJECTS: Final = 100_000
_DEPTH: Final = 24
_RATIO: Final = 2_000  # DEFLATE packs at most about 1,032 to 1
_EPISODE: Final = re.compile(r"data/[A-Za-z]+_?\d+/(.+)")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A numeric dataset, or one numeric field of a compound dataset, as rows of ``width`` numbers."""

    path: str
    at: str
    dataset: Any
    field: str | None
    rows: int
    width: int
    real: bool

    def take(self, start: int, stop: int) -> NDArray[Any]:
        """Rows start to stop, flattened to (rows, width)."""
        part = self.dataset[start:stop]
        values = np.asarray(part if self.field is None else part[self.field])
        return values.astype(values.dtype.newbyteorder("=")).reshape(len(values), -1)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One stream: its leaves side by side in each part, the parts one after the other."""

    info: StreamInfo
    conversion: tuple[Fraction, int]
    parts: tuple[tuple[Leaf, ...], ...]
    clock: Leaf | None = None


def read_hdf5(path: Path, *, limits: Limits, layout: Layout | None) -> Reading:
    """Read every numeric dataset, or those a layout names, as integer streams. Raises BadInput."""
    file_size(path, limits)
    notes: list[str] = []
    try:
        source = h5py.File(str(path), "r", locking=False)
        skipped: list[str] = []
        leaves = leaves_of(source, limits, skipped)
    except DAMAGE as cause:
        raise damaged(cause) from cause
    if skipped:
        notes.append(f"{len(skipped):,} objects of text, pictures or no rows were left out: {', '.join(skipped)[:160]}")
    if not leaves:
        raise BadInput("the HDF5 holds no numeric dataset with rows", next_step="name the file with the recording")
    plans = _declared(leaves, layout) if layout is not None else _undeclared(leaves, notes)
    limits.check_fields(len(plans), "the HDF5")
    limits.check_records(sum(leaf.rows for plan in plans for (leaf, *_) in plan.parts), "the HDF5")
    modality = layout.modality if layout is not None else _modality(plans)
    absolute = layout is not None and layout.time is not None and layout.time.epoch
    head = Head("hdf5", modality, tuple(plan.info for plan in plans), absolute)
    return Reading(head, _blocks(plans, layout, notes), notes)


def leaves_of(source: Any, limits: Limits, skipped: list[str]) -> dict[str, Leaf]:
    """Numeric datasets and fields by path in natural order; the paths of other objects go to ``skipped``."""
    found: dict[str, Leaf] = {}
    seen, count = {place_of(source)}, 0
    todo: list[tuple[str, Any, int]] = [("", source, 0)]
    while todo:
        at, group, depth = todo.pop()
        for name in group:
            path = f"{at}/{name}".lstrip("/")
            child = _child(group, name, path, skipped)
            if child is None:
                continue
            count += 1
            if count > _OBJECTS or depth > _DEPTH:
                raise BadInput(f"the HDF5 has more than {_OBJECTS:,} objects or {_DEPTH} levels")
            if isinstance(child, h5py.Group) and place_of(child) not in seen:
                seen.add(place_of(child))
                todo.append((path, child, depth + 1))
            elif isinstance(child, h5py.Dataset):
                for leaf in _of_dataset(path, child, limits, skipped):
                    found[leaf.path] = leaf
    return dict(sorted(found.items(), key=lambda item: _natural(item[0])))


def place_of(child: Any) -> tuple[int, int]:
    """Where an object is stored: equal for two names of one object."""
    info = h5py.h5o.get_info(child.id)
    return int(info.fileno), int(info.addr)


def _child(group: Any, name: str, path: str, skipped: list[str]) -> Any:
    link = group.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        raise BadInput(
            f"the HDF5 object {path[:80]!r} is a link to another file",
            next_step="copy the data into one file (h5repack) and add that",
        )
    if not isinstance(link, h5py.HardLink):
        skipped.append(path)
        return None
    return group[name]


def _of_dataset(path: str, dataset: Any, limits: Limits, skipped: list[str]) -> Iterator[Leaf]:
    if dataset.is_virtual or dataset.external:
        raise BadInput(
            f"the HDF5 dataset {path[:80]!r} keeps its data in other files",
            next_step="copy the data into one file (h5repack) and add that",
        )
    shape, kind = dataset.shape, dataset.dtype
    if not shape or 0 in shape:
        skipped.append(path)
        return
    _check_size(path, dataset, limits)
    fields = [(None, kind)] if kind.names is None else [(name, kind.fields[name][0]) for name in kind.names]
    for name, inner in fields:
        plain = inner.base if inner.subdtype else inner
        width = prod(shape[1:]) * prod(inner.shape)
        full = path if name is None else f"{path}.{name}"
        if plain.kind not in "biuf" or plain.itemsize > 8 or width > limits.fields:
            skipped.append(full)
        else:
            yield Leaf(full, path, dataset, name, shape[0], width, plain.kind == "f")


def _check_size(path: str, dataset: Any, limits: Limits) -> None:
    limits.check_records(dataset.shape[0], f"the HDF5 dataset {path[:80]!r}")
    logical = prod(dataset.shape) * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size()
    if logical > max(stored, 4096) * _RATIO:
        raise BadInput(f"the HDF5 dataset {path[:80]!r} promises {logical:,} bytes and stores {stored:,}")
    if dataset.chunks is not None:
        limits.check_memory(prod(dataset.chunks) * dataset.dtype.itemsize, f"a chunk of {path[:80]!r}")


def _natural(path: str) -> list[tuple[int, str]]:
    return [(int(word), "") if word.isdecimal() else (-1, word) for word in re.split(r"(\d{1,9})", path)]


def _undeclared(leaves: Mapping[str, Leaf], notes: list[str]) -> list[_Plan]:
    groups: dict[tuple[str, int, bool], list[Leaf]] = {}
    seen: set[tuple[tuple[int, int], str | None]] = set()
    for path, leaf in leaves.items():
        place = (place_of(leaf.dataset), leaf.field)
        if place in seen:
            continue
        seen.add(place)
        match = _EPISODE.fullmatch(path)
        groups.setdefault((match[1] if match else path, leaf.width, leaf.real), []).append(leaf)
    taken: set[str] = set()
    plans = []
    for (name, width, real), members in groups.items():
        unique = name if name not in taken else f"{name}#{len(taken)}"
        taken.add(unique)
        scale = MICRO if real else Fraction(1)
        info = StreamInfo(unique, name.rsplit("/", 1)[-1], width, 1, ARBITRARY, scale.numerator, scale.denominator)
        plans.append(_Plan(info, (scale, 0), tuple((leaf,) for leaf in members)))
    episodes = max(len(plan.parts) for plan in plans)
    if episodes > 1:
        notes.append(f"{episodes} episodes follow one another in each stream")
    notes.append("no layout declares units or a clock: numbers are in arbitrary units, floats in millionths")
    return plans


def _declared(leaves: Mapping[str, Leaf], layout: Layout) -> list[_Plan]:
    names = list(leaves)
    clock = None
    if layout.time is not None:
        clock = leaves.get(layout.time.column.strip("/"))
        if clock is None or clock.width != 1:
            raise BadInput(f"the layout's time column {layout.time.column!r} is not a dataset of single numbers")
    plans = []
    for signal in layout.signals:
        bare = Signal(signal.name, signal.kind, tuple(c.lstrip("/") for c in signal.columns), signal.units)
        chosen = tuple(leaves[names[index]] for index in bare.choose(names))
        lengths = {leaf.rows for leaf in chosen} | ({clock.rows} if clock else set())
        if len(lengths) != 1:
            raise BadInput(f"the datasets of stream {signal.name!r} and its clock have different lengths")
        plans.append(_Plan(signal.info(sum(leaf.width for leaf in chosen)), signal.conversion, (chosen,), clock))
    return plans


def _modality(plans: list[_Plan]) -> str:
    words = " ".join(plan.info.name.lower() for plan in plans)
    return "tactile" if re.search(r"tactile|taxel|touch|pressure", words) else "trajectory"


def _blocks(plans: list[_Plan], layout: Layout | None, notes: list[str]) -> Iterator[Block]:
    drop = layout is not None and layout.missing == "drop"
    dropped = 0
    try:
        for index, plan in enumerate(plans):
            step = max(1, BLOCK_NUMBERS // plan.info.width)
            for part in plan.parts:
                for start in range(0, part[0].rows, step):
                    values = np.concatenate([leaf.take(start, start + step) for leaf in part], axis=1)
                    times = _times(plan.clock, layout, start, start + step)
                    if drop and values.dtype.kind == "f":
                        kept = np.isfinite(values).all(axis=1)
                        dropped += int((~kept).sum())
                        values, times = values[kept], None if times is None else times[kept]
                    if len(values):
                        ints = integers(values, *plan.conversion, f"dataset {plan.info.name}")
                        yield Block(index, times, ints)
    except DAMAGE as cause:
        raise damaged(cause) from cause
    if dropped:
        notes.append(f"{dropped:,} rows with values that are not numbers were left out")


def _times(clock: Leaf | None, layout: Layout | None, start: int, stop: int) -> Ints | None:
    if clock is None or layout is None or layout.time is None:
        return None
    return nanoseconds(clock.take(start, stop)[:, 0], layout.time.unit, "the time dataset")


def damaged(cause: BaseException) -> BadInput:
    """What to say of a file its decoder library gave up on."""
    said = re.sub(r"\s+", " ", str(cause))[:160] or type(cause).__name__
    return BadInput(f"the HDF5 cannot be decoded: {said}", next_step="check it with `h5dump -H`, export it again")
