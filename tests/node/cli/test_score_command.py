"""`thenar capture score`: what a contributor is told on her own machine, without a node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_rooms import Ints, refurnished, room, scan
from PIL import Image

ROOM = room(np.random.default_rng(5))


def write_pcd(path: Path, points: Ints) -> Path:
    head = f"VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH {len(points)}\nHEIGHT 1\n"
    head += f"VIEWPOINT 0 0 0 1 0 0 0\nPOINTS {len(points)}\nDATA binary\n"
    path.write_bytes(head.encode() + (points / 1000).astype("<f4").tobytes())
    return path


@pytest.fixture(scope="module")
def scans(tmp_path_factory: Any) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("scans")
    draw = np.random.default_rng(8)
    first = scan(ROOM, np.random.default_rng(6), rays=20_000, style="tripod").points
    again = scan(refurnished(ROOM, draw, 0.3), draw, rays=20_000, style="walk").points
    turned = np.stack([-first[:, 1] + 700, first[:, 0] - 300, first[:, 2] + 40], axis=1)
    made = {"first": first, "again": again, "turned": turned}
    return {name: write_pcd(folder / f"{name}.pcd", points) for name, points in made.items()}


def colours(path: Path) -> Iterator[tuple[int, ...]]:
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        found = picture.convert("RGB").getcolors(1 << 24)
    assert found is not None
    yield from (colour for _, colour in found)  # type: ignore[misc]


def test_a_scan_alone_is_new_and_every_part_of_its_quality_has_a_reason(thenar: Any, scans: dict[str, Path]) -> None:
    said = thenar("capture", "score", scans["first"], "--json")

    assert said.code == 0
    assert (said.json["novelty_bp"], said.json["copy"], said.json["modality"]) == (10_000, False, "spatial")
    assert said.json["contribution_bp"] == said.json["quality_bp"] > 5_000
    assert [part["part"] for part in said.json["parts"]] == ["density", "extent", "structure", "level floor"]
    assert all(len(part["why"]) > 20 for part in said.json["parts"])
    assert said.json["price"] == said.json["coverage"] == "told for a bounty: name it with --bounty"


def test_for_a_bounty_coverage_and_price_are_asked_of_the_node_which_publishes_nothing(
    thenar: Any, scans: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    worth = {"coverage": "0% to 71% of a good capture", "price": "60.00", "bond": "30.00"}
    beside = {"bounty": 1, "novelty": "100%", "why": "new", "compared_with": ["answer 7"]}
    asked = []

    async def node(_: Any, name: str, arguments: dict[str, object], tell: Any) -> dict[str, object]:
        asked.append((name, arguments))
        return {**worth, **beside, "quality": "71%", "notes": []}

    monkeypatch.setattr("thenar.cli.scoring.run_command", node)
    said = thenar("capture", "score", scans["first"], "--bounty", 1, "--cell", "8c2a1072b59d1ff", "--json")

    named = {"bounty": 1, "path": str(scans["first"]), "cell": "8c2a1072b59d1ff", "level": "0", "dry": True}
    assert asked == [("bounty.answer", named)]
    assert {key: said.json[key] for key in worth} == worth
    assert said.json["for_bounty"] == beside


def test_a_bounty_needs_a_node_and_a_cell_needs_a_bounty(thenar: Any, scans: dict[str, Path], tmp_path: Path) -> None:
    nowhere = thenar("capture", "score", scans["first"], "--bounty", 1, "--data", tmp_path / "nothing")
    alone = thenar("capture", "score", scans["first"], "--cell", "8c2a1072b59d1ff")

    assert nowhere.code == 4
    assert alone.code == 2
    assert "--bounty" in alone.err


def test_a_turned_copy_is_told_to_be_one_with_the_transform_that_shows_it(thenar: Any, scans: dict[str, Path]) -> None:
    said = thenar("capture", "score", scans["turned"], "--against", scans["first"])

    assert said.code == 0
    text = " ".join(said.out.split())
    assert "copy yes" in text
    assert "novelty 0%" in text
    assert "this is a copy" in text
    assert "plane (" in text


def test_sketches_stand_for_scans_and_several_are_compared_with(
    thenar: Any, scans: dict[str, Path], tmp_path: Path
) -> None:
    kept = tmp_path / "first.sketch"
    thenar("capture", "score", scans["first"], "--sketch", kept)

    said = thenar("capture", "score", scans["again"], "--against", kept, "--against", scans["again"], "--json")

    assert [one["verdict"] for one in said.json["earlier"]] == ["recorded again", "a copy"]
    assert (said.json["copy"], said.json["novelty_bp"], said.json["witness_for"]) == (True, 0, [])


def test_pictures_show_what_is_new_in_blue_and_what_was_seen_in_orange(
    thenar: Any, scans: dict[str, Path], tmp_path: Path
) -> None:
    new, seen = (0, 114, 178), (230, 159, 0)
    alone = thenar("capture", "score", scans["first"], "--plot", tmp_path / "alone", "--json")
    beside = thenar("capture", "score", scans["again"], "--against", scans["first"], "--plot", tmp_path / "b", "--json")

    names = [Path(picture).name for picture in alone.json["pictures"]]
    assert names == ["point-density.png", "coverage.png"]
    assert seen not in set(colours(tmp_path / "alone" / "coverage.png"))
    assert {new, seen} <= set(colours(tmp_path / "b" / "coverage.png"))
    assert len(beside.json["witness_for"]) == 1
    assert len(set(colours(tmp_path / "alone" / "point-density.png"))) > 20


def test_touch_is_drawn_taxel_by_taxel_with_the_gaps_of_its_clock(thenar: Any, tmp_path: Path) -> None:
    draw = np.random.default_rng(24)
    rows = np.abs(np.cumsum(draw.integers(-40, 41, (400, 20)), axis=0))
    times = np.arange(400) * 10
    times[200:] += 500
    path = tmp_path / "touch.csv"
    lines = ["t (ms)," + ",".join(f"touch {n} (mN)" for n in range(20))]
    lines += [f"{t}," + ",".join(map(str, row)) for t, row in zip(times.tolist(), rows.tolist(), strict=True)]
    path.write_text("\n".join(lines) + "\n")

    said = thenar("capture", "score", path, "--plot", tmp_path, "--json")

    assert said.code == 0
    assert [Path(picture).name for picture in said.json["pictures"]] == ["taxels.png", "timing.png"]
    clock = next(part for part in said.json["parts"] if part["part"] == "clock")
    assert clock["why"] == "1 gaps in its clock, the longest 510 ms"
    assert (87, 16, 110) in set(colours(tmp_path / "timing.png"))


def test_what_cannot_be_scored_is_told_with_a_next_step(thenar: Any, scans: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.sketch"
    broken.write_bytes(b"thenar.sketch.spatial/1" + bytes(15))

    refusals = [
        thenar("capture", "score", scans["first"], "--modality", "visual", "--json"),
        thenar("capture", "score", scans["first"], "--against", broken, "--json"),
        thenar("capture", "score", scans["first"], "--against", tmp_path / "absent", "--json"),
        thenar("capture", "score", scans["first"], "--modality", "imu", "--json"),
    ]

    assert [said.code for said in refusals] == [2, 2, 2, 2]
    assert [said.error["message"][:30] for said in refusals] == [
        "visual recordings are not scor",
        "these bytes are no sketch of a",
        "cannot read absent: No such fi",
        "this recording holds no accele",
    ]
