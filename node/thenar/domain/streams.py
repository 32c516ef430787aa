"""Money of licenses with an end, earned by the second: the twin of contracts/Escrow.sol."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.ids import Address, AssetId


@dataclass(frozen=True, slots=True)
class Stream:
    """The price of a license with an end, on its way from the licensee to the seller; times in unix seconds."""

    asset: AssetId
    batch: AssetId  # whose consent counts while ``asset`` is a member that was not materialised; 0 means none
    range: int  # node of the key tree; 0 means the whole file
    source: Address  # LicenseDesk or KeyExchange, whichever sold the license
    licensee: Address
    seller: Address
    price: int
    bought_at: int
    since: int
    until: int
    consent_epoch: int
    derived: bool  # income goes through the RevenueGraph instead of to the seller

    def earned(self, at: int) -> int:
        """What has become the seller's by some time: floors, and the whole price from the end on."""
        if at <= self.since:
            return 0
        if at >= self.until:
            return self.price
        return self.price * (at - self.since) // (self.until - self.since)
