"""A sponsor asks for a room, Ana scans it and is paid; Mallory uploads it turned and mirrored, and loses her bond.

Four whole nodes on a local chain: nobody but the sponsor, Ana and Mallory says a word to theirs. Ana's node finds the
transform and challenges, Jon's judges by laying one sketch on the other. Windows are long, and the chain's clock jumps.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from compute_party import QUICK, member, until
from local_chain import local_chain
from rescans import log_of, recorded_again

from thenar.adapters import media
from thenar.adapters.chain.views import Views
from thenar.adapters.simulation import record_room
from thenar.demo.copier import turned_and_mirrored
from thenar.domain.bounty.answers import AnswerStage
from thenar.domain.ids import AskId
from thenar.domain.place import finer
from thenar.domain.work.disputes import Ruling
from thenar.errors import BadInput, NotFound, Refused
from thenar.services.bounty import answering, witnessing
from thenar.services.scoring import score

DOLLAR = 10**6
PATIENT = replace(
    QUICK,
    vote_window=1_200,
    ballot_window=1_200,
    appeal_window=1_200,
    seat_notice=40_000,
    smallest_panel=1,
    capture_answer_bond=5 * DOLLAR,
    capture_challenge_bond=20 * DOLLAR,
    capture_reveal_window=3_600,
    capture_challenge_window=7_200,
    beacon_every=16,
)
AREA, CELL, HOME_CELL = "8a2a1072b59ffff", "8c2a1072b59d1ff", "892a1072b5bffff"


@pytest.fixture
async def devnet(tmp_path):
    async with local_chain(tmp_path / "chain", block_time=0.5, parameters=PATIENT) as net:
        yield net


async def jump(devnet, seconds: int) -> None:
    """Let the chain's clock go forward."""
    await devnet.rpc.read("evm_increaseTime", seconds)
    await devnet.rpc.read("evm_mine")


async def answered(ask, bounty: int, scan: Path, **more: object) -> dict[str, object]:
    """Publish a scan and answer with it."""
    made = await ask("capture.add", path=str(scan))
    given = {"bounty": bounty, "asset": made["asset"], "path": str(scan), "cell": CELL, "level": "-1"}
    return await ask("bounty.answer", **(given | more))


def stages(shown) -> list[str]:
    return [one["stage"] for one in shown["list"]]


