"""Random deposits, locks, releases, moves and withdrawals, each checked against a twin of the Ledger in Python."""

import pytest
from brownie.test import strategy
from ledger_twin import LedgerTwin
from long_walk import CAMPAIGN, long_walk, seeds
from reverts import reverts_with
from system import contract

PEOPLE, MODULES = 3, 2
PURSE = 10**9
LIMITS = {
    "st_person": PEOPLE - 1,
    "st_other": PEOPLE - 1,
    "st_module": MODULES - 1,
    "st_peer": MODULES - 1,
    "st_amount": 1_000,
}
SETTINGS = {"max_examples": 4 * CAMPAIGN, "stateful_step_count": 25}


class LedgerMachine:
    """Speaks to the Ledger and to its twin; every refusal of one must be a refusal of the other."""

    token_name = "MockUSD"
    token_arguments: tuple = ()

    st_person = strategy("uint8", max_value=LIMITS["st_person"])
    st_other = strategy("uint8", max_value=LIMITS["st_other"])
    st_module = strategy("uint8", max_value=LIMITS["st_module"])
    st_peer = strategy("uint8", max_value=LIMITS["st_peer"])
    st_amount = strategy("uint32", max_value=LIMITS["st_amount"])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.people = list(accounts[1 : 1 + PEOPLE])
        self.modules = list(accounts[10 : 10 + MODULES])
        self.deployer = accounts[0]
        self.token = contract(self.token_name).deploy(*self.token_arguments, {"from": self.deployer})
        self.ledger = contract("Ledger").deploy(self.token, self.modules, {"from": self.deployer})
        for person in self.people:
            self.token.mint(person, PURSE, {"from": person})
            self.token.approve(self.ledger, PURSE, {"from": person})

    def setup(self):
        self.twin = LedgerTwin(self.arriving)

    def arriving(self, amount: int) -> int:
        """What reaches the recipient of a transfer of this token."""
        return amount

    def rule_deposit(self, st_person, st_other, st_amount):
        payer, account = self.people[st_person], self.people[st_other]
        if self.twin.deposit(account, st_amount):
            self.ledger.deposit(account, st_amount, {"from": payer})
        else:
            with reverts_with("Ledger_NothingReceived", payer, st_amount):
                self.ledger.deposit(account, st_amount, {"from": payer})

    def rule_collect(self, st_person, st_module, st_amount):
        payer, module = self.people[st_person], self.modules[st_module]
        if self.twin.collect(module, st_amount):
            self.ledger.collect(payer, st_amount, {"from": module})
        else:
            with reverts_with("Ledger_NothingReceived", payer, st_amount):
                self.ledger.collect(payer, st_amount, {"from": module})

    def rule_lock(self, st_person, st_module, st_amount):
        account, module = self.people[st_person], self.modules[st_module]
        had = self.twin.accounts[account]
        if self.twin.lock(module, account, st_amount):
            self.ledger.lock(account, st_amount, {"from": module})
        else:
            with reverts_with("Ledger_NotEnough", account, had, st_amount):
                self.ledger.lock(account, st_amount, {"from": module})

    def rule_release(self, st_person, st_module, st_amount):
        account, module = self.people[st_person], self.modules[st_module]
        had = self.twin.locks[module]
        if self.twin.release(module, account, st_amount):
            self.ledger.release(account, st_amount, {"from": module})
        else:
            with reverts_with("Ledger_NotEnough", module, had, st_amount):
                self.ledger.release(account, st_amount, {"from": module})

    def rule_move(self, st_module, st_peer, st_amount):
        giver, taker = self.modules[st_module], self.modules[st_peer]
        had = self.twin.locks[giver]
        if self.twin.move(giver, taker, st_amount):
            self.ledger.move(taker, st_amount, {"from": giver})
        else:
            with reverts_with("Ledger_NotEnough", giver, had, st_amount):
                self.ledger.move(taker, st_amount, {"from": giver})

    def rule_withdraw(self, st_person, st_other, st_amount):
        account, wallet = self.people[st_person], self.people[st_other]
        had = self.twin.accounts[account]
        if self.twin.withdraw(account, st_amount):
            self.ledger.withdraw(wallet, st_amount, {"from": account})
        else:
            with reverts_with("Ledger_NotEnough", account, had, st_amount):
                self.ledger.withdraw(wallet, st_amount, {"from": account})

    def rule_stranger_reaches_for_a_lock(self, st_person, st_amount):
        stranger = self.people[st_person]
        with reverts_with("Ledger_NotModule", stranger):
            self.ledger.release(stranger, st_amount, {"from": stranger})

    def rule_gift(self, st_person, st_amount):
        """Tokens sent past the Ledger's door belong to nobody and harm nobody."""
        self.twin.held += self.arriving(st_amount)
        self.token.transfer(self.ledger, st_amount, {"from": self.people[st_person]})

    def invariant_accounts_and_locks_equal_the_twin(self):
        for person in self.people:
            assert self.ledger.balanceOf(person) == self.twin.accounts[person]
        for module in self.modules:
            assert self.ledger.lockedBy(module) == self.twin.locks[module]

    def invariant_held_is_never_less_than_owed(self):
        held = self.token.balanceOf(self.ledger)
        owed = sum(self.ledger.balanceOf(person) for person in self.people)
        owed += sum(self.ledger.lockedBy(module) for module in self.modules)
        assert held >= owed
        assert held == self.twin.held
        assert held - owed == self.twin.gifts()

    def teardown(self):
        """Everybody can leave: after all locks are released, every account is paid out in full."""
        for module in self.modules:
            self.ledger.release(self.people[0], self.ledger.lockedBy(module), {"from": module})
        for person in self.people:
            self.ledger.withdraw(person, self.ledger.balanceOf(person), {"from": person})
        assert self.token.balanceOf(self.ledger) == self.twin.gifts()


class FeeLedgerMachine(LedgerMachine):
    """The same over a token that keeps three percent of every transfer."""

    token_name = "FeeOnTransferToken"
    token_arguments = (300,)

    def arriving(self, amount: int) -> int:
        return amount - amount * 300 // 10_000


@pytest.mark.parametrize("machine", [LedgerMachine, FeeLedgerMachine])
def test_the_ledger_holds_what_it_owes(state_machine, accounts, machine):
    state_machine(machine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("machine", [LedgerMachine, FeeLedgerMachine])
@pytest.mark.parametrize("seed", seeds(2))
def test_the_ledger_holds_what_it_owes_on_a_long_way(accounts, machine, seed):
    long_walk(machine(accounts), LIMITS, steps=80, seed=seed)
