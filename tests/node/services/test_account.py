"""Money in and out of the Ledger account, with permits and tokens that have none."""

from __future__ import annotations

import pytest
from fakes import RICH

from thenar.domain import actions as a
from thenar.errors import BadInput, Poor, Reverted
from thenar.services import account
from thenar.services.licensing import UNLIMITED


@pytest.fixture
async def ana(town):
    return await town.person("ana")


async def test_a_deposit_is_one_transaction_where_the_token_takes_permits(ana):
    await account.deposit(ana.trade, 50)

    (sent,) = ana.outbox.actions
    assert isinstance(sent, a.DepositWithPermit)
    assert (sent.account, sent.amount, sent.v) == (ana.me, 50, 27)
    assert sent.deadline > (await ana.trade.chain.head()).timestamp


async def test_an_allowance_that_is_there_needs_no_permit(town, ana):
    town.chain.wallets[ana.me] = RICH.__class__(RICH.gas, RICH.tokens, 0, 50)

    await account.deposit(ana.trade, 50)

    assert ana.outbox.actions == [a.Deposit(ana.me, 50)]


class Crash(BaseException):
    """The process dies."""


@pytest.mark.parametrize("allowed_since", [0, 50])
async def test_a_deposit_asked_for_again_after_a_crash_is_the_one_that_was_sent(town, ana, allowed_since):
    ana.outbox.crash.append(Crash())
    with pytest.raises(Crash):
        await account.deposit(ana.trade, 50)
    town.chain.timestamp += 60
    town.chain.wallets[ana.me] = RICH.__class__(RICH.gas, RICH.tokens, 0, allowed_since)

    await account.deposit(ana.trade, 50)

    assert len(ana.outbox.actions) == 1


async def test_a_token_without_permits_is_approved_first(town, ana):
    town.chain.permits = False

    await account.deposit(ana.trade, 50)

    assert ana.outbox.actions == [a.ApproveSpending(UNLIMITED), a.Deposit(ana.me, 50)]


async def test_a_token_with_permits_of_another_make_is_approved_too(ana):
    ana.outbox.refuse.append(Reverted("no allowance", name="ERC20InsufficientAllowance"))

    await account.deposit(ana.trade, 50)

    assert ana.outbox.actions == [a.ApproveSpending(UNLIMITED), a.Deposit(ana.me, 50)]


@pytest.mark.parametrize(("amount", "refusal"), [(0, BadInput), (-1, BadInput), (RICH.tokens + 1, Poor)])
async def test_only_what_the_wallet_holds_is_deposited(ana, amount, refusal):
    with pytest.raises(refusal):
        await account.deposit(ana.trade, amount)


@pytest.mark.parametrize("amount", [None, 0, -5, 1])
async def test_an_empty_account_has_nothing_to_withdraw(ana, amount):
    with pytest.raises(Poor):
        await account.withdraw(ana.trade, ana.me, amount)
