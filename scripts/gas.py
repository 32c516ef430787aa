"""Measure what every action costs and write reports/gas.json and docs/gas.md. Run it as `make gas`.

All figures are `gasUsed` of receipts on a fresh anvil, so they include the 21,000 of the transaction and its calldata.
*First* is an action on storage nobody has touched, *next* the same action in the steady state. Nobody's approval is
ever used up and nobody's wallet emptied, because both would earn a refund and flatter the figures.
"""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from assets import MODEL, commitment, device_message, domain, mint, sign
from brownie import accounts, chain, history
from eth_account import Account
from gas_targets import ROWS, table
from nodes import KEY, STORE
from payouts import as_call, scope, to_account, to_owner
from sales import ANY_SHARE, ENOUGH, deal_of, deliver, dispute, point, put_on_sale, seeded, settle
from system import DOLLAR, System, deploy_system

from thenar.domain.sumtree import Share, SumTree

ROOT = Path(__file__).resolve().parent.parent
PLENTY = 2**128
ZERO_ADDRESS = "0x" + "00" * 20
DEVICE_KEY = "0x" + "d1" * 32
LEAVES = 2**20
LICENSES, MANIFEST = b"\x4c" * 32, b"\x4d" * 32

Pair = dict[str, int]


def pair(first: Any, following: Any) -> Pair:
    """Return the gas of two transactions, or of two lists of transactions that belong together."""

    def used(what: Any) -> int:
        return sum(int(tx.gas_used) for tx in (what if isinstance(what, list) else [what]))

    return {"first": used(first), "next": used(following)}


@dataclass
class Bench:
    """A deployed system and its people."""

    system: System
    ana: Any
    ben: Any
    chidi: Any
    dora: Any

    @classmethod
    def set_up(cls) -> Bench:
        """Deploy everything and give everybody money and approvals that never run out."""
        system = deploy_system(accounts[0])
        people = accounts[1:5]
        for person in people:
            system.token.mint(person, PLENTY, {"from": person})
            system.token.approve(system.ledger, 2**256 - 1, {"from": person})
        return cls(system, *people)

    def mint(self, label: str, kind: int = 0) -> bytes:
        """Mint one of Ana's assets."""
        return mint(self.system.asset_registry, self.ana, label, kind)

    def pay(self, asset: bytes, amount: int = 1_000 * DOLLAR) -> Any:
        """Let Dora pay an asset."""
        return self.system.revenue_graph.pay(asset, amount, bytes(32), {"from": self.dora})


def minting(bench: Bench) -> dict[str, Pair]:
    """Mint with the signature of a capturing device, and without."""
    registry = bench.system.asset_registry
    device = Account.from_key(DEVICE_KEY).address

    def signed(author: Any, label: str) -> Any:
        made = commitment(author, label)
        signature = sign(DEVICE_KEY, device_message(made, domain(chain.id, registry)))
        return registry.mint(made.call, 0, 500, device, signature, {"from": author})

    def plain(author: Any, label: str) -> Any:
        return registry.mint(commitment(author, label).call, 0, 500, ZERO_ADDRESS, b"", {"from": author})

    return {
        "mint": pair(signed(bench.ben, "m1"), signed(bench.ben, "m2")),
        "mint_plain": pair(plain(bench.chidi, "m3"), plain(bench.chidi, "m4")),
    }


def account_money(bench: Bench) -> dict[str, Pair]:
    """Deposit to and withdraw from an account that does not empty."""
    ledger, sender = bench.system.ledger, {"from": bench.ben}
    deposits = pair(*(ledger.deposit(bench.ben, 100, sender) for _ in range(2)))
    return {"deposit": deposits, "withdraw": pair(*(ledger.withdraw(bench.ben, 10, sender) for _ in range(2)))}


def licensing(bench: Bench) -> dict[str, Pair]:
    """Offer, buy and grant licenses, and end them all."""
    system, owner = bench.system, {"from": bench.ana}
    desk, registry = system.license_desk, system.asset_registry
    ware = put_on_sale(system, bench.ana, 10 * DOLLAR, "on offer")
    terms = (10 * DOLLAR, 0, 2**40 - 1)
    other = bench.mint("newly offered")
    offers = pair(*(desk.offer(other, ware.terms, terms, owner) for _ in range(2)))

    def buy(buyer: Any) -> Any:
        return desk.buy(ware.id, ware.terms, ENOUGH, ANY_SHARE, 0, {"from": buyer})

    buys = pair(buy(bench.ben), buy(bench.chidi))
    grants = pair(*(desk.grant(other, who, ware.terms, 2**40 - 1, owner) for who in (bench.ben, bench.chidi)))
    revokes = pair(*(registry.revokeAll(ware.id, owner) for _ in range(2)))
    return {"offer": offers, "buy": buys, "grant": grants, "revoke_all": revokes}


