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

import brisk_brownie
from assets import DATASET, MODEL, commitment, device_message, domain, mint, sign
from batches import batch_of, commit
from brownie import accounts, chain, history, web3
from brownie.network.transaction import TransactionReceipt
from capture_steps import capture_steps
from capture_town import Town
from disputed_work import forge, judged, long_job, long_traces, seat_jurors
from epoch_steps import epoch_steps
from eth_account import Account
from gas_targets import ROWS, table
from marking_costs import two_leaks
from nodes import KEY, STORE
from omissions import as_filing, buy_key, evidence, places, state
from payouts import MANIFEST, as_asset, as_call, claim, filing, publish, publish_root, scope, to_account, to_owner
from previews import Shown, prepare
from reflex_steps import reflex_steps
from sales import ANY_SHARE, ENOUGH, deal_of, deliver, dispute, order, point, product, put_on_sale, seeded, settle
from sealed_bytes import SealedBytes
from sealed_bytes import as_call as opened_leaf
from storing_costs import two_days
from system import DOLLAR, System, deploy_system
from yard import Job, Work, Yard
from yard import honest as honest_trace

from thenar.domain.openings import CHUNK_BYTES
from thenar.domain.statements import LicenseSet
from thenar.domain.sumtree import Share, SumTree

ROOT = Path(__file__).resolve().parent.parent
PLENTY = 2**128
ZERO_ADDRESS = "0x" + "00" * 20
DEVICE_KEY = "0x" + "d1" * 32
LEAVES = 2**20
LEAF = (11, 114)  # a whole leaf in the middle of a file of 4 MiB: chunk, place

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


def batching(bench: Bench) -> dict[str, Pair]:
    """Commit to ten thousand captures, and give two of them records of their own."""
    registry = bench.system.asset_registry
    batches = [batch_of(bench.chidi, 10_000, label) for label in ("b1", "b2")]
    commits = [registry.commitBatch(batch.made.call, {"from": bench.chidi}) for batch in batches]
    members = [registry.materialise(batches[0].leaf(index), {"from": bench.chidi}) for index in (0, 9_999)]
    return {"commit_batch_10000": pair(*commits), "materialise": pair(*members)}


def licensing(bench: Bench) -> dict[str, Pair]:
    """Offer, buy and grant licenses, and end them all."""
    system, owner = bench.system, {"from": bench.ana}
    desk, registry = system.license_desk, system.asset_registry
    ware = put_on_sale(system, bench.ana, 10 * DOLLAR, "on offer")
    terms = (10 * DOLLAR, 0, 2**40 - 1, 0)
    other = bench.mint("newly offered")
    offers = pair(*(desk.offer(other, ware.terms, 0, terms, owner) for _ in range(2)))

    people = (bench.ben, bench.chidi)
    buys = pair(*(desk.buy(ware.id, ware.terms, ENOUGH, ANY_SHARE, 0, {"from": who}) for who in people))
    grants = pair(*(desk.grant(other, who, ware.terms, 2**40 - 1, owner) for who in people))
    revokes = pair(*(registry.revokeAll(asset, MANIFEST, owner) for asset in (ware.id, other)))
    again = pair(*(registry.revokeAll(ware.id, MANIFEST, owner) for _ in range(2)))
    return {"offer": offers, "buy": buys, "grant": grants, "revoke_all": revokes, "revoke_all_again": again}


def opened(bench: Bench, ware: Any, buyer: Any) -> Any:
    """Open a sale with a one-time key that hangs from the buyer's name."""
    return bench.system.key_exchange.open(order(ware, point(seeded(str(buyer)))), {"from": buyer})


def honest(bench: Bench, ware: Any, seller: Any, buyer: Any) -> list[Any]:
    """Sell a key fairly: three transactions."""
    opening = opened(bench, ware, buyer)
    deal = deal_of(opening)
    delivery = deliver(bench.system, deal, ware.root_key, seller)
    return [opening, history[-1], settle(bench.system, deal, delivery, seller)]


