"""Random sales between honest and dishonest people, each checked against a twin: every sale ends once, and fairly."""

from dataclasses import dataclass

import pytest
from assets import CAPTURE, MODEL
from brownie import chain, reverts
from brownie.test import strategy
from long_walk import CAMPAIGN, long_walk, seeds
from reverts import ANY, reverts_with
from sales import (
    DELIVERED,
    NONE,
    NOWHERE,
    OPEN,
    REFUNDED,
    SETTLED,
    Deal,
    Delivery,
    deal_of,
    deliver,
    dispute,
    order,
    point,
    put_on_sale,
    seeded,
)
from system import deploy_system, fund

STEP = 1_300  # seconds; no sum of steps comes near a window's end, so a slow machine decides nothing
PRICES = (1_000, 777)
BOND_BPS = (2_500, 0)
BONDS = (250, 0)
DEPOSIT = 10**6  # the seller's account at the start: what his bonds are locked from
LIFETIME = 40_000
UNDELIVERED = Delivery(*NOWHERE)
LIMITS = {"st_asset": 1, "st_buyer": 1, "st_right": lambda dice: dice.random() < 0.5, "st_steps": (1, 6)}
SETTINGS = {"max_examples": 4 * CAMPAIGN, "stateful_step_count": 25}


@dataclass
class SaleTwin:
    """What the exchange must believe of one sale."""

    stage: int = NONE
    deal: Deal | None = None
    delivery: Delivery = UNDELIVERED
    right: bool = False
    deadline: int = 0
    until: int = 0
    ends: int = 0


