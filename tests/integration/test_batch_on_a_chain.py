"""A folder of episodes on a real chain: committed at once, one bought before it has a record, then given one."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import tomli_w
import trio
from captures import STREET_CELL
from command_line import PASSWORD, make_node

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import find_anvil, open_devnet
from thenar.assembly import open_node
from thenar.commands import run
from thenar.config import load
from thenar.errors import BadConfig, BadInput
from thenar.supervisor import running

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "biotacsp_bts3v2_palm_45.csv"
EPISODES = 150
QUICK = {"chain_confirmations": 0, "chain_deep": 0, "chain_poll_ms": 50, "store_pin": "none"}
STATED = {
    "time": {"start": "2026-11-21T10:00:00Z"},
    "place": {"class": "public_interior", "cell": f"{STREET_CELL:x}", "level": 2},
    "consent": {
        "subjects": ["none"],
        "purposes": ["train_research"],
        "biometric": False,
        "minors": False,
        "premises_permission": "public",
        "bystander_treatment": "none_present",
        "retention_days": 3650,
        "revocable": True,
        "jurisdiction": "DE-BY",
        "text": "We agree.",
    },
    "device": {"model": "biotac sp palm"},
}


@pytest.fixture
def episodes(tmp_path):
    """A folder of real grasps, a few rows of touch each."""
    if not SAMPLE.is_file():
        pytest.skip(f"no sample at {SAMPLE}: it holds real captured touch and is not part of the project")
    head, *rows = SAMPLE.read_text().splitlines()
    folder = tmp_path / "episodes"
    folder.mkdir()
    (folder / "capture.toml").write_text(tomli_w.dumps(STATED))
    for number in range(EPISODES):
        (folder / f"grasp{number:04}.csv").write_text("\n".join([head, *rows[number : number + 8]]) + "\n")
    return folder


@asynccontextmanager
async def living(folder: Path, devnet, **settings: object):
    """A running node on the chain, and a way to ask it."""
    chain = {"chain_rpc": devnet.rpc_url, "chain_deployment": str(devnet.deployment_file)}
    await trio.to_thread.run_sync(lambda: make_node(folder, **(chain | QUICK | settings)))
    account = json.loads((folder / "keys" / "account.json").read_text())["address"]
    await devnet.fund("0x" + account.lower().removeprefix("0x"))
    config, _ = load(folder, environment={})
    async with open_node(folder, config, PASSWORD) as node, running(node):

        async def ask(name: str, tell=lambda _: None, **arguments: object) -> dict[str, object]:
            with trio.fail_after(240):
                return await run(node, name, arguments, tell)

        yield node, ask


async def test_episodes_are_sold_one_by_one_before_they_have_records(tmp_path, episodes):
    try:
        find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    told: list[dict[str, object]] = []
    async with (
        open_devnet(
            tmp_path / "chain", block_time=0.2, parameters=Parameters(dispute_window=2, minimum_stake=100)
        ) as devnet,
        living(tmp_path / "ana", devnet) as (ana, ask_ana),
    ):
        bad = episodes / "grasp9999.csv"
        bad.write_text("no,such\ncolumns,here\n")
        with pytest.raises(BadInput):
            await ask_ana("capture.add-batch", path=str(episodes))
        bad.unlink()

        made = await ask_ana("capture.add-batch", told.append, path=str(episodes), price="0.05", title="Grasps")
        again = await ask_ana("capture.add-batch", path=str(episodes), title="Grasps")
        listed = await ask_ana("capture.members", batch=made["batch"])

        assert (made["members"], made["batch"], made["gas"] <= 105_000) == (EPISODES, again["batch"], True)
        assert told[-1] == {"label": "recordings sealed", "done": EPISODES, "total": EPISODES}
        assert len(listed["members"]) == EPISODES
        async with living(tmp_path / "ben", devnet, p2p_bootstrap=tuple(ana.peers.addresses)) as (ben, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            member = listed["members"][17]["asset"]
            sale = await ask_ben("license.buy", asset=f"{made['batch']}/17", wait=True, patience=120)
            await ask_ben("capture.fetch", asset=member, into=str(tmp_path / "opened.csv"))
            allowed = await ask_ben("license.check", asset=member, purposes="train")

            assert (sale["stage"], sale["key"], sale["asset"]) == ("settled", True, member)
            assert (tmp_path / "opened.csv").read_bytes() == (episodes / "grasp0017.csv").read_bytes()
            assert allowed["allowed"] is True

            given = await ask_ana("capture.materialise", batch=made["batch"], index=17)
            await ask_ben("capture.show", asset=member)
            still = await ask_ben("license.check", asset=member, purposes="train")

            assert given["asset"] == member
            assert ben.belief.catalog.assets[member].owner == ana.me
            assert still["allowed"] is True
