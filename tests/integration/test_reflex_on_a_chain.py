"""The reflex arc between whole nodes on a chain: served, hired, paid, ended by either side, and a liar convicted."""

from __future__ import annotations

from contextlib import asynccontextmanager

import numpy as np
import pytest
import trio
from living import living, meet, settle_in
from local_chain import local_chain
from policies import random_layers, write_policy

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import find_anvil, open_devnet
from thenar.commands.infer import robot_key, until_served
from thenar.domain.ids import asset_id
from thenar.domain.reflex.channels import CONVICTED
from thenar.errors import BadConfig, NotFound, Refused, Reverted
from thenar.services.reflex import house
from thenar.services.reflex.robot import Hiring, hired

WIDTH = 8


@pytest.fixture
async def devnet(tmp_path):
    given = Parameters(dispute_window=2, minimum_stake=100, exit_window=3, longest_channel=900, evidence_window=2)
    async with local_chain(tmp_path / "chain", block_time=0.2, parameters=given) as net:
        yield net


@asynccontextmanager
async def served(devnet, tmp_path):
    """Ana answers with a policy of her own for 0.01 a call; Ben's robot is about to ask."""
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none", infer_redemption_cost="0.001")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    async with living(ana_home) as (ana, ask_ana):
        meet(ana, ben_home)
        async with living(ben_home) as (ben, ask_ben):
            await ask_ana("node.register", stake="100")
            path = write_policy(tmp_path / "policy.onnx", random_layers(WIDTH, 4))
            terms = {"purposes": "eval,compute_only", "share": "30%"}
            made = await ask_ana("model.add", path=str(path), title="Policy", parents=[], **terms)
            policy = str(made["asset"])
            await ask_ana("infer.serve", model=policy, price="10.00", stake="50")
            await until_served(ana, asset_id(policy))
            yield (ana, ask_ana), (ben, ask_ben), policy


async def test_a_robot_is_answered_and_its_node_draws_what_was_signed(devnet, tmp_path):
    async with served(devnet, tmp_path) as ((ana, ask_ana), (_, ask_ben), policy):
        offers = (await ask_ben("infer.offers", model=policy, patience=30))["offers"]
        told = await ask_ben("infer.bench", model=policy, rate=20, seconds=2, nodes=1, deposit="2", max_price="10")
        listed = await with_a_voucher(ask_ana)
        (channel,) = listed["channels"]
        drawn = await ask_ana("infer.redeem", channel=channel["channel"])
        again = await ask_ana("infer.redeem", channel=channel["channel"])
        closed = await ask_ana("infer.close", channel=channel["channel"])

        assert [(one["node"], one["price"], one["stake"]) for one in offers] == [(ana.me, "10.00", "50.00")]
        assert offers[0]["on_chain_us"] > 0
        assert (offers[0]["attested_us"], offers[0]["measured_us"]) == (None, None)
        assert sum(told["by_node"].values()) == told["calls"] == 40
        calls = channel["voucher_calls"]
        assert calls >= 15  # the probes at least, whatever a busy machine missed
        assert drawn["drawn"] == channel["voucher"] == f"{calls / 100:.2f}"
        assert again["drawn"] == "0.00"
        assert closed["settled"]
        assert listed["services"][0]["state"] == "serving"
        assert ana.belief.catalog.income_of(asset_id(policy)).received == calls * 10_000 * 3 // 10
        assert (await ask_ana("account.show"))["account"] == f"{calls * 7 / 1000:.3f}".rstrip("0").ljust(4, "0")


async def test_what_a_robot_measured_reaches_who_trusts_it_and_nobody_else(devnet, tmp_path, monkeypatch):
    monkeypatch.setattr(house, "ATTEST_EVERY", 1.0)
    async with served(devnet, tmp_path) as ((ana, _), (ben, ask_ben), policy):
        await ask_ben("node.register", stake="100")
        chidi_home = await settle_in(devnet, tmp_path / "chidi", store_pin="none")
        meet(ana, chidi_home)
        trusting = (chidi_home / "thenar.toml").read_text()
        (chidi_home / "thenar.toml").write_text(trusting.replace("# trust = []", f'trust = ["{ben.peers.me}"]'))
        async with living(chidi_home) as (chidi, ask_chidi):
            await ask_ben("infer.bench", model=policy, rate=20, seconds=1, nodes=1, deposit="2", max_price="10")
            with trio.fail_after(60):
                while not chidi.house.attested(ana.peers.me, asset_id(policy)):
                    ben.house.record_of(ana.peers.me).is_fresh = True  # says it again: gossip may not be joined yet
                    await trio.sleep(0.5)
            (offer,) = (await ask_chidi("infer.offers", model=policy, patience=30))["offers"]

        assert chidi.house.trusted == {ben.peers.me}
        assert offer["attested_us"] > 0
        assert offer["measured_us"] is None
        assert ana.house.heard == {}


