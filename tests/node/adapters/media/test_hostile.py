"""Whatever is done to a valid file, reading it ends in success or in BadInput, never in anything else."""

from __future__ import annotations

import gzip
import os
import random
import struct
import tempfile
from pathlib import Path

import pytest
import recordings as made
from forks import outcome
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.adapters.media import Limits, probe, read
from thenar.adapters.media.formats import sniff
from thenar.errors import BadInput

EXAMPLES = 100 if os.environ.get("THENAR_ACCEPTANCE") == "full" else 20
EDGES = (0, 1, 0x7F, 0x80, 0xFF, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)
VERBS = ("flip", "set", "cut", "drop", "grow", "edge", "swap")
EDITS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 2**20), st.integers(0, 2**20)),
    min_size=1,
    max_size=6,
)


def mangled(data: bytes, edits: list[tuple[str, int, int]]) -> bytes:
    """Apply edits at places taken modulo the length; half of them fall into the first 512 bytes."""
    made = bytearray(data)
    for verb, place, value in edits:
        at = place % max(1, min(len(made), 512) if place & 1 else len(made))
        if verb == "flip" and made:
            made[at] ^= 1 << value % 8
        elif verb == "set" and made:
            made[at] = value % 256
        elif verb == "cut":
            del made[at:]
        elif verb == "drop":
            del made[at : at + 1 + value % 64]
        elif verb == "grow":
            made[at:at] = random.Random(value).randbytes(1 + value % 64)
        elif verb == "edge":
            width = (1, 2, 4, 8)[value % 4]
            made[at : at + width] = (EDGES[value % len(EDGES)] % 256**width).to_bytes(width, "little")
        elif verb == "swap":
            other = value % max(1, len(made))
            made[at : at + 8], made[other : other + 8] = made[other : other + 8], made[at : at + 8]
    return bytes(made)


@pytest.mark.parametrize("kind", sorted(made.MAKERS))
def test_mangled_files_are_read_or_refused(tmp_path: Path, kind: str) -> None:
    data = made.MAKERS[kind](tmp_path / "valid.bin").read_bytes()
    path = tmp_path / "mangled.bin"

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
    @given(EDITS)
    def check(edits: list[tuple[str, int, int]]) -> None:
        path.write_bytes(mangled(data, edits))
        ended = outcome(lambda: made.decoded(path, limits=Limits(memory=1 << 30)))
        # a crash of a decoder's C code is contained by the process it runs in
        assert ended in ("done", "refused") or ended.startswith("crashed"), ended

    check()


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(
    st.binary(min_size=1, max_size=400),
    st.sampled_from([b"", b"ply\n", b"LASF", b"\x89MCAP0\r\n", b"PAR1", b"# .PCD v0.7\n"]),
)
def test_noise_behind_a_magic_number_is_refused(noise: bytes, magic: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise.bin"
        path.write_bytes(magic + noise)

        ended = outcome(lambda: made.decoded(path))

    assert ended == "refused", ended


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (gzip.compress(b"0" * 10**6, mtime=0), "gzip archive"),
        (b"PK\x03\x04" + b"\0" * 50, "zip archive"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "PNG picture"),
        (b"#ROSBAG V2.0\n" + b"\0" * 50, "ROS 1 bag"),
        (b"\x7fELF" + b"\0" * 50, "a program"),
        (bytes(range(256)), "of no known format"),
    ],
)
def test_files_of_other_kinds_are_named(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "scan.pcd"
    path.write_bytes(data)

    with pytest.raises(BadInput, match=says):
        sniff(path, Limits())


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a regular file"):
        probe(tmp_path)
    with pytest.raises(BadInput, match="cannot read"):
        probe(tmp_path / "nothing")


def test_crash_inside_a_decoder_reaches_the_node_as_bad_input(tmp_path: Path) -> None:
    """A LAZ whose chunk table points far outside: whatever the decoder does, the node is told in words."""
    path = made.laz(tmp_path / "scan.bin")
    data = bytearray(path.read_bytes())
    offset = struct.unpack_from("<I", data, 96)[0]
    data[offset : offset + 8] = struct.pack("<q", 2**62)
    path.write_bytes(data)

    with pytest.raises(BadInput):
        list(read(path))
