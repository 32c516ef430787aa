"""Nodes that answer what the model does not give, between whole nodes on a chain: found by running calls again.

Mallory's node is wrong and always the same, so that it never contradicts itself. Ben has a license of the model, and
so has Jon, who judges. Nobody but Ben says a word to his node.
"""

from __future__ import annotations

import struct
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
import trio
from compute_party import QUICK, member, until
from local_chain import local_chain
from policies import random_layers, write_policy

from thenar.commands.infer import robot_key, until_served
from thenar.commands.trials import bond_of, watching
from thenar.domain.ids import asset_id
from thenar.domain.reflex.channels import CONVICTED
from thenar.domain.reflex.evidence import Evidence
from thenar.domain.work.disputes import Ruling
from thenar.errors import NotFound
from thenar.services.reflex import trials
from thenar.services.reflex.robot import Hiring, hired

DOLLAR = 10**6
WINDOWS = replace(
    QUICK,
    dispute_window=2,
    seat_notice=40_000,
    smallest_panel=1,
    longest_channel=3_600,
    evidence_window=3_600,
    call_bond=20 * DOLLAR,
    defence_window=20,
)
STAKE = 50


class Liar:
    """An engine that is wrong in its first number, by always the same amount."""

    def __init__(self, honest):
        self._honest = honest

    @property
    def shape(self):
        return self._honest.shape

    async def run(self, observations):
        found = await self._honest.run(observations)
        return [struct.pack("<f", struct.unpack("<f", one[:4])[0] + 0.25) + one[4:] for one in found]


@pytest.fixture
async def devnet(tmp_path):
    async with local_chain(tmp_path / "chain", block_time=0.3, parameters=WINDOWS) as net:
        yield net


@asynccontextmanager
async def town(devnet, tmp_path):
    """Mallory owns a policy and answers with it; Ben and Jon have licenses of it, and Jon sits as a juror."""
    async with AsyncExitStack() as stack:

        async def opened(name, **more):
            return await stack.enter_async_context(member(devnet, tmp_path / name, **more))

        mallory, ask_mallory = await opened("mallory")
        ben, ask_ben = await opened("ben", near=mallory)
        jon, ask_jon = await opened("jon", near=mallory)
        path = write_policy(tmp_path / "policy.onnx", random_layers(8, 16, 4))
        terms = {"purposes": "eval,compute_only", "share": "30%", "price": "1"}
        made = await ask_mallory("model.add", path=str(path), title="Policy", parents=[], **terms)
        policy = str(made["asset"])
        for ask in (ask_ben, ask_jon):
            sale = await ask("license.buy", asset=policy, max_price="1", wait=True, patience=100)
            assert sale["stage"] == "settled"
        assert (await ask_jon("infer.judge", model=policy, seats=1))["seats"] == 1
        await ask_mallory("infer.serve", model=policy, price="1.00", stake=str(STAKE))
        await until_served(mallory, asset_id(policy))
        yield (mallory, ask_mallory), (ben, ask_ben), (jon, ask_jon), policy


def lies(node, policy):
    """Let a node be wrong from now on."""
    answering = node.house.answering[asset_id(policy)]
    answering.engine = Liar(answering.engine)


async def judged(node, seconds=120):
    """The first accusation, once it is over."""
    return await node.belief.until(
        lambda catalog: next((one for one in catalog.accusations.values() if one.ruling), None),
        seconds=seconds,
        what="a ruling",
    )


async def test_an_honest_node_is_found_right(devnet, tmp_path):
    async with town(devnet, tmp_path) as (_, (ben, ask_ben), _, policy):
        told = await ask_ben("infer.check", model=policy, calls=8, nodes=1, max_price="1", challenge=True)

        assert (told["wrong"], told["accused"]) == ([], False)
        assert [(one["signed"], one["wrong"]) for one in told["nodes"]] == [(8, 0)]
        assert not ben.belief.catalog.accusations
        with pytest.raises(NotFound, match="no evidence"):
            await ask_ben("infer.challenge", evidence="00" * 32)


async def test_a_constant_liar_is_found_accused_and_convicted_by_who_holds_the_model(devnet, tmp_path):
    async with town(devnet, tmp_path) as ((mallory, ask_mallory), (ben, ask_ben), (jon, _), policy):
        lies(mallory, policy)
        told = await ask_ben("infer.check", model=policy, calls=4, nodes=1, max_price="1")
        assert (len(told["wrong"]), told["accused"], told["nodes"][0]["signed"]) == (4, False, 4)
        held = (await ask_ben("account.show"))["account"]

        accused = await ask_ben("infer.challenge", evidence=told["wrong"][0]["evidence"])

        record = await judged(ben)
        assert (accused["node"], accused["bond"]) == (mallory.me, "20.00")
        case = ben.belief.catalog.cases[record.dispute]  # Mallory's node called a jury by itself
        assert (record.ruling, set(case.panels[0].revealed)) == (Ruling.OTHER, {jon.me})
        service = ben.belief.catalog.services[mallory.me, asset_id(policy)]
        assert (service.stake, service.leaves_at) == (0, CONVICTED)
        shown = await until(ask_ben, "account.show", lambda now: now["account"] != held)
        assert shown["account"] == "45.00"  # the bond, and half of the stake
        listed = await ask_mallory("infer.list")
        assert listed["services"][0]["state"] == "convicted"
        assert [(one["accuser"], one["state"]) for one in listed["accusations"]] == [(ben.me, "convicted")]


async def test_a_robot_that_has_the_model_accuses_by_itself(devnet, tmp_path):
    async with town(devnet, tmp_path) as ((mallory, _), (ben, _), _, policy):
        lies(mallory, policy)
        hiring = Hiring(asset_id(policy), 0.5, 2 * DOLLAR, 10 * DOLLAR, nodes=1)
        async with (
            watching(ben, hiring.model, bond_of(ben), lambda _: None) as watch,
            hired(ben.house, robot_key(ben), hiring, watch=watch) as caller,
        ):
            felt = struct.pack("<8f", *(0.1 * number for number in range(8)))
            await caller.act(felt, trio.current_time() + 20)

        record = await judged(ben)
        assert (record.ruling, record.accuser, record.accused.node) == (Ruling.OTHER, ben.me, mallory.me)
        assert len(ben.house.liars) == 1


async def test_a_node_falsely_accused_calls_a_jury_and_has_half_of_the_bond(devnet, tmp_path):
    async with town(devnet, tmp_path) as ((mallory, ask_mallory), (ben, ask_ben), _, policy):
        lies(mallory, policy)
        told = await ask_ben("infer.check", model=policy, calls=1, nodes=1, max_price="1")
        name = told["wrong"][0]["evidence"]
        found = await trials.evidence_named(ben.trade, name)
        false = Evidence(found.shown, found.observation, found.answer, 1, struct.pack("<f", 7.0))
        before = (await ask_mallory("account.show"))["account"]
        await trials.accuse(ben.trade, false, bond_of(ben))

        record = await judged(ben)

        assert record.ruling is Ruling.CLAIM  # what is wrong is another number
        shown = await until(ask_mallory, "account.show", lambda now: now["account"] != before)
        assert float(shown["account"]) - float(before) == 10.0
