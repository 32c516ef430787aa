"""Capturing devices: registered with what they are part of, vouching for what they saw, ended. Safe to repeat."""

from __future__ import annotations

from thenar.domain import canonical
from thenar.domain.actions import CompromiseDevice, RegisterDevice, RetireDevice
from thenar.domain.assets import Commitment
from thenar.domain.catalog import Catalog, DeviceRecord
from thenar.domain.devices import NO_DEVICE, DeviceClaim, DeviceKind, capture_signed
from thenar.domain.ids import Address
from thenar.errors import NotFound
from thenar.services.belief import Belief
from thenar.services.once import send_patiently
from thenar.services.ports import Chain, DeviceKeys, Journal, Outbox, Receipt

PATIENCE = 120.0
_NAMED = "device/"


async def register_device(
    name: str,
    owner: Address,
    *,
    kind: DeviceKind,
    parent: str | None,
    digest: bytes,
    keys: DeviceKeys,
    chain: Chain,
    journal: Journal,
    outbox: Outbox,
    belief: Belief,
) -> tuple[DeviceRecord, Receipt]:
    """Register a device of this node below another one of it, and wait until the chain confirms it.

    Raises NotFound for a parent this node has no key of, Reverted, Poor, Late.
    """
    above = NO_DEVICE if parent is None else await device_named(parent, journal=journal)
    claim = DeviceClaim(keys.device_account(name), owner, above, kind, digest)
    signed = claim.signed(chain.chain_id, chain.contract("DeviceRegistry"))
    action = RegisterDevice(
        claim, keys.sign_as_device(name, signed), b"" if parent is None else keys.sign_as_device(parent, signed)
    )
    await journal.put(f"{_NAMED}{name}", canonical.encode({"device": claim.device}))
    receipt = await send_patiently(outbox, f"device:{claim.device}", action)

    def known(catalog: Catalog) -> DeviceRecord | None:
        return catalog.devices.get(claim.device)

    return await belief.until(known, seconds=PATIENCE, what=f"the registration of {claim.device}"), receipt


async def device_named(name: str, *, journal: Journal) -> Address:
    """The key of a device this node named. Raises NotFound."""
    found = await journal.get(f"{_NAMED}{name}")
    if found is None:
        raise NotFound(f"this node has no device {name[:60]!r}", next_step="`thenar device list` shows its devices")
    body = canonical.decode(found, limit=1024)
    return Address(str(body["device"])) if isinstance(body, dict) else NO_DEVICE


async def names_of_devices(journal: Journal) -> dict[Address, str]:
    """What this node calls the devices it has keys of."""
    names = [name.removeprefix(_NAMED) for name in await journal.names(_NAMED)]
    return {await device_named(name, journal=journal): name for name in names}


def vouch(name: str, commitment: Commitment, *, keys: DeviceKeys, chain: Chain) -> tuple[Address, bytes]:
    """A device's key, and its signature that it saw what a commitment commits to."""
    signed = capture_signed(commitment, chain.chain_id, chain.contract("AssetRegistry"))
    return keys.device_account(name), keys.sign_as_device(name, signed)


async def end_device(device: Address, since: int | None, *, outbox: Outbox, belief: Belief) -> DeviceRecord:
    """End a device now, or from a time on when its key was in other hands; wait until the chain confirms it."""
    action = RetireDevice(device) if since is None else CompromiseDevice(device, since)
    await send_patiently(outbox, f"device-end:{device}:{'now' if since is None else since}", action)

    def ended(catalog: Catalog) -> DeviceRecord | None:
        record = catalog.devices.get(device)
        return record if record and (record.until <= since if since is not None else record.until < 2**40 - 1) else None

    return await belief.until(ended, seconds=PATIENCE, what=f"the end of {device}")
