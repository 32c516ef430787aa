"""What is asked for in words: the same words are the same subject, and taxels are counted as a capture states them."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import pytest
from captures import make_manifest, make_stream
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.bounty.subjects import MOST_TAXELS, MOST_WORDS, Subject, plain, taxels_of
from thenar.errors import BadInput

WORDS = st.text(min_size=1, max_size=MOST_WORDS).map(plain).filter(lambda said: said and said.isprintable())


@given(WORDS, st.integers(0, MOST_TAXELS))
def test_what_is_published_is_read_again_and_hashes_to_the_subject_of_the_ask(words, least):
    subject = Subject(words, least)

    assert Subject.decode(subject.encode()) == subject
    assert subject.digest == hashlib.sha256(subject.encode()).digest() == subject.cid.digest


@given(st.binary(max_size=200))
def test_anything_else_is_refused(data):
    with suppress(BadInput):
        assert Subject.decode(data).encode() == data


@given(WORDS, WORDS, st.sampled_from([" ", "  ", "\t", "\n "]))
def test_spaces_between_words_make_no_other_subject(one, other, space):
    assert plain(f"{space}{one}{space}{other}{space}") == f"{one} {other}"


@pytest.mark.parametrize(
    ("words", "least", "says"),
    [
        ("", 0, "in words"),
        (" soft objects", 0, "in words"),
        ("soft  objects", 0, "in words"),
        ("soft\u202eobjects", 0, "in words"),
        ("x" * (MOST_WORDS + 1), 0, "at most 200 letters"),
        ("soft objects", -1, "taxels"),
        ("soft objects", MOST_TAXELS + 1, "taxels"),
    ],
)
def test_what_cannot_be_read_or_meant_is_no_subject(words, least, says):
    with pytest.raises(BadInput, match=says):
        Subject(words, least)


def test_a_subject_is_said_with_its_taxels():
    assert str(Subject("soft objects", 1_500)) == "soft objects, 1,500 taxels or more"
    assert str(Subject("soft objects")) == "soft objects"


@pytest.mark.parametrize(
    ("streams", "taxels"),
    [
        ([{}], 92),
        ([{"axes": 3}], 92),
        ([{}, {"name": "palm", "count": 40}], 132),
        ([{}, {"name": "slow", "count": 40, "samples": 4}], 92),
        ([{}, {"name": "joints", "kind": "angle", "count": 24}], 92),
        ([{"kind": "raw", "count": 19}, {"name": "b", "kind": "raw", "count": 1}], 20),
    ],
)
def test_taxels_are_the_sensors_that_a_score_is_made_of(streams, taxels):
    capture = make_manifest(streams=tuple(make_stream(**changes) for changes in streams))

    assert taxels_of(capture) == taxels


def test_what_is_not_touch_has_no_taxels():
    assert taxels_of(make_manifest(modality="imu")) == 0
