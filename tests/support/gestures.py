"""Gestures as people and machines make them: late, quick or slow, too far or short, on sensors that drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from thenar.domain.gestures.moves import UP
from thenar.domain.scoring.signals import Recorded, Signal

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hand:
    """How somebody moves: seconds before he begins and for each move, degrees, and what his sensor adds."""

    late: float = 2.0
    lasting: float = 2.2
    degrees: float = 85.0
    noise: float = 1.0
    bias: float = 0.5
    rate: float = 100.0
    mount: int = 0
    seed: int = 1


def bump(phase: Floats) -> Floats:
    """Out and back within one."""
    return np.where((phase > 0) & (phase < 1), np.sin(np.pi * np.clip(phase, 0, 1)) ** 2, 0.0)


def angles(moves: Sequence[int], hand: Hand) -> tuple[Floats, Floats, Floats]:
    """Times, yaw and tilt in degrees: the opening, the moves, then a slow walk through the room."""
    whole = [UP, *moves]
    lasting = hand.late + hand.lasting * len(whole) + 12
    times = np.arange(0, lasting, 1 / hand.rate)
    yaw, tilt = np.zeros_like(times), np.zeros_like(times)
    for at, move in enumerate(whole):
        shape = hand.degrees * bump((times - hand.late - at * hand.lasting) / (hand.lasting * 0.85))
        sign = -1.0 if move in (1, 3) else 1.0
        if move < 2:
            yaw += sign * shape
        else:
            tilt += sign * shape
    yaw += np.maximum(0, times - hand.late - hand.lasting * len(whole)) * 25
    return times, yaw, tilt


def rotation(seed: int) -> Floats:
    """How a sensor is mounted: any way at all."""
    if not seed:
        return np.eye(3)
    made, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return made if np.linalg.det(made) > 0 else -made


def motion_log(moves: Sequence[int], hand: Hand | None = None) -> Recorded:
    """A gyroscope and an accelerometer in millionths, of somebody whose right hand is the axis of tilting."""
    hand = hand or Hand()
    times, yaw, tilt = angles(moves, hand)
    chance = np.random.default_rng(hand.seed)
    lean = np.radians(tilt)
    yaw_speed, tilt_speed = np.gradient(yaw, times), np.gradient(tilt, times)
    # body: x to the right, y forward, z up; a look up turns about x, and the vertical leans with it
    turning = np.stack([tilt_speed, yaw_speed * np.sin(lean), yaw_speed * np.cos(lean)], axis=1)
    gravity = np.stack([np.zeros_like(lean), np.sin(lean), np.cos(lean)], axis=1)
    turning += chance.normal(scale=hand.noise, size=turning.shape) + hand.bias
    gravity += chance.normal(scale=0.02, size=gravity.shape)
    mounted = rotation(hand.mount)
    clock = np.round(times * 1e9).astype(np.int64) + 1_700_000_000 * 10**9
    return Recorded(
        "imu",
        (
            _signal("gyroscope", "angular_velocity", "deg/s", turning @ mounted.T, clock),
            _signal("accelerometer", "acceleration", "[g]", gravity @ mounted.T, clock),
        ),
    )


def pose_log(moves: Sequence[int], hand: Hand | None = None) -> Recorded:
    """Orientations x, y, z, w of the same movement, thirty a second."""
    hand = hand or Hand()
    times, yaw, tilt = angles(moves, Hand(**{**hand.__dict__, "rate": 30.0}))
    half_yaw, half_tilt = np.radians(yaw) / 2, np.radians(tilt) / 2
    cy, sy, ct, st = np.cos(half_yaw), np.sin(half_yaw), np.cos(half_tilt), np.sin(half_tilt)
    turned = np.stack([cy * st, sy * st, sy * ct, cy * ct], axis=1)  # about z, then about the body's x
    clock = np.round(times * 1e9).astype(np.int64)
    values = np.round(turned * 1e6).astype(np.int64)
    return Recorded("trajectory", (Signal("pose", "orientation", "1", Fraction(1, 10**6), values, clock, axes=4),))


def touch_log(moves: Sequence[int], hand: Hand | None = None, taxels: int = 40) -> Recorded:
    """A glove whose four regions are pressed one after the other, in counts."""
    hand = hand or Hand()
    times = np.arange(0, hand.late + hand.lasting * len(moves) + 5, 0.01)
    chance = np.random.default_rng(hand.seed)
    rows = chance.normal(500, 3, size=(len(times), taxels))
    for at, move in enumerate(moves):
        pressed = 4 * hand.degrees * bump((times - hand.late - at * hand.lasting) / (hand.lasting * 0.8))
        rows[:, move * taxels // 4 : (move + 1) * taxels // 4] += pressed[:, None]
    clock = np.round(times * 1e9).astype(np.int64)
    return Recorded(
        "tactile", (Signal("skin", "pressure", "1", Fraction(1), rows.astype(np.int64), clock, count=taxels),)
    )


def joint_log(moves: Sequence[int], hand: Hand | None = None) -> Recorded:
    """A robot that wiggles its first four joints, in millionths of a radian."""
    hand = hand or Hand()
    times = np.arange(0, hand.late + hand.lasting * len(moves) + 5, 0.02)
    rows = np.random.default_rng(hand.seed).normal(0.3, 0.002, size=(len(times), 7))
    for at, move in enumerate(moves):
        rows[:, move] += hand.degrees / 200 * bump((times - hand.late - at * hand.lasting) / (hand.lasting * 0.8))
    clock = np.round(times * 1e9).astype(np.int64)
    values = np.round(rows * 1e6).astype(np.int64)
    return Recorded("trajectory", (Signal("arm", "joint_position", "rad", Fraction(1, 10**6), values, clock, count=7),))


def _signal(name: str, kind: str, units: str, values: Floats, times: NDArray[np.int64]) -> Signal:
    return Signal(name, kind, units, Fraction(1, 10**6), np.round(values * 1e6).astype(np.int64), times, axes=3)
