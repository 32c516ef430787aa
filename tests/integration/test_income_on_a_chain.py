"""Income between whole nodes: fingertips of a batch are paid, omissions found, and nobody is asked for permission."""

from __future__ import annotations

import pytest
import trio
from living import living, meet, model, settle_in
from local_chain import local_chain
from recordings import pcd_ascii

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.views import View, Views
from thenar.adapters.simulation.stated import Scene, write_sidecar
from thenar.domain import sumtree
from thenar.domain.actions import PublishPayout
from thenar.domain.revenue import Plan
from thenar.domain.statements import LicenseSet
from thenar.services.ports import one_part

FINGERS = 5


@pytest.fixture
async def devnet(tmp_path):
    given = Parameters(dispute_window=2, minimum_stake=100, challenge_window=60, answer_window=2)
    async with local_chain(tmp_path / "chain", block_time=0.2, parameters=given) as net:
        yield net


async def until(node, found, seconds: float = 60.0):
    """Wait until the catalog answers something."""
    return await node.belief.until(lambda catalog: found(catalog) or None, seconds=seconds, what="what the test awaits")


async def test_a_node_proves_by_itself_that_its_capture_was_left_out(devnet, tmp_path):
    """Ben learns from Ana's model and states that he learned from nothing; her node has the bond before she looks."""
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    async with living(ana_home) as (ana, ask_ana):
        meet(ana, ben_home)
        async with living(ben_home) as (ben, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            hers = await model(ask_ana, tmp_path, "skin.bin", price="2.00")
            await ask_ben("license.buy", asset=hers, wait=True, patience=60, max_price="2.00")
            await next_second(ben)  # only a license of an earlier second must be named
            his = await model(ask_ben, tmp_path, "policy.bin")
            filled = await ask_ben("account.deposit", amount="30.00")
            await publish_nothing(ben, his, bond=10_000_000)
            verdict = await until(ana, lambda catalog: catalog.income_of(his).convictions.get(1))

            assert filled["account"] == "30.00"
            assert (verdict.omitted, verdict.challenger, verdict.slashed) == (hers, ana.me, 10_000_000)
            assert (await ask_ana("account.show"))["account"] == "5.00"
            assert ana.belief.catalog.income_of(hers).received == 2_000_000 + 5_000_000

            honest = await ask_ben("revenue.publish", asset=his, licenses=True, bond="1.00")
            await until(ben, lambda catalog: not catalog.income_of(his).frozen)

            assert (honest["payout"], honest["licenses"], honest["shares"]) == (2, 1, 1)
            again = await ask_ana("revenue.omission", asset=his, payout=2)
            assert (again["omitted"], again["proved"]) == (None, False)


async def next_second(node) -> None:
    """Wait until the chain's clock shows a later second."""
    began = (await node.chain.head()).timestamp
    with trio.fail_after(30):
        while (await node.chain.head()).timestamp <= began:  # noqa: ASYNC110 — the chain rings no bell
            await trio.sleep(0.1)


async def publish_nothing(node, asset: str, bond: int) -> None:
    """Publish a payout to its owner whose license set is empty, which this node's own command would not do."""
    scope = sumtree.Scope(node.chain.chain_id, node.chain.contract("RevenueGraph"), asset, 1)
    account = sumtree.Share(sumtree.Beneficiary.ACCOUNT, bytes(12) + bytes.fromhex(node.me[2:]), 1)
    tree = sumtree.SumTree.build(scope, [account])
    stored = await node.store.add(one_part(sumtree.encode(sumtree.Published(scope, [account]))))
    nothing = LicenseSet.of(())
    plan = Plan(tree.root, 1, tree.depth, stored.root.digest, nothing.root, 0, bond)
    await node.trade.seen(await node.outbox.send(f"cheat/{asset}", PublishPayout(asset, plan)))


async def test_fingertips_of_a_batch_are_paid_to_whoever_asks_nobody(devnet, tmp_path):
    """Ana commits to a folder; Ben shares a dataset among its members; Ana's node finds the tree and claims each."""
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    episodes, stated = write_episodes(tmp_path / "episodes")
    async with living(ana_home) as (ana, ask_ana):
        meet(ana, ben_home)
        async with living(ben_home) as (_, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            batch = str((await ask_ana("capture.add-batch", path=str(episodes), description=str(stated)))["batch"])
            listed = (await ask_ana("capture.members", batch=batch))["members"]
            dataset = await model(ask_ben, tmp_path, "dataset.bin", kind="dataset")
            rows = "".join(f"{one['asset']},{at + 1}\n" for at, one in enumerate(listed))
            (tmp_path / "weights.csv").write_text("beneficiary,weight\n" + rows)
            published = await ask_ben("revenue.publish", asset=dataset, file=str(tmp_path / "weights.csv"))
            await ask_ben("revenue.pay", asset=dataset, amount="15.00")
            await ana.catch_up()

            claimed = await ask_ana("revenue.claim")

            assert (published["shares"], claimed["leaves"], claimed["passed_over"]) == (FINGERS, "15.00", [])
            assert len(claimed["transactions"]) == 1
            views = Views(devnet.rpc, devnet.deployment.contracts)
            assert await views.one(View("AssetRegistry", "count", {}, int)) == 2  # the batch and the dataset: no member


def write_episodes(folder):
    """A folder of small scans that all differ, and the one description of them all."""
    folder.mkdir()
    for number in range(FINGERS):
        pcd_ascii(folder / f"finger-{number}.pcd", [(at, number, at * number) for at in range(1, 40)])
    scene = Scene("spatial", "tips of fingers", "room", 4, (1, 1, 1), "fingertips", "1", 1)
    return folder, write_sidecar(folder.parent / "episodes.pcd", scene)
