"""A town that settles in a hostile token, and every way in which money moves through it.

A way is a generator: it yields once, between what takes money from wallets and what pays it out again, so that a test
can let the token turn hostile before it or in the middle of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from assets import COMPUTE_ONLY, FOREVER, MODEL, mint, write_terms
from brownie import chain
from marks import DAYS, Marked
from nodes import COMPUTE, KEY, STORE
from omissions import NO_COMMITMENT, as_filing, buy_key, license_set, places, state
from payouts import REF, as_asset, claim, publish, to_account
from previews import Shown
from reflexes import ROBOT, Served
from runs import PROGRAM, Limits
from sales import ANY_SHARE, ENOUGH, deliver, dispute, dispute_leaf, open_sale, put_on_sale, seeded, settle
from sealed_bytes import SealedBytes
from system import contract, deploy_system

from thenar.domain.ids import Address
from thenar.domain.marking import Secrets
from thenar.domain.marks import Mark

HOSTILE = (
    "BlocklistToken",
    "FalseReturnToken",
    "FeeOnTransferToken",
    "NoReturnToken",
    "PausableToken",
    "ReentrantToken",
    "SenderFeeToken",
)
SWITCHED = tuple(name for name in HOSTILE if name not in {"FeeOnTransferToken", "NoReturnToken"})
"""Those that behave until they are told not to."""
PRICE = 1_000_000
SECRET = seeded("hostile")
RATE, EPOCH = 100, 600
YEAR = 365 * 86_400
PLAIN = bytes(range(200)) * 4


class Town:
    """Carol sells, Mallory buys, and Dave has money of his own in the Ledger that nobody must touch."""

    def __init__(self, token: str, deployer: Any, carol: Any, dave: Any, mallory: Any) -> None:
        arguments = (100,) if token == "FeeOnTransferToken" else ()
        self.system = deploy_system(deployer, contract(token).deploy(*arguments, {"from": deployer}))
        self.carol, self.dave, self.mallory = carol, dave, mallory
        self.actor = contract("Actor").deploy({"from": deployer})
        for person in (carol, dave, mallory, self.actor):
            self.system.token.mint(person, 10**9, {"from": deployer})
        for person in (carol, dave, mallory):
            self.system.token.approve(self.system.ledger, 10**12, {"from": person})
            self.system.ledger.deposit(person, 20 * PRICE, {"from": person})
        self.system.ledger.deposit(self.actor, PRICE, {"from": dave})
        self.model = put_on_sale(self.system, carol, PRICE, f"model for {token}", MODEL)
        self.trusted = self.system.ledger.balanceOf(dave)

    @property
    def modules(self) -> list[Any]:
        """Everybody who may lock money."""
        system = self.system
        found = [system.license_desk, system.key_exchange, system.revenue_graph, system.node_registry, system.escrow]
        found += [system.live_desk, system.omission_court, system.preview_desk, system.mark_desk]
        return [*found, system.reflex_desk, system.run_desk]

    def held_covers_owed(self) -> bool:
        """Whatever the token did, what is held covers accounts and locks."""
        ledger = self.system.ledger
        owed = sum(ledger.balanceOf(one) for one in (self.carol, self.dave, self.mallory, self.actor))
        return bool(self.system.token.balanceOf(ledger) >= owed + sum(map(ledger.lockedBy, self.modules)))

    def turn(self, token: str) -> None:
        """From now on the token does its worst to whatever comes and goes."""
        coin, ledger, sender = self.system.token, self.system.ledger, {"from": self.dave}
        if token == "BlocklistToken":
            for one in (ledger, self.carol, self.mallory):
                coin.setBlocked(one, True, sender)
        elif token == "FalseReturnToken":
            coin.setRefusing(True, sender)
        elif token == "PausableToken":
            coin.setPaused(True, sender)
        elif token == "SenderFeeToken":
            coin.setCharging(True, sender)
        elif token == "ReentrantToken":
            again = ledger.withdraw.encode_input(self.mallory, PRICE)
            coin.arm(self.actor, self.actor.run.encode_input(ledger, again), sender)

    def ware(self, label: str, garbage: bool = False, **offered: Any) -> tuple[Any, SealedBytes]:
        """Put a sealed capture of Carol's on sale, its only leaf garbage or not."""
        spoiled = {0: b"garbage"} if garbage else {}
        file = SealedBytes.of(PLAIN, seeded(label).to_bytes(32, "big"), spoiled)
        return put_on_sale(self.system, self.carol, PRICE, label, file=file, **offered), file


