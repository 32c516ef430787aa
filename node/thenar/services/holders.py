"""Who holds what: as announced, or asked for and waited for a little."""

from __future__ import annotations

from typing import Final

import trio

from thenar.domain.ids import AssetId, PeerId
from thenar.services.ports import Journal, Peers
from thenar.services.records import sources

ANSWER_SECONDS: Final = 10.0
"""How long somebody who asked for an asset waits for a holder to speak up."""
LOOK_EVERY: Final = 0.25


async def known_holders(asset: AssetId, journal: Journal, peers: Peers) -> tuple[PeerId, ...]:
    """Other peers that announced an asset; their addresses are known to ``peers`` from now on."""
    known = await sources(journal, asset)
    for source in known:
        peers.learn(source.peer, source.addresses)
    return tuple(source.peer for source in known if source.peer != peers.me)


async def ask_for_holders(
    asset: AssetId, journal: Journal, peers: Peers, *, patience: float = ANSWER_SECONDS
) -> tuple[PeerId, ...]:
    """Say that an asset is wanted and wait up to ``patience`` seconds for somebody who was not known to hold it.

    Returns every holder known then, maybe none.
    """
    before = await known_holders(asset, journal, peers)
    await peers.announce("want", {"asset": asset})
    found = before
    with trio.move_on_after(patience):
        while found == before:
            await trio.sleep(LOOK_EVERY)
            found = await known_holders(asset, journal, peers)
    return found
