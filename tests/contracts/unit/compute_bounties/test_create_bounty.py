"""ComputeBounties.createBounty: the branches of create_bounty.tree."""

import pytest
from assets import CAPTURE, mint
from brownie.exceptions import VirtualMachineError
from reverts import reverts_with
from system import DOLLAR
from yard import CLASS, SPEC, Job, Yard

BUDGET = 8 * (1_000_000 + 1_100_000)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"class_id": bytes(32)}, 1),
        ({"spec": bytes(32)}, 2),
        ({"units": 0}, 3),
        ({"segments": 0}, 4),
        ({"segments": 4_096}, 4),
        ({"audit_bps": 0}, 5),
        ({"audit_bps": 10_001}, 5),
        ({"lasts": 0}, 6),
        ({"work_window": 0}, 7),
        ({"work_window": 7 * 86_400 + 1}, 7),
        ({"input_price": 1}, 8),
        ({"stake": 2**80 + 1}, 9),
    ],
)
def test_a_job_that_is_none_is_refused(bounties, alice, change, what):
    with reverts_with("ComputeBounties_BadJob", what):
        bounties.createBounty(Job().but(**change).call, {"from": alice})


@pytest.mark.parametrize(("bps", "smallest"), [(2_000, 4_000_000), (3_333, 2_000_301), (10_000, 0)])
def test_a_stake_that_makes_lying_pay_is_refused(bounties, alice, bps, smallest):
    if smallest:
        with reverts_with("ComputeBounties_StakeTooSmall", smallest - 1, smallest):
            bounties.createBounty(Job(audit_bps=bps, stake=smallest - 1).call, {"from": alice})
    bounties.createBounty(Job(audit_bps=bps, stake=smallest).call, {"from": alice})


def test_an_input_that_does_not_exist_is_refused(bounties, alice):
    with pytest.raises(VirtualMachineError):
        bounties.createBounty(Job(input=b"\x01" * 32, input_price=5).call, {"from": alice})


def test_the_whole_price_is_locked(yard, bounties, ledger, alice):
    before = yard.system.token.balanceOf(alice)

    tx = bounties.createBounty(Job().call, {"from": alice})

    assert tx.events["BountyCreated"]["budget"] == BUDGET
    assert ledger.lockedBy(bounties) == BUDGET
    assert yard.system.token.balanceOf(alice) == before - BUDGET


def test_an_input_is_paid_for_too(yard, bounties, alice):
    asset = mint(yard.system.asset_registry, alice, "input", CAPTURE)

    tx = bounties.createBounty(Job(input=asset, input_price=500).call, {"from": alice})

    assert tx.events["BountyCreated"]["budget"] == BUDGET + 8 * 500


def test_canaries_lay_down_the_bond_for_a_wrong_one(yard, bounties, alice):
    bounty = yard.post(alice, Job(canary_root=b"\x01" * 32))

    assert yard.ledger.lockedBy(bounties) == BUDGET + 40 * DOLLAR
    assert bounties.bountyOf(bounty).dict()["canaryBond"]


def test_work_that_pays_nothing_locks_nothing(yard, bounties, alice):
    yard.post(alice, Job(price=0, audit_price=0, stake=0))

    assert yard.ledger.lockedBy(bounties) == 0


def test_bounties_are_numbered_and_kept(yard, bounties, alice, erin):
    job = Job().call
    first = bounties.createBounty(job, {"from": alice}).events["BountyCreated"]["bounty"]
    second = yard.post(alice)

    assert (first, second, bounties.bountyCount()) == (1, 2, 2)
    kept = bounties.bountyOf(1).dict()
    assert (kept["classId"], kept["spec"], kept["requester"]) == ("0x" + CLASS.hex(), "0x" + SPEC.hex(), alice)
    assert (kept["units"], kept["segments"], kept["auditBps"], kept["workWindow"]) == (8, 255, 2_000, 86_400)
    assert (kept["deadline"], kept["price"], kept["auditPrice"]) == (job[7], 1_000_000, 1_100_000)
    assert kept["stake"] == 4_000_000
    with reverts_with("ComputeBounties_Unknown", 3):
        bounties.bountyOf(3)


def test_it_emits_bounty_created(bounties, alice):
    job = Job().call

    event = bounties.createBounty(job, {"from": alice}).events["BountyCreated"]

    assert (event["bounty"], event["requester"], event["classId"]) == (1, alice, "0x" + CLASS.hex())
    assert event["job"][4:] == job[4:]


def test_a_token_that_keeps_a_fee_is_refused(hostile, alice):
    yard = hostile("FeeOnTransferToken", 100)

    with reverts_with("ComputeBounties_ShortPaid", BUDGET - BUDGET // 100, BUDGET):
        yard.bounties.createBounty(Job().call, {"from": alice})


@pytest.mark.parametrize("name", ["FalseReturnToken", "NoReturnToken", "BlocklistToken", "PausableToken"])
def test_a_strange_token_locks_the_price_or_nothing(hostile, alice, name):
    yard = hostile(name)
    try:
        yard.post(alice)
    except VirtualMachineError:
        assert yard.ledger.lockedBy(yard.bounties) == 0
        return
    assert yard.ledger.lockedBy(yard.bounties) == BUDGET


def test_a_token_that_calls_back_makes_no_second_bounty_for_the_same_money(hostile, alice):
    yard: Yard = hostile("ReentrantToken")
    token = yard.system.token
    token.arm(yard.bounties, yard.bounties.createBounty.encode_input(Job().call), {"from": alice})

    yard.post(alice)

    assert not token.lastWorked()
    assert (yard.bounties.bountyCount(), yard.ledger.lockedBy(yard.bounties)) == (1, BUDGET)


def test_a_surplus_is_the_requesters(hostile, alice):
    yard = hostile("ReentrantToken")
    token = yard.system.token
    token.arm(token, token.mint.encode_input(yard.ledger, 50), {"from": alice})

    yard.post(alice)

    assert yard.ledger.lockedBy(yard.bounties) == BUDGET
    assert yard.ledger.balanceOf(alice) == 50
