"""ABI values to domain values and back, always by name, never by position."""

from __future__ import annotations

import dataclasses
import enum
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError

from thenar.adapters.chain.abi import Entry, python_name, type_of
from thenar.domain.ids import (
    Address,
    AnswerId,
    AskId,
    AssetId,
    BountyId,
    ChannelId,
    ClaimId,
    DisputeId,
    RunId,
    StreamId,
    TermsId,
)
from thenar.errors import BadInput, Corrupt

Convert = Callable[[Any], Any]


def encode_call(entry: Entry, arguments: Mapping[str, object]) -> bytes:
    """Calldata of a function from values by snake-cased parameter name. Raises BadInput when one does not fit."""
    values = [to_abi(param, arguments[python_name(param["name"])]) for param in entry.inputs]
    try:
        return entry.id + encode([type_of(param) for param in entry.inputs], values)
    except (EncodingError, OverflowError) as cause:
        raise BadInput(f"an argument of {entry.name} does not fit its ABI type: {cause}") from cause


def encode_arguments(params: Sequence[dict[str, Any]], arguments: Mapping[str, object]) -> bytes:
    """ABI-encoded arguments without a selector, as a constructor takes them."""
    return encode(
        [type_of(param) for param in params], [to_abi(param, arguments[python_name(param["name"])]) for param in params]
    )


def to_abi(param: dict[str, Any], value: Any) -> Any:
    """A domain value as eth_abi takes it, struct fields picked by name."""
    kind: str = param["type"]
    if kind.endswith("]"):
        item = {**param, "type": kind[: kind.rindex("[")]}
        return [to_abi(item, inner) for inner in value]
    if kind == "tuple":
        return tuple(to_abi(part, getattr(value, python_name(part["name"]))) for part in param["components"])
    if kind.startswith("bytes") and isinstance(value, str):
        return bytes.fromhex(value.removeprefix("0x"))
    if kind.startswith(("uint", "int")) and not isinstance(value, bool):
        return int(value)
    return value


def decode_named(params: Sequence[dict[str, Any]], data: bytes, what: str) -> dict[str, Any]:
    """Decode data into values by snake-cased name (or position for unnamed ones). Raises Corrupt."""
    values = zip(params, decode_values(params, data, what), strict=True)
    return {python_name(param["name"]) or str(at): value for at, (param, value) in enumerate(values)}


def decode_values(params: Sequence[dict[str, Any]], data: bytes, what: str) -> tuple[Any, ...]:
    """Decode data into bare values in ABI order. Raises Corrupt naming ``what``."""
    try:
        return tuple(decode([type_of(param) for param in params], data))
    except (DecodingError, OverflowError) as cause:
        raise Corrupt(
            f"{what} does not decode as its ABI says",
            next_step="check that the deployment file belongs to this chain and version",
        ) from cause


def converter(param: dict[str, Any], hint: Any) -> Convert:
    """How a decoded ABI value of this parameter becomes a value of the hinted domain type."""
    simple = _simple(hint)
    if simple is not None:
        return simple
    if typing.get_origin(hint) is tuple:
        item = converter({**param, "type": param["type"][:-2]}, typing.get_args(hint)[0])
        return lambda values: tuple(item(value) for value in values)
    if dataclasses.is_dataclass(hint):
        return _struct(param, typing.cast(type, hint))
    raise TypeError(f"no conversion from {param['type']} to {hint}")


def _simple(hint: Any) -> Convert | None:
    if hint is AssetId:
        return _word
    if hint is Address:
        return _address
    if hint in _NUMBERS or hint in (int, bool, bytes, str):
        return _same
    if isinstance(hint, type) and issubclass(hint, enum.IntEnum | enum.IntFlag):
        return typing.cast(Convert, hint)
    return None


def _struct(param: dict[str, Any], kind: type) -> Convert:
    hints = typing.get_type_hints(kind)
    places = {python_name(part["name"]): (at, part) for at, part in enumerate(param["components"])}
    plan = tuple(
        (places[field.name][0], converter(places[field.name][1], hints[field.name]))
        for field in dataclasses.fields(kind)
    )

    def build(values: Sequence[Any]) -> Any:
        return kind(*[convert(values[at]) for at, convert in plan])

    return build


_NUMBERS = (TermsId, StreamId, BountyId, ChannelId, ClaimId, DisputeId, AskId, AnswerId, RunId)


def _word(value: bytes | int) -> str:
    return "0x" + (value if isinstance(value, bytes) else value.to_bytes(32, "big")).hex()


def _address(value: str) -> str:
    return value.lower()


def _same(value: Any) -> Any:
    return value
