"""What the door shows of a catalog: as described also where the chain holds what nobody here would write."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import jsonschema
import pytest
from chain_facts import ANA, BEN, NOBODY
from gallery import crowded

from thenar.adapters.web import Shelf
from thenar.adapters.web.describing import describe_door
from thenar.adapters.web.kinds import compared
from thenar.commands.shelf import shelf_of
from thenar.domain.bounty.coverage import Spot
from thenar.domain.catalog import Catalog, CoverageRecord
from thenar.domain.catalog.records import DeviceRecord
from thenar.domain.devices import GOOD, NO_DEVICE, DeviceKind
from thenar.domain.ids import AskId
from thenar.services.belief import Belief

WORDS = b"w" * 32


def node_of(catalog: Catalog) -> Any:
    belief = Belief()
    belief.catalog = catalog
    return SimpleNamespace(belief=belief, decimals=6, bounty_desk=SimpleNamespace(subjects={}))


def items(shelf: Shelf, name: str) -> list[dict[str, Any]]:
    collection = shelf.collections[name]
    return [collection.show(record) for record in collection.records().values()]


@pytest.fixture
def catalog() -> Catalog:
    """Assets, income, bounties and coverage; devices of every kind there is and of one there is not."""
    made = crowded(60, 5)
    asked = made.asks[AskId(1)]
    thing = replace(asked.ask, modality=2, place_class=0, area=0, subject=WORDS)
    made.asks[AskId(9)] = replace(asked, id=AskId(9), ask=thing)
    spot = Spot(2, 0, 0, 0, WORDS)
    made.coverage[spot.key] = CoverageRecord(spot, 5, 7)
    for number, kind in enumerate((*DeviceKind, 99)):
        device = cast(Any, f"0x{number:040x}")
        made.devices[device] = DeviceRecord(device, ANA, NO_DEVICE if number % 2 else BEN, kind, WORDS, 1, GOOD)
    made.accounts[NOBODY] = 0
    return made


def test_whatever_the_catalog_holds_is_as_described_and_can_be_asked_for(catalog) -> None:
    shelf = shelf_of(node_of(catalog))
    told = cast(Any, describe_door(shelf, ()))
    seen = {}
    for name, collection in shelf.collections.items():
        seen[name] = items(shelf, name)
        for item in seen[name]:
            jsonschema.validate(item, told["components"]["schemas"][name])
            for field in collection.filters:
                said = item[field]
                spoken = said if isinstance(said, str) else {None: "null", True: "true", False: "false"}[said]
                assert compared(collection.fields[field], spoken) == spoken

    assert {name for name, shown in seen.items() if shown} >= {"assets", "income", "asks", "coverage", "devices"}
    assert [one["kind"] for one in seen["devices"]][-2:] == ["robot", "99"]
    assert [(one["area"], one["place_class"]) for one in seen["asks"]][-1] == ("", "")


def test_no_field_is_a_list_of_anything_at_all() -> None:
    told = cast(Any, describe_door(shelf_of(node_of(Catalog())), ()))

    for schema in told["components"]["schemas"].values():
        assert all("items" in field for field in schema["properties"].values() if field["type"] == "array")


def test_every_filter_can_be_compared() -> None:
    for collection in shelf_of(node_of(Catalog())).collections.values():
        for field in collection.filters:
            with pytest.raises(ValueError, match=r"\w"):
                compared(collection.fields[field], "\0")


def test_the_tag_is_another_when_facts_were_folded_or_words_were_found_and_in_every_run() -> None:
    node = node_of(Catalog())
    shelf = shelf_of(node)
    tags = [shelf.tag()]
    node.belief.advance(1, changed=False)
    assert shelf.tag() == tags[0]
    node.belief.advance(2)
    tags.append(shelf.tag())
    node.bounty_desk.subjects[WORDS] = "a cup"
    tags.append(shelf.tag())
    node.belief.restart()
    tags.append(shelf.tag())
    tags.append(shelf_of(node).tag())

    assert len(set(tags)) == 5
