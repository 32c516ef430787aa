"""What the units of a job do: simulate a model for some episodes, or run a WebAssembly module.

An episode is ``episode`` segments from a fresh start; a unit has segments / episode of them, one after another. All
randomness is uniform, from Philox 4x64-10, and addressed by unit, episode and segment, so no draw depends on another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from thenar.domain.records import from_value
from thenar.errors import BadInput

SIMULATED: Final = ("mujoco-rollout", "tactile-rollout", "policy-eval", "es-train", "render")
SCORED: Final = ("policy-eval", "es-train")
SUMMED: Final = "aggregate"
SUMS: Final = ("moments", "evolution")

FIELDS: Final = ("time", "qpos", "qvel", "act", "ctrl", "sensordata")
"""What may be observed, scored and recorded of a simulation."""
STARTED: Final = ("qpos", "qvel", "ctrl")
"""State that a start may move."""
VARIED: Final = (
    "body_mass",
    "body_inertia",
    "geom_friction",
    "dof_damping",
    "dof_armature",
    "dof_frictionloss",
    "jnt_stiffness",
    "actuator_gainprm",
    "actuator_biasprm",
    "opt.gravity",
)
"""Model fields that may differ from episode to episode."""
ENCODINGS: Final = ("none", "f64", "f32", "sparse")
SOURCES: Final = ("hold", "noise", "open", "policy", "poses")
CHANNELS: Final = ("rgb", "depth", "segmentation")
"""What a pixel may hold: colour, 3 bytes; metres along the camera's axis, f32; the geom's number, i16."""
PAINTED: Final = ("geom_rgba", "cam_pos", "cam_fovy", "light_pos", "light_dir", "light_diffuse")
"""Looks that may differ from episode to episode."""
SHAPES: Final = ("value", "abs", "square")
SPREAD_OVER: Final = ("all", "each")
REPLAYS: Final = ("segment", "unit")

MAX_LIST: Final = 64
MAX_SIDE: Final = 1024
MAX_CAMERAS: Final = 8
MAX_PIXELS: Final = 2**21
"""Pixels of all pictures of a segment: what a juror paints again in seconds."""
MAX_PICTURES: Final = 2_048
"""Pictures of a segment."""
MAX_PAGES: Final = 1024
"""Pages of 64 KiB a module may have."""

_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadInput(otherwise)


def decimal(text: str, where: str) -> float:
    """The double nearest to a decimal string. Raises BadInput."""
    _require(_DECIMAL.fullmatch(text) is not None, f'{where} must be a decimal string such as "-0.25"')
    return float(text)


def _among(value: str, choices: tuple[str, ...], where: str) -> None:
    _require(value in choices, f"{where} is one of {', '.join(choices)}, not {value[:80]!r}")


@dataclass(frozen=True, slots=True)
class Spread:
    """A uniform draw that scales or is added to a field; one draw for ``all`` its numbers, or one for ``each``."""

    field: str
    low: str
    high: str
    how: str = "scale"
    over: str = "all"

    def check(self, fields: tuple[str, ...], where: str) -> None:
        """Raises BadInput unless the field is one of ``fields`` and the range is one."""
        _among(self.field, fields, f"{where}.field")
        _among(self.how, ("scale", "add"), f"{where}.how")
        _among(self.over, SPREAD_OVER, f"{where}.over")
        low, high = decimal(self.low, f"{where}.low"), decimal(self.high, f"{where}.high")
        _require(low <= high, f"{where}.low is above {where}.high")

    @property
    def range(self) -> tuple[float, float]:
        """The two ends as doubles."""
        return float(self.low), float(self.high)


@dataclass(frozen=True, slots=True)
class Control:
    """Where actuators get their controls from; a control is held for ``every`` steps.

    ``hold`` keeps the start's, ``noise`` draws between ``low`` and ``high``, ``open`` plays rows of doubles from
    ``file`` (the last row stays), ``policy`` asks the network in ``file`` about the fields in ``observe``. ``poses``
    moves nothing: it takes rows of ``qpos`` from ``file``, one after another through all units, to be painted.
    """

    source: str = "hold"
    every: int = 1
    low: str = "-1"
    high: str = "1"
    file: str | None = None
    observe: tuple[str, ...] = ()

    def check(self, segment: int) -> None:
        """Raises BadInput."""
        _among(self.source, SOURCES, "work.control.source")
        _require(1 <= self.every <= segment and segment % self.every == 0, "work.control.every divides segment")
        Spread("ctrl", self.low, self.high).check(STARTED, "work.control")
        needs = self.source in ("open", "policy", "poses")
        _require((self.file is not None) == needs, "work.control.file belongs to the sources open, policy and poses")
        _require(bool(self.observe) == (self.source == "policy"), "work.control.observe belongs to the source policy")
        for name in self.observe:
            _among(name, FIELDS, "work.control.observe")


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a simulation as its output: fields every so many steps, in one of the encodings.

    ``sparse`` counts in ``quantum``: each row is the places that are not zero, and their whole numbers.
    """

    fields: tuple[str, ...] = ()
    every: int = 1
    encoding: str = "none"
    quantum: str = "0.001"

    def check(self, segment: int) -> None:
        """Raises BadInput."""
        _among(self.encoding, ENCODINGS, "work.record.encoding")
        _require(1 <= self.every <= segment and segment % self.every == 0, "work.record.every divides segment")
        _require(bool(self.fields) == (self.encoding != "none"), "work.record.fields goes with an encoding")
        _require(decimal(self.quantum, "work.record.quantum") > 0, "work.record.quantum is above 0")
        for name in self.fields:
            _among(name, FIELDS, "work.record.fields")


