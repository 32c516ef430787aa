"""Omissions worked out in Python: licenses bought, license sets, and the calls of a case in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from assets import ZERO, Commitment
from brownie import chain
from payouts import as_asset, filing, publish, to_account
from sales import Ware, deliver, open_sale, seeded, settle
from system import System, fund

from thenar.domain.statements import Filing, LicenseSet, Listed

NONE, FROZEN, THAWED, RETURNED = range(4)
NO_COMMITMENT = Commitment("0x" + "00" * 20, 0, 0, *([ZERO] * 6))


def buy_key(system: System, ware: Ware, seller: Any, buyer: Any) -> None:
    """Buy a sealed asset fairly, from opening to settlement."""
    deal = open_sale(system, ware, buyer, seeded(str(buyer)))
    settle(system, deal, deliver(system, deal, ware.root_key, seller), seller)


def license_set(wares: Iterable[bytes]) -> LicenseSet:
    """Return the set over some asset ids."""
    return LicenseSet.of([as_asset(ware) for ware in wares])


def state(system: System, asset: bytes, owner: Any, licenses: LicenseSet, bond: int = 0) -> Filing:
    """Publish the next payout, to its owner alone, with a license set and a bond; returns its filing."""
    graph = system.revenue_graph
    payout = graph.nodeOf(asset)[4] + 1
    chain.sleep(1)  # what is bought in the second of a payout is no part of it
    if bond:
        fund(system.token, owner, bond, system.ledger)
        system.ledger.deposit(owner, bond, {"from": owner})
    publish(graph, asset, [to_account(owner, 1)], owner, payout, licenses=licenses, bond=bond)
    return filing(graph, asset, payout)


def evidence(omitted: bytes, licensee: Any, made: Commitment = NO_COMMITMENT, part: int = 0) -> tuple[Any, ...]:
    """Return evidence as the contract takes it; the commitment matters only for an author who does not publish."""
    return (omitted, part, str(licensee), made.call)


def places(*listed: Listed) -> list[tuple[Any, ...]]:
    """Return places of a license set as the contract takes them."""
    return [astuple(place) for place in listed]


def as_filing(filed: Filing) -> tuple[Any, ...]:
    """Return a filing as the contract takes it."""
    return astuple(filed)
