"""The cipher in the EVM against libsodium, the published vectors and its plain form."""

from __future__ import annotations

import random

import pytest
from brownie.test import given, strategy
from Crypto.Cipher import ChaCha20
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as seal

LEAF, TAG = 1024, 16
SUNSCREEN = b" ".join(
    [
        b"Ladies and Gentlemen of the class of '99:",
        b"If I could offer you only one tip for the future, sunscreen would be it.",
    ]
)


def stream(doors, key, nonce, first, data):
    return bytes(doors.stream(key, nonce, first, data))


def test_the_published_vector_of_hchacha20_holds(doors):
    """draft-irtf-cfrg-xchacha-03, section 2.2.1."""
    nonce = bytes.fromhex("000000090000004a0000000031415927")

    subkey = bytes(doors.hchachaPlain(bytes(range(32)), nonce))

    assert subkey.hex() == "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"


def test_the_published_block_of_chacha20_holds(doors):
    """RFC 8439, section 2.3.2."""
    nonce = bytes.fromhex("000000090000004a00000000")

    block = bytes(doors.blockPlain(bytes(range(32)), 1, nonce))

    assert block.hex() == (
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    )


def test_the_published_sealing_of_xchacha20_opens(doors):
    """draft-irtf-cfrg-xchacha-03, appendix A.3.1."""
    key, nonce = bytes(range(0x80, 0xA0)), bytes(range(0x40, 0x58))
    sealed = bytes.fromhex(
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
        "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
        "21f9664c97637da9768812f615c68b13b52e"
    )

    assert stream(doors, key, nonce, 1, sealed) == SUNSCREEN


@given(seed=strategy("uint256"))
def test_every_leaf_opens_as_libsodium_sealed_it(doors, seed):
    dice = random.Random(seed)
    key, nonce = dice.randbytes(32), dice.choice([dice.randbytes(24), dice.getrandbits(32).to_bytes(24, "big")])
    place, length = (
        dice.choice([0, 1, 255, dice.randrange(256)]),
        dice.choice([LEAF, LEAF - TAG, dice.randint(1, LEAF)]),
    )
    plain = dice.randbytes(place * LEAF + length)

    sealed = seal(plain, dice.randbytes(17), nonce, key)[place * LEAF : place * LEAF + length]

    assert stream(doors, key, nonce, 1 + 16 * place, sealed) == plain[place * LEAF :]


@given(seed=strategy("uint256"))
def test_every_block_number_gives_the_stream_of_another_library(doors, seed):
    dice = random.Random(seed)
    key, nonce, first = dice.randbytes(32), dice.randbytes(24), dice.choice([0, 1, 2**16, dice.getrandbits(31)])
    cipher = ChaCha20.new(key=key, nonce=nonce)
    cipher.seek(first * 64)
    data = dice.randbytes(dice.randint(0, 300))

    assert stream(doors, key, nonce, first, data) == cipher.encrypt(data)


@given(seed=strategy("uint256"))
def test_the_packed_form_answers_as_the_plain_one(doors, seed):
    dice = random.Random(seed)
    arguments = (dice.randbytes(32), dice.randbytes(24), dice.getrandbits(31), dice.randbytes(dice.randint(0, 200)))

    assert bytes(doors.stream(*arguments)) == bytes(doors.streamPlain(*arguments))


@pytest.mark.parametrize("length", [0, 1, 15, 16, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 1008, 1023, 1024])
def test_any_length_is_cut_where_the_data_ends(doors, length):
    key, nonce, plain = b"\x5a" * 32, (7).to_bytes(24, "big"), bytes(range(256)) * 4

    opened = stream(doors, key, nonce, 1, seal(plain, b"", nonce, key)[:length])

    assert opened == plain[:length]


@pytest.mark.parametrize("pattern", [b"\x00", b"\xff", b"\x80", b"\x7f"])
def test_keys_of_one_repeated_byte_carry_nothing_between_lanes(doors, pattern):
    key, nonce, plain = pattern * 32, pattern * 24, bytes(200)

    assert stream(doors, key, nonce, 1, seal(plain, b"", nonce, key)[:200]) == plain


def test_the_last_block_numbers_follow_each_other(doors):
    key, nonce, first = b"\x11" * 32, b"\x22" * 24, 2**32 - 4
    arguments = (key, nonce, first, bytes(200))

    assert bytes(doors.stream(*arguments)) == bytes(doors.streamPlain(*arguments))
