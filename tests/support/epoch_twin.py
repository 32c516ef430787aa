"""ContributionEpochs in Python: pools, roots, bonds and claims; times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from epoch_town import BOND, BURNT, WEEK, WINDOW

from thenar.domain.epochs.pools import EpochParams, EpochRoot, RootProposal, burn_of
from thenar.domain.work.disputes import Ruling


@dataclass
class EpochTwin:
    """All epochs. ``bonds`` holds what everybody has gained or lost in settlement tokens, ``tokens`` in THN."""

    params: EpochParams
    opened_at: int
    number: int = 1
    pool: int = 0
    burnt: int = 0
    granted: int = 0
    paid: int = 0
    settled: EpochRoot | None = None
    proposal: RootProposal | None = None
    held: tuple[str, EpochRoot] | None = None
    claimed: dict[str, int] = field(default_factory=dict)
    bonds: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    supply: int = 0

    def __post_init__(self) -> None:
        self.pool = self.params.pool(1, 0)

    def give(self, who: str, amount: int) -> None:
        """Add to a bond account, or take from it."""
        self.bonds[who] = self.bonds.get(who, 0) + amount

    def close(self, now: int) -> bool:
        """End the running epoch."""
        if now < self.opened_at + WEEK:
            return False
        self.granted += self.pool
        self.number, self.opened_at = self.number + 1, now
        self.pool, self.burnt = self.params.pool(self.number, self.burnt), 0
        return True

    def fits(self, root: EpochRoot) -> bool:
        """Whether a root may stand."""
        settled = self.settled.epoch if self.settled else 0
        return root.epoch > settled and root.total <= self.granted

    def propose(self, who: str, root: EpochRoot, now: int) -> bool:
        """Answer for a root."""
        if root.epoch != self.number - 1 or not self.fits(root) or self.proposal is not None:
            return False
        self.proposal = RootProposal(root, who, now + WINDOW)
        self.give(who, -BOND)
        return True

    def challenge(self, who: str, held: EpochRoot, now: int) -> bool:
        """Hold a root against another."""
        if self.proposal is None or self.held is not None or now >= self.proposal.until:
            return False
        root = self.proposal.root
        same = (root.root, root.total, root.depth) == (held.root, held.total, held.depth)
        if held.epoch != root.epoch or not self.fits(held) or same:
            return False
        self.held = (who, held)
        self.give(who, -BOND)
        return True

    def judge(self, ruling: Ruling) -> bool:
        """The court rules."""
        if self.proposal is None or self.held is None:
            return False
        (challenger, held), proposer = self.held, self.proposal.proposer
        if ruling is Ruling.VOID:
            for who in (proposer, challenger):
                self.give(who, BOND - BOND // 10)
            self.give(BURNT, 2 * (BOND // 10))
        else:
            stands = ruling is Ruling.CLAIM
            self.settled = self.proposal.root if stands else held
            self.give(proposer if stands else challenger, BOND + BOND // 2)
            self.give(BURNT, BOND - BOND // 2 - BOND // 4)
            self.give("jurors", BOND // 4)
        self.proposal, self.held = None, None
        return True

    def settle(self, now: int) -> bool:
        """Settle a root nobody challenged."""
        if self.proposal is None or self.held is not None or now < self.proposal.until:
            return False
        self.settled = self.proposal.root
        self.give(self.proposal.proposer, BOND)
        self.proposal = None
        return True

    def claim(self, who: str, root: EpochRoot, amount: int) -> bool:
        """Mint what is due beyond what was had."""
        had = self.claimed.get(who, 0)
        due = amount - had
        stands = self.settled is not None and self.settled.root == root.root
        if not stands or due <= 0 or due > self.granted - self.paid:
            return False
        self.claimed[who] = amount
        self.paid += due
        self.tokens[who] = self.tokens.get(who, 0) + due
        self.supply += due
        return True

    def pay(self, who: str, owner: str, amount: int) -> bool:
        """Pay for using an asset."""
        if amount == 0 or self.tokens.get(who, 0) < amount:
            return False
        burnt = burn_of(amount)
        self.tokens[who] -= amount
        self.tokens[owner] = self.tokens.get(owner, 0) + amount - burnt
        self.supply -= burnt
        self.burnt += burnt
        return True
