"""What only a person can say about a capture: where, with whose consent, by which device. Read from TOML.

Consent and the class of place have no defaults: a capture without them is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from thenar.adapters.media.layout import Table, read_toml
from thenar.domain.description import Beacon, Consent, Device, Frame, Provenance, Simulation, check_license
from thenar.domain.manifest import MODALITIES
from thenar.domain.place import FIND_CELL, FINEST, ExactPlace, Place, cell_resolution, parse_cell
from thenar.errors import BadInput

TEMPLATE: Final = """\
# Describes one recording. Save it beside the file as <file>.capture.toml and fill in what is marked.
# Names, addresses, serial numbers and exact positions do not belong here: this becomes public.
license = "LicenseRef-Thenar-Terms"     # an SPDX id or LicenseRef-...
# modality = "spatial"                  # only to overrule what the file says
# preview = true                        # of touch: loads without time and place are shown; false shows nothing

[device]
model = "handheld scanner"              # kind of device, never its serial number
# firmware = "1.4"

[time]
# start = 2026-11-21T10:00:00Z          # FILL IN, without the first #, unless the file's own clock counts from 1970 UTC
# end = 2026-11-21T10:05:00Z
clock = "stated"                        # gnss, ntp, ptp, free, simulated, stated
uncertainty_us = 60000000

[place]
class = ""                              # FILL IN: public_street, public_interior, semi_public,
                                        # residential_common, workplace or private_home
cell = ""                               # FILL IN: H3 cell (h3geo.org tells yours), at most of resolution
                                        # 12, 12, 11, 9, 8 or 7 in that order
# exact = ""                            # instead of cell: a finer H3 cell. Only a salted commitment to it and to the
                                        # level is published, with the finest parent the class may show
# level = 0                             # floor: ground 0, basement -1; not for a private home, unless with exact

[frame]
name = "sensor"
gravity_aligned = false                 # true when z points up
# crs = 32632                           # EPSG code, when georeferenced

[consent]
subjects = []                           # FILL IN: "none", "self", "adults_consented", "bystanders"
purposes = []                           # FILL IN: "train_research", "train_commercial", "evaluate", "simulate",
                                        # "map_public", "safety"
biometric = false                       # true when a person can be identified: fingerprints, gait, voice
minors = false
premises_permission = ""                # FILL IN: not_needed, public, resident, owner, manager, employer
bystander_treatment = ""                # FILL IN: none_present, not_visible, blurred, removed, consented
retention_days = 3650
revocable = true
jurisdiction = ""                       # FILL IN: ISO 3166, such as DE or DE-BY
text = ""                               # FILL IN: what the people concerned agreed to; only its hash is published

