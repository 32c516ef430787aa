"""What stories about capture bounties share: their ports, money for bonds, and sketches that others published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import trio

from thenar.domain.bounty.answers import place_of
from thenar.domain.bounty.sketches import SketchNote, decode_sketch
from thenar.domain.catalog import AnswerRecord, AskRecord
from thenar.domain.ids import RAW, AnswerId, AskId, Cid
from thenar.domain.scoring.places import PlaceSketch
from thenar.errors import BadInput, Corrupt, NotFound
from thenar.services.account import provide
from thenar.services.licensing import Trade
from thenar.services.ports import DeviceKeys, Keyring
from thenar.services.work.jobfiles import Files, holders_of

CONTRACT: Final = "CaptureBounties"


class Signer(Keyring, DeviceKeys, Protocol):
    """The account's key and the devices'."""


@dataclass(frozen=True, slots=True)
class BountyDesk:
    """The ports that stories about capture bounties need; bonds in token units, as the contracts were built."""

    trade: Trade
    files: Files
    answer_bond: int
    challenge_bond: int
    keyring: Signer

    def ask(self, number: AskId) -> AskRecord:
        """A capture bounty as the chain knows it. Raises NotFound."""
        found = self.trade.belief.catalog.asks.get(number)
        if found is None:
            raise NotFound(f"no capture bounty {number}", next_step="`thenar bounty list` shows what exists")
        return found

    def answer(self, number: AnswerId) -> AnswerRecord:
        """An answer as the chain knows it. Raises NotFound."""
        found = self.trade.belief.catalog.answers.get(number)
        if found is None:
            raise NotFound(f"no answer {number} as of block {self.trade.belief.block}")
        return found

    async def now(self) -> int:
        """The chain's time in unix seconds."""
        return (await self.trade.chain.head()).timestamp

    async def provide(self, amount: int) -> None:
        """Have so many token units in the Ledger account, from the wallet as far as they are missing. Raises Poor."""
        await provide(self.trade, amount)

    async def sketch(self, answer: AnswerRecord) -> PlaceSketch:
        """The sketch an answer published, held against the chain.

        Raises Unavailable while nobody gives it, NotFound before it is shown, Corrupt when it is something else.
        """
        if answer.shown is None:
            raise NotFound(f"answer {place_of(answer.id)} was not shown")
        holders = holders_of(self.trade.belief.catalog, answer.contributor)
        try:
            named = await self.files.bring(Cid.of(RAW, answer.shown.sketch), holders, SketchNote.most)
            note = SketchNote.decode(named)
            if note.asset != answer.shown.asset:
                raise Corrupt("the published sketch is said to be another asset's")
            data = await self.files.bring(Cid.parse(note.sketch), holders, note.bytes)
            return await trio.to_thread.run_sync(decode_sketch, data)
        except BadInput as cause:
            raise Corrupt(f"the published sketch cannot be read: {cause.message}") from cause
