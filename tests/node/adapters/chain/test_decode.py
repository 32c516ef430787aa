"""Names survive the border: every event of the packaged ABIs is a fact with the same fields, and a documented one."""

from __future__ import annotations

import dataclasses
import re
import typing
from pathlib import Path
from typing import Any

import pytest
from any_fact import ANY_FACT, KINDS, values
from eth_abi.abi import encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thenar.adapters.chain import decode
from thenar.adapters.chain.abi import FOLLOWED, Entry, entries, python_name, type_of
from thenar.adapters.chain.codec import to_abi
from thenar.domain import facts
from thenar.domain.ids import Address
from thenar.errors import Corrupt

EVENTS = [(contract, event) for contract in FOLLOWED for event in entries(contract, "event")]
FOLLOWED_EVENTS = [(contract, event) for contract, event in EVENTS if event.name in decode.ROWS]
CONTRACTS = {name: Address(f"0x{at + 1:040x}") for at, name in enumerate(FOLLOWED)}
BY_FACT = {decode.ROWS[event.name]: (contract, event) for contract, event in FOLLOWED_EVENTS}
PAGE = Path(__file__).resolve().parents[4] / "docs" / "events.md"


def log_of(fact: Any) -> dict[str, Any]:
    """The JSON-RPC log the contract would have emitted for a fact."""
    contract, event = BY_FACT[type(fact)]
    words: dict[bool, list[bytes]] = {True: [], False: []}
    plain = [param for param in event.inputs if not param["indexed"]]
    for param in event.inputs:
        if param["indexed"]:
            words[True].append(encode([type_of(param)], [_value(fact, param)]))
    data = encode([type_of(param) for param in plain], [_value(fact, param) for param in plain])
    return {
        "address": CONTRACTS[contract],
        "topics": ["0x" + event.id.hex(), *("0x" + word.hex() for word in words[True])],
        "data": "0x" + data.hex(),
        "blockNumber": hex(fact.at.block),
        "logIndex": hex(fact.at.log_index),
        "blockHash": fact.at.block_hash,
        "transactionHash": fact.at.tx_hash,
    }


def _value(fact: Any, param: dict[str, Any]) -> Any:
    value = getattr(fact, python_name(param["name"]))
    return int(value, 16) if param["type"] == "uint256" and isinstance(value, str) else to_abi(param, value)


@pytest.fixture(scope="module")
def decoder() -> decode.Decoder:
    """Making one reads every event of every contract: hundreds of examples share it."""
    return decode.Decoder(CONTRACTS)


@pytest.mark.parametrize(("contract", "event"), EVENTS, ids=lambda it: it if isinstance(it, str) else it.name)
def test_every_event_is_a_fact_or_named_as_none(contract: str, event: Entry) -> None:
    assert (event.name in decode.ROWS) != (event.name in decode.IGNORED)


@pytest.mark.parametrize(("contract", "event"), FOLLOWED_EVENTS, ids=lambda it: it if isinstance(it, str) else it.name)
def test_a_fact_has_its_events_name_and_fields(contract: str, event: Entry) -> None:
    kind = decode.ROWS[event.name]

    names = {field.name for field in dataclasses.fields(kind)} - {"at"}

    assert kind is getattr(facts, event.name)
    assert names == {python_name(param["name"]) for param in event.inputs}


@pytest.mark.parametrize(("contract", "event"), FOLLOWED_EVENTS, ids=lambda it: it if isinstance(it, str) else it.name)
def test_structs_inside_events_have_the_same_fields(contract: str, event: Entry) -> None:
    hints = typing.get_type_hints(decode.ROWS[event.name])

    for param in event.inputs:
        if param["type"].startswith("tuple"):
            hint = hints[python_name(param["name"])]
            kind = typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else hint
            parts = {python_name(part["name"]) for part in param["components"]}
            assert {field.name for field in dataclasses.fields(kind)} == parts


def test_every_fact_has_an_event() -> None:
    assert set(KINDS) == set(decode.ROWS.values()) == set(BY_FACT)


def test_the_page_lists_exactly_these_events() -> None:
    rows = re.findall(r"^\| (\w+) \| (\w+) \|", PAGE.read_text("utf-8"), re.MULTILINE)

    documented = {(name, emitter) for name, emitter in rows if name != "event"}

    assert documented == {(event.name, contract) for contract, event in EVENTS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_what_a_contract_logs_decodes_to_the_same_fact(
    decoder: decode.Decoder, kind: type[Any], data: st.DataObject
) -> None:
    fact = data.draw(values(kind))

    assert decoder.fact(log_of(fact)) == fact


@given(ANY_FACT)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_shortened_log_is_corrupt(decoder: decode.Decoder, fact: Any) -> None:
    log = log_of(fact)
    topic_gone = {**log, "topics": log["topics"][:-1]}
    data_gone = {**log, "data": log["data"][:-64]}

    for broken in (topic_gone, *([data_gone] if log["data"] != "0x" else [])):
        with pytest.raises(Corrupt):
            decoder.fact(broken)


@pytest.mark.parametrize("number", [1, 3])
def test_a_log_with_another_number_of_topics_is_corrupt(decoder: decode.Decoder, number: int) -> None:
    """An event's id does not tell what is indexed, and what is left over behind the last value decodes silently."""
    at = facts.At(7, 0, "0x" + "11" * 32, typing.cast(Any, "0x" + "22" * 32))
    log = log_of(facts.NodeLeft(at, Address("0x" + "aa" * 20)))
    topics = [*log["topics"], log["topics"][-1]][:number]

    with pytest.raises(Corrupt, match=f"NodeLeft has {number} topics where 2 belong"):
        decoder.fact({**log, "topics": topics})


@pytest.mark.parametrize(
    "log",
    [
        {},
        {"address": "0x", "topics": [], "data": "0x"},
        {"address": 5, "topics": None},
        {"address": CONTRACTS["Ledger"], "topics": ["0x" + "00" * 32], "data": "0x"},
    ],
)
def test_nonsense_is_corrupt(decoder: decode.Decoder, log: dict[str, Any]) -> None:
    with pytest.raises(Corrupt):
        decoder.fact(log)


def test_an_event_that_is_no_fact_is_left_out(decoder: decode.Decoder) -> None:
    event = next(event for _, event in EVENTS if event.name == "MetadataUpdate")
    at = {"blockNumber": "0x1", "logIndex": "0x0", "blockHash": "0x" + "11" * 32, "transactionHash": "0x" + "22" * 32}
    log = {"address": CONTRACTS["AssetRegistry"], "topics": ["0x" + event.id.hex()], "data": "0x" + "00" * 32, **at}

    assert decoder.in_order([log]) == ()


def test_facts_come_in_chain_order_whatever_the_node_answers(decoder: decode.Decoder) -> None:
    made = [
        facts.NodeLeft(
            facts.At(block, index, "0x" + "11" * 32, typing.cast(Any, "0x" + "22" * 32)), Address("0x" + "aa" * 20)
        )
        for block, index in ((7, 1), (5, 3), (7, 0), (5, 2))
    ]

    found = decoder.in_order(log_of(fact) for fact in made)

    assert [(fact.at.block, fact.at.log_index) for fact in found] == [(5, 2), (5, 3), (7, 0), (7, 1)]
