"""What stories about capture bounties share: their ports, money for bonds, and sketches that others published."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, Protocol

import trio

from thenar.domain.bounty.answers import ask_of, place_of
from thenar.domain.bounty.sketches import SketchNote, decode_sketch
from thenar.domain.bounty.subjects import Subject
from thenar.domain.bounty.visibility import is_public
from thenar.domain.card import Card
from thenar.domain.catalog import AnswerRecord, AskRecord, WordRecord
from thenar.domain.gestures.trace import MOST_TRACE, GestureTrace
from thenar.domain.ids import RAW, Address, AnswerId, AskId, AssetId, Cid
from thenar.domain.manifest import Manifest
from thenar.domain.scoring.places import PlaceSketch
from thenar.errors import BadInput, Corrupt, NotFound, Unavailable
from thenar.services.account import provide
from thenar.services.bounty.hearsay import Hearsay
from thenar.services.keep import fetch_description
from thenar.services.licensing import Trade
from thenar.services.ports import DeviceKeys, Keyring, ParcelSealer, SignerOf
from thenar.services.work.jobfiles import Files, holders_of

CONTRACT: Final = "CaptureBounties"
SECRETS_KEPT: Final = 64
"""Secrets of others' sketches a juror has in memory: the newest."""


class Signer(Keyring, DeviceKeys, Protocol):
    """The account's key and the devices'."""


@dataclass(frozen=True, slots=True)
class BountyDesk:
    """The ports that stories about capture bounties need; bonds in token units, as the contracts were built.

    ``watch_bonds`` is what may be laid down in a day to challenge copies of what others have shown; None: only copies
    of this account's captures are challenged. ``secrets`` open sketches that this account judges, in memory alone;
    ``subjects`` are what bounties ask for in words, by its hash, as far as it was found.
    """

    trade: Trade
    files: Files
    answer_bond: int
    challenge_bond: int
    accusation_bond: int
    beacon_every: int
    keyring: Signer
    parcels: ParcelSealer
    signer_of: SignerOf
    watch_bonds: int | None = None
    hearsay: Hearsay = field(default_factory=Hearsay)
    secrets: OrderedDict[AnswerId, bytes] = field(default_factory=OrderedDict)
    subjects: dict[bytes, Subject] = field(default_factory=dict)

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

    def modality_of(self, number: AnswerId) -> str:
        """The modality an answer is of."""
        return self.ask(ask_of(number)).ask.modality_name

    def keep_secret(self, number: AnswerId, secret: bytes) -> None:
        """Keep what opens a sketch as long as there are not too many newer ones."""
        self.secrets[number] = secret
        if len(self.secrets) > SECRETS_KEPT:
            self.secrets.popitem(last=False)

    def word(self, capture: AssetId, witness: Address) -> WordRecord:
        """A witness's word as the chain knows it. Raises NotFound."""
        found = self.trade.belief.catalog.words.get((capture, witness))
        if found is None:
            raise NotFound(f"{witness} has not spoken for {capture}", next_step="`thenar capture words` lists who has")
        return found

    async def now(self) -> int:
        """The chain's time in unix seconds."""
        return (await self.trade.chain.head()).timestamp

    async def provide(self, amount: int) -> None:
        """Have so many token units in the Ledger account, from the wallet as far as they are missing. Raises Poor."""
        await provide(self.trade, amount)

    async def sketch(self, answer: AnswerRecord, keeper: Address | None = None) -> PlaceSketch:
        """The sketch an answer published, held against the chain. Whoever it is of has it, and so may a ``keeper``.

        Raises Unavailable while nobody gives it, NotFound before it is shown, Corrupt when it is something else.
        """
        holders = holders_of(self.trade.belief.catalog, answer.contributor, keeper)
        note = await self.note(answer, keeper)
        try:
            data = await self.files.bring(Cid.parse(note.sketch), holders, note.bytes)
            return await trio.to_thread.run_sync(decode_sketch, data)
        except BadInput as cause:
            raise Corrupt(f"the published sketch cannot be read: {cause.message}") from cause

    async def note(self, answer: AnswerRecord, keeper: Address | None = None) -> SketchNote:
        """What an answer published about its sketch. Raises Unavailable, NotFound before it is shown, Corrupt."""
        if answer.shown is None:
            raise NotFound(f"answer {place_of(answer.id)} was not shown")
        if not is_public(self.ask(ask_of(answer.id)).ask):
            raise NotFound(f"the sketch of answer {place_of(answer.id)} is shown to a jury alone")
        holders = holders_of(self.trade.belief.catalog, answer.contributor, keeper)
        try:
            note = SketchNote.decode(await self.files.bring(Cid.of(RAW, answer.shown.sketch), holders, SketchNote.most))
        except BadInput as cause:
            raise Corrupt(f"the note about a sketch cannot be read: {cause.message}") from cause
        if note.asset != answer.shown.asset:
            raise Corrupt("the published sketch is said to be another asset's")
        return note

    async def trace(self, answer: AnswerRecord) -> GestureTrace | None:
        """The trace of its gesture an answer published; None without one. Raises Unavailable, NotFound, Corrupt."""
        note = await self.note(answer)
        if note.gesture is None:
            return None
        holders = holders_of(self.trade.belief.catalog, answer.contributor)
        try:
            return GestureTrace.decode(await self.files.bring(Cid.parse(note.gesture), holders, MOST_TRACE))
        except BadInput as cause:
            raise Corrupt(f"the trace of a gesture cannot be read: {cause.message}") from cause

    async def description(self, asset: AssetId) -> Manifest | Card:
        """What an asset says of itself. Raises NotFound, Unavailable, Corrupt."""
        record = self.trade.belief.catalog.assets.get(asset)
        if record is None:
            raise NotFound(f"no asset {asset} as of block {self.trade.belief.block}")
        holders = tuple(holders_of(self.trade.belief.catalog, record.owner))
        try:
            return await fetch_description(record.commitment, store=self.files.store, holders=holders)
        except NotFound as cause:
            raise Unavailable(f"nobody who should have the description of {asset} gives it now") from cause
