"""MCAP logs: ROS 2 (CDR), protobuf and JSON messages, chunked or not, indexed or not.

Each numeric field of a message becomes a stream ``topic:field`` on the log's clock; small objects of numbers
(vectors, quaternions) become one stream with axes. Source: https://mcap.dev/spec
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import google.protobuf.message
import lz4.frame
import numpy as np
import zstandard
from mcap.exceptions import McapError
from mcap.records import Channel, Chunk, DataEnd, McapRecord, Message, Schema
from mcap.stream_reader import StreamReader, breakup_chunk
from mcap_protobuf.decoder import DecoderFactory as ProtobufDecoders
from mcap_ros2._vendor.rosidl_adapter.parser import InvalidSpecification, InvalidValue
from mcap_ros2.decoder import DecoderFactory as Ros2Decoders

from thenar.adapters.media.clouds import cloud_points, is_cloud
from thenar.adapters.media.flatten import flatten
from thenar.adapters.media.layout import Layout
from thenar.adapters.media.quantise import integers
from thenar.adapters.media.recording import (
    ARBITRARY,
    DAMAGE,
    EXACT,
    Block,
    Head,
    Limits,
    Reading,
    StreamInfo,
    file_size,
)
from thenar.adapters.media.rosunits import units_of
from thenar.errors import BadInput

MICRO: Final = Fraction(1, 1_000_000)
_CHUNK: Final = 256 << 20
_ROWS: Final = 4_096
_LARGEST: Final = 2.0**52
FAILURES: Final = (
    McapError,
    InvalidSpecification,
    InvalidValue,
    google.protobuf.message.Error,
    zstandard.ZstdError,
    *DAMAGE,
)


@dataclass(slots=True)
class _Plan:
    """A stream being filled: rows wait here until there are enough for a block."""

    info: StreamInfo
    conversion: tuple[Fraction, int]
    times: list[int] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)
    dropped: int = 0
    whole: bool = True
    peak: float = 0.0

    def weigh(self, numbers: list[float]) -> None:
        """Take note of how large the numbers are and whether all are whole."""
        usual = [number for number in numbers if abs(number) < _LARGEST]
        self.whole = self.whole and all(number.is_integer() for number in usual)
        self.peak = max(self.peak, *map(abs, usual), 0.0)

    def settle(self) -> None:
        """Where nobody fixed a unit: whole numbers stay counts, others get the finest scale that fits them."""
        if self.info.units == ARBITRARY:
            scales = (Fraction(1),) if self.whole else (MICRO, Fraction(1, 1000), Fraction(1))
            scale = next((scale for scale in scales if self.peak / float(scale) < EXACT / 2), Fraction(1))
            self.info = replace(self.info, scale_num=scale.numerator, scale_den=scale.denominator)
            self.conversion = (scale, 0)


@dataclass(slots=True)
class _Survey:
    """What the first pass found: streams by channel and field, and what has no decoder or does not belong out."""

    plans: dict[tuple[int, str], _Plan] = field(default_factory=dict)
    undecoded: dict[str, str] = field(default_factory=dict)
    records: int = 0


Values = dict[str, list[list[float]]]
"""Rows by field name: one for most fields, one a point for a cloud."""


def read_mcap(path: Path, *, limits: Limits, layout: Layout | None) -> Reading:
    """Read every numeric field, or those a layout names as ``topic:field``, as integer streams. Raises BadInput."""
    file_size(path, limits)
    notes: list[str] = []
    survey = _surveyed(path, limits)
    if layout is not None:
        _declare(survey, layout)
    if not survey.plans:
        unread = "; ".join(f"{topic} ({why})" for topic, why in survey.undecoded.items())
        said = f"the MCAP holds no numbers to read {unread[:160]}".rstrip()
        raise BadInput(said, next_step="check it with `mcap info`")
    _number(survey)
    if survey.undecoded:
        notes.append(f"topics without a decoder were left out: {', '.join(survey.undecoded)[:160]}")
    modality = layout.modality if layout is not None else _modality(survey)
    head = Head("mcap", modality, tuple(plan.info for plan in survey.plans.values()), absolute=True)
    return Reading(head, _blocks(path, limits, survey, notes), notes)


def _surveyed(path: Path, limits: Limits) -> _Survey:
    """Decode everything once to learn which streams there are."""
    survey = _Survey()
    try:
        for channel, schema, message, values in _messages(path, limits, survey):
            survey.records += max(map(len, values.values()), default=1)
            limits.check_records(survey.records, "the MCAP")
            for name, rows in values.items():
                key = (message.channel_id, name)
                if key not in survey.plans and rows and 0 < len(rows[0]) <= limits.fields:
                    survey.plans[key] = _plan(channel, schema, name, rows[0])
                for numbers in rows if key in survey.plans else ():
                    survey.plans[key].weigh(numbers)
            limits.check_fields(len(survey.plans), "the MCAP")
    except FAILURES as cause:
        raise damaged(cause) from cause
    for plan in survey.plans.values():
        plan.settle()
    return survey


def _messages(path: Path, limits: Limits, survey: _Survey) -> Iterator[tuple[Channel, Schema | None, Message, Values]]:
    schemas: dict[int, Schema] = {}
    channels: dict[int, Channel] = {}
    decoders: dict[int, Callable[[bytes], Any] | None] = {}
    for record in opened_records(path, limits):
        if isinstance(record, Schema):
            schemas[record.id] = record
        elif isinstance(record, Channel):
            channels[record.id] = record
        elif isinstance(record, Message):
            channel = channels[record.channel_id]
            schema = schemas.get(channel.schema_id)
            if record.channel_id not in decoders:
                decoders[record.channel_id] = decoder_for(channel, schema)
            decode = decoders[record.channel_id]
            if decode is None:
                survey.undecoded[channel.topic[:60]] = channel.message_encoding[:20] or "no encoding"
            else:
                yield channel, schema, record, _values(decode(record.data), schema, limits)


def opened_records(path: Path, limits: Limits) -> Iterator[McapRecord]:
    """Every record, chunks unpacked within bounds; no message from after the end of data."""
    ended = False
    with path.open("rb") as source:
        for record in StreamReader(source, emit_chunks=True, record_size_limit=_CHUNK).records:
            ended = ended or isinstance(record, DataEnd)
            for inner in _opened(record, limits):
                if not (ended and isinstance(inner, Message)):
                    yield inner


def _values(message: Any, schema: Schema | None, limits: Limits) -> Values:
    if schema is not None and is_cloud(schema.name):
        return {"points": cloud_points(message).tolist()}
    return {name: [numbers] for name, numbers in flatten(message, limits.fields).items()}


def _opened(record: McapRecord, limits: Limits) -> list[McapRecord]:
    """The records of a chunk, unpacked within bounds; any other record is itself."""
    if not isinstance(record, Chunk):
        return [record]
    limits.check_memory(record.uncompressed_size, "an MCAP chunk")
    if record.compression == "zstd":
        stated = zstandard.get_frame_parameters(record.data).content_size
        if stated not in (record.uncompressed_size, zstandard.CONTENTSIZE_UNKNOWN):
            raise BadInput(f"an MCAP chunk of {record.uncompressed_size:,} bytes would unpack to {stated:,}")
        data = zstandard.ZstdDecompressor().decompress(record.data, max_output_size=max(1, record.uncompressed_size))
    elif record.compression == "lz4":
        data = lz4.frame.LZ4FrameDecompressor().decompress(record.data, max_length=record.uncompressed_size + 1)
    elif record.compression == "":
        data = record.data
    else:
        raise BadInput(f"MCAP chunk compression {record.compression[:20]!r} is not read", next_step="use zstd or lz4")
    if len(data) != record.uncompressed_size:
        raise BadInput(f"an MCAP chunk promises {record.uncompressed_size:,} bytes and unpacks to {len(data):,}")
    record.compression, record.data = "", data
    return breakup_chunk(record, validate_crc=True)


def decoder_for(channel: Channel, schema: Schema | None) -> Callable[[bytes], Any] | None:
    """What decodes the messages of a channel, or None."""
    if channel.message_encoding == "json":
        return json.loads
    for factory in (Ros2Decoders(), ProtobufDecoders()):
        try:
            found: Callable[[bytes], Any] | None = factory.decoder_for(channel.message_encoding, schema)
        except FAILURES:
            return None  # a schema nobody understands costs its topic, not the log
        if found is not None:
            return found
    return None


def _plan(channel: Channel, schema: Schema | None, name: str, numbers: list[float]) -> _Plan:
    kind, units, scale, axes = units_of(schema.name if schema else "", name, len(numbers))
    count = len(numbers) // axes
    info = StreamInfo(f"{channel.topic}:{name}", kind, count, axes, units, scale.numerator, scale.denominator)
    return _Plan(info, (scale, 0))


def _declare(survey: _Survey, layout: Layout) -> None:
    """Keep only the declared streams; each declared column is one ``topic:field``."""
    keys = list(survey.plans)
    names = [survey.plans[key].info.name for key in keys]
    kept: dict[tuple[int, str], _Plan] = {}
    for signal in layout.signals:
        chosen = signal.choose(names)
        for position in chosen:
            key = keys[position]
            width = survey.plans[key].info.width
            info = signal.info(width)
            suffix = "" if len(chosen) == 1 else f".{names[position]}"
            named = StreamInfo(
                f"{info.name}{suffix}", info.kind, info.count, info.axes, info.units,
                info.scale_num, info.scale_den, info.zero_offset, info.rate_mhz,
            )  # fmt: skip
            kept[key] = _Plan(named, signal.conversion)
    survey.plans = kept


def _number(survey: _Survey) -> None:
    """Give streams of two channels on one topic different names."""
    taken: set[str] = set()
    for (channel, _), plan in survey.plans.items():
        if plan.info.name in taken:
            info = plan.info
            plan.info = StreamInfo(
                f"{info.name}#{channel}", info.kind, info.count, info.axes, info.units, info.scale_num, info.scale_den
            )
        taken.add(plan.info.name)


def _modality(survey: _Survey) -> str:
    kinds = {plan.info.kind for plan in survey.plans.values()}
    names = " ".join(plan.info.name.lower() for plan in survey.plans.values())
    if "point" in kinds:
        return "spatial"
    if any(word in names for word in ("tactile", "taxel", "touch")):
        return "tactile"
    return "imu" if "angular_velocity" in kinds and not kinds & {"position", "joint_position"} else "trajectory"


def _blocks(path: Path, limits: Limits, survey: _Survey, notes: list[str]) -> Iterator[Block]:
    index = {key: number for number, key in enumerate(survey.plans)}
    try:
        for _, _, message, values in _messages(path, limits, _Survey()):
            for name, rows in values.items():
                plan = survey.plans.get((message.channel_id, name))
                if plan is not None:
                    for numbers in rows:
                        _keep(plan, message.log_time, numbers)
                    if len(plan.rows) * plan.info.width >= _ROWS * 16:
                        yield _flush(plan, index[message.channel_id, name])
    except FAILURES as cause:
        raise damaged(cause) from cause
    for number, plan in enumerate(survey.plans.values()):
        if plan.rows:
            yield _flush(plan, number)
    for plan in survey.plans.values():
        if plan.dropped:
            notes.append(f"{plan.dropped:,} messages of {plan.info.name[:80]} hold no finite numbers of its length")


def _keep(plan: _Plan, time: int, numbers: list[float]) -> None:
    limit = float(EXACT // 2 * plan.conversion[0])
    fits = len(numbers) == plan.info.width and all(-limit < number < limit for number in numbers)
    if not fits or time >= 2**63:
        plan.dropped += 1
    else:
        plan.times.append(time)
        plan.rows.append(numbers)


def _flush(plan: _Plan, number: int) -> Block:
    rows = np.array(plan.rows, dtype=np.float64)
    values = integers(rows, *plan.conversion, f"stream {plan.info.name}")
    block = Block(number, np.array(plan.times, dtype=np.int64), values)
    plan.times, plan.rows = [], []
    return block


def damaged(cause: BaseException) -> BadInput:
    """What to say of a file its decoder libraries gave up on."""
    said = " ".join(str(cause).split())[:160] or type(cause).__name__
    return BadInput(f"the MCAP cannot be decoded: {said}", next_step="try `mcap doctor` and `mcap recover`")
