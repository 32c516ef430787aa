"""What a page may look at: the published card to everybody, the recording to its owner and to who has a license."""

from __future__ import annotations

from base64 import b64decode

import pytest
import trio
from living import living, meet, settle_in
from local_chain import local_chain

from thenar.adapters.simulation import record_hand
from thenar.commands.shelf import shelf_of
from thenar.directory import WORKSPACE
from thenar.errors import BadInput, NotFound, Refused

SENSORS = 92


@pytest.fixture
async def devnet(tmp_path):
    async with local_chain(tmp_path / "chain", block_time=0.5) as net:
        yield net


async def test_a_recording_is_seen_by_its_owner_and_by_a_licensee_and_by_nobody_else(devnet, tmp_path):
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    async with living(await settle_in(devnet, tmp_path / "ana", store_pin="none")) as (ana, ask_ana):
        meet(ana, ben_home)
        async with living(ben_home) as (ben, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            made = record_hand(tmp_path / "grasp.csv", seed=7, seconds=1)
            paths = {"path": str(made.path), "description": str(made.sidecar), "layout": str(made.layout)}
            asset = (await ask_ana("capture.add", **paths, price="2.50"))["asset"]
            hers, his = shelf_of(ana).views, shelf_of(ben).views
            await ask_ben("license.list")

            for _ in range(40):  # on a slow machine nobody tells in time at first
                seen = await his["looks"].look(asset)
                if seen["sketch"] is not None:
                    break
                await trio.sleep(0.2)
            assert (seen["opens"], seen["shell"]) == (False, None)
            assert (seen["sketch"]["what"], seen["sketch"]["preview"]["sensors"]) == ("tactile", SENSORS)
            with pytest.raises(Refused, match="has no license"):
                await his["contents"].look(asset)

            owned = await hers["contents"].look(asset)
            await ask_ben("license.buy", asset=asset, wait=True, patience=60, max_price="2.50")
            bought = await his["contents"].look(asset)

            assert (await his["looks"].look(asset))["opens"] is True
            assert owned == bought
            touch = owned["streams"][0]
            assert (touch["sensors"], owned["cloud"], owned["modality"]) == (SENSORS, None, "tactile")
            assert len(b64decode(touch["heat"]["cells"])) == touch["heat"]["rows"] * touch["heat"]["columns"]
            assert not list((tmp_path / "ben" / WORKSPACE).glob("*")), "an opened file was left behind"
            with pytest.raises(NotFound):
                await his["looks"].look("0x" + "00" * 32)
            with pytest.raises(BadInput):
                await his["contents"].look("a capture")