@dataclass(frozen=True, slots=True)
class Images:
    """Pictures of a simulation, every so many steps: for each of the cameras, by name, each of the channels.

    ``groups`` are the groups of geoms that are seen. ``vary`` moves looks from episode to episode.
    """

    cameras: tuple[str, ...]
    width: int
    height: int
    every: int
    channels: tuple[str, ...] = ("rgb",)
    groups: tuple[int, ...] = (0, 1, 2)
    vary: tuple[Spread, ...] = ()

    def check(self, segment: int, control: Control) -> None:
        """Raises BadInput."""
        _require(1 <= len(self.cameras) <= MAX_CAMERAS, f"work.images.cameras are 1 to {MAX_CAMERAS} names")
        for side, name in ((self.width, "width"), (self.height, "height")):
            _require(1 <= side <= MAX_SIDE, f"work.images.{name} is between 1 and {MAX_SIDE:,}")
        _require(1 <= self.every <= segment and segment % self.every == 0, "work.images.every divides segment")
        moments = segment // self.every
        _require(
            self.pixels * moments <= MAX_PIXELS and len(self.cameras) * moments <= MAX_PICTURES,
            f"a segment has at most {MAX_PICTURES:,} pictures of {MAX_PIXELS:,} pixels together",
        )
        _require(1 <= len(self.channels) == len({*self.channels}), "work.images.channels names each channel once")
        for channel in self.channels:
            _among(channel, CHANNELS, "work.images.channels")
        _require(
            len(self.groups) == len({*self.groups}) and all(0 <= group < 6 for group in self.groups),
            "work.images.groups are numbers from 0 to 5, each once",
        )
        _require(len(self.vary) <= MAX_LIST, f"at most {MAX_LIST} spreads are allowed")
        for spread in self.vary:
            spread.check(PAINTED, "work.images.vary")
        _require(self.every % control.every == 0, "work.images.every is a multiple of work.control.every")
        _require(
            control.source != "poses" or self.every == control.every,
            "work.images.every is work.control.every when poses are painted",
        )

    @property
    def pixels(self) -> int:
        """Pixels of one moment, all cameras together."""
        return len(self.cameras) * self.width * self.height


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a score: weight x value, its size, or its square, of one number of a field."""

    field: str
    index: int
    weight: str
    shape: str = "value"

    def check(self) -> None:
        """Raises BadInput."""
        _among(self.field, FIELDS, "work.score.terms.field")
        _among(self.shape, SHAPES, "work.score.terms.shape")
        _require(0 <= self.index < 2**16, "work.score.terms.index is out of range")
        decimal(self.weight, "work.score.terms.weight")


@dataclass(frozen=True, slots=True)
class Bound:
    """An episode earns nothing more once this number leaves its range."""

    field: str
    index: int
    low: str
    high: str

    def check(self) -> None:
        """Raises BadInput."""
        Spread(self.field, self.low, self.high).check(FIELDS, "work.score.bounds")
        _require(0 <= self.index < 2**16, "work.score.bounds.index is out of range")


@dataclass(frozen=True, slots=True)
class Score:
    """How an episode is scored: at every control, ``alive`` plus the terms, in 1/65,536ths, while within bounds."""

    alive: str = "0"
    terms: tuple[Term, ...] = ()
    bounds: tuple[Bound, ...] = ()

    def check(self) -> None:
        """Raises BadInput."""
        decimal(self.alive, "work.score.alive")
        _require(len(self.terms) <= MAX_LIST and len(self.bounds) <= MAX_LIST, f"a score has at most {MAX_LIST} terms")
        for term in self.terms:
            term.check()
        for bound in self.bounds:
            bound.check()


@dataclass(frozen=True, slots=True)
class Simulation:
    """Episodes of one model. ``noise`` is the size of an evolution strategy's steps, in 1/65,536ths of a parameter."""

    model: str
    episode: int
    keyframe: int = -1
    control: Control = field(default_factory=Control)
    vary: tuple[Spread, ...] = ()
    start: tuple[Spread, ...] = ()
    record: Record = field(default_factory=Record)
    score: Score | None = None
    noise: int | None = None
    images: Images | None = None

    def files(self) -> Iterator[str]:
        """The assets this work cannot do without."""
        yield self.model
        if self.control.file is not None:
            yield self.control.file

    def check(self, kind: str, segments: int, segment: int) -> None:
        """Check against the shape of the units. Raises BadInput."""
        _require(1 <= self.episode <= segments, "work.episode is between 1 and segments")
        _require(segments % self.episode == 0, "segments is a multiple of work.episode")
        _require(-1 <= self.keyframe < 2**16, "work.keyframe is -1 or the number of a keyframe")
        _require(len(self.vary) <= MAX_LIST and len(self.start) <= MAX_LIST, f"at most {MAX_LIST} spreads are allowed")
        self.control.check(segment)
        self.record.check(segment)
        for spread in self.vary:
            spread.check(VARIED, "work.vary")
        for spread in self.start:
            spread.check(STARTED, "work.start")
        _require((self.score is not None) == (kind in SCORED), f"work.score belongs to {' and '.join(SCORED)}")
        _require((self.noise is not None) == (kind == "es-train"), "work.noise belongs to es-train")
        if self.score is not None:
            self.score.check()
            _require(self.control.source == "policy", f"{kind} needs a policy to score")
            _require(self.record.encoding == "none", f"{kind} gives scores and records nothing else")
        if self.noise is not None:
            _require(1 <= self.noise <= 2**20, "work.noise is between 1 and 2^20")
            _require(
                segments // self.episode % 2 == 0, "es-train has an even number of episodes in a unit: its members"
            )
        _require((self.images is not None) == (kind == "render"), "work.images belongs to render")
        if self.images is not None:
            self.images.check(segment, self.control)
            _require(self.record.encoding != "sparse", "render records nothing sparse beside its pictures")
            posed = self.control.source == "poses"
            _require(not posed or self.record.encoding == "none", "poses are painted and nothing else is recorded")
        _require(self.images is not None or self.control.source != "poses", "poses are painted, by render alone")
        if kind == "tactile-rollout":
            _require("sensordata" in self.record.fields, "tactile-rollout records sensordata")


