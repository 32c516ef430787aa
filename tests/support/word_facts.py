"""Facts of two scans of one place, both paid, for tests of what witnesses say of them."""

from __future__ import annotations

from dataclasses import replace

from chain_facts import ANA, BEN, CHIDI, NOBODY, at, commitment

from thenar.domain import facts as f
from thenar.domain.bounty.answers import Shown, answer_id
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.witnessing import WITNESS
from thenar.domain.catalog import Catalog, apply
from thenar.domain.ids import Address, AskId, AssetId, TermsId

DORA = Address("0x" + "d" * 40)
AREA, CELL, NEXT = 0x8A2A1072B59FFFF, 0x8C2A1072B59D1FF, 0x8C2A1072B59D3FF
LEAST = 100
SCANNER, OTHER = Address("0x" + "5" * 40), Address("0x" + "6" * 40)
ASK = Ask(
    modality=1, place_class=2, grain=12, needs_device=False, lowest=-1, highest=2, min_quality=1, area=AREA,
    target=20_000, deadline=10**9, slope=1, price=1, top_price=1, budget=10**6, terms=TermsId(0), subject=bytes(32),
    rules=bytes(31) + b"\1",
)  # fmt: skip


def asset(number: int) -> AssetId:
    """The asset of a number; the first is Ana's."""
    return commitment(ANA if number == 1 else BEN, number).asset_id


def paid(number: int, who: Address, ask: int = 1, **changes) -> list[f.Fact]:
    """An asset, answered with and paid; answers are numbered in the order of their commitments."""
    made = commitment(who, number)
    shown = replace(Shown(made.asset_id, CELL, 0, 8_000, 8_000, NOBODY, bytes(32)), **changes)
    answer, block = answer_id(AskId(ask), number - 1), 10 * number
    return [
        f.AssetMinted(at(block, 9), made.asset_id, who, NOBODY, number, TermsId(1), 0, made),
        f.AnswerCommitted(at(block), answer, who, bytes(32), 1, 100 * number, 1_000),
        f.AnswerRevealed(at(block + 1), answer, made.asset_id, shown, 2_000),
        f.AnswerSettled(at(block + 2), answer, who, 5, 0, 8_000),
    ]


START: list[f.Fact] = [
    f.MinimumStakeChanged(at(1), LEAST),
    f.NodeRegistered(at(1, 1), BEN, bytes(32), WITNESS, 2 * LEAST),
    f.CapturesAsked(at(1, 2), AskId(1), CHIDI, ASK, 1),
]
BOTH = [*START, *paid(1, ANA), *paid(2, BEN)]


def believed(facts) -> Catalog:
    """What facts add up to."""
    catalog = Catalog()
    for fact in facts:
        apply(catalog, fact)
    return catalog


def sponsored(facts, ask: int, sponsor: Address, **changes) -> list[f.Fact]:
    """The facts after another bounty was posted."""
    return [f.CapturesAsked(at(1, 3), AskId(ask), sponsor, replace(ASK, **changes), 1), *facts]
