"""Devices of tests: keys, and claims they sign as DeviceRegistry must check them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from assets import sign
from eth_account import Account
from eth_utils import keccak

ZERO_ADDRESS = "0x" + "00" * 20
PATCH, HAND = 1, 2
_CLAIM = [
    {"name": "device", "type": "address"},
    {"name": "owner", "type": "address"},
    {"name": "parent", "type": "address"},
    {"name": "kind", "type": "uint8"},
    {"name": "digest", "type": "bytes32"},
]
_DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a device and its parent sign."""

    device: str
    owner: str
    parent: str = ZERO_ADDRESS
    kind: int = PATCH
    digest: bytes = bytes(31) + b"\x07"

    @property
    def call(self) -> tuple[Any, ...]:
        """The struct as a contract takes it."""
        return self.device, self.owner, self.parent, self.kind, self.digest

    def message(self, where: dict[str, Any]) -> dict[str, Any]:
        """The EIP-712 message in a domain."""
        names = [field["name"] for field in _CLAIM]
        return {
            "types": {"EIP712Domain": _DOMAIN, "DeviceClaim": _CLAIM},
            "primaryType": "DeviceClaim",
            "domain": where,
            "message": dict(zip(names, self.call, strict=True)),
        }


def device_domain(chain_id: int, registry: Any) -> dict[str, Any]:
    """The registry's EIP-712 domain."""
    name = "Thenar DeviceRegistry"
    return {"name": name, "version": "1", "chainId": chain_id, "verifyingContract": str(registry)}


def device_key(label: str) -> Any:
    """An account for a label, always the same."""
    return Account.from_key(keccak(text=label))


def register(registry: Any, owner: Any, device: Any, where: dict[str, Any], parent: Any = None, **changes: Any) -> Any:
    """Register a device below a parent, both signing."""
    claim = replace(Claim(device.address, str(owner), parent.address if parent else ZERO_ADDRESS), **changes)
    above = sign(parent.key, claim.message(where)) if parent else b""
    return registry.register(claim.call, sign(device.key, claim.message(where)), above, {"from": owner})
