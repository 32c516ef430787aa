"""A process that answers with a model: ``python reflex_node.py NAME MODEL BATCH CHANNELS MILLISECONDS CORES``.

Says in one line of JSON where it listens and who it is, then answers until it is killed or its input ends.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import trio
from reflex_arc import answering_node, channel

from thenar.demo.faraway import LongLines
from thenar.domain.reflex.frames import Hello


async def main(name: str, model: str, batch: str, channels: str, milliseconds: str, cores: str) -> None:
    """Serve."""
    if cores != "any":
        os.sched_setaffinity(0, {int(core) for core in cores.split(",")})
    async with answering_node(name, Path(model), int(batch)) as near:
        for number in range(2, int(channels) + 1):
            near.channels[number] = channel(near.key.account)
        if float(milliseconds):

            async def take(line):  # type: ignore[no-untyped-def]
                await near.answering.serve(line, Hello.decode((await line.receive()).body))

            LongLines(near.peers.lines, float(milliseconds) / 1_000).answer(take)
        told = {"address": near.peers.addresses[0], "peer": near.peers.me, "account": near.key.account}
        print(json.dumps(told), flush=True)
        await trio.to_thread.run_sync(sys.stdin.read)


if __name__ == "__main__":
    trio.run(main, *sys.argv[1:])
