"""What channels and accusations ask of their two ends.

Vouchers are redeemed before a channel's end, what is left comes home after it; an accused node calls a jury.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog
from thenar.domain.duty import Duty, DutyKind, Me

REDEEM_BEFORE: Final = 60
"""Seconds before a channel's end from which on the node redeems what it has, again and again."""


def for_channel(catalog: Catalog, fact: f.ReflexFact, me: Me) -> Iterator[Duty]:
    """The duties a fact gives to a channel's node or client; ids with the end, which a closing moves."""
    match fact:
        case f.ChannelOpened(channel=number) | f.ChannelClosing(channel=number):
            channel = catalog.channels[number].channel
            subject, block = f"{number}/{channel.until}", fact.at.block
            if channel.node == me.account:
                begin = channel.until - REDEEM_BEFORE if isinstance(fact, f.ChannelOpened) else 0
                yield Duty(DutyKind.REDEEM_VOUCHER, subject, block, not_before=max(0, begin))
            if channel.client == me.account:
                yield Duty(DutyKind.SETTLE_CHANNEL, subject, block, not_before=channel.until)
        case f.ServiceRetired(node=node, model=model, leaves_at=leaves_at) if node == me.account:
            yield Duty(DutyKind.END_SERVICE, f"{model}/{leaves_at}", fact.at.block, not_before=leaves_at)
        case _:
            pass


def for_call(fact: f.CallFact, me: Me) -> Iterator[Duty]:
    """The duties of an accusation: the node calls a jury, and the accuser has condemned who calls none."""
    if not isinstance(fact, f.CallAccused):
        return
    subject, block = f"{fact.accusation.hex()}/{fact.defend_by}", fact.at.block
    if fact.accused.node == me.account:
        yield Duty(DutyKind.DEFEND_CALL, subject, block)
    if fact.accuser == me.account:
        yield Duty(DutyKind.CONDEMN_CALL, subject, block, not_before=fact.defend_by)
