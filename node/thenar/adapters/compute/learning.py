"""The step of an evolution strategy over all parameters: what ``thenar.domain.work.evolution`` says of one, in bulk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from thenar.adapters.compute.draws import noise
from thenar.adapters.compute.network import UNIT, Network
from thenar.adapters.compute.scoring import RESULT
from thenar.domain.work.evolution import NOISE_BITS, Update
from thenar.errors import BadInput

_LARGEST: Final = 2**31 - 1
_MOST_WEIGHT: Final = 2**46  # the sum of all pairs' weights: times 2^15 of noise it stays within 63 bits


def improved(network: Network, seed: int, update: Update) -> Network:
    """The policy after a round. Raises BadInput for returns too large to have been earned."""
    weights = update.weights()
    total = sum(map(abs, weights))
    if total >= _MOST_WEIGHT:
        raise BadInput("these returns are larger than any simulation earns")
    if total == 0:
        return network
    together = np.zeros(len(network.parameters), dtype=np.int64)
    for pair, weight in enumerate(weights):
        together += noise(seed, pair, len(network.parameters)) * weight
    exact = [update.rate * each // (total << NOISE_BITS) for each in together.tolist()]
    moved = np.clip(network.parameters + np.array(exact, dtype=np.int64), -_LARGEST, _LARGEST)
    return replace(network, parameters=moved)


def returns_of(outputs: Sequence[bytes]) -> dict[tuple[int, int], int]:
    """Returns in 1/65,536 by (unit, episode), from the outputs of scored segments."""
    found = {}
    for output in outputs:
        for unit, episode, earned, _ in RESULT.iter_unpack(output):
            found[unit, episode] = earned
    return found


def step_of(rate: int) -> Callable[[bytes, int, Sequence[bytes]], tuple[bytes, float]]:
    """How a round makes a step at a rate: from policy, seed and outputs to the next policy and the mean return."""

    def step(policy: bytes, seed: int, outputs: Sequence[bytes]) -> tuple[bytes, float]:
        found = returns_of(outputs)
        earned = tuple(found[key] for key in sorted(found))
        moved = improved(Network.decode(policy), seed, Update(earned, rate))
        return moved.encode(), sum(earned) / len(earned) / UNIT

    return step
