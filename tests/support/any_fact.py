"""Hypothesis strategies for every fact and struct, read off their type hints."""

from __future__ import annotations

import dataclasses
import enum
import typing
from typing import Any

from hypothesis import strategies as st

from thenar.domain.assets import Purpose
from thenar.domain.facts import At, Fact
from thenar.domain.ids import (
    Address,
    AnswerId,
    AskId,
    AssetId,
    BountyId,
    ChannelId,
    ClaimId,
    DisputeId,
    RunId,
    StreamId,
    TermsId,
    TxHash,
)
from thenar.domain.work.aggregates import Aggregation, Kind

WORDS = st.binary(min_size=32, max_size=32)
NUMBERS = st.binary(min_size=4, max_size=4)
"""Float32 numbers as they travel."""
_BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    AssetId: WORDS.map(lambda raw: "0x" + raw.hex()),
    TxHash: WORDS.map(lambda raw: "0x" + raw.hex()),
    Address: st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    TermsId: st.integers(0, 2**32 - 1),
    StreamId: st.integers(0, 2**64 - 1),
    BountyId: st.integers(0, 2**64 - 1),
    ChannelId: st.integers(0, 2**64 - 1),
    RunId: st.integers(0, 2**64 - 1),
    ClaimId: st.integers(0, 2**64 - 1),
    DisputeId: st.integers(0, 2**64 - 1),
    AskId: st.integers(0, 2**32 - 1),
    AnswerId: st.integers(0, 2**64 - 1),
    Purpose: st.integers(0, 127).map(Purpose),
    Aggregation: st.builds(
        Aggregation,
        st.just(Kind.EVOLUTION),
        st.integers(0, 2**64 - 1),
        st.integers(1, 4_096),
        st.integers(1, 2**32 - 1),
        st.integers(-(2**63), 2**63 - 1),
        st.integers(0, 255),
        WORDS,
        WORDS,
        WORDS,
    ),
    bytes: WORDS,
    bool: st.booleans(),
    int: st.integers(0, 255),  # fits the smallest Solidity integer among the fields
    str: WORDS.map(lambda raw: "0x" + raw.hex()),
}
KINDS: tuple[type[Any], ...] = typing.get_args(Fact)


def _row(length: int) -> st.SearchStrategy[Any]:
    return st.lists(WORDS, min_size=length, max_size=length).map(tuple)


_SIZED: dict[str, st.SearchStrategy[Any]] = {
    "ChildrenPosted.children": _row(16),
    "PostChildren.children": _row(16),
    "NarrowCase.claims": st.lists(_row(16), max_size=3).map(tuple),
    "NarrowCase.others": st.lists(_row(16), max_size=3).map(tuple),
    "NarrowCase.path": st.lists(_row(15), max_size=3).map(tuple),
    "AnswerChildren.claims": _row(16),
    "AnswerChildren.others": _row(16),
    "Accused.claimed": NUMBERS,
    "Accused.charged": NUMBERS,
    "AccuseCall.charged": NUMBERS,
    "PostState.path": st.lists(_row(15), max_size=2).map(tuple),
}
"""Fields whose arrays have a fixed length on chain."""


def values(hint: Any) -> st.SearchStrategy[Any]:
    """A strategy for a field's type."""
    if hint in _BY_TYPE:
        return _BY_TYPE[hint]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(list(hint))
    if typing.get_origin(hint) is tuple:
        return st.lists(values(typing.get_args(hint)[0]), max_size=3).map(tuple)
    assert dataclasses.is_dataclass(hint), hint
    hints = typing.get_type_hints(hint)
    fields = {name: _SIZED.get(f"{hint.__name__}.{name}") or values(inner) for name, inner in hints.items()}
    return st.builds(hint, **fields)


ANY_FACT: st.SearchStrategy[Any] = st.one_of([values(kind) for kind in KINDS])


def placed(fact: Any, block: int, index: int, block_hash: str) -> Any:
    """The same fact at another place on the chain."""
    return dataclasses.replace(fact, at=At(block, index, block_hash, TxHash("0x" + "22" * 32)))
