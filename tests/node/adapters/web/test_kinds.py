"""Kinds of fields: what a filter takes, refuses and writes as the field is, and that the schema says the same."""

from __future__ import annotations

import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.web.kinds import IF_ANY, asked_schema, compared, fields, object_of, one_of, plain, schema_of

ACCOUNT = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
DIGEST = "0x" + "Ab" * 32
COLOUR = one_of(("red", "a.b"))

TAKEN = [
    ("text", "anything 0XyZ", "anything 0XyZ"),
    ("text", "", ""),
    ("number", "0", "0"),
    ("number", "120", "120"),
    ("time", "1700000000", "1700000000"),
    ("flag", "true", "true"),
    ("account", ACCOUNT, ACCOUNT.lower()),
    ("account or null", ACCOUNT, ACCOUNT.lower()),
    ("account or null", "null", "null"),
    ("digest", DIGEST, DIGEST.lower()),
    ("digest or nothing", "", ""),
    ("digest or nothing", DIGEST, DIGEST.lower()),
    ("cell", "85283473fffffff", "85283473fffffff"),
    ("cell or nothing", "", ""),
    (COLOUR, "a.b", "a.b"),
    (one_of(("", "red")), "", ""),
    (COLOUR + " or a number", "9", "9"),
    (COLOUR + " or a number", "red", "red"),
]
REFUSED = [
    ("number", "-1", "a whole number"),
    ("number", "01", "a whole number"),
    ("number", "٣", "a whole number"),
    ("time", "yesterday", "unix seconds"),
    ("flag", "True", "true or false"),
    ("account", "xyz", "0x and 40 hex digits"),
    ("account", ACCOUNT[:-1], "0x and 40 hex digits"),
    ("account", ACCOUNT + "\n", "0x and 40 hex digits"),
    ("account", "null", "0x and 40 hex digits"),
    ("account or null", "", "or null"),
    ("digest", ACCOUNT, "0x and 64 hex digits"),
    ("digest or nothing", "0x", "or empty"),
    ("cell", "0x85283473fffffff", "without 0x"),
    ("cell", "", "without 0x"),
    (COLOUR, "blue", "one of red, a.b"),
    (COLOUR, "aXb", "one of red, a.b"),
    (COLOUR, "", "one of red, a.b"),
    (one_of(("", "red")), "blue", "one of red, or empty"),
    (COLOUR + " or a number", "blue", "one of red, a.b, or a number"),
]


@pytest.mark.parametrize(("kind", "said", "meant"), TAKEN)
def test_a_filter_takes_what_the_field_may_be_and_writes_it_as_the_field_is(kind, said, meant) -> None:
    assert compared(kind, said) == meant
    jsonschema.validate(said, asked_schema(kind))


@pytest.mark.parametrize(("kind", "said", "told"), REFUSED)
def test_a_filter_refuses_what_the_field_can_never_be_and_says_what_it_may(kind, said, told) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        compared(kind, said)
    if not said.endswith("\n"):  # `$` of Python is before it too; the one of JSON schema is not
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(said, asked_schema(kind))


@given(st.binary(min_size=20, max_size=20), st.randoms())
def test_an_account_is_the_same_in_whatever_case_its_digits_are(raw, dice) -> None:
    shown = "0x" + raw.hex()
    written = "0x" + "".join(dice.choice((digit, digit.upper())) for digit in raw.hex())

    assert compared("account", written) == compared("account", shown) == plain(written) == shown
    jsonschema.validate(shown, schema_of("account"))


@given(st.text(max_size=70))
def test_what_a_filter_refuses_is_said_of_no_account_and_no_digest(said) -> None:
    for kind in ("account", "digest"):
        try:
            jsonschema.validate(compared(kind, said), schema_of(kind))
        except ValueError:
            assert re.fullmatch(schema_of(kind)["pattern"].rstrip("$"), said) is None


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", "", 1),
        ("number", 3, "3"),
        ("time", 0, 0.5),
        ("flag", False, 0),
        ("texts", ["a"], [1]),
        ("rows", [[1, "a"]], [1]),
        ("objects", [{}], [[]]),
        ("object", {}, []),
        ("object or null", None, ""),
        ("account", ACCOUNT.lower(), ACCOUNT),
        ("account or null", None, ""),
        ("digest", DIGEST.lower(), DIGEST),
        ("digest or nothing", "", "0x"),
        ("cell", "85283473fffffff", "0x8528"),
        ("count", "1" * 40, "-1"),
        ("count or null", None, "1.0"),
        ("amount", "12.50", "12,50"),
        ("amount", "3", "3 THN"),
        ("tokens", "0.000000000000000001 THN", "1.00"),
        ("share", "12.3456%", "0.1"),
        ("time or null", None, "never"),
        (COLOUR, "red", "blue"),
        (COLOUR + " or a number", "255", "blue"),
    ],
)
def test_a_schema_lets_through_what_is_shown_and_nothing_of_another_kind(kind, good, bad) -> None:
    jsonschema.validate(good, schema_of(kind))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, schema_of(kind))


def test_a_list_of_objects_is_described_by_what_is_in_them() -> None:
    schema = object_of({"book": "text", "loans": {"by": "account", "fine": "amount" + IF_ANY}})
    loan = {"by": ACCOUNT.lower()}

    jsonschema.validate({"book": "b1", "loans": [loan, {**loan, "fine": "1.50"}]}, schema)
    for wrong in ({}, {**loan, "fine": 1}, {**loan, "more": ""}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"book": "b1", "loans": [wrong]}, schema)
    with pytest.raises(TypeError):
        compared({"by": "account"}, "x")


def test_fields_are_named_by_the_kind_they_share() -> None:
    assert fields(account="owner author", flag="closed") == {"owner": "account", "author": "account", "closed": "flag"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [(f"{ACCOUNT}-{DIGEST}", f"{ACCOUNT}-{DIGEST}".lower()), ("17", "17"), ("B1", "B1"), ("0X1F", "0X1F")],
)
def test_hex_is_read_in_both_cases_and_every_other_id_as_it_is(said, meant) -> None:
    assert plain(said) == meant
