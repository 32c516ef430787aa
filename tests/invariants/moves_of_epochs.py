"""Epochs that close, roots right and wrong, contests and rulings, claims, and what is paid and burnt for use.

What a root says is anybody's: amounts that grow, that vest part by part, that take from others, or that no pool holds.
What a jury finds is decided by the dice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass, field
from typing import Any

from jury import judge, opening, paid, seat
from machine import CHAIN_ID
from moves_of_assets import thing
from world import PARAMETERS, PEOPLE, UNLIMITED, World

from thenar.domain.epochs.pools import EpochParams, EpochRoot, Rewards, RootProposal, burn_of
from thenar.domain.epochs.rules import RULES
from thenar.domain.epochs.tree import RewardLeaf, RewardTree
from thenar.domain.ids import Address
from thenar.domain.work.disputes import Ruling

EPOCHS, TOKEN = "ContributionEpochs", "ThenarToken"
BURNT = Address("0x000000000000000000000000000000000000dead")
BOND = PARAMETERS.epoch_bond
TERMS = EpochParams(
    *(PARAMETERS.epoch_length, PARAMETERS.epoch_window, BOND, PARAMETERS.epoch_emission, PARAMETERS.epoch_halving),
    *(PARAMETERS.epoch_base, bytes(32)),
)


@dataclass(frozen=True)
class Contest:
    """Two roots before the court."""

    dispute: int
    challenger: Address
    held: EpochRoot
    opening: tuple[Any, ...]


@dataclass
class Epochs:
    """All epochs as the model knows them; ``owned`` are ThenarToken by account."""

    opened_at: int
    place: Rewards
    number: int = 1
    pool: int = 0
    burnt: int = 0
    granted: int = 0
    paid: int = 0
    supply: int = 0
    settled: EpochRoot | None = None
    proposal: RootProposal | None = None
    contest: Contest | None = None
    trees: dict[bytes, RewardTree] = field(default_factory=dict)
    most: Counter[Address] = field(default_factory=Counter)
    claimed: Counter[Address] = field(default_factory=Counter)
    owned: Counter[Address] = field(default_factory=Counter)


def epochs(world: World) -> Epochs:
    """The books of epochs."""
    if "epochs" not in world.shelf:
        seat(world, RULES.hash)
        opened = world.machine.view(EPOCHS, "running")[1]
        place = Rewards(CHAIN_ID, Address(world.machine.contracts[EPOCHS]))
        world.shelf["epochs"] = Epochs(opened, place, pool=TERMS.pool(1, 0))
    found: Epochs = world.shelf["epochs"]
    return found


def close(world: World) -> None:
    """Anybody ends an epoch that has lasted long enough, or one that has not."""
    book = epochs(world)
    refusal = "ContributionEpochs_TooEarly" if world.now < book.opened_at + TERMS.length else None
    world.ask(world.person(), EPOCHS, "close", refusal=refusal)
    if refusal is None:
        book.granted += book.pool
        book.number, book.opened_at = book.number + 1, world.now
        book.pool, book.burnt = TERMS.pool(book.number, book.burnt), 0


def _root(world: World) -> EpochRoot:
    """A root: a third of what may be said is more than the pools hold, or takes from somebody."""
    book, dice = epochs(world), world.dice
    part = book.granted // len(PEOPLE)
    due = {who: max(book.most[who], dice.randint(0, part)) for who in PEOPLE}
    if dice.random() < 0.1:
        due[dice.choice(PEOPLE)] = book.granted + dice.randint(0, 2)
    if dice.random() < 0.2:
        due[dice.choice(PEOPLE)] = dice.randint(0, part)
    epoch = max(1, book.number - 1 - (dice.random() < 0.1))
    made = RewardTree.build(book.place, epoch, due)
    book.trees[made.root.root] = made
    return made.root


def _fault(book: Epochs, root: EpochRoot) -> str | None:
    if book.settled is not None and root.epoch <= book.settled.epoch:
        return "ContributionEpochs_Settled"
    return "ContributionEpochs_OverPools" if root.total > book.granted else None


def propose(world: World) -> None:
    """Somebody answers for a root, of the newest closed epoch or of an older one."""
    book, who = epochs(world), world.person()
    if book.number == 1 and world.dice.random() < 0.9:
        return
    root = _root(world)
    refusal = None
    if root.epoch != book.number - 1:
        refusal = "ContributionEpochs_WrongEpoch"
    elif (fault := _fault(book, root)) is not None:
        refusal = fault
    elif book.proposal is not None:
        refusal = "ContributionEpochs_Busy"
    elif world.account(who) < BOND:
        refusal = "Ledger_NotEnough"
    world.ask(who, EPOCHS, "propose", astuple(root), refusal=refusal)
    if refusal is None:
        book.proposal = RootProposal(root, who, world.now + TERMS.window)
        world.locked(EPOCHS, who, BOND)


def challenge(world: World) -> None:
    """Somebody holds another root against a proposed one, the same one, or one against nothing."""
    book, who = epochs(world), world.person()
    proposal, held = book.proposal, _root(world)
    if proposal is None:
        return
    if world.dice.random() < 0.1:
        held = proposal.root
    same = held.verdict(book.place) == proposal.root.verdict(book.place)
    refusal = None
    if book.contest is not None:
        refusal = "ContributionEpochs_WrongProposal"
    elif world.now >= proposal.until:
        refusal = "ContributionEpochs_TooLate"
    elif held.epoch != proposal.root.epoch:
        refusal = "ContributionEpochs_WrongEpoch"
    elif (fault := _fault(book, held)) is not None:
        refusal = fault
    elif same:
        refusal = "ContributionEpochs_SameRoot"
    elif world.account(who) < BOND:
        refusal = "Ledger_NotEnough"
    answer = world.ask(who, EPOCHS, "challenge", _proposed(proposal), astuple(held), refusal=refusal)
    if refusal is None:
        (dispute,) = answer.values
        book.contest = Contest(dispute, who, held, opening(world))
        world.locked(EPOCHS, who, BOND)


def _proposed(proposal: RootProposal) -> tuple[object, ...]:
    return (astuple(proposal.root), proposal.proposer, proposal.until)


def rule(world: World) -> None:
    """The court rules about two roots as the dice say; nobody else does."""
    book = epochs(world)
    if book.proposal is None or book.contest is None:
        return
    contest, proposal = book.contest, book.proposal
    ruling = Ruling(world.dice.choice((1, 1, 2, 2, 3)))
    if world.dice.random() < 0.1:
        forged = (contest.dispute, int(ruling), True)
        world.ask(world.person(), EPOCHS, "resolve", *forged, refusal="ContributionEpochs_NotCourt")
        return
    leaves = proposal.root.verdict(book.place), contest.held.verdict(book.place)
    judge(world, contest.dispute, contest.opening, leaves, ruling)
    book.proposal, book.contest = None, None
    if ruling is Ruling.VOID:
        for who in (proposal.proposer, contest.challenger):
            world.released(EPOCHS, who, BOND - BOND // 10)
        world.released(EPOCHS, BURNT, 2 * (BOND // 10))
        paid(world, EPOCHS, contest.dispute, 0)
        return
    stands = ruling is Ruling.CLAIM
    winner, book.settled = (proposal.proposer, proposal.root) if stands else (contest.challenger, contest.held)
    world.released(EPOCHS, winner, BOND + BOND // 2)
    world.released(EPOCHS, BURNT, BOND - BOND // 2 - BOND // 4)
    paid(world, EPOCHS, contest.dispute, BOND // 4)
    _note(book)


def settle(world: World) -> None:
    """Anybody settles a root that nobody challenged in time, or tries to before."""
    book = epochs(world)
    if book.proposal is None:
        return
    refusal = None
    if book.contest is not None:
        refusal = "ContributionEpochs_WrongProposal"
    elif world.now < book.proposal.until:
        refusal = "ContributionEpochs_TooEarly"
    world.ask(world.person(), EPOCHS, "settle", _proposed(book.proposal), refusal=refusal)
    if refusal is None:
        world.released(EPOCHS, book.proposal.proposer, BOND)
        book.settled, book.proposal = book.proposal.root, None
        _note(book)


def _note(book: Epochs) -> None:
    """Honest roots never go below what was due before."""
    if book.settled is not None:
        for who, amount in book.trees[book.settled.root].due:
            book.most[who] = max(book.most[who], amount)


def claim(world: World) -> None:
    """Anybody claims for anybody, under the settled root, under another one, or too much."""
    book = epochs(world)
    if not book.trees or (book.settled is None and world.dice.random() < 0.8):
        return
    stands = book.settled is not None and world.dice.random() < 0.9
    root = book.settled.root if book.settled and stands else world.dice.choice(list(book.trees))
    who, amount = world.dice.choice(book.trees[root].due)
    leaf: RewardLeaf = book.trees[root].prove(who) if amount else RewardLeaf(who, 0, 0, (), ())
    asked = amount + (world.dice.random() < 0.05)
    due = asked - book.claimed[who]
    refusal = None
    if book.settled is None or book.settled.root != root or asked != amount:
        refusal = "ContributionEpochs_NotInRoot"
    elif due <= 0:
        refusal = "ContributionEpochs_NothingDue"
    elif due > book.granted - book.paid:
        refusal = "ContributionEpochs_Overdrawn"
    arguments = (who, leaf.index, asked, list(leaf.siblings), list(leaf.sums))
    world.ask(world.person(), EPOCHS, "claim", *arguments, refusal=refusal)
    if refusal is None:
        book.claimed[who] = amount
        book.paid, book.supply = book.paid + due, book.supply + due
        book.owned[who] += due


def pay(world: World) -> None:
    """Somebody pays for using an asset: a twentieth is burnt, the rest is its owner's."""
    book, known, who = epochs(world), thing(world), world.person()
    if known is None or (not book.owned[who] and world.dice.random() < 0.9):
        return
    allowed = world.shelf.setdefault("allowed to burn", set())
    if who not in allowed:
        world.ask(who, TOKEN, "approve", world.machine.contracts[EPOCHS], UNLIMITED)
        allowed.add(who)
    amount = world.dice.choice((0, book.owned[who], book.owned[who] // 3, book.owned[who] + 1))
    burnt, refusal = burn_of(amount), None
    if not amount:
        refusal = "ContributionEpochs_NothingPaid"
    elif amount > book.owned[who]:
        refusal = "ERC20InsufficientBalance"
    world.ask(who, EPOCHS, "pay", known.id, amount, refusal=refusal)
    if refusal is None:
        book.owned[who] -= amount
        book.owned[known.owner] += amount - burnt
        book.burnt, book.supply = book.burnt + burnt, book.supply - burnt


def hand_over(world: World) -> None:
    """ThenarToken goes from hand to hand; nobody mints or burns it by himself."""
    book, who, to = epochs(world), world.person(), world.person()
    amount = world.dice.choice((0, book.owned[who], book.owned[who] + 1))
    if world.dice.random() < 0.1:
        world.ask(who, TOKEN, "mint", who, 1, refusal="ThenarToken_NotMinter")
        return
    refusal = "ERC20InsufficientBalance" if amount > book.owned[who] else None
    world.ask(who, TOKEN, "transfer", to, amount, refusal=refusal)
    if refusal is None:
        book.owned[who] -= amount
        book.owned[to] += amount


def counted(world: World) -> None:
    """Pools, payments, supply and every balance are what the model says, and no more is paid than was granted."""
    book, view = epochs(world), world.machine.view
    world.same("the sums of all epochs", view(EPOCHS, "sums")[:2], (book.granted, book.paid))
    running = view(EPOCHS, "running")
    world.same("the running epoch", (running[0], running[2], running[3]), (book.number, book.pool, book.burnt))
    world.same("the supply", view(TOKEN, "totalSupply"), book.supply)
    world.same("what was ever minted", view(TOKEN, "minted"), book.paid)
    for who in PEOPLE:
        world.same(f"the rewards of {who}", view(TOKEN, "balanceOf", who), book.owned[who])
    world.same("payments beyond the pools", max(0, book.paid - book.granted), 0)
