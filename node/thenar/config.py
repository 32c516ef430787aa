"""One TOML, read once and frozen. Precedence: flag > environment > file > default."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from thenar.errors import BadConfig

FILE_NAME = "thenar.toml"
FILE_LIMIT = 64 * 1024


def _setting(default: Any, meaning: str, **checks: object) -> Any:
    return field(default=default, metadata={"meaning": meaning, **checks})


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of a node. Names are TOML keys with the dot written as an underscore."""

    chain_rpc: str = _setting("http://127.0.0.1:8545", "JSON-RPC endpoint of the chain")
    chain_deployment: str = _setting("", "deployment file (deployments/<chainId>.json); relative to this file")
    chain_confirmations: int = _setting(2, "blocks on top before a log is believed", low=0, high=64)
    chain_deep: int = _setting(2, "extra confirmations before a key is handed over", low=0, high=1_000)
    chain_poll_ms: int = _setting(500, "milliseconds between looks at the head", low=50, high=60_000)
    chain_fee_cap_gwei: int = _setting(200, "never pay more per gas than this", low=1, high=100_000)
    p2p_listen: str = _setting("/ip4/127.0.0.1/tcp/0", "multiaddress to listen on")
    p2p_announce: tuple[str, ...] = _setting(
        (), "multiaddresses others dial to reach this node; nothing for those it listens on"
    )
    p2p_bootstrap: tuple[str, ...] = _setting((), "multiaddresses of peers to join through")
    store_kind: str = _setting("embedded", "where blocks live", choices=("embedded", "kubo"))
    store_kubo_api: str = _setting("/ip4/127.0.0.1/tcp/5001", "Kubo RPC multiaddress")
    store_quota_mb: int = _setting(20_480, "most the store may occupy, in MB", low=16, high=1_000_000_000)
    store_pin: str = _setting("all", "whose announced assets this node keeps", choices=("all", "none"))
    store_pin_limit_mb: int = _setting(1_024, "largest asset kept for others, in MB", low=1, high=1_000_000)
    revenue_roll_min: str = _setting("10", "roll a share up by itself once it is worth this; or: never")
    live_grace: int = _setting(15, "seconds after its end within which a live epoch must be here", low=1, high=86_400)
    preview_max_share: int = _setting(
        10, "largest part of a file opened in previews, all together, in percent", low=0, high=100
    )
    preview_min_fee: str = _setting("0.50", "smallest fee for which this node opens a preview, in settlement tokens")
    infer_redemption_cost: str = _setting(
        "0.01",
        "what a redemption's gas is worth at least, in settlement tokens: vouchers are redeemed from 5 times this on",
    )
    infer_coin_price: str = _setting(
        "0", "what a coin of the chain is worth, in settlement tokens: a redemption costs the measured gas price by it"
    )
    infer_trust: tuple[str, ...] = _setting(
        (), "peers whose measurements of nodes a robot goes by while it has none of its own"
    )
    work_bonds: str = _setting(
        "100", "most this node brings from its wallet in a day for bonds of its audits and appeals; or: never"
    )
    work_ray: str = _setting(
        "", "Ray cluster of your own machines that does the work: host:port; or: local; nothing for this machine alone"
    )
    bounty_challenge: str = _setting(
        "own",
        "challenge copies of what this account has shown, or of whatever anybody has shown near an answer",
        choices=("own", "all"),
    )
    bounty_bonds: str = _setting(
        "100", "most this node lays down in a day to challenge copies of what others have shown; or: never"
    )
    web_listen: str = _setting("127.0.0.1:0", "loopback host:port of health, metrics and commands")
    web_log: str = _setting("info", "how much the log says", choices=("debug", "info", "warning"))


NAMES = tuple(f.name for f in fields(Config))
OTHER_VARIABLES = ("THENAR_PASSWORD", "THENAR_DATA", "THENAR_DEBUG")
"""Variables that are read and are no settings."""


def toml_name(name: str) -> str:
    """``chain_rpc`` is written ``chain.rpc``."""
    return name.replace("_", ".", 1)


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting's value and where it came from: default, file, environment or flag."""

    value: object
    source: str


def load(
    directory: Path, *, environment: Mapping[str, str] | None = None, flags: Mapping[str, object] | None = None
) -> tuple[Config, dict[str, Origin]]:
    """Read the settings of a data directory. Raises BadConfig naming the key and a next step."""
    found: dict[str, Origin] = {f.name: Origin(f.default, "default") for f in fields(Config)}
    for name, value in _from_file(directory / FILE_NAME).items():
        path = directory / FILE_NAME
        found[name] = Origin(_checked(name, value, f"{path}: ", _in_toml(name)), str(path))
    deployment = found["chain_deployment"]
    if deployment.value:  # in the file it is relative to the file, elsewhere to where the command runs
        found["chain_deployment"] = Origin(str(directory / str(deployment.value)), deployment.source)
    variables = os.environ if environment is None else environment
    for name in NAMES:
        variable = _variable(name)
        text = variables.get(variable)
        if text is not None:
            shown = f"{variable}={_sample(name)}"
            found[name] = Origin(_checked(name, _parsed(name, text), f"{variable}: ", shown), variable)
    for name, value in (flags or {}).items():
        if value is not None:
            found[name] = Origin(_checked(name, value, "", _in_toml(name)), "flag")
    return Config(**{name: origin.value for name, origin in found.items()}), found  # type: ignore[arg-type]


