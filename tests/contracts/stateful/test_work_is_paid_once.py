"""Honest people who move in time against an adversary who does whatever he likes, checked against a twin in Python.

The court finds the truth: this is about claims, money and stake, not about juries.
"""

from __future__ import annotations

import pytest
from brownie import chain
from brownie.test import strategy
from long_walk import CAMPAIGN, long_walk, seeds
from system import DOLLAR, contract, deploy_system, fund
from told_on_a_chain import account_for
from work_twin import WorkTwin
from yard import (
    AUDIT_COMMITTED,
    AUDIT_DRAWN,
    AUDIT_REVEALED,
    CLAIMED,
    COMMITTED,
    DISPUTED,
    DRAWN,
    FINALIZED,
    FOR_CLAIM,
    FOR_OTHER,
    REVEALED,
    VOID,
    Job,
    Work,
    Yard,
    forged,
    honest,
)

SEAT, BOND = 20 * DOLLAR, 40 * DOLLAR
UNITS, STAKED = 24, 2_000 * DOLLAR
LIMITS = {"st_count": (1, 4), "st_which": 30, "st_place": 3, "st_seconds": (1, 2_500), "st_lie": 1, "st_steps": 3}
SETTINGS = {"max_examples": 2 * CAMPAIGN, "stateful_step_count": 12}
OVER = (FINALIZED, FINALIZED + 1, FINALIZED + 2, FINALIZED + 3)


