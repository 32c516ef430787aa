"""The Ledger account: tokens in from the wallet, with a permit where the token has it, and out again."""

from __future__ import annotations

from thenar.domain.actions import ApproveSpending, Deposit, DepositWithPermit, Withdraw
from thenar.domain.ids import Address
from thenar.errors import BadInput, Poor, Reverted
from thenar.services.licensing import UNLIMITED, Trade
from thenar.services.ports import Receipt

PERMIT_SECONDS = 3_600
"""How long a signed permit is good."""
PERMITTED = "deposit-permit"
"""What a deposit with a permit is known by."""


async def deposit(trade: Trade, amount: int) -> Receipt:
    """Bring tokens from the wallet into its Ledger account, in one transaction where the token takes permits.

    A wallet that let the Ledger pull before deposits straight away. Raises BadInput, Poor.
    """
    if amount <= 0:
        raise BadInput("the amount must be above zero")
    wallet = await trade.chain.wallet(trade.me)
    if wallet.tokens < amount:
        raise Poor(
            f"the wallet holds {wallet.tokens} token units and {amount} are needed",
            next_step="send settlement tokens to this account",
        )
    if wallet.allowance >= amount and not await trade.once.was_asked(PERMITTED, trade.request):
        return await trade.send("deposit", Deposit(trade.me, amount))
    deadline = await trade.asked_at(PERMITTED) + PERMIT_SECONDS
    permit = await trade.chain.sign_permit(amount, deadline)
    if permit is not None:
        try:
            permitted = DepositWithPermit(trade.me, amount, deadline, permit.v, permit.r, permit.s)
            return await trade.send(PERMITTED, permitted)
        except Reverted:
            pass  # a token whose permits are of another make: it says so by not allowing the transfer
    await trade.once.send("approve", ApproveSpending(UNLIMITED))
    return await trade.send("deposit", Deposit(trade.me, amount))


async def provide(trade: Trade, amount: int) -> None:
    """Have so many token units in the Ledger account, from the wallet as far as they are missing. Raises Poor."""
    missing = amount - (await trade.chain.wallet(trade.me)).account
    if missing > 0:
        await deposit(trade, missing)


async def withdraw(trade: Trade, to: Address, amount: int | None) -> Receipt:
    """Send tokens from the Ledger account to a wallet; everything when ``amount`` is None. Raises Poor."""
    held = (await trade.chain.wallet(trade.me)).account
    wanted = held if amount is None else amount
    if wanted > held or wanted <= 0:
        raise Poor(f"the account holds {held} token units", next_step="`thenar revenue claim` brings in what is owed")
    return await trade.send("withdraw", Withdraw(to, wanted))
