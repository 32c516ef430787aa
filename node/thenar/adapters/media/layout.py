"""Layouts: which columns of a table make which stream, in which unit, scale and clock.

A layout is declared in TOML, beside the file as ``<file>.layout.toml`` or named explicitly. Nothing about a table
is guessed, except where its header itself names every unit or is one of a few known ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from thenar.adapters.media.quantise import NANOSECONDS
from thenar.adapters.media.recording import StreamInfo
from thenar.domain.manifest import MODALITIES
from thenar.errors import BadInput

LIMIT: Final = 256 * 1024

TEMPLATE: Final = """\
# How to read a table. Columns are CSV or Parquet columns, HDF5 dataset paths, or MCAP "topic:field".
modality = "tactile"        # spatial, tactile, trajectory, imu, rollout
missing = "refuse"          # or "drop": leave out rows with empty or not-a-number cells
# delimiter = ","           # CSV: , ; | tab or space
# decimal = "."             # CSV: or ","
# encoding = "utf-8"        # CSV: or "cp1252"
# header = true             # CSV: false names the columns 1, 2, 3 ...

[time]                      # leave out when rows have no clock
column = "t"
unit = "ms"                 # s, ms, us, ns
# epoch = true              # times count from 1970 UTC

[[stream]]
name = "touch"
kind = "normal_force"
columns = ["touch_*"]       # names, or a prefix and *
units = "N"                 # UCUM; "[arb'U]" for raw counts
scale = "1/1000"            # one integer step is worth this many units
# raw = false               # true: cells hold steps already, not units
# zero_offset = 0
# axes = 1                  # numbers per sensor
# rate_mhz = 100000         # millihertz, where no time column says it
"""


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The column that holds the clock; ``epoch`` when it counts from 1970 UTC."""

    column: str
    unit: str
    epoch: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """A declared stream: column names or one prefix with ``*``, and what their numbers mean."""

    name: str
    kind: str
    columns: tuple[str, ...]
    units: str
    scale: Fraction = Fraction(1)
    zero_offset: int = 0
    axes: int = 1
    rate_mhz: int = 0
    raw: bool = False

    @property
    def conversion(self) -> tuple[Fraction, int]:
        """(scale, zero) that turn a cell into an integer step; cells that hold steps already stay as they are."""
        return (Fraction(1), 0) if self.raw else (self.scale, self.zero_offset)

    def info(self, width: int) -> StreamInfo:
        """The stream when its columns hold ``width`` numbers. Raises BadInput when axes do not divide them."""
        if width == 0 or width % self.axes:
            raise BadInput(f"stream {self.name!r} has {width} columns, which do not make sensors of {self.axes} axes")
        num, den = self.scale.numerator, self.scale.denominator
        count = width // self.axes
        return StreamInfo(self.name, self.kind, count, self.axes, self.units, num, den, self.zero_offset, self.rate_mhz)

    def choose(self, available: Sequence[str]) -> list[int]:
        """Positions of this stream's columns. Raises BadInput for a column that is not there."""
        chosen: list[int] = []
        for wanted in self.columns:
            prefix = wanted[:-1] if wanted.endswith("*") else None
            hits = [i for i, name in enumerate(available) if (name.startswith(prefix) if prefix else name == wanted)]
            if not hits:
                near = ", ".join(available[:6])
                raise BadInput(f"the layout names column {wanted!r}, which the file lacks", next_step=f"it has: {near}")
            chosen.extend(hits)
        if len(set(chosen)) != len(chosen):
            raise BadInput(f"stream {self.name!r} names a column twice, or a name stands for two columns")
        return chosen


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything declared about a table. Without signals, the header itself must say what the columns mean."""

    modality: str
    signals: tuple[Signal, ...]
    time: TimeColumn | None = None
    missing: str = "refuse"
    delimiter: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    header: bool = True


def load_layout(path: Path) -> Layout:
    """Read a layout file. Raises BadInput."""
    return parse_layout(read_toml(path, "layout"))


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Read a small TOML file. Raises BadInput."""
    try:
        with path.open("rb") as source:
            data = source.read(LIMIT + 1)
        if len(data) > LIMIT:
            raise BadInput(f"the {what} {path.name} has more than {LIMIT} bytes")
        return tomllib.loads(data.decode("utf-8"))
    except OSError as cause:
        raise BadInput(f"cannot read the {what} {path.name}: {cause.strerror}") from cause
    except UnicodeDecodeError as cause:
        raise BadInput(f"the {what} {path.name} is not UTF-8") from cause
    except (tomllib.TOMLDecodeError, RecursionError) as cause:
        raise BadInput(f"the {what} {path.name} is not TOML: {cause}") from cause


