"""Who shares a payout, as a person says it: pairs on the command line, a CSV file, or the licenses bought."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from thenar.domain.ids import address, asset_id
from thenar.domain.revenue import Beneficiary
from thenar.domain.sumtree import MAX_DEPTH, MAX_WEIGHT, Share
from thenar.errors import BadInput

MAX_FILE = 128 * 1024 * 1024
"""Bytes: 2^20 lines of an asset id and a weight are 92 MB."""
NODE_PREFIX = "node:"


def share(name: str, weight: str) -> Share:
    """One share: ``0x…`` of 32 bytes pays an asset's owner, ``node:0x…`` its node, ``0x…`` of 20 bytes an account.

    Raises BadInput.
    """
    if not weight.isascii() or not weight.isdecimal() or not 0 < int(weight) <= MAX_WEIGHT:
        raise BadInput(f"{weight[:40]!r} is not a weight", next_step="use a positive whole number")
    if name.startswith(NODE_PREFIX):
        return Share(Beneficiary.NODE, bytes.fromhex(asset_id(name.removeprefix(NODE_PREFIX))[2:]), int(weight))
    if len(name) == 42:
        return Share(Beneficiary.ACCOUNT, bytes(12) + bytes.fromhex(address(name)[2:]), int(weight))
    return Share(Beneficiary.OWNER, bytes.fromhex(asset_id(name)[2:]), int(weight))


def from_pairs(pairs: list[str]) -> list[Share]:
    """``BENEFICIARY=WEIGHT`` strings, each beneficiary once, sorted so that the same words make the same tree."""
    return _sorted(_split(pair) for pair in pairs)


def from_csv(path: Path) -> list[Share]:
    """A file of ``beneficiary,weight`` lines; a first line that says so is passed over. Raises BadInput."""
    if path.stat().st_size > MAX_FILE:
        raise BadInput(
            f"{path} is larger than {MAX_FILE} bytes", next_step=f"a payout has at most {2**MAX_DEPTH} shares"
        )
    return _sorted(_rows(path))


def _rows(path: Path) -> Iterator[Share]:
    with path.open(newline="", encoding="utf-8") as file:
        try:
            for number, row in enumerate(csv.reader(file), 1):
                if not row or (number == 1 and [part.strip() for part in row] == ["beneficiary", "weight"]):
                    continue
                if len(row) != 2:
                    raise BadInput(f"line {number} of {path} is not `beneficiary,weight`")
                yield share(row[0].strip(), row[1].strip())
        except (csv.Error, UnicodeDecodeError) as cause:
            raise BadInput(f"{path} is not a CSV file: {cause}") from cause


def _split(pair: str) -> Share:
    name, mark, weight = str(pair).partition("=")
    if not mark:
        raise BadInput(f"{str(pair)[:80]!r} is not BENEFICIARY=WEIGHT")
    return share(name, weight)


def _sorted(shares: Iterator[Share]) -> list[Share]:
    found = sorted(shares, key=lambda one: (one.beneficiary, one.kind))
    if not found:
        raise BadInput("nobody is named to share the payout", next_step="name at least one BENEFICIARY=WEIGHT")
    for before, after in pairwise(found):
        if (before.beneficiary, before.kind) == (after.beneficiary, after.kind):
            raise BadInput(f"0x{after.beneficiary.hex()} is named twice")
    return found
