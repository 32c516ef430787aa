"""Which classes a machine is lent for: those it passes, and weaker ones only when they are named."""

from __future__ import annotations

import pytest

from thenar.commands.working import _chosen
from thenar.errors import BadInput
from thenar.services.ports import Capabilities, Capability

FOUND = Capabilities(
    tuple(Capability(bytes(32), name, ("wasm",), bytes(32), 1) for name in ("X1", "X2", "T", "H")), 2, "none"
)


def test_weaker_classes_are_lent_only_when_they_are_named():
    assert [one.name for one in _chosen(FOUND, None)] == ["X1", "X2"]
    assert [one.name for one in _chosen(FOUND, "T, X1")] == ["T", "X1"]


def test_a_class_this_machine_does_not_pass_is_refused_with_those_it_does():
    with pytest.raises(BadInput, match="does not offer the class 'X1r'") as refused:
        _chosen(FOUND, "X1r")

    assert refused.value.next_step == "it offers: X1, X2, T, H"
