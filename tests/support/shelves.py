"""What a node of a story would serve of its catalog, held against what the door says it serves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jsonschema
import trio

from thenar.adapters.journal import open_journal
from thenar.adapters.web.describing import describe_door
from thenar.commands.shelf import shelf_of
from thenar.domain.catalog import apply
from thenar.services.belief import Belief

DECIMALS = 6


def served(kept: Path) -> Counter[str]:
    """How many items of each collection the nodes below a folder know; every one is as described."""
    found: Counter[str] = Counter()
    for directory in sorted(path.parent for path in kept.rglob("journal.sqlite")):
        found += trio.run(_served, directory)
    return found


async def _served(directory: Path) -> Counter[str]:
    belief = Belief()
    async with open_journal(directory) as journal:
        for fact in await journal.facts():
            apply(belief.catalog, fact)
    desk = SimpleNamespace(subjects={})
    shelf = shelf_of(cast(Any, SimpleNamespace(belief=belief, decimals=DECIMALS, bounty_desk=desk)))
    schemas = cast(Any, describe_door(shelf, ()))["components"]["schemas"]
    found: Counter[str] = Counter()
    for name, collection in shelf.collections.items():
        for key, record in collection.records().items():
            assert isinstance(key, str)
            item = collection.show(record)
            jsonschema.validate(item, schemas[name])
            assert set(collection.filters) <= item.keys()
            found[name] += 1
    return found
