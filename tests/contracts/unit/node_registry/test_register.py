"""NodeRegistry.register: the branches of register.tree."""

import pytest
from nodes import COMPUTE, EVERY_ROLE, KEY, OTHER_KEY, STORE, NodeRecord, node_of
from reverts import reverts_with
from system import DOLLAR, REENTRANT_CALL


def test_a_node_without_key_is_refused(registry, alice):
    with reverts_with("NodeRegistry_NoPeerKey"):
        registry.register(bytes(32), STORE, 100 * DOLLAR, {"from": alice})


def test_an_unknown_role_is_refused(registry, alice):
    with reverts_with("NodeRegistry_UnknownRole", 33):
        registry.register(KEY, 33, 100 * DOLLAR, {"from": alice})


def test_a_newcomer_below_the_minimum_is_refused(registry, alice):
    with reverts_with("NodeRegistry_StakeTooSmall", 100 * DOLLAR - 1, 100 * DOLLAR):
        registry.register(KEY, STORE, 100 * DOLLAR - 1, {"from": alice})


def test_a_newcomer_without_stake_is_refused(registry, alice):
    with reverts_with("NodeRegistry_StakeTooSmall", 0, 100 * DOLLAR):
        registry.register(KEY, STORE, 0, {"from": alice})


def test_the_node_is_recorded(registry, alice):
    registry.register(KEY, EVERY_ROLE, 100 * DOLLAR, {"from": alice})

    assert node_of(registry, alice) == NodeRecord(KEY, stake=100 * DOLLAR, roles=EVERY_ROLE)


def test_the_stake_comes_from_the_wallet_into_the_lock(registry, ledger, usd, alice):
    wallet = usd.balanceOf(alice)

    registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})

    assert usd.balanceOf(alice) == wallet - 100 * DOLLAR
    assert ledger.lockedBy(registry) == 100 * DOLLAR


def test_it_emits_node_registered(registry, alice):
    tx = registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})

    event = tx.events["NodeRegistered"]
    assert (event["operator"], bytes(event["peerKey"])) == (alice, KEY)
    assert (event["roles"], event["stake"]) == (STORE, 100 * DOLLAR)


def test_two_operators_may_name_one_key(registry, alice, bob):
    registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})
    registry.register(KEY, STORE, 100 * DOLLAR, {"from": bob})

    assert node_of(registry, alice) == node_of(registry, bob)


def test_a_node_can_change_key_and_roles_for_free(registry, usd, node):
    wallet = usd.balanceOf(node)

    registry.register(OTHER_KEY, COMPUTE, 0, {"from": node})

    assert node_of(registry, node) == NodeRecord(OTHER_KEY, stake=150 * DOLLAR, roles=COMPUTE)
    assert usd.balanceOf(node) == wallet


def test_stake_given_again_is_added(registry, node):
    tx = registry.register(KEY, STORE, 5, {"from": node})

    assert node_of(registry, node).stake == 150 * DOLLAR + 5
    assert tx.events["NodeRegistered"]["stake"] == 150 * DOLLAR + 5


def test_a_raised_minimum_does_not_bind_old_nodes(registry, deployer, node):
    registry.setMinimumStake(500 * DOLLAR, {"from": deployer})

    registry.register(OTHER_KEY, STORE, 0, {"from": node})

    assert node_of(registry, node).peer_key == OTHER_KEY


def test_a_node_coming_back_while_all_its_stake_leaves_is_a_newcomer(registry, node):
    registry.unbond(150 * DOLLAR, {"from": node})

    with reverts_with("NodeRegistry_StakeTooSmall", 1, 100 * DOLLAR):
        registry.register(KEY, STORE, 1, {"from": node})
    registry.register(KEY, STORE, 100 * DOLLAR, {"from": node})

    record = node_of(registry, node)
    assert (record.stake, record.unbonding) == (100 * DOLLAR, 150 * DOLLAR)


def test_without_a_minimum_a_node_needs_no_stake(registry, ledger, deployer, alice):
    registry.setMinimumStake(0, {"from": deployer})

    registry.register(KEY, STORE, 0, {"from": alice})

    assert node_of(registry, alice) == NodeRecord(KEY, roles=STORE)
    assert ledger.lockedBy(registry) == 0


def test_more_stake_than_a_record_can_count_is_refused(registry, usd, ledger, alice):
    usd.mint(alice, 2**96, {"from": alice})
    usd.approve(ledger, 2**97, {"from": alice})
    registry.register(KEY, STORE, 2**96 - 1, {"from": alice})

    with reverts_with("NodeRegistry_StakeTooBig", 2**96):
        registry.register(KEY, STORE, 1, {"from": alice})


def test_a_fee_on_transfer_is_not_staked(staked, alice):
    system = staked("FeeOnTransferToken", 100)

    system.node_registry.register(KEY, STORE, 200 * DOLLAR, {"from": alice})

    assert node_of(system.node_registry, alice).stake == 198 * DOLLAR == system.ledger.lockedBy(system.node_registry)


def test_a_fee_cannot_carry_a_newcomer_over_the_minimum(staked, alice):
    system = staked("FeeOnTransferToken", 100)

    with reverts_with("NodeRegistry_StakeTooSmall", 99 * DOLLAR, 100 * DOLLAR):
        system.node_registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})


def test_a_token_that_returns_nothing_is_accepted(staked, alice):
    system = staked("NoReturnToken")

    system.node_registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})

    assert node_of(system.node_registry, alice).stake == 100 * DOLLAR


@pytest.mark.parametrize(
    ("token", "switch", "error"),
    [
        ("FalseReturnToken", "setRefusing", "SafeERC20FailedOperation"),
        ("PausableToken", "setPaused", "PausableToken_Paused"),
    ],
)
def test_a_token_that_does_not_pay_registers_nobody(staked, alice, token, switch, error):
    system = staked(token)
    getattr(system.token, switch)(True, {"from": alice})
    values = (system.token,) if error.startswith("Safe") else ()

    with reverts_with(error, *values):
        system.node_registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})

    assert node_of(system.node_registry, alice) == NodeRecord()


def test_a_blocked_wallet_registers_nobody(staked, alice):
    system = staked("BlocklistToken")
    system.token.setBlocked(alice, True, {"from": alice})

    with reverts_with("BlocklistToken_Blocked", alice):
        system.node_registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})


def test_a_second_registration_inside_the_first_is_refused(staked, alice, mallory):
    system = staked("ReentrantToken")
    token, registry = system.token, system.node_registry
    token.arm(registry, registry.register.encode_input(OTHER_KEY, STORE, 100 * DOLLAR), {"from": mallory})

    registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})

    assert token.lastAnswer() == REENTRANT_CALL
    assert node_of(registry, token) == NodeRecord()
