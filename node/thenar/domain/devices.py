"""Capturing devices: what they are, and what a device and its parent sign (EIP-712)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from thenar.domain.assets import Commitment
from thenar.domain.ids import Address, AskId, AssetId
from thenar.domain.keccak import keccak256
from thenar.domain.typed import account_word, number_word, typed_digest

NO_DEVICE: Final = Address("0x" + "0" * 40)
GOOD: Final = 2**40 - 1
"""The end of a device that has none."""
_CLAIM: Final = keccak256(b"DeviceClaim(address device,address owner,address parent,uint8 kind,bytes32 digest)")
_ANSWER: Final = keccak256(b"CaptureAnswer(uint32 bounty,bytes32 asset,address contributor)")
_CAPTURE: Final = keccak256(
    b"DeviceCapture(address author,uint8 kind,uint64 size,bytes32 cipherRoot,bytes32 plainRoot,bytes32 keyCommit,"
    b"bytes32 manifestDigest,bytes32 manifestHash,bytes32 batch)"
)


class DeviceKind(IntEnum):
    """What a device is."""

    OTHER = 0
    PATCH = 1
    HAND = 2
    ARM = 3
    SCANNER = 4
    CAMERA = 5
    IMU = 6
    ROBOT = 7


@dataclass(frozen=True, slots=True)
class DeviceClaim:
    """What is registered: the device's key, its owner, what it is part of, and the hash of its description."""

    device: Address
    owner: Address
    parent: Address
    kind: int
    digest: bytes

    def signed(self, chain_id: int, registry: Address) -> bytes:
        """The 32 bytes that device and parent sign for a DeviceRegistry."""
        body = _CLAIM + b"".join(account_word(part) for part in (self.device, self.owner, self.parent))
        body += self.kind.to_bytes(32, "big") + self.digest
        return typed_digest("Thenar DeviceRegistry", chain_id, registry, body)


def capture_signed(commitment: Commitment, chain_id: int, registry: Address) -> bytes:
    """The 32 bytes a device signs for an AssetRegistry: this key saw what the commitment commits to."""
    return typed_digest("Thenar AssetRegistry", chain_id, registry, _CAPTURE + commitment.encoded)


def answer_signed(ask: AskId, asset: AssetId, contributor: Address, chain_id: int, bounties: Address) -> bytes:
    """The 32 bytes a device signs for CaptureBounties: it vouches for an asset to one bounty and one contributor."""
    body = _ANSWER + number_word(ask) + bytes.fromhex(asset[2:]) + account_word(contributor)
    return typed_digest("Thenar CaptureBounties", chain_id, bounties, body)
