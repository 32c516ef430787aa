"""ERC-7730 descriptors: how a wallet shows every function that changes something, and every message that is signed.

Made from the ABIs alone: a parameter's name and type say how it is shown. Source: https://eips.ethereum.org/EIPS/eip-7730
(version 1). Addresses and the settlement token differ by deployment and are bound later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

SCHEMA: Final = "https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json"
OWNER: Final = "Thenar"
TOKEN: Final = {"token": "$.metadata.constants.token"}
_MONEY_TYPES: Final = ("uint88", "uint96", "uint256")
_MONEY: Final = re.compile(
    r"(amount|bond|budget|deposit|fee|floor|paid|price|rate|stake|value|sums)(_|\[\])*$", re.IGNORECASE
)
_MOMENTS: Final = re.compile(r"(until|deadline|since|[a-z]+(?<!form)At|when)$")
_SPANS: Final = re.compile(r"(duration|notice|window|delay|step)$", re.IGNORECASE)
_WHOLE_BPS: Final = re.compile(r"bps$", re.IGNORECASE)

_REWARDING: Final = ("ContributionEpochs", "ThenarToken")

Entry = dict[str, Any]


def of_contract(name: str, abi: list[Entry]) -> Entry:
    """The descriptor of one contract: a format for each function that changes something."""
    formats = {signature(entry): _format(entry["name"], _named(name, entry["inputs"])) for entry in changing(abi)}
    return _descriptor({"$id": name, "contract": {"abi": changing(abi), "deployments": []}}, formats)


def of_messages(contract: str, domain: dict[str, str], types: dict[str, list[dict[str, str]]]) -> Entry:
    """The descriptor of the messages one contract verifies, by name of the message."""
    formats = {name: _format(name, list(_fields(fields, ""))) for name, fields in types.items()}
    schemas = [{"primaryType": name, "types": {"EIP712Domain": _DOMAIN, name: types[name]}} for name in types]
    return _descriptor({"$id": contract, "eip712": {"domain": domain, "schemas": schemas, "deployments": []}}, formats)


_DOMAIN: Final = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def changing(abi: list[Entry]) -> list[Entry]:
    """The functions of an ABI that change something: what a wallet may be asked to sign."""
    return [entry for entry in abi if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")]


def signature(entry: Entry) -> str:
    """A function with its parameters' types and names, as descriptors name it."""
    return f"{entry['name']}({','.join(_parameter(item) for item in entry['inputs'])})"


def words(name: str) -> str:
    """``maxPrice`` as ``Max price``."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name.strip("_"))
    spoken = " ".join(part if part.isupper() and len(part) > 1 else part.lower() for part in parts)
    return spoken[:1].upper() + spoken[1:]


def _parameter(item: Entry) -> str:
    kind = item["type"]
    if kind.startswith("tuple"):
        kind = f"({','.join(_parameter(part) for part in item['components'])}){kind[5:]}"
    return f"{kind} {item['name']}"


def _descriptor(context: Entry, formats: dict[str, Entry]) -> Entry:
    return {
        "$schema": SCHEMA,
        "context": context,
        "metadata": {"owner": OWNER, "constants": {"token": ""}},
        "display": {"formats": formats},
    }


def _format(name: str, fields: list[Entry]) -> Entry:
    return {"intent": words(name), "fields": fields, "required": [field["path"] for field in fields]}


def _named(contract: str, inputs: list[Entry]) -> list[Entry]:
    """The fields of a function. Rewards are no settlement tokens: their amounts are shown as they are sent."""
    fields = list(_fields(inputs, ""))
    if contract not in _REWARDING:
        return fields
    return [
        {"path": one["path"], "label": one["label"], "format": "raw"} if one["format"] == "tokenAmount" else one
        for one in fields
    ]


def _fields(items: list[Entry], above: str) -> Iterator[Entry]:
    for item in items:
        path = f"{above}{item['name']}" + re.sub(r"\[\d*\]", ".[]", _lists(item["type"]))
        if item["type"].startswith("tuple"):
            yield from _fields(item["components"], f"{path}.")
        else:
            yield {"path": path, "label": words(item["name"]), **_shown(item["name"], item["type"])}


def _lists(kind: str) -> str:
    return kind[kind.index("[") :] if "[" in kind else ""


def _shown(name: str, kind: str) -> Entry:
    plain = kind.split("[")[0]
    if plain == "address":
        return {"format": "addressName", "params": {"types": ["eoa", "contract"]}}
    if plain in _MONEY_TYPES and _MONEY.search(name):
        return {"format": "tokenAmount", "params": TOKEN}
    if plain.startswith("uint") and _WHOLE_BPS.search(name):
        return {"format": "unit", "params": {"base": "%", "decimals": 2}}
    if plain in ("uint24", "uint32") and name.lower().endswith("share"):
        return {"format": "unit", "params": {"base": "%", "decimals": 4}}
    if plain in ("uint40", "uint48", "uint256") and _MOMENTS.search(name):
        return {"format": "date", "params": {"encoding": "timestamp"}}
    if plain in ("uint32", "uint40") and _SPANS.search(name):
        return {"format": "duration"}
    return {"format": "raw"}