def cheated(bench: Bench, ware: Any, seller: Any, buyer: Any) -> Any:
    """Dispute a wrong key."""
    deal = deal_of(opened(bench, ware, buyer))
    delivery = deliver(bench.system, deal, bytes(32), seller)
    return dispute(bench.system, ware, deal, delivery, seeded(str(buyer)), buyer)


def garbled(bench: Bench, number: int) -> Any:
    """Dispute a garbage leaf of a file of 4 MiB."""
    root_key, at = seeded(f"key {number}").to_bytes(32, "big"), LEAF[0] * CHUNK_BYTES + LEAF[1] * 1_024
    file = SealedBytes.of(bytes(4 << 20), root_key, {at: b"\xff" * 1_024})
    ware = put_on_sale(bench.system, bench.ana, 10 * DOLLAR, file=file)
    deal = deal_of(opened(bench, ware, bench.dora))
    delivery = deliver(bench.system, deal, ware.root_key, bench.ana)
    secret = seeded(str(bench.dora))
    shared = product(secret, (delivery.ephemeral_x, delivery.ephemeral_y))
    proof = (secret, *shared, opened_leaf(file.opening(*LEAF)))
    # Brownie takes a transaction for dropped when its long trace delays the receipt: wait for it without Brownie
    sender = {"from": bench.dora, "required_confs": 0}
    sent = bench.system.key_exchange.disputeChunk(deal.call, delivery.call, ware.made.call, *proof, sender)
    web3.eth.wait_for_transaction_receipt(sent.txid)
    return TransactionReceipt(sent.txid)


def sales(bench: Bench) -> dict[str, Pair]:
    """Sell keys fairly, with and without bonds, and dispute what is wrong."""
    system, seller, buyers = bench.system, bench.chidi, (bench.ben, bench.dora)
    good = put_on_sale(system, seller, 10 * DOLLAR, "sealed")
    bad = [put_on_sale(system, bench.ana, 10 * DOLLAR, f"wrong {number}") for number in range(2)]
    derived = put_on_sale(system, seller, 10 * DOLLAR, "sealed model", MODEL)
    timed = put_on_sale(system, seller, 10 * DOLLAR, "sealed, for a year", duration=365 * 86_400)
    bonded = put_on_sale(system, seller, 10 * DOLLAR, "sealed, with bonds", bond_bps=1_000)
    measured = {
        "sale_honest": pair(*(honest(bench, good, seller, buyer) for buyer in buyers)),
        "sale_timed": pair(*(honest(bench, timed, seller, buyer) for buyer in buyers)),
        "sale_derived": pair(*(honest(bench, derived, seller, buyer) for buyer in buyers)),
        "dispute_key": pair(*(cheated(bench, ware, bench.ana, bench.dora) for ware in bad)),
        "dispute_leaf": pair(*(garbled(bench, number) for number in range(2))),
    }
    system.ledger.deposit(seller, 100 * DOLLAR, {"from": seller})
    return measured | {"sale_bonded": pair(*(honest(bench, bonded, seller, buyer) for buyer in buyers))}


