"""A hand and a patch on it vouch for a capture that says no more than it must, on a real local chain."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import trio
from living import living, settle_in
from touch_logs import touch_log

from thenar.adapters.chain.views import View, Views
from thenar.errors import NotFound


async def test_a_patch_of_a_hand_vouches_for_a_capture_made_at_a_place_only_its_owner_can_tell(devnet, tmp_path):
    exact = 0x8F1FB46741AE4D3
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    async with living(ana_home) as (_, ask):
        hand = await ask("device.add", device="left-hand", kind="hand")
        patch = await ask("device.add", device="thumb", kind="patch", parent="left-hand")
        start = datetime.fromtimestamp(int(str(patch["since"])) + 1, UTC)
        path = touch_log(tmp_path, start, {"class": "private_home", "exact": f"{exact:x}", "level": 3})

        made = await ask("capture.add", path=str(path), device="thumb", purposes="train")
        shown = await ask("capture.show", asset=made["asset"])
        opened = await ask("capture.fetch", asset=made["asset"], into=str(tmp_path / "opened.csv"))
        place = await ask("capture.place", asset=made["asset"], exact=f"{exact:x}", level=3)
        wrong = await ask("capture.place", asset=made["asset"], exact=f"{exact:x}", level=2)
        proved = await ask("capture.place", asset=made["asset"], exact=f"{exact:x}", level=3, salt=place["salt"])

        assert shown["device"] == {
            "key": patch["device"],
            "registered": True,
            "part_of": [hand["device"]],
            "good": True,
        }
        views = Views(devnet.rpc, devnet.deployment.contracts)
        good = View("DeviceRegistry", "isGood", {"device": patch["device"], "at": int(start.timestamp())}, bool)
        assert await views.one(good) is True
        text = await trio.Path(str(opened["path"])).read_text()
        assert text.startswith("Time (s),touch_1 (N)\n0.0,0\n")
        assert not any(
            secret in text + str(shown["description"]) for secret in ("Ana", "4711", f"{exact:x}", str(exact))
        )
        assert (place["matches"], wrong["matches"], proved["matches"]) == (True, False, True)
        assert "salt" not in wrong
        assert not list((ana_home / "workspace").iterdir())

        await ask("device.retire", device="left-hand", since=int(str(hand["since"])))
        fallen = await ask("capture.show", asset=made["asset"])
        listed = await ask("device.list")

        assert fallen["device"]["good"] is False
        assert {one["name"]: one["compromised"] for one in listed["devices"]} == {"left-hand": True, "thumb": False}
        assert await views.one(good) is False
        with pytest.raises(NotFound, match="no device"):
            await ask("capture.add", path=str(path), device="nobody")
