"""The contributor's side: what a scan would be paid, answer, show, have it paid. Each step is safe to repeat."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from typing import Final

from thenar.domain import canonical
from thenar.domain.actions import CommitAnswer, RevealAnswer, SettleAnswer
from thenar.domain.bounty.answers import NOBODY, AnswerStage, Backing, Sealed, Shown, ask_of, place_of
from thenar.domain.bounty.cells import siblings_of
from thenar.domain.bounty.coverage import BP, Spot, worth
from thenar.domain.bounty.sketches import SketchNote
from thenar.domain.bounty.visibility import is_public
from thenar.domain.catalog import AnswerRecord, AskRecord, BeaconRecord, Catalog, CoverageRecord
from thenar.domain.catalog.devices import is_good
from thenar.domain.devices import answer_signed
from thenar.domain.gestures.trace import GestureTrace
from thenar.domain.ids import Address, AnswerId, AskId, AssetId
from thenar.domain.place import cell_resolution, coarser
from thenar.domain.records import Wide, from_value, to_value
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.plugins import Sketch
from thenar.errors import Corrupt, NotFound, Refused, Reverted, Unavailable
from thenar.services.bounty import sealing
from thenar.services.bounty.conditions import require_gesture, require_met
from thenar.services.bounty.desk import CONTRACT, BountyDesk
from thenar.services.bounty.sponsoring import clear
from thenar.services.devices import names_of_devices
from thenar.services.licensing import PATIENCE
from thenar.services.listen import be_present
from thenar.services.ports import Receipt, one_part
from thenar.services.scoring import Earlier, Scored
from thenar.services.steps import step

log = logging.getLogger(__name__)

SALT_BYTES: Final = 32
LIMIT: Final = 2_048
_GIVEN: Final = "answered-with/"
MINED_WITHIN: Final = 600
"""Seconds in which a commitment is mined: the bond rises with the price, and what it does not take stays free."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What was committed to, written down before the commitment is sent."""

    asset: str
    cell: Wide
    level: int
    quality: int
    novelty: int
    device: str
    sketch: str
    salt: str
    vouched: str = ""
    beacon: int | None = None

    @classmethod
    def of(cls, shown: Shown, salt: bytes, vouched: bytes) -> Secret:
        """The same in words; ``vouched`` is the device's signature, empty without one."""
        words = (shown.asset, shown.cell, shown.level, shown.quality, shown.novelty, shown.device)
        return cls(*words, shown.sketch.hex(), salt.hex(), vouched.hex(), shown.beacon)

    @property
    def opening(self) -> tuple[Shown, bytes]:
        """What is shown, and the salt."""
        where = (AssetId(self.asset), self.cell, self.level, self.quality, self.novelty)
        shown = Shown(*where, Address(self.device), bytes.fromhex(self.sketch), self.beacon or 0)
        return shown, bytes.fromhex(self.salt)


