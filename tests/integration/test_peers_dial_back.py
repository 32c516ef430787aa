"""Whole nodes dial each other back: who announces a port that is closed is told so, and by nobody else."""

from __future__ import annotations

import time

import trio
from living import living, settle_in
from p2p_peers import until

from thenar.commands.overview import status_view
from thenar.services.reach import ENOUGH

IN_TIME = 120
CLOSED = "/ip4/127.0.0.1/tcp/9"


async def test_a_node_that_announces_a_closed_port_is_told_so_by_those_who_dial(devnet, tmp_path, record_property):
    ana_home = await settle_in(devnet, tmp_path / "ana", p2p_announce=(CLOSED,))
    async with living(ana_home) as (ana, _):
        known = {"p2p_bootstrap": ana.peers.listening}
        ben_home = await settle_in(devnet, tmp_path / "ben", **known)
        cleo_home = await settle_in(devnet, tmp_path / "cleo", **known)
        began = time.monotonic()
        async with living(ben_home) as (ben, _), living(cleo_home) as (cleo, _):
            with trio.fail_after(IN_TIME):
                while ana.reach.told().asked < ENOUGH:
                    ana.reach._due = 0.0  # whoever came after the first look is asked at once
                    await trio.sleep(0.5)
                await until(lambda: bool(ben.reach.told().asked and cleo.reach.told().asked), seconds=IN_TIME)
            hidden, reached = await status_view(ana, time.time()), await status_view(ben, time.time())

    record_property("seconds_until_two_said_so", round(time.monotonic() - began, 1))
    assert hidden["addresses"] == [f"{CLOSED}/p2p/{ana.peers.me}"]
    assert hidden["parts"]["reach"]["silent"] == [CLOSED]
    assert hidden["ready"] is False
    assert f"reach: peers dialled {CLOSED} and this node did not answer" in hidden["reasons"]
    assert reached["parts"]["reach"]["up"] is True
    assert reached["parts"]["reach"]["through"] == [reached["addresses"][0].partition("/p2p/")[0]]
    assert reached["parts"]["reach"]["seen_at"] == ["127.0.0.1"]
