"""Random offers, gifts, purchases, fair sales, transfers and withdrawals of consent, checked against a twin."""

from contextlib import nullcontext

import pytest
from assets import CAPTURE, EVAL, FOREVER, MODEL, SIM, TRAIN, Terms
from brownie import chain, web3
from brownie.test import strategy
from license_twin import LicenseTwin, Standing
from long_walk import CAMPAIGN, long_walk, seeds
from reverts import ANY, reverts_with
from sales import deal_of, point, sealed, seeded, wrap
from system import DOLLAR, Params, deploy_system, fund

PEOPLE = 3
WINDOW = 20  # seconds to deliver and to dispute
BOOK = (
    Terms(purposes=TRAIN),
    Terms(purposes=TRAIN, max_duration=90, price_floor=2),
    Terms(purposes=TRAIN | EVAL),
    Terms(purposes=SIM),
)
VALUES = {  # how many values each error carries
    "LicenseDesk_NotOwner": 2,
    "LicenseDesk_BelowFloor": 2,
    "LicenseDesk_TooLong": 2,
    "LicenseDesk_Expired": 1,
    "LicenseDesk_NoOffer": 3,
    "LicenseDesk_LicenseRuns": 4,
    "KeyExchange_SellerBuys": 1,
    "KeyExchange_AlreadyLicensed": 3,
    "AssetRegistry_NotOwner": 2,
}
LIMITS = {
    "st_person": PEOPLE - 1,
    "st_other": PEOPLE - 1,
    "st_asset": 1,
    "st_terms": len(BOOK) - 1,
    "st_price": 5,
    "st_length": 120,
    "st_seconds": 60,
    "st_purposes": 15,
    "st_stranger": 5,  # 0: somebody who may not tries it
}
SETTINGS = {"max_examples": 4 * CAMPAIGN, "stateful_step_count": 20}


def agreeing_with(error):
    """Expect the desk to refuse as its twin did, or not to refuse."""
    return reverts_with(error, *[ANY] * VALUES[error]) if error else nullcontext()


