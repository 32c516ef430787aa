"""Every modality has the same plugin: what it holds, what may be shown, quality, sketch, likeness, novelty."""

from __future__ import annotations

from dataclasses import replace

import golden_scores
import numpy as np
import pytest
from gestures import joint_log, motion_log, pose_log, touch_log

from thenar.domain.gestures.moves import HEAD_BYTES, moves_of
from thenar.domain.gestures.trace import Kind
from thenar.domain.scoring.glimpse import rounded
from thenar.domain.scoring.integers import BP
from thenar.domain.scoring.playing import AS_IT_IS
from thenar.domain.scoring.plugins import plugin_for
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.signals import Recorded, Replay, Signal
from thenar.domain.scoring.transform import Transform
from thenar.errors import BadInput

ELSEWHERE = Transform.made(shift_mm=(90_000, 0, 0))
SAME_AGAIN = Replay(6, 6)


def rollout(seed: int, replay: Replay | None = SAME_AGAIN) -> Recorded:
    """A movement as a simulator would make it, run again."""
    return replace(golden_scores.movement(seed), modality="rollout", replay=replay)


RECORDINGS = {
    "spatial": golden_scores.room,
    "tactile": golden_scores.touch,
    "trajectory": golden_scores.movement,
    "imu": golden_scores.carried,
    "rollout": rollout,
}


@pytest.mark.parametrize("modality", RECORDINGS)
def test_every_modality_is_probed_previewed_judged_sketched_and_compared_alike(modality: str) -> None:
    one, other, plugin = RECORDINGS[modality](11), RECORDINGS[modality](77), plugin_for(modality)
    sketch, there = plugin.sketch(one), plugin.sketch(other)

    probed = plugin.probe(one)
    copied = plugin.verify_duplicate(one, plugin.decode(sketch.encode()), plugin.search(one, sketch))
    compared = plugin.verify_duplicate(one, there, ELSEWHERE if modality == "spatial" else AS_IT_IS)

    assert probed.readings > 0 < probed.numbers
    assert plugin.preview(one)
    assert plugin.quality(one).bp > 0
    assert plugin.novelty(one, [copied]).verdicts == (Verdict.COPY,)
    assert plugin.novelty(one, [compared]).bp > 0
    assert plugin.novelty(one, []).bp == BP


@pytest.mark.parametrize("modality", RECORDINGS)
def test_a_preview_is_the_same_in_any_order_and_in_round_numbers(modality: str) -> None:
    recorded, plugin = RECORDINGS[modality](11), plugin_for(modality)

    def backwards(signal: Signal) -> Signal:
        times = None if signal.times is None else signal.times[-1] - signal.times[::-1]
        return replace(signal, values=signal.values[::-1].copy(), times=times)

    turned = replace(recorded, signals=tuple(map(backwards, recorded.signals)))

    assert plugin.preview(turned) == plugin.preview(recorded)
    for shown in plugin.preview(recorded):
        assert shown.value == rounded(shown.value) or shown.unit in ("mm", "taxels", "numbers"), shown


@pytest.mark.parametrize("modality", RECORDINGS)
def test_a_recording_without_what_its_modality_needs_is_not_probed(modality: str) -> None:
    bare = Recorded(modality, (Signal("x", "voltage", "V", golden_scores.MICRO, np.zeros((0, 1), dtype=np.int64)),))

    with pytest.raises(BadInput, match="holds no"):
        plugin_for(modality).probe(bare)


@pytest.mark.parametrize(("replay", "said"), [
    (None, "it was not run again"), (Replay(6, 5), "5 of 6 segments"), (Replay(0, 0), "0 of 0 segments"),
])  # fmt: skip
def test_a_rollout_that_does_not_come_out_the_same_again_is_worth_nothing(replay: Replay | None, said: str) -> None:
    quality = plugin_for("rollout").quality(rollout(11, replay))

    assert quality.bp == 0
    assert said in quality.parts[0].reason
    assert plugin_for("rollout").quality(rollout(11)).bp > 5_000


HEAD = bytes(range(HEAD_BYTES))
SHOWN_BY = {
    "spatial": {Kind.TURNS: motion_log},
    "tactile": {Kind.PRESSES: touch_log, Kind.TURNS: motion_log},
    "trajectory": {Kind.TURNS: pose_log, Kind.JOINTS: joint_log},
    "imu": {Kind.TURNS: motion_log},
    "rollout": {},
}
"""By what each modality shows a gesture."""
LOGS = {Kind.TURNS: motion_log, Kind.PRESSES: touch_log, Kind.JOINTS: joint_log}


@pytest.mark.parametrize("modality", RECORDINGS)
def test_every_modality_checks_the_gestures_it_can_show_and_no_others(modality: str) -> None:
    plugin, shown_by = plugin_for(modality), SHOWN_BY[modality]
    right = moves_of(HEAD)

    assert set(plugin.gestures) == set(shown_by)
    for kind, log in (LOGS | shown_by).items():
        recorded = replace(log(right), modality=modality)
        found = plugin.gesture_check(recorded, HEAD)
        assert found.shows == (kind in shown_by), kind
        assert not plugin.gesture_check(replace(log([(move + 1) % 4 for move in right]), modality=modality), HEAD).shows
        if found.shows:
            assert found.trace is not None
            assert found.trace.kind is kind
            assert found.reason.startswith("it begins with the gesture: ")


@pytest.mark.parametrize("modality", RECORDINGS)
def test_a_recording_that_can_show_no_gesture_is_told_so_in_words(modality: str) -> None:
    bare = Recorded(modality, (Signal("x", "voltage", "V", golden_scores.MICRO, np.zeros((9, 1), dtype=np.int64)),))

    found = plugin_for(modality).gesture_check(bare, HEAD)

    assert (found.trace, found.shows) == (None, False)
    assert "no gesture" in found.reason or "nothing in it shows a gesture" in found.reason


def test_a_scan_shows_a_gesture_by_the_log_that_came_with_it() -> None:
    room, plugin = golden_scores.room(11), plugin_for("spatial")

    assert plugin.gesture_check(room, HEAD).trace is None
    assert plugin.gesture_check(room, HEAD, motion_log(moves_of(HEAD))).shows
    assert plugin.gesture_check(replace(room, signals=(*room.signals, *pose_log(moves_of(HEAD)).signals)), HEAD).shows


def test_why_a_log_cannot_be_read_is_told_beside_what_it_takes() -> None:
    log = motion_log(moves_of(HEAD))
    unitless = replace(log, signals=(replace(log.signals[0], units="turns"), log.signals[1]))

    found = plugin_for("imu").gesture_check(unitless, HEAD)

    assert found.trace is None
    assert "gyroscope is not in deg/s or rad/s" in found.reason


def test_a_glove_with_both_shows_whichever_gesture_was_made() -> None:
    still = motion_log([])
    pressed = touch_log(moves_of(HEAD))
    both = replace(pressed, signals=(*pressed.signals, *still.signals))

    assert plugin_for("tactile").gesture_check(both, HEAD).shows


@pytest.mark.parametrize("modality", ["spatial", "imu", "trajectory", "tactile"])
def test_what_was_seen_instead_is_told(modality: str) -> None:
    wrong = [(move + 1) % 4 for move in moves_of(HEAD)]

    found = plugin_for(modality).gesture_check(SHOWN_BY[modality][Kind.TURNS](wrong), HEAD)

    assert found.reason.startswith(("seen: turn ", "seen: look "))
    assert "; asked for: " in found.reason
