"""ClaimDisputes.challenge and openCanary: the branches of challenge.tree."""

import pytest
from reverts import reverts_with
from system import DOLLAR
from yard import DISPUTED, DRAWN, FOR_CLAIM, FOR_OTHER, REVEALED, SLASHED, VOID, VOIDED, Job, forged, honest

from thenar.domain.work.canaries import Canaries, Known

BOND = 40 * DOLLAR
SECRET = "33" * 32


def cage_of(answer, units):
    """Canaries of the node's own making at some of eight units."""
    return Canaries(SECRET, 8, tuple(Known(unit, answer(unit).hex()) for unit in units))


CAGE = cage_of(honest, [2])
ROOT = CAGE.tree().root


def opening(cage, unit):
    """What the requester shows of one."""
    return cage.answer(unit), cage.salt(unit), cage.tree().prove(unit)


@pytest.fixture
def caged(yard, alice, bob):
    """Bob's lie at place 2 of a bounty that hides the answer to unit 2."""
    bounty = yard.post(alice, Job(canary_root=ROOT))
    return yard.to_revealed(bounty, bob, lies=[2])


def test_a_challenge_needs_its_bond(yard, disputes, lie, mallory):
    with reverts_with("Ledger_NotEnough", mallory, 0, BOND):
        disputes.challenge(lie.id, 2, *yard.proof(lie, 2), honest(2), {"from": mallory})


def test_what_is_not_shown_is_not_challenged(yard, disputes, bounty, bob, grace):
    """Until then the root is a commitment, of which nothing is a member."""
    work = yard.to_drawn(bounty, bob)
    commitment = bytes.fromhex(str(yard.state(work)["root"])[2:])

    with reverts_with("ClaimDisputes_NotMember", commitment, 0):
        disputes.challenge(work.id, 0, *yard.proof(work, 0), forged(0), {"from": grace})
    assert yard.stage(work) == DRAWN


def test_a_trace_the_claim_does_not_have_is_refused(yard, disputes, lie, grace):
    _, path = yard.proof(lie, 2)

    with reverts_with("ClaimDisputes_NotMember", lie.tree.root, 2):
        disputes.challenge(lie.id, 2, honest(2), path, forged(9), {"from": grace})


def test_the_same_trace_is_no_challenge(yard, disputes, lie, grace):
    claimed, path = yard.proof(lie, 2)

    with reverts_with("ClaimDisputes_SameTrace", claimed):
        disputes.challenge(lie.id, 2, claimed, path, claimed, {"from": grace})


def test_anybody_challenges_any_place_with_a_bond(yard, ledger, disputes, lie, grace):
    before = ledger.balanceOf(grace)

    tx = disputes.challenge(lie.id, 2, *yard.proof(lie, 2), honest(2), {"from": grace})

    assert ledger.balanceOf(grace) == before - BOND
    assert ledger.lockedBy(disputes) == BOND
    assert yard.stage(lie) == DISPUTED
    event = tx.events["ClaimDisputed"]
    assert (event["opponent"], event["ground"], event["place"], event["bond"]) == (grace, 2, 2, BOND)


def test_nobody_else_opens_a_canary(yard, disputes, caged, mallory):
    with reverts_with("ClaimDisputes_NotRequester", caged.id, mallory):
        disputes.openCanary(caged.id, 2, *yard.proof(caged, 2), *opening(CAGE, 2), {"from": mallory})


def test_an_answer_that_was_not_hidden_is_none(yard, disputes, caged, alice):
    with reverts_with("ClaimDisputes_NotMember", ROOT, 2):
        disputes.openCanary(caged.id, 2, *yard.proof(caged, 2), forged(9), *opening(CAGE, 2)[1:], {"from": alice})


def test_a_canary_is_opened_with_the_bond_of_the_bounty(yard, ledger, disputes, caged, alice):
    tx = disputes.openCanary(caged.id, 2, *yard.proof(caged, 2), *opening(CAGE, 2), {"from": alice})

    assert ledger.lockedBy(disputes) == BOND
    event = tx.events["ClaimDisputed"]
    assert (event["opponent"], event["ground"], event["bond"]) == (alice, 3, BOND)
    assert not yard.bounties.bountyOf(yard.course(caged)["bounty"]).dict()["canaryBond"]


def test_one_canary_at_a_time(yard, disputes, alice, bob, carol):
    cage = cage_of(honest, range(8))
    bounty = yard.post(alice, Job(canary_root=cage.tree().root))
    one, two = yard.to_revealed(bounty, bob, lies=[0]), yard.to_revealed(bounty, carol, lies=[0])
    disputes.openCanary(one.id, 0, *yard.proof(one, 0), *opening(cage, 0), {"from": alice})

    with reverts_with("ComputeBounties_NothingDue", bounty):
        disputes.openCanary(two.id, 0, *yard.proof(two, 0), *opening(cage, 4), {"from": alice})


@pytest.mark.parametrize(("ruling", "stage"), [(FOR_OTHER, SLASHED), (VOID, VOIDED)])
def test_the_bond_of_a_canary_that_was_not_wrong_lies_with_its_bounty_again(
    yard, ledger, disputes, rule, caged, alice, ruling, stage
):
    held = ledger.lockedBy(yard.bounties)
    tx = disputes.openCanary(caged.id, 2, *yard.proof(caged, 2), *opening(CAGE, 2), {"from": alice})
    assert (ledger.lockedBy(yard.bounties), ledger.lockedBy(disputes)) == (held - BOND, BOND)

    rule(tx.return_value, ruling, judged=False)

    assert yard.stage(caged) == stage
    assert (ledger.lockedBy(yard.bounties), ledger.lockedBy(disputes)) == (held, 0)
    assert yard.bounties.bountyOf(yard.course(caged)["bounty"]).dict()["canaryBond"]


def test_a_wrong_canary_loses_its_bond_to_the_worker(yard, ledger, disputes, rule, alice, bob):
    """The requester hid what nobody who runs the unit finds."""
    hides = cage_of(forged, range(8))
    bounty = yard.post(alice, Job(canary_root=hides.tree().root))
    work = yard.to_revealed(bounty, bob)
    before = ledger.balanceOf(bob)
    tx = disputes.openCanary(work.id, 2, *yard.proof(work, 2), *opening(hides, 2), {"from": alice})

    rule(tx.return_value, FOR_CLAIM)

    assert yard.stage(work) == REVEALED
    assert ledger.balanceOf(bob) - before == BOND // 2
    assert not yard.bounties.bountyOf(bounty).dict()["canaryBond"]
