"""How a file's format is told from its first bytes, whatever its name says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from thenar.adapters.media.recording import Limits, file_size
from thenar.errors import BadInput

MEDIA_TYPES: Final = {
    "pcd": "application/vnd.pcl.pcd",
    "ply": "application/vnd.ply",
    "las": "application/vnd.las",
    "laz": "application/vnd.laszip",
    "e57": "model/e57",
    "csv": "text/csv",
    "hdf5": "application/x-hdf5",
    "mcap": "application/x-mcap",
    "parquet": "application/vnd.apache.parquet",
}
_OTHERS: Final = (
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"PK\x03\x04", "a zip archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "unpack it first"),
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
    (b"#ROSBAG", "a ROS 1 bag", "convert it with `mcap convert`"),
    (b"SQLite format 3", "an SQLite database (a ROS 2 bag?)", "convert it with `ros2 bag convert -s mcap`"),
    (b"glTF", "a glTF mesh", "export its points as PLY"),
    (b"\x89PNG", "a PNG picture", "captures are scans, streams and trajectories"),
    (b"\xff\xd8\xff", "a JPEG picture", "captures are scans, streams and trajectories"),
    (b"%PDF", "a PDF document", "captures are scans, streams and trajectories"),
    (b"\x7fELF", "a program", "captures are scans, streams and trajectories"),
    (b"\x93NUMPY", "a NumPy array", "write it as HDF5 or Parquet, which name their columns"),
)


def sniff(path: Path, limits: Limits) -> str:
    """Name the format from the content; the file's name plays no part. Raises BadInput."""
    file_size(path, limits)
    try:
        with path.open("rb") as source:
            start = source.read(4096)
    except OSError as cause:
        raise BadInput(f"cannot read {path.name}: {cause.strerror}") from cause
    found = _binary_format(start)
    if found is not None:
        return found
    for magic, name, step in _OTHERS:
        if start.startswith(magic):
            raise BadInput(f"{path.name} is {name}, which is not read", next_step=step)
    if _is_pcd(start):
        return "pcd"
    if b"\0" in start and start[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise BadInput(
            f"{path.name} is binary and of no known format",
            next_step="known formats: PCD, PLY, LAS/LAZ, E57, CSV, HDF5, MCAP, Parquet",
        )
    return "csv"


def _binary_format(start: bytes) -> str | None:
    if start.startswith((b"ply\n", b"ply\r", b"ply ")):
        return "ply"
    if start.startswith(b"LASF"):
        compressed = len(start) > 104 and start[104] & 0x80
        return "laz" if compressed else "las"
    if start.startswith(b"ASTM-E57"):
        return "e57"
    if start.startswith(b"\x89MCAP0"):
        return "mcap"
    if start.startswith(b"PAR1"):
        return "parquet"
    # an HDF5 superblock may follow a user block of 512, 1024, 2048 ... bytes
    if any(start[at : at + 8] == b"\x89HDF\r\n\x1a\n" for at in (0, 512, 1024, 2048)):
        return "hdf5"
    return None


def _is_pcd(start: bytes) -> bool:
    for line in start.splitlines()[:40]:
        word = line.strip()
        if word.startswith((b"# .PCD", b"VERSION", b"FIELDS ")):
            return True
        if word and not word.startswith(b"#"):
            return False
    return False
