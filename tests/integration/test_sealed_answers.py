"""Touch is answered with, copied and judged, and nobody but the jury ever has the sketch.

Four whole nodes on a local chain. Ana answers a bounty for touch; Mallory, who has Ana's file, cuts it and answers too.
Nobody can see that her sketch is Ana's. Ana challenges her blindly, Jon is drawn, his node is given both keys by those
whose sketches they are, and finds a copy. The sketch is in no file and in no answer of any node.
"""

from __future__ import annotations

import json
import shutil
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from compute_party import QUICK, member, until
from local_chain import local_chain

from thenar.adapters import media
from thenar.adapters.simulation import record_hand
from thenar.domain.bounty.sealed import forms_of, pack
from thenar.domain.work.disputes import Ruling
from thenar.errors import Refused
from thenar.services.bounty import answering

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
)


@pytest.fixture
async def devnet(tmp_path):
    async with local_chain(tmp_path / "chain", block_time=0.5, parameters=PATIENT) as net:
        yield net


async def jump(devnet, seconds: int) -> None:
    await devnet.rpc.read("evm_increaseTime", seconds)
    await devnet.rpc.read("evm_mine")


def stages(told) -> list[str]:
    return [one["stage"] for one in told["list"]]


def cut(touch: Path, into: Path) -> Path:
    """The same touch from its second half second on, as its thief publishes it."""
    head, *rows = touch.read_text().splitlines(keepends=True)
    into.parent.mkdir()
    into.write_text(head + "".join(rows[50:]))
    for beside in ("capture.toml", "layout.toml"):
        shutil.copy(touch.with_name(f"{touch.name}.{beside}"), into.with_name(f"{into.name}.{beside}"))
    return into


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".csv")


async def answered(ask, bounty: int, touch: Path) -> dict[str, object]:
    made = await ask("capture.add", path=str(touch))
    return made | await ask("bounty.answer", bounty=bounty, asset=made["asset"], path=str(touch))


