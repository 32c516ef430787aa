"""Pictures for people, written as PNG."""

from __future__ import annotations

from thenar.adapters.pictures.scores import draw_motion, draw_place, draw_timing, draw_touch

__all__ = ["draw_motion", "draw_place", "draw_timing", "draw_touch"]
