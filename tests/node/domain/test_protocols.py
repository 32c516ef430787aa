"""Messages between nodes: read strictly, capped before decoding, signed over everything that matters."""

from __future__ import annotations

import pytest
from chain_facts import ANA, BEN
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import protocols as p
from thenar.domain.ids import AssetId, PeerId
from thenar.errors import BadInput

ASSET = AssetId("0x" + "ab" * 32)
POINT = "12" * 64
SIGNED = "34" * 65


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (p.AssetRequest, {}),
        (p.AssetRequest, {"asset": 5}),
        (p.AssetRequest, {"asset": "0x12"}),
        (p.AssetRequest, {"asset": ASSET.upper().replace("X", "x")}),
        (p.AssetRequest, {"asset": ASSET, "more": 1}),
        (p.SegmentRequest, {"asset": ASSET, "first": -1, "count": 1}),
        (p.SegmentRequest, {"asset": ASSET, "first": 0, "count": 0}),
        (p.SegmentRequest, {"asset": ASSET, "first": 0, "count": 1025}),
        (p.SegmentRequest, {"asset": ASSET, "first": 2**60, "count": 1}),
        (p.KeyRequest, {"asset": ASSET, "account": ANA, "key": POINT[2:], "at": 1, "signature": SIGNED}),
        (p.KeyRequest, {"asset": ASSET, "account": ANA, "key": POINT, "at": 1, "signature": SIGNED + "00"}),
        (p.KeyRequest, {"asset": ASSET, "account": "0xA" + ANA[3:], "key": POINT, "at": 1, "signature": SIGNED}),
        (p.KeyAnswer, {"wrapped": "zz" * 32, "ephemeral": POINT}),
    ],
)
def test_a_malformed_message_is_refused(kind, value):
    with pytest.raises(BadInput):
        p.read(kind, value, "it")


@pytest.mark.parametrize(
    "message",
    [
        p.AssetRequest(ASSET),
        p.SegmentRequest(ASSET, 7, 1024),
        p.KeyRequest(ASSET, ANA, POINT, 99, SIGNED),
        p.KeyAnswer("56" * 32, POINT),
    ],
)
def test_what_is_spelled_is_read_back(message):
    assert p.read(type(message), p.spell(message), "it") == message


@given(st.binary(max_size=200))
def test_bytes_survive_base64(data):
    assert p.from_text(p.to_text(data), limit=200) == data


@pytest.mark.parametrize("text", ["A", "A===", "QUJD QUJD", "ÄÖÜß", "QUJ\n", "=" * 4])
def test_what_is_not_base64_is_refused(text):
    with pytest.raises(BadInput):
        p.from_text(text, limit=100)


def test_too_much_base64_is_refused_before_it_is_decoded():
    with pytest.raises(BadInput, match="more than 10"):
        p.from_text("A" * 1_000_000, limit=10)


def test_a_key_request_signs_every_field():
    asked = {"asset": ASSET, "account": ANA, "point": b"\1" * 64, "at": 5}
    bound = {"chain": 1, "asker": PeerId("ana"), "answerer": PeerId("ben")}
    others = {
        "asset": AssetId("0x" + "cd" * 32),
        "account": BEN,
        "point": b"\2" * 64,
        "at": 6,
        "chain": 2,
        "asker": PeerId("x"),
        "answerer": PeerId("y"),
    }

    digests = {p.key_digest(**{**asked, **bound, name: other}) for name, other in others.items()}

    assert len(digests | {p.key_digest(**asked, **bound)}) == len(others) + 1