Way = Callable[[Town], Iterator[None]]


def deposit(town: Town) -> Iterator[None]:
    """Into an account, by permission and without, and out of it."""
    ledger, mallory = town.system.ledger, {"from": town.mallory}
    ledger.deposit(town.mallory, PRICE, mallory)
    ledger.depositWithPermit(town.mallory, PRICE, 0, 27, bytes(32), bytes(32), mallory)
    yield
    ledger.withdraw(town.mallory, PRICE, mallory)


def payment(town: Town) -> Iterator[None]:
    """Mallory pays a model whose payout is all his, and another that has none."""
    graph, bare = town.system.revenue_graph, mint(town.system.asset_registry, town.carol, "bare", MODEL)
    tree = publish(graph, town.model.id, [to_account(town.mallory, 1)], town.carol)
    graph.pay(town.model.id, PRICE, REF, {"from": town.mallory})
    graph.pay(bare, PRICE, REF, {"from": town.mallory})
    yield
    claim(graph, tree, 0, town.mallory)
    graph.takeOwn(bare, {"from": town.mallory})


def license_without_end(town: Town) -> Iterator[None]:
    """A license that needs no key, ended by its owner."""
    desk, ware = town.system.license_desk, town.model
    desk.buy(ware.id, ware.terms, ENOUGH, ANY_SHARE, 0, {"from": town.mallory})
    yield
    town.system.revenue_graph.takeOwn(ware.id, {"from": town.carol})


