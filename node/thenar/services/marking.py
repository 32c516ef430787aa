"""Marked copies: made and agreed on, traced when they are found, claimed by finders, answered by owners."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

import trio

from thenar.domain.actions import (
    AcceptMark,
    AnswerLeak,
    LapseMark,
    ProposeMark,
    RecallMark,
    ReleaseMark,
    SealLeak,
    ShowLeak,
)
from thenar.domain.catalog import Catalog, MarkRecord
from thenar.domain.description import Provenance
from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256
from thenar.domain.licenses import Stage
from thenar.domain.manifest import Manifest
from thenar.domain.marking import Match, Reading, Secrets
from thenar.domain.marks import Mark, MarkStage, Shares
from thenar.errors import BadInput, Late, NotFound, Poor, Refused, Reverted, Unavailable
from thenar.services.licensing import PATIENCE, Trade
from thenar.services.once import take_exit
from thenar.services.ports import Receipt, Sealed
from thenar.services.records import bind_copy, bound_copies, bound_to

TAKEN = ("MarkDesk_WrongStage", "MarkDesk_NotShown")
"""What the chain says of a mark that somebody moved on."""
TRANSFORM = keccak256(b"thenar.mark/1")
"""What the description of a marked copy names as its transform."""
ALMOST = Fraction(1, 2**40)
"""A copy is named when the chance of so much agreement is below this, all marks of the owner tried."""

LOOKS, BLOCK_SECONDS = 120, 1.0
"""How often, and in which distance, a newer block is looked for."""

Read = Callable[[int], Reading]
"""Reads a file with the given distance between two bits."""


class Seeds(Protocol):
    """Secrets that a node derives from its keyring and a seed."""

    def one_time_key(self, seed: bytes) -> tuple[bytes, bytes]: ...


@dataclass(frozen=True, slots=True)
class MarkedDraft:
    """The description of a marked copy: the original's, but for the file, and naming what it was made from."""

    original: Manifest

    def seal_with(self, owner: Address, sealed: Sealed) -> Manifest:
        """Complete the description. Raises BadInput."""
        parent, file = "0x" + self.original.keccak.hex(), self.original.files[0]
        return replace(
            self.original,
            owner=owner,
            files=(sealed.file(file.name, file.media_type),),
            enc=sealed.encryption(),
            provenance=Provenance("derived", (parent,), "0x" + TRANSFORM.hex()),
        )


@dataclass(frozen=True, slots=True)
class Bargain:
    """What an owner asks of a buyer: bond in token units, until in unix seconds, step in the record's units."""

    buyer: Address
    bond: int
    until: int
    step: int


def secrets_for(seeds: Seeds, original: AssetId, buyer: Address, step: int) -> Secrets:
    """The secrets of a buyer's copy, from the keyring alone: the same copy comes out again."""
    seed = hashlib.sha256(f"thenar.mark/1/{original}/{buyer}/{step}".encode()).digest()
    return Secrets.of(seeds.one_time_key(seed)[0])


def name_of(original: AssetId, buyer: Address) -> str:
    """What a request to propose a mark is known by, whenever it is asked for."""
    return f"mark/{original}/{buyer}"


async def propose(trade: Trade, copy: AssetId, original: AssetId, bargain: Bargain) -> MarkRecord:
    """Commit to the secrets of a copy, which only its buyer will be sold. Raises Poor without the stake."""
    shares, account = Shares.of(bargain.bond), (await trade.chain.wallet(trade.me)).account
    if account < shares.stake:
        raise Poor(
            f"a mark locks a stake of {shares.stake} token units and this account's deposit is {account}",
            next_step="`thenar account deposit` puts money there",
        )
    secrets = secrets_for(trade.wrapper, original, bargain.buyer, bargain.step)
    await bind_copy(trade.journal, copy, original, bargain.buyer, bargain.step)
    mark = Mark(copy, trade.me, bargain.buyer, secrets.tree.root, bargain.bond, bargain.until, bargain.step)
    mark_id = mark.id_on(trade.chain.chain_id, trade.chain.contract("MarkDesk"))
    await trade.send(name_of(original, bargain.buyer), ProposeMark(mark))
    return await trade.belief.until(lambda c: c.marks.get(mark_id), seconds=PATIENCE, what="the proposal of the mark")


