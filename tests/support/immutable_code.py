"""Compare deployed code with the compiler's output, where only immutables may differ."""

from __future__ import annotations

PUSH1, PUSH32 = 0x60, 0x7F
WORD = 32


def matches_but_for_immutables(actual: bytes, expected_hex: str) -> bool:
    """Say whether the deployed code equals the compiled one once immutables and metadata are set aside.

    The compiler leaves ``PUSH32 0`` wherever an immutable's value goes. Code that still has link placeholders does
    not match.
    """
    try:
        expected = bytes.fromhex(expected_hex.removeprefix("0x"))
    except ValueError:
        return False
    if len(actual) != len(expected) or len(expected) < 2:
        return False
    end = len(expected) - 2 - int.from_bytes(expected[-2:], "big")
    blanked = bytearray(actual)
    for start in _empty_words(expected):
        blanked[start : start + WORD] = bytes(WORD)
    return bytes(blanked[:end]) == expected[:end]


def _empty_words(code: bytes) -> list[int]:
    """Return where the operand of each ``PUSH32 0`` starts, walking whole instructions."""
    found, at = [], 0
    while at < len(code):
        width = code[at] - PUSH1 + 1 if PUSH1 <= code[at] <= PUSH32 else 0
        if width == WORD and not any(code[at + 1 : at + 1 + WORD]):
            found.append(at + 1)
        at += 1 + width
    return found
