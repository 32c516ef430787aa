"""Small pictures whose cameras wrote about themselves and their owners."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def jpeg() -> bytes:
    """A small picture whose camera says where and whose it was."""
    exif = Image.Exif()
    exif[0x013B], exif[0xA431] = "Ana", "4711"
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 30)).save(out, "JPEG", exif=exif, comment=b"Ana")
    return out.getvalue()


def png() -> bytes:
    """A small picture with a text chunk."""
    plain = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 30)).save(plain, "PNG")
    body = b"tEXtAuthor\0Ana 4711"
    note = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return plain.getvalue()[:33] + note + plain.getvalue()[33:]


def webp() -> bytes:
    """A small picture with Exif."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Ana 4711"
    Image.new("RGB", (8, 8), (200, 30, 30)).save(out, "WEBP", exif=exif)
    return out.getvalue()