async def test_a_sponsor_asks_for_a_room_ana_is_paid_and_a_copier_loses_her_bond(devnet, tmp_path):
    async with AsyncExitStack() as stack:

        async def opened(name: str, **more: object):
            return await stack.enter_async_context(member(devnet, tmp_path / name, **more))

        rita, ask_rita = await opened("rita")
        ana, ask_ana = await opened("ana", near=rita)
        mallory, ask_mallory = await opened("mallory", near=rita)
        jon, ask_jon = await opened("jon", near=rita)
        assert (await ask_jon("bounty.judge", seats=1))["seats"] == 1
        made = record_room(tmp_path / "room.pcd", seed=7, rays=20_000)
        scan, copy = made.path, turned_and_mirrored(made.path, made.sidecar, tmp_path / "hers" / "room.pcd")
        wanted = {"place": "public_interior", "area": AREA, "grain": 12, "levels": "-1", "quality": "30%"}
        asked = await ask_rita("bounty.post", price="20", budget="200", **wanted)
        bounty = asked["bounty"]
        await until(ask_ana, "bounty.list", lambda told: len(told["bounties"]) == 1)
        (gap,) = (await ask_ana("bounty.gaps"))["gaps"]
        assert (gap["spots"], gap["covered_spots"], gap["missing"]) == (49, 0, "100%")
        place = {"cell": CELL, "level": "-1"}
        worth = await ask_ana("bounty.answer", bounty=bounty, path=str(scan), **place, dry=True)  # no asset yet
        assert (worth["novelty"], worth["compared_with"]) == ("100%", [])

        hers = await answered(ask_ana, bounty, scan)
        assert (hers["novelty"], hers["price"], hers["coverage"]) == ("100%", worth["price"], worth["coverage"])
        await until(ask_mallory, "bounty.show", lambda told: stages(told) == ["revealed"], bounty=bounty)
        with pytest.raises(Refused, match="nothing would be paid"):  # her own node would not let her
            await answered(ask_mallory, bounty, copy)
        held = await ask_mallory("account.show")
        await lie(mallory, bounty, copy)
        caught = await until(ask_rita, "bounty.show", lambda told: stages(told)[1:] == ["disputed"], 300, bounty=bounty)
        case = rita.belief.catalog.cases[caught["list"][1]["dispute"]]
        await until(ask_rita, "bounty.show", lambda _: case.ruling is Ruling.OTHER, 300, bounty=bounty)
        assert set(case.panels[0].revealed) == {jon.me}
        await jump(devnet, 1_200)
        done = await until(ask_rita, "bounty.show", lambda told: stages(told)[1:] == ["refuted"], bounty=bounty)
        assert held["account"] == "0.00"

        await jump(devnet, 7_200)
        paid = await until(ask_rita, "bounty.show", lambda told: stages(told)[0] == "settled", bounty=bounty)
        assert float(paid["list"][0]["paid"]) > 0
        assert ana.belief.catalog.accounts[ana.me] > 0
        bond = done["list"][1]["bond"]
        answer = rita.belief.catalog.answers[bounty << 32 | 1]
        assert (answer.stage, case.to_winner) == (AnswerStage.REFUTED, answer.bond // 2), bond
        assert mallory.belief.catalog.accounts.get(mallory.me, 0) == 0

        await jump(devnet, 10 * 86_400)
        over = await until(ask_rita, "bounty.show", lambda told: told["ends"] == "closed", bounty=bounty)
        assert over["left"] == "0.00"
        ledger = devnet.deployment.contracts["Ledger"]
        held = (await Views(devnet.rpc, devnet.deployment.contracts).wallet(ledger)).tokens
        assert held == int((await ask_rita("revenue.owed"))["units"])
        for node in (rita, ana, mallory, jon):
            assert await node.journal.failed_duties() == []


async def test_who_scans_a_place_again_bears_witness_by_himself(devnet, tmp_path):
    async with AsyncExitStack() as stack:

        async def opened(name: str, **more: object):
            return await stack.enter_async_context(member(devnet, tmp_path / name, **more))

        rita, ask_rita = await opened("rita")
        ana, ask_ana = await opened("ana", near=rita)
        ben, ask_ben = await opened("ben", near=rita)
        described = record_room(tmp_path / "any.pcd", seed=7, rays=20_000).path
        wanted = {"place": "public_interior", "area": AREA, "grain": 12, "levels": "-1", "quality": "20%"}
        wanted["needs_device"] = True
        bounty = (await ask_rita("bounty.post", price="20", budget="200", **wanted))["bounty"]
        devices = [(await ask("device.add", device="scanner", kind="scanner"))["device"] for ask in (ask_ana, ask_ben)]
        await until(ask_ana, "bounty.list", lambda told: len(told["bounties"]) == 1)

        scans = [recorded_again(described, tmp_path / f"{at}" / "room.pcd", 4, at) for at in range(2)]
        with pytest.raises(Refused, match="registered device"):
            await answered(ask_ana, bounty, scans[0])
        with pytest.raises(NotFound, match="no device"):
            await answered(ask_ana, bounty, scans[0], device="lost")
        first = await answered(ask_ana, bounty, scans[0], device="scanner")
        asset = (await ask_ana("capture.list", mine=True))["assets"][0]["asset"]
        await until(ask_ben, "bounty.show", lambda told: stages(told) == ["revealed"], bounty=bounty)
        again = await answered(ask_ben, bounty, scans[1], device="scanner")
        assert first["novelty"] == "100%" != again["novelty"]
        await until(ask_rita, "bounty.show", lambda told: stages(told) == ["revealed"] * 2, bounty=bounty)
        assert [one.shown.device for one in rita.belief.catalog.answers.values()] == devices
        with pytest.raises(Refused, match="must have been paid"):
            await ask_ben("capture.witness", asset=asset, dry=True)

        await jump(devnet, 7_200)
        seen = await until(ask_rita, "capture.witnesses", lambda told: told["trust"] == "70%", 300, asset=asset)
        assert seen["witnesses"] == [{"witness": ben.me, "weight": "30%"}]
        await until(
            ask_ana, "capture.witnesses", lambda told: told["trust"] == "70%" and not told["heard"], asset=asset
        )
        with pytest.raises(Refused, match="before"):
            await ask_ben("capture.witness", asset=asset)
        with pytest.raises(Refused, match="nothing of this account"):
            await ask_ana("capture.witness", asset=asset)
        for node in (rita, ana, ben):
            assert await node.journal.failed_duties() == []


def said_of(told) -> list[str]:
    return [one["stage"] for one in told["words"]]


async def test_a_witness_who_lies_is_accused_by_whoever_is_near_and_loses_what_answered_for_it(devnet, tmp_path):
    """Ben scanned another room. His own node says no word for Ana's; a node of his own making does."""
    async with AsyncExitStack() as stack:

        async def opened(name: str, **more: object):
            return await stack.enter_async_context(member(devnet, tmp_path / name, **more))

        rita, ask_rita = await opened("rita")
        ana, ask_ana = await opened("ana", near=rita)
        ben, ask_ben = await opened("ben", near=rita)
        jon, ask_jon = await opened("jon", near=rita)
        await ask_jon("bounty.judge", seats=1)
        described = record_room(tmp_path / "any.pcd", seed=7, rays=20_000).path
        scans = [recorded_again(described, tmp_path / "hers" / "room.pcd", 4, 0), described]
        wanted = {"place": "public_interior", "area": AREA, "grain": 12, "levels": "-1", "quality": "20%"}
        bounty = (await ask_rita("bounty.post", price="20", budget="200", **wanted))["bounty"]
        await until(ask_ana, "bounty.list", lambda told: len(told["bounties"]) == 1)
        await answered(ask_ana, bounty, scans[0])
        await until(ask_ben, "bounty.show", lambda told: stages(told) == ["revealed"], bounty=bounty)
        await answered(ask_ben, bounty, scans[1])
        await until(ask_ben, "bounty.show", lambda told: stages(told) == ["revealed"] * 2, bounty=bounty)
        await jump(devnet, 7_200)
        await until(ask_ben, "bounty.show", lambda told: stages(told) == ["settled"] * 2, bounty=bounty)
        seen, scan = ben.belief.catalog.answers.values()
        asset = seen.shown.asset
        with pytest.raises(Refused, match="bears no witness"):
            await ask_ben("capture.witness", asset=asset)
        stake = ben.belief.catalog.nodes[ben.me].stake

        found = await witnessing.compare(ben.bounty_desk, seen, scan)
        await witnessing.speak(ben.bounty_desk, replace(found.word, overlap=9_900))

        told = await until(ask_rita, "capture.words", lambda told: said_of(told) == ["disputed"], 300, asset=asset)
        case = rita.belief.catalog.cases[told["words"][0]["dispute"]]
        assert case.opening.other == ana.me
        await until(ask_rita, "capture.words", lambda _: case.ruling is Ruling.OTHER, 300, asset=asset)
        assert set(case.panels[0].revealed) == {jon.me}
        await jump(devnet, 1_200)
        told = await until(ask_rita, "capture.words", lambda told: said_of(told) == ["struck"], 300, asset=asset)
        assert told["trust"] == "40%"
        checked = await ask_rita("capture.words", asset=asset, check=True)
        assert checked["words"][0]["computed"] == "0%"
        assert rita.belief.catalog.nodes[ben.me].stake == stake - PATIENT.word_stake
        assert case.to_winner == PATIENT.word_stake // 2
        with pytest.raises(Refused, match="spoken for it before"):
            await ask_ben("capture.witness", asset=asset)
        for node in (rita, ana, ben, jon):
            assert await node.journal.failed_duties() == []


async def lie(node, bounty: int, scan: Path) -> None:
    """Answer with a copy as if nothing older had been there: what a node of one's own making can always do."""
    recorded, _ = media.read_recorded(scan)
    mine = next(one for one in node.belief.catalog.assets.values() if one.owner == node.me)
    scored = score(recorded, [])
    offered = answering.Offered(mine.id, int(CELL, 16), -1, (scored.sketch,), scored)
    await answering.answer(node.bounty_desk, node.bounty_desk.ask(AskId(bounty)), offered)


async def test_homes_are_neither_asked_for_finely_nor_answered_in_public(devnet, tmp_path):
    async with AsyncExitStack() as stack:
        _, ask = await stack.enter_async_context(member(devnet, tmp_path / "rita"))

        with pytest.raises(BadInput, match="private_home"):
            await ask("bounty.post", place="private_home", area=HOME_CELL, grain=10, price="20", budget="200")
        with pytest.raises(BadInput, match="level of a private home"):
            floors = {"area": "862a1072fffffff", "levels": "0:2"}
            await ask("bounty.post", place="private_home", price="20", budget="200", **floors)
        assert (await ask("bounty.list"))["bounties"] == []


async def test_a_gesture_a_list_and_an_age_are_asked_for_and_a_false_gesture_costs_the_bond(
    devnet, tmp_path, monkeypatch
):
    async with AsyncExitStack() as stack:

        async def opened(name: str, **more: object):
            return await stack.enter_async_context(member(devnet, tmp_path / name, **more))

        rita, ask_rita = await opened("rita")
        ana, ask_ana = await opened("ana", near=rita)
        _, ask_mallory = await opened("mallory", near=rita)
        _, ask_jon = await opened("jon", near=rita)
        assert (await ask_jon("bounty.judge", seats=1))["seats"] == 1
        beside = sorted(f"{cell:x}" for cell in finer(int(AREA, 16), 12) if cell != int(CELL, 16))
        wanted = {
            "place": "public_interior",
            "levels": "-1",
            "quality": "20%",
            "cells": f"{CELL},{beside[0]},{beside[5]}",
        }
        demands = {"needs_gesture": True, "max_age": "2h"}
        asked = await ask_rita("bounty.post", price="20", budget="200", **wanted, **demands)
        bounty = asked["bounty"]
        assert asked["cells"] == sorted([CELL, beside[0], beside[5]])
        await until(ask_ana, "bounty.list", lambda told: len(told["bounties"]) == 1)
        (gap,) = (await ask_ana("bounty.gaps"))["gaps"]
        assert gap["spots"] == 3 and not any(cell in str(gap) for cell in asked["cells"])

        drawn = await ask_ana("capture.gesture", bounty=bounty)
        assert (len(drawn["moves"]), drawn["answer_until"]) == (9, drawn["lit_at"] + 7_200)
        number = drawn["beacon"]
        moves = ana.belief.catalog.beacons[number].moves
        right = log_of(moves, tmp_path / "right.csv")
        wrong = log_of([(move + 1) % 4 for move in moves], tmp_path / "wrong.csv")
        assert (await ask_ana("capture.gesture", beacon=number, check=str(right)))["shows"] is True
        scan = record_room(tmp_path / "room.pcd", seed=7, rays=20_000).path
        with pytest.raises(Refused, match="begins with a gesture"):
            await answered(ask_ana, bounty, scan)
        with pytest.raises(Refused, match="does not begin with the gesture"):
            await answered(ask_ana, bounty, scan, beacon=number, gesture=str(wrong))
        with pytest.raises(BadInput, match="not what is asked for"):
            given = {"beacon": number, "gesture": str(right), "cell": beside[1]}
            await answered(ask_ana, bounty, scan, **given)
        hers = await answered(ask_ana, bounty, scan, beacon=number, gesture=str(right))
        assert hers["novelty"] == "100%"

        await until(ask_mallory, "bounty.show", lambda told: stages(told) == ["revealed"], bounty=bounty)
        other = recorded_again(scan, tmp_path / "hers" / "room.pcd", 4, 0)
        with monkeypatch.context() as her_own_node:
            her_own_node.setattr(answering, "require_gesture", lambda *_: None)
            await answered(ask_mallory, bounty, other, beacon=number, gesture=str(wrong))
        held = await until(ask_rita, "bounty.show", lambda told: stages(told)[1:] == ["disputed"], 300, bounty=bounty)
        case = rita.belief.catalog.cases[held["list"][1]["dispute"]]
        await until(ask_rita, "bounty.show", lambda _: case.ruling is Ruling.OTHER, 300, bounty=bounty)
        await jump(devnet, 8_400)
        done = await until(
            ask_rita, "bounty.show", lambda told: stages(told) == ["settled", "refuted"], 300, bounty=bounty
        )
        assert float(done["list"][0]["paid"]) > 0
