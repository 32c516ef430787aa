"""Epochs of tests: who closes, proposes, challenges and claims, each verb one transaction, time to the second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import Any

from brownie import chain
from system import DOLLAR, fund
from town_clock import TownClock

from thenar.domain.epochs.pools import EpochRoot, Rewards, RootProposal
from thenar.domain.epochs.tree import RewardLeaf, RewardTree
from thenar.domain.ids import Address

BOND = 200 * DOLLAR
WEEK, WINDOW = 7 * 86_400, 3 * 86_400
BASE, EMISSION = 10**23, 10**24
BURNT = "0x000000000000000000000000000000000000dEaD"
FOR_CLAIM, FOR_OTHER, VOID = 1, 2, 3


@dataclass
class EpochTown(TownClock):
    """A system and its epochs."""

    trees: dict[bytes, RewardTree] = field(default_factory=dict)

    @property
    def epochs(self) -> Any:
        """The ContributionEpochs."""
        return self.system.contribution_epochs

    @property
    def token(self) -> Any:
        """The ThenarToken."""
        return self.system.thenar_token

    @property
    def ledger(self) -> Any:
        """The Ledger."""
        return self.system.ledger

    @property
    def place(self) -> Rewards:
        """Where rewards are claimed."""
        return Rewards(chain.id, Address(str(self.epochs).lower()))

    def enrich(self, *people: Any) -> None:
        """Give people settlement tokens in their accounts."""
        for person in people:
            fund(self.system.token, person, 20_000 * DOLLAR, self.ledger)
            self.ledger.deposit(person, 10_000 * DOLLAR, {"from": person})

    def close(self, by: Any) -> Any:
        """Close the running epoch a week after it began."""
        since = self.epochs.running()["openedAt"] + WEEK
        if since > max(self.now, chain[-1].timestamp):
            self.at(since)
        return self.epochs.close({"from": by})

    def root(self, due: Mapping[Any, int], epoch: int | None = None) -> EpochRoot:
        """The root over what accounts are due, in the newest closed epoch."""
        newest = self.epochs.running()["number"] - 1
        tree = RewardTree.build(self.place, newest if epoch is None else epoch, lowered(due))
        self.trees[tree.root.root] = tree
        return tree.root

    def propose(self, by: Any, root: EpochRoot) -> RootProposal:
        """Answer for a root."""
        tx = self.epochs.propose(astuple(root), {"from": by})
        return RootProposal(root, Address(str(by)), int(tx.events["RootProposed"]["until"]))

    def challenge(self, by: Any, proposal: RootProposal, held: EpochRoot) -> Any:
        """Hold a root against another; the transaction."""
        return self.epochs.challenge(astuple(proposal), astuple(held), {"from": by})

    def rule(self, dispute: int, ruling: int, by: Any, *, judged: bool = True) -> Any:
        """What the test's own court rules."""
        return self.system.segment_court.rule(self.epochs, dispute, ruling, judged, {"from": by})

    def settle(self, by: Any, proposal: RootProposal) -> Any:
        """Settle a root when its window is over."""
        self.at(proposal.until)
        return self.epochs.settle(astuple(proposal), {"from": by})

    def reward(self, by: Any, due: Mapping[Any, int]) -> EpochRoot:
        """Close an epoch, and propose and settle a root over what accounts are due by then."""
        self.close(by)
        root = self.root(due)
        self.settle(by, self.propose(by, root))
        return root

    def leaf(self, root: EpochRoot, account: Any) -> RewardLeaf:
        """An account's leaf under a root."""
        return self.trees[root.root].prove(Address(str(account).lower()))

    def claim(self, by: Any, leaf: RewardLeaf, **changes: Any) -> Any:
        """Claim a leaf for its account."""
        given = replace(leaf, **changes)
        arguments = (given.account, given.index, given.amount, list(given.siblings), list(given.sums))
        return self.epochs.claim(*arguments, {"from": by})


def lowered(due: Mapping[Any, int]) -> dict[Address, int]:
    """Accounts as the node spells them."""
    return {Address(str(who).lower()): amount for who, amount in due.items()}
