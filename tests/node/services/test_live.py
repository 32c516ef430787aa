"""Epochs of live streams: cut and stated once, received and checked, stopped when they fail, settled by either side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from thenar.adapters.vault.keyring import signer_of
from thenar.domain import facts as f
from thenar.domain import protocols
from thenar.domain.ids import StreamId
from thenar.domain.live import EpochRecord, LiveStream
from thenar.errors import BadInput, NotFound, Refused, Reverted, Unavailable
from thenar.services import live
from thenar.services.receiving import Receiving, why_stopped
from thenar.services.restored import RESTORED
from thenar.services.streaming import Streaming, set_source

RATE, EPOCH, GRACE = 10, 100, 20
ONE = StreamId(1)


@dataclass
class Studio:
    """Ana streams, ben receives; the chain's time is where it is put, in seconds after the opening."""

    town: object
    ana: object
    ben: object
    streaming: Streaming
    receiving: Receiving
    source: object
    asset: str
    opened_at: int

    def at(self, second: int) -> None:
        self.town.chain.timestamp = self.opened_at + second

    async def record(self, name: str, text: bytes) -> None:
        (self.source / name).write_bytes(text)

    async def both_look(self, second: int) -> None:
        self.at(second)
        await self.streaming.look()
        self.at(second)
        await self.receiving.look()

    @property
    def stream(self) -> LiveStream:
        return self.ana.belief.catalog.live[ONE].stream

    @property
    def held(self):
        return self.ben.belief.catalog.live[ONE].subscriptions[self.ben.me]

    def received(self) -> list[bytes]:
        folder = self.receiving.folder / "1"
        return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.exists() else []


@pytest.fixture
async def studio(town, tmp_path):
    ana, ben = await town.person("ana"), await town.person("ben")
    made = await ana.publish(b"a hand that was recorded " * 100)
    await ben.hear_of(made.asset, ana)
    opened = await live.open_stream(ana.trade, made.asset, 1, RATE, EPOCH)
    source = tmp_path / "records"
    source.mkdir()
    await set_source(ana.trade, opened.id, source)
    streaming = Streaming(ana.trade, ana.store, ana.keyring, tmp_path / "cut")
    ben.peers.neighbours[ana.peers.me] = {protocols.EPOCHS: streaming.epochs, protocols.KEY: streaming.key}
    receiving = Receiving(ben.trade, ben.store, ben.peers, signer_of, tmp_path / "got", GRACE)
    ready = Studio(town, ana, ben, streaming, receiving, source, made.asset, opened.stream.opened_at)
    ready.at(50)
    await live.subscribe(ben.trade, ONE, 5_500, RATE)
    return ready


async def test_what_is_there_when_an_epoch_ends_is_received_in_order(studio):
    await studio.record("1.csv", b"early,1\n")
    await studio.both_look(100)  # epoch 0, before ben's first
    await studio.record("3.csv", b"c\n")
    await studio.record("2.csv", b"b\n")
    await studio.record(".4.csv", b"hidden\n")
    await studio.record("5.csv.part", b"half\n")
    await studio.both_look(150)
    assert studio.received() == []
    await studio.both_look(200)
    await studio.record("6.csv", b"d\n")
    await studio.both_look(301)

    assert studio.received() == [b"b\nc\n", b"d\n"]
    assert studio.held.runs


async def test_a_restored_node_states_nothing_about_the_time_before(studio):
    """The node it was restored from may have stated epoch 1 after the backup: twice would cost its stake."""
    await studio.ana.journal.put(RESTORED, str(studio.opened_at + 201).encode())
    await studio.record("1.csv", b"before\n")
    await studio.record("2.csv", b"after\n")

    for second in (205, 300, 305):
        studio.at(second)
        await studio.streaming.look()
    assert await studio.ana.journal.names("live/epoch/1/") == []
    studio.at(400)
    await studio.streaming.look()

    assert await studio.ana.journal.names("live/epoch/1/") == ["live/epoch/1/000000003"]