async def test_a_client_leaves_after_the_exit_window_and_the_node_redeems_by_itself(devnet, tmp_path):
    async with served(devnet, tmp_path) as (_, (ben, ask_ben), policy):
        await ask_ben("infer.bench", model=policy, rate=20, seconds=1, nodes=1, deposit="2", max_price="10")
        (number,) = ben.belief.catalog.channels
        topped = await ask_ben("infer.topup", channel=number, amount="1")
        await ask_ben("infer.close", channel=number)

        def settled(catalog):
            return catalog.channels[number] if catalog.channels[number].settled else None

        record = await ben.belief.until(settled, seconds=60, what="the end of the channel")
        assert topped["deposit"] == "3.00"
        assert record.channel.redeemed > 0
        assert (await ask_ben("account.show"))["account"] != "0.00"


async def test_who_may_not_serve_is_told_why(devnet, tmp_path):
    async with served(devnet, tmp_path) as ((_, ask_ana), (ben, ask_ben), policy):
        with pytest.raises((NotFound, Reverted, Refused)):
            await ask_ben("infer.serve", model=policy, price="1")
        stopped = await ask_ana("infer.stop", model=policy)
        listed = await ask_ana("infer.list")

        assert stopped["stake"] == "50.00"
        assert listed["services"][0]["state"] == "retired"
        await ben.belief.until(
            lambda catalog: all(not one.runs for one in catalog.services.values()) or None,
            seconds=30,
            what="the retirement",
        )
        with pytest.raises(NotFound, match="nobody offers"):
            hiring = Hiring(asset_id(policy), 0.05, 1_000_000, 10_000_000, nodes=1, patience=0.5)
            async with hired(ben.house, robot_key(ben), hiring):
                pass


async def test_the_stake_of_a_retired_node_comes_free_by_itself(tmp_path):
    try:
        find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    given = Parameters(dispute_window=2, minimum_stake=100, exit_window=1, longest_channel=1, evidence_window=1)
    async with (
        open_devnet(tmp_path / "chain", block_time=0.2, parameters=given) as net,
        served(net, tmp_path) as ((ana, ask_ana), _, policy),
    ):
        await ask_ana("infer.stop", model=policy)
        await ana.belief.until(lambda catalog: not catalog.services or None, seconds=60, what="the end of the service")

        assert ana.belief.catalog.nodes[ana.me].bound == 0


async def test_a_node_that_gives_two_answers_loses_its_stake_to_the_robot(devnet, tmp_path):
    async with served(devnet, tmp_path) as ((ana, _), (ben, ask_ben), policy):
        answering = ana.house.answering[asset_id(policy)]
        answering.engine = Fickle(answering.engine)
        hiring = Hiring(asset_id(policy), 0.05, 2_000_000, 10_000_000, nodes=1)
        async with hired(ben.house, robot_key(ben), hiring) as caller:
            (route,) = caller.routes
            felt = np.ones(WIDTH, np.float32).tobytes()
            route.sample(felt)
            await caller.act(felt, trio.current_time() + 10)
            await route.settle_up()
            route.ask_again()
            with trio.fail_after(20):
                while route.evidence is None:
                    await route.settle_up()
                    await trio.sleep(0.05)

        key = (ana.me, asset_id(policy))
        found = await ben.belief.until(
            lambda catalog: catalog.services[key] if not catalog.services[key].stake else None,
            seconds=60,
            what="the conviction",
        )
        assert found.leaves_at == CONVICTED
        assert (await ask_ben("account.show"))["account"] == "25.00"


async def with_a_voucher(ask):
    """What a node lists once the robot's last voucher is on its disk: the robot saw it arrive, no more."""
    with trio.fail_after(20):
        while True:
            listed = await ask("infer.list")
            if listed["channels"][0]["voucher"] is not None:
                return listed


class Fickle:
    """An engine whose every second run is touched up."""

    def __init__(self, honest):
        self._honest, self._runs = honest, 0

    @property
    def shape(self):
        return self._honest.shape

    async def run(self, observations):
        self._runs += 1
        found = await self._honest.run(observations)
        return found if self._runs % 2 else [bytes([action[0] ^ 1]) + action[1:] for action in found]
