"""A yard of workers over a deployed system: everything a test of compute bounties does more than once.

Traces are made up: the honest one of a unit follows from its number, a forged one from any other word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from brownie import chain
from nodes import KEY
from system import DOLLAR, System, fund

from thenar.domain.ids import Address
from thenar.domain.membertree import MemberTree
from thenar.domain.work.audits import Bound, audited, tree_over

CLASS, OTHER_CLASS = b"\x71" * 32, b"\x72" * 32
SPEC, PROBE, OUTPUTS = b"\x5e" * 32, b"\x9b" * 32, b"\x0c" * 32
WORKER_ROLES = 2 | 16  # COMPUTE and JUROR
ZERO_ADDRESS = "0x" + "00" * 20
BURNT = "0x000000000000000000000000000000000000dEaD"
NONE, CLAIMED, COMMITTED, DRAWN, REVEALED, DISPUTED, FINALIZED, EXPIRED, SLASHED, VOIDED = range(10)
AUDIT_NONE, AUDIT_DRAWN, AUDIT_COMMITTED, AUDIT_REVEALED, AUDIT_WAIVED, AUDIT_FAILED = range(6)
FOR_CLAIM, FOR_OTHER, VOID = 1, 2, 3  # a court's ruling
NO_SPOT = 65_535


def honest(unit: int) -> bytes:
    """The trace root everybody finds who runs a unit."""
    return hashlib.sha256(b"unit %d" % unit).digest()


def forged(unit: int) -> bytes:
    """A trace root of somebody who did not run it."""
    return hashlib.sha256(b"made up %d" % unit).digest()


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for; ``call`` is the struct the contract takes."""

    class_id: bytes = CLASS
    spec: bytes = SPEC
    input: bytes = bytes(32)
    canary_root: bytes = bytes(32)
    units: int = 8
    segments: int = 255
    audit_bps: int = 2_000
    lasts: int = 30 * 86_400  # seconds from now
    work_window: int = 86_400
    price: int = DOLLAR
    audit_price: int = DOLLAR * 11 // 10
    input_price: int = 0
    stake: int = 4 * DOLLAR

    @property
    def call(self) -> tuple[Any, ...]:
        """As calldata, with a deadline counted from the chain's newest block."""
        end = chain[-1].timestamp + self.lasts
        return (
            *(self.class_id, self.spec, self.input, self.canary_root, self.units, self.segments, self.audit_bps),
            *(end, self.work_window, self.price, self.audit_price, self.input_price, self.stake),
        )

    def but(self, **changes: Any) -> Job:
        """The same job otherwise."""
        return replace(self, **changes)


@dataclass(slots=True)
class Work:
    """A claim, what its worker says he found, and what its auditor does."""

    id: int
    worker: Any
    units: range
    traces: dict[int, bytes]
    salt: bytes = b"\x5a" * 32
    audit_salt: bytes = b"\xa5" * 32
    found: dict[int, bytes] = field(default_factory=dict)  # by the auditor

    @property
    def tree(self) -> MemberTree:
        """What the worker commits to."""
        return tree_over(self.units, self.traces)

    @property
    def audit_tree(self) -> MemberTree:
        """What the auditor commits to."""
        return tree_over(self.units, self.found)


