"""Blocks from one process to another, and sellers that die in between."""

from __future__ import annotations

import trio
from p2p_processes import peer_process

COUNT = 256
SIZE = COUNT * 256 * 1024


async def test_64_mb_arrive_whole_and_do_not_pile_up() -> None:
    async with peer_process("seller") as seller, peer_process("buyer") as buyer:
        await seller.call({"do": "hold", "name": "film", "count": COUNT}, seconds=120)
        await buyer.call({"do": "dial", "multiaddr": seller.ready["addresses"][0]})
        idle = (await buyer.call({"do": "status"}))["rss"]
        fetch = {"do": "fetch", "name": "film", "count": COUNT, "peers": [seller.ready["ready"]]}

        got = await buyer.call(fetch, seconds=120)

        print(f"fetched {SIZE / 1e6 / got['seconds']:.0f} MB/s, {(got['rss'] - idle) / 1e6:.0f} MB above idle")
        assert got["fetched"] == SIZE
        assert got["rss"] - idle < 100e6


async def test_a_fetch_whose_seller_is_killed_fails_soon_and_succeeds_when_it_returns() -> None:
    async with peer_process("buyer") as buyer:
        async with peer_process("seller") as seller:
            address = seller.ready["addresses"][0]
            fetch = {"do": "fetch", "name": "film", "count": COUNT, "peers": [seller.ready["ready"]]}
            await seller.call({"do": "hold", "name": "film", "count": COUNT}, seconds=120)
            await buyer.call({"do": "dial", "multiaddr": address})
            await buyer.send(fetch)
            await trio.sleep(0.2)
            await seller.kill()
            came = await buyer.call({"do": "status"}, seconds=120)
            assert came.get("fetched") == SIZE or came.get("error") in {"Unavailable", "Late"}

        async with peer_process("seller", listen=address.split("/p2p/")[0]) as again:
            await again.call({"do": "hold", "name": "film", "count": COUNT}, seconds=120)
            await again.wait_for_mesh()
            answers = [await buyer.call(fetch, seconds=120), await buyer.call({"do": "status"}, seconds=120)]
            assert SIZE in [answer.get("fetched") for answer in answers]