async def accept(trade: Trade, mark_id: bytes, most: int) -> MarkRecord:
    """Buyer: lay down the bond of a proposed mark. Raises Refused above ``most`` token units or for others' marks."""
    found = mark_of(trade.belief.catalog, mark_id)
    if found.mark.buyer != trade.me:
        raise Refused(f"this mark is for {found.mark.buyer}, not for this account")
    if found.stage is not MarkStage.PROPOSED:
        raise Refused(f"the mark is {found.stage.name.lower()}, not proposed")
    if found.mark.bond > most:
        raise Refused(
            f"the bond is {found.mark.bond} token units, above {most}", next_step="raise --max-bond to accept"
        )
    account = (await trade.chain.wallet(trade.me)).account
    if account < found.mark.bond:
        raise Poor(
            f"the bond is {found.mark.bond} token units and this account's deposit is {account}",
            next_step="`thenar account deposit` puts money there",
        )
    await trade.send(f"accept-mark/{mark_id.hex()}", AcceptMark(found.mark))
    return await trade.belief.until(
        lambda c: c.marks[mark_id] if c.marks[mark_id].stage is not MarkStage.PROPOSED else None,
        seconds=PATIENCE,
        what="the acceptance of the mark",
    )


@dataclass(frozen=True, slots=True)
class Traced:
    """How well a file agrees with one of the owner's marks, and how likely chance would do as well."""

    mark: MarkRecord
    match: Match
    chance: Fraction

    @property
    def named(self) -> bool:
        """Whether chance is out of the question."""
        return self.chance < ALMOST


async def trace(trade: Trade, read: Read) -> list[Traced]:
    """Hold a found file against every mark this account made, the likeliest first.

    ``chance`` counts that so many marks were tried. Raises NotFound when there are none, BadInput for the file.
    """
    catalog, copies = trade.belief.catalog, await bound_copies(trade.journal)
    mine = [record for record in catalog.marks.values() if record.mark.copy in copies and record.mark.owner == trade.me]
    if not mine:
        raise NotFound("this node made no marked copies", next_step="`thenar mark make` makes one for a buyer")
    seen = {step: read(step).seen for step in {record.mark.step for record in mine}}
    found = []
    for record in mine:
        copy = copies[record.mark.copy]
        match = Match.between(
            seen[record.mark.step], secrets_for(trade.wrapper, copy.original, copy.buyer, record.mark.step)
        )
        found.append(Traced(record, match, match.chance(len(mine))))
    return sorted(found, key=lambda one: one.chance)


async def claim(trade: Trade, mark_id: bytes, read: Read) -> MarkRecord:
    """Finder: commit to what a found file says, and show it in a later block. Repeating goes on where it stopped.

    Raises BadInput for a file with too little in it, Refused while another leak waits or when no sale was settled,
    Poor without the deposit.
    """
    found = mark_of(trade.belief.catalog, mark_id)
    if found.stage is not MarkStage.HELD:
        raise Refused(f"the mark is {found.stage.name.lower()}; only one both sides laid money down for pays")
    if found.leak is not None:
        raise Refused(f"another finder waits for an answer until {found.answer_by}", next_step="try again after that")
    if not _is_sold(trade.belief.catalog, found.mark):
        raise Refused(f"no sale of {found.mark.copy} to {found.mark.buyer} has settled")
    deposit, account = Shares.of(found.mark.bond).deposit, (await trade.chain.wallet(trade.me)).account
    if account < deposit:
        raise Poor(
            f"a claim lays down {deposit} token units and this account's deposit is {account}",
            next_step="`thenar account deposit` puts money there",
        )
    salt = trade.wrapper.one_time_key(hashlib.sha256(b"thenar.leak/1" + mark_id).digest())[0]
    leak = read(found.mark.step).leak(salt, found.spent)
    commitment = leak.sealed_by(trade.me, mark_id)
    if found.sealed.get(trade.me) != commitment:
        await trade.send(f"seal-leak/{mark_id.hex()}", SealLeak(mark_id, commitment))
        await trade.belief.until(
            lambda c: c.marks[mark_id].sealed.get(trade.me) == commitment or None,
            seconds=PATIENCE,
            what="the commitment to the reading",
        )
    await _show_later(trade, mark_id, ShowLeak(found.mark, leak))
    return await trade.belief.until(
        lambda c: c.marks[mark_id] if _moved_on(c.marks[mark_id], leak.chapter) else None,
        seconds=PATIENCE,
        what="the showing of the leak",
    )


