"""Vouchers: what a robot signs over all it owes so far (EIP-712), and what a node takes for good pay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thenar.domain.ids import Address, AssetId, PeerId
from thenar.domain.keccak import keccak256
from thenar.domain.typed import account_word, number_word, typed_digest

CALLS_PRICED: Final = 1_000
"""Prices are for so many calls."""
REDEMPTIONS: Final = 5
REDEMPTION_GAS: Final = 114_000
"""What `make gas` measures for the first redemption of a channel; the next ones take 80,000."""
"""A node redeems when what is unpaid is worth so many times the redemption's gas, or when the channel ends."""
_VOUCHER: Final = keccak256(
    b"Voucher(uint64 channel,address node,bytes32 model,address client,uint96 amount,uint64 calls)"
)
_HELLO: Final = keccak256(b"Hello(uint64 channel,string robot,string node)")


@dataclass(frozen=True, slots=True)
class Desk:
    """The ReflexDesk of one chain: what every signature is bound to."""

    chain_id: int
    contract: Address

    def digest(self, body: bytes) -> bytes:
        """The 32 bytes that are signed for a struct with this encoding (EIP-712)."""
        return typed_digest("Thenar ReflexDesk", self.chain_id, self.contract, body)


@dataclass(frozen=True, slots=True)
class Line:
    """A channel as both of its ends know it."""

    channel: int
    node: Address
    model: AssetId
    client: Address


@dataclass(frozen=True, slots=True)
class Voucher:
    """All that is owed on a channel so far, settlement token units, for so many calls."""

    line: Line
    amount: int
    calls: int

    def signed(self, desk: Desk) -> bytes:
        """The 32 bytes the channel's signer signs."""
        line = self.line
        parties = (
            number_word(line.channel)
            + account_word(line.node)
            + bytes.fromhex(line.model[2:])
            + account_word(line.client)
        )
        return desk.digest(_VOUCHER + parties + number_word(self.amount) + number_word(self.calls))


def hello_signed(desk: Desk, channel: int, robot: PeerId, node: PeerId) -> bytes:
    """The 32 bytes a channel's signer signs so that its peer, and nobody else's, may call a node's."""
    peers = keccak256(robot.encode()) + keccak256(node.encode())
    return desk.digest(_HELLO + number_word(channel) + peers)


def owed(calls: int, price: int) -> int:
    """What so many calls cost at a price for 1,000, rounded down: the client is never a unit ahead of the node."""
    return calls * price // CALLS_PRICED


def redemption_cost(gas_price: int, coin_price: int) -> int:
    """What a redemption costs now, token units rounded up: wei for a gas, and token units for a coin of 10^18 wei."""
    return -(-REDEMPTION_GAS * gas_price * coin_price // 10**18)


def is_worth_redeeming(unpaid: int, redemption_cost: int) -> bool:
    """Whether what a redemption brings is at least five times what it costs, both in settlement token units."""
    return unpaid > 0 and unpaid >= REDEMPTIONS * redemption_cost
