"""Cards of derived assets."""

from __future__ import annotations

import pytest
from chain_facts import ANA
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.assets import AssetKind
from thenar.domain.card import Card, check_description, decode_description
from thenar.domain.ids import RAW, AssetId, Cid
from thenar.errors import BadInput, Corrupt
from thenar.services.ports import Sealed, Stored
from thenar.services.publish import CardDraft

SEALED = Sealed(Stored(Cid.of(RAW, bytes(32)), 116, 1), 100, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32, b"\x04" * 32, 1)


def card(**changed: object) -> Card:
    given_: dict[str, object] = {
        "kind": AssetKind.MODEL,
        "title": "A policy",
        "parents": (),
        "license": "MIT",
        "file_name": "p.npz",
    }
    return CardDraft(**{**given_, **changed}).seal_with(ANA, SEALED)  # type: ignore[arg-type]


def test_a_card_is_read_back_from_its_bytes_and_found_by_its_cid():
    made = card()

    assert decode_description(made.encode()) == made
    assert made.cid.codec == RAW


@given(
    st.lists(st.binary(min_size=32, max_size=32).map(lambda raw: AssetId("0x" + raw.hex())), max_size=5, unique=True)
)
def test_parents_are_sorted_or_the_card_is_refused(parents):
    if parents == sorted(parents):
        assert card(parents=tuple(parents)).parents == tuple(parents)
    else:
        with pytest.raises(BadInput):
            card(parents=tuple(parents))


@pytest.mark.parametrize(
    "changed", [{"title": ""}, {"title": "a\nb"}, {"title": "x" * 201}, {"kind": AssetKind.CAPTURE}]
)
def test_a_card_that_says_nothing_or_too_much_is_refused(changed):
    with pytest.raises(BadInput):
        card(**changed)


@given(st.binary(max_size=400))
def test_bytes_that_no_encoder_wrote_are_refused(data):
    with pytest.raises(BadInput):
        decode_description(data)


def test_a_description_with_another_root_than_the_asset_is_corrupt():
    made = card()
    roots = {
        "size": made.files[0].bytes,
        "cipher_root": b"\x02" * 32,
        "plain_root": b"\x03" * 32,
        "key_commit": b"\x04" * 32,
    }

    check_description(made, **roots)

    for name in roots:
        with pytest.raises(Corrupt):
            check_description(made, **{**roots, name: 0 if name == "size" else bytes(32)})
