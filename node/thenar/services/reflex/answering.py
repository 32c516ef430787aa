"""A node answers: calls queued and run together, answers signed by the window, vouchers checked beside the hot path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import trio

from thenar.domain.ids import Address, AssetId, PeerId
from thenar.domain.reflex.answers import WINDOW_CALLS, Answered, Answers, Window
from thenar.domain.reflex.channels import Channel
from thenar.domain.reflex.frames import Frame, Hello, Kind, Pay, Ready, SignedWindow, Status
from thenar.domain.reflex.vouchers import Desk, Voucher, hello_signed, owed
from thenar.domain.reflex.vouchers import Line as Account
from thenar.errors import BadInput, Refused, Unavailable
from thenar.services.ports import Engine, Journal, Line, SignerOf

QUEUE: Final = 64
"""Calls waiting for the model; more are told that it is busy."""
PENDING: Final = 256
"""Answers one robot has not taken; with more it is given up."""
CREDIT: Final = 2_048
"""Calls answered ahead of the last voucher, a node's whole risk with one robot."""

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a node answers with, for how much (token units for 1,000 calls), and who it is on chain."""

    node: Address
    model: AssetId
    price: int
    credit: int = CREDIT


@dataclass(frozen=True, slots=True)
class Books:
    """What checking a robot needs: channels as the chain knows them, signatures, and a journal for vouchers."""

    desk: Desk
    channel: Callable[[int], Channel | None]
    signer_of: SignerOf
    sign: Sign
    journal: Journal
    me: PeerId
    now: Callable[[], Awaitable[int]]  # chain time, unix seconds


def voucher_name(channel: int) -> str:
    """Where the best voucher of a channel is remembered."""
    return f"reflex/voucher/{channel}"


@dataclass(slots=True)
class _Robot:
    """One line that is being answered."""

    line: Line
    number: int
    channel: Channel
    out: trio.MemorySendChannel[Frame]
    answered: int
    paid: int
    window: Window
    nursery: trio.Nursery
    asking: int = 0


@dataclass
class Answering:
    """Answers with one model; ``run`` lasts as long as it does."""

    engine: Engine
    quote: Quote
    books: Books
    calls: int = 0
    _seconds: float = 0.0
    busy: dict[int, _Robot] = field(default_factory=dict)
    _send: trio.MemorySendChannel[tuple[_Robot, Frame]] = field(init=False)
    _take: trio.MemoryReceiveChannel[tuple[_Robot, Frame]] = field(init=False)

    def __post_init__(self) -> None:
        self._send, self._take = trio.open_memory_channel(QUEUE)

    async def run(self) -> None:
        """Run what is queued, as many rows at once as the model takes. Raises Unavailable when its process ended."""
        while True:
            batch = [await self._take.receive()]
            while len(batch) < self.engine.shape.batch:
                try:
                    batch.append(self._take.receive_nowait())
                except trio.WouldBlock:
                    break
            began = trio.current_time()
            actions = await self.engine.run([frame.body for _, frame in batch])
            self._took(trio.current_time() - began)
            for (robot, frame), action in zip(batch, actions, strict=True):
                self._answered(robot, frame, action)

    async def hang_up(self) -> None:
        """End every line: nobody runs what they ask."""
        for robot in list(self.busy.values()):
            await robot.line.drop()

    @property
    def latency_us(self) -> int:
        """How long the model itself takes, µs: a running mean."""
        return round(self._seconds * 1e6)

    def _took(self, seconds: float) -> None:
        self._seconds += 0.05 * (seconds - self._seconds)

    async def serve(self, line: Line, hello: Hello) -> None:
        """Answer one robot until it leaves. Raises BadInput, Late, Refused, Unavailable."""
        channel = await self._admit(line, hello)
        best = await self._best(hello.channel)
        send, receive = trio.open_memory_channel[Frame](PENDING)
        window, shape = await self._next_window(hello.channel), self.engine.shape
        ready = Ready(shape.observation, shape.action, shape.batch, self.quote.credit, self.quote.price, shape.runtime)
        await line.send(Frame(Kind.READY, ready.encode(), best.calls))
        async with trio.open_nursery() as nursery:
            # What came after the last voucher on an earlier line was this node's risk, and is forgiven.
            robot = _Robot(line, hello.channel, channel, send, best.calls, best.calls, window, nursery)
            self.busy[hello.channel] = robot
            nursery.start_soon(self._say, line, receive)
            try:
                await self._listen(robot)
            finally:
                if self.busy.get(hello.channel) is robot:
                    del self.busy[hello.channel]
            nursery.cancel_scope.cancel()

    async def _listen(self, robot: _Robot) -> None:
        while (frame := await robot.line.receive()) is not None:
            if frame.kind == Kind.CALL:
                self._asked(robot, frame)
            elif frame.kind == Kind.PING:
                self._tell(robot, Frame(Kind.PONG, frame.body, frame.call))
            elif frame.kind == Kind.VOUCHER:
                robot.nursery.start_soon(self._paid, robot, frame)
            elif frame.kind == Kind.WINDOW:
                self._close_window(robot)
            else:
                raise BadInput(f"a robot does not say {frame.kind}")

    def _asked(self, robot: _Robot, frame: Frame) -> None:
        status = Status.DONE
        if len(frame.body) != self.engine.shape.observation:
            status = Status.REFUSED
        elif robot.answered + robot.asking - robot.paid >= self.quote.credit:
            status = Status.UNPAID
        else:
            try:
                self._send.send_nowait((robot, frame))
                robot.asking += 1
            except trio.WouldBlock:
                status = Status.BUSY
        if status != Status.DONE:
            self._tell(robot, Frame(Kind.ANSWER, b"", frame.call, status))

    def _answered(self, robot: _Robot, frame: Frame, action: bytes) -> None:
        robot.asking -= 1
        robot.answered += 1
        self.calls += 1
        self._tell(robot, Frame(Kind.ANSWER, action, frame.call))
        robot.window.calls.append(Answered.of(frame.body, action))
        if len(robot.window.calls) >= WINDOW_CALLS:
            self._close_window(robot)

    def _close_window(self, robot: _Robot) -> None:
        full, robot.window = robot.window, Window(robot.window.number + 1)
        if full.calls:
            robot.nursery.start_soon(self._sign_window, robot, full)

    async def _sign_window(self, robot: _Robot, full: Window) -> None:
        signed = await trio.to_thread.run_sync(self._signed, robot.number, full)
        self._tell(robot, Frame(Kind.WINDOW, signed.encode()))

    def _signed(self, number: int, full: Window) -> SignedWindow:
        runtime, count, root = self.engine.shape.runtime, len(full.calls), full.root
        said = Answers(self.quote.node, self.quote.model, number, full.number, count, runtime, root)
        return SignedWindow(full.number, count, runtime, root, self.books.sign(said.signed(self.books.desk)))

    def _tell(self, robot: _Robot, frame: Frame) -> None:
        try:
            robot.out.send_nowait(frame)
        except (trio.WouldBlock, trio.BrokenResourceError, trio.ClosedResourceError):
            robot.out.close()  # it takes nothing: its line ends

    async def _say(self, line: Line, frames: trio.MemoryReceiveChannel[Frame]) -> None:
        async with frames:
            async for frame in frames:
                await line.send(frame)
        raise Unavailable("a robot did not take its answers")

    async def _admit(self, line: Line, hello: Hello) -> Channel:
        """The channel a robot pays with. Raises Refused when it cannot be paid from, or is not this robot's."""
        channel = self.books.channel(hello.channel)
        if channel is None or channel.node != self.quote.node or channel.model != self.quote.model:
            raise Refused(f"channel {hello.channel} is none to this node and model")
        if hello.model != channel.model or channel.until <= await self.books.now():
            raise Refused(f"channel {hello.channel} is of another model, or over")
        digest = hello_signed(self.books.desk, hello.channel, line.peer, self.books.me)
        if not await self._signed_by(channel.signer, digest, hello.signature):
            raise Refused(f"channel {hello.channel} is not this robot's")
        if hello.channel in self.busy:
            await self.busy[hello.channel].line.drop()  # the same robot came back
        return channel

    async def _next_window(self, number: int) -> Window:
        """Windows are numbered on through the life of a channel, also over restarts."""
        name = f"reflex/window/{number}"
        kept = await self.books.journal.get(name)
        begin = int.from_bytes(kept, "big") + 1 if kept else 1
        await self.books.journal.put(name, (begin + (1 << 20)).to_bytes(8, "big"))
        return Window(begin)

    async def _best(self, number: int) -> Pay:
        kept = await self.books.journal.get(voucher_name(number))
        return Pay.decode(kept) if kept else Pay(0, 0, bytes(65))

    async def _paid(self, robot: _Robot, frame: Frame) -> None:
        """Take a voucher that is the robot's, covers its calls and is covered by the deposit; leave any other."""
        try:
            pay = Pay.decode(frame.body)
        except BadInput:
            return
        channel = self.books.channel(robot.number) or robot.channel
        account = Account(robot.number, channel.node, channel.model, channel.client)
        digest = Voucher(account, pay.amount, pay.calls).signed(self.books.desk)
        good = pay.calls > robot.paid and owed(pay.calls, self.quote.price) <= pay.amount <= channel.deposit
        with trio.CancelScope(shield=True):  # a robot that pays and leaves has paid
            if good and await self._signed_by(channel.signer, digest, pay.signature):
                await self.books.journal.put(voucher_name(robot.number), pay.encode())
                robot.paid = max(robot.paid, pay.calls)

    async def _signed_by(self, signer: Address, digest: bytes, signature: bytes) -> bool:
        try:
            return await trio.to_thread.run_sync(self.books.signer_of, digest, signature) == signer
        except BadInput:
            return False
