"""Hypothesis strategies for every fact and struct, read off their type hints."""

from __future__ import annotations

import dataclasses
import enum
import typing
from typing import Any

from hypothesis import strategies as st

from thenar.domain.assets import Purpose
from thenar.domain.facts import At, Fact
from thenar.domain.ids import Address, AssetId, TermsId, TxHash

WORDS = st.binary(min_size=32, max_size=32)
_BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    AssetId: WORDS.map(lambda raw: "0x" + raw.hex()),
    TxHash: WORDS.map(lambda raw: "0x" + raw.hex()),
    Address: st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    TermsId: st.integers(0, 2**32 - 1),
    Purpose: st.integers(0, 127).map(Purpose),
    bytes: WORDS,
    bool: st.booleans(),
    int: st.integers(0, 255),  # fits the smallest Solidity integer among the fields
    str: WORDS.map(lambda raw: "0x" + raw.hex()),
}
KINDS: tuple[type[Any], ...] = typing.get_args(Fact)


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
    return st.builds(hint, **{name: values(inner) for name, inner in hints.items()})


ANY_FACT: st.SearchStrategy[Any] = st.one_of([values(kind) for kind in KINDS])


def placed(fact: Any, block: int, index: int, block_hash: str) -> Any:
    """The same fact at another place on the chain."""
    return dataclasses.replace(fact, at=At(block, index, block_hash, TxHash("0x" + "22" * 32)))
