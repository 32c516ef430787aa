"""What commands answer with ``--json``: a JSON Schema, one definition for each command that tells more than one thing.

Every command answers one object: what came out, or ``{"error": …}``. What is not described in detail is held to the
general shape. Objects may gain keys in later versions; none named here goes away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TRUTH: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_SECONDS: Schema = {"type": "number", "minimum": 0}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_ACCOUNT: Schema = {"type": "string", "pattern": "^0x[0-9a-f]{40}$"}
_DIGEST: Schema = {"type": "string", "pattern": "^([0-9a-f]{64})?$"}
_CODES: Schema = {"type": "integer", "minimum": 1, "maximum": 130}


def _object(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "not": {"required": ["error"]},
    }


def _or_none(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


_PART: Schema = {
    "type": "object",
    "required": ["up"],
    "properties": {"up": _TRUTH, "reason": _TEXT, "answered_in_ms": _COUNT},
}
_STATUS = _object(
    (
        *("version", "account", "peer", "addresses", "listening", "as_of", "up_seconds"),
        *("registered", "catalog", "data", "next_step"),
    ),
    running=_TRUTH,
    ready=_TRUTH,
    reasons=_TEXTS,
    parts={"type": "object", "additionalProperties": _PART},
    version=_TEXT,
    account=_ACCOUNT,
    peer=_TEXT,
    addresses=_TEXTS,
    listening=_TEXTS,
    as_of={
        "type": "object",
        "required": ["block", "age_s", "unix"],
        "properties": {"block": {"type": "integer", "minimum": -1}, "age_s": _SECONDS, "unix": _COUNT},
    },
    up_seconds=_COUNT,
    registered=_TRUTH,
    catalog={"type": "object", "additionalProperties": _COUNT},
    data=_TEXT,
    next_step=_TEXT,
)
_CHECK = _object(check=_TEXT, fine=_TRUTH, seen=_TEXT, next_step=_or_none(_TEXT), fix=_or_none(_TEXT))
_SETTING = _object(value={"type": ["string", "number", "boolean", "array"]}, origin=_TEXT)
_AUDIT = _object(
    account=_ACCOUNT,
    peer=_TEXT,
    password_opens_the_keys=_TRUTH,
    journal_is_of_this_account=_or_none(_TRUTH),
    shares=_COUNT,
    shares_destroyed=_COUNT,
    scrypt_n={"type": "integer", "minimum": 2},
)
_RESTORED = {
    "oneOf": [
        _object(data=_TEXT, account=_ACCOUNT, made_s_ago=_SECONDS, journal=_DIGEST, blocks=_COUNT),
        {**_AUDIT, "required": [*_AUDIT["required"], "restorable", "journal", "seconds"]},
    ]
}
_STARTED = _object(ready=_TRUTH, account=_ACCOUNT, peer=_TEXT, door=_TEXT, addresses=_TEXTS)
_PRINTED = _object(template=_TEXT)
_UNITS: Schema = {"type": "string", "pattern": "^-?[0-9]+$"}
_WHERE: dict[str, Schema] = {"block": _COUNT, "transaction": {"type": "string", "pattern": "^0x[0-9a-f]{64}$"}}
_EARNED = _object(
    ("epoch", "coming"),
    source=_TEXT,
    amount=_TEXT,
    units=_UNITS,
    proof=_TEXT,
    **_WHERE,
    formula=_TEXT,
    numbers={"type": "object", "additionalProperties": _UNITS},
    recompute={"type": "string", "minLength": 1},
    epoch={"type": "integer", "minimum": 1},
    coming=_TEXT,
)
_EARNINGS = _object(
    block={"type": "integer", "minimum": -1},
    age_s=_SECONDS,
    account=_ACCOUNT,
    **dict.fromkeys(("earned", "returned", "released", "rewards", "used", "coming", "claimed"), _TEXT),
    list={"type": "array", "items": _EARNED},
    back={"type": "array", "items": _object(what=_TEXT, amount=_TEXT, units=_UNITS, **_WHERE)},
)

FAILURE: Schema = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "additionalProperties": False,
            "required": ["kind", "message", "next_step", "exit_code"],
            "properties": {
                "kind": _TEXT,
                "message": {"type": "string", "minLength": 1},
                "next_step": _or_none(_TEXT),
                "exit_code": _CODES,
            },
        }
    },
}
RESULTS: Mapping[str, Schema] = {
    "status": _STATUS,
    "doctor": _object(healthy=_TRUTH, mended=_TEXTS, checks={"type": "array", "items": _CHECK}),
    "config show": _object(settings={"type": "object", "additionalProperties": _SETTING}),
    "config template": _PRINTED,
    "capture template": _PRINTED,
    "job template": _PRINTED,
    "init": _object(("password_file",), data=_TEXT, account=_ACCOUNT, peer=_TEXT, password_file=_TEXT),
    "run": _STARTED,
    "up": _STARTED,
    "keys audit": _AUDIT,
    "keys statements": _object(file=_TEXT, account=_ACCOUNT, statements=_COUNT),
    "keys hear": _object(account=_ACCOUNT, added=_COUNT, known=_COUNT, spoiled=_COUNT),
    "backup": _object(backup=_TEXT, account=_ACCOUNT, bytes=_COUNT, journal=_DIGEST),
    "restore": _RESTORED,
    "support-bundle": _object(bundle=_TEXT, files=_TEXTS, bytes=_COUNT),
    "ui": _object(address=_TEXT),
    "earnings": _EARNINGS,
}


def schema(command: str = "") -> Schema:
    """The schema of what a command answers, or of what any of them may."""
    any_result: Schema = {"type": "object", "not": {"required": ["error"]}}
    names = {f"result of {name}": made for name, made in RESULTS.items()}
    known = f"result of {command}" in names
    result = f"result of {command}" if known else "result"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"What `thenar {command} --json` answers" if command else "What commands answer with --json",
        "oneOf": [{"$ref": "#/$defs/failure"}, {"$ref": f"#/$defs/{result.replace(' ', '%20')}"}],
        "$defs": {"failure": FAILURE, "result": any_result, **names},
    }
