"""Sketches that only a jury sees: sealed by whoever answers, opened by drawn jurors who ask him, or each other.

The secret of a sketch comes from the owner's keyring and the note's salt, so nothing has to be kept for it. A juror who
was given it gives it to those who sit with him: an owner cannot be there for some of a jury and away for the rest.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from typing import Final

import trio

from thenar.domain import protocols
from thenar.domain.bounty.answers import AnswerStage
from thenar.domain.bounty.sealed import (
    GENERATOR,
    JURY_KEY,
    SALT_BYTES,
    JuryKeyRequest,
    SealedNote,
    compared,
    context_of,
    pack,
    seed_of,
    unpack,
)
from thenar.domain.catalog import AnswerRecord, CaseRecord, Catalog
from thenar.domain.ids import RAW, Address, AnswerId, AssetId, Cid, PeerId
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.plugins import Sketch
from thenar.domain.scoring.report import Verdict
from thenar.domain.work.disputes import Phase
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.ask import ask_each
from thenar.services.bounty.desk import BountyDesk
from thenar.services.ports import Wrapped, one_part
from thenar.services.work.jobfiles import holders_of

log = logging.getLogger(__name__)

LAST_MOMENT: Final = 600
"""Seconds before votes close from which on a juror goes by what he has: until then he asks again."""


async def seal(desk: BountyDesk, asset: AssetId, modality: str, sketches: Sequence[Sketch]) -> SealedNote:
    """Seal sketches into the store; returns the note an answer names."""
    salt, data = secrets.token_bytes(SALT_BYTES).hex(), pack(sketches)
    _, point = desk.trade.wrapper.one_time_key(seed_of(asset, salt))
    sealed = await trio.to_thread.run_sync(desk.parcels.seal, data, point, context_of(asset, salt))
    stored = await desk.files.store.add(one_part(sealed))
    rules = "0x" + RULES.hash.hex()
    note = SealedNote(asset, modality, rules, str(stored.root), len(sealed), point.hex(), salt)
    kept = await desk.files.store.add(one_part(note.encode()))
    if kept.root != Cid.of(RAW, hashlib.sha256(note.encode()).digest()):
        raise Corrupt("the note about the sketch is not stored as one block")
    return note


async def own_sketches(desk: BountyDesk, record: AnswerRecord) -> tuple[Sketch, ...]:
    """What an answer of this account sealed. Raises NotFound, Corrupt."""
    note = await note_of(desk, record)
    return await _opened(desk, record, note, _own_secret(desk, note))


async def verdict(desk: BountyDesk, case: CaseRecord, newer: AnswerRecord, older: AnswerRecord) -> Verdict | None:
    """How two sealed sketches stand to each other; None when only the older one is withheld, COPY when the newer is.

    Raises Unavailable while whoever withholds one may still give it.
    """
    new = await _in_time(desk, case, newer)
    if new is None:
        return Verdict.COPY
    old = await _in_time(desk, case, older)
    if old is None:
        return None
    modality = desk.modality_of(newer.id)
    try:
        return await trio.to_thread.run_sync(compared, modality, new, old)
    except BadInput as cause:
        log.warning("the sealed sketches cannot be compared", extra={"dispute": case.id, "reason": cause.message})
        return None


def is_juror(desk: BountyDesk, case: CaseRecord) -> bool:
    """Whether this account sits on the panel that votes now."""
    panel = case.panels.get(case.round)
    return panel is not None and desk.trade.me in panel.members


async def tell_key(desk: BountyDesk, asker: PeerId, request: dict[str, object]) -> dict[str, object]:
    """The secret of a sketch under dispute, wrapped for a juror who votes about it now.

    Raises Refused for everybody else, NotFound when neither the sketch is this account's nor its secret known here.
    """
    asked = protocols.read(JuryKeyRequest, request, "the request")
    catalog, trade = desk.trade.belief.catalog, desk.trade
    if abs(await desk.now() - asked.at) > protocols.CLOCKS_APART:
        raise Refused("the request is not of now")
    digest = asked.digest(chain=trade.chain.chain_id, asker=asker, answerer=desk.files.peers.me)
    if desk.signer_of(digest, bytes.fromhex(asked.signature)) != asked.account:
        raise Refused(f"the request is not signed by {asked.account}")
    case = _case_before(catalog, asked)
    secret = await _secret_here(desk, case, desk.answer(asked.answer))
    wrapped = trade.wrapper.wrap(secret, bytes.fromhex(asked.key), digest)
    return protocols.spell(protocols.KeyAnswer(wrapped.blob.hex(), wrapped.ephemeral.hex()))


def _case_before(catalog: Catalog, asked: JuryKeyRequest) -> CaseRecord:
    """The case a request is about, when its asker is on the panel that votes in it. Raises Refused."""
    case = next((one for one in catalog.cases.values() if one.id == asked.dispute), None)
    if case is None or case.answer is None or case.phase is not Phase.VOTING:
        raise Refused("nobody votes about such a dispute now")
    if Address(asked.account) not in case.panels[case.round].members:
        raise Refused(f"{asked.account} is not on its jury")
    charge = catalog.answers[case.answer].charge
    prior = catalog.answered.get(charge.prior) if charge is not None else None
    if asked.answer not in (case.answer, prior):
        raise Refused("the dispute is not about that sketch")
    return case


async def _secret_here(desk: BountyDesk, case: CaseRecord, record: AnswerRecord) -> bytes:
    if record.contributor == desk.trade.me:
        return _own_secret(desk, await note_of(desk, record))
    known = desk.secrets.get(record.id) if is_juror(desk, case) else None
    if known is None:
        raise NotFound("the secret of that sketch is not here")
    return known


def _own_secret(desk: BountyDesk, note: SealedNote) -> bytes:
    secret, point = desk.trade.wrapper.one_time_key(note.seed)
    if point.hex() != note.point:
        raise Corrupt("the sketch was sealed with another keyring", next_step="restore the keyring it was sealed with")
    return secret


async def _in_time(desk: BountyDesk, case: CaseRecord, record: AnswerRecord) -> tuple[Sketch, ...] | None:
    try:
        note = await note_of(desk, record)
        secret = await _asked_for(desk, case, record, note)
        return await _opened(desk, record, note, secret, *case.panels[case.round].members)
    except (Unavailable, Corrupt, NotFound) as cause:
        left = case.panels[case.round].commit_until - await desk.now()
        if isinstance(cause, Unavailable) and left > LAST_MOMENT:
            raise Unavailable(f"the sketch of answer {record.id} is not to be had: {cause.message}") from cause
        log.warning("no sealed sketch to judge by", extra={"answer": record.id, "reason": cause.message})
        return None


async def _asked_for(desk: BountyDesk, case: CaseRecord, record: AnswerRecord, note: SealedNote) -> bytes:
    """The secret of a sketch, from its owner's nodes or from those who sit on the same panel. Raises Unavailable."""
    if record.contributor == desk.trade.me:
        return _own_secret(desk, note)
    if record.id not in desk.secrets:
        found = await ask_each(
            _who_may_know(desk, case, record), lambda peer: ask_secret(desk, peer, case, record.id, note), "jury key"
        )
        if found is None:
            raise Unavailable("neither its owner nor anybody on the jury gives its key")
        desk.keep_secret(record.id, found[1])
    return desk.secrets[record.id]


