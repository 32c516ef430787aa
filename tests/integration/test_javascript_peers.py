"""js-libp2p on the gossip topic, Helia over bitswap."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from libp2p.crypto.ed25519 import create_new_key_pair
from p2p_peers import CHAIN, MemoryBlocks, peer, raw_cid, seed, until
from p2p_processes import Child, running

from thenar.adapters.p2p import identity
from thenar.domain import messages
from thenar.domain.ids import PeerId
from thenar.domain.messages import Envelope
from thenar.errors import NotFound

JS = Path(__file__).parent / "js"
ROOT = JS.parents[2]
BLOCKS = [hashlib.shake_128(bytes([number])).digest(256 * 1024) for number in range(16)]


def _node() -> str | None:
    """A Node.js of version 22 or newer: from set-up, from the package beside the peers, or the system's."""
    packaged = sorted(JS.glob("node_modules/node-*/bin/node"))
    for candidate in (str(ROOT / ".tools" / "bin" / "node22"), *map(str, packaged), shutil.which("node")):
        if candidate and os.access(candidate, os.X_OK):
            told = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
            if told.startswith("v") and int(told[1:].split(".")[0]) >= 22:
                return candidate
    return None


NODE = _node()
if not (JS / "node_modules" / "libp2p").exists():
    pytest.skip("the JavaScript peers are not installed: run `make interop`", allow_module_level=True)
if NODE is None:
    pytest.skip("no Node.js of version 22 or newer: run `make interop`", allow_module_level=True)


@asynccontextmanager
async def javascript(script: str, *arguments: str) -> AsyncIterator[Child]:
    async with running([str(NODE), str(JS / script), *arguments]) as child:
        yield child


def _packet(name: str, body: dict[str, Any]) -> bytes:
    key = create_new_key_pair(seed(name))
    origin = identity.from_libp2p(_peer_id(name))
    data = Envelope(CHAIN, "offer", origin, time.time_ns(), body).encode()
    return key.private_key.sign(messages.signed_bytes(data)) + data


def _peer_id(name: str) -> Any:
    return identity.ID.from_pubkey(create_new_key_pair(seed(name)).public_key)


async def test_gossip_passes_both_ways_with_js_libp2p() -> None:
    count = 50
    async with (
        peer("ana") as ana,
        ana.heard() as news,
        javascript("gossip.mjs", f"/thenar/{CHAIN}/1", seed("js").hex(), ana.addresses[0]) as js,
    ):
        assert js.ready["ready"] == identity.from_libp2p(_peer_id("js"))
        for number in range(count):
            await js.send(base64.b64encode(_packet("js", {"n": number})).decode())
            await ana.announce("offer", {"n": number})
        with trio.fail_after(30):
            heard = [await news.__anext__() for _ in range(count)]
        await until(lambda: len(js.heard) >= count, seconds=30)

        assert sorted(item.body["n"] for item in heard) == list(range(count))
        assert {item.origin for item in heard} == {js.ready["ready"]}
        packets = [messages.split(base64.b64decode(line["heard"])) for line in js.heard]
        envelopes = [messages.decode(data, chain=CHAIN) for _, data in packets]
        assert sorted(envelope.body["n"] for envelope in envelopes) == list(range(count))
        assert all(identity.verify(ana.me, messages.signed_bytes(data), signed) for signed, data in packets)
        assert {line["type"] for line in js.heard} == {"signed"}


async def test_helia_fetches_our_blocks() -> None:
    async with peer("ana", *BLOCKS) as ana, javascript("blocks.mjs", seed("helia").hex()) as helia:
        assert await helia.call({"dial": ana.addresses[0]}) == {"peer": ana.me}
        for block in BLOCKS:
            got = await helia.call({"get": str(raw_cid(block))})
            assert got == {"size": len(block), "sha256": hashlib.sha256(block).hexdigest()}


async def test_we_fetch_the_blocks_of_helia() -> None:
    store = MemoryBlocks()
    async with peer("ana", store=store) as ana, javascript("blocks.mjs", seed("helia").hex()) as helia:
        for block in BLOCKS[:8]:
            put = await helia.call(json.dumps({"put": base64.b64encode(block).decode()}))
            assert put == {"cid": str(raw_cid(block))}
        await ana.dial(helia.ready["addresses"][0])
        wanted = [raw_cid(block) for block in BLOCKS[:8]]
        got = {cid: block async for cid, block in ana.exchange.want(wanted, [PeerId(helia.ready["ready"])])}
        assert got == dict(zip(wanted, BLOCKS[:8], strict=True))

        with pytest.raises(NotFound):
            async for _ in ana.exchange.want([raw_cid(BLOCKS[9])], [PeerId(helia.ready["ready"])]):
                pytest.fail("a block came that nobody has")
