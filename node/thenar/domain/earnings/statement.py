"""An account's statement: what every fact paid it, held against what the Ledger released to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog
from thenar.domain.earnings import contributed, judged, sold, staked
from thenar.domain.earnings.entries import DOLLARS, UNEXPLAINED, Earning, Entry, Returned
from thenar.domain.earnings.past import BURNT, Past, Scene, transactions
from thenar.domain.earnings.rewards import rewards
from thenar.domain.ids import Address

Rule: TypeAlias = Callable[[Scene, Any], Iterator[Entry]]

_RULES: Final[dict[tuple[type, ...], Rule]] = {
    (f.AnswerJudged, f.WordJudged, f.RootJudged, f.DisputeResolved, f.CallJudged): judged.won,
    (f.CaseClosed, f.RootSettled): judged.ended,
    (f.JurorPaid, f.JurorFined): judged.sat,
    (f.DemandLapsed, f.OmissionProved, f.ContradictionProven): judged.unanswered,
    (f.AnswerSettled, f.AnswerLapsed, f.AskClosed): contributed.captures,
    (f.ClaimFinalized, f.ClaimExpired, f.AuditMissed, f.PlaceShown): contributed.work,
    (f.AuditArmed, f.ClaimSlashed): contributed.audits,
    (f.AnswerShown, f.AnswerMissed, f.StorageConvicted): contributed.storage,
    (f.SaleSettled, f.SaleRefunded, f.ComplaintFailed): sold.sales,
    (f.LicenseGranted, f.LicenseEnded): sold.licenses,
    (f.StreamCollected, f.StreamRefunded): sold.streams,
    (f.LivePaid, f.Unsubscribed): sold.live,
    (f.PreviewEnded,): sold.previews,
    (f.Claimed, f.OwnTaken): sold.graph,
    (f.UsagePaid,): sold.usage,
    (f.MarkEnded, f.LeakRefuted): staked.marks,
    (f.VoucherRedeemed, f.ChannelSettled): staked.channels,
    (f.StakeWithdrawn, f.BondReturned, f.BountyClosed, f.RunRefunded, f.Collected): staked.stakes,
}
RULES: Final[dict[type, Rule]] = {kind: rule for kinds, rule in _RULES.items() for kind in kinds}
"""What a fact of each kind may have paid somebody."""


def statement(catalog: Catalog, facts: Iterable[f.Fact], who: Address) -> Iterator[Entry]:
    """Everything the Ledger released to an account, and its rewards, in chain order; rewards of epochs last.

    The catalog holds the same facts. In settlement-token units the entries come to what was released, to the unit:
    what no rule accounts for is an entry of its own, ``unexplained``.
    """
    past = Past()
    for together in transactions(facts):
        entries = list(_told(catalog, past, together, who))
        yield from entries
        yield from _unexplained(together, entries, who)
    yield from rewards(catalog, who)


def earnings(catalog: Catalog, facts: Iterable[f.Fact], who: Address) -> Iterator[Earning]:
    """Everything facts say that an account earned, in chain order; rewards of epochs last."""
    past = Past()
    for together in transactions(facts):
        yield from (one for one in _told(catalog, past, together, who) if isinstance(one, Earning))
    yield from rewards(catalog, who)


def _told(catalog: Catalog, past: Past, together: Sequence[f.Fact], who: Address) -> Iterator[Entry]:
    for place, fact in enumerate(together):
        rule = RULES.get(type(fact))
        if rule is not None:
            yield from rule(Scene(who, catalog, past, together, place), fact)
        past.take_in(fact)


def _unexplained(together: Sequence[f.Fact], entries: Sequence[Entry], who: Address) -> Iterator[Earning]:
    """What a transaction released to an account beside what is told of it. Nothing, unless a rule is missing."""
    released = [one for one in together if isinstance(one, f.Released) and one.account == who]
    credited = sum(one.amount for one in released)
    told = sum(one.amount for one in entries if isinstance(one, Returned) or one.unit == DOLLARS)
    if credited != told:
        at, how = (released[-1] if released else together[-1]).at, "Released of the Ledger in the transaction"
        numbers = (("credited", credited), ("told", told))
        source, proof = UNEXPLAINED, "this version knows no reason for it"
        if who == BURNT:
            source, proof = "burnt", "nobody has the key of this account"
        yield Earning(source, credited - told, DOLLARS, proof, at, "credited - told", numbers, how)
