"""Claims from payouts: accounts, owned assets, and members of batches that were never materialised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from thenar.domain import sumtree
from thenar.domain.actions import Action, ClaimLeaves, ClaimMembers
from thenar.domain.assets import AssetKind, BatchLeaf, Commitment
from thenar.domain.batches import Members
from thenar.domain.facts import PayoutPublished
from thenar.domain.ids import AssetId
from thenar.domain.revenue import Beneficiary
from thenar.errors import Corrupt, NotFound, Refused, Reverted, Unavailable
from thenar.services.licensing import Trade
from thenar.services.members import Library, members_of
from thenar.services.payouts import fetch_payout
from thenar.services.ports import Peers, Receipt, Store

LEAVES_AT_ONCE = 32
"""Leaves claimed in one transaction, far below the gas and calldata limits of one."""
NOTHING_LEFT = ("RevenueGraph_NothingDue", "RevenueGraph_Frozen")


@dataclass(frozen=True, slots=True)
class _Place:
    """A member of one's own batch: where it stands."""

    batch: Commitment
    members: Members
    index: int

    def proof(self) -> BatchLeaf:
        return self.members.leaf(self.index, self.batch)


@dataclass(slots=True)
class Claims:
    """Claims in a row: what was sent, what was passed over, and the members of this account's batches."""

    trade: Trade
    store: Store
    peers: Peers
    receipts: list[Receipt] = field(default_factory=list)
    passed_over: dict[tuple[AssetId, int], str] = field(default_factory=dict)
    _members: dict[bytes, _Place] | None = None

    async def send(self, name: str, action: Action) -> bool:
        """Send what anybody may send; False when somebody did so first and nothing is left."""
        try:
            self.receipts.append(await self.trade.once.send(name, action))
        except Reverted as refused:
            if refused.name not in NOTHING_LEFT:
                raise
            return False
        await self.trade.seen(self.receipts[-1])
        return True

    async def from_payout(self, published: PayoutPublished) -> int:
        """Claim every leaf of a payout that pays this account; returns what it moved."""
        income, name = self.trade.belief.catalog.income_of(published.asset), (published.asset, published.payout)
        if income.due(published.payout, -1, published.total_weight) <= 0 or name in self.passed_over:
            return 0
        try:
            tree = (await fetch_payout(self.trade, self.store, self.peers, published)).tree
        except (Refused, Unavailable, Corrupt) as cause:
            self.passed_over[name] = f"payout {published.payout} of {published.asset}: {cause.message}"
            return 0
        due = {
            index: amount
            for index, share in enumerate(tree.shares)
            if (amount := income.due(published.payout, index, share.weight)) > 0
        }
        mine = [index for index in due if self._pays_me(tree.shares[index])]
        members = await self._member_leaves(tree, due)
        plain = await self._claim(published, tree, {index: due[index] for index in mine}, {})
        return plain + await self._claim(published, tree, {index: due[index] for index in members}, members)

    async def _claim(
        self, published: PayoutPublished, tree: sumtree.SumTree, due: dict[int, int], members: dict[int, _Place]
    ) -> int:
        total, indices = 0, sorted(due)
        head = (published.asset, published.payout, published.statement.hash)
        for start in range(0, len(indices), LEAVES_AT_ONCE):
            part = indices[start : start + LEAVES_AT_ONCE]
            leaves = tuple(tree.prove(index) for index in part)
            proofs = tuple(members[index].proof() for index in part if members)
            action = ClaimMembers(*head, leaves, proofs) if members else ClaimLeaves(*head, leaves)
            if await self.send(f"claim/{published.asset}/{published.payout}", action):
                total += sum(due[index] for index in part)
        return total

    def _pays_me(self, share: sumtree.Share) -> bool:
        if share.kind is Beneficiary.ACCOUNT:
            return share.beneficiary[12:].hex() == self.trade.me[2:]
        record = self.trade.belief.catalog.assets.get(_asset(share))
        return share.kind is Beneficiary.OWNER and record is not None and record.owner == self.trade.me

    async def _member_leaves(self, tree: sumtree.SumTree, due: Iterable[int]) -> dict[int, _Place]:
        """Leaves that name a member of one of this account's batches which has no record of its own."""
        assets = self.trade.belief.catalog.assets
        unknown = [
            index
            for index in due
            if tree.shares[index].kind is Beneficiary.OWNER and _asset(tree.shares[index]) not in assets
        ]
        if not unknown:
            return {}
        if self._members is None:
            self._members = await self._own_members()
        found = {index: self._members.get(tree.shares[index].beneficiary) for index in unknown}
        return {index: place for index, place in found.items() if place is not None}

    async def _own_members(self) -> dict[bytes, _Place]:
        library = Library(self.trade.journal, self.store, self.peers, self.trade.belief)
        found: dict[bytes, _Place] = {}
        for record in list(self.trade.belief.catalog.assets.values()):
            if record.kind is not AssetKind.BATCH or record.owner != self.trade.me:
                continue
            try:
                _, members = await members_of(record.id, library)
            except (NotFound, Unavailable, Corrupt):
                continue  # a list that is lost must not keep the rest from being claimed
            for index, member in enumerate(members.all(record.id)):
                found[bytes.fromhex(member.asset_id[2:])] = _Place(record.commitment, members, index)
        return found


def _asset(share: sumtree.Share) -> AssetId:
    return AssetId("0x" + share.beneficiary.hex())
