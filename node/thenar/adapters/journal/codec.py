"""Facts as canonical JSON and back, by class and field name. Byte strings are 0x and hex digits, flags 0 or 1."""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import typing
from collections.abc import Callable, Sequence
from typing import Any

from thenar.domain import canonical
from thenar.domain.facts import At, Fact
from thenar.domain.ids import TxHash
from thenar.errors import Corrupt

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in typing.get_args(Fact)}
_Read = Callable[[Any], Any]


def spell(fact: Fact) -> str:
    """The canonical JSON of a fact without its place on the chain."""
    body = {field.name: _plain(getattr(fact, field.name)) for field in dataclasses.fields(fact) if field.name != "at"}
    return canonical.encode(body).decode()


def read_page(rows: Sequence[tuple[str, str, int, int, str, str]]) -> list[Fact]:
    """The facts of rows (kind, body, block, log index, block hash, transaction). Raises Corrupt for a damaged one.

    All bodies are parsed as one JSON list: a restart reads every fact there is.
    """
    try:
        bodies = json.loads(f"[{','.join(row[1] for row in rows)}]")
        return [
            _reader(kind)(At(block, index, block_hash, TxHash(tx)), body)
            for (kind, _, block, index, block_hash, tx), body in zip(rows, bodies, strict=True)
        ]
    except (KeyError, TypeError, ValueError) as cause:
        raise Corrupt(
            f"the journal holds a damaged fact between blocks {rows[0][2]} and {rows[-1][2]}",
            next_step="move the journal away and let the node follow the chain from the start",
        ) from cause


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int):  # also flags and enums
        return int(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


@functools.cache
def _reader(name: str) -> Callable[[At, dict[str, Any]], Any]:
    """How facts of this name are read, worked out when the first is read. Raises KeyError for no fact's name."""
    kind = _KINDS[name]
    plan = [(field, _of(hint)) for field, hint in typing.get_type_hints(kind).items() if field != "at"]

    def build(at: At, body: dict[str, Any]) -> Any:
        return kind(at, *[read_value(body[field]) for field, read_value in plan])

    return build


def _of(hint: Any) -> _Read:
    if hint is bytes:
        return lambda text: bytes.fromhex(text[2:])
    if hint is bool:
        return bool
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint
    if typing.get_origin(hint) is tuple:
        item = _of(typing.get_args(hint)[0])
        return lambda values: tuple(item(value) for value in values)
    if dataclasses.is_dataclass(hint):
        return _struct(typing.cast(type, hint))
    return lambda value: value


def _struct(kind: type[Any]) -> _Read:
    plan = [(name, _of(hint)) for name, hint in typing.get_type_hints(kind).items()]
    return lambda body: kind(*[read_value(body[name]) for name, read_value in plan])
