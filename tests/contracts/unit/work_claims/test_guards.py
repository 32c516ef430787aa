"""What only ClaimDisputes may do with a claim: the branches of guards.tree."""

import pytest
from reverts import reverts_with
from yard import DISPUTED, DRAWN, REVEALED, SLASHED, VOIDED


@pytest.fixture
def work(yard, bounty, bob):
    return yard.to_revealed(bounty, bob)


@pytest.mark.parametrize(
    "call",
    [
        lambda claims, work, who: claims.hold(work.id, who),
        lambda claims, work, who: claims.uphold(work.id, False, who),
        lambda claims, work, who: claims.slash(work.id, who),
        lambda claims, work, who: claims.annul(work.id, who),
        lambda claims, work, who: claims.demanded(work.id, who),
        lambda claims, work, who: claims.shown(work.id, 1, who),
    ],
    ids=["hold", "uphold", "slash", "annul", "demanded", "shown"],
)
def test_nobody_else_stops_or_ends_a_claim(claims, work, mallory, call):
    with reverts_with("WorkClaims_NotDisputes", mallory):
        call(claims, work, {"from": mallory})


def test_only_shown_work_is_held_and_slashed(yard, claims, bounty, bob, disputes):
    work = yard.to_drawn(bounty, bob)

    for call in (claims.hold, claims.slash, claims.demanded):
        with reverts_with("WorkClaims_WrongStage", work.id, DRAWN):
            call(work.id, disputes)


def test_only_a_dispute_is_upheld_or_annulled(claims, work, disputes):
    with reverts_with("WorkClaims_WrongStage", work.id, REVEALED):
        claims.uphold(work.id, False, disputes)
    with reverts_with("WorkClaims_WrongStage", work.id, REVEALED):
        claims.annul(work.id, disputes)


def test_a_dispute_takes_nothing_from_the_window(yard, claims, work, disputes):
    left = yard.course(work)["deadline"]
    held = claims.hold(work.id, disputes).timestamp
    assert yard.stage(work) == DISPUTED

    upheld = claims.uphold(work.id, False, disputes)

    assert yard.course(work)["deadline"] == upheld.timestamp + left - held


@pytest.mark.parametrize(("verb", "stage"), [("slash", SLASHED), ("annul", VOIDED)])
def test_what_ended_is_over(yard, claims, work, disputes, verb, stage):
    claims.hold(work.id, disputes)
    getattr(claims, verb)(work.id, disputes)

    assert yard.stage(work) == stage
    with reverts_with("WorkClaims_WrongStage", work.id, stage):
        getattr(claims, verb)(work.id, disputes)


def test_windows_are_those_of_the_deployment(claims):
    assert claims.windows() == (7_200, 3_600, 2)