def sales(bench: Bench) -> dict[str, Pair]:
    """Sell a key fairly, and dispute a wrong one."""
    system = bench.system

    def opened(ware: Any, buyer: Any) -> Any:
        secret = seeded(str(buyer))
        return system.key_exchange.open(ware.id, ware.terms, ENOUGH, ANY_SHARE, 0, *point(secret), {"from": buyer})

    def honest(ware: Any, seller: Any, buyer: Any) -> list[Any]:
        opening = opened(ware, buyer)
        deal = deal_of(opening)
        delivery = deliver(system, deal, ware.root_key, seller)
        return [opening, history[-1], settle(system, deal, delivery, seller)]

    def cheated(ware: Any, seller: Any, buyer: Any) -> Any:
        deal = deal_of(opened(ware, buyer))
        delivery = deliver(system, deal, bytes(32), seller)
        return dispute(system, ware, deal, delivery, seeded(str(buyer)), buyer)

    good = put_on_sale(system, bench.chidi, 10 * DOLLAR, "sealed")
    bad = [put_on_sale(system, bench.ana, 10 * DOLLAR, f"wrong {number}") for number in range(2)]
    derived = put_on_sale(system, bench.chidi, 10 * DOLLAR, "sealed model", MODEL)
    return {
        "sale_honest": pair(honest(good, bench.chidi, bench.ben), honest(good, bench.chidi, bench.dora)),
        "sale_derived": pair(honest(derived, bench.chidi, bench.ben), honest(derived, bench.chidi, bench.dora)),
        "dispute_key": pair(*(cheated(ware, bench.ana, bench.dora) for ware in bad)),
    }


def graph(bench: Bench) -> dict[str, Pair]:
    """Pay, link and roll."""
    revenue = bench.system.revenue_graph
    parents = sorted(bench.mint(f"parent {number}") for number in range(33))
    one, many = bench.mint("model 1", MODEL), bench.mint("model 16", MODEL)
    owner = {"from": bench.ana}

    def link(child: bytes, linked: list[bytes]) -> Any:
        return revenue.link(child, [(parent, 20_000) for parent in linked], owner)

    first_1, first_16 = link(one, parents[:1]), link(many, parents[1:17])
    first_pay = bench.pay(one)
    found = {"pay": pair(first_pay, bench.pay(one))}
    bench.pay(many)
    found["link_1"] = pair(first_1, link(one, parents[1:2]))
    found["link_16"] = pair(first_16, link(many, parents[17:33]))
    first_roll = revenue.roll(one, parents[0], {"from": bench.ben})
    bench.pay(one)
    found["roll"] = pair(first_roll, revenue.roll(one, parents[0], {"from": bench.ben}))
    return found


def payouts(bench: Bench) -> dict[str, Pair]:
    """Publish 2^20 weights and claim two of them: one names an account, one whoever owns an asset."""
    revenue, owner = bench.system.revenue_graph, {"from": bench.ana}
    asset, capture = bench.mint("policy", MODEL), mint(bench.system.asset_registry, accounts[6], "skin of a finger")
    bench.pay(asset)
    shares = [Share(to_account(bench.ana, 1).kind, number.to_bytes(32, "big"), 1 + number * 7919 % 1_000_003)
              for number in range(1, LEAVES + 1)]  # fmt: skip
    places = {"claim_depth20": 654_321, "claim_depth20_owner": 123_456}
    shares[places["claim_depth20"]] = to_account(accounts[5], 400_000)
    shares[places["claim_depth20_owner"]] = to_owner(capture, 400_000)
    tree = SumTree.build(scope(revenue, asset), shares)

    def publish(root: bytes) -> Any:
        return revenue.publishPayout(asset, root, tree.total_weight, tree.depth, LICENSES, MANIFEST, owner)

    def claim(key: str) -> Any:
        bench.pay(asset, 10**15)
        return revenue.claim(asset, 1, as_call(tree.prove(places[key])), {"from": bench.ben})

    first = publish(tree.root)
    found = {key: pair(claim(key), claim(key)) for key in places}
    found["publish_payout_1m"] = pair(first, publish(b"\x77" * 32))
    return found


def nodes(bench: Bench) -> dict[str, Pair]:
    """Register, take out stake and leave, and do it again."""
    registry, sender = bench.system.node_registry, {"from": bench.dora}
    steps: dict[str, list[Any]] = {"register_node": [], "unbond": [], "withdraw_stake": []}
    for _ in range(2):
        steps["register_node"].append(registry.register(KEY, STORE, 200 * DOLLAR, sender))
        steps["unbond"].append(registry.unbond(100 * DOLLAR, sender))
        chain.sleep(registry.unbondingPeriod() + 1)
        steps["withdraw_stake"].append(registry.withdrawStake(sender))
    return {key: pair(*done) for key, done in steps.items()}


def main() -> None:
    """Measure, write both files, and name every target that was missed."""
    found: dict[str, Pair] = {}
    with redirect_stdout(StringIO()):  # Brownie tells of every transaction
        bench = Bench.set_up()
        for measure in (minting, account_money, graph, payouts, sales, licensing, nodes):
            found |= measure(bench)
    figures = {key: found[key] for key in ROWS}
    (ROOT / "reports").mkdir(exist_ok=True)
    (ROOT / "reports" / "gas.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (ROOT / "docs" / "gas.md").write_text(table(figures), encoding="utf-8")
    missed = [key for key, row in ROWS.items() if not row.reached_by(figures[key])]
    print(table(figures))
    print("every target is reached" if not missed else f"missed: {', '.join(missed)}")
