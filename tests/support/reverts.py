"""Expect a contract to refuse a call with a named error and exact values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from brownie.exceptions import VirtualMachineError


class _AnyValue:
    """Stands for a value the test cannot know, such as a timestamp."""

    def __repr__(self) -> str:
        return "ANY"


ANY = _AnyValue()

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_ADDRESS_DIGITS = 40


def printed(value: object) -> str:
    """Return a value the way Brownie prints it inside the text of a decoded custom error.

    Accepts ints, bools, bytes, text, accounts and contracts, lists and tuples (structs). Text of the form ``0x…`` is an
    address when it has 40 digits and bytes otherwise.
    """
    if isinstance(value, list | tuple):
        members = ", ".join(_quoted(member) for member in value)
        return f"({members},)" if len(value) == 1 else f"({members})"
    plain = _plain(value)
    return repr(plain) if isinstance(plain, bytes) else str(plain)


def _quoted(value: object) -> str:
    if isinstance(value, list | tuple):
        return printed(value)
    return repr(_plain(value))


def _plain(value: object) -> object:
    address = getattr(value, "address", None)
    if isinstance(address, str):
        return str(address).lower()
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    if isinstance(value, int):
        return int(value)
    text = str(value)
    if not _HEX.fullmatch(text):
        return text
    return text.lower() if len(text) == _ADDRESS_DIGITS + 2 else bytes.fromhex(text[2:])


@contextmanager
def reverts_with(name: str, *values: object) -> Iterator[None]:
    """Fail unless the block reverts with the custom error ``name`` carrying exactly ``values``.

    ``ANY`` stands for one value that is not compared. A panic or a plain reason string is matched by its whole text:
    ``reverts_with("Integer overflow")``.
    """
    expected = ", ".join(".*" if value is ANY else re.escape(printed(value)) for value in values)
    pattern = re.compile(f"{re.escape(name)}: {expected}", re.DOTALL)
    try:
        yield
    except VirtualMachineError as refusal:
        actual = refusal.revert_msg or ""
        if pattern.fullmatch(actual) or (not values and actual == name):
            return
        wanted = f"{name}({', '.join(map(repr, values))})"
        raise AssertionError(f"expected {wanted}, got '{actual}'\n{refusal.source}") from None
    raise AssertionError(f"expected {name}, but the call went through")
