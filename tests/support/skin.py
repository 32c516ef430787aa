"""A simulated palm that leaks what real ones leak, and the attacks that take it from raw readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE, SECONDS, TAXELS, FINGERS, PRESSES = 100, 90, 24, 3, 40
_DWELL = 12  # readings a key is held


@dataclass(frozen=True)
class Palm:
    """Readings (time, taxel) and the truth about whose they are."""

    readings: NDArray[np.int64]
    pulse: float  # beats a second
    onsets: NDArray[np.int64]
    gains: NDArray[np.float64]


def palm(seed: int) -> Palm:
    """A person holding a grip and pressing keys: pulse in every taxel, a hand's own map of gains, a rhythm."""
    rng = np.random.default_rng(seed)
    length = RATE * SECONDS
    time = np.arange(length) / RATE
    pulse = rng.uniform(0.85, 1.9)
    gains = rng.uniform(0.3, 1.7, TAXELS)
    slots = np.sort(rng.choice(length // 40 - 2, PRESSES, replace=False)) * 40
    onsets = slots + rng.integers(0, 40 - _DWELL - 8, PRESSES)
    pressed = np.zeros(length)
    for onset in onsets:
        pressed[onset : onset + _DWELL] += 1.0
    heart = np.sin(2 * np.pi * pulse * time + rng.uniform(0, 6))
    clean = 400 + 12 * heart[:, None] + 260 * pressed[:, None]
    readings = clean * gains + rng.normal(0, 3, (length, TAXELS))
    return Palm(np.rint(readings).astype(np.int64), float(pulse), onsets, gains)


def regions(readings: NDArray[np.int64]) -> list[list[int]]:
    """Loads of three fingers."""
    return [part.sum(axis=1).tolist() for part in np.split(readings, FINGERS, axis=1)]


def pulse_from(readings: NDArray[np.int64]) -> float:
    """The strongest frequency between 0.8 and 2 Hz of what is left when key presses are cut off."""
    load = readings.sum(axis=1).astype(float)
    quiet = np.minimum(load, np.median(load) * 1.08)
    spectrum = np.abs(np.fft.rfft(quiet - quiet.mean()))
    frequencies = np.fft.rfftfreq(len(load), 1 / RATE)
    band = (frequencies >= 0.8) & (frequencies <= 2.0)
    return float(frequencies[band][np.argmax(spectrum[band])])


def onsets_from(readings: NDArray[np.int64]) -> NDArray[np.int64]:
    """When keys went down."""
    load = readings.sum(axis=1)
    touching = load > np.median(load) * 1.25
    return np.flatnonzero(touching[1:] & ~touching[:-1]) + 1


def gains_from(readings: NDArray[np.int64]) -> NDArray[np.float64]:
    """How strongly each taxel answers."""
    return readings.mean(axis=0)


def learned(features: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave-one-out predictions of ridge regression, the penalty being the best of several for the attacker."""
    columns = features[:, features.std(axis=0) > 0]
    scaled = (columns - columns.mean(axis=0)) / columns.std(axis=0) if columns.size else np.zeros((len(truth), 1))
    best, found = np.inf, np.zeros_like(truth)
    for penalty in (0.1, 1.0, 10.0, 100.0, 1000.0):
        inverse = np.linalg.inv(scaled.T @ scaled + penalty * np.eye(scaled.shape[1]))
        hat = scaled @ inverse @ scaled.T
        mean = (truth.sum(axis=0) - truth) / (len(truth) - 1)
        fitted = truth - truth.mean(axis=0)
        leverage = np.diag(hat).reshape((-1,) + (1,) * (truth.ndim - 1))
        guess = mean + (hat @ fitted - leverage * fitted) / (1 - leverage)
        error = float(((guess - truth) ** 2).mean())
        if error < best:
            best, found = error, guess
    return found


def skill(guess: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Share of the variance among people that a guess explains; 0 is guessing everybody's mean."""
    return 1 - float(((guess - truth) ** 2).sum() / ((truth - truth.mean(axis=0)) ** 2).sum())
