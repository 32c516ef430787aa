"""Gossip envelopes: the checks that need no key and no network."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import canonical, messages
from thenar.domain.ids import PeerId
from thenar.domain.messages import Envelope
from thenar.errors import BadInput

ANA = PeerId("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN")
NOW = 1_795_300_000_000_000_000
KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=8)
BODIES = st.dictionaries(KEYS, st.integers(-(2**128), 2**128) | st.text(st.characters(blacklist_categories=("Cs",))))
ENVELOPES = st.builds(
    Envelope,
    st.integers(1, 2**64),
    st.sampled_from(sorted(messages.KINDS)),
    st.just(ANA),
    st.integers(1, 2**63 - 1),
    BODIES,
)


def _raw(**changes: Any) -> bytes:
    fields: dict[str, Any] = {"v": 1, "chain": 31337, "kind": "offer", "origin": ANA, "seq": NOW, "body": {"price": 5}}
    return canonical.encode({key: value for key, value in (fields | changes).items() if value is not None})


@given(ENVELOPES)
def test_an_envelope_survives_its_own_bytes(envelope: Envelope) -> None:
    assert messages.decode(envelope.encode(), chain=envelope.chain) == envelope


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(BadInput):
        messages.decode(data, chain=1)


@given(ENVELOPES, st.data())
def test_one_changed_byte_never_yields_the_same_envelope(envelope: Envelope, data: st.DataObject) -> None:
    good = envelope.encode()
    at = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[at] ^= data.draw(st.integers(1, 255))
    try:
        other = messages.decode(bytes(bad), chain=envelope.chain)
    except BadInput:
        return
    assert other != envelope
    assert messages.envelope_id(bytes(bad)) != messages.envelope_id(good)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2}, {"v": "1"}, {"chain": 1}, {"chain": "31337"}, {"kind": "gossip"}, {"kind": 1}, {"kind": []},
        {"origin": "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"}, {"origin": ANA[:-1]}, {"origin": 7},
        {"origin": ANA[:-1] + "0"}, {"seq": 0}, {"seq": -1}, {"seq": 2**63}, {"seq": "1"}, {"body": []}, {"body": "x"},
        {"body": None}, {"extra": 1},
    ],
)  # fmt: skip
def test_a_field_that_breaks_the_rules_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        messages.decode(_raw(**changes), chain=31337)


def test_an_envelope_over_the_cap_cannot_be_made_or_read() -> None:
    with pytest.raises(BadInput, match="at most"):
        Envelope(1, "offer", ANA, NOW, {"x": "y" * messages.MAX_BYTES}).encode()
    with pytest.raises(BadInput, match="bytes"):
        messages.split(b"x" * (messages.MAX_BYTES + 1))
    with pytest.raises(BadInput, match="bytes"):
        messages.split(b"x" * messages.SIGNATURE_BYTES)


def test_a_packet_is_its_signature_and_its_json() -> None:
    assert messages.split(b"s" * 64 + b"{}") == (b"s" * 64, b"{}")


def test_the_id_is_the_hash_of_what_is_signed() -> None:
    data = _raw()

    assert messages.envelope_id(data) == hashlib.sha256(messages.signed_bytes(data)).digest()


@pytest.mark.parametrize(
    ("age", "fresh"), [(0, True), (10 * 60, True), (10 * 60 + 1, False), (-120, True), (-121, False)]
)
def test_only_envelopes_of_the_last_minutes_are_fresh(age: int, fresh: bool) -> None:
    envelope = messages.decode(_raw(seq=NOW - age * 10**9), chain=31337)
    if fresh:
        messages.check_fresh(envelope, NOW)
        return
    with pytest.raises(BadInput):
        messages.check_fresh(envelope, NOW)