@dataclass(frozen=True, slots=True)
class Worth:
    """What an answer would be paid as things stand, if nobody who answered before is paid for the same spot."""

    quality: int
    novelty: int
    before: int
    covered: int
    pay: int
    bond: int
    reason: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A recording as it is answered with: where it counts, its score, and the sketches of it, as ``forms_of`` makes."""

    asset: AssetId
    cell: int
    level: int
    sketches: tuple[Sketch, ...]
    scored: Scored
    device: Address = NOBODY
    beacon: BeaconRecord | None = None
    trace: GestureTrace | None = None


async def earlier_of(desk: BountyDesk, ask: AskRecord) -> list[Earlier]:
    """Sketches to compare with, oldest first: those published about the same area, or what this account sealed itself.

    What nobody gives is left out.
    """
    catalog, found = desk.trade.belief.catalog, []
    for answer in tuple(catalog.answers.values()):
        if answer.shown is None or answer.stage is AnswerStage.REFUTED or not near(catalog, ask, answer):
            continue
        sealed = not is_public(desk.ask(ask_of(answer.id)).ask)
        if sealed and answer.contributor != desk.trade.me:
            continue
        try:
            sketch = (await sealing.own_sketches(desk, answer))[0] if sealed else await desk.sketch(answer)
            found.append(Earlier(f"answer {answer.id}", sketch))
        except (Unavailable, Corrupt, NotFound) as cause:
            log.warning("a sketch to compare with is missing", extra={"answer": answer.id, "reason": cause.message})
    return found


def near(catalog: Catalog, ask: AskRecord, answer: AnswerRecord) -> bool:
    """Whether an answer was shown about the area of a bounty."""
    other = catalog.asks[ask_of(answer.id)].ask
    if other.modality != ask.ask.modality or answer.shown is None:
        return False
    if not (ask.ask.area and answer.shown.cell):
        return not (ask.ask.area or answer.shown.cell)  # what has no place is near whatever else has none
    wide = min(cell_resolution(ask.ask.area), cell_resolution(answer.shown.cell))
    return coarser(answer.shown.cell, wide) == coarser(ask.ask.area, wide)


async def value(desk: BountyDesk, ask: AskRecord, offered: Offered) -> Worth:
    """What an answer with this scan would be paid now. Raises BadInput for a place that is not asked for."""
    now, asked = await desk.now(), ask.ask
    spot = asked.spot(offered.cell, offered.level)
    before = _covered(desk, spot, now)
    quality, novelty = offered.scored.quality.bp, offered.scored.novelty.bp
    covered = before + quality * novelty // BP
    pay = worth(asked.price_at(ask.opened_at, now), asked.target, before, covered)
    bond = asked.bond_at(desk.answer_bond, ask.opened_at, now)
    reason = offered.scored.novelty.reason
    return Worth(quality, novelty, before, covered, min(pay, ask.left), bond, reason)


def _covered(desk: BountyDesk, spot: Spot, now: int) -> int:
    record = desk.trade.belief.catalog.coverage.get(spot.key, CoverageRecord(spot))
    return record.now(now)


async def answer(desk: BountyDesk, ask: AskRecord, offered: Offered) -> tuple[AnswerRecord, Receipt]:
    """Publish the sketch, commit, and wait until the chain confirms it. What follows is done by duties.

    Asked again after a crash it is the same answer: two with one capture would lose the bond of the second. Raises
    Refused for what would only lose the bond, Poor, Reverted.
    """
    trade, now = desk.trade, await desk.now()
    commitment = await _given(desk, ask.id, offered.asset, now)
    if commitment is None:
        commitment = await _seal(desk, ask, offered, now)
    if _committed(trade.belief.catalog, commitment) is None:
        await desk.provide(ask.ask.bond_at(desk.answer_bond, ask.opened_at, now + MINED_WITHIN))
    try:
        receipt = await trade.outbox.send(f"answer:{commitment.hex()}", CommitAnswer(ask.id, commitment))
    except Reverted:
        await trade.journal.forget([_given_name(ask.id, offered.asset)])
        raise
    await trade.seen(receipt)
    record = await trade.belief.until(lambda c: _committed(c, commitment), seconds=PATIENCE, what="the answer")
    try:
        await be_present(desk.files.peers)
    except (Refused, Unavailable) as cause:
        log.info("could not say where this node is", extra={"reason": cause.message})
    return record, receipt


async def _seal(desk: BountyDesk, ask: AskRecord, offered: Offered, now: int) -> bytes:
    """Decide what is shown later, publish its sketch, and write all of it down. Returns the commitment to it."""
    trade = desk.trade
    _require_answerable(desk, ask, offered, await value(desk, ask, offered), now)
    if offered.beacon is not None:
        require_gesture(offered.trace, offered.beacon)
    await require_met(desk, ask, offered.asset, offered.beacon, now)
    shown, vouched = await _shown(desk, ask, offered), await _vouched(desk, ask, offered)
    salt = secrets.token_bytes(SALT_BYTES)
    sealed = Sealed(trade.chain.chain_id, Address(trade.chain.contract(CONTRACT)), ask.id, trade.me)
    commitment = sealed.commitment(shown, salt)
    secret = canonical.encode(to_value(Secret.of(shown, salt, vouched)))
    await trade.journal.put_all({_name(commitment): secret, _given_name(ask.id, offered.asset): commitment})
    return commitment


async def _given(desk: BountyDesk, ask: AskId, asset: AssetId, now: int) -> bytes | None:
    """What this node committed to when it answered with an asset before; None when that is over, or never was.

    Raises Refused while it answers another bounty with it.
    """
    journal, catalog = desk.trade.journal, desk.trade.belief.catalog
    for name in await journal.names(f"{_GIVEN}{asset}/"):
        commitment, other = await journal.get(name) or b"", AskId(int(name.rsplit("/", 1)[1]))
        record, asked = _committed(catalog, commitment), catalog.asks.get(other)
        if record.stage.is_over if record else asked is None or now >= asked.ask.deadline:
            continue
        if other == ask:
            return commitment
        raise Refused(
            f"bounty {other} is being answered with {asset}",
            next_step=f"`thenar bounty show {other}` tells how that ends; one of two answers would lose its bond",
        )
    return None


def _committed(catalog: Catalog, commitment: bytes) -> AnswerRecord | None:
    return next((one for one in catalog.answers.values() if one.commitment == commitment), None)


def _require_answerable(desk: BountyDesk, ask: AskRecord, offered: Offered, found: Worth, now: int) -> None:
    catalog, me = desk.trade.belief.catalog, desk.trade.me
    asset = catalog.assets.get(offered.asset)
    if asset is None or asset.owner != me:
        raise NotFound(f"{offered.asset} is no asset of this account", next_step="`thenar capture list` shows them")
    if me not in catalog.nodes:
        raise Refused(
            "jurors fetch a sketch from its owner's registered node, and this one is not registered",
            next_step="`thenar register --stake 100` registers it",
        )
    if offered.scored.modality != ask.ask.modality_name:
        raise Refused(f"the bounty is for {ask.ask.modality_name}, and this is {offered.scored.modality}")
    if ask.ask.rules != RULES.hash:
        raise Refused("the bounty is scored by other rules than this version knows", next_step="install its version")
    _require_device(catalog, ask, offered, now)
    if found.quality < ask.ask.min_quality:
        raise Refused(f"the quality is {found.quality} basis points and {ask.ask.min_quality} are asked for")
    if not found.novelty:
        raise Refused(f"nothing would be paid: {found.reason}")
    if offered.asset in catalog.answered:
        raise Refused(f"{offered.asset} was answered with already")


def _require_device(catalog: Catalog, ask: AskRecord, offered: Offered, now: int) -> None:
    if offered.device == NOBODY:
        if ask.ask.needs_device:
            raise Refused(
                "this bounty wants a registered device's word", next_step="name the one that recorded it: --device NAME"
            )
    elif not is_good(catalog, offered.device, now):
        raise Refused(
            "that device, or one it is part of, was ended or never registered",
            next_step="`thenar device list` shows it",
        )


async def _shown(desk: BountyDesk, ask: AskRecord, offered: Offered) -> Shown:
    note = await (_published(desk, offered) if is_public(ask.ask) else _sealed(desk, offered))
    scored = offered.scored
    where = (offered.asset, offered.cell, offered.level, scored.quality.bp, scored.novelty.bp)
    return Shown(*where, offered.device, note, offered.beacon.number if offered.beacon else 0)


async def _sealed(desk: BountyDesk, offered: Offered) -> bytes:
    note = await sealing.seal(desk, offered.asset, offered.scored.modality, offered.sketches)
    return hashlib.sha256(note.encode()).digest()


async def _published(desk: BountyDesk, offered: Offered) -> bytes:
    data = offered.sketches[0].encode()
    stored = await desk.files.store.add(one_part(data))
    rules, modality = "0x" + RULES.hash.hex(), offered.scored.modality
    note = SketchNote(offered.asset, modality, rules, str(stored.root), len(data), await _traced(desk, offered))
    kept = await desk.files.store.add(one_part(note.encode()))
    if kept.root != note.cid:
        raise Corrupt("the note about the sketch is not stored as one block")
    return note.cid.digest


async def _traced(desk: BountyDesk, offered: Offered) -> str | None:
    """Where the trace of its gesture lies; None without a beacon."""
    if offered.beacon is None or offered.trace is None:
        return None
    return str((await desk.files.store.add(one_part(offered.trace.encode()))).root)


async def _vouched(desk: BountyDesk, ask: AskRecord, offered: Offered) -> bytes:
    """The device's signature that this bounty may count the asset as its own; empty without a device."""
    trade = desk.trade
    if offered.device == NOBODY:
        return b""
    names = await names_of_devices(trade.journal)
    digest = answer_signed(
        ask.id, offered.asset, trade.me, trade.chain.chain_id, Address(trade.chain.contract(CONTRACT))
    )
    return desk.keyring.sign_as_device(names[offered.device], digest)