def previews(bench: Bench) -> dict[str, Pair]:
    """Look before paying, and catch a false opening; of whole chunks, since a short one that is drawn costs less."""
    bench.system.ledger.deposit(bench.ana, 100 * DOLLAR, {"from": bench.ana})

    def shown(number: int, garbage: dict[int, bytes]) -> Shown:
        file = SealedBytes.of(bytes(16 * CHUNK_BYTES), seeded(f"preview {number}").to_bytes(32, "big"), garbage)
        return prepare(bench.system, file, bench.ana, bench.dora)

    def honest(number: int) -> list[Any]:
        one = shown(number, {})
        preview = one.ask(count=10)
        asking = history[-1]
        opened = one.open(preview)
        opening = history[-1]
        chain.sleep(one.desk.disputeWindow() + 1)
        return [asking, opening, one.desk.closePreview(preview.call, opened.call, {"from": bench.ana})]

    def caught(number: int) -> Any:
        one = shown(number, {at * CHUNK_BYTES: b"garbage" for at in range(16)})
        preview = one.ask(count=1)
        opened = one.open(preview)
        return one.dispute(preview, opened, 0, 0)

    return {"preview_10": pair(honest(0), honest(1)), "dispute_preview": pair(caught(2), caught(3))}


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
    """Publish 2^20 weights with a bond and claim two of them: one names an account, one whoever owns an asset."""
    revenue = bench.system.revenue_graph
    bench.system.ledger.deposit(bench.ana, 1_000 * DOLLAR, {"from": bench.ana})
    asset, capture = bench.mint("policy", MODEL), mint(bench.system.asset_registry, accounts[6], "skin of a finger")
    bench.pay(asset)
    shares = [Share(to_account(bench.ana, 1).kind, number.to_bytes(32, "big"), 1 + number * 7919 % 1_000_003)
              for number in range(1, LEAVES + 1)]  # fmt: skip
    places = {"claim_depth20": 654_321, "claim_depth20_owner": 123_456}
    shares[places["claim_depth20"]] = to_account(accounts[5], 400_000)
    shares[places["claim_depth20_owner"]] = to_owner(capture, 400_000)
    tree = SumTree.build(scope(revenue, asset), shares)

    def publish(root: bytes) -> Any:
        licenses = LicenseSet.of([as_asset(number.to_bytes(32, "big")) for number in range(1, 33)])
        return publish_root(revenue, asset, root, tree.total_weight, tree.depth, bench.ana, licenses, 10 * DOLLAR)

    def claimed(key: str) -> Any:
        bench.pay(asset, 10**15)
        return claim(revenue, tree, places[key], bench.ben)

    first = publish(tree.root)
    found = {key: pair(claimed(key), claimed(key)) for key in places}
    found["publish_payout_1m"] = pair(first, publish(b"\x77" * 32))
    return found


def omissions(bench: Bench) -> dict[str, Pair]:
    """Claim through a batch, and convict two payouts that leave out the same license among 2^10."""
    system, trainer = bench.system, bench.ana
    ware = put_on_sale(system, bench.chidi, 10 * DOLLAR, "left out")
    buy_key(system, ware, bench.chidi, trainer)
    named = LicenseSet.of([as_asset(number.to_bytes(32, "big")) for number in range(1, 1_024)])
    beside = places(*named.beside(as_asset(ware.id)))

    def convicted(label: str) -> Any:
        filed = state(system, bench.mint(label, MODEL), trainer, named, 10 * DOLLAR)
        return system.omission_court.proveOmission(
            as_filing(filed), evidence(ware.id, trainer), beside, {"from": bench.ben}
        )

    batch = commit(system.asset_registry, bench.ben, 10_000)
    asset = bench.mint("dataset", DATASET)
    tree = publish(system.revenue_graph, asset, [to_owner(member.id, 1) for member in batch.members], trainer)
    stated = filing(system.revenue_graph, asset).statement.hash

    def claimed(member: int) -> Any:
        bench.pay(asset)
        leaf = as_call(tree.prove(member))
        return system.revenue_graph.claimLeaf(asset, 1, stated, leaf, batch.leaf(member), {"from": bench.dora})

    return {
        "prove_omission": pair(convicted("forgetful"), convicted("forgetful too")),
        "claim_leaf": pair(claimed(77), claimed(77)),
    }


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


def elsewhere(bench: Bench) -> dict[str, Pair]:
    """Prove storage of 1 MiB, 1 GiB and 1 TiB on two days; answer robots; leak marked copies; fill gaps."""
    system, people = bench.system, (bench.ana, bench.ben, bench.dora)
    sent = two_days(system, accounts[7:10], bench.ben) | reflex_steps(system, *people)
    sent |= two_leaks(system, bench.ana, people[1:], accounts[12])
    sent |= capture_steps(Town(system), accounts[1:8]) | epoch_steps(system, accounts[1:4])
    return {key: pair(*each) for key, each in sent.items()}


