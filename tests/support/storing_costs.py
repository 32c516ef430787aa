"""What proofs of storage send in two days, over a megabyte, a gigabyte and a terabyte."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from brownie import chain
from nodes import KEY, STORE
from storing import as_call, next_round, seed_of
from synthetic import Synthetic
from system import DOLLAR, System, fund

SIZES = {"storage_day_1mib": (0, 10), "storage_day_1gib": (5, 15), "storage_day": (10, 20)}
"""Rows and how their pledges are built: levels of replicas, levels of leaves. Each has a dispute too."""


def two_days(system: System, people: Sequence[Any], asker: Any) -> dict[str, list[Any]]:
    """The transactions of each row, first and next; a list where several belong together."""
    proofs, sent = system.storage_proofs, defaultdict(list)
    stores = {key: (who, Synthetic(*size)) for who, (key, size) in zip(people, SIZES.items(), strict=True)}
    for who, disk in stores.values():
        fund(system.token, who, 5_000 * DOLLAR, system.ledger)
        system.node_registry.register(KEY, STORE, 4_000 * DOLLAR, {"from": who})
        pledged = proofs.pledge(disk.root, disk.leaves, disk.depth, {"from": who})
    sent["storage_pledge"].append(pledged)
    for _ in range(2):
        next_round(proofs)
        opened = proofs.openRound({"from": asker})
        chain.mine(2)
        sent["storage_round"].append([opened, proofs.seedRound({"from": asker})])
        seed = seed_of(proofs)
        for key, (each, held) in stores.items():
            sent[key].append(proofs.answer(held.answers(seed, str(each).lower()), {"from": each}))
        for key, (each, held) in stores.items():
            shown = as_call(held.shown(seed, str(each).lower(), 0))
            demanded = proofs.demand(each, 0, {"from": asker})
            shown_at = proofs.show(each, proofs.currentRound(), 0, shown, {"from": each})
            sent[key.replace("day", "dispute")].append([demanded, shown_at])
    who, disk = stores["storage_day"]
    sent["storage_pledge"].append(proofs.pledge(disk.root, disk.leaves, disk.depth, {"from": who}))
    return sent
