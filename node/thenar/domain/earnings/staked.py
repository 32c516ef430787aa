"""What marks and channels of the reflex arc paid, and stakes, orders and change that came back."""

from __future__ import annotations

from collections.abc import Iterator

from thenar.domain import facts as f
from thenar.domain.earnings.entries import DOLLARS, Earning, Entry, Returned
from thenar.domain.earnings.past import Scene
from thenar.domain.ids import Address
from thenar.domain.marks import Mark, MarkEnd, Shares


def marks(scene: Scene, fact: f.MarkEnded | f.LeakRefuted) -> Iterator[Entry]:
    """What a leaked copy's bond paid its finder, what a wrong finder paid the owner, and what comes back to whom."""
    proposed = scene.past.of(f.MarkProposed, fact.mark_id)
    if proposed is None:
        return
    mark, shares = proposed.mark, Shares.of(proposed.mark.bond)
    if isinstance(fact, f.LeakRefuted):
        if mark.owner == scene.who:
            how = f"the transaction holds the secret of chapter {fact.chapter}: {fact.agreed} bits of the reading agree"
            yield _eighths(fact, mark, 1, "the finder's deposit: his reading was not the mark's", how)
        return
    if fact.how is MarkEnd.LEAKED and fact.finder == scene.who:
        how = "LeakShown holds the reading, the transaction the secret it was held against"
        yield _eighths(fact, mark, 3, "three eighths of the bond of whose copy leaked", how)
    for account, what, amount in _come_back(fact, mark, shares):
        if account == scene.who:
            yield Returned(f"{what} of mark 0x{fact.mark_id.hex()}", amount, fact.at)


def _eighths(fact: f.MarkEnded | f.LeakRefuted, mark: Mark, eighths: int, formula: str, how: str) -> Earning:
    numbers = (("bond", mark.bond), ("eighths", eighths))
    proof = f"mark 0x{fact.mark_id.hex()} of {mark.copy}"
    again = f"`thenar mark list --all` shows the bond; {how}"
    return Earning(
        "mark", mark.bond // 8 * eighths, DOLLARS, proof, fact.at, f"⌊bond / 8⌋ · eighths: {formula}", numbers, again
    )


def _come_back(fact: f.MarkEnded, mark: Mark, shares: Shares) -> Iterator[tuple[Address, str, int]]:
    match fact.how:
        case MarkEnd.RECALLED:
            yield mark.owner, "stake", shares.stake
        case MarkEnd.RAN_OUT:
            yield mark.owner, "stake", shares.stake
            yield mark.buyer, "bond", mark.bond
        case MarkEnd.LEAKED:
            yield fact.finder, "deposit for a leak", shares.deposit
            yield mark.owner, "part of the stake", shares.deposit
        case MarkEnd.UNANSWERED:
            yield fact.finder, "deposit for a leak", shares.deposit
            yield mark.buyer, "bond", mark.bond
        case _:
            pass


def channels(scene: Scene, fact: f.VoucherRedeemed | f.ChannelSettled) -> Iterator[Entry]:
    """What a robot's vouchers paid the node that answered, and the rest of the deposit."""
    opened = scene.past.of(f.ChannelOpened, fact.channel)
    if opened is None:
        return
    if isinstance(fact, f.ChannelSettled):
        if opened.client == scene.who and fact.rest:
            yield Returned(f"rest of the deposit of channel {fact.channel}", fact.rest, fact.at)
        return
    before = scene.past.of(f.VoucherRedeemed, fact.channel)
    had = before.redeemed if before else 0
    amount = fact.redeemed - had - fact.to_model
    if opened.node == scene.who and amount:
        numbers = (
            ("redeemed", fact.redeemed),
            ("redeemed_before", had),
            ("to_model", fact.to_model),
            ("calls", fact.calls),
        )
        formula = "what the voucher says, less what was redeemed before and the model's share"
        how = f"the transaction holds the voucher of channel {fact.channel}, which its client signed"
        proof = f"voucher of channel {fact.channel} for calls of {opened.opened.model}"
        yield Earning("inference", amount, DOLLARS, proof, fact.at, formula, numbers, how)


def stakes(
    scene: Scene, fact: f.StakeWithdrawn | f.BondReturned | f.BountyClosed | f.RunRefunded | f.Collected
) -> Iterator[Entry]:
    """A node's stake, a payout's bond, the price of a run without output, and change of a token that sent too much."""
    match fact:
        case f.StakeWithdrawn(operator=operator) if operator == scene.who and fact.amount:
            yield Returned("stake of the node", fact.amount, fact.at)
        case f.BondReturned(publisher=publisher) if publisher == scene.who and fact.amount:
            yield Returned(f"bond of payout {fact.payout} of {fact.asset}", fact.amount, fact.at)
        case f.BountyClosed(requester=requester) if requester == scene.who and fact.refunded:
            yield Returned(f"rest of the budget of bounty {fact.bounty}", fact.refunded, fact.at)
        case f.RunRefunded():
            ordered = scene.past.of(f.RunOrdered, fact.run)
            if ordered is not None and ordered.buyer == scene.who and fact.price:
                yield Returned(f"price of run {fact.run}", fact.price, fact.at)
        case f.Collected():
            change = next(scene.after(), None)
            is_change = isinstance(change, f.Released) and change.module == fact.module and change.amount < fact.amount
            if is_change and isinstance(change, f.Released) and change.account == scene.who:
                yield Returned("change: more arrived than was asked for", change.amount, fact.at)
        case _:
            pass
