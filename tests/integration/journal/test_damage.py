"""A disk that flips bits, tears and empties files: a node says why it stops, or nothing is lost; it never crashes."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections import Counter
from pathlib import Path

from damage import STORE, furnish, read_all, spoil

from thenar.directory import MARK_FILE
from thenar.errors import ThenarError

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
CASES = 1_000 if FULL else 40
UNIT = Path(__file__).resolve().parents[3] / "deployments" / "systemd" / "thenar.service"
MISSING = 3
"""The exit code with which this test itself says that pinned files are gone."""


def kinds(home: Path) -> dict[str, list[Path]]:
    """The files of a home by what they are; each kind is spoiled as often as the others."""
    files = [path.relative_to(home) for path in home.rglob("*") if path.is_file() and path.name != "lock"]
    named = {"journal": "journal.sqlite", "index": "index.sqlite", "account": "account.json", "secrets": "secrets.box"}
    found = {kind: [path for path in files if path.name == name] for kind, name in named.items()}
    return {**found, "blocks": [path for path in files if path.parent.parent.name == "blocks"]}


async def test_what_a_disk_spoils_is_found_or_harmless_and_never_served(tmp_path, record_property):
    home, here, dice = tmp_path / "home", tmp_path / "case", random.Random(6)
    await furnish(home)
    whole, came, served = await read_all(home), Counter(), 0
    stops = {int(code) for code in re.findall(r"^RestartPreventExitStatus=(.+)$", UNIT.read_text(), re.M)[0].split()}
    files = kinds(home)
    for case in range(CASES):
        shutil.copytree(home, here)
        kind = list(files)[case % len(files)]
        what = spoil(here / dice.choice(files[kind]), dice)
        try:
            found = await read_all(here)
        except ThenarError as told:  # anything else is a crash, and a node that is restarted for ever
            came[kind, "found"] += 1
            assert told.exit_code in {*stops, MISSING}, (kind, what, told)
            assert told.message
        else:
            assert found.keys == whole.keys, (kind, what)
            served += found.files != whole.files
            came[kind, "harmless" if found == whole else "unnoticed"] += 1
        shutil.rmtree(here)

    unnoticed = sum(count for (_, how), count in came.items() if how == "unnoticed")
    record_property("files_spoiled", CASES)
    for (kind, how), count in sorted(came.items()):
        record_property(f"spoiled_{kind}_{how}", count)
    record_property("found_or_harmless_percent", round(100 * (1 - unnoticed / CASES), 2))
    record_property("spoiled_files_served", served)
    assert served == unnoticed == 0
    assert all(came[kind, "found"] for kind in files)


async def test_a_journal_that_was_emptied_is_no_new_one_and_one_moved_away_is(tmp_path):
    await furnish(tmp_path)
    assert (tmp_path / STORE / MARK_FILE).exists()
    (tmp_path / "journal.sqlite").unlink()

    assert (await read_all(tmp_path)).journal["cursor"] is None
