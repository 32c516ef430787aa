"""Message definitions: which fields they name, and the same definitions without their authors' comments."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import google.protobuf.message
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet
from mcap.records import Schema

from thenar.adapters.media.scrub.words import is_private

_FIELD: Final = re.compile(r"^\s*[\w/]+(?:<=\d+)?(?:\[[^\]]*\])?\s+(\w+)\s*(?:$|[^=\w\s]|\S)", re.MULTILINE)
_REMARKS: Final = ("description", "title", "$comment", "examples", "$id")


def telling_fields(schema: Schema) -> bool:
    """Whether a ROS or protobuf definition has a field whose name promises a position on earth or a person."""
    if schema.encoding == "protobuf":
        return any(is_private(name) for name in _protobuf_fields(schema.data))
    if schema.encoding in ("ros2msg", "ros1msg"):
        return any(is_private(name) for name in _FIELD.findall(_without_comments(schema.data)))
    return False


def bare_schema(schema: Schema) -> bytes:
    """The definition without comments; one of another kind is dropped whole, a message needs no remarks."""
    if schema.encoding == "protobuf":
        files = FileDescriptorSet.FromString(schema.data)
        for file in files.file:
            file.ClearField("source_code_info")
        return files.SerializeToString(deterministic=True)
    if schema.encoding in ("ros2msg", "ros1msg"):
        return _without_comments(schema.data).encode()
    if schema.encoding == "jsonschema":
        return json.dumps(_without_remarks(json.loads(schema.data or b"{}"))).encode()
    return b""


def _without_comments(data: bytes) -> str:
    """A ROS definition without comment lines and comments after fields; quoted defaults keep their signs."""
    lines = []
    for line in data.decode("utf-8", "replace").splitlines():
        quoted = '"' in line or "'" in line
        bare = line if quoted and not line.lstrip().startswith("#") else line.split("#", 1)[0]
        if bare.strip():
            lines.append(bare.rstrip())
    return "\n".join(lines) + "\n"


def _without_remarks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_remarks(inner) for name, inner in value.items() if name not in _REMARKS}
    return [_without_remarks(inner) for inner in value] if isinstance(value, list) else value


def _protobuf_fields(data: bytes) -> list[str]:
    try:
        files = FileDescriptorSet.FromString(data)
    except google.protobuf.message.DecodeError:
        return []
    found: list[str] = []
    todo: list[DescriptorProto] = [kind for file in files.file for kind in file.message_type]
    while todo:
        kind = todo.pop()
        found += [told.name for told in kind.field]
        todo += kind.nested_type
    return found
