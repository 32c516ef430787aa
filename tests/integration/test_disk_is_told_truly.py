"""What a store says it takes on disk is what `du` says, after adds, drops, collections and kills."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import store_churner
import trio
from command_line import environment

from thenar.adapters.ipfs.embedded import open_embedded

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
STEPS, KILLS = (10_000, 20) if FULL else (240, 3)
SHARE = 0.01


def du(folder: Path) -> int:
    """Bytes as the system counts them."""
    subprocess.run(["sync", "-f", str(folder)], check=True)
    return int(
        subprocess.run(["du", "-s", "-B1", folder], capture_output=True, text=True, check=True).stdout.split()[0]
    )


async def told(folder: Path) -> tuple[int, int]:
    """What the store says, and what `du` says, while it is open."""
    async with open_embedded(folder, quota=store_churner.QUOTA) as store:
        usage = await store.usage()
        assert usage.on_disk is not None
        return usage.on_disk, await trio.to_thread.run_sync(du, folder)


def churned(folder: Path, steps: int, seed: int, kill_after: int | None) -> int:
    """Run the churner; kill it once it has told so many steps. How many it told."""
    done = 0
    words = [sys.executable, store_churner.__file__, str(folder), str(steps), str(seed)]
    variables = environment(PYTHONPATH=os.pathsep.join(sys.path))
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=variables) as child:
        for line in child.stdout or ():
            done += 1
            if kill_after is not None and int(line) >= kill_after:
                child.kill()
                break
    assert kill_after is not None or child.returncode == 0
    return done


def test_the_figure_agrees_with_du_after_every_restart(tmp_path, record_property):
    dice, worst, done, folder = random.Random(7), 0.0, 0, tmp_path / "store"
    for life in range(KILLS + 1):
        last = life == KILLS
        steps = STEPS - done if last else STEPS // KILLS
        done += churned(folder, steps, life, None if last else dice.randrange(steps))
        said, counted = trio.run(told, folder)
        worst = max(worst, abs(said - counted) / counted)

    record_property("kills", KILLS)
    record_property("steps", done)
    record_property("worst_difference", round(worst, 5))
    assert done >= STEPS
    assert worst <= SHARE


def test_an_index_of_an_earlier_version_learns_to_count(tmp_path):
    folder = tmp_path / "store"
    churned(folder, 20, 1, None)
    before, _ = trio.run(told, folder)
    with sqlite3.connect(folder / "index.sqlite") as db:
        for name in ("came", "went", "dropped"):
            db.execute(f"drop trigger {name}")
        db.execute("alter table totals drop column allocated")
    db.close()

    after, counted = trio.run(told, folder)
    churned(folder, 20, 2, None)
    later, then = trio.run(told, folder)

    assert abs(after - before) <= 64 * 1024, "the index itself may have grown"
    assert abs(after - counted) <= SHARE * counted
    assert abs(later - then) <= SHARE * then
