"""What the fields of the collections hold: their JSON schema, and what a filter may compare them with.

A kind is a word of ``_SCHEMAS`` or ``one of a|b|c``, with an ending where there is more to say: `` or null``, `` or
nothing`` (an empty text), `` or a number`` (what a later contract may know, as text), `` if any`` (it may be missing).
For a list of objects it is the kinds of their fields by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

Kind: TypeAlias = "str | Mapping[str, Kind]"
Fields: TypeAlias = Mapping[str, Kind]

ONE_OF: Final = "one of "
OR_NULL: Final = " or null"
OR_NOTHING: Final = " or nothing"
OR_A_NUMBER: Final = " or a number"
IF_ANY: Final = " if any"

_SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "time": {"type": "integer", "description": "unix seconds"},
    "flag": {"type": "boolean"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "rows": {"type": "array", "items": {"type": "array"}},
    "objects": {"type": "array", "items": {"type": "object"}},
    "object": {"type": "object"},
    "account": {"type": "string", "pattern": "^0x[0-9a-f]{40}$"},
    "digest": {"type": "string", "pattern": "^0x[0-9a-f]{64}$"},
    "cell": {"type": "string", "pattern": "^[0-9a-f]{1,16}$", "description": "an H3 index in hex"},
    "count": {"type": "string", "pattern": "^[0-9]+$", "description": "a whole number of any size"},
    "amount": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$", "description": "of the settlement token"},
    "tokens": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+ THN$", "description": "of ThenarToken"},
    "share": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,4})?%$"},
}
_WHOLE: Final = "0|[1-9][0-9]{0,19}"
_ASKED: Final[Mapping[str, tuple[str, str]]] = {
    "text": (".*", "a text"),
    "number": (_WHOLE, "a whole number"),
    "time": (_WHOLE, "unix seconds"),
    "flag": ("true|false", "true or false"),
    "account": ("0x[0-9a-fA-F]{40}", "an account: 0x and 40 hex digits"),
    "digest": ("0x[0-9a-fA-F]{64}", "0x and 64 hex digits"),
    "cell": ("[0-9a-f]{1,16}", "an H3 index: up to 16 hex digits in lower case, without 0x"),
}
"""What a query may say for a field that can be a filter, and how people are told."""


def fields(**names: str) -> dict[str, Kind]:
    """Fields by the kind they share: ``fields(account="owner author", number="serial")``."""
    return {name: kind for kind, named in names.items() for name in named.split()}


def one_of(values: Iterable[str]) -> str:
    """The kind of a field that says one of a few words."""
    return ONE_OF + "|".join(values)


def schema_of(kind: Kind) -> dict[str, Any]:
    """The JSON schema of a field."""
    if not isinstance(kind, str):
        return {"type": "array", "items": object_of(kind)}
    kind = kind.removesuffix(IF_ANY)
    if kind.endswith(OR_NULL):
        schema = schema_of(kind.removesuffix(OR_NULL))
        return {**schema, "type": [schema["type"], "null"]}
    if kind.endswith(OR_NOTHING):
        schema = schema_of(kind.removesuffix(OR_NOTHING))
        return {**schema, "pattern": f"^({schema['pattern'][1:-1]})?$"}
    if kind.endswith(OR_A_NUMBER):
        return {"type": "string", "pattern": f"^({_asked(kind)[0]})$"}
    if kind.startswith(ONE_OF):
        return {"type": "string", "enum": _words(kind)}
    return dict(_SCHEMAS[kind])


def object_of(shown: Fields) -> dict[str, Any]:
    """The JSON schema of an object with these fields and no others."""
    return {
        "type": "object",
        "properties": {name: schema_of(kind) for name, kind in shown.items()},
        "required": [name for name, kind in shown.items() if not (isinstance(kind, str) and kind.endswith(IF_ANY))],
        "additionalProperties": False,
    }


def asked_schema(kind: Kind) -> dict[str, Any]:
    """The JSON schema of what a query may compare a field with."""
    pattern, _ = _asked(kind)
    return {"type": "string"} if pattern == ".*" else {"type": "string", "pattern": f"^({pattern})$"}


def compared(kind: Kind, said: str) -> str:
    """What a query says for a field, written as the field is. Raises ValueError saying what may be asked."""
    pattern, told = _asked(kind)
    if re.fullmatch(pattern, said, re.DOTALL) is None:
        raise ValueError(told)
    return plain(said)


def plain(text: str) -> str:
    """Hex as this node writes it, in lower case: wallets write accounts in both (ERC-55). Other texts as they are."""
    return text.lower() if text.startswith("0x") else text


def _asked(kind: Kind) -> tuple[str, str]:
    if not isinstance(kind, str):
        raise TypeError("a list is compared with nothing")
    for ending, more, told_more in (
        (OR_NULL, "null", ", or null"),
        (OR_NOTHING, "", ", or empty"),
        (OR_A_NUMBER, _WHOLE, ", or a number"),
    ):
        if kind.endswith(ending):
            pattern, told = _asked(kind.removesuffix(ending))
            return f"{pattern}|{more}", told + told_more
    if kind.startswith(ONE_OF):
        words = _words(kind)
        return "|".join(map(re.escape, words)), f"one of {', '.join(filter(None, words))}" + ", or empty" * (
            "" in words
        )
    return _ASKED[kind]


def _words(kind: str) -> list[str]:
    return kind.removeprefix(ONE_OF).split("|")
