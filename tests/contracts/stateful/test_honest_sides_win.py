"""One side that moves in time against a random adversary who may send anything: it never loses a dispute.

The adversary's trace is anything: a true prefix with lies after it, a root over nothing, leaves hidden beyond the end.
He moves for either root, sends junk, stalls, flags, draws juries, owns just under a third of every panel, and appeals.
"""

from __future__ import annotations

import contextlib
import random

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from courts import BOND, Dispute, Trace, open_court, two_traces
from long_walk import CAMPAIGN, long_walk, seeds
from system import fund
from told_on_a_chain import account_for_all

from thenar.domain.work.disputes import Phase, Ruling
from thenar.domain.work.trace import MAX_LEAVES, TraceTree, depth_of, node_of

FEES = 5_000
SEED = 2**32 - 1
SETTINGS = {"max_examples": 2 * CAMPAIGN, "stateful_step_count": 20}
LIMITS = {"st_seed": SEED, "st_part": 7}
PURSE = 100 * BOND


def random_sides(dice: random.Random) -> tuple[Trace, Trace]:
    """An honest trace of any size, and what the adversary holds against it."""
    count = dice.choice([dice.randint(2, 20), dice.randint(15, 300), dice.randint(250, MAX_LEAVES), MAX_LEAVES])
    first = dice.randrange(count)
    honest, forged = two_traces(count, sorted({first, dice.randrange(first, count)}), dice.random())
    kind = dice.randrange(4)
    if kind == 0:  # a root over nothing
        forged = Trace(honest.states, TraceTree(count, (*forged.tree.levels[:-1], dice.randbytes(32))))
    if kind == 1 and count % 16:  # something beyond the end, as deep as a leaf may hide
        forged = Trace(honest.states, hiding(honest.tree, dice))
    return honest, forged


