"""Commands about capturing devices: add, list, retire; and what an asset's device is worth."""

from __future__ import annotations

import hashlib

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of
from thenar.domain.card import Card
from thenar.domain.catalog import AssetRecord, DeviceRecord
from thenar.domain.catalog.devices import chain_of, is_good
from thenar.domain.devices import GOOD, NO_DEVICE, DeviceKind
from thenar.domain.ids import Address, address
from thenar.domain.manifest import Manifest
from thenar.errors import BadInput
from thenar.services.devices import device_named, end_device, names_of_devices, register_device
from thenar.services.ports import Tell


async def add_device(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Register a device under a name, on top of another one of this node when a parent is named."""
    name = device_name(arguments, "device")
    kind = arg.text(arguments, "kind", "other").upper()
    if kind not in DeviceKind.__members__:
        known = ", ".join(one.name.lower() for one in DeviceKind)
        raise BadInput(f"{kind.lower()[:40]!r} is no kind of device", next_step=f"use one of: {known}")
    described = arg.existing_file(arguments, "describe").read_bytes() if arguments.get("describe") else b""
    record, receipt = await register_device(
        name,
        node.me,
        kind=DeviceKind[kind],
        parent=device_name(arguments, "parent") if arguments.get("parent") else None,
        digest=hashlib.sha256(described).digest() if described else bytes(32),
        keys=node.keyring,
        chain=node.chain,
        journal=node.journal,
        outbox=node.outbox,
        belief=node.belief,
    )
    return {**device_view(record, name), "transaction": receipt.tx_hash, "gas": receipt.gas_used}


async def list_devices(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Registered devices with what they are part of, this account's unless all are asked for."""
    names, catalog = await names_of_devices(node.journal), node.belief.catalog
    found = [
        {
            **device_view(record, names.get(record.device)),
            "part_of": [above.device for above in chain_of(catalog, record.device)[1:]],
        }
        for record in catalog.devices.values()
        if arg.flag(arguments, "all") or record.owner == node.me
    ]
    return {**as_of(node), "devices": found}


async def retire_device(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """End a device now; with ``since``, from a time on that may lie in the past."""
    named = arg.text(arguments, "device")
    device = address(named) if named.startswith("0x") else await device_named(named, journal=node.journal)
    since = arg.number(arguments, "since", 0, high=GOOD - 1) if arguments.get("since") is not None else None
    return device_view(await end_device(device, since, outbox=node.outbox, belief=node.belief), None)


def device_name(arguments: arg.Arguments, name: str) -> str:
    """What this node calls a device: 1 to 60 printable characters that are no address. Raises BadInput."""
    text = arg.text(arguments, name)
    if not (0 < len(text) <= 60 and text.isprintable()) or text.startswith("0x"):
        raise BadInput(f"{name} must be 1 to 60 printable characters and no address")
    return text


def device_view(record: DeviceRecord, name: str | None) -> dict[str, object]:
    """A registered device."""
    known = record.kind in [int(kind) for kind in DeviceKind]
    shown: dict[str, object] = {
        "device": record.device,
        "kind": DeviceKind(record.kind).name.lower() if known else record.kind,
        "owner": record.owner,
        "parent": None if record.parent == NO_DEVICE else record.parent,
        "since": record.since,
        "until": None if record.until == GOOD else record.until,
        "compromised": record.compromised,
    }
    return shown if name is None else {"name": name, **shown}


def vouched_view(node: Node, record: AssetRecord, description: Manifest | Card) -> dict[str, object]:
    """The device that vouched for a capture, what it is part of, and whether all were good when it says it captured."""
    catalog = node.belief.catalog
    if record.device == NO_DEVICE or not isinstance(description, Manifest):
        return {}
    chain: list[Address] = [one.device for one in chain_of(catalog, record.device)]
    moments = (description.time.start_ns // 10**9, description.time.end_ns // 10**9)
    good = all(is_good(catalog, record.device, moment) for moment in moments)
    return {"device": {"key": record.device, "registered": bool(chain), "part_of": chain[1:], "good": good}}
