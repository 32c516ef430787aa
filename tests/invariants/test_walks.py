"""A small size of `make invariants`: the model and the chain agree, walks repeat, and a wrong model is noticed."""

from __future__ import annotations

import sys

import pytest

if sys.version_info >= (3, 13):  # pragma: no cover
    pytest.skip("the in-process EVM has no wheel for this Python yet", allow_module_level=True)

import moves_of_revenue
import walk
from world import Broken, World

TRACES = 150


def test_contracts_do_what_the_model_says() -> None:
    outcome = walk.many(range(TRACES))

    assert not outcome.broken
    assert outcome.calls >= TRACES * walk.STEPS
    missing = {name for name in EXPECTED if not outcome.mix[name]}
    assert not missing, f"no walk ever called {missing}"


def test_the_same_seed_walks_the_same_way() -> None:
    first, second, other = walk.walk(7), walk.walk(7), walk.walk(8)

    assert first == second
    assert first.digest != other.digest


def test_books_that_are_one_unit_off_are_noticed() -> None:
    world = World(1)
    while not world.graph.held:
        for move in walk.MOVES:
            move(world)
    world.wallets[next(iter(world.wallets))] += 1

    with pytest.raises(Broken, match="the model says"):
        world.check()


def test_an_unexpected_success_is_noticed() -> None:
    world = World(1)
    while not world.shelf.get("things"):
        walk.moves_of_assets.mint(world)
    payer, asset = world.person(), world.shelf["things"][0]

    with pytest.raises(Broken, match="success"):
        world.ask(payer, "RevenueGraph", "pay", asset.id, 1, bytes(32), refusal="RevenueGraph_Overflow")


def test_a_leaf_with_another_weight_is_refused_on_some_walk() -> None:
    assert walk.many(range(TRACES)).refusals["RevenueGraph_BadProof"]
    assert moves_of_revenue.claim in walk.MOVES


EXPECTED = (
    "Ledger.deposit",
    "Ledger.withdraw",
    "AssetRegistry.mint",
    "AssetRegistry.transferFrom",
    "RevenueGraph.pay",
    "RevenueGraph.link",
    "RevenueGraph.roll",
    "RevenueGraph.publishPayout",
    "RevenueGraph.claim",
    "RevenueGraph.takeOwn",
    "OmissionCourt.returnBond",
    "LicenseDesk.offer",
    "AssetRegistry.revokeAll",
    "KeyExchange.open",
    "KeyExchange.deliver",
    "KeyExchange.settle",
    "KeyExchange.timeoutRefund",
    "KeyExchange.consentRefund",
    "KeyExchange.disputeKey",
    "KeyExchange.disputeChunk",
    "LiveDesk.openStream",
    "LiveDesk.subscribe",
    "LiveDesk.topUp",
    "LiveDesk.collect",
    "LiveDesk.stop",
    "LiveDesk.close",
    "LicenseDesk.buy",
    "LicenseDesk.revokeOne",
    "Escrow.collect",
    "Escrow.refund",
    "AssetRegistry.commitBatch",
    "AssetRegistry.materialise",
    "KeyExchange.openLeaf",
    "PreviewDesk.challengePreview",
    "PreviewDesk.openPreview",
    "PreviewDesk.closePreview",
    "PreviewDesk.expirePreview",
    "PreviewDesk.disputePreview",
    "OmissionCourt.proveOmission",
    "OmissionCourt.accuse",
    "ReflexDesk.serve",
    "ReflexDesk.retire",
    "ReflexDesk.endService",
    "ReflexDesk.open",
    "ReflexDesk.topUp",
    "ReflexDesk.redeem",
    "ReflexDesk.close",
    "ReflexDesk.settle",
    "ReflexDesk.proveContradiction",
    "CallDisputes.accuse",
    "CallDisputes.defend",
    "CallDisputes.condemn",
    "RunDesk.approve",
    "RunDesk.disapprove",
    "RunDesk.order",
    "RunDesk.deliver",
    "RunDesk.settle",
    "RunDesk.reject",
    "RunDesk.refund",
    "MarkDesk.propose",
    "MarkDesk.accept",
    "MarkDesk.recall",
    "MarkDesk.sealLeak",
    "MarkDesk.showLeak",
    "MarkDesk.release",
    "CaptureBounties.post",
    "CaptureBounties.commit",
    "CaptureBounties.reveal",
    "CaptureBounties.settle",
    "CaptureBounties.lapse",
    "WitnessBook.lodge",
    "WitnessBook.withdrawWords",
    "WitnessBook.free",
    "WordDisputes.accuse",
    "WordDisputes.resolve",
    "ContributionEpochs.close",
    "ContributionEpochs.propose",
    "ContributionEpochs.challenge",
    "SegmentCourt.drawJury",
    "SegmentCourt.revealVote",
    "SegmentCourt.rule",
    "SegmentCourt.close",
    "SegmentCourt.collectFee",
    "ContributionEpochs.settle",
    "ContributionEpochs.claim",
    "ContributionEpochs.pay",
    "ThenarToken.transfer",
    "ThenarToken.mint",
)
"""Functions every campaign must reach."""
