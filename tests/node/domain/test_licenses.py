"""Deals are named as the contract names them, and a license ends when its terms say so at the latest."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from eth_abi import encode

from thenar.domain.assets import Purpose, Terms
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.keccak import keccak256
from thenar.domain.licenses import FOREVER, Deal, Delivery, Grant

EXCHANGE = Address("0x" + "e1" * 20)
DEAL = Deal(
    asset=AssetId("0x" + "a1" * 32),
    seller=Address("0x" + "b2" * 20),
    buyer=Address("0x" + "c3" * 20),
    key_x=2**255 + 1,
    key_y=2**254 + 2,
    opened_at=1_700_000_000,
    duration=86_400,
    consent_epoch=3,
    terms=TermsId(4),
    price=5,
    derived=True,
    bond=6,
    exclusive=True,
    range=7,
    batch=AssetId("0x" + "d4" * 32),
)
TYPES = [
    *("bytes32", "address", "address", "uint256", "uint256", "uint40", "uint40", "uint32", "uint32"),
    *("uint96", "bool", "uint96", "bool", "uint64", "bytes32"),
]


def as_words(deal: Deal) -> tuple[object, ...]:
    values = [getattr(deal, field.name) for field in fields(deal)]
    return tuple(bytes.fromhex(one[2:]) if kind == "bytes32" else one for kind, one in zip(TYPES, values, strict=True))


def test_a_deal_is_named_as_the_contract_names_it() -> None:
    tag = b"thenar.deal/1".ljust(32, b"\0")
    types = ["bytes32", "uint256", "address", f"({','.join(TYPES)})"]

    expected = keccak256(encode(types, [tag, 31_337, EXCHANGE, as_words(DEAL)]))

    assert DEAL.id_on(31_337, EXCHANGE) == expected


def test_every_field_the_chain_and_the_contract_are_in_a_deals_name() -> None:
    asset, person = AssetId("0x" + "99" * 32), Address("0x" + "99" * 20)
    others = {"asset": asset, "batch": asset, "seller": person, "buyer": person, "derived": False, "exclusive": False}
    changed = [replace(DEAL, **{field.name: others.get(field.name, 99)}) for field in fields(DEAL)]

    names = {one.id_on(31_337, EXCHANGE) for one in (DEAL, *changed)}
    names |= {DEAL.id_on(1, EXCHANGE), DEAL.id_on(31_337, person)}

    assert len(names) == len(changed) + 3


def test_points_are_both_coordinates_of_32_bytes() -> None:
    delivery = Delivery(bytes(32), 1, 2**255)

    assert delivery.ephemeral_point == bytes(31) + b"\x01" + b"\x80" + bytes(31)
    assert replace(DEAL, key_x=1, key_y=2).buyer_point == bytes(31) + b"\x01" + bytes(31) + b"\x02"


@pytest.mark.parametrize(
    ("until", "longest", "end"),
    [
        (1_500, 0, 1_500),
        (FOREVER, 0, FOREVER),
        (1_500, 501, 1_500),
        (1_500, 500, 1_500),
        (1_500, 499, 1_499),
        (FOREVER, 500, 1_500),
        (1_500, 1, 1_001),
    ],
)
def test_a_license_ends_at_its_time_or_when_its_terms_say_so(until: int, longest: int, end: int) -> None:
    terms = Terms(Purpose.TRAIN, 0, 0, 0, longest)

    assert Grant(until, 0, TermsId(1), since=1_000).end(terms) == end
