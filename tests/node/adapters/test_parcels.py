"""Small things sealed for one receiver."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.vault.parcels import Parcels
from thenar.adapters.vault.wrap import EcdhWrapper
from thenar.errors import BadInput, Corrupt

OWNER, BUYER = EcdhWrapper(b"\x01" * 32), EcdhWrapper(b"\x02" * 32)
SEED, CONTEXT = b"run", b"\x07" * 32
SECRET, POINT = BUYER.one_time_key(SEED)


@given(st.binary(max_size=5_000))
def test_the_receiver_opens_what_was_sealed(data):
    sealed = Parcels(OWNER).seal(data, POINT, CONTEXT)

    assert Parcels(BUYER).open(sealed, SECRET, CONTEXT) == data
    assert len(sealed) == 64 + 32 + len(data) + 16


def test_sealing_again_gives_the_same_bytes_so_that_a_crash_delivers_nothing_else():
    assert Parcels(OWNER).seal(b"seen", POINT, CONTEXT) == Parcels(OWNER).seal(b"seen", POINT, CONTEXT)


def test_no_two_parcels_share_a_key():
    other = BUYER.one_time_key(b"other")[1]
    sealed = [
        Parcels(OWNER).seal(*parts)
        for parts in (
            (b"seen", POINT, CONTEXT),
            (b"sees", POINT, CONTEXT),
            (b"seen", other, CONTEXT),
            (b"seen", POINT, bytes(32)),
        )
    ]

    assert len({parcel[96:] for parcel in sealed}) == len({parcel[:64] for parcel in sealed}) == 4


@pytest.mark.parametrize("spoil", ["another secret", "another context", "a flipped bit", "cut short"])
def test_nobody_else_and_nothing_else_opens_it(spoil):
    sealed, secret, context = Parcels(OWNER).seal(b"seen", POINT, CONTEXT), SECRET, CONTEXT
    if spoil == "another secret":
        secret = BUYER.one_time_key(b"other")[0]
    elif spoil == "another context":
        context = bytes(32)
    elif spoil == "a flipped bit":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    else:
        sealed = sealed[:100]

    with pytest.raises(Corrupt):
        Parcels(BUYER).open(sealed, secret, context)


def test_nothing_is_sealed_for_what_is_no_point():
    with pytest.raises(BadInput):
        Parcels(OWNER).seal(b"seen", bytes(64), CONTEXT)
