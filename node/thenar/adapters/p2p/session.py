"""One search for blocks among some peers: who was asked for what, who said no, what came."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence

import trio

from thenar.domain.ids import Cid, PeerId
from thenar.errors import NotFound, Unavailable

Asker = Callable[[PeerId, Cid, bool], None]
"""Ask a peer for a block (True) or take the ask back (False)."""


class Session:
    """The state of one ``want``; no I/O, so every order of events can be tested."""

    def __init__(self, cids: Sequence[Cid], peers: Sequence[PeerId], ask: Asker, *, window: int) -> None:
        self._todo = deque(dict.fromkeys(cids))
        self._peers = list(dict.fromkeys(peers))
        self._ask = ask
        self._window = window
        self._asked: dict[Cid, PeerId] = {}
        self._refused: dict[Cid, set[PeerId]] = {}
        self._gone: set[PeerId] = set()
        self._load: Counter[PeerId] = Counter()
        self._missing: set[Cid] = set()
        self._arrived: deque[tuple[Cid, bytes]] = deque()
        self.wake = trio.Event()

    @property
    def outstanding(self) -> bool:
        """Whether an answer is still awaited."""
        return bool(self._asked)

    def awaits(self, cid: Cid, peer: PeerId) -> bool:
        """Whether a peer was asked for a block that has not come."""
        return self._asked.get(cid) == peer

    def fill(self) -> None:
        """Ask for more, in batches, while fewer than a window of blocks are asked for or wait to be taken."""
        if len(self._asked) + len(self._arrived) > self._window // 2:
            return
        while self._todo and len(self._asked) + len(self._arrived) < self._window:
            self._assign(self._todo.popleft())

    def take(self) -> tuple[Cid, bytes] | None:
        """The next block that came, if any."""
        return self._arrived.popleft() if self._arrived else None

    def on_block(self, cid: Cid, block: bytes) -> bool:
        """Take in a block whose hash was checked; False when nobody here waits for it."""
        peer = self._asked.pop(cid, None)
        if peer is None:
            return False
        self._load[peer] -= 1
        self._arrived.append((cid, block))
        self.wake.set()
        return True

    def on_missing(self, peer: PeerId, cid: Cid) -> None:
        """A peer said it has not got a block."""
        if self._asked.get(cid) == peer:
            self._refused.setdefault(cid, set()).add(peer)
            self._unassign(cid)
            self._assign(cid)

    def on_gone(self, peer: PeerId) -> None:
        """A peer cannot be reached or stopped answering: ask the others."""
        self._gone.add(peer)
        for cid in [cid for cid, asked in self._asked.items() if asked == peer]:
            self._unassign(cid)
            self._ask(peer, cid, False)
            self._assign(cid)

    def on_stall(self) -> bool:
        """Nothing came for a while: drop the silent peers when there are others, else ask them again and say False.

        A stream that broke takes what was asked on it with it, and the asker may not notice.
        """
        silent = set(self._asked.values())
        if not set(self._peers) - self._gone - silent:
            for cid, peer in self._asked.items():
                self._ask(peer, cid, True)
            return False
        for peer in silent:
            self.on_gone(peer)
        return True

    def close(self) -> None:
        """Take every open ask back."""
        for cid, peer in self._asked.items():
            self._ask(peer, cid, False)
        self._asked.clear()

    def raise_for_missing(self) -> None:
        """Raise NotFound when every peer said no to something, Unavailable when some could not be asked."""
        if not self._missing:
            return
        everyone = set(self._peers)
        some = next(iter(self._missing))
        if all(self._refused.get(cid, set()) >= everyone for cid in self._missing):
            raise NotFound(f"none of {len(everyone)} peers has {some} ({len(self._missing)} blocks missing)")
        raise Unavailable(
            f"{len(self._missing)} blocks, {some} among them, could not be fetched: "
            f"{len(self._gone)} of {len(everyone)} peers stopped answering"
        )

    def _assign(self, cid: Cid) -> None:
        refused = self._refused.get(cid, set())
        free = [peer for peer in self._peers if peer not in refused and peer not in self._gone]
        if not free:
            self._missing.add(cid)
            self.wake.set()
            return
        peer = min(free, key=lambda candidate: self._load[candidate])
        self._asked[cid] = peer
        self._load[peer] += 1
        self._ask(peer, cid, True)

    def _unassign(self, cid: Cid) -> None:
        self._load[self._asked.pop(cid)] -= 1
        self.wake.set()
