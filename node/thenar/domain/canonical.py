"""Canonical JSON: one value has exactly one spelling in bytes, equal in Python and JavaScript.

The rules: objects, lists, strings and integers only; keys are printable ASCII in ascending order, none twice;
no white space; UTF-8; escapes as ECMAScript ``JSON.stringify`` writes them. It is the subset of RFC 8785 without
floats, booleans and null, widened to 256-bit integers.
"""

from __future__ import annotations

import json
from typing import NoReturn, TypeAlias

from thenar.errors import BadInput

Value: TypeAlias = dict[str, "Value"] | list["Value"] | str | int

MAX_DEPTH = 16
"""Objects and lists inside each other."""
MAX_KEY = 128
"""Characters of one object key."""
_INTEGER_BITS = 256
_INTEGER_DIGITS = 79  # 2**256 has 78 digits, and a sign


def encode(value: object) -> bytes:
    """Spell a value canonically. Raises BadInput when it holds anything the rules exclude."""
    _check(value, MAX_DEPTH)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as cause:
        raise BadInput("a string holds half of a surrogate pair, which UTF-8 cannot spell") from cause


def decode(data: bytes, *, limit: int) -> Value:
    """Read canonical JSON of at most ``limit`` bytes. Raises BadInput for every other spelling.

    The size is checked before anything is parsed.
    """
    if len(data) > limit:
        raise BadInput(f"{len(data)} bytes of JSON where at most {limit} are allowed")
    try:
        value: Value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError as cause:
        raise BadInput("the JSON is not UTF-8") from cause
    except json.JSONDecodeError as cause:
        raise BadInput(f"not JSON: {cause.msg} at character {cause.pos}") from cause
    except RecursionError as cause:
        raise BadInput(f"the JSON is nested deeper than {MAX_DEPTH} levels") from cause
    if encode(value) != data:
        raise BadInput("the JSON is not in canonical form: sort the keys, drop white space, escape as little as needed")
    return value


def decode_object(data: bytes, *, limit: int) -> dict[str, Value]:
    """Read canonical JSON that must be an object. Raises BadInput."""
    value = decode(data, limit=limit)
    if not isinstance(value, dict):
        raise BadInput("the JSON is not an object")
    return value


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        return
    if isinstance(value, int) and not isinstance(value, bool):
        if value.bit_length() > _INTEGER_BITS:
            raise BadInput("an integer has more than 256 bits")
        return
    if not isinstance(value, dict | list):
        raise BadInput(f"canonical JSON holds objects, lists, strings and integers, not {type(value).__name__}")
    if depth == 0:
        raise BadInput(f"the JSON is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key in value:
            _check_key(key)
    for inner in value.values() if isinstance(value, dict) else value:
        _check(inner, depth - 1)


def _check_key(key: object) -> None:
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
        raise BadInput(f"an object key must be 1 to {MAX_KEY} printable ASCII characters")


def _pairs(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise BadInput("an object has the same key twice")
    return made


def _integer(digits: str) -> int:
    if len(digits) > _INTEGER_DIGITS:
        raise BadInput("an integer has more than 256 bits")
    return int(digits)


def _no_float(text: str) -> NoReturn:
    raise BadInput(f"{text[:40]} is not an integer; canonical JSON has no floats")
