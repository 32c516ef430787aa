"""HDF5 files written anew: numeric datasets at their paths, attributes that are numbers or units, nothing else."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any, BinaryIO, Final

import h5py
import numpy as np

from thenar.adapters.media.hdf5 import Leaf, damaged, leaves_of, place_of
from thenar.adapters.media.layout import Layout
from thenar.adapters.media.recording import DAMAGE, Limits, file_size
from thenar.adapters.media.scrub.pictures import blank_metadata
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.adapters.media.scrub.words import is_private, left_out
from thenar.errors import BadInput

_ATTRIBUTE: Final = 64  # numbers an attribute may hold before it is data
_WIDEST: Final = 1 << 26
_TEXTS: Final = ("units", "unit", "axes", "env", "env_name")
_TEXT: Final = 64
_BLOCK: Final = 1 << 22  # bytes copied at a time


def scrub_hdf5(path: Path, out: BinaryIO, *, limits: Limits, layout: Layout | None) -> Scrubbed:
    """Write numeric datasets whose path tells nothing. Raises BadInput."""
    file_size(path, limits)
    skipped: list[str] = []
    try:
        with h5py.File(str(path), "r", locking=False) as source:
            wide = Limits(limits.bytes, limits.records, _WIDEST, limits.line, limits.memory, limits.seconds)
            leaves = leaves_of(source, wide, skipped)
            telling = [leaf.path for leaf in leaves.values() if is_private(leaf.path)]
            kept = [leaf for leaf in leaves.values() if leaf.path not in telling]
            if not kept:
                raise BadInput("the HDF5 holds no numeric dataset that may be kept", next_step="record readings")
            with h5py.File(out, "w") as target:
                dropped = _copy_all(source, target, kept)
    except DAMAGE as cause:
        raise damaged(cause) from cause
    notes = [*left_out("objects without numbers", skipped), *left_out("datasets", telling)]
    return Scrubbed("hdf5", [*notes, *left_out("attributes", dropped)])


def _copy_all(source: Any, target: Any, kept: list[Leaf]) -> list[str]:
    groups: dict[str, list[Leaf]] = {}
    for leaf in kept:
        groups.setdefault(leaf.at, []).append(leaf)
    dropped: list[str] = []
    made: dict[tuple[tuple[int, int], tuple[str | None, ...]], str] = {}
    for at, leaves in groups.items():
        identity = (place_of(leaves[0].dataset), tuple(leaf.field for leaf in leaves))
        if identity in made:
            target[at] = target[made[identity]]
            continue
        made[identity] = at
        dropped += _attributes(leaves[0].dataset, _copied(target, at, leaves), at)
    dropped += _attributes(source, target, "")
    for name in {str(Path(at).parent) for at in groups} - {"."}:
        for part in [Path(name), *Path(name).parents][:-1]:
            dropped += _attributes(source[str(part)], target[str(part)], str(part))
    return dropped


def _copied(target: Any, at: str, leaves: list[Leaf]) -> Any:
    dataset = leaves[0].dataset
    kind = dataset.dtype
    if leaves[0].field is not None:
        kind = np.dtype([(str(leaf.field), dataset.dtype.fields[str(leaf.field)][0]) for leaf in leaves])
    packed = {"compression": "gzip", "shuffle": True} if dataset.compression is not None else {}
    made = target.create_dataset(at, shape=dataset.shape, dtype=kind, chunks=dataset.chunks, **packed)
    rows = max(1, _BLOCK // max(1, prod(dataset.shape[1:]) * dataset.dtype.itemsize))
    for start in range(0, dataset.shape[0], rows):
        part = dataset[start : start + rows]
        if kind.names is not None:
            whole = np.empty(part.shape, dtype=kind)
            for name in kind.names:
                whole[name] = part[name]
            part = whole
        elif kind == np.uint8:
            part = np.frombuffer(blank_metadata(part.tobytes()), dtype=np.uint8).reshape(part.shape)
        made[start : start + rows] = part
    return made


def _attributes(told: Any, made: Any, at: str) -> list[str]:
    """Keep attributes that are a few numbers, or a short word about units; return the names of the others."""
    dropped = []
    for name in sorted(told.attrs):
        value = told.attrs[name]
        number = isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf" and value.size <= _ATTRIBUTE
        word = name.lower() in _TEXTS and isinstance(value, str) and len(value) <= _TEXT
        if (number or word) and not is_private(name):
            made.attrs[name] = value
        else:
            dropped.append(f"{at}@{name}")
    return dropped
