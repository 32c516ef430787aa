"""Gestures: moves drawn from a block's hash that a recording begins with, so that it was not made before the block."""
