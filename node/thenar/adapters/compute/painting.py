"""Pictures of a model by the engine's own rays: colour, depth and which geom, the same bits on every processor.

A pixel's ray leaves the camera's pinhole through its middle. The nearest geom gives depth and number; its colour is lit
by the headlight and the model's lights after Lambert, each of which casts hard shadows by rays of its own. There are no
textures, reflections, fog or transparency. Sums, products, roots and quotients are IEEE 754's and in one order; sine
and cosine are asked of the engine, behind which the pinned libm stands.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from thenar.domain.work.jobwork import Images
from thenar.errors import BadInput

Floats = NDArray[np.float64]

MAX_LIGHTS: Final = 8
FARTHEST: Final = 1e6
"""Metres beyond which nothing is seen."""
_SKY: Final = (0.4, 0.6, 0.8)
"""The colour where no geom is."""
_NEAR: Final = 1e-4
"""A light's ray that ends so close before a point, as a share of its way, has reached it."""
_SUN: Final = 10.0
"""Extents of the model at which a light with a direction and no place stands."""
_UNSET: Final = (0.5, 0.5, 0.5, 1.0)
_FIELDS: Final = ("cam_pos", "cam_fovy", "light_pos", "light_dir", "light_diffuse")
Looks = Mapping[str, Floats]
"""Values of fields of ``PAINTED`` that differ from the model's."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What rays met: distances along them (-1 for nothing), geoms, normals, (n,) and (n, 3)."""

    far: Floats
    geoms: NDArray[np.int32]
    normals: Floats


