"""Marked copies worked out in Python: a sold copy, what both sides agreed, and readings true and false."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace
from typing import Any

from brownie import chain
from eth_utils import keccak
from sales import Ware, deliver, open_sale, put_on_sale, seeded, settle
from system import System, fund

from thenar.domain.ids import Address
from thenar.domain.marking import Secrets
from thenar.domain.marks import Leak, Mark

NONE, PROPOSED, HELD, ENDED = range(4)
RECALLED, RAN_OUT, LEAKED, UNANSWERED = range(1, 5)
BOND, STAKE, DEPOSIT, REWARD = 8_000_000, 5_000_000, 1_000_000, 3_000_000
BURNT = "0x000000000000000000000000000000000000dEaD"
DAYS = 86_400


@dataclass(frozen=True, slots=True)
class Marked:
    """A copy alice sold to bob with secrets of hers in it; carol finds files."""

    system: System
    owner: Any
    buyer: Any
    finder: Any
    mark: Mark
    secrets: Secrets = field(default_factory=lambda: Secrets.of(b"\x05" * 32))

    @property
    def desk(self) -> Any:
        return self.system.mark_desk

    @property
    def id(self) -> bytes:
        """The mark's id on the running chain."""
        return self.mark.id_on(chain.id, Address(str(self.desk)))

    @property
    def call(self) -> tuple[Any, ...]:
        """The agreement as the contract takes it."""
        return as_call(self.mark)

    def proposed(self) -> Marked:
        """The owner has proposed."""
        self.desk.propose(self.call, {"from": self.owner})
        return self

    def held(self) -> Marked:
        """Both have laid down what they must."""
        self.proposed().desk.accept(self.call, {"from": self.buyer})
        return self

    def reading(self, chapter: int = 3, count: int = 64, wrong: int = 0) -> Leak:
        """Cells of a chapter with the mark's bits, the first ``wrong`` of them turned."""
        cells = sorted(cell_in(chapter, number) for number in range(count))
        seen = [cell | self.secrets.bit(cell) ^ (at < wrong) for at, cell in enumerate(cells)]
        return Leak(chapter, b"\x09" * 32, tuple(seen))

    def seal(self, leak: Leak, finder: Any = None) -> None:
        """Commit to a reading."""
        who = finder or self.finder
        self.desk.sealLeak(self.id, leak.sealed_by(Address(str(who)), self.id), {"from": who})

    def show(self, leak: Leak, finder: Any = None) -> Any:
        """Commit to a reading and show it in a later block."""
        self.seal(leak, finder)
        return self.desk.showLeak(self.call, leak_call(leak), {"from": finder or self.finder})

    def answer(self, leak: Leak, sender: Any = None, **other: Any) -> Any:
        """Open the chapter of a reading."""
        chapter = other.get("chapter", leak.chapter)
        secret = other.get("secret", self.secrets.chapters[chapter])
        siblings = list(self.secrets.tree.prove(chapter))
        return self.desk.answer(self.call, leak_call(leak), secret, siblings, {"from": sender or self.owner})

    def balances(self) -> tuple[int, ...]:
        """The accounts of owner, buyer, finder and nobody."""
        return tuple(self.system.ledger.balanceOf(who) for who in (self.owner, self.buyer, self.finder, BURNT))

    def gained(self, before: tuple[int, ...]) -> tuple[int, ...]:
        """What each of the four has more than before."""
        return tuple(now - then for now, then in zip(self.balances(), before, strict=True))


def cell_in(chapter: int, number: int) -> int:
    """The word of some cell of a chapter, lowest bit 0."""
    hashed = int.from_bytes(keccak(b"cell" + bytes([chapter]) + number.to_bytes(4, "big")), "big")
    return (chapter << 252) | (hashed & ((1 << 252) - 1)) & ~1


def as_call(mark: Mark) -> tuple[Any, ...]:
    """A mark as the contract takes it."""
    return astuple(mark)


def leak_call(leak: Leak) -> tuple[Any, ...]:
    """A leak as the contract takes it."""
    return leak.chapter, leak.salt, list(leak.seen)


def prepare(
    system: System, owner: Any, buyer: Any, finder: Any, *, sold: bool = True, ware: Ware | None = None
) -> Marked:
    """A copy of the owner's, sold to the buyer unless said otherwise, and money in everybody's account."""
    ware = ware or put_on_sale(system, owner, 0, label=f"marked copy of {buyer}")
    if sold:
        deal = open_sale(system, ware, buyer, seeded("marked"))
        settle(system, deal, deliver(system, deal, ware.root_key, owner), finder)
    for who in (owner, buyer, finder):
        fund(system.token, who, 10 * BOND, system.ledger)
        system.ledger.deposit(who, 10 * BOND, {"from": who})
    made = Marked(system, owner, buyer, finder, Mark("0x" + ware.id.hex(), str(owner), str(buyer), b"", 0, 0, 0))
    root, until = made.secrets.tree.root, chain[-1].timestamp + 90 * DAYS
    return replace(made, mark=replace(made.mark, root=root, bond=BOND, until=until, step=4_000))