class WorkMachine:
    """After every move of the adversary the honest do what their nodes would do."""

    st_count = strategy("uint8", min_value=1, max_value=LIMITS["st_count"][1])
    st_which = strategy("uint8", max_value=LIMITS["st_which"])
    st_place = strategy("uint8", max_value=LIMITS["st_place"])
    st_seconds = strategy("uint16", min_value=1, max_value=LIMITS["st_seconds"][1])
    st_lie = strategy("uint8", max_value=LIMITS["st_lie"])
    st_steps = strategy("uint8", min_value=1, max_value=LIMITS["st_steps"])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.alice, self.bob, self.carol, self.dave, self.mallory, self.grace = accounts[1:7]
        self.honest = (self.bob, self.carol, self.dave)
        self.everybody = accounts[:10]
        token = contract("MockUSD").deploy({"from": accounts[0]})
        self.yard = Yard(deploy_system(accounts[0], token, court="RulingCourt"))
        self.yard.hire(*self.honest, stake=STAKED)
        self.yard.hire(self.mallory, seats=2, stake=STAKED)
        for person in (self.alice, self.grace, self.mallory):
            fund(token, person, 10_000 * DOLLAR, self.yard.ledger)
        for person in (self.grace, self.mallory):
            self.yard.ledger.deposit(person, 5_000 * DOLLAR, {"from": person})

    def setup(self):
        job = Job(units=UNITS)
        self.bounty = self.yard.post(self.alice, job)
        self.twin = WorkTwin(UNITS, job.price, job.audit_price, job.stake)
        self.works: list[Work] = []
        self.demands: list[tuple[Work, int]] = []
        self.money = self.yard.all_money(self.everybody)
        self.seats = {str(one): 1 for one in self.honest}

    def rule_honest_claim(self, st_count):
        self._claim(self.bob, st_count, [])
        self._tend()

    def rule_false_claim(self, st_count, st_place):
        self._claim(self.mallory, st_count, [st_place] if st_place < st_count else [])
        self._tend()

    def rule_adversary_moves_on(self, st_which, st_steps):
        """He commits and reveals his own work when he feels like it."""
        for work in self._own(st_which)[:st_steps]:
            course = self.yard.course(work)
            if chain[-1].timestamp + 2 >= course["deadline"] and course["stage"] in (CLAIMED, DRAWN):
                continue
            if course["stage"] == CLAIMED:
                self.yard.commit(work)
            elif course["stage"] == DRAWN and course["audit"] != AUDIT_DRAWN:
                self.yard.reveal(work)
        self._tend()

    def rule_adversary_audits(self, st_which, st_lie):
        """Drawn himself he commits, truly or not, and shows it or not."""
        for work in self._live(st_which):
            course = self.yard.course(work)
            if self.yard.auditor(work) != self.mallory or chain[-1].timestamp + 2 >= course["auditBy"]:
                continue
            if course["audit"] == AUDIT_DRAWN:
                self.yard.audit(work, lies=range(4) if st_lie else [])
            elif course["audit"] == AUDIT_COMMITTED and course["stage"] in (REVEALED, DISPUTED) and not st_lie:
                self.yard.reveal_audit(work)
        self._tend()

    def rule_adversary_demands(self, st_which, st_place):
        for work in self._live(st_which)[:1]:
            course, place = self.yard.course(work), st_place % len(work.units)
            asked = self.yard.disputes.demandOf(work.id, place)[1]
            in_time = chain[-1].timestamp + 2 < course["auditBy"] + 3_600
            if course["stage"] == REVEALED and in_time and (work, place) not in self.demands and not asked:
                self.yard.disputes.demand(work.id, place, {"from": self.mallory})
                self.demands.append((work, place))
        self._tend()

    def rule_challenge(self, st_which, st_place):
        """A false one by the adversary, or a true one by somebody who looked."""
        for work in self._live(st_which)[:1]:
            course, place = self.yard.course(work), st_place % len(work.units)
            if course["stage"] != REVEALED or chain[-1].timestamp + 2 >= course["deadline"]:
                continue
            unit = work.units.start + place
            true = work.traces[unit] == honest(unit)
            other, by = (forged(unit + 7), self.mallory) if true else (honest(unit), self.grace)
            proof = self.yard.proof(work, place)
            dispute = self.yard.disputes.challenge(work.id, place, *proof, other, {"from": by}).return_value
            self._rule(work, dispute, FOR_CLAIM if true else FOR_OTHER)
        self._tend()

    def rule_wait(self, st_seconds):
        chain.sleep(st_seconds)
        chain.mine()
        self._tend()

    def invariant_units_and_money_are_the_twins(self):
        found = self.yard.bounties.bountyOf(self.bounty).dict()["progress"]
        twin = self.twin
        assert (found["fresh"], found["running"]) == (twin.fresh, len(twin.running))
        assert (found["done"], found["audited"]) == (len(twin.done), twin.audited)
        assert self.yard.ledger.lockedBy(self.yard.bounties) == twin.locked
        again = [range(first, first + count) for first, count in self.yard.bounties.returnedOf(self.bounty)]
        assert again == twin.open_again

    def invariant_no_money_is_made_or_lost(self):
        assert self.yard.all_money(self.everybody) == self.money

    def invariant_the_honest_lose_no_stake(self):
        assert all(self.yard.stake(person)[0] == STAKED for person in self.honest)

    def invariant_a_record_is_what_was_audited_and_stands(self):
        """Bob is never wrong: a claim counts from its full audit on, or once it is paid, and never twice."""
        counted = 0
        for work in [one for one in self.works if one.worker == self.bob]:
            state, course = self.yard.state(work), self.yard.course(work)
            agreed = course["bps"] == 10_000 and state["auditRoot"] == state["root"]
            runs = course["stage"] in (REVEALED, DISPUTED)
            stands = course["stage"] == FINALIZED or (agreed and runs)
            counted += course["audit"] == AUDIT_REVEALED and stands
        assert self.yard.score(self.bob) == counted

    def invariant_what_is_bound_answers_for_something(self):
        for person in (*self.honest, self.mallory):
            member = self.yard.pool.memberOf(person, b"\x71" * 32)
            assert self.yard.stake(person)[1] == self.twin.bound(person) + (member[0] + member[1]) * SEAT

    def teardown(self):
        """Everything ends, whatever the adversary left undone, and what was not spent goes back."""
        for _ in range(12):
            chain.sleep(2_500)
            chain.mine()
            self._tend()
        chain.sleep(90_000)
        chain.mine()
        for _ in range(72):  # the adversary may be drawn again as often as he has seats to lose
            self._tend()
            if not self.twin.running:
                break
            chain.sleep(2_500)
            chain.mine()
        assert not self.twin.running
        self.yard.bounties.cancel(self.bounty, {"from": self.alice})
        self.yard.bounties.closeBounty(self.bounty, {"from": self.mallory})
        self.twin.close()
        assert self.yard.ledger.lockedBy(self.yard.bounties) == 0
        assert self.yard.ledger.lockedBy(self.yard.disputes) == 0
        account_for(self.yard.system)  # and everybody can be told where each unit came from

    def _own(self, which):
        mine = [work for work in self.works if work.worker == self.mallory]
        return mine[which % len(mine) :] if mine else []

    def _live(self, which):
        live = [work for work in self.works if work.id in self.twin.running]
        return live[which % len(live) :] if live else []

    def _claim(self, worker, count, lies):
        stake, bound = self.yard.stake(worker)
        if not self.twin.left or stake - bound < count * self.twin.stake:
            return
        work = self.yard.claim(self.bounty, worker, count, lies)
        assert work.units == self.twin.take(work.id, worker, count)
        self.works.append(work)

    def _tend(self):
        """What honest nodes do, until there is nothing to do."""
        for work in [one for one in self.works if one.id in self.twin.running]:
            while self._step(work):
                pass
        for work, place in list(self.demands):
            self._answer(work, place)

    def _step(self, work):
        """One move for this claim; says whether there was any."""
        course, now = self.yard.course(work), chain[-1].timestamp
        stage, audit = course["stage"], course["audit"]
        if stage in OVER:
            return False
        if stage == COMMITTED:
            self.yard.draw(work, by=self.grace)
            return True
        if stage == CLAIMED or (stage == DRAWN and audit != AUDIT_DRAWN):
            return self._work(work, stage, now >= course["deadline"])
        if stage == DRAWN:
            return self._audit(work, now >= course["auditBy"])
        return self._held(work, course, now)

    def _work(self, work, stage, late):
        if work.worker == self.bob:
            (self.yard.commit if stage == CLAIMED else self.yard.reveal)(work)
            return True
        if late:
            self.yard.claims.expire(work.id, {"from": self.grace})
            self.twin.give_back(work.id)
        return late

    def _audit(self, work, late):
        if self.yard.auditor(work) in self.seats:
            self.yard.audit(work)
            return True
        if late:
            self.yard.claims.redraw(work.id, {"from": self.grace})
        return late

    def _held(self, work, course, now):
        if course["audit"] == AUDIT_COMMITTED and self.yard.auditor(work) in self.seats:
            self.yard.reveal_audit(work)
            return True
        if course["audit"] == AUDIT_REVEALED and self._disagree(work):
            return True
        if now < course["deadline"] or course["demands"]:
            return False
        return self._end(work, course)

    def _disagree(self, work):
        place = next((at for at, unit in enumerate(work.units) if work.found.get(unit, 0) != work.traces[unit]), None)
        if place is None or not self.yard.claims.isAudited(work.id, place):
            return False
        unit = work.units.start + place
        if chain[-1].timestamp + 2 >= self.yard.course(work)["deadline"]:
            return False
        proofs = (*self.yard.proof(work, place), *self.yard.audit_proof(work, place))
        dispute = self.yard.disputes.disagree(work.id, place, *proofs, {"from": self.grace}).return_value
        claim_right, other_right = work.traces[unit] == honest(unit), work.found.get(unit) == honest(unit)
        self._rule(work, dispute, FOR_CLAIM if claim_right else FOR_OTHER if other_right else VOID)
        return True

    def _rule(self, work, dispute, ruling):
        self.yard.system.segment_court.rule(self.yard.disputes, dispute, ruling, True, {"from": self.grace})
        if ruling != FOR_CLAIM:
            self.twin.give_back(work.id)

    def _end(self, work, course):
        """Pay it, or have it audited anew when its worker was convicted meanwhile."""
        convicted = self.yard.pool.memberOf(work.worker, b"\x71" * 32)[4]
        full = course["bps"] == 10_000 and course["audit"] == AUDIT_REVEALED
        units = -(-len(work.units) * course["bps"] // 10_000) if course["audit"] == AUDIT_REVEALED else 0
        units -= self.twin.running[work.id].audits_paid if units else 0
        auditor = self.yard.auditor(work)
        if convicted >= course["committedAt"] and not course["retro"] and not full:
            self.yard.claims.reaudit(work.id, {"from": self.grace})
            self.twin.running[work.id].audits_paid = units
            self.twin.pay_audit(auditor, units)
            return True
        self.yard.claims.finalize(work.id, {"from": self.grace})
        self.twin.pay(work.id)
        self.twin.pay_audit(auditor, units)
        return True

    def _answer(self, work, place):
        by, show_by = self.yard.disputes.demandOf(work.id, place)
        if not show_by or not int(by, 16):
            return
        if work.worker == self.bob and chain[-1].timestamp + 2 < show_by:
            self.yard.disputes.show(work.id, place, *self.yard.proof(work, place), {"from": self.bob})
        elif chain[-1].timestamp >= show_by or work.id not in self.twin.running:
            self.yard.disputes.lapse(work.id, place, {"from": self.grace})
            if work.id in self.twin.running:
                self.twin.give_back(work.id)


def test_the_twin_pays_no_unit_twice():
    """The twin itself refuses it, so that a contract which did could not agree with it."""
    twin = WorkTwin(4, 1, 1, 1)
    twin.take(1, "bob", 4)
    twin.pay(1)
    twin.open_again.append(range(4))
    twin.take(3, "bob", 4)

    with pytest.raises(AssertionError):
        twin.pay(3)


def test_the_honest_come_out_whole(state_machine, accounts):
    state_machine(WorkMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_the_honest_come_out_whole_on_a_long_way(accounts, seed):
    long_walk(WorkMachine(accounts), LIMITS, steps=50, seed=seed)