def license_with_an_end(town: Town) -> Iterator[None]:
    """Its price goes through the escrow, second by second, until consent is withdrawn."""
    desk, escrow, (ware, _) = town.system.license_desk, town.system.escrow, town.ware("for a year", duration=YEAR)
    bought = desk.buy(ware.id, ware.terms, ENOUGH, ANY_SHARE, 0, {"from": town.mallory})
    stream = bought.events["StreamStarted"]["stream"]
    yield
    chain.sleep(YEAR // 4)
    escrow.collect(stream, {"from": town.carol})
    town.system.asset_registry.revokeAll(ware.id, bytes(32), {"from": town.carol})
    escrow.refund(stream, {"from": town.mallory})


def sale(town: Town) -> Iterator[None]:
    """A fair sale under bonds, from opening to settlement."""
    ware, _ = town.ware("sold", bond_bps=5_000)
    deal = open_sale(town.system, ware, town.mallory, SECRET)
    yield
    settle(town.system, deal, deliver(town.system, deal, ware.root_key, town.carol), town.carol)


def sale_without_a_key(town: Town) -> Iterator[None]:
    """No key comes."""
    ware, _ = town.ware("kept", bond_bps=5_000)
    deal = open_sale(town.system, ware, town.mallory, SECRET)
    yield
    chain.sleep(town.system.key_exchange.deliveryWindow() + 60)
    town.system.key_exchange.timeoutRefund(deal.call, {"from": town.mallory})


def sale_without_consent(town: Town) -> Iterator[None]:
    """Consent ends before the sale does."""
    ware, _ = town.ware("withdrawn", bond_bps=5_000)
    deal = open_sale(town.system, ware, town.mallory, SECRET)
    delivery = deliver(town.system, deal, ware.root_key, town.carol)
    yield
    town.system.asset_registry.revokeAll(ware.id, bytes(32), {"from": town.carol})
    town.system.key_exchange.consentRefund(deal.call, delivery.call, {"from": town.mallory})


def sale_of_a_wrong_key(town: Town) -> Iterator[None]:
    """The key opens nothing; another buyer complains about the right one."""
    ware, _ = town.ware("locked", bond_bps=5_000)
    deal, other = (open_sale(town.system, ware, who, SECRET) for who in (town.mallory, town.dave))
    yield
    wrong = deliver(town.system, deal, bytes(32), town.carol)
    dispute(town.system, ware, deal, wrong, SECRET, town.mallory)
    right = deliver(town.system, other, ware.root_key, town.carol)
    dispute(town.system, ware, other, right, SECRET, town.dave)


def sale_of_garbage(town: Town) -> Iterator[None]:
    """The key is right and what it opens is not."""
    ware, file = town.ware("garbage", garbage=True, bond_bps=5_000)
    deal = open_sale(town.system, ware, town.mallory, SECRET)
    delivery = deliver(town.system, deal, ware.root_key, town.carol)
    yield
    dispute_leaf(town.system, ware, deal, delivery, SECRET, file.opening(0, 0), town.mallory)


def _shown(town: Town, label: str, garbage: bool = False) -> Shown:
    ware, file = town.ware(label, garbage)
    return Shown(town.system, file, ware.made, town.carol, town.mallory)


def preview(town: Town) -> Iterator[None]:
    """A preview that is opened and closed, and one that nobody opens."""
    shown, unopened = _shown(town, "shown"), _shown(town, "unopened")
    opened, waiting = shown.ask(count=1), unopened.ask(count=1)
    yield
    keys = shown.open(opened)
    chain.sleep(town.system.preview_desk.disputeWindow() + 1)
    town.system.preview_desk.closePreview(opened.call, keys.call, {"from": town.carol})
    chain.mine(258)
    town.system.preview_desk.expirePreview(waiting.call, {"from": town.mallory})


def preview_of_garbage(town: Town) -> Iterator[None]:
    """A preview that convicts its seller."""
    shown = _shown(town, "garbled", garbage=True)
    asked = shown.ask(count=1)
    yield
    shown.dispute(asked, shown.open(asked), 0, 0)


def marked_copy(town: Town) -> Iterator[None]:
    """A marked copy whose leak is found, one whose owner says nothing, and one nobody finds."""
    ends = [_marked(town, f"copy {number}") for number in range(3)]
    yield
    leak = ends[0].reading()
    for found in ends[:2]:
        found.show(leak)
    ends[0].answer(leak)
    chain.sleep(91 * DAYS)
    ends[1].desk.lapse(ends[1].call, {"from": town.mallory})
    ends[2].desk.release(ends[2].call, {"from": town.mallory})


def _marked(town: Town, label: str) -> Marked:
    system, (ware, _) = town.system, town.ware(label)
    buy_key(system, ware, town.carol, town.mallory)
    secrets = Secrets.of(label.encode().ljust(32, b"\0"))
    people = Address(str(town.carol)), Address(str(town.mallory))
    until = chain[-1].timestamp + 90 * DAYS
    mark = Mark(as_asset(ware.id), *people, secrets.tree.root, PRICE, until, 4_000)
    return Marked(system, town.carol, town.mallory, town.mallory, mark, secrets).held()


def live(town: Town) -> Iterator[None]:
    """A stream by the second, topped up, collected from and stopped."""
    desk, system, mallory = town.system.live_desk, town.system, {"from": town.mallory}
    hand = mint(system.asset_registry, town.carol, "hand")
    desk.openStream(hand, write_terms(system.terms_book, town.carol), RATE, EPOCH, {"from": town.carol})
    stream = desk.count()
    desk.subscribe(stream, 3 * RATE * EPOCH, RATE, 1, 2, mallory)
    desk.topUp(stream, RATE * EPOCH, mallory)
    yield
    chain.sleep(2 * EPOCH)
    desk.collect(stream, town.mallory, {"from": town.carol})
    desk.stop(stream, town.mallory, mallory)


def stake(town: Town) -> Iterator[None]:
    """A node's stake, in two parts, and out again."""
    nodes, mallory = town.system.node_registry, {"from": town.mallory}
    least = nodes.minimumStake()
    nodes.register(KEY, STORE, least * 2, mallory)
    nodes.addStake(least, mallory)
    yield
    nodes.unbond(nodes.nodeOf(town.mallory)["stake"], mallory)
    chain.sleep(nodes.unbondingPeriod() + 1)
    nodes.withdrawStake(mallory)


def calls(town: Town) -> Iterator[None]:
    """A channel to a node that answers with a model: topped up, drawn from by a voucher, settled."""
    system, carol, mallory = town.system, {"from": town.carol}, {"from": town.mallory}
    desk, nodes = system.reflex_desk, system.node_registry
    nodes.register(KEY, COMPUTE, 2 * nodes.minimumStake(), carol)
    policy = mint(system.asset_registry, town.carol, "policy", MODEL)
    desk.serve(policy, PRICE, 300_000, PRICE, 900, carol)
    desk.open(town.carol, policy, ROBOT.address, PRICE, PRICE, chain[-1].timestamp + 5_000, mallory)
    number = desk.count()
    desk.topUp(number, PRICE, mallory)
    yield
    signature = Served(desk, policy, town.carol).voucher(number, town.mallory, PRICE)
    desk.redeem(number, PRICE, 7, signature, carol)
    desk.settle(number, carol)


def runs(town: Town) -> Iterator[None]:
    """Three runs of an approved program: one paid to the asset, one burnt, one given back."""
    system, carol, mallory = town.system, {"from": town.carol}, {"from": town.mallory}
    desk = system.run_desk
    terms = write_terms(system.terms_book, town.carol, purposes=COMPUTE_ONLY)
    kitchen = mint(system.asset_registry, town.carol, "kitchen")
    system.license_desk.grant(kitchen, town.mallory, terms, FOREVER, carol)
    desk.approve(kitchen, PROGRAM, Limits(price=PRICE).call, carol)
    for part in range(3):
        desk.order(kitchen, PROGRAM, part, PRICE, 7, 8, mallory)
    paid, burnt, back = range(desk.count() - 2, desk.count() + 1)
    yield
    for run in (paid, burnt):
        desk.deliver(run, town.mallory, b"\x55" * 32, carol)
    desk.settle(paid, mallory)
    desk.reject(burnt, mallory)
    desk.refund(back, carol)
    system.revenue_graph.takeOwn(kitchen, carol)


def payout_bonds(town: Town) -> Iterator[None]:
    """Two payouts under bonds: one that leaves a license out, and an honest one."""
    system, (ware, _) = town.system, town.ware("left out")
    buy_key(system, ware, town.carol, town.mallory)
    blind, honest = (mint(system.asset_registry, town.mallory, label, MODEL) for label in ("blind", "honest"))
    filed = [
        state(system, blind, town.mallory, license_set([b"\x01" * 32, b"\xff" * 32]), PRICE),
        state(system, honest, town.mallory, license_set([ware.id]), PRICE),
    ]
    yield
    left_out = (ware.id, 0, str(town.mallory), NO_COMMITMENT.call)
    beside = places(*license_set([b"\x01" * 32, b"\xff" * 32]).beside(as_asset(ware.id)))
    system.omission_court.proveOmission(as_filing(filed[0]), left_out, beside, {"from": town.carol})
    chain.sleep(system.omission_court.challengeWindow() + 2 * system.omission_court.answerWindow() + 1)
    system.omission_court.returnBond(as_filing(filed[1]), {"from": town.mallory})


WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        payment,
        license_without_end,
        license_with_an_end,
        sale,
        sale_without_a_key,
        sale_without_consent,
        sale_of_a_wrong_key,
        sale_of_garbage,
        preview,
        preview_of_garbage,
        marked_copy,
        live,
        stake,
        calls,
        runs,
        payout_bonds,
    )
}
"""Ways whose money comes back to accounts in the Ledger; `deposit` is the one that ends at the token."""
