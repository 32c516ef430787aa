"""What the pages cost a browser that draws everything in software: measured, and at full size held to the budget."""

from __future__ import annotations

import json
import os
import shutil
from functools import partial
from pathlib import Path

import pytest
import trio
from gallery import looked_at, opened

DRIVER = Path(__file__).parent / "browser"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
ROWS, CELLS, TRIES = (10_000, 50_000, 3) if FULL else (1_200, 3_000, 1)
FIRST_PAINT_MS, LEAST_FPS, CELLS_MS = 1_000, 30, 3_000
DEADLINE = 540
ON_SCREEN = 80
"""Rows of a long table that are ever elements: those in sight, and a few to either side."""

if BROWSER is None:
    pytest.skip("no Chromium on PATH to draw the pages with", allow_module_level=True)
if not (DRIVER / "node_modules" / "playwright-core").is_dir():
    pytest.skip("the browser's driver is not installed: run `make interop`", allow_module_level=True)


async def measured() -> dict[str, object]:
    async with opened(ROWS, CELLS) as address:
        asked = {"browser": BROWSER, "address": address, "rows": ROWS, "cells": CELLS, "tries": TRIES} | looked_at()
        command = ["node", "budgets.mjs", json.dumps(asked)]
        with trio.fail_after(DEADLINE):
            done = await trio.run_process(command, cwd=str(DRIVER), capture_stdout=True)
        return dict(json.loads(done.stdout))


def test_pages_are_quick_where_everything_is_drawn_in_software(record_property) -> None:
    seen = trio.run(partial(measured))
    for name in ("first_paint_ms", "scroll_fps", "cells_ms"):
        record_property(name, round(float(str(seen[name])), 1))

    assert (seen["console"], seen["foreign"]) == ([], [])
    assert seen["looked"] == [["canvas.space", True], ["canvas.heat", True]]
    assert seen["rows"] == ROWS
    assert int(str(seen["elements"])) <= ON_SCREEN
    if FULL:  # a figure means something on a machine that does nothing else
        assert float(str(seen["first_paint_ms"])) <= FIRST_PAINT_MS
        assert float(str(seen["scroll_fps"])) >= LEAST_FPS
        assert float(str(seen["cells_ms"])) <= CELLS_MS
