"""What marked copies cost: agreed on twice, leaked twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brownie import history
from marks import Marked, prepare
from system import System


def two_leaks(system: System, owner: Any, buyers: Sequence[Any], finder: Any) -> dict[str, list[list[Any]]]:
    """The transactions of two marks: propose and accept; commit to 256 cells, show them, answer."""
    found: dict[str, list[list[Any]]] = {"mark": [], "leak_256": []}
    for buyer in buyers:
        marked = prepare(system, owner, buyer, finder)
        found["mark"].append(_since(lambda one=marked: one.held()))
        found["leak_256"].append(_since(lambda one=marked: _leaked(one)))
    return found


def _leaked(marked: Marked) -> None:
    leak = marked.reading(count=256)
    marked.show(leak)
    marked.answer(leak)


def _since(act: Any) -> list[Any]:
    before = len(history)
    act()
    return list(history[before:])
