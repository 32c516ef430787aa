"""Keepers of pieces: pledged, asked eight leaves a round, mended, convicted, by ``thenar.domain.storage``.

A capture is kept as eight pieces of which any four bring it back, each with another keeper. Nobody pays for keeping on
chain yet: here the owner pays so much for a piece whose keeper proved a round.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from network.population import DAY, UNIT, Person, Town
from thenar.adapters.chain.blueprint import Parameters
from thenar.domain.storage.coding import NEEDED, PIECES
from thenar.domain.storage.pledges import Held, PledgeTree, bond_for, positions

PAY, EFFORT = UNIT // 20, UNIT // 100
"""What a piece earns in a round and what keeping it costs."""
LEAVES: Final = (2_000, 25_000)
LOSES_ONE, LOSES_DISK = 0.003, 0.0005
"""How often in a day an honest keeper loses a piece, and everything."""
CHECKED, AWAKE, REST = 0.99, 0.6, 3
"""How often somebody recomputes an answer; how often a skipper answers; days a convicted keeper stays away."""
MISSES, REMEMBERED, FINE = 3, 8, 10
"""As StorageProofs has them: misses among so many rounds cost a part of the bond and end the pledge."""


@dataclass(slots=True, eq=False)
class Piece:
    """A piece, who keeps it, and whether his disk has it."""

    held: Held
    file: list[Piece]
    keeper: Keeper | None = None
    whole: bool = True


@dataclass(slots=True, eq=False)
class Keeper:
    """What somebody keeps and how he proved; ``dropped`` is the round he deleted half in."""

    who: Person
    pieces: dict[bytes, Piece] = field(default_factory=dict)
    misses: list[int] = field(default_factory=list)
    away_until: int = 0
    dropped: int | None = None
    tree: PledgeTree | None = None

    def take(self, piece: Piece) -> None:
        """Keep a piece that is whole."""
        self.pieces[piece.held.root], piece.keeper, piece.whole, self.tree = piece, self, True, None

    def bond(self) -> int:
        """What answers for all of it."""
        return bond_for(sum(one.held.leaves for one in self.pieces.values()), Parameters().gib_stake)


@dataclass(slots=True)
class Depot:
    """All pieces, rounds, and what was found."""

    town: Town
    keepers: list[Keeper] = field(default_factory=list)
    files: list[list[Piece]] = field(default_factory=list)
    round: int = 0
    caught_after: list[int] = field(default_factory=list)
    free: list[Piece] = field(default_factory=list)
    repaired: int = 0

    def begin(self, people: Iterable[Person], files: int) -> None:
        """Spread files over all keepers, and ask them every day from then on."""
        self.keepers = [Keeper(one) for one in people]
        for number in range(files):
            leaves, file = self.town.chance.randint(*LEAVES), list[Piece]()
            for place, keeper in enumerate(self.town.chance.sample(self.keepers, PIECES)):
                root = hashlib.sha256(f"{self.town.seed}/{number}/{place}".encode()).digest()
                file.append(Piece(Held(root, leaves), file))
                keeper.take(file[-1])
            self.files.append(file)
        self.town.after(DAY, self._ask)

    def lost(self) -> int:
        """Files of which less than four pieces are left."""
        return sum(sum(one.whole for one in file) < NEEDED for file in self.files)

    def _ask(self) -> None:
        """A round: disks fail, everybody answers who does, false answers are convicted, free pieces are taken."""
        self.round += 1
        seed = hashlib.sha256(f"{self.town.seed}/round/{self.round}".encode()).digest()
        for keeper in self.keepers:
            if keeper.pieces and self.round >= keeper.away_until:
                self._fail(keeper)
                keeper.who.spent += EFFORT * sum(one.whole for one in keeper.pieces.values())
                self._answer(keeper, seed)
        self._hand_out()
        self.town.after(DAY, self._ask)

    def _fail(self, keeper: Keeper) -> None:
        """What an honest disk loses, and what a dropper deletes once there is something to delete."""
        chance, mine = self.town.chance, list(keeper.pieces.values())
        if keeper.who.kind == "dropper":
            if keeper.dropped is None:
                keeper.dropped = self.round
                for piece in mine[: -(-len(mine) // 2)]:
                    piece.whole = False
            return
        if chance.random() < LOSES_DISK:
            for piece in mine:
                piece.whole = False
        elif chance.random() < LOSES_ONE:
            chance.choice(mine).whole = False

    def _answer(self, keeper: Keeper, seed: bytes) -> None:
        if keeper.tree is None:
            keeper.tree = PledgeTree.build(one.held for one in keeper.pieces.values())
        asked = positions(seed, keeper.who.address, keeper.tree.leaves)
        wanted = sorted({keeper.tree.at(position).replica.root for position in asked})
        gone = [keeper.pieces[root] for root in wanted if not keeper.pieces[root].whole]
        if keeper.who.kind == "dropper":
            if gone and self.town.chance.random() < CHECKED:
                self._convict(keeper)
                return
        elif (keeper.who.kind == "skipper" and self.town.chance.random() >= AWAKE) or not self._mended(gone):
            self._miss(keeper)
            return
        keeper.who.paid += PAY * len(keeper.pieces)
        self.town.tell(f"proved by {keeper.who.kind}", keeper.who.number)

    def _mended(self, gone: list[Piece]) -> bool:
        """Whether all of them can be made anew out of four others each."""
        for piece in gone:
            if sum(one.whole for one in piece.file) < NEEDED:
                return False
            piece.whole = True
            self.repaired += 1
            self.town.tell("repaired", piece.held.root)
        return True

    def _miss(self, keeper: Keeper) -> None:
        keeper.misses = [one for one in keeper.misses if one > self.round - REMEMBERED] + [self.round]
        self.town.tell(f"missed by {keeper.who.kind}", keeper.who.number)
        if len(keeper.misses) >= MISSES:
            witness = self.town.chance.choice(self.keepers).who
            self.town.forfeit(keeper.who, witness, keeper.bond() // FINE, judged=False)
            self._leave(keeper, 2)

    def _convict(self, keeper: Keeper) -> None:
        """Half of the bond is who demanded's; the pieces are free for others."""
        demander = self.town.chance.choice(self.keepers).who
        self.town.forfeit(keeper.who, demander, keeper.bond(), judged=False)
        if keeper.dropped is not None:
            self.caught_after.append(self.round - keeper.dropped + 1)
        self.town.tell(f"convicted {keeper.who.kind}", keeper.who.number)
        self._leave(keeper, REST)

    def _leave(self, keeper: Keeper, rounds: int) -> None:
        for piece in keeper.pieces.values():
            piece.keeper, piece.whole = None, piece.whole and keeper.who.kind != "dropper"
            self.free.append(piece)
        keeper.pieces, keeper.tree, keeper.misses, keeper.dropped = {}, None, [], None
        keeper.away_until = self.round + rounds

    def _hand_out(self) -> None:
        """Free pieces go to keepers who have none of the file; what nobody gives is made anew out of four others."""
        waiting = self.free
        self.free = []
        ready = [one for one in self.keepers if self.round >= one.away_until]
        for piece in waiting:
            beside = {one.keeper for one in piece.file}
            keeper = next(
                (one for one in self.town.chance.sample(ready, min(16, len(ready))) if one not in beside), None
            )
            if keeper is None or not (piece.whole or self._mended([piece])):
                self.free.append(piece)
                continue
            keeper.take(piece)
