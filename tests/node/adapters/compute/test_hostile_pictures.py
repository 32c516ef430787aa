"""Jobs of pictures made to hurt: textures, giant images, files of the host, endless lights, numbers that are none."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trio
from compute_jobs import BUBBLEWRAP, JOBS, SEEN, Job, bits, done, job

from thenar.adapters.compute.executor import Lent, LocalExecutor
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.jobs import Limits
from thenar.domain.work.jobwork import Control
from thenar.errors import BadInput, Refused

PICTURES, POSES = JOBS["pictures under noise"], JOBS["pictures of given poses"]


def with_part(inner: str) -> bytes:
    return SEEN.replace(b"<asset>", f"<asset>{inner}".encode())


def with_option(inner: str) -> bytes:
    return SEEN.replace(b"<asset>", f"{inner}<asset>".encode(), 1)


def png(side: int) -> bytes:
    """A square of zeros: a kilobyte of file for every megabyte it unfolds to."""
    squeezed = zlib.compressobj(9)
    row = bytes(side + 1)
    pixels = b"".join(squeezed.compress(row) for _ in range(side)) + squeezed.flush()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


TEXTURE = '<texture name="t" type="2d" {}/>'
REFUSED: dict[str, tuple[bytes, dict[str, bytes]]] = {
    "opens a picture of the host": (with_part(TEXTURE.format('file="/usr/share/pixmaps/logo.png"')), {}),
    "opens a picture above": (with_part(TEXTURE.format('file="../t.png"')), {}),
    "opens a device": (with_part(TEXTURE.format('file="/dev/urandom"')), {}),
    "opens what a process holds": (with_part(TEXTURE.format('file="/proc/self/fd/0"')), {}),
    "opens an address": (with_part(TEXTURE.format('file="http://127.0.0.1/t.png"')), {}),
    "opens six sides of a cube": (
        with_part('<texture name="t" type="cube" fileup="/a.png" filedown="/b.png" fileleft="/c.png"/>'),
        {},
    ),
    "keeps its pictures elsewhere": (with_option('<compiler texturedir="/etc"/>'), {}),
    "names a path as a plugin": (with_option('<extension><plugin plugin="/tmp/draw.so"/></extension>'), {}),
    "names a decoder as a plugin": (with_option('<extension><plugin plugin="mujoco.ktx_decoder"/></extension>'), {}),
    "weaves a giant texture": (with_part(TEXTURE.format('builtin="checker" width="99999" height="99999"')), {}),
    "weaves more than fits": (
        with_part("".join(
            f'<texture name="t{at}" type="2d" builtin="flat" width="4096" height="4096"/>' for at in range(2)
        )),
        {},
    ),
    "unfolds a small file": (with_part(TEXTURE.format('file="t.png"')), {"t.png": png(12_000)}),
    "calls noise a picture": (with_part(TEXTURE.format('file="t.png"')), {"t.png": b"\x89PNG\r\n\x1a\n" + bytes(64)}),
    "calls nothing a picture": (with_part(TEXTURE.format('file="t.png"')), {"t.png": b""}),
    "lies about a picture's size": (
        with_part(TEXTURE.format('file="t.raw" content_type="image/vnd.mujoco.texture"')),
        {"t.raw": struct.pack("<ii", 2**31 - 1, 2**31 - 1)},
    ),
    "has no such camera": (SEEN.replace(b'"near"', b'"gone"'), {}),
    "has lights without end": (SEEN.replace(b"<worldbody>", b"<worldbody>" + b"<light/>" * 50_000, 1), {}),
    "has more lights than are lit": (SEEN.replace(b"<worldbody>", b"<worldbody>" + b"<light/>" * 7, 1), {}),
    "looks from nowhere": (SEEN.replace(b'pos="0 -2 1"', b'pos="nan 0 0"'), {}),
    "shines from nowhere": (SEEN.replace(b'pos="0 -.5 1.2"', b'pos="inf 0 0"'), {}),
    "glows without end": (SEEN.replace(b'emission=".1"', b'emission="inf"'), {}),
    "hangs out cloth": (
        SEEN.replace(
            b"<worldbody>", b'<worldbody><flexcomp name="f" type="grid" count="3 3 1" spacing=".1 .1 .1"/>', 1
        ),
        {},
    ),
}  # fmt: skip
HARMLESS = {
    "asks for a giant screen": '<visual><global offwidth="2000000000" offheight="2000000000"/></visual>',
    "asks for fine shadows": '<visual><quality shadowsize="2000000000" offsamples="2000000000"/></visual>',
    "cuts near and far": '<visual><map znear="1e-30" zfar="1e30"/></visual>',
    "asks for round spheres": '<visual><quality numslices="2000000000" numstacks="2000000000"/></visual>',
}


@pytest.fixture(scope="module")
def shared() -> LocalExecutor:
    return LocalExecutor(Lent(opening=60), bubblewrap=BUBBLEWRAP)


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_hostile_job_of_pictures_is_refused(name: str, shared: LocalExecutor, tmp_path: Path) -> None:
    model, more = REFUSED[name]
    hostile = job(PICTURES.spec, {"m.xml": model, **more})

    with pytest.raises((BadInput, Refused)):
        trio.run(shared.prepare, hostile.spec, hostile.put(tmp_path))


@pytest.mark.parametrize("name", list(HARMLESS))
def test_what_a_graphics_library_would_choke_on_changes_no_bit(name: str, tmp_path: Path) -> None:
    asked = job(PICTURES.spec, {"m.xml": with_option(HARMLESS[name])})
    (plain,) = trio.run(done, PICTURES, tmp_path / "plain", [1])
    (made,) = trio.run(done, asked, tmp_path / "asked", [1])

    assert made.status is Status.OK
    assert made.output.read_bytes() == plain.output.read_bytes()


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (b"", "rows of 15 doubles"),
        (bytes(8 * 15 + 1), "rows of 15 doubles"),
        (np.full(15, np.nan).astype("<f8").tobytes(), "numbers up to"),
        (np.full(15, 1e300).astype("<f8").tobytes(), "numbers up to"),
    ],
)
def test_poses_that_are_none_are_refused(rows: bytes, complaint: str, shared: LocalExecutor, tmp_path: Path) -> None:
    hostile = job(POSES.spec, {"m.xml": SEEN, "q.bin": rows})

    with pytest.raises(BadInput, match=complaint):
        trio.run(shared.prepare, hostile.spec, hostile.put(tmp_path))


def test_pictures_above_the_output_limit_end_a_unit_everywhere_alike(tmp_path: Path) -> None:
    spec = replace(PICTURES.spec, limits=Limits(output_bytes=60_000))
    one = trio.run(done, Job(spec, PICTURES.files), tmp_path / "one", [1, 2])
    other = trio.run(done, Job(spec, PICTURES.files), tmp_path / "other", [1, 2], Lent(cores=2))

    assert [each.status for each in one] == [Status.LIMIT] * 2
    assert bits(one) == bits(other)
    assert one[0].output.stat().st_size < 60_100


def test_a_scene_that_flies_apart_has_failed_everywhere_alike(tmp_path: Path) -> None:
    wild = SEEN.replace(b'gear="2"', b'gear="1e14"')
    spec = replace(PICTURES.spec, work=replace(PICTURES.spec.work, control=Control("noise", 5, "0.5", "1")))
    one = trio.run(done, job(spec, {"m.xml": wild}), tmp_path / "one", [1])
    other = trio.run(done, job(spec, {"m.xml": wild}), tmp_path / "other", [1], Lent(threads=2))

    assert one[0].status is Status.FAILED
    assert bits(one) == bits(other)


async def test_pictures_are_painted_after_the_hostile_ones(shared: LocalExecutor, tmp_path: Path) -> None:
    try:
        plan = await shared.prepare(PICTURES.spec, PICTURES.put(tmp_path / "good"))
        (result,) = await shared.run(plan, [1], folder=tmp_path / "work")
    finally:
        await shared.aclose()

    assert result.status is Status.OK
