"""How services and channels of the reflex arc change the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import AccusationRecord, ChannelRecord
from thenar.domain.reflex.channels import CONVICTED
from thenar.domain.work.disputes import Ruling


def fold(catalog: Catalog, fact: f.ReflexFact) -> None:
    """Add one fact."""
    if isinstance(fact, f.ServiceStarted | f.ServiceRetired | f.ServiceEnded | f.ContradictionProven):
        _fold_service(catalog, fact)
    else:
        _fold_channel(catalog, fact)


def fold_call(catalog: Catalog, fact: f.CallFact) -> None:
    """Add one fact about an accusation. An accused of the same thing again, after a void, is accused anew."""
    match fact:
        case f.CallAccused():
            made = AccusationRecord(fact.accused, fact.accuser, fact.observation, fact.bond, fact.defend_by)
            catalog.accusations[fact.accusation] = made
        case f.CallDefended():
            catalog.accusations[fact.accusation].dispute = fact.dispute
            catalog.cases[fact.dispute].accusation = fact.accusation
        case f.CallJudged():
            catalog.accusations[fact.accusation].ruling = fact.ruling
            if fact.dispute:
                case = catalog.cases[fact.dispute]
                case.to_winner, case.to_jurors, case.burnt = fact.to_winner, fact.to_jurors, fact.burnt
            service = catalog.services.get((fact.node, fact.model))
            if fact.ruling is Ruling.OTHER and service is not None and service.stake:
                catalog.services[fact.node, fact.model] = replace(service, stake=0, leaves_at=CONVICTED)
        case _:
            assert_never(fact)


def _fold_service(
    catalog: Catalog, fact: f.ServiceStarted | f.ServiceRetired | f.ServiceEnded | f.ContradictionProven
) -> None:
    key = (fact.node, fact.model)
    match fact:
        case f.ServiceStarted():
            catalog.services[key] = fact.service
            catalog.claimed_latency[key] = fact.latency
        case f.ServiceRetired():
            catalog.services[key] = replace(catalog.services[key], leaves_at=fact.leaves_at)
        case f.ServiceEnded():
            del catalog.services[key]
        case f.ContradictionProven():
            catalog.services[key] = replace(catalog.services[key], stake=0, leaves_at=CONVICTED)
        case _:
            assert_never(fact)


def _fold_channel(
    catalog: Catalog,
    fact: f.ChannelOpened | f.ChannelToppedUp | f.VoucherRedeemed | f.ChannelClosing | f.ChannelSettled,
) -> None:
    if isinstance(fact, f.ChannelOpened):
        catalog.channels[fact.channel] = ChannelRecord(fact.channel, fact.opened, fact.at)
        return
    record = catalog.channels[fact.channel]
    match fact:
        case f.ChannelToppedUp():
            record.channel = replace(record.channel, deposit=fact.deposit)
        case f.VoucherRedeemed():
            record.channel = replace(record.channel, redeemed=fact.redeemed)
            record.calls = fact.calls
        case f.ChannelClosing():
            record.channel = replace(record.channel, until=fact.until)
        case f.ChannelSettled():
            record.settled = fact.at
        case _:
            assert_never(fact)
