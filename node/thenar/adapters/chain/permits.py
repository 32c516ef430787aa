"""ERC-2612 permits of this wallet for the Ledger, signed over the token's own EIP-712 domain."""

from __future__ import annotations

from thenar.adapters.chain.views import View, Views
from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256
from thenar.errors import Corrupt, Reverted
from thenar.services.ports import Keyring, Permit

PERMIT_TYPE = keccak256(b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")


async def sign_permit(views: Views, keyring: Keyring, ledger: Address, amount: int, deadline: int) -> Permit | None:
    """A permit for ``amount`` token units until ``deadline``; None when the token answers no question about permits.

    Raises Unavailable.
    """
    try:
        nonce, domain = await views.many(
            [View("token", "nonces", {"owner": keyring.account}, int), View("token", "DOMAIN_SEPARATOR", {}, bytes)]
        )
    except (Reverted, Corrupt):
        return None
    signature = keyring.sign_digest(permit_digest(domain, keyring.account, ledger, amount, nonce, deadline))
    return Permit(amount, deadline, signature[64], signature[:32], signature[32:64])


def permit_digest(domain: bytes, owner: Address, spender: Address, amount: int, nonce: int, deadline: int) -> bytes:
    """What is signed: keccak256(0x1901 ‖ domain separator ‖ hash of the Permit struct) (EIP-712, ERC-2612)."""
    people = b"".join(bytes(12) + bytes.fromhex(who[2:]) for who in (owner, spender))
    numbers = b"".join(number.to_bytes(32, "big") for number in (amount, nonce, deadline))
    return keccak256(b"\x19\x01" + domain + keccak256(PERMIT_TYPE + people + numbers))
