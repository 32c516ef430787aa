"""Short lists of cells under one root: which of an area are wanted. Twin of contracts/libraries/CellList.sol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from thenar.domain.keccak import keccak256
from thenar.domain.place import cell_resolution, coarser, finer
from thenar.errors import BadInput

MOST_CELLS: Final = 256


def check_list(cells: Sequence[int], resolution: int, area: int) -> None:
    """Raise BadInput unless the cells rise, have the resolution, lie in the area and are not too many."""
    if not 0 < len(cells) <= MOST_CELLS:
        raise BadInput(
            f"a list holds 1 to {MOST_CELLS} cells, not {len(cells)}",
            next_step="name coarser cells with a coarser --grain, or post a second bounty",
        )
    for cell, before in zip(cells, (0, *cells), strict=False):
        if cell <= before:
            raise BadInput("the cells of a list rise, and none is named twice")
        if cell_resolution(cell) != resolution or coarser(cell, cell_resolution(area)) != area:
            raise BadInput(f"cell {cell:x} is no cell of resolution {resolution} in {area:x}")


def spread(cells: Iterable[int], resolution: int) -> tuple[int, ...]:
    """All cells of a resolution in the named ones, rising. Raises BadInput for finer ones, or for too many."""
    named, found = set(cells), set[int]()
    for cell in named:
        steps = resolution - cell_resolution(cell)
        if steps < 0:
            raise BadInput(
                f"cell {cell:x} is finer than the cells that are counted, which have a resolution of {resolution}",
                next_step="name a finer --grain, or coarser cells",
            )
        if 7**steps * len(named) > 8 * MOST_CELLS:
            raise BadInput(
                f"these cells hold more than {MOST_CELLS} of resolution {resolution}",
                next_step="name a coarser --grain, or fewer cells",
            )
        found.update(finer(cell, resolution))
    return tuple(sorted(found))


def around(cells: Sequence[int]) -> int:
    """The finest cell that all of them lie in. Raises BadInput when there is none."""
    for resolution in range(min(cell_resolution(cell) for cell in cells), -1, -1):
        if len({coarser(cell, resolution) for cell in cells}) == 1:
            return coarser(cells[0], resolution)
    raise BadInput("no cell holds all of these", next_step="post one bounty for each region")


def root_of(cells: Sequence[int]) -> bytes:
    """The root over at least one cell."""
    row = [_leaf(cell) for cell in cells]
    while len(row) > 1:
        row = _above(row)
    return row[0]


def siblings_of(cells: Sequence[int], cell: int) -> tuple[bytes, ...]:
    """What leads from a cell of the list up to the root. Raises BadInput for another cell."""
    if cell not in cells:
        raise BadInput(f"cell {cell:x} is not on the list", next_step="`thenar bounty show` tells which are wanted")
    at, row, beside = cells.index(cell), [_leaf(one) for one in cells], []
    while len(row) > 1:
        if at ^ 1 < len(row):
            beside.append(row[at ^ 1])
        at, row = at // 2, _above(row)
    return tuple(beside)


def contains(root: bytes, cell: int, siblings: Iterable[bytes]) -> bool:
    """Whether a cell is on the list under a root."""
    found = _leaf(cell)
    for sibling in siblings:
        found = _node(found, sibling)
    return found == root


def _above(row: list[bytes]) -> list[bytes]:
    pairs = [_node(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
    return pairs + row[2 * len(pairs) :]


def _leaf(cell: int) -> bytes:
    return keccak256(cell.to_bytes(32, "big"))


def _node(one: bytes, other: bytes) -> bytes:
    return keccak256(min(one, other) + max(one, other))