class SalesMachine:
    """One seller with a capture and a model, two buyers, and anybody who likes to push a button."""

    st_asset = strategy("uint8", max_value=1)
    st_buyer = strategy("uint8", max_value=1)
    st_right = strategy("bool")
    st_steps = strategy("uint8", min_value=1, max_value=6)

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.seller, self.buyers, self.anyone = accounts[1], [accounts[2], accounts[3]], accounts[4]
        self.system = deploy_system(accounts[0])
        self.exchange, self.ledger = self.system.key_exchange, self.system.ledger
        self.wares = [
            put_on_sale(self.system, self.seller, PRICES[0], "capture", CAPTURE, LIFETIME, BOND_BPS[0]),
            put_on_sale(self.system, self.seller, PRICES[1], "model", MODEL, LIFETIME, BOND_BPS[1]),
        ]
        for person in (self.seller, *self.buyers):
            fund(self.system.token, person, 10**9, self.ledger)
        self.ledger.deposit(self.seller, DEPOSIT - self.ledger.balanceOf(self.seller), {"from": self.seller})

    def setup(self):
        self.sales = {(asset, buyer): SaleTwin() for asset in (0, 1) for buyer in (0, 1)}
        self.withdrawn: list[list[int]] = [[], []]  # when each consent epoch of an asset ended
        self.old: list[tuple[Deal, Delivery]] = []
        self.earned, self.back, self.deals = [0, 0], [0, 0], set()
        self.bonds = 0  # what the seller's account gained or lost by bonds

    def secret(self, buyer):
        return seeded(f"buyer {buyer}")

    def stands(self, asset, sale):
        """Whether the consent a sale was opened under was not withdrawn since."""
        return sale.deal.consent_epoch == len(self.withdrawn[asset])

    def ended(self, asset, sale):
        """When that consent was withdrawn."""
        return self.withdrawn[asset][sale.deal.consent_epoch]

    def end(self, key, stage, bonds_to=None):
        """Move the money of a sale that ended: each has his bond back unless one of the two has both."""
        sale = self.sales[key]
        sale.stage, sale.ends = stage, sale.ends + 1
        self.old.append((sale.deal, sale.delivery))
        if stage == SETTLED:
            self.earned[key[0]] += sale.deal.price
        else:
            self.back[key[1]] += sale.deal.price
        self.back[key[1]] += {None: 1, "seller": 0, "buyer": 2}[bonds_to] * sale.deal.bond
        self.bonds += {None: 1, "seller": 2, "buyer": 0}[bonds_to] * sale.deal.bond
        assert sale.ends == 1

    def rule_open(self, st_asset, st_buyer):
        sale, ware, buyer = self.sales[st_asset, st_buyer], self.wares[st_asset], self.buyers[st_buyer]
        key = point(self.secret(st_buyer))
        call = (order(ware, key), {"from": buyer})
        chain.sleep(1)
        if sale.stage in (OPEN, DELIVERED):
            with reverts_with("KeyExchange_WrongStage", ANY, sale.stage):
                self.exchange.open(*call)
        elif sale.stage == SETTLED and (
            chain.time() == sale.until or (self.stands(st_asset, sale) and chain.time() < sale.until)
        ):
            with reverts_with("KeyExchange_AlreadyLicensed", ware.id, buyer, sale.until):
                self.exchange.open(*call)
        else:
            tx = self.exchange.open(*call)
            deal = deal_of(tx)
            assert deal.id(self.exchange) not in self.deals
            self.deals.add(deal.id(self.exchange))
            deadline = tx.timestamp + self.exchange.deliveryWindow()
            self.sales[st_asset, st_buyer] = SaleTwin(OPEN, deal, deadline=deadline)
            assert deal.bond == BONDS[st_asset]
            self.bonds -= deal.bond

    def rule_deliver(self, st_asset, st_buyer, st_right):
        sale, ware = self.sales[st_asset, st_buyer], self.wares[st_asset]
        if sale.deal is None:
            return
        root_key = ware.root_key if st_right else b"\xbd" * 32
        if sale.stage != OPEN:
            with reverts_with("KeyExchange_WrongStage", ANY, sale.stage):
                deliver(self.system, sale.deal, root_key, self.seller)
        elif chain.time() >= sale.deadline:
            with reverts_with("KeyExchange_TooLate", sale.deadline):
                deliver(self.system, sale.deal, root_key, self.seller)
        else:
            sale.delivery = deliver(self.system, sale.deal, root_key, self.seller, ephemeral=len(self.deals) + 1)
            sale.stage, sale.right = DELIVERED, st_right
            sale.deadline = chain[-1].timestamp + self.exchange.disputeWindow()

    def rule_dispute(self, st_asset, st_buyer):
        """An honest buyer with a wrong key recovers, with both bonds; a dishonest one with a right key loses his."""
        sale, ware, buyer = self.sales[st_asset, st_buyer], self.wares[st_asset], self.buyers[st_buyer]
        if sale.deal is None or sale.delivery == UNDELIVERED:
            return
        arguments = (self.system, ware, sale.deal, sale.delivery, self.secret(st_buyer), buyer)
        if sale.stage != DELIVERED:
            with reverts_with("KeyExchange_WrongStage", ANY, sale.stage):
                dispute(*arguments)
        elif chain.time() >= sale.deadline:
            with reverts_with("KeyExchange_TooLate", sale.deadline):
                dispute(*arguments)
        elif not sale.right:
            dispute(*arguments)
            self.end((st_asset, st_buyer), REFUNDED, "buyer")
        elif not self.stands(st_asset, sale):
            with reverts_with("KeyExchange_ConsentRevoked", sale.deal.consent_epoch, self.ended(st_asset, sale)):
                dispute(*arguments)
        else:
            sale.until = dispute(*arguments).timestamp + LIFETIME
            self.end((st_asset, st_buyer), SETTLED, "seller")

    def rule_settle(self, st_asset, st_buyer):
        sale = self.sales[st_asset, st_buyer]
        if sale.deal is None:
            return
        call = (sale.deal.call, sale.delivery.call, {"from": self.anyone})
        if sale.stage != DELIVERED:
            with reverts_with("KeyExchange_WrongStage", ANY, sale.stage):
                self.exchange.settle(*call)
        elif chain.time() < sale.deadline:
            with reverts_with("KeyExchange_TooEarly", sale.deadline):
                self.exchange.settle(*call)
        elif not self.stands(st_asset, sale):
            with reverts_with("KeyExchange_ConsentRevoked", sale.deal.consent_epoch, self.ended(st_asset, sale)):
                self.exchange.settle(*call)
        else:
            tx = self.exchange.settle(*call)
            sale.until = tx.timestamp + LIFETIME
            self.end((st_asset, st_buyer), SETTLED)

    def rule_sell(self, st_asset, st_buyer):
        """A whole honest sale, which single steps seldom come to."""
        self.rule_open(st_asset, st_buyer)
        if self.sales[st_asset, st_buyer].stage == OPEN:
            self.rule_deliver(st_asset, st_buyer, st_right=True)
            self.rule_wait(6)
            self.rule_settle(st_asset, st_buyer)

    def rule_timeout(self, st_asset, st_buyer):
        sale = self.sales[st_asset, st_buyer]
        if sale.deal is None:
            return
        if sale.stage != OPEN:
            with reverts_with("KeyExchange_WrongStage", ANY, sale.stage):
                self.exchange.timeoutRefund(sale.deal.call, {"from": self.anyone})
        elif chain.time() < sale.deadline:
            with reverts_with("KeyExchange_TooEarly", sale.deadline):
                self.exchange.timeoutRefund(sale.deal.call, {"from": self.anyone})
        else:
            self.exchange.timeoutRefund(sale.deal.call, {"from": self.anyone})
            self.end((st_asset, st_buyer), REFUNDED, "buyer")

    def rule_revoke(self, st_asset):
        """The owner ends all licenses and offers anew."""
        ware = self.wares[st_asset]
        withdrawn = self.system.asset_registry.revokeAll(ware.id, bytes(32), {"from": self.seller})
        offer = (ware.price, LIFETIME, 2**40 - 1, BOND_BPS[st_asset])
        self.system.license_desk.offer(ware.id, ware.terms, 0, offer, {"from": self.seller})
        self.withdrawn[st_asset].append(withdrawn.timestamp)

    def rule_consent_refund(self, st_asset, st_buyer):
        sale = self.sales[st_asset, st_buyer]
        if sale.deal is None:
            return
        call = (sale.deal.call, sale.delivery.call, {"from": self.anyone})
        if sale.stage not in (OPEN, DELIVERED):
            with reverts_with("KeyExchange_WrongStage", ANY, sale.stage):
                self.exchange.consentRefund(*call)
        elif self.stands(st_asset, sale):
            with reverts_with("KeyExchange_ConsentStands", sale.deal.consent_epoch):
                self.exchange.consentRefund(*call)
        elif sale.stage == DELIVERED and chain.time() < sale.deadline:
            with reverts_with("KeyExchange_TooEarly", sale.deadline):
                self.exchange.consentRefund(*call)
            self.exchange.consentRefund(*call[:-1], {"from": self.buyers[st_buyer]})
            self.end((st_asset, st_buyer), REFUNDED)
        else:
            self.exchange.consentRefund(*call)
            late = sale.stage == OPEN and self.ended(st_asset, sale) >= sale.deadline
            self.end((st_asset, st_buyer), REFUNDED, "buyer" if late else None)

    def rule_replay(self, st_asset, st_buyer):
        """A delivery, or a whole sale, of the past moves nothing."""
        sale = self.sales[st_asset, st_buyer]
        for deal, delivery in self.old[-3:]:
            for given in (deal, sale.deal):
                if given is None or (given, delivery) == (sale.deal, sale.delivery):
                    continue
                with reverts(revert_pattern="KeyExchange_Wrong(Stage|Deal): .*"):
                    self.exchange.settle(given.call, delivery.call, {"from": self.anyone})

    def rule_wait(self, st_steps):
        chain.sleep(st_steps * STEP)
        chain.mine()

    def invariant_stages_equal_the_twin(self):
        for (asset, buyer), sale in self.sales.items():
            stage, deadline, *_ = self.exchange.saleOf(self.wares[asset].id, self.buyers[buyer])
            assert stage == sale.stage
            if stage in (OPEN, DELIVERED):
                assert deadline == sale.deadline

    def invariant_what_is_locked_is_what_is_open(self):
        running = (
            sale.deal.price + 2 * sale.deal.bond for sale in self.sales.values() if sale.stage in (OPEN, DELIVERED)
        )
        assert self.ledger.lockedBy(self.exchange) == sum(running)

    def invariant_everybody_has_what_is_theirs(self):
        assert self.ledger.balanceOf(self.seller) == DEPOSIT + self.bonds
        assert self.ledger.lockedBy(self.system.escrow) == sum(self.earned)  # every license has an end
        for buyer, back in zip(self.buyers, self.back, strict=True):
            assert self.ledger.balanceOf(buyer) == back

    def teardown(self):
        """Every sale still running has an exit that anybody can take."""
        chain.sleep(6 * STEP)
        for (asset, buyer), sale in self.sales.items():
            if sale.stage == OPEN:
                self.rule_timeout(asset, buyer)
            elif sale.stage == DELIVERED and not self.stands(asset, sale):
                self.rule_consent_refund(asset, buyer)
            elif sale.stage == DELIVERED:
                self.rule_settle(asset, buyer)
        assert self.ledger.lockedBy(self.exchange) == 0


def test_every_sale_ends_once(state_machine, accounts):
    state_machine(SalesMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_every_sale_ends_once_on_a_long_way(accounts, seed):
    machine = SalesMachine(accounts)

    long_walk(machine, LIMITS, steps=120, seed=seed)

    assert sum(machine.earned) > 0, "the walk never came to the end of an honest sale"
