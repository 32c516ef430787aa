"""The witness's side: look whether a scan of one's own shows an earlier capture again, say so, and have it counted."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import trio

from thenar.domain import canonical
from thenar.domain.actions import LodgeWord
from thenar.domain.bounty.answers import Shown
from thenar.domain.bounty.eligible import objection, worth
from thenar.domain.bounty.sketches import Judged, encode_witness, judge
from thenar.domain.bounty.witnessing import Attestation, SignedWord
from thenar.domain.catalog import AnswerRecord
from thenar.domain.ids import Address, AnswerId, AssetId
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.search import search
from thenar.errors import BadInput, NotFound, Refused, Unavailable
from thenar.services.bounty.desk import BountyDesk
from thenar.services.ports import Heard
from thenar.services.steps import step

log = logging.getLogger(__name__)

BOOK = "WitnessBook"


@dataclass(frozen=True, slots=True)
class Found:
    """How a scan of this account stands to a capture, what a word about it would count, and the word."""

    judged: Judged
    weight: int
    word: Attestation


def paid_with(desk: BountyDesk, asset: AssetId) -> AnswerRecord:
    """The answer an asset was shown in. Raises NotFound."""
    number = desk.trade.belief.catalog.answered.get(asset)
    if number is None:
        raise NotFound(f"{asset} was not shown in an answer", next_step="`thenar bounty list` shows bounties")
    return desk.answer(number)


def scans_for(desk: BountyDesk, capture: AnswerRecord) -> list[AnswerRecord]:
    """Answers of this account that may show a capture again, newest first. Raises Refused with a reason for none."""
    catalog, me = desk.trade.belief.catalog, desk.trade.me
    mine = [one for one in catalog.answers.values() if one.contributor == me and one.shown is not None]
    why = {one.id: objection(catalog, capture, one) for one in mine}
    fit = [one for one in reversed(mine) if why[one.id] is None]
    if not fit:
        said = next((reason for reason in why.values() if reason), "this account has answered no bounty")
        raise Refused(
            f"nothing of this account can speak for it: {said}",
            next_step="a witness is registered with the role `witness`, and was paid for a later scan of the place",
        )
    return fit


async def compare(desk: BountyDesk, capture: AnswerRecord, scan: AnswerRecord) -> Found:
    """Lay a scan on a capture as well as this node's search can. Raises Unavailable, Corrupt."""
    seen, again = _shown(capture), _shown(scan)
    old, new = await desk.sketch(capture), await desk.sketch(scan)
    laid = await trio.to_thread.run_sync(search, new, old)
    judged = await trio.to_thread.run_sync(judge, new, old, laid)
    catalog, me = desk.trade.belief.catalog, desk.trade.me
    word = Attestation(
        *(seen.asset, again.asset, me),
        overlap=max(1, judged.shared),
        laid=encode_witness(laid),
        nonce=catalog.nonces.get(me, 0),
    )
    return Found(judged, worth(catalog, capture, me), word)


async def witness(desk: BountyDesk, scan: AnswerId, capture: AnswerId) -> None:
    """Speak for a capture when a scan of this account shows the same place, recorded again and not copied."""
    seen, again = desk.answer(capture), desk.answer(scan)
    why = objection(desk.trade.belief.catalog, seen, again)
    if why is not None:
        log.info("no word is said", extra={"answer": capture, "reason": why})
        return
    found = await compare(desk, seen, again)
    log.info("compared to witness", extra={"answer": capture, "verdict": found.judged.verdict.value})
    if found.judged.verdict is Verdict.AGAIN:
        await speak(desk, found.word)


async def speak(desk: BountyDesk, word: Attestation) -> bool:
    """Sign a word, tell everybody, and have it counted; whether it was this that had it counted."""
    chain = desk.trade.chain
    digest = word.signed(chain.chain_id, Address(chain.contract(BOOK)))
    signature = desk.keyring.sign_digest(digest)
    said = SignedWord.of(word, signature)
    await desk.trade.journal.put(_said(word), said.encode())
    body: dict[str, object] = {**canonical.decode_object(said.encode(), limit=SignedWord.most)}
    try:
        await desk.files.peers.announce("attestation", body)
    except (Refused, Unavailable) as cause:
        log.info("the word was not told to anybody", extra={"reason": cause.message})
    return await lodge(desk, word, signature)


async def lodge(desk: BountyDesk, word: Attestation, signature: bytes) -> bool:
    """Have somebody's word counted; whether it was this that had it counted. Raises NotFound, Reverted."""
    capture, scan = paid_with(desk, word.capture), paid_with(desk, word.scan)
    action = LodgeWord(word, _shown(capture), _shown(scan), signature)
    return await step(desk.trade, f"word:{word.capture}/{word.witness}/{word.nonce}", action)


def _shown(record: AnswerRecord) -> Shown:
    if record.shown is None:
        raise NotFound(f"answer {record.id} was not shown")
    return record.shown


def _said(word: Attestation) -> str:
    return f"word/{word.capture}/{word.witness}"


async def hear(desk: BountyDesk, heard: Heard) -> None:
    """Keep a word about a capture of this account that its witness's own node told; anything else is passed over."""
    try:
        word, _ = SignedWord.decode(canonical.encode(heard.body)).opened
    except BadInput:
        return
    catalog = desk.trade.belief.catalog
    record = catalog.assets.get(word.capture)
    if record is None or record.owner != desk.trade.me or word.witness not in catalog.operators.get(heard.origin, ()):
        return
    await desk.trade.journal.put(_heard(word.capture, word.witness), canonical.encode(heard.body))


async def words_heard(desk: BountyDesk, capture: AssetId) -> list[tuple[Attestation, bytes]]:
    """Words about a capture that were heard and not counted yet, with their signatures."""
    journal, counted = desk.trade.journal, desk.trade.belief.catalog.trust.weights.get(capture, {})
    found = [await journal.get(name) for name in await journal.names(_heard(capture))]
    words = [SignedWord.decode(data).opened for data in found if data is not None]
    return [(word, signature) for word, signature in words if word.witness not in counted]


def _heard(capture: AssetId, witness: str = "") -> str:
    return f"heard/{capture}/{witness}"