def parse_layout(raw: Mapping[str, Any]) -> Layout:
    """Check a parsed layout. Raises BadInput."""
    allowed = ("modality", "missing", "delimiter", "decimal", "encoding", "header", "time", "stream")
    top = Table(raw, "layout", allowed)
    streams = top.tables("stream")
    time = top.table("time", ("column", "unit", "epoch"))
    clock = None if time is None else TimeColumn(time.text("column"), time.text("unit"), time.flag("epoch", False))
    if clock is not None and clock.unit not in NANOSECONDS:
        raise BadInput(f"layout time unit {clock.unit[:20]!r} is unknown", next_step="use s, ms, us or ns")
    names = {"tab": "\t", "space": " "}
    delimiter = top.text("delimiter", "")
    return Layout(
        modality=top.choice("modality", MODALITIES, None if streams else MODALITIES[0]),
        signals=tuple(_signal(stream) for stream in streams),
        time=clock,
        missing=top.choice("missing", ("refuse", "drop"), "refuse"),
        delimiter=_delimiter(names.get(delimiter, delimiter)),
        decimal=top.choice("decimal", (".", ","), "."),
        encoding=top.choice("encoding", ("utf-8", "cp1252", "latin-1", "utf-16"), "utf-8"),
        header=top.flag("header", True),
    )


def _delimiter(text: str) -> str | None:
    if text not in ("", ",", ";", "|", "\t", " "):
        raise BadInput(f"layout delimiter {text[:8]!r} is not one of , ; | tab space")
    return text or None


def _signal(raw: Mapping[str, Any]) -> Signal:
    allowed = ("name", "kind", "columns", "units", "scale", "zero_offset", "axes", "rate_mhz", "raw")
    table = Table(raw, "layout [[stream]]", allowed)
    columns = raw.get("columns")
    if not isinstance(columns, list) or not columns or not all(isinstance(item, str) and item for item in columns):
        raise BadInput("layout [[stream]] needs columns = [names]")
    scale = table.text("scale", "1")
    match = re.fullmatch(r"([1-9][0-9]{0,14})(?:/([1-9][0-9]{0,14}))?", scale)
    if match is None:
        raise BadInput(f"layout scale {scale[:40]!r} is not a fraction such as 1/1000")
    return Signal(
        name=table.text("name"),
        kind=table.text("kind"),
        columns=tuple(columns),
        units=table.text("units"),
        scale=Fraction(int(match[1]), int(match[2] or 1)),
        zero_offset=table.number("zero_offset", 0, -(2**53), 2**53),
        axes=table.number("axes", 1, 1, 1000),
        rate_mhz=table.number("rate_mhz", 0, 0, 10**12),
        raw=table.flag("raw", False),
    )


class Table:
    """A TOML table whose keys are known and whose values are checked as they are taken. Raises BadInput."""

    def __init__(self, raw: Mapping[str, Any], where: str, allowed: Sequence[str]) -> None:
        unknown = sorted(key for key in raw if key not in allowed)
        if unknown:
            step = f"it may have: {', '.join(allowed)}"
            raise BadInput(f"{where} has an unknown key {unknown[0][:40]!r}", next_step=step)
        self._raw, self._where = raw, where

    def text(self, key: str, default: str | None = None) -> str:
        """A string of at most 256 characters."""
        value = self._raw.get(key, default)
        if not isinstance(value, str) or len(value) > 256:
            raise BadInput(f"{self._where} needs {key} = a string")
        return value

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in allowed:
            raise BadInput(f"{self._where} {key} {value[:40]!r} is not one of {', '.join(allowed)}")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        value = self._raw.get(key, default)
        if not isinstance(value, bool):
            raise BadInput(f"{self._where} needs {key} = true or false")
        return value

    def number(self, key: str, default: int | None, low: int, high: int) -> int:
        """An integer in a range."""
        value = self._raw.get(key, default)
        if type(value) is not int or not low <= value <= high:
            raise BadInput(f"{self._where} needs {key} = an integer from {low} to {high}")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._raw.get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BadInput(f"{self._where} needs {key} = a list of strings")
        return tuple(value)

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of integers."""
        value = self._raw.get(key)
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            raise BadInput(f"{self._where} needs {key} = a list of integers")
        return tuple(value)

    def table(self, key: str, allowed: Sequence[str]) -> Table | None:
        """A table inside, or None when it is left out."""
        value = self._raw.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise BadInput(f"{self._where} needs [{key}] as a table")
        return Table(value, f"{self._where} [{key}]", allowed)

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """A list of tables, empty when it is left out."""
        value = self._raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise BadInput(f"{self._where} needs [[{key}]] as tables")
        return value

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._raw
