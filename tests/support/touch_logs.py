"""A small log of touch that says too much, with its description."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import tomli_w

from thenar.adapters import media


def touch_log(folder: Path, start: datetime, place: dict[str, object]) -> Path:
    """A log of touch with its description, as somebody in a home would state it."""
    stated = tomllib.loads(media.TEMPLATE)
    stated["time"]["start"], stated["place"] = start, place
    stated["consent"] |= {
        "subjects": ["self"],
        "purposes": ["train_research"],
        "premises_permission": "resident",
        "bystander_treatment": "none_present",
        "jurisdiction": "DE",
        "text": "Mine.",
    }
    path = folder / "touch.csv"
    path.with_name("touch.csv.capture.toml").write_text(tomli_w.dumps(stated))
    rows = "".join(f"{i / 10},{i % 7},Ana\n" for i in range(30))
    path.write_text("# recorded by Ana, serial 4711\nTime (s),touch_1 (N),operator\n" + rows)
    return path
