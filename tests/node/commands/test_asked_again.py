"""Whoever asks again after a crash, an hour later, has asked once: for jobs, for captures, and to answer."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from paper_executor import PAPER
from touches import publication, touch_of
from town import open_town
from work_town import open_work_town

from thenar.adapters.vault.keyring import signer_of
from thenar.adapters.vault.parcels import Parcels
from thenar.commands import bounties as capture_bounties
from thenar.commands import jobs
from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.bounty.answers import answer_id
from thenar.domain.bounty.sealed import forms_of
from thenar.domain.ids import AskId, TermsId
from thenar.errors import Refused, Reverted
from thenar.services.bounty import answering
from thenar.services.bounty.answering import Offered
from thenar.services.bounty.desk import BountyDesk
from thenar.services.publish import publish_asset
from thenar.services.scoring import score
from thenar.services.work.jobfiles import Files

HOUR = 3_600
JOB = f"""
[job]
kind = "wasm"
class = "0x{PAPER.hex()}"
units = 4
segments = 5
segment = 1000

[work]
module = "m.wasm"

[pay]
price = "0.01"
audit = "30%"
"""
TOUCH = {"modality": "tactile", "subject": "soft objects", "price": "5", "budget": "200"}
BOND = 1_000_000


class Crash(BaseException):
    """The process ended here."""


def dies_after(outbox, kind: type) -> None:
    """The process ends as soon as an action of a kind was mined, before anybody hears of it."""
    mine = outbox._mine

    def once(key, action):
        receipt = mine(key, action)
        if isinstance(action, kind):
            outbox._mine = mine
            outbox.crash.append(Crash())
        return receipt

    outbox._mine = once


def quietly(_: dict[str, object]) -> None:
    """Nobody looks at progress."""


@pytest.fixture
async def workers(tmp_path):
    async with open_work_town(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("canaries", [0, 2])
@pytest.mark.parametrize("request_id", [None, "job 1"])
async def test_a_job_is_posted_once(workers, tmp_path, canaries, request_id):
    rita = await workers.hand("rita", works=False)
    (tmp_path / "m.wasm").write_bytes(b"a module")
    (tmp_path / "job.toml").write_text(JOB)
    node = SimpleNamespace(
        bench=rita.bench,
        store=rita.person.store,
        belief=rita.person.belief,
        me=rita.me,
        decimals=6,
        trade_for=lambda request: replace(rita.person.trade, request=request),
    )
    said = {"path": str(tmp_path / "job.toml"), "canaries": canaries, "request": request_id}

    dies_after(rita.person.outbox, a.CreateBounty)
    with pytest.raises(Crash):
        await jobs.post_job(node, said, quietly)
    workers.chain.timestamp += HOUR
    told = await jobs.post_job(node, said, quietly)

    assert told["deadline"] < workers.chain.timestamp + 24 * HOUR - 60
    assert sum(isinstance(one, a.CreateBounty) for one in rita.person.outbox.actions) == 1


class Sponsors:
    """A town whose chain takes capture bounties and answers."""

    def __init__(self, town) -> None:
        self.town, self.refuses = town, False

    async def desk(self, name: str) -> BountyDesk:
        person = await self.town.person(name)
        person.outbox.effects = self.effects
        key = name.encode().ljust(32, b"\1")
        self.town.tell([f.NodeRegistered(self.where, person.me, key, 31, 10**9)], self.town.chain.block)
        files, parcels = Files(person.store, person.peers), Parcels(person.keyring.wrapper())
        return BountyDesk(person.trade, files, BOND, BOND, BOND, 32, person.keyring, parcels, signer_of)

    @property
    def where(self) -> f.At:
        return f.At(self.town.chain.block, len(self.town.history), "0x", f.at.TxHash("0x"))

    def effects(self, who, action, where):
        catalog, now = self.town.people[0].belief.catalog, self.town.chain.timestamp
        match action:
            case a.PostAsk(ask=ask):
                yield f.CapturesAsked(where, AskId(len(catalog.asks) + 1), who, ask, now)
            case a.CommitAnswer(bounty=number, commitment=commitment):
                if self.refuses:
                    raise Reverted("CaptureBounties_NothingLeft")
                given = answer_id(number, len(catalog.asks[number].answers))
                yield f.AnswerCommitted(where, given, who, commitment, BOND, now, now + 600)
            case _:
                yield from self.town.effects(who, action, where)


@pytest.fixture
async def sponsors(tmp_path):
    async with open_town(tmp_path) as opened:
        opened.chain.timestamp = 1_800_000_000
        yield Sponsors(opened)


async def asked(desk: BountyDesk, **more: object) -> dict[str, object]:
    node = SimpleNamespace(
        bounty_desk=desk,
        belief=desk.trade.belief,
        me=desk.trade.me,
        decimals=6,
        trade_for=lambda request: replace(desk.trade, request=request),
    )
    return await capture_bounties.post_ask(node, TOUCH | more, quietly)


@pytest.mark.parametrize("request_id", [None, "ask 1"])
async def test_captures_are_asked_for_once(sponsors, request_id):
    rita = await sponsors.desk("rita")

    dies_after(rita.trade.outbox, a.PostAsk)
    with pytest.raises(Crash):
        await asked(rita, request=request_id)
    sponsors.town.chain.timestamp += HOUR
    told = await asked(rita, request=request_id)

    assert told["bounty"] == 1
    assert list(rita.trade.belief.catalog.asks) == [1]


async def test_captures_are_asked_for_twice_when_they_are(sponsors):
    rita = await sponsors.desk("rita")

    told = [await asked(rita), await asked(rita)]

    assert [one["bounty"] for one in told] == [1, 2]


async def offered(desk: BountyDesk, folder, name: str = "touch") -> Offered:
    """A recording of one's own, published."""
    recorded, person = touch_of(name), desk.trade
    made = await publish_asset(
        publication(recorded, folder / f"{name}.bin", TermsId(1)),
        person.me,
        sealer=person.sealer,
        store=desk.files.store,
        journal=person.journal,
        outbox=person.outbox,
        belief=person.belief,
    )
    return Offered(made.asset, 0, 0, forms_of(recorded), score(recorded, ()))


