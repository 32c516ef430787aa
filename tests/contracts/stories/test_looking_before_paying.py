"""A laboratory looks at some of a recording before it buys, and catches a seller who shows something else."""

from __future__ import annotations

import random

from brownie import chain
from previews import FEE, prepare
from sealed_bytes import SealedBytes

from thenar.domain.openings import CHUNK_BYTES
from thenar.domain.previews import chance_of_missing, number_at

RECORDING = random.Random(3).randbytes(39 * CHUNK_BYTES + 1234)
ROOT = b"\x51" * 32


def test_a_buyer_looks_at_a_tenth_and_the_honest_seller_is_paid_for_showing_it(system, alice, bob):
    # alice has sealed forty chunks; bob wants to see four of them and lays down a fee
    shown = prepare(system, SealedBytes.of(RECORDING, ROOT), alice, bob)
    before = {person: system.ledger.balanceOf(person) for person in (alice, bob)}
    preview = shown.ask(count=4)

    # the next block draws four different chunks, which neither of them chose
    chunks = [number_at(preview.seed(shown.desk), 40, position) for position in range(4)]
    assert len(set(chunks)) == 4

    # alice hands over exactly these four keys; bob opens them and finds every leaf as promised
    opened = shown.open(preview)
    assert [shown.file.chunk_key(chunk) for chunk in chunks] == list(shown.keys(preview))

    # nobody has anything to dispute: after the window alice has the fee, and her bond back
    chain.sleep(shown.desk.disputeWindow() + 1)
    shown.desk.closePreview(preview.call, opened.call, {"from": alice})
    assert system.ledger.balanceOf(alice) == before[alice] + FEE
    assert system.ledger.balanceOf(bob) == before[bob]
    assert system.ledger.lockedBy(shown.desk) == 0


def test_a_seller_of_garbage_is_caught_by_the_first_chunk_that_shows_it(system, mallory, bob):
    # mallory promises a recording and seals noise in a quarter of its chunks
    noise = {chunk * CHUNK_BYTES + 100: b"noise" * 40 for chunk in range(10)}
    shown = prepare(system, SealedBytes.of(RECORDING, ROOT[::-1], noise), mallory, bob)

    # with ten of forty chunks the chance to see none of the noise is 3.5 percent
    assert chance_of_missing(40, 10, 10) < 0.036
    preview = shown.ask(count=40)  # bob is in no mood for chances
    opened = shown.open(preview)

    # his node compares every leaf with the list and finds the one; a single leaf goes to the chain
    position = next(at for at in range(40) if number_at(opened.seed, 40, at) == 7)
    before = system.ledger.balanceOf(bob)
    sent = shown.dispute(preview, opened, position, 0)

    # the fee is back, and mallory's bond is bob's
    assert system.ledger.balanceOf(bob) == before + FEE + shown.desk.bondFor(FEE)
    assert system.ledger.lockedBy(shown.desk) == 0
    assert sent.gas_used < 300_000  # forty wrapped keys come back as calldata


def test_a_seller_who_does_not_want_to_show_anything_keeps_nothing(system, alice, bob, carol):
    # alice's node opens nothing to bob; the money waits only until the drawing block is forgotten
    shown = prepare(system, SealedBytes.of(RECORDING[:CHUNK_BYTES], ROOT), alice, bob)
    before = system.ledger.balanceOf(bob)
    preview = shown.ask(count=1)
    chain.mine(258)

    # anyone may end it
    shown.desk.expirePreview(preview.call, {"from": carol})
    assert system.ledger.balanceOf(bob) == before + FEE
