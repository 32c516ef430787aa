"""Gossip and recovery between real processes."""

from __future__ import annotations

import pytest
from p2p_processes import meshed, peer_process


@pytest.mark.parametrize(("count", "messages", "per_second"), [(3, 100, 30.0), (10, 50, 10.0), (3, 300, 0.0)])
async def test_everything_published_is_heard_by_everybody_else_once(
    count: int, messages: int, per_second: float
) -> None:
    async with meshed(count) as peers:
        each = messages // count
        for peer in peers:
            await peer.send({"do": "publish", "count": each, "per_second": per_second / count})
        expected = each * (count - 1)
        for peer in peers:
            await peer.wait_for_heard(expected)

        for peer in peers:
            heard = {(line["origin"], line["heard"]["n"]) for line in peer.heard}
            assert len(peer.heard) == len(heard) == expected


async def test_a_killed_peer_that_returns_is_found_and_hears_again() -> None:
    async with peer_process("ana") as ana:
        address = ana.ready["addresses"][0]
        async with peer_process("ben", address) as ben:
            await ben.wait_for_mesh()
            await ana.kill()
            await ben.wait_until_alone()

            async with peer_process("ana", listen=address.split("/p2p/")[0]) as again:
                assert again.ready["ready"] == ana.ready["ready"]
                await again.wait_for_mesh()
                await ben.wait_for_mesh()
                await ben.send({"do": "publish", "count": 5, "per_second": 0})
                await again.send({"do": "publish", "count": 5, "per_second": 0})
                await again.wait_for_heard(5)
                await ben.wait_for_heard(5)

                assert (len(again.heard), len(ben.heard)) == (5, 5)


async def test_what_a_peer_says_right_after_its_restart_is_news() -> None:
    async with peer_process("ben") as ben:
        address = ben.ready["addresses"][0]
        for rounds in (1, 2, 3):
            async with peer_process("ana", address) as ana:
                await ana.wait_for_mesh()
                await ana.send({"do": "publish", "count": 200, "per_second": 0})
                await ben.wait_for_heard(200 * rounds)
                await ana.kill()

            assert len(ben.heard) == 200 * rounds
