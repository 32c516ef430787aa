"""A court with jurors, and disputes about traces of any length, moved by their Python twin."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from brownie import accounts, chain, web3
from system import contract, created_address, fund

from thenar.domain.ids import Address, DisputeId
from thenar.domain.work.disputes import Ballot, Phase, Ruling
from thenar.domain.work.trace import Children, TraceTree, first_difference, last_leaf

CLASS, SPEC = b"\xc1" * 32, b"\x5e" * 32
SEAT_STAKE, FINE = 1_000, 50
STAKE = 100_000
CLOCK, COMMIT, REVEAL, APPEAL, DELAY, SMALLEST, BOND = 10_000, 1_000, 900, 2_000, 2, 3, 70
JUROR_ROLES = 2 | 16
PURSE = 10**9
BURNT = "0x000000000000000000000000000000000000dEaD"


def leaf_of(state: bytes) -> bytes:
    """The leaf of a state."""
    return hashlib.sha256(state).digest()


@dataclass(frozen=True, slots=True)
class Trace:
    """The states of a unit and the tree over them."""

    states: tuple[bytes, ...]
    tree: TraceTree

    @classmethod
    def of(cls, states: Sequence[bytes]) -> Trace:
        return cls(tuple(states), TraceTree.build([leaf_of(state) for state in states]))


def two_traces(count: int, differs: Sequence[int], seed: int = 0) -> tuple[Trace, Trace]:
    """Two traces of ``count`` leaves that differ at the given places."""
    dice = random.Random(seed)
    states = [dice.randbytes(40) for _ in range(count)]
    changed = [state if place not in differs else b"\x00" + state for place, state in enumerate(states)]
    return Trace.of(states), Trace.of(changed)


@dataclass(frozen=True, slots=True)
class CourtRoom:
    """A court, its client, its pool of jurors and their money."""

    token: Any
    ledger: Any
    nodes: Any
    pool: Any
    docket: Any
    court: Any
    jurors: list[Any]

    def open(self, case: Dispute) -> Dispute:
        """Bring two traces before the court."""
        tx = self.docket.open(case.opening, {"from": self.jurors[0]})
        case.id = tx.events["CaseOpened"]["dispute"]
        return case


def open_court(deployer: Any, jurors: int, **changed: int) -> CourtRoom:
    """Deploy a court with its own ledger, and seat so many jurors."""
    sender = {"from": deployer}
    token = contract("MockUSD").deploy(sender)
    names = ("Ledger", "NodeRegistry", "WorkerPool", "Docket", "SegmentCourt")
    at = [created_address(str(deployer), deployer.nonce + index) for index in range(len(names))]
    ledger, nodes, pool, docket, court = at
    params = (
        changed.get("clock", CLOCK),
        changed.get("commit", COMMIT),
        changed.get("reveal", REVEAL),
        changed.get("appeal", APPEAL),
        changed.get("delay", DELAY),
        changed.get("smallest", SMALLEST),
        changed.get("bond", BOND),
    )
    arguments: list[tuple[Any, ...]] = [
        (token, [nodes, pool, docket, court]),
        (ledger, deployer, 100, 1_000_000, [pool]),
        (ledger, nodes, SEAT_STAKE, 500_000, [court]),
        (ledger, court),
        (ledger, pool, [docket, deployer, deployer, deployer, deployer], params),
    ]
    made = [contract(name).deploy(*given, sender) for name, given in zip(names, arguments, strict=True)]
    room = CourtRoom(token, *made, jurors=[])
    assert [str(one) for one in made] == at
    room.jurors.extend(seat(room, number) for number in range(jurors))
    chain.sleep(1)  # who sits down in the second in which a case is opened does not judge it
    return room


def seat(room: CourtRoom, number: int, seats: int = 1, class_id: bytes = CLASS) -> Any:
    """Register an account of its own as a juror of the class."""
    juror = accounts.at("0x" + hashlib.sha256(b"juror %d" % number).hexdigest()[:40], force=True)
    fund(room.token, juror, PURSE, room.ledger)
    room.nodes.register((number + 1).to_bytes(32, "big"), JUROR_ROLES, STAKE, {"from": juror})
    room.pool.enlist(class_id, bytes(32), seats, {"from": juror})
    return juror


@dataclass
class Dispute:
    """A dispute and where its twin says it stands. Every verb sends one transaction."""

    court: Any
    claim: Trace
    other: Trace
    claimant: Any
    opponent: Any
    requester: Any
    class_id: bytes = CLASS
    unit: int = 5
    id: int = 0
    level: int = 0
    place: int = 0
    agreed: tuple[int, int] | None = None  # level and place
    panel: list[str] = field(default_factory=list)
    salts: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.level = self.claim.tree.depth

    @property
    def opening(self) -> tuple[Any, ...]:
        """What the case is about, as the contract takes it."""
        roots = (self.claim.tree.root, self.other.tree.root)
        people = (str(self.claimant), str(self.opponent), str(self.requester))
        return (self.class_id, SPEC, self.unit, len(self.claim.states) - 1, *roots, *people)

    @property
    def phase(self) -> Phase:
        """The phase on chain."""
        return Phase(self.now["phase"])

    @property
    def now(self) -> dict[str, Any]:
        """The record on chain, by name."""
        return dict(self.court.disputeOf(self.id).dict())

    def children(self, trace: Trace) -> Children:
        """The children of a side's node."""
        return trace.tree.children(self.level, self.place)

    @property
    def leaf(self) -> int:
        """The number of the leaf that the narrowing ends at."""
        pairs = zip(self.claim.states, self.other.states, strict=True)
        return next(place for place, (mine, theirs) in enumerate(pairs) if mine != theirs)

    def post(self, by: Any) -> Any:
        """Show the claim's children."""
        return self.court.post(self.id, self.children(self.claim), {"from": by})

    def answer(self, by: Any) -> Any:
        """Show both sides' children, and follow with the twin."""
        claims, others = self.children(self.claim), self.children(self.other)
        tx = self.court.answer(self.id, claims, others, {"from": by})
        self.descend(first_difference(claims, others))
        return tx

    def descend(self, step: int) -> None:
        """Let the twin go down."""
        self.level, self.place = self.level - 1, 16 * self.place + step
        if step:
            self.agreed = (self.level, self.place - 1)

    @property
    def start(self) -> tuple[bytes, tuple[Children, ...]]:
        """The state both sides agree on, and the way down to it."""
        assert self.agreed is not None
        return self.claim.states[last_leaf(*self.agreed)], self.claim.tree.right_edge(*self.agreed)

    def post_state(self, by: Any) -> Any:
        """Post the agreed state."""
        return self.court.postState(self.id, *self.start, {"from": by})

    def narrow_at_once(self, by: Any) -> Any:
        """Play all the way down in one transaction, the state with it."""
        claims, others = [], []
        while self.level:
            claims.append(self.children(self.claim))
            others.append(self.children(self.other))
            self.descend(first_difference(claims[-1], others[-1]))
        start = self.start if self.place else (b"", ())
        return self.court.narrow(self.id, claims, others, *start, {"from": by})

    def narrow(self, by: Any) -> None:
        """Play down to the leaves, both sides in turn, and post the state when there is one."""
        while self.level:
            self.post(by)
            self.answer(by)
        if self.place:
            self.post_state(by)

    def draw(self, by: Any) -> Any:
        """Draw the jury in the first block that can."""
        chain.mine(max(0, self.now["mark"] - web3.eth.block_number))
        tx = self.court.drawJury(self.id, self.opening, {"from": by})
        if "JuryDrawn" in tx.events:
            self.panel = [str(one) for one in tx.events["JuryDrawn"]["panel"]]
        return tx

    def leaves(self) -> tuple[bytes, bytes]:
        """The two leaves the jurors decide between."""
        return self.claim.tree.node(0, self.place), self.other.tree.node(0, self.place)

    def ballot(self, juror: Any) -> Ballot:
        """What the juror's vote in this round is bound to."""
        names = Address(str(self.court).lower()), Address(str(juror).lower())
        return Ballot(chain.id, names[0], DisputeId(self.id), self.now["round"], names[1])

    def commit(self, juror: Any, leaf: bytes, salt: bytes = b"\x51" * 32) -> Any:
        """Commit to a vote."""
        place = self.panel.index(str(juror))
        return self.court.commitVote(
            self.id, self.panel, place, self.ballot(juror).commitment(leaf, salt), {"from": juror}
        )

    def reveal(self, juror: Any, leaf: bytes, salt: bytes = b"\x51" * 32) -> Any:
        """Reveal a vote."""
        return self.court.revealVote(self.id, leaf, salt, {"from": juror})

    def vote(self, votes: Sequence[int]) -> Any:
        """Let the panel commit and reveal, in order: 1 the claim, 2 the other, 3 neither, 0 stays away."""
        ways = dict(zip((1, 2, 3), (*self.leaves(), b"\x77" * 32), strict=True))
        voters = [(juror, ways[vote]) for juror, vote in zip(self.panel, votes, strict=True) if vote]
        for juror, leaf in voters:
            self.commit(juror, leaf)
        if len(voters) < len(self.panel):
            chain.sleep(COMMIT + 1)
        return [self.reveal(juror, leaf) for juror, leaf in voters][-1] if voters else None

    def judge(self, by: Any, votes: Sequence[int]) -> Any:
        """Draw a jury, let it vote, and count. More votes than jurors are left out. Returns what led to the count."""
        self.draw(by)
        last = self.vote(votes[: len(self.panel)])
        return last if last and len(last.events) > 1 else self.court.rule(self.id, {"from": by})

    def close(self, by: Any) -> Any:
        """Wait until nobody can appeal, and close."""
        until = self.now["mark"]
        chain.sleep(max(0, until - chain.time()) + 1)
        return self.court.close(self.id, {"from": by})

    def told(self, docket: Any) -> tuple[Ruling, bool, int]:
        """What the client was told, and how often."""
        ruling, judged, times = docket.toldOf(self.id)
        return Ruling(ruling), judged, times
