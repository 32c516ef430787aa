"""Ana's capture earns: every node computes the same root, a wrong one is refuted by itself, and the claim pays.

Three whole nodes on a local chain, whose clock jumps: Rita asks for a room, Ana scans it, Jon and Rita judge. Nobody
says a word to a node about epochs but `judge` and `claim`; Mallory has only an account, and a root of her own.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from compute_party import QUICK, member, until
from local_chain import local_chain

from thenar.adapters.chain import codec
from thenar.adapters.chain.abi import function
from thenar.adapters.chain.calls import call_of, token_call
from thenar.adapters.simulation import record_room
from thenar.domain import actions as a
from thenar.domain.epochs.tree import RewardTree
from thenar.domain.ids import Address, DisputeId
from thenar.domain.work.disputes import Ruling
from thenar.errors import Corrupt, NotFound

DOLLAR = 10**6
LENGTH, WINDOW = 40_000, 4_000
PATIENT = replace(
    QUICK,
    vote_window=1_200,
    ballot_window=1_200,
    appeal_window=1_200,
    seat_notice=40_000,
    smallest_panel=1,
    capture_reveal_window=3_600,
    capture_challenge_window=7_200,
    epoch_length=LENGTH,
    epoch_window=WINDOW,
    epoch_bond=20 * DOLLAR,
)
AREA, CELL = "8a2a1072b59ffff", "8c2a1072b59d1ff"
MALLORY = Address("0x" + "5a" * 20)


@pytest.fixture
async def devnet(tmp_path):
    async with local_chain(tmp_path / "chain", block_time=0.5, parameters=PATIENT) as net:
        yield net


async def jump(devnet, seconds: int) -> None:
    """Let the chain's clock go forward with the next block."""
    await devnet.rpc.read("evm_increaseTime", seconds)


async def sent_by_mallory(devnet, *actions: a.Action) -> None:
    """Transactions of an account without a node, all in the next block."""
    contracts = devnet.deployment.contracts
    for action in actions:
        call = call_of(action, contracts)
        given = {"from": MALLORY, "to": call.to, "data": "0x" + call.data.hex(), "gas": hex(1_000_000)}
        await devnet.rpc.read("eth_sendTransaction", given)


async def enriched(devnet) -> None:
    """Mallory has money in the Ledger."""
    contracts = devnet.deployment.contracts
    await devnet.fund(MALLORY)
    await devnet.rpc.read("anvil_impersonateAccount", MALLORY)
    approved = token_call("approve", contracts, spender=contracts["Ledger"], value=2**200)
    given = {"from": MALLORY, "to": approved.to, "data": "0x" + approved.data.hex(), "gas": hex(200_000)}
    await devnet.rpc.read("eth_sendTransaction", given)
    await sent_by_mallory(devnet, a.Deposit(MALLORY, 40 * DOLLAR))


async def reward_of(devnet, who: Address) -> int:
    """ThenarToken units an account has."""
    data = codec.encode_call(function("ThenarToken", "balanceOf"), {"account": who})
    at = devnet.deployment.contracts["ThenarToken"]
    return int(await devnet.rpc.read("eth_call", {"to": at, "data": "0x" + data.hex()}, "latest"), 16)


async def captured(ask_sponsor, ask, folder) -> None:
    """Ana answers the sponsor's bounty with a scan; it can be settled once its window is over."""
    wanted = {"place": "public_interior", "area": AREA, "grain": 12, "levels": "-1", "quality": "30%"}
    bounty = (await ask_sponsor("bounty.post", price="20", budget="200", **wanted))["bounty"]
    await until(ask, "bounty.list", lambda told: len(told["bounties"]) == 1)
    scan = record_room(folder / "room.pcd", seed=7, rays=20_000).path
    made = await ask("capture.add", path=str(scan))
    await ask("bounty.answer", bounty=bounty, asset=made["asset"], path=str(scan), cell=CELL, level="-1")
    await until(ask, "bounty.show", lambda told: told["list"][0]["stage"] == "revealed", bounty=bounty)


