"""The supervisor's end of a process that answers with a model: rows in, rows out, one run at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import trio

from thenar.adapters.compute import frames, launch
from thenar.adapters.compute.channel import Channel
from thenar.errors import BadInput, Corrupt, Late
from thenar.services.ports import Engine, Shape

MODULE: Final = "thenar.adapters.compute.answering"
MAX_MODEL: Final = 256 * 1024 * 1024
MAX_BATCH: Final = 64
MEMORY: Final = 4 << 30
PROCESSOR_SECONDS: Final = 1 << 30
"""It answers for as long as it is asked; what it may not do is take memory, files or the network."""
OPEN_SECONDS: Final = 60.0
RUN_SECONDS: Final = 5.0


class ModelProcess:
    """Implements Engine over a confined process."""

    def __init__(self, channel: Channel, shape: Shape) -> None:
        self._channel, self._shape, self._turn = channel, shape, trio.Lock()

    @property
    def shape(self) -> Shape:
        """What it takes and gives."""
        return self._shape

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._channel.pid

    async def run(self, observations: Sequence[bytes]) -> list[bytes]:
        """Fill up with zeros to the fixed number of rows, and run. Raises BadInput, Late, Unavailable."""
        width, action = self._shape.observation, self._shape.action
        if len(observations) > self._shape.batch or any(len(one) != width for one in observations):
            raise BadInput(f"at most {self._shape.batch} observations of {width} bytes are run at once")
        rows = b"".join(observations).ljust(width * self._shape.batch, b"\x00")
        async with self._turn:
            await self._channel.send(rows)
            try:
                with trio.fail_after(RUN_SECONDS):
                    made = await self._channel.exactly(action * self._shape.batch)
            except trio.TooSlowError as cause:
                raise Late(f"the model did not answer within {RUN_SECONDS:g} s") from cause
        return [made[at * action : (at + 1) * action] for at in range(len(observations))]


@asynccontextmanager
async def open_engine(path: Path, batch: int) -> AsyncIterator[Engine]:
    """Start a confined process with an ONNX file and warm it up.

    Raises BadInput for what is no such model or too large, Unavailable when the process ends, Late.
    """
    if not 0 < batch <= MAX_BATCH:
        raise BadInput(f"1 to {MAX_BATCH} rows are run at once")
    if (size := (await trio.Path(path).stat()).st_size) > MAX_MODEL:
        raise BadInput(f"the model has {size:,} bytes, {MAX_MODEL:,} are allowed")
    data = await trio.Path(path).read_bytes()
    room = launch.Room(await trio.to_thread.run_sync(launch.bubblewrap))
    bounds = json.dumps({"memory": MEMORY, "seconds": PROCESSOR_SECONDS})
    channel = Channel(await trio.to_thread.run_sync(launch.start, room, MODULE, [bounds]), OPEN_SECONDS)
    try:
        await channel.send(frames.said({"batch": batch}), frames.pack(frames.BYTES, data))
        yield ModelProcess(channel, _shape((await channel.words()).get("ready")))
    finally:
        await channel.aclose()


def _shape(told: object) -> Shape:
    if not isinstance(told, dict):
        raise Corrupt("the process that answers with a model says nothing of it")
    return Shape(int(told["observation"]), int(told["action"]), int(told["batch"]), bytes.fromhex(told["runtime"]))
