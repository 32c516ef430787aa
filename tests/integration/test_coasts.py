"""The map's coasts are where land ends, also where the world's edge cuts through a country."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "node" / "thenar" / "adapters" / "web" / "pages"
NODE = shutil.which("node")
LAND = {
    "Kampala": (32.6, 0.3),
    "Moscow": (37.6, 55.8),
    "west of the world's edge in Chukotka": (175.0, 67.0),
    "east of it": (-178.0, 67.5),
    "Nunavut": (-100.0, 66.0),
    "Antarctica": (0.0, -80.0),
    "Antarctica at the world's edge": (179.5, -85.0),
}
SEA = {
    "the Gulf of Guinea": (0.0, 0.0),
    "the Greenland Sea, as far north as Chukotka": (-5.0, 68.0),
    "the North Sea": (3.0, 56.0),
    "the Barents Sea, as far north as Wrangel Island": (40.0, 71.2),
    "the Atlantic, as far south as Fiji": (-20.0, -16.5),
    "the Bering Sea at the world's edge": (180.0, 60.0),
}

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node.js on PATH to read the pages' own coasts with")


@pytest.fixture(scope="module")
def rings() -> list[list[tuple[float, float]]]:
    script = "const { rings } = await import(process.argv[1]); process.stdout.write(JSON.stringify(rings));"
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", script, str(PAGES / "land.js")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


def is_land(rings: list[list[tuple[float, float]]], lng: float, lat: float) -> bool:
    """Whether a point lies within, by the rule the map fills with: crossed an odd number of times to the east."""
    crossed = 0
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y0 > lat) != (y1 > lat) and x0 + (lat - y0) / (y1 - y0) * (x1 - x0) > lng:
                crossed += 1
    return crossed % 2 == 1


@pytest.mark.parametrize("name", LAND)
def test_land_is_land(rings, name):
    assert is_land(rings, *LAND[name])


@pytest.mark.parametrize("name", SEA)
def test_sea_is_sea(rings, name):
    assert not is_land(rings, *SEA[name])