@dataclass(frozen=True, slots=True)
class Wasm:
    """A WebAssembly module that works segment by segment; see docs/executors.md for what it may import and must export.

    With ``replay`` = unit a checkpoint holds only a digest of the module's memory, and a judge runs the unit from its
    start; with segment it holds the memory, which must then fit into ``job.STATE_BYTES``.
    """

    module: str
    inputs: tuple[str, ...] = ()
    pages: int = 16
    replay: str = "segment"

    def files(self) -> Iterator[str]:
        """The assets this work cannot do without."""
        yield self.module
        yield from self.inputs

    def __post_init__(self) -> None:
        _require(1 <= self.pages <= MAX_PAGES, f"work.pages is between 1 and {MAX_PAGES}")
        _among(self.replay, REPLAYS, "work.replay")
        _require(len(self.inputs) <= MAX_LIST, f"a module reads at most {MAX_LIST} files")


@dataclass(frozen=True, slots=True)
class Sum:
    """What is made of the numbers in a file, 8 bytes each, signed, big-endian: a coordinate in each segment.

    ``moments`` adds up the numbers, their squares, their cubes. ``evolution`` moves as many parameters as the file
    ``before`` holds by rate x (sum of numbers x noise) / 2^shift. ``bounty`` says whose results the numbers are; 0
    says nothing.
    """

    values: str
    of: str = "moments"
    before: str | None = None
    rate: int = 0
    shift: int = 0
    bounty: int = 0

    def files(self) -> Iterator[str]:
        """The assets this work cannot do without."""
        yield self.values
        if self.before is not None:
            yield self.before

    def __post_init__(self) -> None:
        _among(self.of, SUMS, "work.of")
        _require((self.before is not None) == (self.of == "evolution"), "work.before belongs to evolution")
        _require(-(2**53) < self.rate < 2**53, "work.rate is between -2^53 and 2^53")
        _require(0 <= self.shift < 256, "work.shift is between 0 and 255")
        _require(0 <= self.bounty < 2**53, "work.bounty is the number of a bounty, or 0")


Work = Simulation | Wasm | Sum


def shape_of(kind: str) -> type[Work]:
    """What the work of a kind is made of."""
    return Simulation if kind in SIMULATED else Sum if kind == SUMMED else Wasm


def work_of(kind: str, value: object) -> Work:
    """Read the part of a spec that belongs to its kind. Raises BadInput."""
    return from_value(shape_of(kind), value, "job.work")
