"""A status in people's words: sizes with their unit, and how long ago instead of when."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.filesize import decimal

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def status_in_words(found: Mapping[str, object]) -> dict[str, object]:
    """What ``thenar status`` shows to people; programs get the numbers."""
    told = _part(found)
    parts, as_of = found.get("parts"), found.get("as_of")
    if isinstance(as_of, Mapping):
        told["as of"] = f"block {as_of.get('block')}, {_ago(as_of.get('age_s'))}"
    if isinstance(parts, Mapping):
        told["parts"] = {name: _part(part) if isinstance(part, Mapping) else part for name, part in parts.items()}
    return told


def lasting(seconds: float) -> str:
    """A time in its largest whole unit and the next smaller one."""
    for at, (size, unit) in enumerate(_UNITS):
        if seconds >= size:
            below, smaller = _UNITS[at + 1] if at + 1 < len(_UNITS) else (1, "s")
            return f"{int(seconds // size)} {unit} {int(seconds % size // below)} {smaller}"
    return f"{int(seconds)} s"


def _ago(value: object) -> object:
    return f"{lasting(value)} ago" if isinstance(value, int | float) else value


def _size(value: object) -> object:
    return decimal(value) if isinstance(value, int) else value


def _coins(value: object) -> object:
    return f"{int(value) / 10**18:g} ETH" if isinstance(value, str) and value.isdecimal() else value


_WORDS: Mapping[str, tuple[str, Callable[[object], object]]] = {
    "up_seconds": ("up for", lambda value: lasting(value) if isinstance(value, int) else value),
    "head_age_s": ("head mined", _ago),
    "answered_in_ms": ("answered in", lambda value: f"{value} ms"),
    "gas_wei": ("gas", _coins),
    "behind": ("behind", lambda value: f"{value} blocks"),
    **{name: (name, _size) for name in ("used", "on_disk", "quota", "free", "total", "resident")},
}
"""How numbers of a status are called and said."""


def _part(part: Mapping[str, object]) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, value in part.items():
        called, say = _WORDS.get(name, (name, _as_it_is))
        told[called.replace("_", " ")] = say(value)
    return told


def _as_it_is(value: object) -> object:
    return value
