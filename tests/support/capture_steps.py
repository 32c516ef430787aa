"""What answering capture bounties takes, transaction by transaction, for the table of gas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import h3
from brownie import chain, history
from capture_town import CHILDREN, DAY, Town, cell_at, copied, key_of, vouch
from devices import device_domain, register
from word_steps import run_steps, word_steps

from thenar.domain.bounty.cells import siblings_of
from thenar.domain.ids import Address

WIDE = cell_at(6)
LISTED = tuple(sorted(h3.str_to_int(one) for one in h3.cell_to_children(h3.int_to_str(WIDE), 9)))[:256]
"""As many cells as a list may hold, in an area that has more."""
FRESH = CHILDREN[7]
GESTURE = {"needs_gesture": True, "max_age": 9 * DAY}


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
    made |= gesture_steps(town, sponsor, others[:2])
    return made | word_steps(town, sponsor, others[0], others[-1]) | run_steps(town.system, sponsor, others[0])


def gesture_steps(town: Town, sponsor: Any, people: Sequence[Any]) -> dict[str, list[Any]]:
    """Answers that begin with a gesture, without more and with all that a sponsor can want besides; two people each."""
    registry, done = town.system.device_registry, {"light_beacon": []}
    asks = {
        "capture_bounty_gesture": town.post(sponsor, days=90, **GESTURE),
        "capture_bounty_full": town.post(sponsor, days=90, **GESTURE, needs_device=True, area=WIDE, cells=LISTED),
    }
    for who in people:
        beacon = town.light(who)
        done["light_beacon"].append(history[-1])
        for key, ask in asks.items():
            shown, signature, beside = town.show(who, f"{key} of {who}", beacon=beacon, cell=FRESH), b"", ()
            if key == "capture_bounty_full":
                device = key_of(f"scanner of {who}")
                register(registry, who, device, device_domain(chain.id, registry))
                shown = replace(shown, cell=LISTED[77], device=Address(device.address))
                signature = vouch(town.bounties, device, ask, shown.asset, who)
                beside = siblings_of(LISTED, shown.cell)
            before = len(history)
            answer = town.commit(ask, who, shown)
            town.reveal(answer, who, signature, beside=beside)
            town.settle(answer, who)
            done.setdefault(key, []).append(list(history[before:]))
    return done