def _who_may_know(desk: BountyDesk, case: CaseRecord, record: AnswerRecord) -> list[PeerId]:
    others = (one for one in case.panels[case.round].members if one != desk.trade.me)
    found = holders_of(desk.trade.belief.catalog, record.contributor, *others)
    return [peer for peer in dict.fromkeys(found) if peer != desk.files.peers.me]


async def ask_secret(desk: BountyDesk, peer: PeerId, case: CaseRecord, number: AnswerId, note: SealedNote) -> bytes:
    """The secret of an answer's sketch from one peer, held against its note. Raises Refused, Unavailable, Corrupt."""
    trade, peers = desk.trade, desk.files.peers
    at, record = await desk.now(), desk.answer(number)
    seed = hashlib.sha256(f"{JURY_KEY}/{case.id}/{number}/{peer}/{at}".encode()).digest()
    one_time, key = trade.wrapper.one_time_key(seed)
    bare = JuryKeyRequest(int(case.id), number >> 32, number & 0xFFFFFFFF, trade.me, key.hex(), at, "00" * 65)
    digest = bare.digest(chain=trade.chain.chain_id, asker=peers.me, answerer=peer)
    signed = {**protocols.spell(bare), "signature": desk.keyring.sign_digest(digest).hex()}
    answer = protocols.read(protocols.KeyAnswer, await peers.ask(peer, JURY_KEY, signed), "the answer")
    wrapped = Wrapped(bytes.fromhex(answer.wrapped), bytes.fromhex(answer.ephemeral))
    secret = trade.wrapper.unwrap(wrapped, one_time, digest)
    if trade.wrapper.shared_point(GENERATOR, secret).hex() != note.point:
        raise Corrupt(f"{peer} gave another key than answer {record.id} was committed to with")
    return secret


async def note_of(desk: BountyDesk, record: AnswerRecord) -> SealedNote:
    """What an answer published about its sealed sketch. Raises Unavailable, NotFound, Corrupt."""
    if record.shown is None or record.stage is AnswerStage.COMMITTED:
        raise NotFound(f"answer {record.id} was not shown")
    holders = holders_of(desk.trade.belief.catalog, record.contributor)
    named = await desk.files.bring(Cid.of(RAW, record.shown.sketch), holders, SealedNote.most)
    try:
        note = SealedNote.decode(named)
    except BadInput as cause:
        raise Corrupt(f"the note about the sealed sketch cannot be read: {cause.message}") from cause
    if note.asset != record.shown.asset or note.modality != desk.modality_of(record.id):
        raise Corrupt("the sealed sketch is said to be another asset's")
    return note


async def _opened(
    desk: BountyDesk, record: AnswerRecord, note: SealedNote, secret: bytes, *others: Address
) -> tuple[Sketch, ...]:
    """The sketches behind a note. They are in memory alone. Raises Corrupt, Unavailable."""
    holders = holders_of(desk.trade.belief.catalog, record.contributor, *others)
    sealed = await desk.files.bring(Cid.parse(note.sketch), holders, note.length)
    data = await trio.to_thread.run_sync(desk.parcels.open, sealed, secret, note.context)
    try:
        return await trio.to_thread.run_sync(unpack, note.modality, data)
    except BadInput as cause:
        raise Corrupt(f"the sealed sketch cannot be read: {cause.message}") from cause
