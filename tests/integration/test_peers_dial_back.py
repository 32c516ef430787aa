"""Whole nodes dial each other back: who announces a closed port is told so, and who serves what he holds as well."""

from __future__ import annotations

import time
from collections.abc import Callable

import trio
from living import living, model, settle_in

from thenar.assembly import Node
from thenar.commands.overview import status_view
from thenar.services.reach import ENOUGH, Told

IN_TIME = 120
CLOSED = "/ip4/127.0.0.1/tcp/9"


async def told(node: Node, enough: Callable[[Told], bool]) -> None:
    """Have a node ask again and again, as often as it is answered, until what peers say is enough."""
    with trio.fail_after(IN_TIME):
        while not enough(node.reach.told()):
            node.reach._due = 0.0
            await node.reach.look()
            await trio.sleep(0.5)


async def test_a_node_that_announces_a_closed_port_is_told_so_by_those_who_dial(devnet, tmp_path, record_property):
    ana_home = await settle_in(devnet, tmp_path / "ana", p2p_announce=(CLOSED,))
    async with living(ana_home) as (ana, _):
        known = {"p2p_bootstrap": ana.peers.listening}
        ben_home = await settle_in(devnet, tmp_path / "ben", **known)
        cleo_home = await settle_in(devnet, tmp_path / "cleo", **known)
        began = time.monotonic()
        async with living(ben_home) as (ben, ask_ben), living(cleo_home):
            await told(ana, lambda said: said.asked >= ENOUGH)
            record_property("seconds_until_two_said_so", round(time.monotonic() - began, 1))
            await model(ask_ben, tmp_path, "policy")
            await told(ben, lambda said: said.served > 0)
            hidden, reached = await status_view(ana, time.time()), await status_view(ben, time.time())

    assert hidden["addresses"] == [f"{CLOSED}/p2p/{ana.peers.me}"]
    assert hidden["parts"]["reach"]["silent"] == [CLOSED]
    assert hidden["ready"] is False
    assert f"reach: peers dialled {CLOSED} and this node did not answer" in hidden["reasons"]
    assert reached["parts"]["reach"]["up"] is True
    assert reached["parts"]["reach"]["through"] == [reached["addresses"][0].partition("/p2p/")[0]]
    assert reached["parts"]["reach"]["seen_at"] == ["127.0.0.1"]