async def show(desk: BountyDesk, number: AnswerId) -> None:
    """Show an answer of one's own; what it says lies in the journal since before it was committed to."""
    record = desk.answer(number)
    if record.stage is not AnswerStage.COMMITTED:
        return
    data = await desk.trade.journal.get(_name(record.commitment))
    if data is None:
        raise NotFound(f"this node does not know what answer {place_of(number)} to bounty {ask_of(number)} shows")
    secret = from_value(Secret, canonical.decode_object(data, limit=LIMIT), "the answer")
    shown, salt = secret.opening
    vouched = bytes.fromhex(secret.vouched)
    cells = desk.ask(ask_of(number)).ask.cells
    backing = Backing(vouched, siblings_of(cells, shown.cell) if cells else ())
    await step(desk.trade, f"answer-show:{number}", RevealAnswer(number, shown, salt, backing))


async def settle(desk: BountyDesk, number: AnswerId) -> None:
    """Have an answer paid once its window is over, and those before it ended as they deserve."""
    record = desk.answer(number)
    if record.stage is not AnswerStage.REVEALED or record.shown is None:
        return  # a ruling brings it back
    if await desk.now() < record.until:
        raise Unavailable(f"answer {place_of(number)} can still be challenged")
    await clear(desk, desk.ask(ask_of(number)), place_of(number))
    await step(desk.trade, f"answer-settle:{number}/{record.until}", SettleAnswer(number, record.shown))


def _name(commitment: bytes) -> str:
    return f"answer/{commitment.hex()}"


def _given_name(ask: AskId, asset: AssetId) -> str:
    return f"{_GIVEN}{asset}/{ask}"
