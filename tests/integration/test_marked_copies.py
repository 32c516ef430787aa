"""A marked copy between whole nodes: made, agreed, sold, leaked, traced, claimed, paid."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import laspy
import pytest
import tomli_w
from captures import STREET_CELL
from living import earn, living, meet, model, settle_in
from marked_rooms import cropped, scan

from thenar.adapters import media
from thenar.domain.ids import Address
from thenar.domain.marks import MarkStage
from thenar.errors import Unavailable


def describe(path):
    """What somebody says about a scan of a street."""
    stated = tomllib.loads(media.TEMPLATE)
    stated["time"]["start"] = datetime(2026, 5, 1, tzinfo=UTC)
    stated["place"] = {"class": "public_street", "cell": f"{STREET_CELL:x}"}
    stated["consent"] |= {
        "subjects": ["none"],
        "purposes": ["train_research"],
        "premises_permission": "public",
        "bystander_treatment": "none_present",
        "jurisdiction": "DE",
        "text": "Mine.",
    }
    path.with_name(f"{path.name}.capture.toml").write_text(tomli_w.dumps(stated))
    return path


async def until(node, found, seconds: float = 60.0):
    return await node.belief.until(lambda catalog: found(catalog) or None, seconds=seconds, what="what the test awaits")


async def test_whoever_finds_a_marked_copy_is_paid_and_nobody_else(devnet, tmp_path):
    """Ben buys a copy with his mark and passes a part of it on; Cleo finds it; Ana's node answers by itself."""
    homes = {name: await settle_in(devnet, tmp_path / name, store_pin="none") for name in ("ana", "ben", "cleo")}
    path = describe(scan(tmp_path / "street.las"))
    async with living(homes["ana"]) as (ana, ask_ana):
        for name in ("ben", "cleo"):
            meet(ana, homes[name])
        async with living(homes["ben"]) as (ben, ask_ben), living(homes["cleo"]) as (cleo, ask_cleo):
            for number, ask in enumerate((ask_ana, ask_ben, ask_cleo)):
                await ask("node.register", stake="100")
                await earn(ask, await model(ask, tmp_path, f"purse{number}.bin"), "20")
            original = str((await ask_ana("capture.add", path=str(path), purposes="train", price="5"))["asset"])
            made = await ask_ana("mark.make", asset=original, buyer=ben.me, bond="8", days=30, price="12.50")
            await until(ben, lambda catalog: bytes.fromhex(str(made["mark"])[2:]) in catalog.marks)
            accepted = await ask_ben("mark.accept", mark=made["mark"], max_bond="8.00")
            sale = await ask_ben("license.buy", asset=made["copy"], wait=True, patience=60)
            fetched = await ask_ben("capture.fetch", asset=made["copy"], into=str(tmp_path / "bens.las"))

            assert (made["stage"], accepted["stage"], sale["stage"]) == ("proposed", "held", "settled")
            assert made["written"] == made["cells"] > 5_000
            assert (made["stake"], made["finder_gets"]) == ("5.00", "3.00")
            assert fetched["asset"] == made["copy"] != original
            shown = await ask_ben("capture.show", asset=made["copy"])
            assert '"kind":"derived"' in str(shown["description"])
            assert len(laspy.read(str(tmp_path / "bens.las")).x) == 30_000

            for asset, price in ((original, "5.00"), (made["copy"], "12.50")):
                await ask_cleo("license.buy", asset=asset, no_key=True, max_price=price)
            await ask_cleo("capture.fetch", asset=original, into=str(tmp_path / "cleos.las"))
            with pytest.raises(Unavailable, match="nobody who knows the key"):
                await ask_cleo("capture.fetch", asset=made["copy"], into=str(tmp_path / "cleos copy.las"))

            found = cropped(tmp_path / "bens.las", tmp_path / "found.las")
            traced = await ask_ana("capture.trace", path=str(found))
            innocent = await ask_ana("capture.trace", path=str(path))
            nodes, mark = {"ana": ana, "ben": ben, "cleo": cleo}, bytes.fromhex(str(made["mark"])[2:])
            for node in nodes.values():
                await until(node, lambda catalog: any(one.deal.asset == made["copy"] for one in settled(catalog)))
                await until(node, lambda catalog: (made["copy"], cleo.me) in catalog.grants)
            before = {who: account_of(node) for who, node in nodes.items()}
            claimed = await ask_cleo("mark.claim", mark=made["mark"], path=str(found), wait=True, patience=60)

            (named,) = traced["found"]
            assert (named["buyer"], named["mark"]) == (ben.me, made["mark"])
            assert int(str(named["error_below"]).removeprefix("10^-")) > 500
            assert innocent["found"] == []
            assert (claimed["stage"], claimed["end"], claimed["finder"]) == ("ended", "leaked", cleo.me)
            for node in nodes.values():
                await until(node, lambda catalog: catalog.marks[mark].stage is MarkStage.ENDED)
            after = {who: account_of(node) for who, node in nodes.items()}
            gained = {who: after[who] - before[who] for who in after}
            assert gained == {"ana": 1_000_000, "ben": 0, "cleo": 3_000_000}
            assert cleo.belief.catalog.accounts[Address("0x" + "0" * 36 + "dead")] == 9_000_000


def account_of(node) -> int:
    """What is in a node's Ledger account."""
    return node.belief.catalog.accounts[node.me]


def settled(catalog):
    return [sale for sale in catalog.sales.values() if sale.until]
