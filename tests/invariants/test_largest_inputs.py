"""No call of any allowed size needs more gas than one transaction may have (EIP-7825): the largest of each, sent.

The machine gives a call 16,777,216 gas and no more, so what goes through fits. The bounds below are the measured
figures with some room: they show a change before it hurts.
"""

from __future__ import annotations

import sys

import pytest

if sys.version_info >= (3, 13):  # pragma: no cover
    pytest.skip("the in-process EVM has no wheel for this Python yet", allow_module_level=True)

from largest import (
    ANA,
    BEN,
    CHIDI,
    DICE,
    NOBODY,
    Vast,
    commitment,
    crowd,
    disputed_preview,
    disputed_sale,
    mint,
    must,
    scope_of,
    tall,
)
from machine import GAS
from moves_of_sales import TERMS
from world import World

from thenar.domain import membertree
from thenar.domain.keytree import MAX_CHUNKS
from thenar.domain.revenue import Beneficiary
from thenar.domain.statements import Statement
from thenar.domain.sumtree import Share

MODEL = 2
ACCOUNTS = [bytes(12) + number.to_bytes(20, "big") for number in range(10**40, 10**40 + 101)]
MOST_MEMBERS = membertree.MAX_COUNT


@pytest.fixture
def world():
    return World(1)


def test_a_dispute_over_the_largest_file_fits(world):
    used = disputed_sale(world, Vast(MAX_CHUNKS)).gas

    assert used < 320_000 < GAS


def test_the_largest_preview_and_its_dispute_fit(world):
    opening, dispute = disputed_preview(world, Vast(2**31), 256)

    assert opening.gas < 400_000 < GAS
    assert dispute.gas < 700_000 < GAS


def published(world, asset, shares):
    """Publish a payout of the greatest depth whose first places are these shares, and pay it."""
    root, total, leaves = tall(scope_of(world, asset), shares, 20)
    must(world, CHIDI, "RevenueGraph", "publishPayout", asset, (root, total, 20, bytes(32), bytes(32), 0, 0))
    must(world, ANA, "RevenueGraph", "pay", asset, 10**12, bytes(32))
    return Statement(CHIDI, world.now, 0, bytes(32), 0).hash, leaves


def test_a_hundred_claims_of_the_deepest_payout_fit(world):
    asset = mint(world, commitment(CHIDI, MODEL))
    statement, leaves = published(world, asset, [Share(Beneficiary.ACCOUNT, to, 2**80) for to in ACCOUNTS])

    used = must(world, BEN, "RevenueGraph", "claimMany", asset, 1, statement, leaves[:100]).gas
    refused = world.machine.call(BEN, "RevenueGraph", "claimMany", asset, 1, statement, leaves)

    assert used < 9_000_000 < GAS
    assert refused.error == "RevenueGraph_TooManyLeaves"


def test_a_hundred_members_of_the_largest_batches_fit(world):
    batch, members, ids = crowd(ANA, 100, MOST_MEMBERS)
    must(world, ANA, "AssetRegistry", "commitBatch", batch)
    asset = mint(world, commitment(CHIDI, MODEL))
    statement, leaves = published(world, asset, [Share(Beneficiary.OWNER, one, 2**80) for one in ids])

    used = must(world, BEN, "RevenueGraph", "claimLeaves", asset, 1, statement, leaves, members).gas

    assert used < 14_000_000 < GAS


def test_a_member_of_the_largest_batch_is_materialised(world):
    batch, members, _ = crowd(ANA, 2, MOST_MEMBERS)
    must(world, ANA, "AssetRegistry", "commitBatch", batch)

    assert must(world, ANA, "AssetRegistry", "materialise", members[1]).gas < 200_000 < GAS


def test_an_omission_from_the_largest_set_is_proved(world):
    must(world, ANA, "TermsBook", "write", TERMS)
    ware = mint(world, commitment(ANA, 0, 1, tuple(DICE.randbytes(32) for _ in range(3))))
    must(world, ANA, "LicenseDesk", "offer", ware, 1, 0, (1_000, 0, 2**40 - 1, 0))
    must(world, CHIDI, "LicenseDesk", "buy", ware, 1, 1_000, 1_000_000, 0)
    must(world, CHIDI, "Ledger", "deposit", CHIDI, 10_000)
    model = mint(world, commitment(CHIDI, MODEL))
    world.machine.wait(12)
    leaves = [bytes(32), b"\xff" * 32]
    tree = membertree.MemberTree.build(leaves)
    above, root = tuple(DICE.randbytes(32) for _ in range(31)), tree.root
    for sibling in above:
        root = membertree.inner_hash(root, sibling)
    plan = (DICE.randbytes(32), 1, 20, bytes(32), root, 2**32 - 1, 10_000)
    must(world, CHIDI, "RevenueGraph", "publishPayout", model, plan)
    filing = (model, 1, plan[0], (CHIDI, world.now, 10_000, root, 2**32 - 1))
    evidence = (ware, 0, CHIDI, (NOBODY, 0, 0, *[bytes(32)] * 6))
    beside = [(index, leaves[index], tree.prove(index) + above) for index in range(2)]

    assert must(world, BEN, "OmissionCourt", "proveOmission", filing, evidence, beside).gas < 220_000 < GAS


def test_sixteen_parents_are_linked(world):
    parents = sorted(mint(world, commitment(ANA, MODEL)) for _ in range(17))
    child = mint(world, commitment(ANA, MODEL))

    used = must(world, ANA, "RevenueGraph", "link", child, [(one, 1) for one in parents[:16]]).gas
    refused = world.machine.call(ANA, "RevenueGraph", "link", child, [(one, 1) for one in parents])

    assert used < 520_000 < GAS
    assert refused.error == "RevenueGraph_TooManyParents"
