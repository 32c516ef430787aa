"""Pictures inside recordings lose what their camera wrote about itself, in place: no length and no pixel changes.

JPEG (ITU-T T.81 annex B): application and comment segments but JFIF, Adobe and ICC profiles. PNG (W3C, third
edition): text, Exif and time chunks. WebP (RFC 9649): EXIF and XMP chunks.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_NOTES: Final = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")
_PNG_BLANK: Final = b"noTe"  # ancillary, private, safe to copy: readers skip it
_FRAMES: Final = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
_MOST: Final = 64  # pictures looked for in one message


def blank_metadata(data: bytes) -> bytes:
    """The same bytes with the metadata of every picture inside overwritten; the same object where there is none."""
    made = bytearray(data)
    changed = False
    for magic, blank in ((_JPEG, _blank_jpeg), (_PNG, _blank_png), (b"RIFF", _blank_webp)):
        at = data.find(magic)
        for _ in range(_MOST):
            if at < 0:
                break
            changed = blank(made, at) or changed
            at = data.find(magic, at + len(magic))
    return bytes(made) if changed else data


def _blank_jpeg(data: bytearray, start: int) -> bool:
    """Overwrite segments of what is a JPEG from its first marker to its scan; anything else is left alone."""
    spans: list[tuple[int, int]] = []
    at, framed = start + 2, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            return False
        body = data[at + 4 : at + 2 + length]
        told = 0xE1 <= marker <= 0xEF and marker != 0xEE and not body.startswith(b"ICC_PROFILE\0")
        if told or marker == 0xFE:
            spans.append((at + 4, at + 2 + length))
        framed = framed or marker in _FRAMES
        if marker == 0xDA:
            break
        at += 2 + length
    else:
        return False
    for low, high in spans if framed else ():
        data[low:high] = bytes(high - low)
    return framed and bool(spans)


def _blank_png(data: bytearray, start: int) -> bool:
    changed, at = False, start + len(_PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            break
        if kind in _PNG_NOTES:
            data[at + 4 : at + 8 + length] = _PNG_BLANK + bytes(length)
            struct.pack_into(">I", data, at + 8 + length, zlib.crc32(data[at + 4 : at + 8 + length]))
            changed = True
        if kind == b"IEND":
            break
        at += 12 + length
    return changed


def _blank_webp(data: bytearray, start: int) -> bool:
    if data[start + 8 : start + 12] != b"WEBP":
        return False
    changed, at = False, start + 12
    end = min(len(data), start + 8 + struct.unpack_from("<I", data, start + 4)[0])
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind in (b"EXIF", b"XMP ") and at + 8 + length <= len(data):
            data[at + 8 : at + 8 + length] = bytes(length)
            changed = True
        at += 8 + length + (length & 1)
    return changed
