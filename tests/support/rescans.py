"""What somebody records who was asked to: the same room again from stands of his own, and the moves of a gesture."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import labelled_rooms as rooms
import numpy as np
from gestures import Hand, motion_log


def recorded_again(described: Path, into: Path, seed: int, visit: int) -> Path:
    """A room of the labelled set, scanned from stands of its own, with a description beside it."""
    stands = ((1.2, 1.4, 1.5), (3.6, 1.5, 1.4)), ((1.3, 3.2, 1.3), (3.9, 3.0, 1.6))
    taken = rooms.scan(
        plain_room(seed), np.random.default_rng(visit), rays=40_000, style="tripod", stands=stands[visit]
    )
    points = (taken.points / 1_000).astype("<f4")
    head, _ = described.read_bytes().split(b"DATA binary\n", 1)
    head = re.sub(rb"(WIDTH|POINTS) \d+", lambda found: b"%s %d" % (found[1], len(points)), head)
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_bytes(head + b"DATA binary\n" + points.tobytes())
    shutil.copy(described.with_name(f"{described.name}.capture.toml"), into.with_name(f"{into.name}.capture.toml"))
    return into


def plain_room(seed: int) -> rooms.Room:
    """A room without inner walls, large enough for the stands."""
    made = rooms.room(np.random.default_rng(seed))
    pieces = made.boxes[made.fixed :]
    clear = [one for one in pieces if not (one[0] < 4.4 and one[3] > 0.8 and one[1] < 3.6 and one[4] > 1.0)]
    return rooms.Room((max(made.size[0], 6.0), max(made.size[1], 5.0), made.size[2]), np.array(clear), 0)


def log_of(moves: Sequence[int], into: Path) -> Path:
    """What a phone's motion log holds while somebody makes these moves."""
    turning, gravity = motion_log(moves, Hand(mount=3, rate=50.0)).signals
    columns = ["t", "wx", "wy", "wz", "ax", "ay", "az"]
    rows = zip(turning.times, *(turning.values / 1e6).T, *(gravity.values / 1e6).T, strict=True)
    lines = [",".join(columns), *(f"{row[0] / 1e9:.3f}," + ",".join(f"{part:.6f}" for part in row[1:]) for row in rows)]
    into.write_text("\n".join(lines) + "\n")
    into.with_name(f"{into.name}.layout.toml").write_text(
        'modality = "imu"\n[time]\ncolumn = "t"\nunit = "s"\n'
        '[[stream]]\nname = "gyroscope"\nkind = "angular_velocity"\ncolumns = ["wx", "wy", "wz"]\n'
        'units = "deg/s"\nscale = "1/1000000"\naxes = 3\n'
        '[[stream]]\nname = "accelerometer"\nkind = "acceleration"\ncolumns = ["ax", "ay", "az"]\n'
        'units = "[g]"\nscale = "1/1000000"\naxes = 3\n'
    )
    return into
