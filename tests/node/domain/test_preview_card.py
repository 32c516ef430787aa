"""A preview card gives no pulse, typing rhythm or map of the skin away; the same attacks succeed on raw readings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import skin
from captures import make_consent, make_manifest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from thenar.domain.manifest import Manifest
from thenar.domain.preview_card import BINS, Preview, Region, preview_of, region_of
from thenar.errors import BadInput

PEOPLE = 60


def card(readings: NDArray[np.int64]) -> Preview:
    return preview_of(
        sensors=skin.TAXELS,
        live=skin.TAXELS,
        bits=11,
        seconds=skin.SECONDS,
        rate_hz=skin.RATE,
        regions=skin.regions(readings),
    )


@pytest.fixture(scope="module")
def people() -> list[skin.Palm]:
    return [skin.palm(seed) for seed in range(PEOPLE)]


@pytest.fixture(scope="module")
def cards(people: list[skin.Palm]) -> NDArray[np.float64]:
    """Everything a card says, as numbers to learn from."""
    shown = [card(person.readings) for person in people]
    return np.array([[n for region in c.regions for n in (*region.load, region.contact)] for c in shown], dtype=float)


def test_pulse_is_read_from_raw_readings_and_not_from_previews(
    people: list[skin.Palm], cards: NDArray[np.float64]
) -> None:
    truth = np.array([person.pulse for person in people])

    raw = np.array([skin.pulse_from(person.readings) for person in people])

    assert skin.skill(raw, truth) > 0.95
    assert skin.skill(skin.learned(cards, truth), truth) < 0.15


def test_typing_rhythm_is_read_from_raw_readings_and_not_from_previews(
    people: list[skin.Palm], cards: NDArray[np.float64]
) -> None:
    truth = np.array([np.diff(person.onsets) for person in people], dtype=float)

    raw = [np.diff(skin.onsets_from(person.readings)) for person in people]

    found = [(r, t) for r, t in zip(raw, truth, strict=True) if len(r) == len(t)]
    assert len(found) > 0.9 * PEOPLE
    assert skin.skill(np.array([r for r, _ in found]), np.array([t for _, t in found])) > 0.95
    assert skin.skill(skin.learned(cards, truth), truth) < 0.05


def test_map_of_taxels_is_read_from_raw_readings_and_not_from_previews(
    people: list[skin.Palm], cards: NDArray[np.float64]
) -> None:
    truth = np.array([person.gains / person.gains.mean() for person in people])

    raw = np.array([skin.gains_from(p.readings) / skin.gains_from(p.readings).mean() for p in people])

    assert skin.skill(raw, truth) > 0.95
    assert skin.skill(skin.learned(cards, truth), truth) < 0.1


def test_two_people_of_other_pulse_rhythm_and_hand_can_share_one_card() -> None:
    one = skin.palm(1)
    order = np.argsort(one.readings.sum(axis=1), kind="stable")
    within = np.concatenate([np.random.default_rng(2).permutation(8) + 8 * finger for finger in range(skin.FINGERS)])
    other = one.readings[order][:, within]

    assert card(other) == card(one.readings)
    assert abs(skin.pulse_from(other) - one.pulse) > 0.04
    assert len(skin.onsets_from(other)) != skin.PRESSES
    assert np.corrcoef(skin.gains_from(other), one.gains)[0, 1] < 0.9


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(-5000, 5000), min_size=1, max_size=80), min_size=1, max_size=14), st.randoms())
def test_card_never_changes_with_the_order_of_readings_or_regions(regions: list[list[int]], random: object) -> None:
    shuffled = [list(loads) for loads in regions]
    for loads in shuffled:
        random.shuffle(loads)  # type: ignore[attr-defined]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    said = {"sensors": 9, "live": 8, "bits": 4, "seconds": 77, "rate_hz": 100}

    found = preview_of(regions=regions, **said)

    assert preview_of(regions=shuffled, **said) == found
    assert len(found.regions) <= 12
    assert found.seconds == 70
    assert found.live == 85


@given(st.lists(st.integers(0, 4095), min_size=1, max_size=200), st.integers(1, 9), st.integers(-9999, 9999))
def test_region_tells_neither_gain_nor_offset_beyond_its_steps(loads: list[int], gain: int, offset: int) -> None:
    found = region_of(loads)

    assert region_of([load + offset for load in loads]) == found
    assert sum(found.load) <= BINS - 1 + BINS // 2
    assert region_of([load * gain for load in loads]).contact == found.contact


def test_short_captures_show_no_loads() -> None:
    assert preview_of(sensors=1, live=1, bits=1, seconds=59, rate_hz=1, regions=[[0, 1]]).regions == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": 61},
        {"live": 33},
        {"regions": (Region((15,) + (0,) * 15, 5), Region((0,) * 15 + (15,), 0))},
        {"regions": (Region((0,) * 16, 0),) * 13},
        {"seconds": 50, "regions": (Region((0,) * 16, 0),)},
    ],
)
def test_cards_that_say_more_than_they_may_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        replace(Preview(sensors=9, seconds=60, rate_hz=100, live=100, bits=12), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("load", "contact"), [((0,) * 15, 0), ((16,) + (0,) * 15, 0), ((0,) * 16, 7)])
def test_regions_that_say_more_than_they_may_are_refused(load: tuple[int, ...], contact: int) -> None:
    with pytest.raises(BadInput):
        Region(load, contact)


def test_manifest_carries_a_card_of_touch_and_only_of_touch_that_identifies_nobody() -> None:
    shown = preview_of(sensors=9, live=9, bits=8, seconds=70, rate_hz=100, regions=[[0, 5, 9]])
    manifest = make_manifest(preview=shown)

    assert Manifest.decode(manifest.encode()).preview == shown
    with pytest.raises(BadInput, match="only tactile"):
        replace(manifest, modality="imu")
    with pytest.raises(BadInput, match="identifies"):
        replace(manifest, consent=make_consent(biometric=True))
