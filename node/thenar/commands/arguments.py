"""Arguments of commands, taken from JSON one by one and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from thenar.domain.assets import AssetKind, Purpose
from thenar.domain.card import KINDS
from thenar.domain.ids import Address, AssetId, address, asset_id
from thenar.domain.money import parse_share
from thenar.domain.place import HEX32, parse_cell
from thenar.errors import BadInput

Arguments = Mapping[str, object]
MAX_LISTED = 10_000
MAX_REQUEST = 300


def text(arguments: Arguments, name: str, default: str | None = None) -> str:
    """A string. Raises BadInput when it is missing and has no default."""
    value = arguments.get(name, default)
    if not isinstance(value, str):
        raise BadInput(f"{name} is missing or not a string")
    return value


def optional_text(arguments: Arguments, name: str) -> str | None:
    """A string or None."""
    return text(arguments, name) if arguments.get(name) is not None else None


def number(arguments: Arguments, name: str, default: int, *, low: int = 0, high: int = 2**63) -> int:
    """A whole number within bounds."""
    value = arguments.get(name)
    value = default if value is None else value
    if type(value) is not int or not low <= value <= high:
        raise BadInput(f"{name} must be a whole number from {low} to {high}")
    return value


def flag(arguments: Arguments, name: str) -> bool:
    """A switch; absent means no."""
    value = arguments.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadInput(f"{name} must be true or false")
    return value is True


def request_id(arguments: Arguments) -> str | None:
    """What tells a request that spends from all others, or None."""
    value = optional_text(arguments, "request")
    if value is not None and not (0 < len(value) <= MAX_REQUEST and value.isprintable()):
        raise BadInput(f"request must be 1 to {MAX_REQUEST} printable characters", next_step="for example a UUID")
    return value


def derived_kind(arguments: Arguments, name: str = "kind") -> AssetKind:
    """The kind of an asset made from others: model, dataset or result."""
    value = text(arguments, name, "model")
    if value not in KINDS:
        raise BadInput(f"{value[:40]!r} is not a kind of derived asset", next_step=f"use one of: {', '.join(KINDS)}")
    return KINDS[value]


def deal_id(arguments: Arguments, name: str = "deal") -> bytes:
    """The 32-byte id of a deal."""
    return bytes.fromhex(asset_id(text(arguments, name))[2:])


def hex32(value: str, name: str) -> bytes:
    """32 bytes as 0x and 64 hex digits. Raises BadInput."""
    if not HEX32.fullmatch(value):
        raise BadInput(f"{name} must be 0x and 64 lower-case hex digits")
    return bytes.fromhex(value[2:])


def cell(arguments: Arguments, name: str) -> int:
    """An H3 cell as 15 hex digits, 0x hex or decimal. Raises BadInput."""
    return parse_cell(text(arguments, name), name)


def run(text: str) -> tuple[int, int]:
    """First and last of a run written ``first..last``. Raises BadInput."""
    first, dots, last = text.partition("..")
    if not (dots and first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        raise BadInput(f"{text[:80]!r} is no range of chunks", next_step="write it like 0..15")
    return int(first[:12]), int(last[:12])


def assets(arguments: Arguments, name: str) -> tuple[AssetId, ...]:
    """A list of asset ids, sorted, each once; absent means none."""
    listed = arguments.get(name)
    if listed is None:
        return ()
    if not isinstance(listed, list) or len(listed) > MAX_LISTED:
        raise BadInput(f"{name} must be a list of at most {MAX_LISTED} asset ids")
    return tuple(sorted({asset_id(str(item)) for item in listed}))


def asset(arguments: Arguments, name: str = "asset") -> AssetId:
    """An asset id."""
    return asset_id(text(arguments, name))


def existing_file(arguments: Arguments, name: str) -> Path:
    """The path of a file that exists."""
    return _existing(arguments, name, "file", Path.is_file)


def existing_folder(arguments: Arguments, name: str) -> Path:
    """The path of a folder that exists."""
    return _existing(arguments, name, "folder", Path.is_dir)


def _existing(arguments: Arguments, name: str, what: str, is_one: Callable[[Path], bool]) -> Path:
    try:
        path = Path(text(arguments, name)).expanduser()
        found = is_one(path)
    except (OSError, ValueError, RuntimeError) as cause:
        raise BadInput(f"{name} is not the path of a {what}: {cause}") from cause
    if not found:
        raise BadInput(f"there is no {what} {path}", next_step="check the path")
    return path


def purposes(arguments: Arguments, name: str = "purposes") -> Purpose:
    """Purpose bits from a comma-separated list such as ``train,eval``."""
    found = Purpose(0)
    for word in filter(None, text(arguments, name, "train,eval").replace(" ", "").split(",")):
        try:
            found |= Purpose[word.upper().replace("-", "_")]
        except KeyError:
            names = ", ".join(str(p.name).lower() for p in Purpose)
            raise BadInput(f"{word!r} is not a purpose", next_step=f"use some of: {names}") from None
    if not found:
        raise BadInput("no purpose is named", next_step="for example --purposes train,eval")
    return found


def pairs(arguments: Arguments, name: str) -> dict[AssetId, str]:
    """A list of ``ASSET=VALUE`` strings, each asset once."""
    listed = arguments.get(name)
    if not isinstance(listed, list) or not listed or len(listed) > MAX_LISTED:
        raise BadInput(f"{name} needs at least one ASSET=VALUE")
    found: dict[AssetId, str] = {}
    for item in listed:
        head, mark, tail = str(item).partition("=")
        if not mark:
            raise BadInput(f"{str(item)[:80]!r} is not ASSET=VALUE")
        key = asset_id(head)
        if key in found:
            raise BadInput(f"{key} is named twice")
        found[key] = tail
    return found


def shares(arguments: Arguments, name: str) -> dict[AssetId, int]:
    """``ASSET=PERCENT`` pairs as parts per million."""
    return {key: parse_share(value) for key, value in pairs(arguments, name).items()}


def weights(arguments: Arguments, name: str) -> dict[AssetId, int]:
    """``ASSET=WEIGHT`` pairs; weights are positive whole numbers."""
    found = {}
    for key, value in pairs(arguments, name).items():
        if not value.isascii() or not value.isdecimal() or not 0 < int(value) < 2**64:
            raise BadInput(f"{value[:40]!r} is not a weight", next_step="use a positive whole number")
        found[key] = int(value)
    return found


def address_or(arguments: Arguments, name: str, default: Address) -> Address:
    """An account address, or the default when none is named."""
    named = optional_text(arguments, name)
    return default if named is None else address(named)
