"""Faults of the machine: disk, limits, and what of this package could not be built here."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

from thenar.adapters.compute import launch, libm
from thenar.domain import hashes
from thenar.errors import ThenarError
from thenar.upkeep.finding import Finding, Patient, fault, fine

OPEN_FILES = 1_024
"""A node with many peers and a store needs as many."""
LEAST_MB = 1_000


def check_machine(patient: Patient) -> Iterator[Finding]:
    """Disk and open files; and what is nice to have."""
    yield from _disk(patient)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < OPEN_FILES:
        yield fault("open files", f"at most {soft}", f"ulimit -n {min(4 * OPEN_FILES, hard) if hard > 0 else 4_096}")
    else:
        yield fine("open files", f"at most {soft}")
    yield fine("hashing", hashes.BEST.name)
    yield fine("physics to lend", libm.seen())
    walls = launch.bubblewrap()
    said = f"{walls}" if walls else "no bubblewrap: only simulations run, behind a system call filter"
    yield fine("walls around strangers' work", said)


def _disk(patient: Patient) -> Iterator[Finding]:
    if isinstance(patient.config, ThenarError):
        return
    place = patient.directory if patient.directory.exists() else Path.cwd()
    disk = shutil.disk_usage(place)
    quota = patient.config.store_quota_mb
    free, whole = disk.free // 1_000_000, disk.total // 1_000_000
    wanted = min(quota, LEAST_MB)
    if free >= wanted:
        yield fine("disk space", f"{free} MB free")
    else:
        yield fault("disk space", f"{free} MB free", f"free {wanted} MB or lower store.quota_mb")
    if patient.config.store_kind == "embedded" and quota > whole:
        yield fault("quota fits the disk", f"{quota} MB on a disk of {whole} MB", f"lower store.quota_mb below {whole}")
    else:
        yield fine("quota fits the disk")
