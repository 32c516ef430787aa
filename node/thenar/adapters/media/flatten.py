"""Decoded messages to named lists of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from thenar.errors import BadInput

_DEPTH: Final = 8
_SKIPPED: Final = ("header", "stamp", "timestamp", "covariance")
_ORDERS: Final = (("x", "y"), ("x", "y", "z"), ("x", "y", "z", "w"), ("r", "g", "b"), ("r", "g", "b", "a"))


def flatten(message: object, limit: int) -> dict[str, list[float]]:
    """Numeric fields by dotted path; headers, time stamps, covariances, text and raw bytes are left out.

    An object of only x, y, z (w) is one field in that order. Raises BadInput past ``limit`` fields.
    """
    found: dict[str, list[float]] = {}
    todo: list[tuple[str, object, int]] = [("", message, 0)]
    while todo:
        path, value, depth = todo.pop()
        if isinstance(value, bool | int | float):
            found[path or "value"] = [float(value)] if abs(value) < 1e300 else []
        elif isinstance(value, list | tuple) or _is_array(value):
            items = list(value)  # type: ignore[call-overload]
            if items and all(isinstance(item, bool | int | float) for item in items):
                found[path or "value"] = [float(item) for item in items[: limit + 1] if abs(item) < 1e300]
            elif depth < _DEPTH:
                todo.extend((f"{path}[{at}]", item, depth + 1) for at, item in enumerate(items[:64]))
        elif depth < _DEPTH:
            members = dict(_members(value))
            vector = _vector(members)
            if vector:
                found[path or "value"] = vector
            else:
                todo.extend((f"{path}.{name}" if path else name, inner, depth + 1) for name, inner in members.items())
        if len(found) > limit or len(todo) > 8 * limit:
            raise BadInput(f"a message has more than {limit:,} fields")
    return dict(sorted(found.items()))


def _is_array(value: object) -> bool:
    """A numeric container that is neither text nor raw bytes: array.array, protobuf's repeated fields."""
    other = isinstance(value, str | bytes | bytearray | Mapping)
    return not other and hasattr(value, "__getitem__") and hasattr(value, "__len__")


def _members(value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        pairs = [(str(name)[:96], inner) for name, inner in value.items()]
    elif hasattr(value, "DESCRIPTOR"):
        pairs = [(field.name, getattr(value, field.name)) for field in value.DESCRIPTOR.fields]
    else:
        pairs = [(name, getattr(value, name)) for name in getattr(value, "__slots__", ())]
    for name, inner in pairs:
        if not any(mark in name.lower() for mark in _SKIPPED):
            yield name, inner


def _vector(members: dict[str, Any]) -> list[float]:
    for order in _ORDERS:
        if set(members) == set(order) and all(isinstance(members[axis], int | float) for axis in order):
            return [float(members[axis]) for axis in order]
    return []
