"""What answering capture bounties takes, transaction by transaction, for the table of gas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brownie import history
from capture_town import Town, copied
from word_steps import run_steps, word_steps


def capture_steps(town: Town, people: Sequence[Any]) -> dict[str, list[Any]]:
    """Ask and answer twice, from commitment to pay, minting left out; challenge two copies; bear witness; run programs.

    The first of the seven asks, two answer honestly, two with copies, the last challenges.
    """
    sponsor, *others = people
    town.enrich(*others)
    asks = [town.post(sponsor), town.post(sponsor)]
    posted, answered, challenged = list(history[-2:]), [], []
    shown = town.show(others[0], "the oldest")
    for who in others[:2]:
        shown_now, before = town.show(who, f"hall of {who}"), len(history)
        answer = town.commit(asks[0], who, shown_now)
        town.reveal(answer, who)
        town.settle(answer, who)
        answered.append(list(history[before:]))
    for at, who in enumerate(others[2:4]):
        town.challenge(town.answer(asks[1], who, f"copy {at}"), others[-1], copied(shown))
        challenged.append(history[-1])
    made = {"post_captures": posted, "capture_bounty": answered, "challenge_answer": challenged}
    return made | word_steps(town, sponsor, others[0], others[-1]) | run_steps(town.system, sponsor, others[0])
