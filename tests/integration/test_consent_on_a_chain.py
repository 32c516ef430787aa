"""Consent between whole nodes: ended, shortened, taken back; money for lost time returns, copies and keys go."""

from __future__ import annotations

import hashlib

import pytest
import trio
from living import earn, living, meet, model, settle_in

from thenar.domain.ids import AssetId
from thenar.errors import NotFound, Refused, Reverted, Unavailable

DAY = 86_400


async def until(node, found, seconds: float = 60.0):
    """Wait until the catalog answers something."""
    return await node.belief.until(lambda catalog: found(catalog) or None, seconds=seconds, what="what the test awaits")


async def keeps(node, asset: str) -> bool:
    return any(name.split("/")[1] == asset for name in await node.journal.names("held/"))


async def test_time_that_was_lost_is_paid_back_and_time_that_passed_is_not(devnet, tmp_path):
    """Ben pays for ten days; after a while Ana ends his license, later everybody's: his node has the rest by itself."""
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    async with living(ana_home) as (ana, ask_ana):
        meet(ana, ben_home)
        async with living(ben_home) as (ben, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            asset = await model(ask_ana, tmp_path, "skin.bin", price="10.00", days=10)
            await ask_ben("license.buy", asset=asset, wait=True, patience=60)
            (paid,) = await until(ben, lambda catalog: list(catalog.streams.values()))
            await devnet.pass_time(4 * DAY)
            claimed = await ask_ana("revenue.claim")

            assert 5.9 < float(str((await ask_ana("account.show"))["earning"])) <= 6.0
            ended = await ask_ana("license.revoke", asset=asset, who=ben.me)
            await until(ben, lambda catalog: catalog.streams[paid.id].closed)
            allowed = await ask_ben("license.check", asset=asset)

            stream = ben.belief.catalog.streams[paid.id]
            assert (ended["licensee"], ended["paid_back"], allowed["allowed"]) == (ben.me, "0.00", False)
            assert 4_000_000 <= stream.taken < 4_010_000
            assert stream.taken + stream.refunded == 10_000_000
            assert float(str(claimed["licenses"])) + float(str(claimed["own"])) >= 4.0
            with pytest.raises(Reverted, match="NoLicense"):
                await ask_ana("license.revoke", asset=asset, who=ben.me)

            await devnet.pass_time(2)  # no sale opens in the second in which a license ended
            await ask_ben("license.buy", asset=asset, wait=True, patience=60)
            await devnet.pass_time(DAY)
            revoked = await ask_ana("license.revoke", asset=asset, leave_out=["0..0"])
            await until(ben, lambda catalog: all(one.closed for one in catalog.streams.values()))

            again = next(one for one in ben.belief.catalog.streams.values() if one.id != paid.id)
            assert (revoked["consent_epoch"], revoked["left_out"]) == (1, "0..0")
            assert 1_000_000 <= again.taken < 1_010_000
            assert again.taken + again.refunded == 10_000_000

            learned = await model(ask_ben, tmp_path, "policy.bin", parents=[asset])
            said = await ask_ben("model.acknowledge", model=learned, asset=asset)
            await until(ana, lambda catalog: (learned, asset) in catalog.acknowledged)

            assert (said["consent_epoch"], said["exclusion_root"]) == (1, revoked["exclusion_root"])
            assert said["left_out"] == "0..0"
            shown = await ask_ana("capture.show", asset=asset)
            assert (shown["left_out"], shown["exclusive"]) == (revoked["exclusion_root"], None)
            assert [one["model"] for one in shown["acknowledged_by"]] == [learned]
            (owed,) = (await ask_ben("model.exclusions"))["exclusions"]
            assert (owed["asset"], owed["left_out"], owed["acknowledged_by"]) == (asset, "0..0", [learned])
            assert (await ask_ana("model.exclusions"))["exclusions"] == []


async def test_time_without_end_is_paid_back_by_whoever_ends_it(devnet, tmp_path):
    home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    async with living(home) as (ana, ask_ana):
        meet(ana, ben_home)
        async with living(ben_home) as (ben, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            asset = await model(ask_ana, tmp_path, "skin.bin", price="3.00")
            bought = await ask_ben("license.buy", asset=asset, no_key=True, max_price="3.00")
            before = (await ask_ben("account.show"))["account"]
            ended = await ask_ana("license.revoke", asset=asset, who=ben.me)

            assert (bought["key"], bought["until"], ended["paid_back"]) == (False, 2**40 - 1, "3.00")
            assert ((await ask_ben("account.show"))["account"], before) == ("3.00", "0.00")

            given = await ask_ana("license.give", asset=asset, who=ben.me, days=30)
            shorter = await ask_ana("license.expiry", asset=asset, who=ben.me, days=2)
            assert (await ask_ben("license.check", asset=asset))["allowed"] is True
            assert given["until"] - shorter["until"] == pytest.approx(28 * DAY, abs=60)
            await devnet.pass_time(2 * DAY + 5)
            assert (await ask_ben("license.check", asset=asset))["allowed"] is False

            (held,) = (await ask_ben("license.list"))["granted"]
            assert (held["licensee"], held["until"], held["paid"]) == (ben.me, shorter["until"], "0.00")
            await ask_ana("license.close", asset=asset)
            with pytest.raises(NotFound, match="not offered"):
                await ask_ben("license.buy", asset=asset, no_key=True)


async def test_what_is_withdrawn_is_gone_from_every_node_that_keeps_the_promise(devnet, tmp_path):
    """Ana withdraws: her key and copies go at once, Ben's key and both others' copies when the notice is over."""
    homes = {
        name: await settle_in(devnet, tmp_path / name, store_pin="all" if name == "chidi" else "none")
        for name in ("ana", "ben", "chidi")
    }
    async with living(homes["ana"]) as (ana, ask_ana):
        for name in ("ben", "chidi"):
            meet(ana, homes[name])
        async with living(homes["ben"]) as (ben, ask_ben), living(homes["chidi"]) as (chidi, ask_chidi):
            for ask in (ask_ana, ask_ben, ask_chidi):
                await ask("node.register", stake="100")
            asset = AssetId(await model(ask_ana, tmp_path, "skin.bin", price="2.00", notice_days=7))
            await ask_chidi("capture.kept", asset=asset, patience=60)
            await ask_ben("license.buy", asset=asset, wait=True, patience=60)
            record = ana.belief.catalog.assets[asset]
            description = record.commitment.manifest_cid

            told = await ask_ana("capture.withdraw", asset=asset)
            assert (told["withdrawn"], told["licensees"], told["notice_days"]) == (False, [ben.me], 7)
            assert record.consent_epoch == 0 and len(told["cannot"]) == 5

            done = await ask_ana("capture.withdraw", asset=asset, yes=True)
            again = await ask_ana("capture.withdraw", asset=asset, yes=True)

            assert (done["withdrawn"], done["keys_destroyed"], done["files_dropped"]) == (True, 1, 3)
            assert done["bytes_freed"] > 40_000
            assert (again["keys_destroyed"], again["files_dropped"]) == (0, 0) and "transaction" not in again
            assert description not in await ana.store.pins()
            content = hashlib.sha256((tmp_path / "skin.bin").read_bytes()).digest()
            with pytest.raises(Refused, match="destroyed"):
                ana.sealer.root_key(content)
            with pytest.raises((NotFound, Unavailable)):  # others are asked, and nobody may answer
                await ask_ana("capture.fetch", asset=asset, into=str(tmp_path / "back.bin"))
            with pytest.raises(NotFound, match="not offered"):
                await ask_ben("license.buy", asset=asset)

            assert await keeps(chidi, asset) and await keeps(ben, asset)
            assert (ben.opened / asset).exists()
            await devnet.pass_time(8 * DAY)
            for node in (ben, chidi):
                await dropped(node, asset)
                assert description not in await node.store.pins()
            assert await ben.journal.get(f"key/{asset}") is None
            with pytest.raises(NotFound):
                await ask_ben("capture.fetch", asset=asset, into=str(tmp_path / "back.bin"))


async def dropped(node, asset: str) -> None:
    with trio.fail_after(60):
        while await keeps(node, asset) or (node.opened / asset).exists():  # noqa: ASYNC110 - neither sets events
            await trio.sleep(0.1)


async def test_terms_are_written_joined_and_bind_what_is_made_under_them(devnet, tmp_path):
    """Ana sells under a floor; what Ben makes and links cannot be sold below it, without anybody asking."""
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    (tmp_path / "terms.txt").write_text("Train on it. Do not show it to anybody.")
    async with living(ana_home) as (ana, ask_ana):
        meet(ana, ben_home)
        async with living(ben_home) as (_, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            strict = await ask_ana(
                "terms.write",
                purposes="train",
                floor="5.00",
                share="8%",
                notice_days=14,
                max_days=400,
                territory="fr,DE",
                text=str(tmp_path / "terms.txt"),
            )
            loose = await ask_ana("terms.write", purposes="train,eval", floor="1.00", notice_days=30)
            both = await ask_ana("terms.join", a=strict["terms"], b=loose["terms"])
            assert (both["purposes"], both["floor"], both["share"]) == ("train", "5.00", "8%")
            assert (both["notice_days"], both["max_days"], both["territory"]) == (14, 400, strict["territory"])
            assert both["text"] == ""
            assert [one["terms"] for one in (await ask_ben("terms.list"))["terms"]] == [1, 2, 3]

            asset = await model(ask_ana, tmp_path, "skin.bin", terms=strict["terms"], price="6.00", days=365)
            assert (await ask_ana("capture.terms", asset=asset, terms=loose["terms"]))["terms"] == loose["terms"]
            await ask_ben("license.buy", asset=asset, no_key=True)
            policy = await model(ask_ben, tmp_path, "policy.bin")
            await ask_ben("revenue.link", child=policy, parents=[f"{asset}=8%"])
            await until(ana, lambda catalog: catalog.floors.get(AssetId(policy)) == 5_000_000)
            assert (await ask_ben("model.bind", model=policy, parent=asset))["floor"] == "5.00"
            await ask_ben("license.offer", asset=policy, price="4.00")
            with pytest.raises(Reverted):
                await ask_ana("license.buy", asset=policy, no_key=True)

            await earn(ask_ben, policy, "100.00")
            rolled = await ask_ana("revenue.roll", child=policy, parent=asset)
            assert rolled["amount"] == "8.00"
            with pytest.raises(Refused, match="owes"):
                await ask_ben("revenue.roll", child=policy, parent=asset)
