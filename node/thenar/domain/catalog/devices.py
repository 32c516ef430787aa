"""How capturing devices change the catalog, and what it knows of them."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import DeviceRecord
from thenar.domain.devices import GOOD
from thenar.domain.ids import Address


def fold(catalog: Catalog, fact: f.DeviceFact) -> None:
    """Add one fact."""
    match fact:
        case f.DeviceRegistered():
            catalog.devices[fact.device] = DeviceRecord(
                fact.device, fact.owner, fact.parent, fact.kind, fact.digest, fact.since, GOOD
            )
        case f.DeviceEnded():
            known = catalog.devices[fact.device]
            catalog.devices[fact.device] = replace(known, until=fact.until, compromised=fact.compromised)
        case _:
            assert_never(fact)


def chain_of(catalog: Catalog, device: Address) -> tuple[DeviceRecord, ...]:
    """A device and what it is part of, nearest first; empty for one that is not registered."""
    found: list[DeviceRecord] = []
    record = catalog.devices.get(device)
    while record is not None:
        found.append(record)
        record = catalog.devices.get(record.parent)
    return tuple(found)


def is_good(catalog: Catalog, device: Address, at: int) -> bool:
    """The twin of DeviceRegistry.isGood: were it and all it is part of registered and good at unix time ``at``?"""
    found = chain_of(catalog, device)
    return bool(found) and all(record.since <= at < record.until for record in found)
