"""Measure the event follower beside raw log reading, and how long a node with 100,000 facts takes to be ready again."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import trio
from eth_abi.abi import decode

from thenar.adapters.chain.abi import FOLLOWED, entries, function, type_of
from thenar.adapters.chain.codec import encode_call
from thenar.adapters.chain.decode import Decoder
from thenar.adapters.chain.devnet import Devnet, find_anvil, open_devnet
from thenar.adapters.chain.reader import Reader
from thenar.adapters.journal import open_journal
from thenar.domain import facts as f
from thenar.domain.assets import AssetKind, Commitment
from thenar.domain.ids import Address, AssetId, TermsId, TxHash
from thenar.domain.licenses import Offer
from thenar.errors import BadConfig
from thenar.services.belief import Belief
from thenar.services.follow import refold
from thenar.services.ports import Batch, Rewind

MINTS, PER_BLOCK = 2_000, 20  # two facts each
ROUNDS = 5
FACTS, PER_BATCH = 100_000, 1_000
SENDER = Address("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
WORD = "0x" + "11" * 32


def missing() -> str | None:
    """Why this cannot be measured here, or None."""
    try:
        find_anvil()
    except BadConfig as cause:
        return cause.message
    return None


def run() -> dict[str, dict[str, Any]]:
    """Both figures; entries as in ``reports/bench.json``."""
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(_measure, Path(folder))


async def _measure(folder: Path) -> dict[str, dict[str, Any]]:
    async with open_devnet(folder / "chain", block_time=None) as devnet:
        last = await _fill(devnet)
        followed = await _follower(devnet, folder, last)
    return {"follower_vs_raw": followed, "restart_100k_facts": await _restart(folder / "big")}


async def _fill(devnet: Devnet) -> int:
    """Mint assets in blocks of PER_BLOCK; returns the last block."""
    await devnet.rpc.read("evm_setAutomine", False)
    target = devnet.deployment.contracts["AssetRegistry"]
    for start in range(0, MINTS, PER_BLOCK):
        calls = [_mint(number) for number in range(start, start + PER_BLOCK)]
        sent = [{"from": SENDER, "to": target, "data": "0x" + data.hex(), "gas": hex(400_000)} for data in calls]
        await devnet.rpc.read_all([("eth_sendTransaction", [transaction]) for transaction in sent])
        await devnet.rpc.read("evm_mine")
    return int(await devnet.rpc.read("eth_blockNumber"), 16)


def _mint(number: int) -> bytes:
    arguments = {
        "commitment": _commitment(number, SENDER),
        "terms": 0,
        "royalty_bps": 0,
        "device": "0x" + "00" * 20,
        "device_signature": b"",
    }
    return encode_call(function("AssetRegistry", "mint"), arguments)


def _commitment(number: int, author: Address) -> Commitment:
    word = (number + 1).to_bytes(32, "big")
    return Commitment(author, AssetKind.CAPTURE, 1, word, word, word, word, word)


async def _follower(devnet: Devnet, folder: Path, last: int) -> dict[str, Any]:
    raw, ours, kept, count = [], [], [], 0
    for number in range(ROUNDS):
        begun = time.perf_counter()
        raw_count = _raw(devnet, last)
        raw.append(time.perf_counter() - begun)

        begun = time.perf_counter()
        count = await _follow(devnet, last)
        ours.append(time.perf_counter() - begun)

        begun = time.perf_counter()
        await _follow_into(devnet, folder / f"journal{number}", last)
        kept.append(time.perf_counter() - begun)
    limit, taken = statistics.median(raw), statistics.median(ours)
    detail = {
        "logs": raw_count,
        "facts": count,
        "blocks": last,
        "raw_seconds": round(limit, 4),
        "follower_seconds": round(taken, 4),
        "with_durable_journal_seconds": round(statistics.median(kept), 4),
        "facts_per_second": round(count / taken),
    }
    return {"value": limit / taken, "unit": "ratio", "target": 0.5, "better": "higher", "detail": detail}


def _raw(devnet: Devnet, last: int) -> int:
    """The least anyone does: one eth_getLogs over the range, parsed, topics and data decoded by their ABI types."""
    types = {
        event.id: (
            [type_of(param) for param in event.inputs if param["indexed"]],
            [type_of(param) for param in event.inputs if not param["indexed"]],
        )
        for name in FOLLOWED
        for event in entries(name, "event")
    }
    addresses = [devnet.deployment.contracts[name] for name in FOLLOWED]
    asked = {"fromBlock": "0x1", "toBlock": hex(last), "address": addresses}
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [asked]}
    logs = json.loads(httpx.post(devnet.rpc_url, json=body, timeout=60).content)["result"]
    for log in logs:
        topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
        indexed, plain = types[topics[0]]
        decode(indexed, b"".join(topics[1:]))
        decode(plain, bytes.fromhex(log["data"][2:]))
    return len(logs)


def _reader(devnet: Devnet) -> Reader:
    decoder = Decoder(devnet.deployment.contracts)
    return Reader(devnet.rpc, decoder, chain_id=devnet.deployment.chain_id, confirmations=0, interval=0.05)


async def _follow(devnet: Devnet, last: int) -> int:
    count = 0
    async for item in _reader(devnet).confirmed(1, _nothing_known):
        if isinstance(item, Batch):
            count += len(item.facts)
            if item.last >= last:
                break
    return count


async def _follow_into(devnet: Devnet, folder: Path, last: int) -> None:
    async with open_journal(folder) as journal:
        async for item in _reader(devnet).confirmed(1, journal.block_hash):
            if isinstance(item, Rewind):
                raise AssertionError("a quiet chain was reorganised")
            await journal.take_in(item, [])
            if item.last >= last:
                break


async def _nothing_known(_: int) -> str | None:
    return None


async def _restart(folder: Path) -> dict[str, Any]:
    async with open_journal(folder) as journal:
        for batch in range(FACTS // PER_BATCH):
            made = tuple(_fact(batch * PER_BATCH + place, batch + 1, place) for place in range(PER_BATCH))
            await journal.take_in(Batch(batch + 1, batch + 1, WORD, made), [])
    spent, cpu = [], []
    for _ in range(3):
        begun, worked = time.perf_counter(), time.process_time()
        async with open_journal(folder) as journal:
            belief = Belief()
            await refold(journal, belief)
        spent.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - worked)
    detail = {
        "cpu_s": round(min(cpu), 3),
        "facts": belief.catalog.facts,
        "journal_mb": _megabytes(folder),
        "slowest_s": round(max(spent), 3),
    }
    return {"value": statistics.median(spent), "unit": "s", "target": 5.0, "better": "lower", "detail": detail}


def _megabytes(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.iterdir()) / 1e6, 1)


def _fact(number: int, block: int, place: int) -> f.Fact:
    """A busy network's mix: mints, transfers, offers, payments, deposits."""
    at = f.At(block, place, WORD, TxHash(WORD))
    asset = AssetId(f"0x{number - number % 5:064x}")
    who = Address(f"0x{number % 997:040x}")
    match number % 5:
        case 0:
            return f.AssetMinted(at, asset, who, who, number, TermsId(1), 250, _commitment(number, who))
        case 1:
            return f.Transfer(at, who, who, asset)
        case 2:
            return f.Offered(at, asset, who, TermsId(1), Offer(10**6, 86_400, 2**40 - 1))
        case 3:
            return f.Paid(at, asset, who, 10**6, bytes(32))
        case _:
            return f.Deposited(at, who, who, 10**6)


if __name__ == "__main__":
    for key, entry in run().items():
        print(f"{key}: {entry['value']:.4f} {entry['unit']} (target {entry['target']}) {entry['detail']}")
