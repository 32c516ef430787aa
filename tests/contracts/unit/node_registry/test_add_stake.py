"""NodeRegistry.addStake: the branches of add_stake.tree."""

from nodes import KEY, STORE, node_of
from reverts import reverts_with
from system import DOLLAR, contract, fund


def test_a_stranger_cannot_add_stake(registry, bob):
    with reverts_with("NodeRegistry_NotRegistered", bob):
        registry.addStake(5, {"from": bob})


def test_adding_nothing_is_refused(registry, node):
    with reverts_with("Ledger_NothingReceived", node, 0):
        registry.addStake(0, {"from": node})


def test_the_stake_grows_by_what_the_wallet_loses(registry, ledger, usd, node):
    wallet = usd.balanceOf(node)

    registry.addStake(5, {"from": node})

    assert node_of(registry, node).stake == 150 * DOLLAR + 5 == ledger.lockedBy(registry)
    assert usd.balanceOf(node) == wallet - 5


def test_it_emits_stake_added(registry, node):
    tx = registry.addStake(5, {"from": node})

    assert dict(tx.events["StakeAdded"]) == {"operator": node, "amount": 5, "stake": 150 * DOLLAR + 5}


def test_a_node_whose_stake_is_all_leaving_must_reach_the_minimum(registry, node):
    registry.unbond(150 * DOLLAR, {"from": node})

    with reverts_with("NodeRegistry_StakeTooSmall", 5, 100 * DOLLAR):
        registry.addStake(5, {"from": node})
    registry.addStake(100 * DOLLAR, {"from": node})

    assert node_of(registry, node).stake == 100 * DOLLAR


def test_more_stake_than_a_record_can_count_is_refused(registry, usd, ledger, node):
    usd.mint(node, 2**96, {"from": node})
    usd.approve(ledger, 2**97, {"from": node})

    with reverts_with("NodeRegistry_StakeTooBig", 2**96 - 1 + 150 * DOLLAR):
        registry.addStake(2**96 - 1, {"from": node})


def test_a_fee_on_transfer_is_not_staked(staked, alice):
    system = staked("FeeOnTransferToken", 100)
    system.node_registry.register(KEY, STORE, 200 * DOLLAR, {"from": alice})

    system.node_registry.addStake(100, {"from": alice})

    assert node_of(system.node_registry, alice).stake == 198 * DOLLAR + 99


def test_stake_that_starts_to_leave_meanwhile_is_counted_once(staked, deployer, alice, mallory):
    system = staked("ReentrantToken")
    token, registry, ledger = system.token, system.node_registry, system.ledger
    actor = contract("Actor").deploy({"from": deployer})
    token.mint(actor, 300 * DOLLAR, {"from": deployer})
    actor.run(token, token.approve.encode_input(ledger, 300 * DOLLAR), {"from": mallory})
    actor.run(registry, registry.register.encode_input(KEY, STORE, 100 * DOLLAR), {"from": mallory})
    leave = registry.unbond.encode_input(100 * DOLLAR)
    token.arm(actor, actor.run.encode_input(registry, leave), {"from": mallory})

    actor.run(registry, registry.addStake.encode_input(200 * DOLLAR), {"from": mallory})

    record = node_of(registry, actor)
    assert token.lastWorked()
    assert (record.stake, record.unbonding) == (200 * DOLLAR, 100 * DOLLAR)
    assert ledger.lockedBy(registry) == record.stake + record.unbonding


def test_a_token_that_refuses_the_wallet_adds_nothing(staked, alice):
    for token, switch in (("BlocklistToken", "setBlocked"), ("PausableToken", "setPaused")):
        system = staked(token)
        fund(system.token, alice, 1, system.ledger)
        system.node_registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})
        whom = (alice,) if switch == "setBlocked" else ()
        getattr(system.token, switch)(*whom, True, {"from": alice})

        with reverts_with(f"{token}_{switch.removeprefix('set')}", *whom):
            system.node_registry.addStake(5, {"from": alice})

        assert node_of(system.node_registry, alice).stake == 100 * DOLLAR
