"""Recorded files: told apart by content, decoded to integers in a process of their own, described for sale.

Reads PCD, PLY, LAS/LAZ, CSV and its relatives, HDF5, MCAP and Parquet.
"""

from __future__ import annotations

from thenar.adapters.media.draft import ManifestDraft, describe
from thenar.adapters.media.isolated import Recording, read
from thenar.adapters.media.layout import TEMPLATE as LAYOUT_TEMPLATE
from thenar.adapters.media.probing import Probe, probe
from thenar.adapters.media.recording import Block, Head, Limits, StreamInfo, Tally
from thenar.adapters.media.scoring import read_recorded
from thenar.adapters.media.sidecar import TEMPLATE, load_sidecar
from thenar.adapters.media.spawning import Warm, warm
from thenar.adapters.media.unlabelled import write_layout

__all__ = [
    "LAYOUT_TEMPLATE",
    "TEMPLATE",
    "Block",
    "Head",
    "Limits",
    "ManifestDraft",
    "Probe",
    "Recording",
    "StreamInfo",
    "Tally",
    "Warm",
    "describe",
    "load_sidecar",
    "probe",
    "read",
    "read_recorded",
    "warm",
    "write_layout",
]
