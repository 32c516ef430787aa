"""Somebody's node is killed with SIGKILL in the middle of every step and started again; the story must end the same."""

from __future__ import annotations

import os
import random

import trio

from thenar.demo.cast import Person
from thenar.demo.steps import STEPS, Narrator
from thenar.demo.story import Story
from thenar.domain.money import parse_amount

SEED = int(os.environ.get("THENAR_CRASH_SEED", "1"))
VICTIMS = {
    "nodes": ("Ben",),
    "publish": ("Ana",),
    "keep": ("Ben", "Ana"),
    "buy": ("Ana", "Chidi"),
    "open": ("Chidi",),
    "cheat": ("Chidi",),
    "derive": ("Chidi",),
    "pay": ("Ana",),
    "claim": ("Ana", "Ben"),
}


class Killer:
    """Kills the victims of a step after a random moment, and starts them again."""

    def __init__(self, people: dict[str, Person], seed: int) -> None:
        self.people, self.draw, self.killed = people, random.Random(seed), []

    async def __call__(self, step: str) -> None:
        for name in VICTIMS[step]:
            while name not in self.people or self.people[name].starts == 0:  # noqa: ASYNC110  nobody tells
                await trio.sleep(0.1)
            await trio.sleep(self.draw.uniform(0.0, 2.5))
            await self.people[name].kill()
            self.killed.append((step, name))
            await self.people[name].start()


async def test_the_story_ends_the_same_when_a_node_dies_in_every_step(tmp_path, running_in):
    story = Story(tmp_path / "story", [], Narrator(say=lambda _: None, tell=lambda _: None))
    story.directory.mkdir()
    killer = Killer(story.people, SEED)
    story.narrator.disturb = killer

    await story.run()

    assert [step for step, _ in killer.killed] == [step for step in STEPS if step != "chain" for _ in VICTIMS[step]]
    assert story.sums["ledger holds"] == story.sums["ledger owes"]
    assert story.sums["ana"] == "90.000001" and story.sums["ben"] == "10.00"
    spent = {row["who"]: parse_amount(str(row["wallet"]), 6) for row in story.balances}
    stake, price = parse_amount("100", 6), parse_amount("12.50", 6)
    assert spent["Chidi"] + parse_amount(_ledger(story, "Chidi"), 6) == parse_amount("10000", 6) - stake - 2 * price
    assert spent["Dana"] == parse_amount("10000", 6) - parse_amount("100.000003", 6)
    assert running_in(tmp_path) == []


def _ledger(story: Story, who: str) -> str:
    return next(str(row["ledger"]) for row in story.balances if row["who"] == who)
