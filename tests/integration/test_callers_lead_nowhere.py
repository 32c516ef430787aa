"""Whatever a caller of the API fills in, in every field of every command, the node connects to nobody for it."""

from __future__ import annotations

import pytest
import trio
from command_line import PASSWORD
from living import settle_in
from trap import trap

from thenar.adapters.web.server import outcome_of
from thenar.assembly import open_node
from thenar.commands import COMMANDS
from thenar.config import load
from thenar.supervisor import running

SECONDS = 3.0


class Bait(dict):
    """Arguments with one thing in every field that is asked for."""

    def __init__(self, thing: object) -> None:
        super().__init__(bait=thing)

    def __missing__(self, _: str) -> object:
        return self["bait"]

    def __contains__(self, _: object) -> bool:
        return True

    def get(self, name: str, default: object = None) -> object:
        return self[name]


@pytest.fixture
def caught():
    with trap() as made:
        yield made


async def test_no_field_of_any_command_leads_anywhere(devnet, tmp_path, monkeypatch, caught, record_property):
    monkeypatch.chdir(tmp_path)  # a place may be taken for the path of a file
    home = await settle_in(devnet, tmp_path / "ana")
    config, _ = load(home, environment={})
    place = f"/ip4/127.0.0.1/tcp/{caught.port}"
    peer = f"{place}/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"
    baits = [caught.url, f"ipfs://127.0.0.1:{caught.port}/x", f"127.0.0.1:{caught.port}", place, peer]
    tried = 0
    async with open_node(home, config, PASSWORD) as node, running(node):
        for command in COMMANDS.values():
            for thing in [*baits, baits]:
                with trio.move_on_after(SECONDS):

                    async def run(arguments, tell, command=command):
                        return await command(node, arguments, tell)

                    await outcome_of(run, Bait(thing), lambda _: None)
                tried += 1

    record_property("fields_filled_by_callers", tried)
    assert tried >= 500
    assert caught.seen() == []
