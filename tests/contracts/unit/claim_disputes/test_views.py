"""ClaimDisputes' views: the branches of views.tree."""

from system import DOLLAR


def test_bonds_and_time_are_those_of_the_deployment(disputes):
    assert disputes.terms() == (DOLLAR, 40 * DOLLAR, 1_800)
