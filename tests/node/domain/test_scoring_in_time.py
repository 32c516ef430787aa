"""Touch, trajectories and inertial logs are judged: copies are refused however they are played, others are paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from golden_scores import carried, movement, touch

from thenar.domain.scoring.codes import BITS, CodeSketch, compare, sketch_of
from thenar.domain.scoring.integers import BP
from thenar.domain.scoring.playing import Played
from thenar.domain.scoring.plugins import plugin_for
from thenar.domain.scoring.report import CopyRule, Likeness, Novelty, Verdict, novelty_of, percent
from thenar.domain.scoring.signals import Ints, Recorded, Signal
from thenar.domain.scoring.timing import gap_part, gaps_of
from thenar.domain.scoring.trajectory import PoseSketch
from thenar.errors import BadInput

MADE = {"tactile": touch, "trajectory": movement, "imu": carried}
DRAW = np.random.default_rng(1)

Change = Callable[[Signal], Signal]


def changed(recorded: Recorded, change: Change) -> Recorded:
    return Recorded(recorded.modality, tuple(change(signal) for signal in recorded.signals))


def cut(first: int, last: int) -> Change:
    def change(signal: Signal) -> Signal:
        assert signal.times is not None
        return replace(signal, values=signal.values[first:last], times=signal.times[first:last])

    return change


def noisy(values: Ints) -> Ints:
    return values + np.rint(DRAW.normal(0, 0.02 * float(values.std()), values.shape)).astype(np.int64)


def valued(change: Callable[[Ints], Ints]) -> Change:
    return lambda signal: replace(signal, values=change(signal.values))


def slower(signal: Signal) -> Signal:
    assert signal.times is not None
    return replace(signal, times=signal.times * 2)


def backwards(signal: Signal) -> Signal:
    assert signal.times is not None
    return replace(signal, values=signal.values[::-1], times=signal.times[-1] - signal.times[::-1])


COPIES: dict[str, tuple[Change, Played]] = {
    "exact": (lambda signal: signal, Played()),
    "noisy": (valued(noisy), Played()),
    "shifted in time": (cut(23, 480), Played()),
    "cut to a third": (cut(200, 400), Played()),
    "backwards": (backwards, Played(backwards=True)),
    "at half the speed": (slower, Played(speed_bp=2 * BP)),
}


def judged(new: Recorded, old: Recorded, how: Played | None = None) -> Novelty:
    plugin = plugin_for(new.modality)
    there = plugin.sketch(old)
    match = plugin.verify_duplicate(new, there, how or plugin.search(new, there, stretched=True))
    return plugin.novelty(new, [match])


@pytest.mark.parametrize("modality", MADE)
@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_refused_however_it_was_cut_or_played(modality: str, kind: str) -> None:
    old = MADE[modality](11)
    change, how = COPIES[kind]

    found = judged(changed(old, change), old, Played() if modality == "trajectory" else how)

    assert (found.bp, found.copied) == (0, True)


@pytest.mark.parametrize("modality", MADE)
def test_another_recording_is_paid_in_full_whatever_the_search_says(modality: str) -> None:
    assert judged(MADE[modality](77), MADE[modality](11)).bp == BP


def test_touch_made_louder_or_offset_stays_the_same_touch() -> None:
    old = touch(11)

    assert judged(changed(old, valued(lambda v: v * 13 // 10 + 40)), old, Played()).copied


def test_a_log_from_a_sensor_mounted_otherwise_stays_the_same_log() -> None:
    old = carried(11)

    assert judged(changed(old, valued(lambda v: np.stack([-v[:, 2], v[:, 0], v[:, 1]], axis=1))), old, Played()).copied


def test_the_search_finds_that_touch_was_played_backwards() -> None:
    old = touch(11)
    plugin = plugin_for("tactile")

    assert plugin.search(changed(old, backwards), plugin.sketch(old)) == Played(backwards=True)


def test_readings_without_a_clock_are_compared_one_by_one_in_any_order() -> None:
    rows = DRAW.integers(100, 3_900, (400, 72))
    old = Recorded("tactile", (Signal("touch", "electrode", "[arb'U]", Fraction(1), rows, count=72),))
    other = Recorded("tactile", (replace(old.signals[0], values=DRAW.integers(100, 3_900, (400, 72))),))

    assert judged(changed(old, valued(lambda v: v[::-1][:300] + 5)), old, Played()).copied
    assert judged(other, old, Played()).bp == BP


def test_two_earlier_recordings_that_show_it_together_leave_nothing_new() -> None:
    old = movement(11)
    plugin = plugin_for("trajectory")
    halves = [changed(old, cut(0, 260)), changed(old, cut(240, 500))]
    rule = replace(plugin.rule, copy_shared_bp=BP + 1)

    matches = [plugin.verify_duplicate(old, plugin.sketch(half), Played()) for half in halves]
    seen = plugin.seen_bp(old, matches)

    assert all(match.likeness.shared_bp < 9_000 for match in matches)
    assert novelty_of(rule, 187, [match.likeness for match in matches], seen).bp == 0


@pytest.mark.parametrize(
    ("shared", "agreed", "compared", "verdict", "paid"),
    [
        (9_000, 9_000, 99, Verdict.TOO_SMALL, BP),
        (6_000, 7_000, 100, Verdict.COPY, 0),
        (6_000, 6_999, 100, Verdict.AGAIN, 4_000),
        (5_999, 7_000, 100, Verdict.PARTLY, 4_001),
        (3_000, 7_000, 100, Verdict.PARTLY, 7_000),
        (2_999, BP, 100, Verdict.OTHER, BP),
        (5_000, 0, 100, Verdict.AGAIN, 5_000),
        (4_999, 6_999, 100, Verdict.OTHER, BP),
        (9_001, 0, 100, Verdict.AGAIN, 0),
    ],
)
def test_what_is_shared_and_how_alike_it_is_decides(
    shared: int, agreed: int, compared: int, verdict: Verdict, paid: int
) -> None:
    rule = CopyRule(100, 5_000, 3_000, 6_000, 7_000, 1_000)
    found = novelty_of(rule, 1_000, [Likeness(shared, agreed, compared)], shared)

    assert (found.verdicts, found.bp) == ((verdict,), paid)
    assert found.witnesses == ((0,) if verdict is Verdict.AGAIN else ())


def test_a_recording_is_worth_nothing_new_where_it_is_too_small_to_tell() -> None:
    rule = CopyRule(100, 5_000, 3_000, 6_000, 7_000, 1_000)

    assert novelty_of(rule, 99, [], 0).bp == 0
    assert novelty_of(rule, 100, [], 0).bp == BP


def test_dead_saturated_and_timeless_touch_says_so() -> None:
    rows = touch(11).signals[0].values.copy()
    rows[:, :12] = 5
    rows[:300, 12] = rows[:, 12].max() + 1
    bare = Recorded("tactile", (Signal("touch", "taxel", "[arb'U]", Fraction(1), rows, count=48),))

    parts = {part.name: part for part in plugin_for("tactile").quality(bare).parts}

    assert (parts["live taxels"].bp, parts["live taxels"].reason) == (7_500, "36 of 48 taxels ever change")
    assert parts["not saturated"].bp == BP * 35 // 36
    assert (parts["clock"].bp, parts["calibration"].bp) == (0, 0)


@pytest.mark.parametrize("modality", MADE)
def test_a_frozen_recording_scores_nothing(modality: str) -> None:
    frozen = changed(MADE[modality](11), valued(lambda v: np.repeat(v[:1], len(v), axis=0)))

    assert plugin_for(modality).quality(frozen).bp == 0


def test_a_hole_in_the_clock_costs_its_share_of_the_time() -> None:
    times = np.arange(1_001, dtype=np.int64) * 1_000_000
    times[500:] += 1_000_000_000

    found = gaps_of(times)
    assert found is not None
    assert (found.median, found.count, found.longest) == (1_000_000, 1, 1_001_000_000)
    assert gap_part(times, weight=1).bp == BP - 998 * BP // 2_000
    assert gap_part(np.zeros(5, dtype=np.int64), weight=1).bp == 0


def test_gravity_of_the_wrong_size_is_noticed() -> None:
    def gravity(recorded: Recorded) -> int:
        return next(p.bp for p in plugin_for("imu").quality(recorded).parts if p.name == "gravity")

    log = carried(11)
    heavy = Recorded("imu", (log.signals[0], replace(log.signals[1], units="m/s2")))

    assert gravity(heavy) == 0 < gravity(log)


def test_codes_that_differ_in_too_many_bits_are_not_the_same() -> None:
    one = sketch_of(DRAW.integers(-100, 100, (50, 30)))
    flipped = one.codes.copy()
    flipped[:, 0] ^= np.uint64((1 << 21) - 1)

    assert compare(CodeSketch(flipped), one, 20).likeness.shared_bp == 0
    near = compare(CodeSketch(flipped), one, 21).likeness
    assert (near.shared_bp, near.agreement_bp) == (BP, (BITS - 21) * BP // BITS)


@pytest.mark.parametrize("modality", MADE)
def test_sketches_survive_their_bytes_and_other_bytes_are_refused(modality: str) -> None:
    plugin = plugin_for(modality)
    sketch = plugin.sketch(MADE[modality](11))

    assert plugin.decode(sketch.encode()).root == sketch.root
    for bad in (sketch.encode()[:-1], b"", b"thenar.sketch.spatial/1" + bytes(16)):
        with pytest.raises(BadInput, match="no sketch of"):
            plugin.decode(bad)


def test_trajectories_of_other_bodies_share_nothing() -> None:
    plugin = plugin_for("trajectory")

    match = plugin.verify_duplicate(movement(11, joints=6), plugin.sketch(movement(11)), Played())

    assert match.likeness == Likeness(0, 0, 0)


def test_a_witness_of_another_modality_is_refused() -> None:
    for modality, make in MADE.items():
        place = PoseSketch(np.zeros((1, 1), dtype=np.int64)) if modality != "trajectory" else CodeSketch(
            np.zeros((1, 4), dtype=np.uint64)
        )  # fmt: skip
        with pytest.raises(BadInput, match="compared with a sketch"):
            plugin_for(modality).verify_duplicate(make(11), place, Played())


def test_a_modality_nobody_scores_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadInput) as refused:
        plugin_for("visual")

    assert refused.value.next_step == "scored are: spatial, tactile, trajectory, imu, rollout"


def test_values_too_large_to_score_are_refused_not_wrapped() -> None:
    huge = Signal("points", "point", "m", Fraction(1000), np.array([[2**60, 0, 0]]), axes=3)

    with pytest.raises(BadInput, match="too large to score"):
        huge.in_steps(Fraction(1000))


def test_percentages_read_as_people_write_them() -> None:
    assert [percent(bp) for bp in (0, 5, 4_530, BP)] == ["0%", "0.05%", "45.30%", "100%"]
