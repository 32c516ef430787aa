"""Whole nodes keep an owner's ciphertexts and prove it; one that lost half of its disk and still answers is caught."""

from __future__ import annotations

import pytest
import trio
from living import living, meet, settle_in
from local_chain import local_chain

from thenar.adapters.chain.blueprint import Parameters
from thenar.domain.ids import Address, Cid
from thenar.domain.storage.pledges import positions
from thenar.errors import Corrupt, NotFound
from thenar.services.storing import proving

LENGTH = 120
MINIMUM = "100"


@pytest.fixture
async def devnet(tmp_path):
    parameters = Parameters(round_length=LENGTH, answer_time=LENGTH // 4, show_time=20)
    async with local_chain(tmp_path / "chain", block_time=0.5, parameters=parameters) as net:
        yield net


async def until(holds, seconds: float = 90) -> None:
    with trio.fail_after(seconds):
        while True:
            if holds():
                return
            await trio.sleep(0.2)


async def next_round(devnet, node) -> int:
    """Go to just after the beginning of the next round; returns its number."""
    await node.catch_up()
    terms, head = node.belief.catalog.storage_terms, await node.chain.head()
    round_ = terms.round_at(head.timestamp) + 1
    await devnet.pass_time(terms.began(round_) + 1 - head.timestamp)
    return int(round_)


async def sell_space(ask, amount: str = "20") -> None:
    await ask("node.register", stake=MINIMUM)
    await ask("account.deposit", amount=amount)


def lose_every_second_block(home, node, root: bytes) -> None:
    """What a disk loses: every second block file of a replica's DAG but its root."""
    top = Cid.parse(node.belief.catalog.replicas[root].cid)
    files = sorted(path for path in (home / "store" / "blocks").glob("*/b*") if path.name != str(top))
    for path in files[::2]:
        path.unlink()


async def test_who_lost_half_and_answers_all_the_same_is_caught(devnet, tmp_path, monkeypatch):
    homes = {who: await settle_in(devnet, tmp_path / who, store_pin="none") for who in ("ana", "ben", "mallory")}
    async with living(homes["ana"]) as (ana, ask_ana):
        await sell_space(ask_ana)
        (tmp_path / "policy").write_bytes(bytes(range(256)) * 8_000)
        made = await ask_ana("model.add", path=str(tmp_path / "policy"), title="policy", share="10%")
        listed = await ask_ana("storage.replicate", asset=made["asset"], copies=2)
        first, second = [one["replica"] for one in listed["replicas"]]
        assert first != second
        for who in ("ben", "mallory"):
            meet(ana, homes[who])
        async with living(homes["ben"]) as (ben, ask_ben), living(homes["mallory"]) as (mallory, ask_mallory):
            await sell_space(ask_ben)
            await sell_space(ask_mallory)
            await ask_ben("storage.take", replicas=[first])
            taken = await ask_mallory("storage.take", replicas=[second])
            assert taken["pledged_leaves"] == listed["replicas"][1]["leaves"]

            round_ = await next_round(devnet, ana)
            stores = ana.belief.catalog.stores
            await until(lambda: all(round_ in stores[node.me].answers for node in (ben, mallory)))
            assert all(stores[node.me].proved(round_) is not None for node in (ben, mallory))

            lose_every_second_block(homes["mallory"], mallory, bytes.fromhex(second[2:]))
            shown = await ask_mallory("storage.show", check=200)
            assert shown["lost"] == [second] and shown["warning"]
            answer_without_data(monkeypatch, mallory.me)

            caught = await rounds_until_caught(devnet, ana, mallory.me)

            record = stores[mallory.me]
            assert record.bond == 0 and record.proved(caught) is None
            assert stores[ben.me].bond > 0 and stores[ben.me].proved(caught) is not None
            await ben_mends(ask_ben, homes["ben"], ben, first)


async def test_who_keeps_what_is_withdrawn_gives_it_up_and_misses_no_round(devnet, tmp_path):
    homes = {"ana": await settle_in(devnet, tmp_path / "ana"), "ben": await settle_in(devnet, tmp_path / "ben")}
    async with living(homes["ana"]) as (ana, ask_ana):
        await sell_space(ask_ana)
        made = [await publish(ask_ana, tmp_path / name) for name in ("gone", "left")]
        meet(ana, homes["ben"])
        async with living(homes["ben"]) as (ben, ask_ben):
            await sell_space(ask_ben)
            roots = [await replica_of(ask_ana, one["asset"]) for one in made]
            await ask_ben("storage.take", replicas=roots)
            gone, left = (bytes.fromhex(root[2:]) for root in roots)
            round_ = await next_round(devnet, ana)
            store, kept = ana.belief.catalog.stores[ben.me], ana.belief.catalog.kept

            await ask_ana("capture.withdraw", asset=made[0]["asset"], yes=True)

            await until(lambda: round_ in store.answers and set(kept[ben.me]) == {left})
            await until(lambda: [one.root for one in store.pledges[-1].replicas] == [left])
            round_ = await next_round(devnet, ana)
            await until(lambda: round_ in store.answers)
            assert store.proved(round_) is not None and not store.missed
            cids = [Cid.parse(ana.belief.catalog.replicas[root].cid) for root in (gone, left)]
            with trio.fail_after(90):
                while cids[0] in await ben.store.pins():  # noqa: ASYNC110 - a duty
                    await trio.sleep(0.2)
            assert cids[1] in await ben.store.pins()


async def publish(ask, path) -> dict[str, str]:
    """A small file of its own."""
    path.write_bytes(path.name.encode() * 20_000)
    return dict(await ask("model.add", path=str(path), title=path.name, share="10%", notice_days=0))


async def replica_of(ask, asset: str) -> str:
    """The sealed file, listed to be kept."""
    return str((await ask("storage.replicate", asset=asset, copies=1))["replicas"][0]["replica"])


async def rounds_until_caught(devnet, ana, node: Address) -> int:
    """Rounds go by until a demand was not met: with half gone one round is enough but once in 256 times."""
    stores = ana.belief.catalog.stores
    while True:
        round_ = await next_round(devnet, ana)
        await until(lambda round_=round_: round_ in stores[node].answers)
        await until(lambda round_=round_: bool(stores[node].demands) or is_lucky(ana, node, round_))
        if stores[node].demands:
            await devnet.pass_time(25)
            await until(lambda round_=round_: round_ in stores[node].convicted)
            return round_


def is_lucky(ana, node: Address, round_: int) -> bool:
    """Whether a round asked for nothing that was lost."""
    pledge, seed = ana.belief.catalog.stores[node].pledge_in(round_), ana.belief.catalog.rounds[round_].seed
    asked = positions(seed, node, pledge.pledged.leaves)
    return not any(position in LOST for position in asked)


LOST: set[int] = set()
"""Positions whose leaf the forger could not read."""


def answer_without_data(monkeypatch, node: Address) -> None:
    """Let a node's program make up the leaves its disk does not give, and mend nothing."""
    honest = proving._leaf

    async def forged(stock, root, index):
        if stock.trade.me != node:
            return await honest(stock, root, index)
        try:
            return await proving.leaf_of(stock, root, index)
        except (NotFound, Corrupt):
            LOST.add(index)
            return bytes(1024), (bytes(32),) * 8

    monkeypatch.setattr(proving, "_leaf", forged)


async def ben_mends(ask, home, node, replica: str) -> None:
    """What Ben's disk lost comes back from Ana's."""
    lose_every_second_block(home, node, bytes.fromhex(replica[2:]))
    hurt = await ask("storage.show", check=200, mend=True)
    healed = await ask("storage.show", check=200)

    assert hurt["lost"] == [replica] and healed["lost"] == []
