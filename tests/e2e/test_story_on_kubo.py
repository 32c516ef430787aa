"""The same story when a seller's blocks lie in a Kubo daemon instead of the embedded store."""

from __future__ import annotations

from kubo import kubo_daemon

from thenar.demo.steps import Narrator
from thenar.demo.story import Story


async def test_the_story_ends_the_same_when_ana_keeps_her_blocks_in_kubo(tmp_path, running_in):
    with kubo_daemon(tmp_path) as daemon:
        on_kubo = {"Ana": {"store_kind": "kubo", "store_kubo_api": daemon.api}}
        story = Story(tmp_path / "story", [], Narrator(say=lambda _: None, tell=lambda _: None), settings=on_kubo)
        story.directory.mkdir()

        await story.run()

        pinned = daemon.run("pin", "ls", "--type=recursive", "--quiet")
    assert story.sums["ledger holds"] == story.sums["ledger owes"]
    hers = [row for row in story.assets if row["owner"] == "Ana"]
    assert len(hers) == 2
    for row in hers:
        assert str(row["manifest"]) in pinned
        assert str(row["sealed"]) in pinned
    assert running_in(story.directory) == []
