"""Gossip taken in and given: who holds what, who wants what."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

import trio

from thenar.domain.ids import AssetId, PeerId, asset_id
from thenar.errors import BadInput
from thenar.services.belief import Belief
from thenar.services.ports import Heard, Journal, Peers
from thenar.services.publish import announcement
from thenar.services.records import Source, held_assets, remember_source, source_of, sources

MAX_SOURCES: Final = 32
"""Holders remembered per asset; the first to come are kept."""
MAX_ADDRESSES: Final = 8
"""Addresses taken from one announcement."""
MAX_ADDRESS: Final = 256
"""Characters of one address."""
ANSWER_EVERY: Final = 5.0
"""Seconds between two answers about the same asset, so that wants cannot be used to make noise."""
ANSWERS_KEPT: Final = 4096
EARLY_KEPT: Final = 512
"""Announcements kept whose asset the chain does not know yet: gossip is faster than confirmations."""


@dataclass(slots=True)
class Listener:
    """Takes in envelopes one by one. What it remembers is bounded by what the chain knows."""

    journal: Journal
    peers: Peers
    belief: Belief
    _answered: OrderedDict[AssetId, float] = field(default_factory=OrderedDict)
    _early: OrderedDict[tuple[AssetId, PeerId], Heard] = field(default_factory=OrderedDict)
    _met: OrderedDict[PeerId, None] = field(default_factory=OrderedDict)
    _present: float = -ANSWER_EVERY

    async def take(self, heard: Heard) -> None:
        """Act on one envelope; what is malformed or about nothing the chain knows is ignored."""
        if heard.kind == "presence":
            await self._meet(heard)
            return
        try:
            asset = asset_id(str(heard.body.get("asset")))
        except BadInput:
            return
        if asset not in self.belief.catalog.assets:
            self._set_aside(asset, heard)
        elif heard.kind == "announcement":
            await self._remember(asset, heard)
        elif heard.kind == "want":
            await self._answer(asset)

    async def take_early(self) -> None:
        """Act on what came before its asset was confirmed, as far as it is now."""
        ripe = [key for key in self._early if key[0] in self.belief.catalog.assets]
        for key in ripe:
            await self._remember(key[0], self._early.pop(key))

    async def _meet(self, heard: Heard) -> None:
        """Remember where a node is; tell a new one where this is, so that both can ask each other."""
        try:
            self.peers.learn(heard.origin, _addresses(heard.body.get("addresses")))
        except BadInput:
            return
        now = trio.current_time()
        if heard.origin in self._met or now - self._present < ANSWER_EVERY:
            return  # known, or everybody was told just now; whoever came since says so again
        self._present, self._met[heard.origin] = now, None
        if len(self._met) > ANSWERS_KEPT:
            self._met.popitem(last=False)
        await be_present(self.peers)

    def _set_aside(self, asset: AssetId, heard: Heard) -> None:
        if heard.kind != "announcement":
            return
        self._early[(asset, heard.origin)] = heard
        self._early.move_to_end((asset, heard.origin))
        if len(self._early) > EARLY_KEPT:
            self._early.popitem(last=False)

    async def _remember(self, asset: AssetId, heard: Heard) -> None:
        addresses = _addresses(heard.body.get("addresses"))
        try:
            self.peers.learn(heard.origin, addresses)
        except BadInput:
            return
        said, known = Source(heard.origin, addresses), await source_of(self.journal, asset, heard.origin)
        if said == known:
            return  # announced again and again, for those who joined later: nothing is written for it
        if known is not None or len(await sources(self.journal, asset)) < MAX_SOURCES:
            await remember_source(self.journal, asset, said)

    async def _answer(self, asset: AssetId) -> None:
        now = trio.current_time()
        if now - self._answered.get(asset, -ANSWER_EVERY) < ANSWER_EVERY:
            return
        body = await announcement(self.journal, asset, self.peers.addresses)
        if body is None:
            return
        self._answered[asset] = now
        self._answered.move_to_end(asset)
        if len(self._answered) > ANSWERS_KEPT:
            self._answered.popitem(last=False)
        await self.peers.announce("announcement", body)


async def announce_held(*, journal: Journal, peers: Peers) -> int:
    """Tell everybody again what is held here, for those who joined later; return how many assets were told."""
    told = 0
    for asset in await held_assets(journal):
        body = await announcement(journal, asset, peers.addresses)
        if body is not None:
            await peers.announce("announcement", body)
            told += 1
    return told


async def be_present(peers: Peers) -> None:
    """Tell everybody where this node is reached."""
    await peers.announce("presence", {"addresses": list(peers.addresses)})


def _addresses(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(item for item in listed[:MAX_ADDRESSES] if isinstance(item, str) and len(item) <= MAX_ADDRESS)
