"""What stories rely on when they send: the same promises of the sender on a chain and of the outbox in memory."""

from __future__ import annotations

import pytest
import trio
from anvil import seated, write_terms
from fakes import FakeChain, FakeOutbox

from thenar.errors import Conflict, Reverted


@pytest.fixture(params=["chain", "memory"])
async def outbox(request, devnet, tmp_path, key):
    if request.param == "memory":
        yield FakeOutbox(FakeChain(), key.account)
        return
    async with seated(devnet, tmp_path / "seat", key) as seat:
        yield seat.chain


async def test_a_key_has_one_effect_and_one_receipt(outbox):
    with trio.fail_after(30):
        first, second = [await outbox.send("terms", write_terms(1)) for _ in range(2)]
        other = await outbox.send("more terms", write_terms(2))

    assert first == second
    assert first.tx_hash != other.tx_hash
    assert other.block > first.block
    assert first.gas_used >= 21_000


async def test_a_key_cannot_stand_for_something_else(outbox):
    with trio.fail_after(30):
        await outbox.send("terms", write_terms(1))
        with pytest.raises(Conflict):
            await outbox.send("terms", write_terms(2))


async def test_a_key_that_was_refused_can_be_sent_again(outbox):
    if isinstance(outbox, FakeOutbox):
        outbox.refuse.append(Reverted("a share above the whole"))
        refused = write_terms(1)
    else:
        refused = too_much()
    with trio.fail_after(30):
        with pytest.raises(Reverted):
            await outbox.send("terms", refused)
        assert (await outbox.send("terms", write_terms(1))).block > 0


def too_much():
    """Terms that no TermsBook takes: a share of more than everything."""
    action = write_terms(1)
    return type(action)(type(action.terms)(action.terms.purposes, 2_000_000, 0, 0, 0))
