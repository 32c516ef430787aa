import random

import pytest
from previews import prepare
from sealed_bytes import SealedBytes

from thenar.domain.openings import CHUNK_BYTES

PLAIN = random.Random(12).randbytes(4 * CHUNK_BYTES + 9000)
ROOT = bytes(range(32))


@pytest.fixture(scope="module")
def shown(system, alice, bob):
    """An honest file of five chunks: alice sells, bob wants to see some of it."""
    return prepare(system, SealedBytes.of(PLAIN, ROOT), alice, bob)


@pytest.fixture(scope="module")
def garbled(system, mallory, bob):
    """A file whose every chunk has one leaf that is not what was promised."""
    spoiled = {index * CHUNK_BYTES + 5000: b"garbage" for index in range(5)}
    return prepare(system, SealedBytes.of(PLAIN, b"\x07" * 32, spoiled), mallory, bob)
