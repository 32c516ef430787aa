"""Evolution strategies in whole numbers: one coordinate at a time comes to what everybody computes in bulk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.compute.draws import Purpose, words
from thenar.adapters.compute.draws import noise as bulk_noise
from thenar.adapters.compute.learning import improved
from thenar.adapters.compute.network import Network, parameters_of
from thenar.domain.work.evolution import Update, moved, noise
from thenar.domain.work.philox import NOISE, block, word
from thenar.errors import BadInput

SIZES = (3, 4, 2)
SEEDS = st.integers(0, 2**63 - 1)


def test_the_generator_is_the_published_one() -> None:
    """Random123's known answers for philox4x64-10."""
    ones = 2**64 - 1
    assert block((0, 0), (0, 0, 0, 0)) == (
        0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B,
    )  # fmt: skip
    assert block((ones, ones), (ones, ones, ones, ones)) == (
        0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0,
    )  # fmt: skip


@given(SEEDS, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 40))
def test_one_word_is_that_word_of_the_stream(seed: int, episode: int, unit: int, place: int) -> None:
    drawn = words(seed, Purpose.CONTROL, 5, episode, unit, place + 1)

    assert int(drawn[place]) == word(seed, Purpose.CONTROL, (0, 5, episode, unit), place)


@given(SEEDS, st.integers(0, 2**31), st.integers(1, 200))
def test_noise_alone_is_noise_in_bulk(seed: int, pair: int, count: int) -> None:
    found = bulk_noise(seed, pair, count)

    assert [noise(seed, pair, place) for place in range(count)][-3:] == found.tolist()[-3:]
    assert Purpose.NOISE == NOISE
    assert found.min() >= -(2**15) and found.max() < 2**15


@given(SEEDS, st.lists(st.integers(-(2**40), 2**40), min_size=2, max_size=12).filter(lambda few: len(few) % 2 == 0),
       st.integers(1, 2**20))  # fmt: skip
def test_a_judge_recomputes_any_coordinate(seed: int, returns: list[int], rate: int) -> None:
    before = np.arange(parameters_of(SIZES), dtype=np.int64) * 1000 - 9000
    update = Update(tuple(returns), rate)

    after = improved(Network(SIZES, before), seed, update).parameters

    for place in (0, 7, len(before) - 1):
        assert update.coordinate(int(before[place]), seed, place) == int(after[place])


@given(SEEDS, st.integers(1, 2**20), st.integers(0, 30), st.integers(-(2**31) + 1, 2**31 - 1))
def test_a_members_parameter_is_the_one_it_is_simulated_with(seed: int, size: int, pair: int, value: int) -> None:
    network = Network(SIZES, np.full(parameters_of(SIZES), value, dtype=np.int64))
    drawn = bulk_noise(seed, pair, len(network.parameters))

    for sign, member in ((1, 2 * pair), (-1, 2 * pair + 1)):
        simulated = network.moved(drawn, size, sign)
        assert [moved(value, noise(seed, pair, at), size, member) for at in (0, 5)] == [simulated[0], simulated[5]]


def test_equal_returns_move_nothing() -> None:
    assert Update((5, 5, -3, -3), 1000).step([100, -20]) == 0


def test_a_step_is_never_longer_than_its_rate() -> None:
    assert abs(Update((2**40, -(2**40), 7, 0), 1000).step([-(2**15), 2**15 - 1])) <= 1000


@pytest.mark.parametrize(("returns", "rate"), [((), 1), ((1, 2, 3), 1), ((1, 2), 0), ((1, 2), 2**31)])
def test_a_round_has_pairs_and_a_rate(returns: tuple[int, ...], rate: int) -> None:
    with pytest.raises(BadInput):
        Update(returns, rate)


def test_noise_must_be_there_for_every_pair() -> None:
    with pytest.raises(BadInput, match="2 numbers"):
        Update((1, 2, 3, 4), 1).step([1])