def hiding(tree: TraceTree, dice: random.Random) -> TraceTree:
    """The same leaves with one more behind them, under the number of leaves that was agreed on."""
    levels = [tree.levels[0] + dice.randbytes(32)]
    for _ in range(tree.depth):
        row = levels[-1].ljust(-(-len(levels[-1]) // 512) * 512, b"\x00")
        levels.append(b"".join(node_of([row[at : at + 512]]) for at in range(0, len(row), 512)))
    return TraceTree(tree.count, tuple(levels))


class DisputeMachine:
    """After whatever the adversary does, the honest side makes the moves that are its to make."""

    st_seed = strategy("uint32", max_value=SEED)
    st_part = strategy("uint8", max_value=LIMITS["st_part"])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.room = open_court(accounts[0], jurors=16)
        self.court = self.room.court
        self.honest, self.adversary, self.requester = accounts[1:4]
        for person in (self.honest, self.adversary):
            fund(self.room.token, person, 10**9, self.room.ledger)
        self.room.docket.pay(10**8, FEES, {"from": self.honest})
        self.room.ledger.deposit(self.adversary, PURSE, {"from": self.adversary})

    def setup(self):
        self.case = None

    def rule_adversary_moves(self, st_seed):
        """One transaction, or one that is refused."""
        dice = random.Random(st_seed)
        case = self._case(dice)
        moves = [self._plays, self._junk, self._state, self._draws, self._votes, self._presses]
        with contextlib.suppress(VirtualMachineError):
            dice.choice(moves)(case, dice)
        self._respond(case)

    def rule_time_passes(self, st_seed, st_part):
        """Never longer than an honest juror's shortest window; the adversary's clock runs out in a few steps."""
        case = self._case(random.Random(st_seed))
        chain.sleep(3_000 if case.phase in (Phase.NARROWING, Phase.STATE) else 100 * st_part)
        chain.mine()
        self._respond(case)

    def invariant_nobody_honest_loses(self):
        if self.case is None:
            return
        told, _, times = self.case.told(self.room.docket)
        assert (told, times) in [(Ruling.NONE, 0), (self.right, 1)]
        assert self.case.rounds <= depth_of(len(self.case.claim.states))

    def invariant_the_court_holds_bonds_and_fees(self):
        """Between cases it holds nothing: every fee is collected, every bond has gone back or to the jurors."""
        if self.case is None or self.case.phase is Phase.CLOSED:
            assert self.room.ledger.lockedBy(self.court) == 0
            return
        open_bonds = sum(self.court.panelOf(self.case.id, number)["appealBond"] for number in range(3))
        assert self.room.ledger.lockedBy(self.court) == open_bonds

    def teardown(self):
        """Against an adversary who has fallen silent the case ends by its clocks."""
        for _ in range(60):
            if self.case is None or self.case.phase is Phase.CLOSED:
                break
            self.rule_time_passes(0, 7)
            self.invariant_nobody_honest_loses()
        assert self.case is None or self.case.phase is Phase.CLOSED
        room = self.room
        account_for_all(
            {"Ledger": room.ledger, "SegmentCourt": room.court, "NodeRegistry": room.nodes, "WorkerPool": room.pool}
        )

    def _case(self, dice):
        """The running case, or a new one in which the honest side claims or holds against a claim."""
        if self.case is not None and self.case.phase is not Phase.CLOSED:
            return self.case
        honest, forged = random_sides(dice)
        self.claims = dice.random() < 0.5
        self.right = Ruling.CLAIM if self.claims else Ruling.OTHER
        sides = (honest, forged) if self.claims else (forged, honest)
        people = (self.honest, self.adversary) if self.claims else (self.adversary, self.honest)
        chain.sleep(1)
        self.case = self.room.open(Dispute(self.court, *sides, *people, self.requester))
        self.case.rounds, self.case.collected = 0, False
        self._respond(self.case)
        return self.case

    # what the adversary tries

    def _plays(self, case, dice):
        """A right move for either root."""
        if dice.random() < 0.5:
            case.post(self.adversary)
        else:
            self._answer(case, self.adversary)

    def _junk(self, case, dice):
        sender, row = {"from": self.adversary}, [dice.randbytes(32) for _ in range(16)]
        rows = [row, list(case.children(case.claim)), list(case.children(case.other))]
        if dice.random() < 0.5:
            self.court.post(case.id, dice.choice(rows), sender)
        else:
            self.court.answer(case.id, rows[0], dice.choice(rows), sender)

    def _state(self, case, dice):
        if dice.random() < 0.5 and case.agreed is not None:
            case.post_state(self.adversary)
        else:
            self.court.postState(case.id, dice.randbytes(40), [], {"from": self.adversary})

    def _draws(self, case, dice):
        self.court.drawJury(case.id, case.opening, {"from": self.adversary})
        raise AssertionError("the honest side draws every jury in the block in which it can be drawn")

    def _votes(self, case, dice):
        """One of his jurors commits to anything, or reveals it or something else."""
        if not self._bought(case):
            return
        juror = dice.choice(self._bought(case))
        leaf = dice.choice([*case.leaves(), b"\x99" * 32]) if case.level == 0 else b"\x99" * 32
        if dice.random() < 0.5:
            case.commit(juror, leaf, bytes(32))
        else:
            case.reveal(juror, leaf, bytes(32))

    def _presses(self, case, dice):
        sender = {"from": self.adversary}
        calls = [self.court.flag, self.court.rule, self.court.close, self.court.appeal, self.court.appeal]
        dice.choice(calls)(case.id, sender)
        case.panel = [] if case.phase is Phase.DRAWING else case.panel

    # what the honest side does

    def _respond(self, case):
        """Every move that is there to be made, until it is somebody else's turn or time must pass."""
        for _ in range(12):
            phase = case.phase
            before = (phase, case.level, case.now["otherMoves"])
            self._move(case, phase)
            if before == (case.phase, case.level, case.now["otherMoves"]):
                return

    def _move(self, case, phase):
        by = self.honest
        if phase in (Phase.NARROWING, Phase.STATE):
            kept = case.now
            if kept["otherMoves"] == self.claims:
                self._tries(self.court.flag, case.id, {"from": by})
            elif phase is Phase.STATE:
                case.post_state(by)
            elif self.claims:
                case.post(by)
            else:
                self._answer(case, by)
        elif phase is Phase.DRAWING:
            case.draw(by)
        elif phase is Phase.VOTING:
            self._judges(case)
        elif phase is Phase.RULED:
            self._tries(self.court.close, case.id, {"from": by})
        elif not case.collected:
            self._collects(case)

    def _judges(self, case):
        """Jurors who ran the segment: they commit at once and reveal as soon as they may."""
        right = case.leaves()[0 if self.claims else 1]
        for juror in case.panel:
            if juror in self._bought(case):
                continue
            if int(str(self.court.voteOf(case.id, case.now["round"], juror)), 16) == 0:
                case.commit(juror, right)
            self._tries(case.reveal, juror, right)
        self._tries(self.court.rule, case.id, {"from": self.honest})

    def _collects(self, case):
        case.collected = True
        if self.court.feeOf(case.id) == 0:
            return
        for number in range(case.now["round"] + 1):
            for juror in self.room.jurors:
                if int(str(self.court.voteOf(case.id, number, juror)), 16) == int(self.right):
                    self.court.collectFee(case.id, number, juror, {"from": self.honest})

    def _answer(self, case, by):
        case.answer(by)
        case.rounds += 1

    def _bought(self, case):
        """Just under a third of the panel."""
        return case.panel[: (len(case.panel) - 1) // 3]

    def _tries(self, call, *arguments):
        with contextlib.suppress(VirtualMachineError):
            call(*arguments)


def test_honest_sides_win(state_machine, accounts):
    state_machine(DisputeMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(1))
def test_honest_sides_win_on_a_long_way(accounts, seed):
    long_walk(DisputeMachine(accounts), LIMITS, steps=60, seed=seed)