@pytest.fixture
async def two_asks(sponsors, monkeypatch):
    """Two bounties for touch, and somebody who may answer; what is asked for in words binds nobody."""
    rita, ana = await sponsors.desk("rita"), await sponsors.desk("ana")
    await asked(rita)
    await asked(rita, subject="hard objects")

    async def nothing(*_):
        return None

    monkeypatch.setattr("thenar.services.bounty.conditions.subject_of", nothing)
    monkeypatch.setattr(answering, "be_present", nothing)
    return ana


async def test_a_bounty_is_answered_once(sponsors, two_asks, tmp_path):
    ana, one = two_asks, await offered(two_asks, tmp_path)

    dies_after(ana.trade.outbox, a.CommitAnswer)
    with pytest.raises(Crash):
        await answering.answer(ana, ana.ask(AskId(1)), one)
    sponsors.town.chain.timestamp += 60
    record, _ = await answering.answer(ana, ana.ask(AskId(1)), one)
    sent = len(ana.trade.outbox.actions)
    again, _ = await answering.answer(ana, ana.ask(AskId(1)), one)

    assert record == again
    assert len(ana.trade.outbox.actions) == sent
    assert list(ana.trade.belief.catalog.answers) == [record.id]


async def test_one_capture_does_not_answer_two_bounties_at_a_time(sponsors, two_asks, tmp_path):
    ana, one = two_asks, await offered(two_asks, tmp_path)
    record, _ = await answering.answer(ana, ana.ask(AskId(1)), one)

    with pytest.raises(Refused, match="bounty 1 is being answered with"):
        await answering.answer(ana, ana.ask(AskId(2)), one)
    sponsors.town.tell([f.AnswerLapsed(sponsors.where, record.id, ana.trade.me, BOND)], sponsors.town.chain.block)
    other, _ = await answering.answer(ana, ana.ask(AskId(2)), one)

    assert other.commitment != record.commitment


async def test_what_the_chain_refused_is_committed_to_anew(sponsors, two_asks, tmp_path):
    ana, one = two_asks, await offered(two_asks, tmp_path)

    sponsors.refuses = True
    with pytest.raises(Reverted):
        await answering.answer(ana, ana.ask(AskId(1)), one)
    sponsors.refuses = False
    await answering.answer(ana, ana.ask(AskId(2)), one)

    commitments = [sent.commitment for sent in ana.trade.outbox.actions if isinstance(sent, a.CommitAnswer)]
    assert len(set(commitments)) == 2
