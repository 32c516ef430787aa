"""The parts of a capture's manifest: values that cannot be wrong once made."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from thenar.domain.ids import Cid
from thenar.domain.place import HEX32
from thenar.domain.records import Wide
from thenar.errors import BadInput

DTYPES: Final = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64")
CLOCKS: Final = ("gnss", "ntp", "ptp", "free", "simulated", "stated")
ATTESTATIONS: Final = ("none", "secure-element", "tee", "vendor")
SUBJECTS: Final = ("none", "self", "adults_consented", "bystanders")
PURPOSES: Final = ("train_research", "train_commercial", "evaluate", "simulate", "map_public", "safety")
PREMISES: Final = ("not_needed", "public", "resident", "owner", "manager", "employer")
BYSTANDERS: Final = ("none_present", "not_visible", "blurred", "removed", "consented")
KINDS: Final = ("captured", "simulated", "derived")
SUITES: Final = ("xchacha20-poly1305",)

_WORD: Final = re.compile(r"[\w.:+/()\[\]#%@ -]{1,96}", re.ASCII)
_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}")
_UNITS: Final = re.compile(r"[!-~]{1,32}")
_MEDIA: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,96}")
_HEX32_BARE: Final = re.compile(r"[0-9a-f]{64}")
_REGION: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_LICENSE: Final = re.compile(r"[A-Za-z0-9.+-]{1,64}")
_DEVICE_KEY: Final = re.compile(r"(did:key:z[1-9A-HJ-NP-Za-km-z]{10,120}|0x[0-9a-f]{40})")


def require(fine: bool, message: str, next_step: str | None = None) -> None:
    """Raise BadInput unless ``fine``."""
    if not fine:
        raise BadInput(message, next_step=next_step)


def _one_of(value: str, allowed: Collection[str], what: str) -> None:
    require(value in allowed, f"{what} {value[:40]!r} is unknown", f"use one of: {', '.join(allowed)}")


def _matches(value: str, pattern: re.Pattern[str], what: str) -> None:
    require(pattern.fullmatch(value) is not None, f"{what} is malformed: {value[:80]!r}")


def _within(value: int, low: int, high: int, what: str) -> None:
    require(low <= value <= high, f"{what} is {value}, outside {low}..{high}")


@dataclass(frozen=True, slots=True)
class Device:
    """What kind of device recorded; a serial number has no place here.

    ``key`` is the did:key or address of a device that signs, never a hardware id.
    """

    model: str
    firmware: str | None = None
    key: str | None = None
    attestation: str = "none"

    def __post_init__(self) -> None:
        _matches(self.model, _WORD, "device.model")
        if self.firmware is not None:
            _matches(self.firmware, _WORD, "device.firmware")
        if self.key is not None:
            _matches(self.key, _DEVICE_KEY, "device.key")
        _one_of(self.attestation, ATTESTATIONS, "device.attestation")
        require(self.attestation == "none" or self.key is not None, "an attested device needs device.key")


@dataclass(frozen=True, slots=True)
class Span:
    """Start and end in nanoseconds since 1970 UTC, and how far that clock can be trusted.

    ``clock``: gnss, ntp, ptp, free (unsynchronised), simulated, or stated by the owner.
    """

    start_ns: Wide
    end_ns: Wide
    clock: str
    uncertainty_us: int

    def __post_init__(self) -> None:
        _within(self.start_ns, 0, 2**63 - 1, "time.start_ns")
        _within(self.end_ns, self.start_ns, 2**63 - 1, "time.end_ns")
        _one_of(self.clock, CLOCKS, "time.clock")
        _within(self.uncertainty_us, 0, 10**15, "time.uncertainty_us")


@dataclass(frozen=True, slots=True)
class Beacon:
    """A block the capture came after, and the gesture drawn from its hash."""

    chain: int
    block: int
    hash: str
    gesture: str | None = None

    def __post_init__(self) -> None:
        _within(self.chain, 1, 2**53 - 1, "beacon.chain")
        _within(self.block, 0, 2**53 - 1, "beacon.block")
        _matches(self.hash, HEX32, "beacon.hash")
        if self.gesture is not None:
            _matches(self.gesture, _WORD, "beacon.gesture")


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame coordinates are in: right-handed, x forward, y left, z up (ROS REP-103), metres.

    ``crs`` is an EPSG code or absent. ``position_um`` and ``rotation_e9`` (unit quaternion xyzw times 10^9) place
    the sensor in it.
    """

    name: str
    gravity_aligned: bool
    axes: str = "x-forward y-left z-up"
    crs: int | None = None
    position_um: tuple[int, ...] | None = None
    rotation_e9: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _matches(self.name, _WORD, "frame.name")
        _matches(self.axes, _WORD, "frame.axes")
        if self.crs is not None:
            _within(self.crs, 1, 998_999, "frame.crs")
        if self.position_um is not None:
            require(len(self.position_um) == 3, "frame.position_um needs x, y and z")
        if self.rotation_e9 is not None:
            require(len(self.rotation_e9) == 4, "frame.rotation_e9 needs x, y, z and w")
            length = sum(part * part for part in self.rotation_e9)
            require(abs(length - 10**18) < 10**15, "frame.rotation_e9 is not a unit quaternion")


