"""Builders of capture manifests for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from thenar.domain.description import (
    Consent,
    Device,
    Encryption,
    File,
    Frame,
    Provenance,
    Simulation,
    Span,
    Stream,
)
from thenar.domain.ids import DAG_PB, Cid
from thenar.domain.manifest import Manifest
from thenar.domain.place import Place

STREET_CELL = 0x8C2A1072B59D1FF  # an H3 cell of resolution 12


def make_stream(**changes: Any) -> Stream:
    """A 92-taxel touch stream at 100 Hz, in millinewtons."""
    touch = Stream(
        name="touch",
        kind="normal_force",
        count=92,
        axes=1,
        dtype="int32",
        rate_mhz=100_000,
        units="N",
        scale_num=1,
        scale_den=1000,
        zero_offset=0,
        samples=400,
        t0_ns=0,
    )
    return replace(touch, **changes)


def make_consent(**changes: Any) -> Consent:
    """Consent to research training on a recording nobody can be seen in."""
    consent = Consent(
        subjects=("none",),
        purposes=("train_research",),
        biometric=False,
        minors=False,
        premises_permission="not_needed",
        bystander_treatment="none_present",
        retention_days=3650,
        revocable=True,
        jurisdiction="DE-BY",
        text_hash="ab" * 32,
    )
    return replace(consent, **changes)


def make_manifest(**changes: Any) -> Manifest:
    """A valid manifest of a simulated tactile capture."""
    manifest = Manifest(
        modality="tactile",
        owner="0x" + "11" * 20,
        device=Device(model="mujoco shadow hand"),
        time=Span(
            start_ns=1_700_000_000_000_000_000, end_ns=1_700_000_004_000_000_000, clock="simulated", uncertainty_us=0
        ),
        place=Place(kind="public_interior", cell=STREET_CELL, res=12, level=-1),
        frame=Frame(name="world", gravity_aligned=True),
        streams=(make_stream(),),
        files=(
            File(
                name="capture.csv",
                bytes=1234,
                media_type="text/csv",
                sha256="cd" * 32,
                cid=Cid.of(DAG_PB, b"\x01" * 32),
            ),
        ),
        enc=Encryption(
            suite="xchacha20-poly1305",
            chunk=262_128,
            leaf=1024,
            chunks=1,
            key_commit="0x" + "22" * 32,
            cipher_root="0x" + "33" * 32,
            plain_root="0x" + "44" * 32,
        ),
        consent=make_consent(),
        license="LicenseRef-Thenar-Train-1",
        provenance=Provenance(
            kind="simulated",
            simulation=Simulation(engine="mujoco", version="4.0.0", scene="grasp", seed=2**60, deterministic=True),
        ),
    )
    return replace(manifest, **changes)
