"""Services and channels as the chain keeps them: the twin of contracts/types/Reflex.sol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thenar.domain.ids import Address, AssetId

WHOLE: Final = 1_000_000
CONVICTED: Final = 2**40 - 1
"""When the stake of a convicted node leaves: never."""


@dataclass(frozen=True, slots=True)
class Service:
    """A node that answers with a model. Money in token units, the share in parts per million, times in unix seconds."""

    stake: int
    price: int
    share: int
    leaves_at: int

    @property
    def runs(self) -> bool:
        """Whether it takes new channels."""
        return self.stake > 0 and self.leaves_at == 0


@dataclass(frozen=True, slots=True)
class Channel:
    """Money of a client that a node may draw by vouchers of ``signer``, until it is settled."""

    client: Address
    deposit: int
    node: Address
    redeemed: int
    model: AssetId
    signer: Address
    share: int
    until: int

    def to_model(self, amount: int) -> int:
        """What of an amount redeemed in all is the model's; what is rounded off is the node's."""
        return amount * self.share // WHOLE
