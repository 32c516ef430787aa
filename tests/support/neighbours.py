"""An exchange whose peers are other stores in this process, honest or not, and a record of what was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from thenar.domain.ids import Cid, PeerId
from thenar.errors import NotFound
from thenar.services.ports import Blocks


class Neighbours:
    """Asks the named peers' stores one after the other. ``forged`` replaces blocks, as a lying peer would."""

    def __init__(self, stores: Mapping[PeerId, Blocks], forged: Mapping[Cid, bytes] | None = None) -> None:
        self._stores = stores  # not a copy: who moves in later is a neighbour too
        self._forged = dict(forged or {})
        self.asked: list[Cid] = []
        self.most_at_once = 0

    async def want(self, cids: Sequence[Cid], peers: Sequence[PeerId]) -> AsyncIterator[tuple[Cid, bytes]]:
        """Yield each wanted block; raises NotFound when no named peer has one of them."""
        self.asked += cids
        self.most_at_once = max(self.most_at_once, len(cids))
        for cid in reversed(cids):  # any order is allowed, so not the order asked
            if cid in self._forged:
                yield cid, self._forged[cid]
                continue
            yield cid, await self._find(cid, peers)

    async def _find(self, cid: Cid, peers: Iterable[PeerId]) -> bytes:
        for peer in peers:
            if await self._stores[peer].has(cid):
                return await self._stores[peer].get(cid)
        raise NotFound(f"no peer has {cid}")