async def test_a_deposit_is_cut_down_to_whole_epochs_and_runs_from_the_next_one(studio):
    assert (studio.held.deposit, studio.held.since) == (5_000, studio.opened_at + 100)
    with pytest.raises(BadInput, match="no epoch"):
        await live.subscribe(studio.ana.trade, ONE, 999, None)
    with pytest.raises(Refused, match="above 9"):
        await live.subscribe(studio.ana.trade, ONE, 5_000, 9)
    with pytest.raises(NotFound):
        await live.subscribe(studio.ana.trade, StreamId(7), 5_000, None)


async def test_an_epoch_that_does_not_come_ends_the_subscription_after_the_grace(studio):
    await studio.both_look(200 + GRACE - 1)
    assert studio.held.runs

    await studio.both_look(200 + GRACE)

    assert not studio.held.runs
    assert studio.held.until - studio.held.since <= EPOCH + GRACE + 2
    assert "epoch 1 did not come" in await why_stopped(studio.ben.trade, ONE, studio.held.since)


def lie(studio, protocol: str, **changes: object) -> None:
    """Let ana's node answer with some fields changed."""
    honest = studio.ben.peers.neighbours[studio.ana.peers.me]

    async def changed(asker, request):
        return {**await honest[protocol](asker, request), **changes}

    studio.ben.peers.neighbours[studio.ana.peers.me] = {**honest, protocol: changed}


async def test_a_wrong_key_ends_the_subscription_at_once(studio):
    lie(studio, protocols.KEY, wrapped="00" * 32)
    await studio.record("1.csv", b"a\n")

    await studio.both_look(200)

    assert not studio.held.runs
    assert "not the one its seller stated" in await why_stopped(studio.ben.trade, ONE, studio.held.since)
    assert studio.received() == []


async def test_an_unsigned_record_counts_as_none(studio):
    lie(studio, protocols.EPOCHS, signature="11" * 64 + "1b")
    await studio.record("1.csv", b"a\n")

    await studio.both_look(200)
    assert studio.held.runs
    await studio.both_look(200 + GRACE)

    assert not studio.held.runs


async def test_a_record_that_contradicts_its_blocks_ends_the_subscription_at_once(studio):
    await studio.record("1.csv", b"a\n")
    studio.at(200)
    await studio.streaming.look()
    told = await studio.streaming.epochs(studio.ben.peers.me, {"stream": 1, "epoch": 1})
    record = protocols.read(protocols.EpochAnswer, told, "it").record
    false = replace(record, enc=replace(record.enc, plain_root="0x" + "12" * 32))
    desk = studio.ana.trade.chain.contract(live.DESK)
    signature = studio.ana.keyring.sign_digest(false.digest(studio.town.chain.chain_id, desk))
    lie(studio, protocols.EPOCHS, **protocols.spell(protocols.EpochAnswer(false, signature.hex())))

    await studio.receiving.look()

    assert not studio.held.runs
    assert "plain root" in await why_stopped(studio.ben.trade, ONE, studio.held.since)
    assert studio.received() == []


async def ask_key(studio, epoch: int, who=None) -> dict[str, object]:
    return await studio.streaming.key(
        studio.ben.peers.me, {"stream": 1, "subscriber": who or studio.ben.me, "epoch": epoch}
    )


async def test_a_key_is_given_for_what_was_paid_and_has_ended_and_nothing_else(studio):
    for second in (100, 200, 700):
        await studio.record(f"{second}.csv", b"x\n")
        studio.at(second)
        await studio.streaming.look()
    studio.at(199)
    with pytest.raises(Unavailable):
        await ask_key(studio, 1)
    studio.at(200)

    assert await ask_key(studio, 1)
    with pytest.raises(Refused, match="not paid"):
        await ask_key(studio, 0)
    with pytest.raises(Refused, match="not paid"):
        await ask_key(studio, 6)
    with pytest.raises(NotFound, match="nothing was stated"):
        studio.at(300)
        await ask_key(studio, 2)
    with pytest.raises(NotFound):
        await ask_key(studio, 1, who=studio.ana.me)
    studio.town.tell([f.ConsentChanged(studio.held.begun, studio.asset, 1, studio.opened_at + 250, bytes(32))], 90)
    with pytest.raises(Refused, match="consent"):
        await ask_key(studio, 1)


