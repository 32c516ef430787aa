"""Actions become calldata by name; revert data becomes an error's name and values."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

import pytest
from any_fact import values
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.adapters.chain import calls
from thenar.adapters.chain.abi import FOLLOWED, PACKAGED, Entry, entries, function, python_name, type_of
from thenar.adapters.chain.codec import converter, decode_named, to_abi
from thenar.adapters.chain.errors import refusal
from thenar.domain import actions
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.revenue import Beneficiary, ClaimLeaf
from thenar.errors import BadInput, Poor, Reverted

CONTRACTS = {name: Address(f"0x{at + 1:040x}") for at, name in enumerate((*FOLLOWED, "ThenarToken", "token"))}
ACTIONS: tuple[type[Any], ...] = typing.get_args(actions.Action)
ERRORS = [(contract, error) for contract in PACKAGED for error in entries(contract, "error")]
ASSET = AssetId("0x" + "ab" * 32)


def by_selector(data: bytes) -> Entry:
    found = [entry for name in PACKAGED for entry in entries(name, "function") if entry.id == data[:4]]
    return found[0]


@pytest.mark.parametrize("kind", ACTIONS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_every_action_has_a_call_that_carries_all_of_it(kind: type[Any], data: st.DataObject) -> None:
    action = data.draw(values(kind))

    call = calls.call_of(action, CONTRACTS)

    entry = by_selector(call.data)
    carried = decode_named(entry.inputs, call.data[4:], entry.name)
    assert call.to in CONTRACTS.values() and call.value == 0
    for field in dataclasses.fields(action):
        value = getattr(action, field.name)
        if isinstance(value, int) and field.name in carried:
            assert carried[field.name] == value


def test_approval_lets_only_the_ledger_spend() -> None:
    call = calls.call_of(actions.ApproveSpending(500), CONTRACTS)

    assert call.to == CONTRACTS["token"]
    carried = decode_named(function("MockUSD", "approve").inputs, call.data[4:], "approve")
    assert carried == {"spender": CONTRACTS["Ledger"], "value": 500}


def test_one_leaf_is_claimed_alone_and_several_together() -> None:
    leaf = ClaimLeaf(3, typing.cast(Any, 0), b"\x01" * 32, 7, (b"\x02" * 32,), (9,))

    one = calls.call_of(actions.ClaimLeaves(ASSET, 1, bytes(32), (leaf,)), CONTRACTS)
    two = calls.call_of(actions.ClaimLeaves(ASSET, 1, bytes(32), (leaf, leaf)), CONTRACTS)

    assert one.data[:4] == function("RevenueGraph", "claim").id
    assert two.data[:4] == function("RevenueGraph", "claimMany").id


def test_a_number_too_big_for_its_type_is_bad_input() -> None:
    with pytest.raises(BadInput):
        calls.call_of(actions.SetTerms(ASSET, TermsId(2**32)), CONTRACTS)


def test_an_enum_goes_out_as_a_number_and_a_flag_is_none() -> None:
    kind = {"name": "kind", "type": "uint8"}

    assert type(to_abi(kind, Beneficiary.NODE)) is int
    assert to_abi(kind, True) is True  # which the encoder then refuses, instead of taking it for 1


@pytest.mark.parametrize("hint", [float, list[int], dict])
def test_a_type_no_abi_value_becomes_is_told_when_the_table_is_made(hint: object) -> None:
    with pytest.raises(TypeError, match="no conversion from uint256 to"):
        converter({"name": "amount", "type": "uint256"}, hint)
    with pytest.raises(TypeError, match="no conversion from uint256 to"):
        converter({"name": "amounts", "type": "uint256[]"}, tuple[hint, ...])


@pytest.mark.parametrize(("contract", "error"), ERRORS, ids=lambda it: it if isinstance(it, str) else it.name)
def test_every_custom_error_is_told_by_name_and_value(contract: str, error: Entry) -> None:
    samples = [_sample(param["type"]) for param in error.inputs]
    data = error.id + encode([type_of(param) for param in error.inputs], samples)

    found = refusal(data)

    assert error.name in found.message
    if isinstance(found, Reverted):
        assert found.name == error.name and len(found.values) == len(samples)


def _sample(kind: str) -> Any:
    if kind == "address":
        return "0x" + "ab" * 20
    if kind == "bool":
        return True
    if kind == "string":
        return "why"
    return b"\x07" * int(kind[5:] or 3) if kind.startswith("bytes") else 7


def test_missing_money_is_poor_and_says_what_to_do() -> None:
    error = next(error for _, error in ERRORS if error.name == "ERC20InsufficientBalance")
    data = error.id + encode(["address", "uint256", "uint256"], ["0x" + "ab" * 20, 1, 2])

    found = refusal(data)

    assert isinstance(found, Poor) and found.next_step


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes.fromhex("4e487b71") + (0x11).to_bytes(32, "big"), "overflow"),
        (bytes.fromhex("08c379a0") + encode(["string"], ["not today"]), "not today"),
        (b"\xde\xad\xbe\xef", "0xdeadbeef"),
        (b"", "no reason given"),
        (bytes.fromhex("08c379a0") + b"\xff" * 40, "damaged"),
    ],
)
def test_other_reverts_are_told_as_well_as_they_can_be(data: bytes, expected: str) -> None:
    assert expected in refusal(data).message


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_revert_data_breaks_the_decoder(data: bytes) -> None:
    assert refusal(data).message


@pytest.mark.parametrize(
    ("solidity", "python"),
    [("consentEpoch", "consent_epoch"), ("from", "from_"), ("offer_", "offer"), ("id", "id"), ("keyX", "key_x")],
)
def test_names_are_spelled_the_python_way(solidity: str, python: str) -> None:
    assert python_name(solidity) == python