@dataclass(frozen=True, slots=True)
class Stream:
    """One signal with its own clock: ``samples`` readings of ``count`` sensors with ``axes`` numbers each.

    A recorded integer n means (n - zero_offset) * scale_num / scale_den in ``units`` (UCUM).
    ``rate_mhz`` is millihertz, 0 where readings have no regular clock; ``t0_ns`` is the first reading's time
    in nanoseconds after ``time.start_ns``.
    """

    name: str
    kind: str
    count: int
    axes: int
    dtype: str
    rate_mhz: int
    units: str
    scale_num: int
    scale_den: int
    zero_offset: int
    samples: int
    t0_ns: Wide

    def __post_init__(self) -> None:
        _matches(self.name, _WORD, "stream name")
        _matches(self.kind, _WORD, "stream kind")
        _one_of(self.dtype, DTYPES, "stream dtype")
        _matches(self.units, _UNITS, "stream units")
        _within(self.count, 1, 1_000_000, "stream count")
        _within(self.axes, 1, 1_000, "stream axes")
        _within(self.rate_mhz, 0, 10**12, "stream rate_mhz")
        _within(self.scale_num, 1, 10**15, "stream scale_num")
        _within(self.scale_den, 1, 10**15, "stream scale_den")
        _within(self.zero_offset, 1 - 2**53, 2**53 - 1, "stream zero_offset")
        _within(self.samples, 1, 2**53 - 1, "stream samples")
        _within(self.t0_ns, 0, 2**63 - 1, "stream t0_ns")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the capture: plaintext bytes and SHA-256, and the CID of what was sealed from it."""

    name: str
    bytes: int
    media_type: str
    sha256: str
    cid: str

    def __post_init__(self) -> None:
        _matches(self.name, _FILE, "file name (a bare name, no folders)")
        _within(self.bytes, 1, 2**53 - 1, "file bytes")
        _matches(self.media_type, _MEDIA, "file media_type")
        _matches(self.sha256, _HEX32_BARE, "file sha256")
        Cid.parse(self.cid)


@dataclass(frozen=True, slots=True)
class Encryption:
    """How the file was sealed: bytes of plaintext per AEAD chunk and per Merkle leaf, roots as 0x hex.

    ``leaves`` is the CID of all plain leaves' hashes in order; without it nobody can prove which leaf is wrong.
    """

    suite: str
    chunk: int
    leaf: int
    chunks: int
    key_commit: str
    cipher_root: str
    plain_root: str
    leaves: str | None = None

    def __post_init__(self) -> None:
        _one_of(self.suite, SUITES, "enc.suite")
        _within(self.chunk, 1, 2**26, "enc.chunk")
        _within(self.leaf, 32, 2**16, "enc.leaf")
        _within(self.chunks, 1, 2**40, "enc.chunks")
        for name in ("key_commit", "cipher_root", "plain_root"):
            _matches(getattr(self, name), HEX32, f"enc.{name}")
        if self.leaves is not None:
            Cid.parse(self.leaves)


@dataclass(frozen=True, slots=True)
class Consent:
    """What the people concerned agreed to. No names and no ids: ``text_hash`` is the SHA-256 of what they read.

    ``biometric`` data may only be used for train_research unless ``widened`` says the subject agreed to more.
    """

    subjects: tuple[str, ...]
    purposes: tuple[str, ...]
    biometric: bool
    minors: bool
    premises_permission: str
    bystander_treatment: str
    retention_days: int
    revocable: bool
    jurisdiction: str
    text_hash: str
    widened: bool = False

    def __post_init__(self) -> None:
        require(not self.minors, "captures of minors are not accepted")
        require(self.revocable, "consent must be revocable")
        for name, allowed in (("subjects", SUBJECTS), ("purposes", PURPOSES)):
            chosen = getattr(self, name)
            require(len(chosen) > 0, f"consent.{name} is empty", f"name at least one of: {', '.join(allowed)}")
            require(len(set(chosen)) == len(chosen), f"consent.{name} names something twice")
            for word in chosen:
                _one_of(word, allowed, f"consent.{name}")
        narrow = self.purposes == ("train_research",)
        require(
            not self.biometric or self.widened or narrow,
            "biometric data is limited to the purpose train_research",
            "drop the other purposes, or set widened where the subject agreed to them explicitly",
        )
        _one_of(self.premises_permission, PREMISES, "consent.premises_permission")
        _one_of(self.bystander_treatment, BYSTANDERS, "consent.bystander_treatment")
        _within(self.retention_days, 1, 36_525, "consent.retention_days")
        _matches(self.jurisdiction, _REGION, "consent.jurisdiction (ISO 3166, such as DE or DE-BY)")
        _matches(self.text_hash, _HEX32_BARE, "consent.text_hash")


@dataclass(frozen=True, slots=True)
class Simulation:
    """Which engine made a simulated capture, from which scene and seed."""

    engine: str
    version: str
    scene: str
    seed: Wide
    deterministic: bool

    def __post_init__(self) -> None:
        for name in ("engine", "version", "scene"):
            _matches(getattr(self, name), _WORD, f"simulation.{name}")
        _within(self.seed, 0, 2**64 - 1, "simulation.seed")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Captured, simulated, or derived from ``parents`` (manifest hashes) by ``transform`` (a hash)."""

    kind: str
    parents: tuple[str, ...] = ()
    transform: str | None = None
    simulation: Simulation | None = None

    def __post_init__(self) -> None:
        _one_of(self.kind, KINDS, "provenance.kind")
        for parent in self.parents:
            _matches(parent, HEX32, "provenance.parents")
        if self.transform is not None:
            _matches(self.transform, HEX32, "provenance.transform")
        derived = self.kind == "derived"
        require(derived == bool(self.parents), "derived captures name their parents, and only they do")
        require(derived == (self.transform is not None), "derived captures name their transform, and only they do")
        require((self.kind == "simulated") == (self.simulation is not None), "simulated captures name their simulation")


def check_license(text: str) -> None:
    """Check an SPDX license id (or LicenseRef-…). Raises BadInput."""
    _matches(text, _LICENSE, "license (an SPDX id or LicenseRef-…)")
