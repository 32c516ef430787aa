"""MCAP logs written anew, message by message: no metadata, no attachments, no receivers, no logs of the machine.

Positions on a map grid are moved into a frame of their own: the first one far from zero becomes the origin of all.
Source: https://mcap.dev/spec
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from mcap.records import Attachment, Channel, Header, Message, Metadata, Schema
from mcap.writer import CompressionType
from mcap.writer import Writer as McapWriter

from thenar.adapters.media.clouds import cloud_points, is_cloud
from thenar.adapters.media.layout import Layout
from thenar.adapters.media.logs import FAILURES, damaged, decoder_for, opened_records
from thenar.adapters.media.recording import Limits, file_size
from thenar.adapters.media.scrub.pictures import blank_metadata
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.adapters.media.scrub.schemas import bare_schema, telling_fields
from thenar.adapters.media.scrub.words import is_private, left_out
from thenar.errors import BadInput

FAR: Final = 50_000.0
"""Metres from zero beyond which a position is one on earth: no local frame is that large, every map grid is."""
_TELLING: Final = """
NavSatFix NavSatStatus GPSFix GPSStatus LocationFix LocationFixes GeoPoint GeoPointStamped GeoPose GeoPoseStamped
GeoPath GeoJSON Sentence DiagnosticArray DiagnosticStatus Log ParameterEvent String
"""
_KINDS: Final = frozenset(_TELLING.split())
_SPOTS: Final = frozenset(("position", "translation", "point", "points", "origin", "location", "center", "pose"))
_PROFILES: Final = ("", "ros1", "ros2")
_DEPTH: Final = 16


@dataclass(slots=True)
class _Log:
    """What is known of the log so far."""

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    written: dict[int, int] = field(default_factory=dict)
    schemas_written: dict[int, int] = field(default_factory=dict)
    decoders: dict[int, Any] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    undecoded: set[str] = field(default_factory=set)
    origin: tuple[float, float, float] | None = None
    private: int = 0


def scrub_mcap(path: Path, out: BinaryIO, *, limits: Limits, layout: Layout | None) -> Scrubbed:
    """Write the messages that tell nothing about where on earth and who. Raises BadInput when none is left."""
    file_size(path, limits)
    log = _Log()
    writer = McapWriter(out, compression=CompressionType.ZSTD)
    kept, started = 0, False
    try:
        for record in opened_records(path, limits):
            if not started:
                profile = record.profile if isinstance(record, Header) else ""
                writer.start(profile=profile if profile in _PROFILES else "", library="")
                started = True
            log.private += isinstance(record, Attachment | Metadata)
            if isinstance(record, Schema):
                log.schemas[record.id] = record
            elif isinstance(record, Channel):
                log.channels[record.id] = record
            elif isinstance(record, Message):
                kept += _pass_on(record, log, writer, limits)
        writer.finish()  # type: ignore[no-untyped-call]
    except FAILURES as cause:
        raise damaged(cause) from cause
    if not kept:
        raise BadInput("nothing in the MCAP may be kept", next_step="record sensor topics in a local frame")
    return Scrubbed("mcap", _notes(log), localised=log.origin is not None)


def _notes(log: _Log) -> list[str]:
    notes = [f"{log.private} metadata records and attachments are left out of the sealed file"] if log.private else []
    notes += left_out("topics", log.dropped)
    notes += left_out("topics without a decoder", log.undecoded)
    if log.origin is not None:
        notes.append("positions were moved: the first one on the map grid is 0, 0, 0")
    return notes


def _pass_on(message: Message, log: _Log, writer: McapWriter, limits: Limits) -> bool:
    """Write one message, cleaned, or remember why its topic is left out."""
    channel = log.channels[message.channel_id]
    if channel.topic in log.dropped or channel.topic in log.undecoded:
        return False
    schema = log.schemas.get(channel.schema_id)
    if channel.id not in log.decoders:
        log.decoders[channel.id] = decoder_for(channel, schema)
        if _tells(channel, schema):
            log.dropped.add(channel.topic)
            return False
    decode = log.decoders[channel.id]
    if decode is None:
        log.undecoded.add(channel.topic)
        return False
    data = _cleaned(message.data, decode, channel, schema, log)
    if data is None:
        log.dropped.add(channel.topic)
        return False
    writer.add_message(
        _channel(channel, schema, log, writer), message.log_time, data, message.publish_time, message.sequence
    )
    return True


def _tells(channel: Channel, schema: Schema | None) -> bool:
    kind = schema.name.rsplit("/", 1)[-1].rsplit(".", 1)[-1] if schema is not None else ""
    described = channel.topic.rsplit("/", 1)[-1] == "robot_description"
    if is_private(channel.topic) or (kind in _KINDS and not described):
        return True
    return schema is not None and channel.message_encoding != "json" and telling_fields(schema)


def _channel(channel: Channel, schema: Schema | None, log: _Log, writer: McapWriter) -> int:
    if channel.id not in log.written:
        number = 0
        if schema is not None:
            if schema.id not in log.schemas_written:
                data = bare_schema(schema)
                log.schemas_written[schema.id] = writer.register_schema(schema.name, schema.encoding, data)
            number = log.schemas_written[schema.id]
        log.written[channel.id] = writer.register_channel(channel.topic, channel.message_encoding, number)
    return log.written[channel.id]


def _cleaned(data: bytes, decode: Any, channel: Channel, schema: Schema | None, log: _Log) -> bytes | None:
    """The message to write, or None when it holds positions on earth that cannot be moved."""
    if channel.message_encoding == "json":
        bare = _bare(json.loads(data), 0)
        return None if far_positions(bare) else json.dumps(bare, separators=(",", ":")).encode()
    message = decode(data)
    if schema is not None and is_cloud(schema.name):
        points = cloud_points(message)
        return None if points.size and abs(points).max() > FAR else data
    root = schema is not None and schema.name.rsplit("/", 1)[-1] in ("Point", "Point32")
    for position in far_positions(message, root):
        log.origin = log.origin or position
        moved = tuple(part - zero for part, zero in zip(position, log.origin, strict=True))
        data = data.replace(struct.pack("<3d", *position), struct.pack("<3d", *moved))
    return blank_metadata(data) if not far_positions(decode(data), root) else None


def far_positions(message: Any, named: bool = False, depth: int = 0) -> list[tuple[float, float, float]]:
    """Every position of a decoded message that lies far from zero: x, y, z in a field named as one, at any depth.

    Three numbers under another name may be anything, such as a magnetic field in nanotesla.
    """
    if depth > _DEPTH or isinstance(message, str | bytes | bytearray | int | float | bool | None):
        return []
    if isinstance(message, list | tuple):
        return [spot for item in message for spot in far_positions(item, named, depth + 1)]
    members = message if isinstance(message, dict) else _members(message)
    spot = tuple(members.get(axis) for axis in "xyz")
    if named and all(isinstance(part, float | int) for part in spot):
        return [spot] if any(abs(part) > FAR for part in spot) else []  # type: ignore[arg-type, list-item]
    found = []
    for name, inner in members.items():
        found += far_positions(inner, name.lower() in _SPOTS or (named and isinstance(inner, list)), depth + 1)
    return found


def _members(message: Any) -> dict[str, Any]:
    names = getattr(message, "__slots__", ())
    if hasattr(message, "DESCRIPTOR"):
        names = [told.name for told in message.DESCRIPTOR.fields]
    return {str(name): getattr(message, name) for name in names}


def _bare(value: Any, depth: int) -> Any:
    """A JSON value without members whose names tell."""
    if depth > _DEPTH:
        return None
    if isinstance(value, dict):
        return {name: _bare(inner, depth + 1) for name, inner in value.items() if not is_private(name)}
    return [_bare(inner, depth + 1) for inner in value] if isinstance(value, list) else value
