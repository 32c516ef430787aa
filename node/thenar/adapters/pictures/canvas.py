"""Pictures of numbers as PNG: a grid of coloured cells under a title, with what it shows in words beneath."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Grid = NDArray[np.int64]
Colours = NDArray[np.uint8]

_LONGEST: Final = 900
_MARGIN: Final = 12
_LINE: Final = 18
_DARK: Final = ((13, 8, 35), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164))
"""From nothing to most, darker to lighter; told apart without seeing colours."""
PAPER: Final = (250, 250, 248)
INK: Final = (30, 30, 34)


def heat(grid: Grid) -> Colours:
    """Colours for counts: the logarithm's whole bits and sixteenths of them; nothing is paper."""
    levels = np.zeros(grid.shape, dtype=np.float64)
    levels[grid > 0] = np.log2(grid[grid > 0].astype(np.float64)) + 1.0
    top = max(1.0, float(levels.max()))
    stops = np.array(_DARK, dtype=np.float64)
    place = levels / top * (len(stops) - 1)
    low = np.minimum(place.astype(np.int64), len(stops) - 2)
    mixed = stops[low] + (stops[low + 1] - stops[low]) * (place - low)[..., None]
    mixed[grid <= 0] = PAPER
    return np.asarray(mixed.round(), dtype=np.uint8)


def save(path: Path, colours: Colours, title: str, words: list[str]) -> Path:
    """Draw cells, row 0 at the top, and write the PNG."""
    tall, wide = colours.shape[:2]
    side = max(1, min(_LONGEST // max(tall, 1), _LONGEST // max(wide, 1), 16))
    cells = Image.fromarray(np.ascontiguousarray(colours), "RGB").resize(
        (wide * side, tall * side), Image.Resampling.NEAREST
    )
    if max(cells.size) > _LONGEST:
        cells.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX)
    font = ImageFont.load_default(13)
    texts = [title, *words]
    width = max(cells.width, *(int(font.getlength(text)) + 1 for text in texts)) + 2 * _MARGIN
    made = Image.new("RGB", (width, cells.height + len(texts) * _LINE + 3 * _MARGIN), PAPER)
    draw = ImageDraw.Draw(made)
    draw.text((_MARGIN, _MARGIN), title, fill=INK, font=ImageFont.load_default(15))
    made.paste(cells, (_MARGIN, _MARGIN + _LINE + _MARGIN // 2))
    for number, text in enumerate(words):
        draw.text((_MARGIN, 2 * _MARGIN + _LINE * (number + 1) + cells.height), text, fill=INK, font=font)
    made.save(path, "PNG")
    return path


def bars(heights: Grid, rows: int = 120) -> Colours:
    """Columns of given heights, scaled to so many rows."""
    top = max(1, int(heights.max()) if heights.size else 1)
    filled = (heights * rows + top - 1) // top
    lit = np.arange(rows)[::-1, None] < filled[None, :]
    return np.where(lit[..., None], np.array(_DARK[1]), np.array(PAPER)).astype(np.uint8)