def state_of(told, epoch: int) -> str:
    found = [one["state"] for one in told["epochs"] if one["epoch"] == epoch]
    return found[0] if found else "none"


async def test_all_nodes_compute_one_root_a_wrong_one_is_refuted_and_the_claim_pays(devnet, tmp_path):
    async with AsyncExitStack() as stack:

        async def opened(name: str, **more: object):
            return await stack.enter_async_context(member(devnet, tmp_path / name, **more))

        rita, ask_rita = await opened("rita")
        ana, ask_ana = await opened("ana", near=rita)
        jon, ask_jon = await opened("jon", near=rita)
        for ask in (ask_jon, ask_rita):  # two: whoever is the first to contest a root does not judge it
            assert (await ask("epoch.judge", seats=1))["seats"] == 1
        await enriched(devnet)
        await captured(ask_rita, ask_ana, tmp_path)
        with pytest.raises(NotFound, match="no root is settled"):
            await ask_ana("epoch.claim")
        await jump(devnet, 7_200)
        await until(ask_ana, "bounty.show", lambda told: told["list"][0]["stage"] == "settled", bounty=1)

        await jump(devnet, LENGTH)
        await until(ask_rita, "epoch.list", lambda told: state_of(told, 1) == "proposed")
        built = [await ask("epoch.build", epoch=1) for ask in (ask_rita, ask_ana, ask_jon)]
        assert len({one["root"] for one in built}) == 1
        assert (await ask_ana("epoch.verify", epoch=1))["agrees"]
        await jump(devnet, WINDOW + 400)
        await until(ask_ana, "epoch.list", lambda told: state_of(told, 1) == "settled")
        claimed = await ask_ana("epoch.claim")
        due = ana.belief.catalog.epochs.due(1)[ana.me]
        assert await reward_of(devnet, ana.me) == due > 0
        with pytest.raises(NotFound, match="all it is due"):
            await ask_ana("epoch.claim")
        earned = await ask_ana("earnings.show")
        (reward,) = (one for one in earned["list"] if one["source"] == "epoch rewards, spatial")
        assert (reward["units"], earned["claimed"]) == (str(due), claimed["claimed"])
        assert {one["source"] for one in earned["list"]} == {"capture bounty", "epoch rewards, spatial"}

        wrong = RewardTree.build(ana.epoch_desk.place, 2, {MALLORY: 10**22, ana.me: due}).root
        await until(ask_rita, "epoch.list", lambda told: state_of(told, 2) == "running")
        await jump(devnet, LENGTH)
        await sent_by_mallory(devnet, a.CloseEpoch(), a.ProposeRoot(wrong))
        contested = await until(ask_rita, "epoch.list", lambda told: "dispute" in state_of(told, 2))
        assert contested["epochs"][1]["root"] == "0x" + wrong.root.hex()
        with pytest.raises(Corrupt, match="has root"):
            await ask_jon("epoch.verify", epoch=2)
        case = rita.belief.catalog.cases[DisputeId(1)]
        await until(ask_rita, "epoch.list", lambda _: case.ruling is not Ruling.NONE, 300)
        assert case.ruling is Ruling.OTHER
        await jump(devnet, 1_200)
        done = await until(ask_rita, "epoch.list", lambda told: state_of(told, 2) == "settled", 300)
        assert done["epochs"][1]["root"] == (await ask_jon("epoch.build", epoch=2))["root"]
        assert (await ask_ana("epoch.verify", epoch=2))["agrees"]
        challenger = case.opening.other
        assert challenger in (rita.me, ana.me, jon.me)
        await until(ask_rita, "epoch.list", lambda _: rita.belief.catalog.accounts.get(challenger, 0) >= 30 * DOLLAR)
        assert rita.belief.catalog.accounts[MALLORY] == 20 * DOLLAR
        for node in (rita, ana):
            assert await node.journal.failed_duties() == []
