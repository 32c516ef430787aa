"""Frozen dataclasses to plain JSON values and back, with every key and type checked.

The JSON side holds only objects, lists, integers and strings: a flag is 0 or 1, an integer that may
pass 2^53 (``Wide``) is a decimal string so that a JavaScript reader keeps it exact, and an absent
optional field has no key.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Hashable, Mapping
from typing import Annotated, Any, Final, TypeVar

from thenar.errors import BadInput

_WIDE: Final = "decimal string"
Wide = Annotated[int, _WIDE]
"""An integer of up to 64 bits, written as a decimal string."""

_SAFE: Final = 2**53 - 1
_T = TypeVar("_T")


def renamed(key: str, **more: Any) -> Any:
    """A dataclass field whose JSON key differs from its Python name (``class`` is a keyword)."""
    return dataclasses.field(metadata={"key": key}, **more)


def json_key(field: dataclasses.Field[Any]) -> str:
    """The JSON key of a dataclass field."""
    return str(field.metadata.get("key", field.name))


def _hints(kind: type[Any]) -> dict[str, Any]:
    """A record's types by field."""
    return _worked_out(typing.cast(Hashable, kind))


@functools.cache
def _worked_out(kind: Hashable) -> dict[str, Any]:
    """The same; Python reads them out of text, once is enough."""
    return typing.get_type_hints(kind, include_extras=True)


def to_value(record: object) -> dict[str, object]:
    """Turn a dataclass into a JSON value; optional fields that are None get no key."""
    hints = _hints(type(record))
    value: dict[str, object] = {}
    for field in dataclasses.fields(record):  # type: ignore[arg-type]
        content = getattr(record, field.name)
        if content is not None:
            value[json_key(field)] = _plain(content, hints[field.name])
    return value


def _plain(content: object, hint: Any) -> object:
    if dataclasses.is_dataclass(content):
        return to_value(content)
    if isinstance(content, tuple):
        inner = typing.get_args(_required(hint))[0]
        return [_plain(item, inner) for item in content]
    if isinstance(content, bool):
        return int(content)
    return str(content) if _is_wide(hint) else content


def from_value(kind: type[_T], value: object, where: str) -> _T:
    """Build a dataclass from a JSON value. Raises BadInput naming the place that is wrong."""
    if not isinstance(value, Mapping):
        raise BadInput(f"{where} must be an object")
    hints = _hints(kind)
    fields = {json_key(field): field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(str(key) for key in value if key not in fields)
    if unknown:
        raise BadInput(f"{where} has an unknown field {unknown[0][:80]!r}")
    found: dict[str, object] = {}
    for key, field in fields.items():
        hint = hints[field.name]
        if key in value:
            found[field.name] = _parsed(value[key], _required(hint), f"{where}.{key}")
        elif _required(hint) is hint:
            raise BadInput(f"{where}.{key} is missing")
    return kind(**found)


def completed(kind: type[Any], value: Mapping[str, object]) -> dict[str, object]:
    """A JSON object in which people left out what has a default, with the defaults put in."""
    hints = _hints(kind)
    made = dict(value)
    for field in dataclasses.fields(kind):
        key, hint = json_key(field), _required(hints[field.name])
        if key in made:
            made[key] = _completed_inner(hint, made[key])
        elif field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING:
            default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
            if default is not None:
                made[key] = _plain(default, hint)
    return made


def _completed_inner(hint: Any, value: object) -> object:
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return completed(typing.cast(type, hint), value)
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        return [_completed_inner(typing.get_args(hint)[0], item) for item in value]
    return value


def _parsed(value: object, hint: Any, where: str) -> object:
    if _is_wide(hint):
        return _wide(value, where)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise BadInput(f"{where} must be a list")
        inner = typing.get_args(hint)[0]
        return tuple(_parsed(item, inner, f"{where}[{index}]") for index, item in enumerate(value))
    if dataclasses.is_dataclass(hint):
        return from_value(typing.cast(type, hint), value, where)
    if hint is bool:
        if type(value) is not int or value not in (0, 1):
            raise BadInput(f"{where} must be 0 or 1")
        return bool(value)
    if hint is int:
        if type(value) is not int or abs(value) > _SAFE:
            raise BadInput(f"{where} must be an integer within ±(2^53 - 1)")
        return value
    if not isinstance(value, str):
        raise BadInput(f"{where} must be a string")
    return value


def _wide(value: object, where: str) -> int:
    if isinstance(value, str) and len(value) <= 20 and value.isascii():
        digits = value.removeprefix("-")
        if digits.isdecimal() and str(int(value)) == value and -(2**63) <= int(value) < 2**64:
            return int(value)
    raise BadInput(f"{where} must be a 64-bit integer as a decimal string without leading zeros")


def _is_wide(hint: Any) -> bool:
    return _WIDE in getattr(_required(hint), "__metadata__", ())


def _required(hint: Any) -> Any:
    """The type inside ``X | None``; the same object when the field is not optional."""
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint
    return next(part for part in typing.get_args(hint) if part is not type(None))
