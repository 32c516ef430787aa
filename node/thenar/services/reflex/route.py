"""A robot's line to one node: calls in flight, answers matched by number, windows checked, vouchers signed."""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import trio

from thenar.domain.ids import PeerId
from thenar.domain.reflex.answers import Answered, Answers, SignedAnswer, SignedCall, Window
from thenar.domain.reflex.choice import Record
from thenar.domain.reflex.frames import Frame, Hello, Kind, Pay, Ready, SignedWindow, Status
from thenar.domain.reflex.vouchers import Desk, Voucher, hello_signed, owed
from thenar.domain.reflex.vouchers import Line as Account
from thenar.errors import BadInput, Corrupt, Late, Refused, Unavailable
from thenar.services.ports import Line, Lines, SignerOf

PAY_EVERY: Final = 64
"""Calls between two vouchers; a robot is never more than this behind, and a node gives more credit."""
SAMPLED: Final = 32
"""Observations of which the signed answer is kept, to be asked again: the last ones drawn."""
HELLO_SECONDS: Final = 5.0
WINDOW_SECONDS: Final = 5.0

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Purse:
    """The channel a robot pays one node with, and the robot's own key."""

    desk: Desk
    account: Account
    deposit: int
    sign: Sign
    signer_of: SignerOf


@dataclass(slots=True)
class Asked:
    """One call on its way."""

    observation: bytes
    began: float
    done: Callable[[Asked], None]
    action: bytes | None = None
    failed: bool = False


