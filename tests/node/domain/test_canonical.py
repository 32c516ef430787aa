"""Canonical JSON: one value, one spelling."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import canonical
from thenar.errors import BadInput

KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)
WORDS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
NUMBERS = st.integers(min_value=-(2**256) + 1, max_value=2**256 - 1)
VALUES: st.SearchStrategy[Any] = st.recursive(
    WORDS | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
).filter(lambda value: _depth(value) <= canonical.MAX_DEPTH)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_what_is_encoded_decodes_to_the_same_value(value: Any) -> None:
    data = canonical.encode(value)

    assert canonical.decode(data, limit=len(data)) == value


@given(VALUES)
def test_every_other_spelling_of_a_value_is_refused(value: Any) -> None:
    canonical_bytes = canonical.encode(value)
    for other in (json.dumps(value, indent=1), json.dumps(value, sort_keys=True), json.dumps(value) + " "):
        if other.encode() == canonical_bytes:
            continue
        with pytest.raises(BadInput):
            canonical.decode(other.encode(), limit=1 << 20)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused_but_never_crash(data: bytes) -> None:
    try:
        value = canonical.decode(data, limit=60)
    except BadInput:
        return
    assert canonical.encode(value) == data


@pytest.mark.parametrize(
    "data",
    [
        b"1.0", b"1e3", b"NaN", b"Infinity", b"-Infinity", b"-0", b"01", b"true", b"false", b"null", b"", b"{", b"\xff",
        b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'{"":1}', b'{"a": 1}', b"[1,2] ", b'"\\u0041"', b'"\\/"', b'"\\ud800"',
        b"[" * 17 + b"]" * 17, b"[" * 100_000, b'{"a":' * 100_000, b"1" * 80, b"9" * 78, '{"ä":1}'.encode(),
    ],
)  # fmt: skip
def test_anything_outside_the_rules_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        canonical.decode(data, limit=1 << 20)


@pytest.mark.parametrize(
    "value", [1.5, None, True, b"x", (1,), {1: 2}, {"k": {"ä": 1}}, 2**256, "\ud800", {"a" * 129: 1}]
)
def test_values_outside_the_rules_cannot_be_encoded(value: object) -> None:
    with pytest.raises(BadInput):
        canonical.encode(value)


def test_the_size_is_refused_before_anything_is_parsed() -> None:
    with pytest.raises(BadInput, match="at most 4"):
        canonical.decode(b"not json at all", limit=4)


def test_the_spelling_is_the_one_javascript_writes() -> None:
    value = {"b": [1, -2], "a": 'q"\\\n\u0001\u007f\u2028é😀', "A": {}}

    assert canonical.encode(value) == '{"A":{},"a":"q\\"\\\\\\n\\u0001\x7f\u2028é😀","b":[1,-2]}'.encode()


def test_only_an_object_passes_where_an_object_is_expected() -> None:
    assert canonical.decode_object(b'{"a":1}', limit=10) == {"a": 1}
    with pytest.raises(BadInput, match="not an object"):
        canonical.decode_object(b"[]", limit=10)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * canonical.MAX_DEPTH + b"]" * canonical.MAX_DEPTH,
        b'{"' + b"k" * canonical.MAX_KEY + b'":1}',
        str(2**256 - 1).encode(),
        str(1 - 2**256).encode(),
    ],
)
def test_what_just_fits_is_taken(data: bytes) -> None:
    assert canonical.encode(canonical.decode(data, limit=len(data))) == data
    with pytest.raises(BadInput, match=f"at most {len(data) - 1}"):
        canonical.decode(data, limit=len(data) - 1)
