"""Which moves a beacon asks for, and how they are said to people."""

from __future__ import annotations

from typing import Final

from thenar.domain.keccak import keccak256
from thenar.errors import BadInput

MOVES: Final = 8
"""Drawn moves of two bits each: what was recorded blindly fits once in 65,536."""
HEAD_BYTES: Final = 27
LEFT, RIGHT, UP, DOWN = range(4)
TURNS: Final = (
    "turn left a quarter, and back",
    "turn right a quarter, and back",
    "look up at the ceiling, and back",
    "look down at the floor, and back",
)
PRESSES: Final = ("press region 1", "press region 2", "press region 3", "press region 4")
JOINTS: Final = ("wiggle joint 1", "wiggle joint 2", "wiggle joint 3", "wiggle joint 4")
OPENING: Final = TURNS[UP]
"""What comes before the drawn moves of whatever turns: it tells how the sensor is mounted."""
_TAG: Final = b"thenar.gesture/1".ljust(32, b"\0")


def moves_of(head: bytes) -> tuple[int, ...]:
    """The moves of a beacon, each 0 to 3, from what the chain keeps of its hash. Raises BadInput."""
    if len(head) != HEAD_BYTES:
        raise BadInput(f"a beacon has {HEAD_BYTES} bytes, not {len(head)}")
    bits = int.from_bytes(keccak256(_TAG + head)[:2], "big")
    return tuple(bits >> 2 * (MOVES - 1 - at) & 3 for at in range(MOVES))
