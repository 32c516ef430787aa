"""Philox 4x64-10: randomness by place. A pure twin of what simulations draw in bulk, for one word at a time.

Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", and NumPy's counting: the first block of an
address has 1 added to its counter.
"""

from __future__ import annotations

from typing import Final

NOISE: Final = 4
"""The key's second word for noise of evolution strategies."""

_MULTIPLIERS: Final = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL: Final = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_ROUNDS: Final = 10
_WORD: Final = 2**64

Block = tuple[int, int, int, int]


def block(key: tuple[int, int], counter: Block) -> Block:
    """The four words of one counter."""
    one, two, three, four = counter
    first, second = key
    for _ in range(_ROUNDS):
        high, low = divmod(_MULTIPLIERS[0] * one, _WORD)
        up, down = divmod(_MULTIPLIERS[1] * three, _WORD)
        one, two, three, four = up ^ two ^ first, down, high ^ four ^ second, low
        first, second = (first + _WEYL[0]) % _WORD, (second + _WEYL[1]) % _WORD
    return one, two, three, four


def word(seed: int, purpose: int, address: Block, place: int) -> int:
    """Word ``place`` of the stream at an address."""
    number = sum(part << 64 * index for index, part in enumerate(address)) + place // 4 + 1
    counter = tuple(number >> 64 * index & (_WORD - 1) for index in range(4))
    return block((seed, purpose), (counter[0], counter[1], counter[2], counter[3]))[place % 4]