@dataclass(slots=True)
class Route:
    """A line that is ready. ``run`` reads it until it ends; ``ask`` never waits."""

    name: str
    line: Line
    ready: Ready
    purse: Purse
    record: Record
    calls: int
    paid: int
    alive: bool = True
    windows: int = 0
    _next: int = 0
    _flying: dict[int, Asked] = field(default_factory=dict)
    _answered: list[Answered] = field(default_factory=list)
    _wake: trio.Event = field(default_factory=trio.Event)
    _out: trio.MemorySendChannel[Frame] = field(init=False)
    _queue: trio.MemoryReceiveChannel[Frame] = field(init=False)
    evidence: tuple[SignedAnswer, SignedAnswer] | None = None
    signed: deque[SignedCall] = field(default_factory=lambda: deque(maxlen=SAMPLED))
    _samples: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    _kept: dict[bytes, SignedAnswer] = field(default_factory=dict)
    _arrived: trio.Event = field(default_factory=trio.Event)
    _window_seen: trio.Event = field(default_factory=trio.Event)

    def __post_init__(self) -> None:
        self._out, self._queue = trio.open_memory_channel(256)

    @property
    def owed(self) -> int:
        """What all calls so far cost, token units."""
        return owed(self.calls, self.ready.price)

    @property
    def price(self) -> int:
        """Of 1,000 calls, token units."""
        return self.ready.price

    def ask(self, observation: bytes, done: Callable[[Asked], None]) -> Asked:
        """Send a call; ``done`` is told when it ended. On a dead line it has failed at once."""
        asked = Asked(observation, trio.current_time(), done)
        self._next += 1
        self._flying[self._next] = asked
        self._say(Frame(Kind.CALL, observation, self._next), asked)
        return asked

    def sample(self, observation: bytes, action: bytes = b"") -> None:
        """Keep the signed answer to an observation that was asked, to hold another one against it.

        When the action is given too, the call can be run again.
        """
        while len(self._samples) >= SAMPLED:
            oldest = next(iter(self._samples))
            del self._samples[oldest]
            self._kept.pop(oldest, None)
        self._samples[hashlib.sha256(observation).digest()] = (observation, action)

    def ask_again(self) -> None:
        """Ask an observation whose answer is signed once more, beside the loop: an honest node repeats itself."""
        for digest in self._kept:
            self.ask(self._samples[digest][0], _nothing)
            return

    async def run(self) -> None:
        """Read answers and write calls and vouchers until the line ends; then everything in flight has failed."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                nursery.start_soon(self._pay)
                await self._read()
                nursery.cancel_scope.cancel()
        except* (BadInput, Corrupt, Late, Refused, Unavailable):
            pass
        finally:
            self.alive = False
            for asked in list(self._flying.values()):
                self._end(asked, None)
            self._flying.clear()
            await self.line.drop()

    async def settle_up(self) -> None:
        """Have the last window signed, pay for all of it, and see the voucher arrive. Ends within seconds."""
        with trio.move_on_after(WINDOW_SECONDS):
            if self.alive and self._answered:
                self._window_seen = trio.Event()
                self._say(Frame(Kind.WINDOW))
                await self._window_seen.wait()
            await self._voucher()
            if self.alive:
                self._arrived = trio.Event()
                self._say(Frame(Kind.PING))
                await self._arrived.wait()

    def _say(self, frame: Frame, asked: Asked | None = None) -> None:
        try:
            if not self.alive:
                raise trio.BrokenResourceError
            self._out.send_nowait(frame)
        except (trio.WouldBlock, trio.BrokenResourceError, trio.ClosedResourceError):
            if asked is not None:
                self._flying.pop(frame.call, None)
                self._end(asked, None)

    async def _write(self) -> None:
        async for frame in self._queue:
            await self.line.send(frame)

    async def _read(self) -> None:
        while (frame := await self.line.receive()) is not None:
            if frame.kind == Kind.ANSWER:
                self._answer(frame)
            elif frame.kind == Kind.WINDOW:
                await self._check(SignedWindow.decode(frame.body))
            elif frame.kind == Kind.PONG:
                self._arrived.set()
            else:
                raise BadInput(f"a node does not say {frame.kind}")

    def _answer(self, frame: Frame) -> None:
        asked = self._flying.pop(frame.call, None)
        if asked is None:
            return
        good = frame.status == Status.DONE and len(frame.body) == self.ready.action
        if good:
            self.calls += 1
            self._answered.append(Answered.of(asked.observation, frame.body))
            if self.calls - self.paid >= PAY_EVERY:
                self._wake.set()
        elif frame.status == Status.UNPAID:
            self._wake.set()
        self._end(asked, frame.body if good else None)

    def _end(self, asked: Asked, action: bytes | None) -> None:
        asked.action, asked.failed = action, action is None
        if action is None:
            self.record.missed()
        else:
            self.record.took(trio.current_time() - asked.began)
        asked.done(asked)

    async def _pay(self) -> None:
        while True:
            await self._wake.wait()
            self._wake = trio.Event()
            await self._voucher()

    async def _voucher(self) -> None:
        """Sign all that is owed, in a thread of its own; never above the deposit."""
        calls, amount = self.calls, self.owed
        if calls <= self.paid or amount > self.purse.deposit:
            return
        digest = Voucher(self.purse.account, amount, calls).signed(self.purse.desk)
        signature = await trio.to_thread.run_sync(self.purse.sign, digest)
        self.paid = calls
        self._say(Frame(Kind.VOUCHER, Pay(amount, calls, signature).encode()))

    async def _check(self, signed: SignedWindow) -> None:
        """Hold what the node signed against what it answered. Raises Corrupt: then it is paid no more."""
        mine, self._answered = self._answered[: signed.count], self._answered[signed.count :]
        account, root = self.purse.account, Window(signed.window, mine).root
        said = Answers(
            account.node, account.model, account.channel, signed.window, signed.count, signed.runtime, signed.root
        )
        signer = await trio.to_thread.run_sync(self.purse.signer_of, said.signed(self.purse.desk), signed.signature)
        if signer != account.node or root != signed.root or signed.runtime != self.ready.runtime:
            raise Corrupt(f"{self.name} signed other answers than it gave")
        self._compare(Window(signed.window, mine), said, signed.signature)
        self.windows += 1
        self._window_seen.set()

    def _compare(self, window: Window, said: Answers, signature: bytes) -> None:
        """Hold signed answers to sampled observations against each other. Raises Corrupt with the evidence kept."""
        for index, call in enumerate(window.calls):
            if call.observation not in self._samples:
                continue
            shown, (asked, given) = window.shown(index, said, signature), self._samples[call.observation]
            if call == Answered.of(asked, given):
                self.signed.append(SignedCall(shown, asked, given))
            earlier = self._kept.setdefault(call.observation, shown)
            if earlier.contradicts(shown):
                self.evidence = (earlier, shown)
                raise Corrupt(f"{self.name} gave one observation two answers")


def _nothing(_: Asked) -> None:
    return


async def open_route(lines: Lines, peer: PeerId, me: PeerId, purse: Purse, record: Record, most: int) -> Route:
    """Open a line to a node and say with which channel it is paid.

    Raises Refused when it asks more than ``most`` for 1,000 calls or takes the channel for none, Unavailable, Late.
    """
    line = await lines.call(peer)
    digest = hello_signed(purse.desk, purse.account.channel, me, peer)
    hello = Hello(purse.account.channel, purse.account.model, await trio.to_thread.run_sync(purse.sign, digest))
    try:
        with trio.fail_after(HELLO_SECONDS):
            await line.send(Frame(Kind.HELLO, hello.encode()))
            frame = await line.receive()
        if frame is None or frame.kind != Kind.READY:
            raise Refused(f"{peer} does not take channel {purse.account.channel}")
        ready = Ready.decode(frame.body)
        if ready.price > most:
            raise Refused(f"{peer} asks {ready.price} for 1,000 calls, above {most}")
    except trio.TooSlowError as cause:
        await line.drop()
        raise Late(f"{peer} did not answer the hello") from cause
    except (BadInput, Refused, Unavailable):
        await line.drop()
        raise
    return Route(peer, line, ready, purse, record, calls=frame.call, paid=frame.call)


async def measured(route: Route, times: int, period: float) -> float:
    """Ask with an observation of zeros so many times; the median round trip, seconds. Failures count in the record."""
    for _ in range(times):
        over = trio.Event()
        route.ask(bytes(route.ready.observation), lambda _, over=over: over.set())  # type: ignore[misc]
        with trio.move_on_after(max(period, 1.0)):
            await over.wait()
    return route.record.latency if route.record.trips else math.inf
