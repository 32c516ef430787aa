"""What rewards take, transaction by transaction, for the table of gas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brownie import history
from epoch_town import EpochTown

ACCOUNTS = 2**19 + 1  # a tree of twenty levels


def epoch_steps(system: Any, people: Sequence[Any]) -> dict[str, list[Any]]:
    """Close, propose and settle twice, over more than half a million accounts; the first claims after both.

    A third root, of the third epoch, is challenged, and a jury called.
    """
    town, (proposer, claimant, challenger) = EpochTown(system), people
    town.enrich(proposer, challenger)
    due = {f"0x{number:040x}": number for number in range(1, ACCOUNTS)}
    sent: dict[str, list[Any]] = {"epoch_close": [], "epoch_root": [], "epoch_settle": [], "epoch_claim": []}
    for amount in (10**20, 2 * 10**20):
        sent["epoch_close"].append(town.close(proposer))
        root = town.root({**due, claimant: amount})
        proposal = town.propose(proposer, root)
        sent["epoch_root"].append(history[-1])
        sent["epoch_settle"].append(town.settle(proposer, proposal))
        sent["epoch_claim"].append(town.claim(proposer, town.leaf(root, claimant)))
    town.close(proposer)
    proposal = town.propose(proposer, town.root({claimant: 3 * 10**20}))
    challenged = town.challenge(challenger, proposal, town.root({claimant: 3 * 10**20 + 1}))
    return {**sent, "challenge_root": [challenged, challenged]}