async def test_a_copied_touch_is_judged_sealed_and_its_copier_loses_her_bond(devnet, tmp_path):
    async with AsyncExitStack() as stack:

        async def opened(name: str, **more: object):
            return await stack.enter_async_context(member(devnet, tmp_path / name, **more))

        rita, ask_rita = await opened("rita")
        ana, ask_ana = await opened("ana", near=rita)
        mallory, ask_mallory = await opened("mallory", near=rita)
        mallory.bench.bonds = replace(mallory.bench.bonds, most=0)  # she does not appeal
        jon, ask_jon = await opened("jon", near=rita)
        await ask_jon("bounty.judge", seats=1)
        touch = record_hand(tmp_path / "grasp.csv", seed=7, seconds=3).path
        wanted = {"modality": "tactile", "subject": "an egg", "quality": "10%", "captures": 3}
        bounty = (await ask_rita("bounty.post", price="20", budget="200", **wanted))["bounty"]
        await until(ask_ana, "bounty.list", lambda told: len(told["bounties"]) == 1)

        hers = await answered(ask_ana, bounty, touch)
        await until(ask_mallory, "bounty.show", lambda told: stages(told) == ["revealed"], bounty=bounty)
        again = await ask_ana("bounty.answer", bounty=bounty, asset=hers["asset"], path=str(touch), dry=True)
        assert (hers["novelty"], again["novelty"]) == ("100%", "0%")  # her own she can open
        stolen = await answered(ask_mallory, bounty, cut(touch, tmp_path / "hers" / "grasp.csv"))
        assert stolen["novelty"] == "100%"  # for all that she can see
        await until(ask_ana, "bounty.show", lambda told: stages(told) == ["revealed"] * 2, bounty=bounty)
        with pytest.raises(Refused, match="nothing of this account"):
            await ask_mallory("capture.witness", asset=hers["asset"])

        about = {"bounty": bounty, "place": 1, "prior": hers["asset"]}
        told = await ask_ana("bounty.challenge", dry=True, **about)
        assert "sealed" in told["verdict"]
        await ask_ana("bounty.challenge", **about)
        caught = await until(ask_rita, "bounty.show", lambda told: stages(told)[1:] == ["disputed"], bounty=bounty)
        case = rita.belief.catalog.cases[caught["list"][1]["dispute"]]
        await until(ask_rita, "bounty.show", lambda _: case.ruling is Ruling.OTHER, 300, bounty=bounty)
        assert set(case.panels[0].revealed) == {jon.me}
        assert set(jon.bounty_desk.secrets) == {bounty << 32, bounty << 32 | 1}
        await jump(devnet, 1_200)
        await until(ask_rita, "bounty.show", lambda told: stages(told)[1:] == ["refuted"], bounty=bounty)

        await jump(devnet, 7_200)
        paid = await until(ask_rita, "bounty.show", lambda told: stages(told)[0] == "settled", bounty=bounty)
        assert float(paid["list"][0]["paid"]) > 0
        won = [one for one in (await ask_ana("earnings.show"))["list"] if one["source"] == "challenge"]
        assert [int(one["units"]) for one in won] == [rita.belief.catalog.answers[bounty << 32 | 1].bond // 2]
        for node in (rita, ana, mallory, jon):
            assert await node.journal.failed_duties() == []
        said = json.dumps([await ask("bounty.show", bounty=bounty) for ask in (ask_rita, ask_jon)])
    check_nothing_leaked(touch, said, tmp_path)


async def test_touch_of_too_few_taxels_is_refused_and_whoever_answers_with_it_loses_her_bond(
    devnet, tmp_path, monkeypatch
):
    """Rita wants 92 taxels of an egg. Ana has them; Mallory has 91, and a node that says nothing of it to her."""
    async with AsyncExitStack() as stack:

        async def opened(name: str, **more: object):
            return await stack.enter_async_context(member(devnet, tmp_path / name, **more))

        rita, ask_rita = await opened("rita")
        _, ask_ana = await opened("ana", near=rita)
        mallory, ask_mallory = await opened("mallory", near=rita)
        mallory.bench.bonds = replace(mallory.bench.bonds, most=0)  # she does not appeal
        _, ask_jon = await opened("jon", near=rita)
        await ask_jon("bounty.judge", seats=1)
        wanted = {"modality": "tactile", "subject": "an egg", "least_taxels": 92, "quality": "10%", "captures": 3}
        asked = await ask_rita("bounty.post", price="20", budget="200", **wanted)
        told = await until(ask_ana, "bounty.gaps", lambda told: len(told["gaps"]) == 1)
        assert told["gaps"][0]["wanted"] == "tactile of an egg, 92 taxels or more, quality 10% or better"

        bounty = asked["bounty"]
        whole = record_hand(tmp_path / "grasp.csv", seed=7, seconds=3).path
        (tmp_path / "hers").mkdir()
        fewer = without_a_taxel(record_hand(tmp_path / "hers" / "grasp.csv", seed=8, seconds=3).path)
        await answered(ask_ana, bounty, whole)
        with pytest.raises(Refused, match="an egg, 92 taxels or more, and the capture has 91 taxels"):
            await answered(ask_mallory, bounty, fewer)
        with monkeypatch.context() as her_own_node:
            her_own_node.setattr(answering, "require_met", met)
            await answered(ask_mallory, bounty, fewer)
        held = await until(ask_rita, "bounty.show", lambda told: stages(told)[1:] == ["disputed"], 300, bounty=bounty)
        assert held["list"][0]["stage"] == "revealed"
        case = rita.belief.catalog.cases[held["list"][1]["dispute"]]
        await until(ask_rita, "bounty.show", lambda _: case.ruling is Ruling.OTHER, 300, bounty=bounty)
        await jump(devnet, 8_400)
        done = await until(
            ask_rita, "bounty.show", lambda told: stages(told) == ["settled", "refuted"], 300, bounty=bounty
        )
        assert float(done["list"][0]["paid"]) > 0


async def met(*_: object) -> None:
    """A node that checks nothing."""


def without_a_taxel(touch: Path) -> Path:
    """The same recording with its first taxel left out."""
    rows = [line.split(",") for line in touch.read_text().splitlines()]
    touch.write_text("".join(",".join([*row[:1], *row[2:]]) + "\n" for row in rows))
    return touch


def check_nothing_leaked(touch: Path, said: str, folder: Path) -> None:
    """No window of the sketch is in a file of any node's, nor in what they answered."""
    sketches = forms_of(media.read_recorded(touch)[0])
    windows = [code.tobytes() for sketch in sketches for code in sketch.codes[:: max(1, len(sketch.codes) // 20)]]
    assert len(windows) > 20 and all(window in pack(sketches) for window in windows)
    kept = {name: everything_in(folder / name) for name in ("rita", "ana", "mallory", "jon", "chain")}
    assert all(kept.values())
    for window in windows:
        assert window.hex() not in said
        for name, data in kept.items():
            assert window not in data and window.hex().encode() not in data, name
