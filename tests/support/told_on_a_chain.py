"""What a node would believe of Brownie's chain, read from its logs, and whether statements account for all of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from brownie import web3
from earned import audited, believed
from system import System

from thenar.adapters.chain.abi import FOLLOWED
from thenar.adapters.chain.decode import Decoder
from thenar.domain import facts as f
from thenar.domain.ids import Address
from thenar.domain.work.disputes import Opening

PARTED = re.compile(r"(?<=[a-z])(?=[A-Z])")


def account_for(system: System) -> Counter[str]:
    """How often each source paid somebody. Raises AssertionError when a credit of the Ledger has no entry."""
    return account_for_all({name: getattr(system, PARTED.sub("_", name).lower()) for name in FOLLOWED})


def account_for_all(contracts: Mapping[str, Any]) -> Counter[str]:
    """The same for contracts by name; the Ledger and whoever has it credit somebody must be among them."""
    facts = tuple(_facts_of(contracts))
    return audited(believed(facts), facts)


def _facts_of(contracts: Mapping[str, Any]) -> Iterable[f.Fact]:
    """Everything the contracts logged since they were deployed."""
    deployed = {name: Address(str(one).lower()) for name, one in contracts.items()}
    asked = {"fromBlock": "0x0", "toBlock": "latest", "address": list(deployed.values())}
    answered = web3.provider.make_request("eth_getLogs", [asked])
    found = Decoder(deployed).in_order(answered["result"])
    court = contracts["SegmentCourt"]
    return found if court._name == "SegmentCourt" else _with_cases(court, found)


def _with_cases(court: Any, found: Iterable[f.Fact]) -> Iterator[f.Fact]:
    """A court whose rulings are the test's logs nothing: what it keeps of a case's parties stands in for that."""
    for fact in found:
        if isinstance(fact, f.ClaimDisputed | f.AnswerDisputed):
            given = zip(fields(Opening), court.openingOf(fact.dispute), strict=True)
            opening = Opening(**{one.name: _read(value) for one, value in given})
            yield f.CaseOpened(fact.at, fact.dispute, opening, 0)
        yield fact


def _read(value: Any) -> Any:
    if isinstance(value, int):
        return value
    text = str(value).lower()
    return Address(text) if len(text) == 42 else bytes.fromhex(text.removeprefix("0x"))
