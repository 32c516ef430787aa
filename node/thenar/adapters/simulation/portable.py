"""The hand as a job carries it: one XML without includes, its meshes beside it by plain names, nothing to look at."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Final

from thenar.adapters.simulation.engine import hand_model
from thenar.errors import BadConfig

MODEL: Final = "hand.xml"
_SEEN: Final = ("texture", "material")
"""Elements that only a picture needs."""
_PAINTED: Final = ("material", "texture")


def portable_hand() -> dict[str, bytes]:
    """The Shadow hand with 92 touch sensors and an egg, as the files of a job. Raises BadConfig."""
    path = hand_model()
    try:
        root = ElementTree.parse(path).getroot()
        _include(root, path.parent)
        meshes = _plain(root, path.parent)
    except (OSError, ElementTree.ParseError) as cause:
        raise BadConfig(f"the hand's model cannot be read: {cause}", next_step="pip install 'thenar[demo]'") from cause
    return {MODEL: ElementTree.tostring(root, encoding="utf-8"), **meshes}


def _include(element: ElementTree.Element, folder: Path) -> None:
    """Put the children of included files where they are included."""
    for place, child in reversed(list(enumerate(element))):
        if child.tag == "include":
            included = ElementTree.parse(folder / child.attrib["file"]).getroot()
            _include(included, folder)
            element.remove(child)
            for offset, inner in enumerate(included):
                element.insert(place + offset, inner)
        else:
            _include(child, folder)


def _plain(root: ElementTree.Element, folder: Path) -> dict[str, bytes]:
    """Take out what is only seen, name meshes plainly, and read them."""
    meshdir = folder
    for compiler in root.iter("compiler"):
        meshdir = folder / compiler.attrib.pop("meshdir", ".")
        compiler.attrib.pop("texturedir", None)
    for size in root.iter("size"):
        size.attrib.clear()  # of engines that did not grow their memory by themselves
    found: dict[str, bytes] = {}
    for parent in root.iter():
        for child in list(parent):
            if child.tag in _SEEN:
                parent.remove(child)
                continue
            for name in _PAINTED:
                child.attrib.pop(name, None)
            if child.tag == "mesh" and "file" in child.attrib:
                given = child.attrib["file"]
                child.attrib.setdefault("name", Path(given).stem)
                child.attrib["file"] = Path(given).name
                found[Path(given).name] = (meshdir / given).read_bytes()
    return found
