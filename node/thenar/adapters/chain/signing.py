"""EIP-1559 transactions: how they are priced, and signed with a key this module never sees."""

from __future__ import annotations

from dataclasses import dataclass

from eth_account.typed_transactions.typed_transaction import TypedTransaction

from thenar.domain.ids import TxHash
from thenar.domain.keccak import keccak256
from thenar.domain.sending import Call, Signed
from thenar.services.ports import Keyring

BUMP_PERCENT = 13
"""A replacement pays more by this; chain nodes ask for 12.5 % and 10 % is common."""


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction offers, in wei per gas."""

    max_fee: int
    priority_fee: int


def offered(base_fee: int, tip: int, cap: int) -> Fees | None:
    """Fees that survive six full blocks, never above ``cap``; None when even the next block costs more."""
    if base_fee + tip > cap:
        return None
    return Fees(min(2 * base_fee + tip, cap), tip)


def bumped(old: Fees, fresh: Fees | None, cap: int) -> Fees | None:
    """Fees that replace an older offer of the same nonce; None when that would pass ``cap``."""
    max_fee, tip = (_raised(old.max_fee), _raised(old.priority_fee))
    if fresh is not None:
        max_fee, tip = max(max_fee, fresh.max_fee), max(tip, fresh.priority_fee)
    return Fees(max_fee, min(tip, max_fee)) if max_fee <= cap else None


def _raised(fee: int) -> int:
    return fee + fee * BUMP_PERCENT // 100 + 1


def sign(call: Call, keyring: Keyring, *, chain_id: int, nonce: int, gas: int, fees: Fees, block: int) -> Signed:
    """Build and sign one transaction (EIP-1559, EIP-2718). Pure apart from asking the keyring for a signature."""
    fields = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "to": bytes.fromhex(call.to[2:]),  # nobody: the transaction creates a contract
        "value": call.value,
        "data": call.data,
        "gas": gas,
        "maxFeePerGas": fees.max_fee,
        "maxPriorityFeePerGas": fees.priority_fee,
        "accessList": [],
    }
    unsigned = TypedTransaction.from_dict(fields)
    signature = keyring.sign_digest(bytes(unsigned.hash()))
    parts = {
        "v": signature[64] - 27,
        "r": int.from_bytes(signature[:32], "big"),
        "s": int.from_bytes(signature[32:64], "big"),
    }
    signed = TypedTransaction.from_dict({**fields, **parts})
    raw = bytes(signed.encode())
    return Signed(TxHash("0x" + keccak256(raw).hex()), nonce, raw, gas, fees.max_fee, fees.priority_fee, block)
