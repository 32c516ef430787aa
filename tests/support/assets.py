"""Commitments, terms and EIP-712 messages of assets, worked out in Python as the contracts must."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any

from eth_abi import encode
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_utils import keccak

CAPTURE, DATASET, MODEL, RESULT, BATCH = range(5)
TRAIN, EVAL, SIM, HUMAN_VIEW, REDISTRIBUTE, COMPUTE_ONLY, BIOMETRIC_ID = (1 << bit for bit in range(7))
ALL_PURPOSES = 127
WHOLE = 1_000_000
FOREVER = 2**40 - 1
ZERO = bytes(32)

_COMMITMENT_ABI = ("address", "uint8", "uint64", *["bytes32"] * 6)
_COMMITMENT_TYPE = [
    {"name": "author", "type": "address"},
    {"name": "kind", "type": "uint8"},
    {"name": "size", "type": "uint64"},
    {"name": "cipherRoot", "type": "bytes32"},
    {"name": "plainRoot", "type": "bytes32"},
    {"name": "keyCommit", "type": "bytes32"},
    {"name": "manifestDigest", "type": "bytes32"},
    {"name": "manifestHash", "type": "bytes32"},
    {"name": "batch", "type": "bytes32"},
]
_MINT_TYPE = [
    *_COMMITMENT_TYPE,
    {"name": "terms", "type": "uint32"},
    {"name": "royaltyBps", "type": "uint16"},
    {"name": "deadline", "type": "uint256"},
]


def digest(text: str) -> bytes:
    """Return 32 bytes that stand for some root; the same text gives the same bytes."""
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Commitment:
    """Everything an asset id commits to."""

    author: str
    kind: int = CAPTURE
    size: int = 1000
    cipher_root: bytes = digest("cipher")
    plain_root: bytes = digest("plain")
    key_commit: bytes = digest("key")
    manifest_digest: bytes = digest("manifest")
    manifest_hash: bytes = digest("manifest hash")
    batch: bytes = ZERO

    @property
    def call(self) -> tuple[Any, ...]:
        """The struct as a contract takes it."""
        return astuple(self)

    @property
    def id(self) -> bytes:
        """keccak256(abi.encode(commitment))."""
        return keccak(encode(_COMMITMENT_ABI, self.call))

    @property
    def message(self) -> dict[str, Any]:
        """The EIP-712 fields."""
        return dict(zip((field["name"] for field in _COMMITMENT_TYPE), self.call, strict=True))


def commitment(author: Any, label: str = "capture", kind: int = CAPTURE) -> Commitment:
    """Return a sealed asset whose roots are all different for each label."""
    roots = [digest(f"{label}/{field.name}") for field in fields(Commitment)[3:-1]]
    return Commitment(str(author), kind, 1000, *roots)


def mint(registry: Any, author: Any, label: str = "capture", kind: int = CAPTURE, terms: int = 0) -> bytes:
    """Mint an asset without a device and return its id."""
    made = commitment(author, label, kind)
    registry.mint(made.call, terms, 0, "0x" + "00" * 20, b"", {"from": author})
    return made.id


@dataclass(frozen=True, slots=True)
class Terms:
    """What is allowed, at which floor, how long."""

    purposes: int = TRAIN
    derivative_share: int = 0
    price_floor: int = 0
    notice: int = 0
    max_duration: int = 0
    exclusive: bool = False
    territory: bytes = ZERO
    text_digest: bytes = ZERO

    @property
    def call(self) -> tuple[Any, ...]:
        """The struct as a contract takes it."""
        return astuple(self)

    @property
    def content_hash(self) -> bytes:
        """keccak256(abi.encode(terms))."""
        abi = ("uint16", "uint32", "uint96", "uint32", "uint40", "bool", "bytes32", "bytes32")
        return keccak(encode(abi, self.call))


def write_terms(book: Any, writer: Any, **changes: Any) -> int:
    """Write terms and return their id."""
    terms = Terms(**changes)
    book.write(terms.call, {"from": writer})
    return int(book.find(terms.call))


def domain(chain_id: int, registry: Any) -> dict[str, Any]:
    """Return the registry's EIP-712 domain."""
    return {
        "name": "Thenar AssetRegistry",
        "version": "1",
        "chainId": chain_id,
        "verifyingContract": str(registry),
    }


def device_message(made: Commitment, where: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a capturing device signs."""
    return _typed("DeviceCapture", _COMMITMENT_TYPE, made.message, where)


def mint_message(made: Commitment, terms: int, royalty: int, deadline: int, where: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an author signs so that somebody else may mint for it."""
    fields_ = made.message | {"terms": terms, "royaltyBps": royalty, "deadline": deadline}
    return _typed("Mint", _MINT_TYPE, fields_, where)


def sign(key: str | bytes, message: dict[str, Any]) -> bytes:
    """Sign an EIP-712 message with a private key."""
    return bytes(Account.sign_typed_data(key, full_message=message).signature)


def signed_digest(message: dict[str, Any]) -> bytes:
    """Return the 32 bytes an EIP-712 signature is over."""
    return bytes(_hash_eip191_message(encode_typed_data(full_message=message)))


def _typed(
    primary: str, fields_: list[dict[str, str]], message: dict[str, Any], where: Mapping[str, Any]
) -> dict[str, Any]:
    domain_type = [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ]
    return {
        "types": {"EIP712Domain": domain_type, primary: fields_},
        "primaryType": primary,
        "domain": dict(where),
        "message": message,
    }
