"""ContributionEpochs' constructor: the branches of constructor.tree."""

import pytest
from epoch_town import BASE, EMISSION
from reverts import reverts_with
from system import contract

NAMES = ("length", "window", "bond", "emission", "halving", "base", "rules")
GIVEN = {"length": 1, "window": 1, "bond": 1, "emission": EMISSION, "halving": 104, "base": BASE, "rules": b"\x01" * 32}


def build(town, deployer, **changes):
    """Deploy once more."""
    given = tuple({**GIVEN, **changes}[name] for name in NAMES)
    system = town.system
    named = (system.thenar_token, system.ledger, system.asset_registry, system.segment_court)
    return contract("ContributionEpochs").deploy(*named, given, {"from": deployer})


@pytest.mark.parametrize("name", ["length", "window", "bond", "halving"])
def test_every_parameter_is_needed(town, deployer, name):
    with reverts_with("ContributionEpochs_BadParameters"):
        build(town, deployer, **{name: 0})


def test_the_cap_holds_whatever_is_ever_emitted(town, deployer):
    most = 10**27 // 2 // 104

    with reverts_with("ContributionEpochs_CapTooLow", 10**27, 2 * 104 * (most + 1)):
        build(town, deployer, emission=most + 1)
    build(town, deployer, emission=most)


def test_the_first_epoch_runs_with_its_pool(town, deployer):
    assert build(town, deployer).running()["pool"] == BASE
    assert build(town, deployer, base=2 * EMISSION).running()["pool"] == EMISSION


def test_it_tells_its_terms(town, deployer):
    event = build(town, deployer).tx.events["EpochTerms"]

    assert event["pool"] == BASE
    assert tuple(event["params"])[:6] == tuple(GIVEN[name] for name in NAMES[:6])