async def _show_later(trade: Trade, mark_id: bytes, shown: ShowLeak) -> None:
    """Show a reading as soon as the block of its commitment is not the newest. Raises Late."""
    for _ in range(LOOKS):
        try:
            await trade.send(f"show-leak/{mark_id.hex()}", shown)
        except Reverted as refused:
            if refused.name != "MarkDesk_TooEarly":
                raise
            await trio.sleep(BLOCK_SECONDS)
        else:
            return
    raise Late("no block followed the commitment", next_step="the same command goes on where this one stopped")


def _moved_on(record: MarkRecord, chapter: int) -> bool:
    return record.leak is not None or record.stage is MarkStage.ENDED or bool(record.spent >> chapter & 1)


def _is_sold(catalog: Catalog, mark: Mark) -> bool:
    sales = (sale for sale in catalog.sales.values() if sale.stage is Stage.SETTLED)
    return any((sale.deal.asset, sale.deal.buyer) == (mark.copy, mark.buyer) for sale in sales)


def mark_of(catalog: Catalog, mark_id: bytes) -> MarkRecord:
    """A mark by its id. Raises NotFound."""
    found = catalog.marks.get(mark_id)
    if found is None:
        raise NotFound(f"no mark 0x{mark_id.hex()}", next_step="`thenar mark list` shows yours")
    return found


async def recall(trade: Trade, mark_id: bytes) -> Receipt:
    """Owner: take the stake of a mark back that was not accepted. Raises Refused once it was."""
    found = mark_of(trade.belief.catalog, mark_id)
    if found.stage is not MarkStage.PROPOSED:
        raise Refused(f"the mark is {found.stage.name.lower()}, not proposed")
    receipt = await trade.send(f"recall-mark/{mark_id.hex()}", RecallMark(found.mark))
    await trade.seen(receipt)
    return receipt


async def answer_leak(trade: Trade, subject: str) -> None:
    """Owner: open the chapter a finder read, whether the bits agree or not: saying nothing costs more.

    Raises Refused when this node did not make the copy.
    """
    mark_id, chapter = bytes.fromhex(subject.split("/")[0]), int(subject.split("/")[1])
    found = mark_of(trade.belief.catalog, mark_id)
    if found.leak is None or found.leak.chapter != chapter:
        return
    copy = await bound_to(trade.journal, found.mark.copy)
    if copy is None:
        raise Refused(f"this node did not make the marked copy {found.mark.copy}", next_step="use the node that did")
    secrets = secrets_for(trade.wrapper, copy.original, copy.buyer, found.mark.step)
    siblings = secrets.tree.prove(chapter)
    opened = AnswerLeak(found.mark, found.leak, secrets.chapters[chapter], siblings)
    await take_exit(trade.outbox, f"answer-leak:{subject}", opened, TAKEN)


async def lapse_mark(trade: Trade, subject: str) -> None:
    """Finder or buyer: end a mark whose owner did not answer."""
    found = mark_of(trade.belief.catalog, bytes.fromhex(subject.split("/")[0]))
    if found.leak is not None and found.leak.chapter == int(subject.split("/")[1]):
        await take_exit(trade.outbox, f"lapse-mark:{subject}", LapseMark(found.mark), TAKEN)


async def release_mark(trade: Trade, subject: str) -> None:
    """Owner or buyer: take back what was laid down once the time is over. Raises Unavailable while a finder waits."""
    found = mark_of(trade.belief.catalog, bytes.fromhex(subject))
    if found.leak is not None:
        raise Unavailable(f"a finder waits for an answer until {found.answer_by}")
    if found.stage is MarkStage.HELD:
        await take_exit(trade.outbox, f"release-mark:{subject}", ReleaseMark(found.mark), TAKEN)


async def recall_late(trade: Trade, subject: str) -> None:
    """Owner: take the stake of a mark back that nobody accepted in time."""
    found = mark_of(trade.belief.catalog, bytes.fromhex(subject))
    if found.stage is MarkStage.PROPOSED:
        await take_exit(trade.outbox, f"recall-late:{subject}", RecallMark(found.mark), TAKEN)


def check_bond(bond: int) -> None:
    """Raise BadInput for a bond that cannot be shared in eighths."""
    if not 8 <= bond < 2**96:
        raise BadInput(f"a bond of {bond} token units has no eighth", next_step="ask for a larger bond")