def disputes(bench: Bench) -> dict[str, Pair]:
    """Convict two forged traces of 4,096 checkpoints before seven jurors, from the disagreement to the ruling's end."""
    yard, (worker, mover) = Yard(bench.system), accounts[10:12]
    seat_jurors(yard, 15)
    yard.hire(worker, seats=0)

    def convicted(seed: int) -> list[Any]:
        traces = long_traces(seed)
        work = forge(yard, yard.post(bench.dora, long_job()), worker, traces)
        return judged(yard, work, traces, bench.dora, mover, [2] * 7)[1]

    return {"compute_dispute_4096": pair(convicted(1), convicted(2))}


def computing(bench: Bench) -> dict[str, Pair]:
    """Ask for work, and lead two claims of 256 units from claiming to pay.

    The class has as many seats as there are places to draw from and none of the worker's, so that every draw takes
    one try; before the second claim every auditor has been paid once, whoever was drawn for the first.
    """
    yard, worker, auditors = Yard(bench.system), accounts[12], accounts[13:17]
    yard.hire(worker, seats=0, stake=5_000 * DOLLAR)
    yard.hire(*auditors, stake=5_000 * DOLLAR)
    asks = [bench.system.compute_bounties.createBounty(Job(units=1_024, canary_root=MANIFEST).call, {"from": bench.ana})
            for _ in range(2)]  # fmt: skip
    steps: dict[str, list[Any]] = {"create_bounty": asks}

    def led(bounty: int) -> None:
        claimed = bench.system.work_claims.claim(bounty, 256, {"from": worker})
        event = claimed.events["UnitsClaimed"]
        units = range(event["first"], event["first"] + event["count"])
        work = Work(int(event["claim"]), worker, units, {unit: honest_trace(unit) for unit in units})
        verbs = {
            "commit_work": yard.commit,
            "draw_audit": yard.draw,
            "commit_audit": yard.audit,
            "reveal_work": yard.reveal,
            "reveal_audit": yard.reveal_audit,
            "finalize_claim": yard.finalize,
        }
        for key, sent in ({"claim_units": claimed} | {key: verb(work) for key, verb in verbs.items()}).items():
            steps.setdefault(key, []).append(sent)

    led(int(asks[0].events["BountyCreated"]["bounty"]))
    for auditor in auditors:
        bench.system.ledger.deposit(auditor, 1, {"from": auditor})
    led(int(asks[0].events["BountyCreated"]["bounty"]))
    found = {key: pair(*done) for key, done in steps.items()}
    path = [used for key, used in found.items() if key != "create_bounty"]
    found["compute_unit_256"] = {turn: -(-sum(used[turn] for used in path) // 256) for turn in ("first", "next")}
    return found


MEASURES = (minting, batching, account_money, graph, payouts, sales, previews, licensing, omissions, nodes, computing,
            disputes, elsewhere)  # fmt: skip


def main() -> None:
    """Measure, write both files, and name every target that was missed."""
    found: dict[str, Pair] = {}
    brisk_brownie.install()  # on a busy machine anvil knows a transaction's nonce before the transaction
    with redirect_stdout(StringIO()):  # Brownie tells of every transaction
        bench = Bench.set_up()
        for measure in MEASURES:
            found |= measure(bench)
    figures = {key: found[key] for key in ROWS}
    (ROOT / "reports").mkdir(exist_ok=True)
    (ROOT / "reports" / "gas.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (ROOT / "docs" / "gas.md").write_text(table(figures), encoding="utf-8")
    missed = [key for key, row in ROWS.items() if not row.reached_by(figures[key])]
    print(table(figures))
    print("every target is reached" if not missed else f"missed: {', '.join(missed)}")
