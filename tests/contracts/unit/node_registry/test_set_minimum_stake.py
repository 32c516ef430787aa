"""NodeRegistry.setMinimumStake and the constructor: the branches of set_minimum_stake.tree."""

from brownie import chain
from nodes import node_of
from reverts import reverts_with
from system import DOLLAR

GOVERNOR, DAY = 7, 86_400


def test_a_stranger_cannot_change_the_minimum(registry, mallory):
    with reverts_with("AccessManagedUnauthorized", mallory):
        registry.setMinimumStake(1, {"from": mallory})


def test_governance_changes_the_minimum(registry, deployer):
    registry.setMinimumStake(1, {"from": deployer})

    assert registry.minimumStake() == 1


def test_it_emits_minimum_stake_changed(registry, deployer):
    tx = registry.setMinimumStake(1, {"from": deployer})

    assert dict(tx.events["MinimumStakeChanged"]) == {"minimumStake": 1}


def test_nobodys_stake_moves(registry, ledger, deployer, node):
    before = node_of(registry, node)

    registry.setMinimumStake(10_000 * DOLLAR, {"from": deployer})

    assert node_of(registry, node) == before
    assert ledger.lockedBy(registry) == before.stake


def test_a_delayed_governor_has_to_wait(house, registry, deployer, carol):
    governance = house.governance
    selector = registry.signatures["setMinimumStake"]
    governance.setTargetFunctionRole(registry, [selector], GOVERNOR, {"from": deployer})
    governance.grantRole(GOVERNOR, carol, DAY, {"from": deployer})
    call = registry.setMinimumStake.encode_input(1)

    with reverts_with("AccessManagerNotScheduled", governance.hashOperation(carol, registry, call)):
        registry.setMinimumStake(1, {"from": carol})
    governance.schedule(registry, call, 0, {"from": carol})
    chain.sleep(DAY)
    governance.execute(registry, call, {"from": carol})

    assert registry.minimumStake() == 1


def test_the_deployment_sets_minimum_and_period(registry, params):
    assert registry.minimumStake() == params.minimum_stake
    assert registry.unbondingPeriod() == params.unbonding_period


def test_the_deployment_announces_its_minimum(registry, params):
    assert dict(registry.tx.events["MinimumStakeChanged"]) == {"minimumStake": params.minimum_stake}
