"""Who sees a published scan: a public place in cubes of 400 mm, and of every other place nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from thenar.commands.looking import look_view
from thenar.domain.bounty.answers import AnswerStage
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.errors import NotFound, Unavailable

ASSET, STRANGER, OWNER = "0x" + "ab" * 32, "0x" + "01" * 20, "0x" + "02" * 20
BOUNTY = 3
SKETCH = PlaceSketch.of(np.array([[0, 0, 0], [900, 0, 0]]), RULES.spatial)


def node(place: str, stage: AnswerStage = AnswerStage.REVEALED) -> Any:
    """A stranger's node while nobody tells anything but the published sketch, and the chain is away."""

    async def nothing(*_: object) -> None:
        return None

    async def away(*_: object) -> Any:
        raise Unavailable("nobody is there")

    async def sketch(_: object) -> PlaceSketch:
        return SKETCH

    ask = SimpleNamespace(place_name=place, modality_name="spatial")
    answer = SimpleNamespace(id=BOUNTY << 32, shown=SimpleNamespace(asset=ASSET), stage=stage)
    catalog = SimpleNamespace(
        assets={ASSET: SimpleNamespace(id=ASSET, owner=OWNER)},
        asks={BOUNTY: SimpleNamespace(ask=ask)},
        answers={answer.id: answer},
    )
    belief = SimpleNamespace(catalog=catalog, block=1)
    parts = {"journal": SimpleNamespace(get=nothing), "sealer": None, "chain": SimpleNamespace(head=away)}
    return SimpleNamespace(
        me=STRANGER, belief=belief, bounty_desk=SimpleNamespace(sketch=sketch), holders=away, library=None, **parts
    )


@pytest.mark.parametrize("place", ["public_street", "public_interior", "semi_public"])
async def test_a_scan_of_a_public_place_is_shown_in_cubes_and_nothing_opens(place) -> None:
    seen = await look_view(node(place), ASSET)

    assert seen["shell"]["edge_mm"] == 400  # type: ignore[index]
    assert seen["shell"]["cubes"] == 2  # type: ignore[index]
    assert (seen["opens"], seen["sketch"]) == (False, None)


@pytest.mark.parametrize("place", ["residential_common", "workplace", "private_home", ""])
async def test_a_scan_of_any_other_place_is_not_shown_at_all(place) -> None:
    assert (await look_view(node(place), ASSET))["shell"] is None


async def test_a_scan_that_a_jury_refuted_is_not_shown() -> None:
    assert (await look_view(node("public_street", AnswerStage.REFUTED), ASSET))["shell"] is None


async def test_an_asset_nobody_minted_is_not_found() -> None:
    with pytest.raises(NotFound):
        await look_view(node("public_street"), "0x" + "cd" * 32)
