"""CallDisputes' views: the branches of views.tree."""

from __future__ import annotations

from accused import BOND, DEFENCE

from thenar.domain.reflex.accusations import class_of

NOBODY = "0x" + "00" * 20


def test_terms_are_what_it_was_built_with(trial):
    assert trial.disputes.terms() == (BOND, DEFENCE)


def test_what_never_was_is_all_zero(trial):
    assert trial.disputes.accusationOf(b"\x01" * 32) == (NOBODY, 0)
    assert trial.disputes.caseOf(7) == ("0x" + "00" * 32, "0x" + "00" * 32, NOBODY)


def test_the_twin_names_classes_the_same(trial, node, carol):
    accusation = trial.accuse(carol).events["CallAccused"]["accusation"]

    assert accusation == "0x" + trial.charge().id.hex()
    assert bytes(trial.disputes.classOf(trial.served.model)) == class_of(trial.served.asset)
