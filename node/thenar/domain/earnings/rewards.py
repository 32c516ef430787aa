"""What epochs of contributions were due by now, in ThenarToken."""

from __future__ import annotations

from collections.abc import Iterator

from thenar.domain.catalog import Catalog, EpochRecord
from thenar.domain.earnings.entries import THN, Earning
from thenar.domain.earnings.judged import THE_RULES
from thenar.domain.epochs.rules import BP, RULES
from thenar.domain.epochs.shares import Contribution
from thenar.domain.ids import Address


def rewards(catalog: Catalog, who: Address) -> Iterator[Earning]:
    """A row for each contribution of an account in a closed epoch."""
    for record in catalog.epochs.epochs.values():
        if record.closed is not None:
            yield from (_reward(catalog, record, one) for one in record.contributions if one.account == who)


def _reward(catalog: Catalog, record: EpochRecord, one: Contribution) -> Earning:
    """What a contribution was due by now: at once, and for each epoch since in which its storage was proved."""
    rate, budget = record.rates[one.kind], RULES.budget(one.kind)
    later = [
        catalog.epochs.epochs[number]
        for number in range(record.number + 1, record.number + 1 + RULES.tranches)
        if number <= catalog.epochs.newest
    ]
    free = sum(epoch.proved.keeps(one) for epoch in later)
    numbers = (
        *one.inputs,
        *(("score", one.score), ("pool", record.pool), ("part_bp", budget.part_bp), ("budget", rate.budget)),
        *(("all_scores", rate.scored), ("least", budget.least), ("units_per_score", rate.whole)),
        *(("at_once_bp", RULES.now_bp), ("tranche_bp", RULES.tranche_bp), ("tranches_free", free)),
    )
    formula = (
        f"score · (⌊rate · {RULES.now_bp} / {BP}⌋ + tranches free · ⌊rate · {RULES.tranche_bp} / {BP}⌋), "
        "rate = ⌊budget / max(all scores, least)⌋"
    )
    amount = one.score * (rate.now + free * rate.tranche)
    coming = one.score * rate.tranche * (RULES.tranches - len(later))
    how = f"`thenar epoch verify {record.number}`; {THE_RULES}"
    return Earning(
        f"epoch rewards, {one.kind.value}", amount, THN, one.proof, one.at, formula, numbers, how, record.number, coming
    )
