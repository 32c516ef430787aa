"""The whole economy of fingertips on a local chain, to the last unit. Run it as `make scenario`.

100,000 captures in ten batches → three datasets → one policy → licence income, and every capture is paid by a claim
through its batch. THENAR_SCENARIO is the number of captures in a batch.
"""

from __future__ import annotations

import os
import time
from contextlib import redirect_stdout
from io import StringIO

import brisk_brownie
from brownie import accounts
from fingertips import AT_ONCE, run
from system import deploy_system

BATCHES, DATASETS, BUYERS = 10, 3, 3


def main() -> None:
    """Run it and print what it moved and cost; stops with AssertionError when a single unit is missing."""
    began = time.monotonic()
    brisk_brownie.install()
    with redirect_stdout(StringIO()):  # Brownie tells of every transaction
        system = deploy_system(accounts[0])
        people = iter(accounts[1:])
        owners, curators = ([next(people) for _ in range(count)] for count in (BATCHES, DATASETS))
        trainer, buyers = next(people), [next(people) for _ in range(BUYERS)]
        report = run(system, owners, curators, trainer, buyers, int(os.environ.get("THENAR_SCENARIO", "10000")))
    print(f"{report.captures:,} captures in {BATCHES} batches, {DATASETS} datasets, one policy, {BUYERS} licences sold")
    print(f"  income        {report.income:>16,} units")
    print(f"  to captures   {report.to_fingertips:>16,} units in {report.claims:,} claims, {AT_ONCE} a transaction")
    print(f"  to the policy {report.to_trainer:>16,} units")
    print(f"  dust          {report.dust:>16,} units, rounded down and left in the graph")
    print(f"  gas           {report.gas_committing:>16,} to commit the batches")
    print(f"                {report.gas_publishing:>16,} to link and to publish payouts")
    print(f"                {report.gas_claiming:>16,} to roll up and to claim")
    print(f"  per capture   {report.gas_per_contributor:>16,} gas, claims {report.gas_claiming // report.claims:,}")
    print(f"every unit is accounted for; {time.monotonic() - began:.0f} s")
