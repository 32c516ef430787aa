"""Every modality has the same plugin: what it holds, what may be shown, quality, sketch, likeness, novelty."""

from __future__ import annotations

from dataclasses import replace

import golden_scores
import numpy as np
import pytest

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
