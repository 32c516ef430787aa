"""Models from strangers: nothing but what the job brings along is opened, and nothing large is built.

The XML is parsed here, checked element by element and written out anew, so that the engine's own parser sees only
what was checked. Files are the job's assets by plain name, held in memory.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any, Final

import mujoco

from thenar.errors import BadInput

PLUGINS: Final = frozenset({"mujoco.sensor.touch_grid"})
MAX_XML: Final = 8 * 1024 * 1024
MAX_ELEMENTS: Final = 50_000
MAX_DEPTH: Final = 64
MAX_COPIES: Final = 4_096
"""Copies that replicate, composite and flexcomp may make together."""
MAX_SIDE: Final = 4_096
"""Rows or columns of a height field or a built-in texture."""
MAX_ARENA: Final = 256 << 20
MAX_SIZE: Final = 10_000_000
"""What a number in <size> may be that has no bound of its own."""
TIMESTEPS: Final = (1e-5, 0.1)
_USER: Final = [f"nuser_{kind}" for kind in ("body", "jnt", "geom", "site", "cam", "tendon", "actuator", "sensor")]
SIZES: Final = {
    "nq": 4_000,
    "nv": 4_000,
    "nu": 2_000,
    "nbody": 8_000,
    "ngeom": 16_000,
    "nsite": 16_000,
    "nsensor": 16_000,
    "nsensordata": 60_000,
    "nmeshvert": 2_000_000,
    "nhfielddata": 4_000_000,
    "ntexdata": 64_000_000,
    "nuserdata": 1_000,
    "nkey": 1_000,
    **dict.fromkeys(
        (f"nuser_{kind}" for kind in ["body", "jnt", "geom", "site", "cam", "tendon", "actuator", "sensor"]), 100
    ),
}

EFFORT: Final = {
    "iterations": 1_000,
    "ls_iterations": 1_000,
    "noslip_iterations": 1_000,
    "ccd_iterations": 1_000,
    "sdf_iterations": 100,
    "sdf_initpoints": 200,
}
"""What one step may be asked to repeat."""

_REFUSED: Final = frozenset({"include", "model", "attach"})
_FILES: Final = re.compile(r"file.*")
_FOLDERS: Final = ("meshdir", "texturedir", "assetdir")
_REPEATED: Final = frozenset({"replicate", "composite", "flexcomp"})
_SIDES: Final = ("nrow", "ncol", "width", "height")
_SIZE: Final = re.compile(r"-1|[0-9]{1,12}[KMGTPE]?")
_SCALES: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50, "E": 1 << 60}


def checked(xml: bytes, assets: Mapping[str, bytes]) -> str:
    """The XML of a model, checked and written out anew. Raises BadInput."""
    if len(xml) > MAX_XML:
        raise BadInput(f"the model has {len(xml):,} bytes of XML, {MAX_XML:,} are allowed")
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise BadInput("the model is not UTF-8") from cause
    if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL):
        raise BadInput("the model has a document type or CDATA section, which jobs may not have")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as cause:
        raise BadInput(f"the model is not XML: {cause}") from cause
    except ValueError as cause:
        raise BadInput(f"the model is not XML in UTF-8: {cause}") from cause
    if root.tag != "mujoco":
        raise BadInput("the model's root element is not <mujoco>")
    _walk(root, assets)
    return ElementTree.tostring(root, encoding="unicode")


def _walk(root: ElementTree.Element, assets: Mapping[str, bytes]) -> None:
    waiting, seen = [(root, 0, 1)], 0
    made = 0
    while waiting:
        element, depth, copies = waiting.pop()
        seen += 1
        if seen > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise BadInput(f"the model has more than {MAX_ELEMENTS:,} elements, or deeper than {MAX_DEPTH}")
        _check(element, assets)
        if element.tag in _REPEATED:
            copies *= _copies(element)
            made += copies
            if made > MAX_COPIES:
                raise BadInput(f"the model makes more than {MAX_COPIES:,} copies of its parts")
        waiting += [(child, depth + 1, copies) for child in element]


def _check(element: ElementTree.Element, assets: Mapping[str, bytes]) -> None:
    if element.tag in _REFUSED:
        raise BadInput(f"the model has <{element.tag}>; a job's model is one file, with its meshes as assets")
    for name, value in element.attrib.items():
        if _FILES.fullmatch(name) and value not in assets:
            raise BadInput(f"the model opens {value[:80]!r}, which is not among the job's assets")
        if name in _FOLDERS:
            raise BadInput(f"the model sets {name}; a job's assets have plain names")
        if name == "plugin" and value not in PLUGINS:
            raise BadInput(f"the plugin {value[:80]!r} is not one that jobs may use: {', '.join(sorted(PLUGINS))}")
        if name in _SIDES and _whole(value) > MAX_SIDE:
            raise BadInput(f"the model has a side of {value[:20]}, {MAX_SIDE:,} are allowed")
    if element.tag == "size":
        _check_arena(element.get("memory", "-1"))
        for name, value in element.attrib.items():
            if name != "memory" and _whole(value) > (most := SIZES.get(name, MAX_SIZE)):
                raise BadInput(f"size.{name} of {value[:20]} is above {most:,}")


def _check_arena(asked: str) -> None:
    if _SIZE.fullmatch(asked) is None:
        raise BadInput(f"size.memory {asked[:40]!r} is not a size")
    unit = asked[-1] if asked[-1].isalpha() else ""
    if asked != "-1" and int(asked.removesuffix(unit)) * _SCALES[unit] > MAX_ARENA:
        raise BadInput(f"the model asks for an arena of {asked}, {MAX_ARENA >> 20} MiB are allowed")


def _copies(element: ElementTree.Element) -> int:
    total = 1
    for part in element.get("count", "1").split():
        total *= max(1, _whole(part))
    return total


def _whole(text: str) -> int:
    try:
        return int(float(text))
    except (ValueError, OverflowError) as cause:
        raise BadInput(f"{text[:40]!r} in the model is not a number") from cause


def compiled(xml: bytes, assets: Mapping[str, bytes]) -> Any:
    """The compiled model of a job. Raises BadInput. Call it in a confined process only."""
    text = checked(xml, assets)
    try:
        model = mujoco.MjModel.from_xml_string(text, dict(assets))
    except (ValueError, mujoco.FatalError) as cause:
        raise BadInput(f"the model does not compile: {' '.join(str(cause).split())[:300]}") from cause
    for name, most in SIZES.items():
        if getattr(model, name) > most:
            raise BadInput(f"the model has {name} = {getattr(model, name):,}, {most:,} are allowed")
    for name, most in EFFORT.items():
        if not 0 <= getattr(model.opt, name) <= most:
            raise BadInput(f"the model has option {name} = {getattr(model.opt, name):,}, {most:,} are allowed")
    low, high = TIMESTEPS
    if not low <= model.opt.timestep <= high:
        raise BadInput(f"the model's timestep of {model.opt.timestep} s is not between {low} and {high}")
    if model.opt.enableflags & int(mujoco.mjtEnableBit.mjENBL_SLEEP):
        raise BadInput("the model lets bodies sleep, which class X1 leaves out")
    return model