class LicenseMachine:
    """Speaks to the desk, the exchange and the registry, and to the twin."""

    st_person = strategy("uint8", max_value=LIMITS["st_person"])
    st_other = strategy("uint8", max_value=LIMITS["st_other"])
    st_asset = strategy("uint8", max_value=LIMITS["st_asset"])
    st_terms = strategy("uint8", max_value=LIMITS["st_terms"])
    st_price = strategy("uint8", max_value=LIMITS["st_price"])
    st_length = strategy("uint8", max_value=LIMITS["st_length"])
    st_seconds = strategy("uint8", max_value=LIMITS["st_seconds"])
    st_purposes = strategy("uint8", max_value=LIMITS["st_purposes"])
    st_stranger = strategy("uint8", max_value=LIMITS["st_stranger"])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.people = list(accounts[1 : 1 + PEOPLE])
        owner = self.people[0]
        self.system = deploy_system(accounts[0], params=Params(delivery_window=WINDOW, dispute_window=WINDOW))
        made = [sealed(owner, bytes(32), f"asset {kind}", kind) for kind in (CAPTURE, MODEL)]
        for one in made:
            self.system.asset_registry.mint(one.call, 0, 0, "0x" + "00" * 20, b"", {"from": owner})
        for terms in BOOK:
            self.system.terms_book.write(terms.call, {"from": owner})
        for person in self.people:
            fund(self.system.token, person, DOLLAR, self.system.ledger)
        self.assets = [one.id for one in made]
        self.desk, self.registry = self.system.license_desk, self.system.asset_registry
        self.standing = Standing(price=3, duration=60, expires_at=FOREVER, epoch=0)
        for asset in self.assets:
            for terms in (1, 2, 3, 4):
                self.desk.offer(asset, terms, 0, (3, 60, FOREVER, 0), {"from": owner})

    def setup(self):
        terms = dict(enumerate(BOOK, 1))
        self.twin = LicenseTwin(terms, dict.fromkeys(self.assets, self.people[0]))
        for asset in self.assets:
            self.twin.offers |= {(asset, self.people[0], number): self.standing for number in terms}
        self.now = web3.eth.get_block("latest")["timestamp"] + 1
        self.sold = 0

    def tick(self, seconds=1):
        """Choose the next block's time, so that the twin knows it too."""
        self.now += seconds
        web3.provider.make_request("evm_setNextBlockTimestamp", [self.now])

    def owner_or(self, asset, st_stranger):
        """The owner, or now and then somebody else."""
        owner = self.twin.owners[asset]
        return owner if st_stranger else self.people[self.people.index(owner) - 1]

    def some_offer(self, asset, st_terms):
        """The terms of an offer that stands; the owner makes one when none does."""
        live = [terms for terms in self.twin.terms if self.twin.live_offer(asset, terms, self.now + 1)]
        if not live:
            self.rule_offer(1, self.assets.index(asset), st_terms, 3, 60, 60)
        return live[st_terms % len(live)] if live else st_terms + 1

    def rule_offer(self, st_stranger, st_asset, st_terms, st_price, st_length, st_seconds):
        asset, terms = self.assets[st_asset], st_terms + 1
        who = self.owner_or(asset, st_stranger)
        self.tick()
        standing = Standing(st_price, st_length, self.now + 1 + 9 * st_seconds, self.twin.epoch(asset))
        offer = (standing.price, standing.duration, standing.expires_at, 0)
        with agreeing_with(self.twin.offer(asset, who, terms, standing)):
            self.desk.offer(asset, terms, 0, offer, {"from": who})

    def rule_close(self, st_stranger, st_asset, st_terms):
        asset, terms = self.assets[st_asset], st_terms + 1
        who = self.owner_or(asset, st_stranger)
        self.tick()
        with agreeing_with(self.twin.close(asset, who, terms)):
            self.desk.closeOffer(asset, terms, 0, {"from": who})

    def rule_grant(self, st_stranger, st_other, st_asset, st_terms, st_length):
        licensee, asset, terms = self.people[st_other], self.assets[st_asset], st_terms + 1
        giver = self.owner_or(asset, st_stranger)
        self.tick()
        until = FOREVER if st_length > 100 else self.now + st_length
        self.keeping(
            asset,
            licensee,
            lambda: self.twin.grant(asset, giver, licensee, terms, until, self.now),
            lambda: self.desk.grant(asset, licensee, terms, until, {"from": giver}),
        )

    def rule_buy(self, st_person, st_asset, st_terms):
        buyer, asset = self.people[st_person], self.assets[st_asset]
        terms = self.some_offer(asset, st_terms)
        self.tick()
        self.keeping(
            asset,
            buyer,
            lambda: self.twin.buy(asset, buyer, terms, self.now),
            lambda: self.desk.buy(asset, terms, DOLLAR, 0, 0, {"from": buyer}),
        )

    def keeping(self, asset, licensee, tell_twin, tell_desk):
        """Do it on both sides; no answer that was yes may become no."""
        asks = [(purpose, self.now + later) for purpose in (TRAIN, EVAL, SIM) for later in (0, 70)]
        before = [self.desk.isAllowed(asset, licensee, *ask) for ask in asks]
        with agreeing_with(tell_twin()):
            tell_desk()
        after = [self.desk.isAllowed(asset, licensee, *ask) for ask in asks]
        assert all(now or not then for then, now in zip(before, after, strict=True))

    def rule_fair_sale(self, st_person, st_stranger, st_asset, st_terms):
        buyer, asset = self.people[st_person], self.assets[st_asset]
        if st_stranger and buyer == self.twin.owners[asset]:
            buyer = self.people[st_person - 1]
        terms = self.some_offer(asset, st_terms)
        exchange, seller = self.system.key_exchange, self.twin.owners[asset]
        self.tick()
        self.sold += 1
        key = point(seeded(f"sale {self.sold}"))
        refusal = self.twin.may_open(asset, buyer, terms, self.now)
        with agreeing_with(refusal):
            deal = deal_of(exchange.open((asset, terms, DOLLAR, 0, 0, *key, 0), {"from": buyer}))
        if refusal:
            return
        delivery = wrap(bytes(32), deal, deal.id(exchange), 7)
        self.tick()
        exchange.deliver(deal.call, delivery.call, {"from": seller})
        self.tick(WINDOW)
        exchange.settle(deal.call, delivery.call, {"from": seller})
        self.twin.settle(asset, buyer, terms, deal.duration, self.now)

    def rule_transfer(self, st_asset, st_other):
        asset, receiver = self.assets[st_asset], self.people[st_other]
        owner = self.twin.owners[asset]
        self.tick()
        self.registry.transferFrom(owner, receiver, int.from_bytes(asset, "big"), {"from": owner})
        self.twin.owners[asset] = receiver

    def rule_revoke(self, st_stranger, st_asset):
        asset = self.assets[st_asset]
        who = self.owner_or(asset, st_stranger)
        self.tick()
        with agreeing_with(self.twin.revoke(asset, who)):
            self.registry.revokeAll(asset, bytes(32), {"from": who})

    def rule_wait(self, st_seconds):
        self.tick(1 + st_seconds)
        chain.mine()

    def rule_ask(self, st_person, st_asset, st_purposes, st_length):
        who, asset, at = self.people[st_person], self.assets[st_asset], self.now + st_length
        assert self.desk.isAllowed(asset, who, st_purposes, at) == self.twin.is_allowed(asset, who, st_purposes, at)

    def invariant_everybody_may_what_the_twin_says(self):
        for asset in self.assets:
            for who in self.people:
                for purposes in (TRAIN, EVAL | SIM):
                    expected = self.twin.is_allowed(asset, who, purposes, self.now)
                    assert self.desk.isAllowed(asset, who, purposes, self.now) == expected

    def invariant_every_license_ends_at_its_second(self):
        for book in (self.twin.grants, self.twin.sales):
            for asset, who in book:
                end = book[asset, who].until
                for at in (end - 1, end):
                    expected = self.twin.is_allowed(asset, who, TRAIN, at)
                    assert self.desk.isAllowed(asset, who, TRAIN, at) == expected

    def teardown(self):
        """No license granted before consent was withdrawn is ever good again, at any time."""
        for asset, who, held in self.twin.ended:
            for at in (0, held.until - 1):
                expected = self.twin.is_allowed(asset, who, TRAIN, at)
                assert self.desk.isAllowed(asset, who, TRAIN, at) == expected
                assert held.epoch < self.registry.saleInfo(asset)[1]


def test_licenses_follow_consent(state_machine, accounts):
    state_machine(LicenseMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_licenses_follow_consent_on_a_long_way(accounts, seed):
    long_walk(LicenseMachine(accounts), LIMITS, steps=80, seed=seed)
