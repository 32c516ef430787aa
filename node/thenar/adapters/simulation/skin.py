"""A hand in electronic skin: 1,956 taxels on the Shadow hand, as touch sites or as grids of three channels.

Fifteen phalanges carry 14 x 8 taxels each on the half that faces the palm, the palm itself 23 x 12. The layout follows
the hand's own collision shapes, so a taxel lies where contact happens. Positions come from geometry, not from a list.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thenar.adapters.simulation.engine import engine, hand_model

TAXELS: Final = 1_956
ROWS, AROUND = 14, 8
PALM_ROWS, PALM_COLUMNS = 23, 12
CHANNELS: Final = 3
_PALM: Final = "robot0:palm"
_PHALANGES: Final = tuple(
    f"robot0:{finger}{part}" for finger in ("ff", "mf", "rf", "lf", "th") for part in ("proximal", "middle", "distal")
)
_PLUGIN: Final = "mujoco.sensor.touch_grid"

Floats = NDArray[np.float64]


class Skin(StrEnum):
    """How touch is modelled."""

    NONE = "none"
    SITES = "sites"
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class _Pad:
    """A patch of skin in its body's frame: taxels, half a cell's sides, grid, and which way it lies and faces."""

    body: str
    places: Floats
    half: tuple[float, float]
    size: tuple[int, int]
    middle: Floats
    way: Floats
    facing: Floats


def skinned_hand(skin: Skin) -> tuple[str, Path]:
    """The hand holding an egg, with its 29 own sensors and the skin: XML, and the folder of its meshes.

    Raises BadConfig.
    """
    mujoco = engine()
    spec = mujoco.MjSpec.from_file(str(hand_model()))
    pads = _pads(mujoco, spec.compile())
    for sensor in list(spec.sensors):
        if "TS_" in sensor.name:
            spec.delete(sensor)
    for number, pad in enumerate(pads):
        if skin is Skin.SITES:
            _add_sites(mujoco, spec, pad, number)
        elif skin is Skin.GRID:
            turned = _quaternion(mujoco, pad.way, -pad.facing)
            spec.body(pad.body).add_site(name=_pad_name(number), pos=pad.middle, quat=turned)
    spec.compile()
    xml = spec.to_xml()
    return (_with_grids(xml, pads) if skin is Skin.GRID else xml), hand_model().parent


def _pads(mujoco: Any, model: Any) -> list[_Pad]:
    """The sixteen patches, each facing the way its body's old touch sensors face."""
    found = []
    for name in (*_PHALANGES, _PALM):
        body = model.body(name)
        geoms = range(body.geomadr[0], body.geomadr[0] + body.geomnum[0])
        solid = next(geom for geom in geoms if model.geom_contype[geom])
        sites = [site for site in range(model.nsite) if model.site_bodyid[site] == body.id]
        named = [(model.site(site).name, model.site_pos[site]) for site in sites]
        touched = [place for site, place in named if "_front_" in site or "_palm_" in site]
        towards = np.mean(touched, axis=0) - model.geom_pos[solid]
        turned = np.zeros(9)
        mujoco.mju_quat2Mat(turned, model.geom_quat[solid])
        frame = (turned.reshape(3, 3), model.geom_pos[solid], model.geom_size[solid])
        found.append(_flat(name, towards, *frame) if name == _PALM else _round(name, towards, *frame))
    return found


def _round(name: str, towards: Floats, turned: Floats, middle: Floats, size: Floats) -> _Pad:
    """Taxels on half a cylinder, in rows along it."""
    along = turned[:, 2]
    out = towards - along * (towards @ along)
    out = out / np.linalg.norm(out)
    beside = np.cross(along, out)
    angles = (np.arange(AROUND) + 0.5) / AROUND * np.pi - np.pi / 2
    heights = ((np.arange(ROWS) + 0.5) / ROWS * 2 - 1) * size[1]
    normals = np.array([np.cos(angle) * out + np.sin(angle) * beside for angle in angles])
    places = np.array([middle + height * along + size[0] * normal for height in heights for normal in normals])
    half = (float(size[1]) / ROWS, float(size[0]) * np.pi / AROUND / 2)
    return _Pad(name, places, half, (ROWS, AROUND), middle, along, out)


def _flat(name: str, towards: Floats, turned: Floats, middle: Floats, size: Floats) -> _Pad:
    """Taxels on the side of a box that faces a way."""
    own = towards @ turned
    axis = int(np.argmin(size))
    out = turned[:, axis] * np.sign(own[axis] or 1.0)
    long, wide = sorted({0, 1, 2} - {axis}, key=lambda side: -float(size[side]))
    rows = ((np.arange(PALM_ROWS) + 0.5) / PALM_ROWS * 2 - 1) * size[long]
    columns = ((np.arange(PALM_COLUMNS) + 0.5) / PALM_COLUMNS * 2 - 1) * size[wide]
    face = middle + out * size[axis]
    places = np.array([face + row * turned[:, long] + column * turned[:, wide] for row in rows for column in columns])
    half = (float(size[long]) / PALM_ROWS, float(size[wide]) / PALM_COLUMNS)
    return _Pad(name, places, half, (PALM_ROWS, PALM_COLUMNS), middle, turned[:, long], out)


def _add_sites(mujoco: Any, spec: Any, pad: _Pad, number: int) -> None:
    """A ball around each taxel, as wide as its cell's diagonal, and a sensor of the force that meets it.

    Balls keep their body's turn, which the engine then need not work out two thousand times a step.
    """
    body, radius = spec.body(pad.body), float(np.hypot(*pad.half))
    for index, place in enumerate(pad.places):
        name = f"taxel_{number:02}_{index:03}"
        body.add_site(name=name, type=mujoco.mjtGeom.mjGEOM_SPHERE, pos=place, size=[radius] * 3)
        spec.add_sensor(name=name, type=mujoco.mjtSensor.mjSENS_TOUCH, objtype=mujoco.mjtObj.mjOBJ_SITE, objname=name)


def _with_grids(xml: str, pads: list[_Pad]) -> str:
    """Sensors that look out from inside the bodies and sort contacts into cells: pressure and two ways of shear."""
    root = ElementTree.fromstring(xml)
    ElementTree.SubElement(ElementTree.SubElement(root, "extension"), "plugin", plugin=_PLUGIN)
    sensors = root.find("sensor")
    assert sensors is not None
    for number, pad in enumerate(pads):
        name = _pad_name(number)
        made = ElementTree.SubElement(sensors, "plugin", name=name, plugin=_PLUGIN, objtype="site", objname=name)
        rows, columns = pad.size
        config = {"size": f"{rows} {columns}", "fov": "85 85", "gamma": "0", "nchannel": str(CHANNELS)}
        for key, value in config.items():
            ElementTree.SubElement(made, "config", key=key, value=value)
    return ElementTree.tostring(root, encoding="unicode")


def _pad_name(number: int) -> str:
    return f"pad_{number:02}"


def _quaternion(mujoco: Any, way: Floats, normal: Floats) -> Floats:
    """The turn that takes x along ``way`` and z along ``normal``."""
    third = normal / np.linalg.norm(normal)
    first = way - third * (way @ third)
    first = first / np.linalg.norm(first)
    turned = np.zeros(4)
    mujoco.mju_mat2Quat(turned, np.array([first, np.cross(third, first), third]).T.flatten())
    return turned