def _from_file(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise BadConfig(f"{path} is larger than {FILE_LIMIT} bytes", next_step="keep only settings in it")
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as cause:
        raise BadConfig(f"cannot read {path}: {cause.strerror}", next_step="check the path and its rights") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as cause:
        raise BadConfig(f"{path} is not TOML: {cause}", next_step="compare with `thenar config template`") from cause
    flat: dict[str, object] = {}
    for section, body in tree.items():
        if not isinstance(body, dict):
            raise BadConfig(f"{path}: {section!r} stands outside a section", next_step=_suggest(section))
        for key, value in body.items():
            name = f"{section}_{key}"
            if name not in NAMES:
                raise BadConfig(f"{path}: unknown setting {section}.{key}", next_step=_suggest(name))
            flat[name] = value
    return flat


def _suggest(name: str) -> str:
    near = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.5)
    return f"did you mean {toml_name(near[0])}?" if near else "`thenar config template` lists every setting"


def strange(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Variables that look like settings and are none, each with the nearest that is one."""
    known = {*map(_variable, NAMES), *OTHER_VARIABLES}
    wrong = (name for name in sorted(environment) if name.startswith("THENAR_") and name not in known)
    return {name: next(iter(difflib.get_close_matches(name, known, n=1)), None) for name in wrong}


def _variable(name: str) -> str:
    return f"THENAR_{name.upper()}"


def _parsed(name: str, text: str) -> object:
    """What a variable says; a text that is no number stays one, and is refused with the others."""
    default = Config.__dataclass_fields__[name].default
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            return text
    if isinstance(default, tuple):
        return [part for part in text.split(",") if part]
    return text


def _checked(name: str, value: object, where: str, like: str) -> object:
    """The value of a setting. Raises BadConfig that says ``where`` it is wrong, and what it is written ``like``."""
    wrong = _wrong(name, value)
    if wrong is not None:
        raise BadConfig(f"{where}{toml_name(name)} must be {wrong}, not {value!r}", next_step=f"write it like {like}")
    return tuple(value) if isinstance(value, list) else value


def _wrong(name: str, value: object) -> str | None:
    """What a value should be and is not; None when it is."""
    spec = Config.__dataclass_fields__[name]
    if isinstance(spec.default, tuple):
        texts = isinstance(value, list | tuple) and all(isinstance(part, str) for part in value)
        return None if texts else "a list of texts"
    if type(value) is not type(spec.default):
        return "a whole number" if isinstance(spec.default, int) else "a text in quotes"
    if isinstance(value, int) and not spec.metadata["low"] <= value <= spec.metadata["high"]:
        return f"between {spec.metadata['low']} and {spec.metadata['high']}"
    choices = spec.metadata.get("choices", (value,))
    return None if value in choices else f"one of {', '.join(choices)}"


def _sample(name: str) -> str:
    """A value a setting may have, as a variable holds it."""
    default = Config.__dataclass_fields__[name].default
    return "one,another" if isinstance(default, tuple) else "text" if default == "" else str(default)


def _in_toml(name: str) -> str:
    """How a setting is written in the file, below the name of its section."""
    default = Config.__dataclass_fields__[name].default
    value = ["one", "another"] if isinstance(default, tuple) else "text" if default == "" else default
    return f"{name.split('_', 1)[1]} = {_toml(value)}"


def template(values: Mapping[str, object] | None = None) -> str:
    """A commented TOML with every setting; given values are written, the others stay commented out."""
    lines = ["# Thenar node settings. A line starting with # shows the default."]
    section = ""
    for spec in fields(Config):
        head, key = spec.name.split("_", 1)
        if head != section:
            section = head
            lines += ["", f"[{section}]"]
        given = values is not None and spec.name in values
        value = values[spec.name] if values is not None and given else spec.default
        lines.append(f"# {spec.metadata['meaning']}")
        lines.append(("" if given else "# ") + f"{key} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def schema() -> dict[str, object]:
    """A JSON Schema (draft 2020-12) of the settings file; it accepts what ``load`` accepts of a file."""
    sections: dict[str, dict[str, object]] = {}
    for spec in fields(Config):
        section, key = spec.name.split("_", 1)
        sections.setdefault(section, {})[key] = {
            "description": spec.metadata["meaning"],
            "default": list(spec.default) if isinstance(spec.default, tuple) else spec.default,
            **_shape(spec.default, spec.metadata),
        }
    parts = {
        name: {"type": "object", "properties": keys, "additionalProperties": False} for name, keys in sections.items()
    }
    head: dict[str, object] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FILE_NAME}
    return {**head, "type": "object", "properties": parts, "additionalProperties": False}


def _shape(default: object, checks: Mapping[str, object]) -> dict[str, object]:
    if isinstance(default, tuple):
        return {"type": "array", "items": {"type": "string"}}
    if isinstance(default, int):
        return {"type": "integer", "minimum": checks["low"], "maximum": checks["high"]}
    return {"type": "string", **({"enum": list(checks["choices"])} if "choices" in checks else {})}  # type: ignore[call-overload]


def _toml(value: object) -> str:
    text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")  # the one character JSON writes bare and TOML forbids
