"""A storing node is killed with SIGKILL while a round asks it, and while an answer is demanded: it loses nothing.

With either store; and when the disk gives back other bytes than were stored on it, it says so and mends them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from kubo import kubo_daemon
from living import living, move_in, settle_in
from local_chain import local_chain

from thenar.adapters.chain.blueprint import Parameters
from thenar.demo.cast import Person
from thenar.domain.actions import DemandAnswer

LENGTH = 960  # seconds of the chain; waiting for a round is skipped
PATIENCE = 200


@pytest.fixture
async def devnet(tmp_path):
    parameters = Parameters(round_length=LENGTH, answer_time=LENGTH // 4, show_time=LENGTH // 2)
    async with local_chain(tmp_path / "chain", block_time=0.5, parameters=parameters) as net:
        yield net


async def until(holds) -> None:
    with trio.fail_after(PATIENCE):
        while True:
            if holds():
                return
            await trio.sleep(0.1)


@pytest.fixture(params=["embedded", "kubo"])
def kept_in(request, tmp_path):
    """Where Ben keeps what he keeps: settings of his node, and the folder of its blocks."""
    if request.param == "embedded":
        yield {}, tmp_path / "ben" / "store" / "blocks"
        return
    with kubo_daemon(tmp_path, online=True) as daemon:
        yield {"store_kind": "kubo", "store_kubo_api": daemon.api}, daemon.repository / "blocks"


async def test_a_killed_node_answers_its_round_and_shows_what_it_answered(devnet, tmp_path, kept_in, running_in):
    home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    async with living(home) as (ana, ask_ana):
        await ask_ana("node.register", stake="100")
        await ask_ana("account.deposit", amount="20")
        (tmp_path / "policy").write_bytes(bytes(range(256)) * 4_000)
        made = await ask_ana("model.add", path=str(tmp_path / "policy"), title="policy", share="10%")
        listed = await ask_ana("storage.replicate", asset=made["asset"], copies=2)
        ben = await move_in(devnet, "Ben", tmp_path / "ben", ana, **kept_in[0])
        try:
            await ben.ask("node.register", print_nothing, stake="100")
            taken = await ben.ask("storage.take", print_nothing, replicas=[listed["replicas"][1]["replica"]])
            store, round_ = ana.belief.catalog.stores[ben.account], int(taken["since_round"])
            await pass_to(devnet, ana, round_)
            await until(lambda: round_ in ana.belief.catalog.rounds and ana.belief.catalog.rounds[round_].seed)
            await ben.kill()
            await ben.start()
            await until(lambda: round_ in store.answers)
            await ben.kill()
            await ana.outbox.send(f"test-demand/{round_}", DemandAnswer(ben.account, 5))
            await ben.start()
            await until(lambda: (round_, 5) in store.demands and store.demands[round_, 5].over)

            assert store.proved(round_) is not None
            assert store.bond == ana.belief.catalog.storage_terms.gib_stake
            await a_lying_disk_is_told_and_mended(ben, kept_in[1])
        finally:
            await ben.stop()
    assert running_in(tmp_path / "ben") == []


def turn_bits_over(blocks: Path) -> int:
    """Change a byte of every large block behind the node's back; returns how many there were."""
    hurt = [path for path in blocks.rglob("*") if path.is_file() and path.stat().st_size > 200_000]
    for path in hurt:
        data = bytearray(path.read_bytes())
        data[100_000] ^= 1
        path.chmod(0o600)
        path.write_bytes(data)
    return len(hurt)


async def a_lying_disk_is_told_and_mended(ben: Person, blocks: Path) -> None:
    """A warning names the replica, and the owner's blocks heal it."""
    hurt = await trio.to_thread.run_sync(turn_bits_over, blocks)

    told = await ben.ask("storage.show", print_nothing, check=200, mend=True)
    healed = await ben.ask("storage.show", print_nothing, check=200)

    assert hurt and told["lost"] and "the disk lies" in str(told["warning"])
    assert healed["lost"] == [] and healed["warning"] == ""


def print_nothing(_: dict[str, object]) -> None:
    """Progress nobody watches."""


async def pass_to(devnet, ana, round_: int) -> None:
    """Go to just after the beginning of a round."""
    began = ana.belief.catalog.storage_terms.began(round_)
    await devnet.pass_time(began + 1 - (await ana.chain.head()).timestamp)