class Painter:
    """Paints moments of one model. Raises BadInput for a model that cannot be painted as asked."""

    def __init__(self, model: Any, images: Images) -> None:
        self._images, self._model = images, copy.copy(model)
        self._data = mujoco.MjData(self._model)
        self._groups = np.array([group in images.groups for group in range(6)], dtype=np.uint8)
        self._cameras = [self._camera(name) for name in images.cameras]
        lights = int(np.count_nonzero(model.light_active))
        if lights > MAX_LIGHTS:
            raise BadInput(f"the model has {lights} lights, {MAX_LIGHTS} are allowed in pictures")
        if model.nflex or model.nskin:
            raise BadInput("the model has cloth or skin, which rays do not see")
        self._base = {name: np.array(getattr(model, name), dtype=np.float64) for name in _FIELDS}
        self._base["geom_rgba"] = _colours(model)

    def base(self, field: str) -> Floats:
        """The model's own values of a field that may be painted otherwise."""
        return self._base[field]

    def paint(self, state: Floats, looks: Looks) -> bytes | None:
        """All pictures of a moment, whose full state is given; None when something is not a number at all.

        Camera by camera, channel by channel, rows from the top: rgb u8, depth ``<f4``, segmentation ``<i2`` (-1: sky).
        """
        model, data = self._model, self._data
        for name in _FIELDS:
            getattr(model, name)[...] = looks.get(name, self._base[name])
        mujoco.mj_setState(model, data, state, int(mujoco.mjtState.mjSTATE_INTEGRATION))
        for place in (mujoco.mj_kinematics, mujoco.mj_comPos, mujoco.mj_camlight):
            place(model, data)
        colours, parts = looks.get("geom_rgba", self._base["geom_rgba"]), []
        for camera in self._cameras:
            picture = self._picture(camera, colours)
            if picture is None:
                return None
            parts.append(picture)
        return b"".join(parts)

    def _camera(self, name: str) -> int:
        found = int(mujoco.mj_name2id(self._model, int(mujoco.mjtObj.mjOBJ_CAMERA), name))
        if found < 0:
            raise BadInput(f"the model has no camera {name[:80]!r}")
        if self._model.cam_projection[found] or self._model.cam_sensorsize[found].any():
            raise BadInput(f"the camera {name[:80]!r} is no pinhole with a field of view")
        return found

    def _picture(self, camera: int, colours: Floats) -> bytes | None:
        rays = self._rays(camera)
        eye = np.array(self._data.cam_xpos[camera])
        if not (np.isfinite(rays).all() and np.isfinite(eye).all()):
            return None
        seen, parts = self._cast(eye, rays), []
        for channel in self._images.channels:
            if channel == "depth":
                parts.append(np.where(seen.geoms < 0, 0.0, seen.far).astype("<f4").tobytes())
            elif channel == "segmentation":
                parts.append(seen.geoms.astype("<i2").tobytes())
            else:
                lit = self._lit(eye, rays, seen, colours)
                if not np.isfinite(lit).all():
                    return None
                parts.append(np.rint(np.clip(lit, 0.0, 1.0) * 255.0).astype(np.uint8).tobytes())
        return b"".join(parts)

    def _rays(self, camera: int) -> Floats:
        """Ways through all pixels, (pixels, 3); one goes one metre along the camera's axis for each unit of length."""
        wide, high = self._images.width, self._images.height
        turned = np.zeros(4)
        mujoco.mju_axisAngle2Quat(turned, np.array([1.0, 0.0, 0.0]), self._model.cam_fovy[camera] * np.pi / 180.0)
        half = turned[1] / turned[0]
        across = ((np.arange(wide) * 2.0 + 1.0) / wide - 1.0) * (half * wide / high)
        up = (1.0 - (np.arange(high) * 2.0 + 1.0) / high) * half
        frame = self._data.cam_xmat[camera].reshape(3, 3)
        flat = [across[None, :] * frame[axis, 0] + up[:, None] * frame[axis, 1] - frame[axis, 2] for axis in range(3)]
        return np.stack(flat, axis=-1).reshape(-1, 3)

    def _cast(self, eye: Floats, rays: Floats) -> _Seen:
        count = len(rays)
        geoms, far = np.full(count, -1, dtype=np.int32), np.full(count, -1.0)
        normals = np.zeros(3 * count)
        flat = np.ascontiguousarray(rays).reshape(-1)
        mujoco.mj_multiRay(
            self._model, self._data, eye, flat, self._groups, True, -1, geoms, far, normals, count, FARTHEST
        )
        return _Seen(far, geoms, normals.reshape(-1, 3))

    def _lit(self, eye: Floats, rays: Floats, seen: _Seen, colours: Floats) -> Floats:
        """Colours of all pixels, (pixels, 3), before they are cut to what a byte can say."""
        model, hit = self._model, np.flatnonzero(seen.geoms >= 0)
        made = np.empty((len(rays), 3))
        made[...] = _SKY
        if not len(hit):
            return made
        ways, normals = rays[hit], seen.normals[hit]
        points = eye + ways * seen.far[hit][:, None]
        facing = _dot(normals, ways)
        normals = np.where((facing > 0.0)[:, None], -normals, normals)
        head = model.vis.headlight
        light = np.zeros((len(hit), 3))
        if head.active:
            light += np.asarray(head.ambient, dtype=np.float64)
            light += _share(normals, -ways)[:, None] * np.asarray(head.diffuse, dtype=np.float64)
        for number in np.flatnonzero(model.light_active).tolist():
            light += np.asarray(model.light_ambient[number], dtype=np.float64)
            light += self._from(number, points, normals)
        made[hit] = colours[seen.geoms[hit], :3] * light + self._glow()[seen.geoms[hit], None]
        return made

    def _from(self, number: int, points: Floats, normals: Floats) -> Floats:
        """What one of the model's lights gives to points, (points, 3)."""
        model, data = self._model, self._data
        place = np.array(data.light_xpos[number])
        if model.light_type[number] == int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL):
            place = np.array(model.stat.center) - data.light_xdir[number] * (_SUN * model.stat.extent)
        ways = points - place
        share = _share(normals, -ways)
        if model.light_castshadow[number] and np.isfinite(ways).all():
            far = self._cast(place, ways).far
            share = np.where((far >= 0.0) & (far < 1.0 - _NEAR), 0.0, share)
        given: Floats = share[:, None] * np.asarray(model.light_diffuse[number], dtype=np.float64)
        return given

    def _glow(self) -> Floats:
        model = self._model
        glow = np.zeros(model.ngeom)
        dressed = model.geom_matid >= 0
        glow[dressed] = model.mat_emission[model.geom_matid[dressed]]
        return glow


def bounded(field: str, values: Floats, base: Floats) -> Floats:
    """Looks that were moved, brought back to where they mean something; how solid a geom is stays as it was."""
    if field == "cam_fovy":
        return np.clip(values, 1.0, 170.0)
    if field == "geom_rgba":
        return np.concatenate([np.clip(values[:, :3], 0.0, 1.0), base[:, 3:]], axis=1)
    return np.clip(values, 0.0, 1.0) if field == "light_diffuse" else values


def _colours(model: Any) -> Floats:
    """The colour of every geom: its own where it has one, else its material's."""
    own = np.array(model.geom_rgba, dtype=np.float64)
    dressed = (model.geom_matid >= 0) & (own == np.array(_UNSET)).all(axis=1)
    own[dressed] = model.mat_rgba[model.geom_matid[dressed]]
    return own


def _dot(one: Floats, other: Floats) -> Floats:
    made: Floats = one[:, 0] * other[:, 0] + one[:, 1] * other[:, 1] + one[:, 2] * other[:, 2]
    return made


def _share(normals: Floats, ways: Floats) -> Floats:
    """How much of a light that lies along ``ways`` a surface catches: the cosine between, none from behind."""
    length = np.sqrt(_dot(ways, ways))
    caught = _dot(normals, ways) / np.where(length > 0.0, length, 1.0)
    return np.maximum(caught, 0.0)
