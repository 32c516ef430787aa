"""Recordings from simulated bodies and rooms, with real contact forces and real occlusion, for demos and tests."""

from __future__ import annotations

from thenar.adapters.simulation.hand import record_hand
from thenar.adapters.simulation.room import record_room, write_cloud
from thenar.adapters.simulation.stated import Recorded

__all__ = ["Recorded", "record_hand", "record_room", "write_cloud"]
