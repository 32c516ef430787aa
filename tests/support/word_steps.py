"""What witnesses and programs at home do on chain, each step on new storage and again, for the table of gas."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from assets import CAPTURE, COMPUTE_ONLY, FOREVER, mint, write_terms
from brownie import chain, history
from capture_town import SEMI_PUBLIC, Town
from false_words import accuse
from runs import LIMITS, PROGRAM, Housed
from system import System
from witnesses import lodge, paid, person, word_of


def word_steps(town: Town, sponsor: Any, contributor: Any, accuser: Any) -> dict[str, list[Any]]:
    """Two words lodged, freed and accused: each witness speaks for two captures, the second word is the *next*."""
    bounty, done = town.post(sponsor, days=90, place_class=SEMI_PUBLIC), {"lodge_word": [], "accuse_word": []}
    captures = [paid(town, bounty, contributor, f"hall {number}") for number in range(2)]
    witness, words = person(town, "a witness whose gas is measured"), []
    for number, capture in enumerate(captures):
        scan = paid(town, bounty, witness, f"hall {number} again")
        word = word_of(town, capture, scan, witness)
        town.later(1)
        done["lodge_word"].append(lodge(town, word, "a witness whose gas is measured", (capture, scan), contributor))
        words.append(word)
    for word in words:
        accuse(town, word, 0, accuser)
        done["accuse_word"].append(history[-1])
    return done


def run_steps(system: System, owner: Any, buyer: Any) -> dict[str, list[Any]]:
    """Two runs of a program over a capture, ordered, delivered and settled."""
    terms = write_terms(system.terms_book, owner, purposes=COMPUTE_ONLY)
    home = Housed(system, owner, mint(system.asset_registry, owner, "a kitchen", CAPTURE, terms), terms)
    system.license_desk.grant(home.asset, buyer, terms, FOREVER, {"from": owner})
    done: dict[str, list[Any]] = {"approve_program": [], "run_program": []}
    for program in (PROGRAM, b"\x12" * 32):
        done["approve_program"].append(system.run_desk.approve(home.asset, program, astuple(LIMITS), {"from": owner}))
    for _ in range(2):
        ordered = home.order(buyer)
        run = int(ordered.events["RunOrdered"]["run"])
        delivered = home.deliver(run, buyer)
        chain.sleep(1)
        done["run_program"].append([ordered, delivered, system.run_desk.settle(run, {"from": buyer})])
    return done
