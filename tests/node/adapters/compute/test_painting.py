"""Pictures by rays: what is where, how far, in which light, and what cannot be painted."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest

from thenar.adapters.compute.painting import Painter, bounded
from thenar.domain.work.jobwork import Images
from thenar.errors import BadInput

WIDE, HIGH = 41, 31
WALL = "<geom type='box' size='.1 5 5' pos='2 0 0' rgba='1 0 0 1'/>"
EYE = "<camera name='eye' xyaxes='0 -1 0 0 0 1' fovy='60'/>"
CLOTH = "<flexcomp name='f' type='grid' count='3 3 1' spacing='.1 .1 .1'><edge equality='true'/></flexcomp>"
DARK = "<visual><headlight active='0'/></visual>"


def scene(inner: str, more: str = "", eye: str = EYE) -> Any:
    return mujoco.MjModel.from_xml_string(f"<mujoco>{more}<worldbody>{eye}{inner}</worldbody></mujoco>")


def painted(model: Any, looks: dict[str, Any] | None = None, **asked: Any) -> tuple[Any, Any, Any]:
    """Colour, depth and geoms as the camera ``eye`` at the origin sees them, looking along x with y to its left."""
    images = Images(("eye",), WIDE, HIGH, 1, ("rgb", "depth", "segmentation"), **asked)
    data = Painter(model, images).paint(state_of(model), looks or {})
    assert data is not None
    count = WIDE * HIGH
    rgb = np.frombuffer(data, np.uint8, 3 * count).reshape(HIGH, WIDE, 3)
    depth = np.frombuffer(data, "<f4", count, 3 * count).reshape(HIGH, WIDE)
    return rgb, depth, np.frombuffer(data, "<i2", count, 7 * count).reshape(HIGH, WIDE)


def state_of(model: Any) -> Any:
    kind = int(mujoco.mjtState.mjSTATE_INTEGRATION)
    state = np.zeros(mujoco.mj_stateSize(model, kind))
    mujoco.mj_getState(model, mujoco.MjData(model), state, kind)
    return state


def test_depth_is_measured_along_the_axis_and_not_along_the_ray():
    _, depth, geoms = painted(scene(WALL))

    assert (geoms == 0).all()
    np.testing.assert_allclose(depth, 1.9, rtol=1e-6)


def test_where_nothing_is_there_is_sky_no_depth_and_no_geom():
    rgb, depth, geoms = painted(scene("<geom size='.1' pos='-3 0 0'/>"))

    assert (rgb == [102, 153, 204]).all()
    assert (depth == 0).all()
    assert (geoms == -1).all()


@pytest.mark.parametrize(("place", "row", "column"), [("2 .5 0", 15, 13), ("2 0 .5", 8, 20), ("2 -.5 -.5", 22, 27)])
def test_a_ball_is_painted_where_a_pinhole_throws_it(place, row, column):
    _, _, geoms = painted(scene(f"<geom size='.05' pos='{place}'/>"))
    rows, columns = np.nonzero(geoms == 0)

    assert (round(rows.mean()), round(columns.mean())) == (row, column)


def test_the_nearest_geom_hides_what_is_behind_it():
    _, depth, geoms = painted(scene(WALL + "<geom size='.2' pos='1 0 0'/>"))

    assert geoms[HIGH // 2, WIDE // 2] == 1
    assert depth[HIGH // 2, WIDE // 2] == pytest.approx(0.8)
    assert geoms[0, 0] == 0


def test_geoms_of_other_groups_and_invisible_ones_are_not_seen():
    model = scene(WALL + "<geom size='.2' pos='1 0 0' group='3'/><geom size='.2' pos='1.2 0 0' rgba='1 1 1 0'/>")

    assert (painted(model)[2] == 0).all()
    assert painted(model, groups=(3,))[2][HIGH // 2, WIDE // 2] == 1


def test_colour_is_the_materials_unless_the_geom_has_its_own():
    made = "<asset><material name='m' rgba='0 1 0 1'/></asset>"
    ball = "<geom size='.5' pos='2 0 0' material='m' {}/>"
    plain, own = (painted(scene(ball.format(more), made))[0][HIGH // 2, WIDE // 2] for more in ("", "rgba='0 0 1 1'"))

    assert (np.flatnonzero(plain).tolist(), np.flatnonzero(own).tolist()) == ([1], [2])


def test_without_light_only_what_glows_is_seen():
    made = DARK + "<asset><material name='m' rgba='0 1 0 1' emission='.5'/></asset>"

    assert (painted(scene(WALL, DARK))[0] == 0).all()
    assert (painted(scene("<geom size='9' pos='20 0 0' material='m'/>", made))[0][15, 20] == [128, 128, 128]).all()


@pytest.mark.parametrize("kind", ["type='point' pos='0 0 3'", "type='directional' dir='2 0 -3'"])
def test_a_lamp_casts_shadows_unless_it_is_told_not_to(kind):
    ball = "<geom size='.3' pos='1 0 1.5'/>"
    lit, shadowed, unshaded = (
        painted(scene(f"<light {kind} {more}/>{WALL}{between}", DARK))[0][HIGH // 2, WIDE // 2, 0]
        for more, between in (("", ""), ("", ball), ("castshadow='false'", ball))
    )

    assert lit > 50
    assert (shadowed, unshaded) == (0, lit)


def test_a_surface_that_faces_a_lamp_is_brighter():
    straight, aslant = (
        painted(scene(f"<light type='point' pos='{place}'/>{WALL}", DARK))[0][HIGH // 2, WIDE // 2, 0]
        for place in ("0 0 0", "0 0 4")
    )

    assert straight > aslant > 0


def test_looks_replace_the_models_own():
    model = scene(f"<light type='point' pos='0 0 1'/>{WALL}")
    usual = painted(model)
    painter = Painter(model, Images(("eye",), WIDE, HIGH, 1))
    green = bounded("geom_rgba", painter.base("geom_rgba") * 0 + [[0, 2.0, 0, 0]], painter.base("geom_rgba"))

    assert green.tolist() == [[0, 1, 0, 1]]
    assert painted(model, {"geom_rgba": green})[0][..., 0].max() == 0
    assert painted(model, {"cam_pos": np.array([[1.0, 0, 0]])})[1] == pytest.approx(0.9)
    assert painted(model, {"light_pos": np.array([[0, 0, -9.0]])})[0].sum() != usual[0].sum()
    assert painted(model, {"light_diffuse": np.zeros((1, 3))})[0].sum() < usual[0].sum()
    assert (painted(model)[0] == usual[0]).all()


def test_a_field_of_view_stays_one():
    assert bounded("cam_fovy", np.array([-900.0, 45.0, 900.0]), np.zeros(3)).tolist() == [1.0, 45.0, 170.0]


def test_a_wider_view_sees_more_wall():
    small = scene("<geom type='box' size='.1 .5 .5' pos='2 0 0'/>")

    assert (painted(small)[2] == 0).sum() > (painted(small, {"cam_fovy": np.array([120.0])})[2] == 0).sum() > 0


@pytest.mark.parametrize("place", [np.nan, np.inf])
def test_what_is_no_number_is_not_painted(place):
    model = scene(
        WALL + f"<light type='point' pos='0 0 1'/><body>{EYE.replace('eye', 'own')}<freejoint/><geom size='.1'/></body>"
    )
    painter = Painter(model, Images(("own",), 8, 8, 1))
    state = state_of(model)
    state[1:4] = place

    assert painter.paint(state, {}) is None
    assert painter.paint(state_of(model), {"light_pos": np.full((1, 3), place)}) is None
    assert painter.paint(state_of(model), {}) is not None


@pytest.mark.parametrize(
    ("inner", "eye", "complaint"),
    [
        ("", "<camera name='other'/>", "no camera 'eye'"),
        ("", "<camera name='eye' projection='orthographic'/>", "no pinhole"),
        ("", "<camera name='eye' sensorsize='1 1' resolution='8 8' focal='1 1'/>", "no pinhole"),
        ("<light/>" * 9, EYE, "9 lights"),
        (CLOTH, EYE, "cloth or skin"),
    ],
)
def test_a_model_that_rays_do_not_do_justice_is_refused(inner, eye, complaint):
    with pytest.raises(BadInput, match=complaint):
        Painter(scene("<geom size='.1'/>" + inner, eye=eye), Images(("eye",), 8, 8, 1))
