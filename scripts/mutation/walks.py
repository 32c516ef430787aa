"""Let the random walk judge: contracts with a wrong in them, in an EVM in this process, against the money's model."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

WALKED = (
    "AssetRegistry",
    "CallDisputes",
    "Escrow",
    "KeyExchange",
    "Ledger",
    "LicenseDesk",
    "LiveDesk",
    "MarkDesk",
    "OmissionCourt",
    "PreviewDesk",
    "ReflexDesk",
    "RevenueGraph",
    "RunDesk",
)
"""Contracts the walk calls."""


def prepare() -> None:
    """Import what every judgement needs, before children are forked."""
    import walk  # noqa: F401


def judge(codes: Mapping[str, str], seeds: Sequence[int], themes: Sequence[str]) -> str:
    """Walk with these contracts in place of ours and mostly by these moves; returns what broke, or nothing."""
    import machine
    import pyrevm
    import walk

    ours: Any = machine.artifact

    def mutated(name: str) -> Any:
        made = ours(name)
        return replace(made, bytecode=bytes.fromhex(codes[name])) if name in codes else made

    machine.artifact = mutated
    roomy = pyrevm.Env(cfg=pyrevm.CfgEnv(limit_contract_code_size=1_000_000))
    machine.pyrevm.EVM = functools.partial(pyrevm.EVM, env=roomy)
    favoured = [weight * (5 if move.__module__ in themes else 1) for move, weight in walk.MOVES.items()]
    walk.drawn_weights = lambda _: favoured
    for seed in seeds:
        outcome = walk.walk(seed)
        if outcome.broken:
            return f"walk: {outcome.broken[0]}"
    return ""