@dataclass
class Yard:
    """The contracts, and verbs over them."""

    system: System
    traces: Mapping[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pool, self.bounties = self.system.worker_pool, self.system.compute_bounties
        self.claims, self.disputes = self.system.work_claims, self.system.claim_disputes
        self.nodes, self.ledger = self.system.node_registry, self.system.ledger

    def hire(self, *people: Any, seats: int = 1, stake: int = 2_000 * DOLLAR, class_id: bytes = CLASS) -> None:
        """Register people's nodes with stake and enlist them."""
        for person in people:
            fund(self.system.token, person, 10_000 * DOLLAR, self.ledger)
            self.nodes.register(KEY, WORKER_ROLES, stake, {"from": person})
            self.pool.enlist(class_id, PROBE, seats, {"from": person})
        chain.sleep(1)  # only seats taken before a commitment are drawn for it
        chain.mine()

    def post(self, requester: Any, job: Job | None = None) -> int:
        """Ask for work; returns the bounty's number."""
        tx = self.bounties.createBounty((job or Job()).call, {"from": requester})
        return int(tx.events["BountyCreated"]["bounty"])

    def claim(self, bounty: int, worker: Any, count: int = 4, lies: Iterable[int] = ()) -> Work:
        """Claim units; at the places in ``lies`` the worker makes something up."""
        event = self.claims.claim(bounty, count, {"from": worker}).events["UnitsClaimed"]
        units = range(event["first"], event["first"] + event["count"])
        false = {units.start + place for place in lies}
        traces = {unit: forged(unit) if unit in false else honest(unit) for unit in units}
        return Work(int(event["claim"]), worker, units, traces)

    def bound(self, work: Work, account: Any) -> Bound:
        """What commitments of this account to this claim are bound to."""
        class_id = bytes(self.bounties.termsOf(self.course(work)["bounty"])[0])
        return Bound(chain.id, Address(str(self.claims)), work.id, Address(str(account)), class_id)

    def commit(self, work: Work) -> Any:
        """Commit the worker to his traces."""
        commitment = self.bound(work, work.worker).work(work.tree.root, work.salt)
        return self.claims.commit(work.id, commitment, {"from": work.worker})

    def draw(self, work: Work, by: Any = None) -> Any:
        """Wait for the block that decides, and draw."""
        wait = self.course(work)["drawBlock"] - chain.height
        if wait > 0:
            chain.mine(wait)
        return self.claims.drawAudit(work.id, {"from": by or work.worker})

    def auditor(self, work: Work) -> str:
        """Who was drawn."""
        return str(self.state(work)["auditor"])

    def audit(self, work: Work, lies: Iterable[int] = (), root: bytes | None = None) -> Any:
        """Let the auditor run what he must, lying at the places in ``lies``, and commit."""
        course, seed = self.course(work), bytes(self.state(work)["seed"]).ljust(32, b"\0")
        asked = audited(seed, work.units, course["bps"])
        false = {work.units.start + place for place in lies}
        work.found = {unit: forged(unit + 10**6) if unit in false else honest(unit) for unit in asked}
        auditor = self.auditor(work)
        commitment = self.bound(work, auditor).audit(root or work.audit_tree.root, work.audit_salt)
        return self.claims.commitAudit(work.id, commitment, {"from": auditor})

    def reveal(self, work: Work) -> Any:
        """Show the work."""
        return self.claims.reveal(work.id, work.tree.root, work.salt, OUTPUTS, {"from": work.worker})

    def reveal_audit(self, work: Work) -> Any:
        """Show the audit, and the trace of the place that is asked for."""
        place = self.claims.spotOf(work.id)
        trace = work.found[work.units.start + place]
        proof = (work.audit_tree.root, work.audit_salt, trace, work.audit_tree.prove(place))
        return self.claims.revealAudit(work.id, *proof, {"from": self.auditor(work)})

    def finalize(self, work: Work, by: Any = None) -> Any:
        """Wait until the window has passed, and pay."""
        chain.sleep(max(0, self.course(work)["deadline"] - chain[-1].timestamp) + 1)
        return self.claims.finalize(work.id, {"from": by or work.worker})

    def to_drawn(self, bounty: int, worker: Any, count: int = 4, lies: Iterable[int] = ()) -> Work:
        """A claim whose audit is drawn."""
        work = self.claim(bounty, worker, count, lies)
        self.commit(work)
        self.draw(work)
        return work

    def to_revealed(
        self, bounty: int, worker: Any, count: int = 4, lies: Iterable[int] = (), audit_lies: Iterable[int] = ()
    ) -> Work:
        """A claim shown by its worker and, when there is one, by its auditor."""
        work = self.to_drawn(bounty, worker, count, lies)
        if self.course(work)["audit"] == AUDIT_DRAWN:
            self.audit(work, audit_lies)
        self.reveal(work)
        if self.course(work)["audit"] == AUDIT_COMMITTED:
            self.reveal_audit(work)
        return work

    def paid(self, bounty: int, worker: Any, count: int = 1) -> Work:
        """A claim that went well from beginning to end."""
        work = self.to_revealed(bounty, worker, count)
        self.finalize(work)
        return work

    def proof(self, work: Work, place: int) -> tuple[bytes, list[bytes]]:
        """The claimed trace at a place and its path."""
        return work.traces[work.units.start + place], list(work.tree.prove(place))

    def audit_proof(self, work: Work, place: int) -> tuple[bytes, list[bytes]]:
        """The auditor's trace at a place and its path."""
        return work.found.get(work.units.start + place, bytes(32)), list(work.audit_tree.prove(place))

    def state(self, work: Work) -> Any:
        """A claim as stored, by name."""
        return self.claims.claimOf(work.id).dict()

    def course(self, work: Work) -> dict[str, Any]:
        """How far a claim has come, by name, with its bounty."""
        found = self.state(work)
        return dict(found["course"]) | {"bounty": found["bounty"]}

    def stage(self, work: Work) -> int:
        """Where a claim stands."""
        return int(self.course(work)["stage"])

    def score(self, person: Any, class_id: bytes = CLASS) -> int:
        """What a person's record is worth."""
        return int(self.pool.memberOf(person, class_id)[3])

    def stake(self, person: Any) -> tuple[int, int]:
        """A person's stake and how much of it is bound."""
        found = self.nodes.nodeOf(person).dict()
        return found["stake"], found["bound"]

    def stay_away(self, work: Work, by: Any) -> Any:
        """Let the auditor's time pass, and call for another."""
        chain.sleep(max(0, self.course(work)["auditBy"] - chain[-1].timestamp) + 1)
        return self.claims.redraw(work.id, {"from": by})

    def all_money(self, people: Iterable[Any]) -> int:
        """What wallets, accounts and locks of the compute contracts hold together."""
        modules = (self.nodes, self.pool, self.bounties, self.claims, self.disputes, self.system.segment_court)
        token, ledger = self.system.token, self.ledger
        held = sum(token.balanceOf(one) + ledger.balanceOf(one) for one in people)
        return int(held + ledger.balanceOf(BURNT) + sum(map(ledger.lockedBy, modules)))
