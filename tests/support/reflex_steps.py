"""What the reflex arc does on chain, each step on new storage and again: what `make gas` measures."""

from __future__ import annotations

from typing import Any

from assets import COMPUTE_ONLY, FOREVER, MODEL, mint, write_terms
from brownie import accounts, chain
from eth_utils import keccak
from nodes import COMPUTE, KEY
from reflexes import DEPOSIT, LATENCY, PRICE, ROBOT, SHARE, STAKE, Served, many_calls
from system import DOLLAR, System, fund

PLENTY = 2**128


def reflex_steps(system: System, owner: Any, prover: Any, client: Any) -> dict[str, list[Any]]:
    """Transactions by what they do: the first of a kind, and the next."""
    keys = [keccak(text=f"answering node {number}") for number in range(2)]
    nodes = [accounts.add(key) for key in keys]
    terms = write_terms(system.terms_book, owner, purposes=COMPUTE_ONLY, derivative_share=SHARE)
    model = mint(system.asset_registry, owner, "policy that answers", MODEL, terms)
    desk = system.reflex_desk
    done: dict[str, list[Any]] = {
        "serve_model": [],
        "open_channel": [],
        "redeem_voucher": [],
        "accuse_call": [],
        "prove_contradiction": [],
    }
    for node in nodes:
        accounts[0].transfer(node, 10**18)
        fund(system.token, node, PLENTY, system.ledger)
        system.license_desk.grant(model, node, terms, FOREVER, {"from": owner})
        system.node_registry.register(KEY, COMPUTE, 1_000 * DOLLAR, {"from": node})
        done["serve_model"].append(desk.serve(model, PRICE, SHARE, STAKE, LATENCY, {"from": node}))
        until = chain[-1].timestamp + 20_000
        opening = desk.open(node, model, ROBOT.address, DEPOSIT, PRICE, until, {"from": client})
        done["open_channel"].append(opening)
    served = Served(desk, model, nodes[0])
    for amount in (10_000, 20_000):
        signature = served.voucher(1, client, amount, amount)
        done["redeem_voucher"].append(desk.redeem(1, amount, amount, signature, {"from": nodes[0]}))
    system.ledger.deposit(client, 1_000 * DOLLAR, {"from": client})
    for channel, (key, node) in enumerate(zip(keys, nodes, strict=True), 1):
        one, calls = Served(desk, model, node), many_calls(1_023)
        felt, said, right = bytes(range(128)), bytes(32), bytes(2) + b"\x80\x3f"
        wrong = one.shown(key, [*calls, (felt, said)], 1_023, channel=channel)
        done["accuse_call"].append(system.call_disputes.accuse(wrong, felt, said, 7, right, {"from": client}))
        shown = [one.shown(key, [*calls, (b"felt", said)], 1_023) for said in (b"left", b"right")]
        done["prove_contradiction"].append(desk.proveContradiction(*shown, {"from": prover}))
    return done
