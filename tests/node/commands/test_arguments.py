"""Arguments of commands come from anywhere: each is a checked value or BadInput, never anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.commands import arguments as arg
from thenar.domain.assets import AssetKind, Purpose
from thenar.domain.ids import Address
from thenar.errors import BadInput

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
HEX = st.text("0123456789abcdefABCDEF \n\t_-xX", max_size=70).map(lambda text: "0x" + text)
NEAR = st.one_of(JSON, HEX, st.lists(HEX.map(lambda text: text + "=5"), max_size=3))
ASSET = "0x" + "ab" * 32
READERS = {
    "text": lambda given: arg.text(given, "x"),
    "optional_text": lambda given: arg.optional_text(given, "x"),
    "number": lambda given: arg.number(given, "x", 3, low=1, high=9),
    "flag": lambda given: arg.flag(given, "x"),
    "asset": lambda given: arg.asset(given, "x"),
    "assets": lambda given: arg.assets(given, "x"),
    "existing_file": lambda given: arg.existing_file(given, "x"),
    "purposes": lambda given: arg.purposes(given, "x"),
    "shares": lambda given: arg.shares(given, "x"),
    "weights": lambda given: arg.weights(given, "x"),
    "deal_id": lambda given: arg.deal_id(given, "x"),
    "derived_kind": lambda given: arg.derived_kind(given, "x"),
    "address_or": lambda given: arg.address_or(given, "x", Address("0x" + "0" * 40)),
    "request_id": lambda given: arg.request_id({"request": given["x"]}),
}


@pytest.mark.parametrize("reader", READERS)
@given(value=NEAR)
def test_any_json_is_a_value_or_bad_input(reader, value):
    try:
        found = READERS[reader]({"x": value})
    except BadInput:
        return
    if reader == "asset":
        assert len(bytes.fromhex(found[2:])) == 32
        assert " " not in found
    if reader in ("shares", "weights"):
        assert all(len(bytes.fromhex(key[2:])) == 32 for key in found)


@pytest.mark.parametrize("path", ["", "\0", "/" + "x" * 5_000, "~nobody-of-this-name/x", "/", "a" * 300])
def test_a_path_that_is_no_file_is_bad_input(path):
    with pytest.raises(BadInput):
        arg.existing_file({"path": path}, "path")


@pytest.mark.parametrize("spaced", ["0x" + "ab" * 31 + "  ", "0x" + " " * 64, "0x" + "ab" * 31 + "\n\n"])
def test_spaces_are_no_hex_digits(spaced):
    with pytest.raises(BadInput):
        arg.asset({"asset": spaced})


def test_purposes_are_words_with_commas():
    assert arg.purposes({"purposes": "train, human-view,SIM"}) == Purpose.TRAIN | Purpose.HUMAN_VIEW | Purpose.SIM
    with pytest.raises(BadInput) as caught:
        arg.purposes({"purposes": "train,spam"})
    assert "human_view" in str(caught.value.next_step)
    with pytest.raises(BadInput):
        arg.purposes({"purposes": ","})


def test_only_derived_assets_have_a_card():
    assert arg.derived_kind({}) is AssetKind.MODEL
    for wrong in ("capture", "MODEL", "banana"):
        with pytest.raises(BadInput, match="not a kind"):
            arg.derived_kind({"kind": wrong})


def test_an_asset_is_weighed_once():
    with pytest.raises(BadInput, match="twice"):
        arg.weights({"weights": [f"{ASSET}=1", f"{ASSET.upper().replace('0X', '0x')}=2"]}, "weights")
    assert arg.weights({"weights": [f"{ASSET}=18446744073709551615"]}, "weights") == {ASSET: 2**64 - 1}
    for wrong in ("0", "-1", "1.5", "²", "18446744073709551616", ""):
        with pytest.raises(BadInput):
            arg.weights({"weights": [f"{ASSET}={wrong}"]}, "weights")


def test_a_request_is_a_short_printable_name():
    assert arg.request_id({}) is None
    assert arg.request_id({"request": "Aufnahme für Ana.pcd"}) == "Aufnahme für Ana.pcd"
    for wrong in ("", "a\nb", "x" * 301, 5, True):
        with pytest.raises(BadInput):
            arg.request_id({"request": wrong})
