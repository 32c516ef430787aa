"""Sign ERC-2612 permits with a known key."""

from __future__ import annotations

from typing import Any

from brownie import chain
from eth_account import Account

_PERMIT = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}


def sign_permit(token: Any, owner: Any, spender: Any, value: int, deadline: int) -> tuple[int, int, bytes, bytes]:
    """Return ``(deadline, v, r, s)`` of ``owner``'s permit; ``owner`` is a local account with a private key."""
    domain = {"name": token.name(), "version": "1", "chainId": chain.id, "verifyingContract": str(token)}
    message = {
        "owner": str(owner),
        "spender": str(spender),
        "value": value,
        "nonce": token.nonces(owner),
        "deadline": deadline,
    }
    signed = Account.sign_typed_data(owner.private_key, domain, _PERMIT, message)
    return deadline, signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")