[provenance]
kind = "captured"                       # captured, simulated, derived
"""

_TOP: Final = ("license", "modality", "preview", "device", "time", "place", "frame", "consent", "provenance", "beacon")
_CONSENT: Final = (
    "subjects",
    "purposes",
    "biometric",
    "minors",
    "premises_permission",
    "bystander_treatment",
    "retention_days",
    "revocable",
    "jurisdiction",
    "text",
    "text_hash",
    "widened",
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stated:
    """What the owner states about a capture."""

    license: str
    modality: str | None
    device: Device
    start_ns: int | None
    end_ns: int | None
    clock: str
    uncertainty_us: int
    place: Place | ExactPlace
    frame: Frame
    consent: Consent
    provenance: Provenance
    beacon: Beacon | None
    preview: bool = True


def load_sidecar(capture: Path, sidecar: Path | None) -> Stated:
    """Read the named sidecar, or the one beside the capture. Raises BadInput when there is none."""
    beside = [capture.parent / f"{capture.name}.capture.toml", capture.parent / "capture.toml"]
    found = sidecar or next((path for path in beside if path.is_file()), None)
    if found is None:
        raise BadInput(
            f"{capture.name} has no description: consent and class of place must be stated",
            next_step=f"thenar capture template > {beside[0].name}, fill it in, then repeat",
        )
    return parse_sidecar(read_toml(found, "capture description"))


def parse_sidecar(raw: Mapping[str, Any]) -> Stated:
    """Check what a sidecar says. Raises BadInput naming what is missing, with the lines to add."""
    top = Table(raw, "capture description", _TOP)
    place, consent = _place(top), _consent(top)
    time = top.table("time", ("start", "end", "clock", "uncertainty_us"))
    device = top.table("device", ("model", "firmware", "key", "attestation"))
    beacon = top.table("beacon", ("chain", "block", "hash", "gesture"))
    license_id = top.text("license", "LicenseRef-Thenar-Terms")
    check_license(license_id)
    return Stated(
        license=license_id,
        modality=top.choice("modality", MODALITIES) if top.has("modality") else None,
        device=Device("unstated") if device is None else _device(device),
        start_ns=_moment(raw, "start"),
        end_ns=_moment(raw, "end"),
        clock="stated" if time is None else time.text("clock", "stated"),
        uncertainty_us=60_000_000 if time is None else time.number("uncertainty_us", 60_000_000, 0, 10**15),
        place=place,
        frame=_frame(top),
        consent=consent,
        provenance=_provenance(top),
        beacon=None if beacon is None else _beacon(beacon),
        preview=top.flag("preview", True),
    )


def _section(name: str) -> str:
    """The lines of one table of the template."""
    after = TEMPLATE.split(f"[{name}]\n", 1)[1]
    return f"[{name}]\n" + after.split("\n[", 1)[0].rstrip()


def _mandatory(top: Table, name: str, allowed: tuple[str, ...]) -> Table:
    table = top.table(name, allowed)
    if table is None:
        raise BadInput(f"[{name}] must be stated", next_step=f"add and fill in:\n{_section(name)}")
    return table


def _place(top: Table) -> Place | ExactPlace:
    allowed = ("class", "cell", "exact", "res", "level", "z_mm", "commit", "disclosed")
    table = _mandatory(top, "place", allowed)
    kind = table.text("class", "")
    if kind == "":
        raise BadInput("place.class must be stated", next_step=f"use one of: {', '.join(FINEST)}")
    cell, disclosed = _cell(table, "cell"), _cell(table, "disclosed")
    stated = table.number("res", None, 0, 15) if table.has("res") else None
    level = table.number("level", None, -50, 300) if table.has("level") else None
    exact = _cell(table, "exact")
    if exact is not None:
        return _exact(table, ExactPlace(kind, exact, level))
    if cell is None and not table.has("commit"):
        finest = f", of resolution {FINEST[kind]} at most" if kind in FINEST else ""
        raise BadInput(f"place.cell must be stated{finest}", next_step=f"give {FIND_CELL}")
    return Place(
        kind=kind,
        cell=cell,
        res=stated if stated is not None or cell is None else cell_resolution(cell),
        level=level,
        z_mm=table.number("z_mm", None, -10_000_000, 10_000_000) if table.has("z_mm") else None,
        commit=table.text("commit") if table.has("commit") else None,
        disclosed=disclosed,
    )


def _exact(table: Table, place: ExactPlace) -> ExactPlace:
    said = [key for key in ("cell", "commit", "disclosed") if table.text(key, "")]
    other = next(iter([*said, *(key for key in ("res", "z_mm") if table.has(key))]), None)
    if other is not None:
        raise BadInput(f"place.{other} cannot stand beside place.exact", next_step=f"remove {other}")
    return place


def _cell(table: Table, key: str) -> int | None:
    text = table.text(key, "")
    return parse_cell(text, f"place.{key}") if text else None


def _consent(top: Table) -> Consent:
    table = _mandatory(top, "consent", _CONSENT)
    missing = [
        name for name in ("premises_permission", "bystander_treatment", "jurisdiction") if not table.text(name, "")
    ]
    if missing:
        raise BadInput(f"consent.{missing[0]} must be stated", next_step=f"fill in:\n{_section('consent')}")
    text, text_hash = table.text("text", ""), table.text("text_hash", "")
    if not text and not text_hash:
        raise BadInput("consent.text must say what the people concerned agreed to")
    return Consent(
        subjects=table.words("subjects"),
        purposes=table.words("purposes"),
        biometric=table.flag("biometric"),
        minors=table.flag("minors"),
        premises_permission=table.text("premises_permission"),
        bystander_treatment=table.text("bystander_treatment"),
        retention_days=table.number("retention_days", None, 1, 36_525),
        revocable=table.flag("revocable"),
        jurisdiction=table.text("jurisdiction"),
        text_hash=text_hash or hashlib.sha256(text.encode()).hexdigest(),
        widened=table.flag("widened", False),
    )


def _device(table: Table) -> Device:
    firmware = table.text("firmware") if table.has("firmware") else None
    key = table.text("key") if table.has("key") else None
    return Device(table.text("model"), firmware, key, table.text("attestation", "none"))


def _beacon(table: Table) -> Beacon:
    gesture = table.text("gesture") if table.has("gesture") else None
    return Beacon(
        table.number("chain", None, 1, 2**53), table.number("block", None, 0, 2**53), table.text("hash"), gesture
    )


def _frame(top: Table) -> Frame:
    table = top.table("frame", ("name", "gravity_aligned", "axes", "crs", "position_um", "rotation_e9"))
    if table is None:
        return Frame("sensor", gravity_aligned=False)
    return Frame(
        name=table.text("name", "sensor"),
        gravity_aligned=table.flag("gravity_aligned", False),
        axes=table.text("axes", "x-forward y-left z-up"),
        crs=table.number("crs", None, 1, 998_999) if table.has("crs") else None,
        position_um=table.integers("position_um") if table.has("position_um") else None,
        rotation_e9=table.integers("rotation_e9") if table.has("rotation_e9") else None,
    )


def _provenance(top: Table) -> Provenance:
    table = top.table("provenance", ("kind", "parents", "transform", "simulation"))
    if table is None:
        return Provenance("captured")
    made = table.table("simulation", ("engine", "version", "scene", "seed", "deterministic"))
    simulation = None
    if made is not None:
        names = made.text("engine"), made.text("version"), made.text("scene")
        simulation = Simulation(*names, made.number("seed", None, 0, 2**63 - 1), made.flag("deterministic"))
    parents = table.words("parents") if table.has("parents") else ()
    transform = table.text("transform") if table.has("transform") else None
    return Provenance(table.text("kind", "captured"), parents, transform, simulation)


def _moment(raw: Mapping[str, Any], key: str) -> int | None:
    table = raw.get("time")
    value = table.get(key) if isinstance(table, dict) else None
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None or moment < _EPOCH:
        raise BadInput(f"time.{key} must be a moment with its offset, such as 2026-11-21T10:00:00Z")
    return (moment - _EPOCH) // _MICROSECOND * 1000
