"""What a sponsor asks for and what that pays. Twin of contracts/libraries/Asks.sol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from thenar.domain.bounty.cells import check_list
from thenar.domain.bounty.coverage import BP, Spot, worth
from thenar.domain.ids import TermsId
from thenar.domain.place import FINEST, cell_resolution, coarser
from thenar.errors import BadInput

MODALITIES: Final = ("spatial", "tactile", "trajectory", "imu")
"""From 1 on chain."""
PLACE_CLASSES: Final = tuple(FINEST)
"""From 1 on chain; 0 is what is no place."""
NO_SUBJECT: Final = bytes(32)
MOST_TARGET: Final = 100 * BP
_AT_STAKE: Final = 4
_HOME: Final = "private_home"


class AskField(IntEnum):
    """What the contract says is wrong with an ask."""

    MODALITY = 1
    PLACE_CLASS = 2
    AREA = 3
    GRAIN = 4
    LEVELS = 5
    SUBJECT = 6
    QUALITY = 7
    TARGET = 8
    DEADLINE = 9
    PRICE = 10
    RULES = 11
    BUDGET = 12
    CELLS = 13


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for, as the contract takes it. Prices and budget in token units, times in seconds.

    ``price`` is paid for one good capture's worth at a spot that is half full; it rises by itself once in ``slope``
    seconds and stops at ``top_price``. A capture is at most ``max_age`` seconds old when it is committed to, 0: any;
    of the area's cells only those in ``cells`` count, where there are some.
    """

    modality: int
    place_class: int
    grain: int
    needs_device: bool
    lowest: int
    highest: int
    min_quality: int
    area: int
    target: int
    deadline: int
    slope: int
    price: int
    top_price: int
    budget: int
    terms: TermsId
    subject: bytes
    rules: bytes
    max_age: int = 0
    needs_gesture: bool = False
    cells: tuple[int, ...] = ()

    def check(self) -> None:
        """Raise BadInput for what the contract refuses, but for its time and its budget."""
        _require(0 < self.modality <= len(MODALITIES), "the modality is unknown")
        _require(0 <= self.place_class <= len(PLACE_CLASSES), "the class of place is unknown")
        if self.place_class:
            self._check_place()
        else:
            _require(self.modality != 1, "a scan is always of a place", "name a class of place and an area")
            bare = (self.area, self.grain, self.lowest, self.highest) == (0, 0, 0, 0)
            _require(bare, "what is no place has neither area nor level")
            _require(self.subject != NO_SUBJECT, "what is no place needs a subject")
            _require(not self.cells, "what is no place has no cells")
        _require(0 < self.min_quality <= BP, "the quality must be above 0 and at most 100%")
        _require(BP <= self.target <= MOST_TARGET, "the target must be 1 to 100 good captures")
        _require(0 < self.price <= self.top_price < 2**96, "the price must be above 0 and not above the top price")
        _require(0 < self.slope < 2**40, "the price must take some time to rise")
        _require(self.rules != bytes(32), "an ask names the rules it is scored by")
        _require(0 <= self.max_age < 2**40, "a capture may be 0 to 2^40 seconds old")

    def _check_place(self) -> None:
        kind = PLACE_CLASSES[self.place_class - 1]
        coarsest = cell_resolution(self.area)
        _require(
            coarsest <= self.grain <= FINEST[kind],
            f"cells of a {kind} have a resolution of {coarsest} (the area's) to {FINEST[kind]}, not {self.grain}",
        )
        _require(self.lowest <= self.highest, "the lowest level is above the highest")
        if kind == _HOME:
            _require((self.lowest, self.highest) == (0, 0), "the level of a private home is not published")
        _require(self.subject == NO_SUBJECT, "a place has no subject")
        if self.cells:
            check_list(self.cells, self.grain, self.area)

    @property
    def modality_name(self) -> str:
        """The modality in words."""
        return MODALITIES[self.modality - 1]

    @property
    def place_name(self) -> str:
        """The class of place in words; empty for what is no place."""
        return PLACE_CLASSES[self.place_class - 1] if self.place_class else ""

    def spot(self, cell: int, level: int) -> Spot:
        """Where an answer counts. Raises BadInput when that is not asked for."""
        fits = self.lowest <= level <= self.highest
        if self.place_class:
            fits = fits and cell_resolution(cell) == self.grain
            fits = fits and coarser(cell, cell_resolution(self.area)) == self.area
            fits = fits and (not self.cells or cell in self.cells)
        else:
            fits = fits and cell == 0
        _require(fits, f"cell {cell:x}, level {level} is not what is asked for")
        return Spot(self.modality, self.place_class, cell, level, self.subject)

    def price_at(self, opened: int, time: int) -> int:
        """What a good capture's worth is paid at a time."""
        return min(self.top_price, self.price + self.price * (time - opened) // self.slope)

    def bond_at(self, least: int, opened: int, time: int) -> int:
        """What an answer of that time lays down: the least, and a quarter of the most it can be paid."""
        return least + worth(self.price_at(opened, time), self.target, 0, BP) // _AT_STAKE


def _require(is_so: bool, otherwise: str, next_step: str | None = None) -> None:
    if not is_so:
        raise BadInput(otherwise, next_step=next_step)
