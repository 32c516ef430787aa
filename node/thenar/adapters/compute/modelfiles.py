"""A model on its owner's disk, with everything it includes and opens, as one file of XML and assets by plain name."""

from __future__ import annotations

import importlib
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any, Final

from thenar.adapters.compute import models
from thenar.errors import BadConfig, BadInput

MODEL: Final = "model.xml"
_FOLDERS: Final = {"mesh": "meshdir", "texture": "texturedir", "hfield": "assetdir", "skin": "assetdir"}


def gathered(path: Path) -> dict[str, bytes]:
    """The files of a job that simulates the model at ``path``; ``model.xml`` is the model. Raises BadInput, BadConfig.

    Only for models of one's own: whatever the model names is opened.
    """
    mujoco = _engine()
    if not path.suffix:  # MuJoCo would leave MUJOCO_LOG.TXT in the working directory
        raise BadInput(f"{path.name} is not a model", next_step="name a file that ends in .xml")
    try:
        spec = mujoco.MjSpec.from_file(str(path))
        spec.compile()
        xml = spec.to_xml()
    except (ValueError, OSError) as cause:
        raise BadInput(f"{path.name} is not a model: {' '.join(str(cause).split())[:300]}") from cause
    return gathered_xml(xml, path.parent)


def gathered_xml(xml: str, folder: Path) -> dict[str, bytes]:
    """The same of XML without includes, whose files are relative to ``folder``. Raises BadInput."""
    root = ElementTree.fromstring(xml)
    compiler = root.find("compiler")
    folders = dict(compiler.attrib) if compiler is not None else {}
    files: dict[str, bytes] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            if name.startswith("file"):
                place = folder / folders.get(_FOLDERS.get(element.tag, "assetdir"), "") / value
                element.set(name, _taken(place, files))
    if compiler is not None:
        for name in ("meshdir", "texturedir", "assetdir"):
            compiler.attrib.pop(name, None)
    made = ElementTree.tostring(root)
    models.checked(made, files)
    return {MODEL: made, **files}


def _taken(path: Path, files: dict[str, bytes]) -> str:
    try:
        data = path.read_bytes()
    except OSError as cause:
        raise BadInput(f"the model opens {path}, which cannot be read: {cause.strerror}") from cause
    name, number = path.name, 1
    while name in files and files[name] != data:
        name, number = f"{path.stem}-{number}{path.suffix}", number + 1
    files[name] = data
    return name


def _engine() -> Any:
    try:
        return importlib.import_module("mujoco")
    except ImportError as cause:
        raise BadConfig(
            "models are read by MuJoCo, which is missing", next_step="pip install 'thenar[compute]'"
        ) from cause