async def test_a_fresh_subscription_waits_for_confirmations(studio):
    studio.streaming.deep = 3
    await studio.record("1.csv", b"x\n")
    studio.at(200)
    await studio.streaming.look()
    studio.town.chain.block = studio.held.begun.block + 2

    with pytest.raises(Unavailable):
        await ask_key(studio, 1)
    studio.town.chain.block += 1
    assert await ask_key(studio, 1)


async def test_an_epoch_is_stated_once_also_after_a_crash(studio):
    await studio.record("1.csv", b"a\n")
    studio.at(200)
    await studio.streaming.look()
    first = await studio.streaming.epochs(studio.ben.peers.me, {"stream": 1, "epoch": 1})
    # As if the record had not reached the disk: signed, but not remembered.
    await studio.ana.journal.put("live/epoch/1/000000001", b"")
    again = Streaming(studio.ana.trade, studio.ana.store, studio.ana.keyring, studio.streaming.folder)
    again._newest[ONE] = (-1, "")
    await studio.record("2.csv", b"b\n")

    await again.look()
    assert again._newest[ONE] == (1, "")
    studio.at(300)
    await again.look()

    told = protocols.read(
        protocols.EpochAnswer, await again.epochs(studio.ben.peers.me, {"stream": 1, "epoch": 2}), "it"
    )
    assert isinstance(told.record, EpochRecord)
    assert told.record.files[0].bytes == 4
    assert told.signature != first["signature"]


async def test_a_restarted_node_goes_on_where_it_was_on_both_sides(studio):
    await studio.record("1.csv", b"a\n")
    await studio.both_look(200)
    streaming = Streaming(studio.ana.trade, studio.ana.store, studio.ana.keyring, studio.streaming.folder)
    studio.receiving._next.clear()
    studio.streaming = streaming
    studio.ben.peers.neighbours[studio.ana.peers.me] = {
        protocols.EPOCHS: streaming.epochs,
        protocols.KEY: streaming.key,
    }
    await studio.record("2.csv", b"b\n")

    await studio.both_look(300)

    assert studio.received() == [b"a\n", b"b\n"]


async def test_what_has_ended_is_settled_by_whoever_looks_first(studio):
    for number in range(1, 6):
        await studio.record(f"{number}.csv", b"x\n")
        await studio.both_look(100 + number * EPOCH)

    assert not studio.held.runs
    assert (studio.held.paid, studio.held.until) == (5_000, studio.opened_at + 600)
    studio.ana.outbox.refuse.append(Reverted("gone", name="LiveDesk_NotRunning"))
    await live.settle_if_running(studio.ana.trade, studio.ana.belief.catalog.live[ONE], replace(studio.held, since=1))


async def test_stopping_collecting_and_topping_up(studio):
    studio.at(250)
    receipts = await live.collect(studio.ana.trade, ONE)
    await live.top_up(studio.ben.trade, ONE, 1_000)
    assert (len(receipts), studio.held.deposit) == (1, 6_000)
    assert studio.held.paid == studio.ben.belief.catalog.debt_of(ONE, studio.ben.me, studio.opened_at + 251)

    await live.stop(studio.ben.trade, ONE)
    await live.stop(studio.ana.trade, ONE)

    assert not studio.held.runs
    assert studio.stream.closed_at
    with pytest.raises(Refused, match="neither sells"):
        await live.stop(studio.ben.trade, ONE)


async def test_a_missing_source_folder_stops_nothing_else(studio):
    await set_source(studio.ana.trade, ONE, studio.source / "gone")

    await studio.both_look(200)

    assert studio.held.runs
