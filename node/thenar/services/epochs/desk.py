"""What stories about epochs share: their ports, and the tree of any closed epoch as this node computes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import trio

from thenar.domain.catalog import EpochBook
from thenar.domain.epochs.pools import EpochRoot, Rewards
from thenar.domain.epochs.tree import MAX_BYTES, RewardTree, decode
from thenar.domain.ids import DAG_PB, RAW, Address, Cid
from thenar.errors import BadInput, Corrupt, NotFound
from thenar.services.licensing import Trade
from thenar.services.ports import one_part
from thenar.services.work.bonds import Bonds, back
from thenar.services.work.jobfiles import Files, holders_of

CONTRACT: Final = "ContributionEpochs"


@dataclass(frozen=True, slots=True)
class EpochDesk:
    """The ports that stories about epochs need."""

    trade: Trade
    files: Files
    bonds: Bonds

    @property
    def book(self) -> EpochBook:
        """All epochs as this node counted them."""
        return self.trade.belief.catalog.epochs

    @property
    def place(self) -> Rewards:
        """Where rewards are claimed."""
        return Rewards(self.trade.chain.chain_id, Address(self.trade.chain.contract(CONTRACT).lower()))

    @property
    def bond(self) -> int:
        """What a proposal and a challenge lay down, in settlement-token units."""
        return self.book.params.bond if self.book.params else 0

    async def back(self) -> None:
        """Have the bond in the Ledger account, within what the wallet may give in a day. Raises Poor."""
        await back(self.trade, self.bonds, self.bond)

    async def tree(self, epoch: int) -> RewardTree:
        """Who was due what from the beginning to the end of an epoch, by facts alone. Raises NotFound."""
        if not 1 <= epoch <= self.book.newest:
            raise NotFound(f"epoch {epoch} is not closed", next_step="`thenar epoch list` shows which are")
        due = self.book.due(epoch)
        return await trio.to_thread.run_sync(RewardTree.build, self.place, epoch, due)

    async def publish(self, tree: RewardTree) -> None:
        """Put a tree where everybody finds it by the digest in its root."""
        await self.files.store.add(one_part(tree.encoded))

    async def published(self, root: EpochRoot) -> RewardTree:
        """The tree somebody published for a root, held against it. Raises Corrupt, NotFound."""
        peers = holders_of(self.trade.belief.catalog, *self.trade.belief.catalog.nodes)
        found = [peer for peer in dict.fromkeys(peers) if peer != self.files.peers.me]
        for codec in (RAW, DAG_PB):
            cid = Cid.of(codec, root.tree)
            try:
                await self.files.store.fetch(cid, found, limit=MAX_BYTES)
                data = await self.files.read(cid)
            except NotFound:
                continue
            return await trio.to_thread.run_sync(_read, data, root)
        raise NotFound(f"nobody gives the tree of epoch {root.epoch}", next_step="`thenar epoch build` computes it")


def _read(data: bytes, root: EpochRoot) -> RewardTree:
    try:
        tree = decode(data)
    except BadInput as cause:
        raise Corrupt(f"what was published for epoch {root.epoch} is no tree: {cause.message}") from cause
    if tree.root.verdict(tree.place) != root.verdict(tree.place):
        raise Corrupt(f"the tree published for epoch {root.epoch} has another root")
    return tree
