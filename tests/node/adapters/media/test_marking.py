"""Marks in files: written into LAS, LAZ and CSV, read again out of what was made of them."""

from __future__ import annotations

from fractions import Fraction

import laspy
import numpy as np
import pytest
from marked_rooms import cropped, scan, touches
from recordings import decoded, pcd_ascii, sample

from thenar.adapters.media.marking import default_step, read_marks, write_marked
from thenar.domain.marking import Match, Secrets
from thenar.errors import BadInput

MINE, OTHERS = Secrets.of(b"\x01" * 32), Secrets.of(b"\x02" * 32)
SURE = Fraction(1, 2**40)


def chance(path, secrets=MINE, step=4_000, layout=None) -> Fraction:
    return Match.between(read_marks(path, step=step, layout=layout).seen, secrets).chance()


@pytest.mark.parametrize("kind", ["las", "laz"])
def test_a_marked_scan_differs_in_millimetres_and_in_nothing_else(tmp_path, kind):
    original, copy = scan(tmp_path / f"scan.{kind}"), tmp_path / f"copy.{kind}"

    write_marked(original, copy, step=4_000, secrets=MINE)

    before, after = laspy.read(str(original)), laspy.read(str(copy))
    assert np.abs(before.xyz - after.xyz).max() <= 0.0055 + 1e-9
    for name in before.point_format.dimension_names:
        if name not in "XYZ":
            assert np.array_equal(before[name], after[name])
    assert after.header.point_format.id == before.header.point_format.id
    assert chance(copy) < SURE < chance(original)
    assert chance(copy, OTHERS) > SURE


def test_the_same_copy_comes_out_again(tmp_path):
    original = scan(tmp_path / "scan.las")
    for name in ("one.las", "two.las"):
        write_marked(original, tmp_path / name, step=4_000, secrets=MINE)

    assert (tmp_path / "one.las").read_bytes() == (tmp_path / "two.las").read_bytes()
    with pytest.raises(FileExistsError):
        write_marked(original, tmp_path / "one.las", step=4_000, secrets=MINE)


def test_a_part_in_another_order_and_another_format_still_tells(tmp_path):
    original = scan(tmp_path / "scan.las")
    write_marked(original, tmp_path / "copy.las", step=4_000, secrets=MINE)
    part = cropped(tmp_path / "copy.las", tmp_path / "part.las")
    points = laspy.read(str(part)).xyz

    assert chance(part) < SURE
    assert chance(pcd_ascii(tmp_path / "part.pcd", points.round(3))) < SURE


def test_touches_keep_their_mark_and_their_other_columns(tmp_path):
    original, copy = touches(tmp_path / "touch.csv"), tmp_path / "copy.csv"

    write_marked(original, copy, step=4, secrets=MINE)

    before, after = (np.array(decoded(path).values["ff_biotac"]) for path in (original, copy))
    assert 0 < np.abs(before - after).max() <= 5
    assert chance(copy, step=4) < SURE < chance(original, step=4)
    lines = copy.read_text().splitlines()
    (tmp_path / "part.csv").write_text("\n".join([lines[0], *lines[200:500:2]]) + "\n")
    assert chance(tmp_path / "part.csv", step=4) < SURE


def test_a_layout_says_which_numbers_carry_the_mark_and_what_they_mean(tmp_path):
    dice = np.random.default_rng(6)
    rows = [f"{at / 100:.2f},{a:.3f},{b:.3f},x" for at, (a, b) in enumerate(dice.normal(0, 5, (4_000, 2)))]
    path = tmp_path / "force.csv"
    path.write_text("\n".join(["t,left,right,note", *rows, "40.00,,1.0,gap"]) + "\n")
    layout = tmp_path / "force.layout.toml"
    layout.write_text(
        'modality = "tactile"\nmissing = "drop"\n[time]\ncolumn = "t"\nunit = "s"\n'
        '[[stream]]\nname = "force"\nkind = "force"\ncolumns = ["left", "right"]\nunits = "N"\nscale = "1/1000"\n'
    )

    write_marked(path, tmp_path / "copy.csv", step=20, secrets=MINE, layout=layout)

    lines = (tmp_path / "copy.csv").read_text().splitlines()
    assert lines[0] == "t,left,right,note"
    assert lines[-1] == "40.00,,1.0,gap"
    assert [line.split(",")[0] for line in lines] == [line.split(",")[0] for line in path.read_text().splitlines()]
    assert chance(tmp_path / "copy.csv", step=20, layout=layout) < SURE


def test_real_touches_carry_a_mark(tmp_path):
    original = sample("biotacsp_bts3v2_palm_45.csv")

    write_marked(original, tmp_path / "copy.csv", step=default_step("tactile"), secrets=MINE)

    assert chance(tmp_path / "copy.csv", step=4) < SURE < chance(original, step=4)


def test_what_is_too_coarse_or_of_another_format_is_refused(tmp_path):
    with pytest.raises(BadInput, match="too coarse"):
        write_marked(scan(tmp_path / "c.las", scale=0.01), tmp_path / "x.las", step=4_000, secrets=MINE)
    with pytest.raises(BadInput, match="cannot be marked"):
        write_marked(pcd_ascii(tmp_path / "c.pcd"), tmp_path / "x.pcd", step=4_000, secrets=MINE)
    (tmp_path / "cut.las").write_bytes(scan(tmp_path / "whole.las").read_bytes()[:5_000])
    with pytest.raises(BadInput):
        write_marked(tmp_path / "cut.las", tmp_path / "y.las", step=4_000, secrets=MINE)
    with pytest.raises(BadInput):
        read_marks(tmp_path / "cut.las", step=4_000)
