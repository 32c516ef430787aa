"""A live chain is followed block by block; a reorganised one is followed again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import httpx
import pytest
import trio
from anvil import Seat, seated, take_in_until, terms_call, write_terms
from dev_key import DevKey

from thenar.adapters.chain.client import ChainSettings, open_chain
from thenar.adapters.chain.decode import Decoder
from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.chain.reader import DEPTH, Reader
from thenar.adapters.chain.rpc import open_rpc
from thenar.domain.facts import TermsWritten
from thenar.errors import BadConfig, Corrupt, Unavailable
from thenar.services.ports import Batch, Rewind


async def mine(devnet: Devnet, blocks: int) -> int:
    for mined in range(0, blocks, 100):  # a call has 10 s, also on a busy machine
        await devnet.rpc.read("anvil_mine", hex(min(100, blocks - mined)))
    return int(await devnet.rpc.read("eth_blockNumber"), 16)


async def floors(seat: Seat) -> list[int]:
    """The price floors of all terms in the journal: each test writes terms told apart by it."""
    return [fact.terms.price_floor for fact in await seat.journal.facts() if isinstance(fact, TermsWritten)]


async def digest(seat: Seat) -> list[object]:
    return list(await seat.journal.facts())


async def test_facts_arrive_once_confirmed_and_not_before(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    rules = ChainSettings(confirmations=2, interval=0.05)
    async with seated(devnet, tmp_path / "j", key, rules) as seat:
        receipt = await seat.chain.send("terms 1", write_terms(1))
        await take_in_until(seat, receipt.block - 2, devnet.deployment.block + 1)
        before = await floors(seat)
        await mine(devnet, 2)
        await take_in_until(seat, receipt.block, receipt.block - 1)

        assert before == [] and await floors(seat) == [1]


async def test_a_follower_catches_up_over_many_blocks_and_stays_at_the_head(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    async with seated(devnet, tmp_path / "j", key) as seat:
        for number in (1, 2, 3):
            await seat.chain.send(f"terms {number}", write_terms(number))
            await mine(devnet, 1500)
        head = await mine(devnet, 5)

        said = await take_in_until(seat, head, devnet.deployment.block + 1)

        assert await floors(seat) == [1, 2, 3]
        assert [item.first for item in said if isinstance(item, Batch)][-DEPTH:] == list(
            range(head - DEPTH + 1, head + 1)
        )
        assert said[0].last - said[0].first >= 1000


@pytest.mark.parametrize("depth", [1, 2, 7, 33, 64])
async def test_a_reorganisation_is_taken_back_to_the_common_block(
    devnet: Devnet, tmp_path: Path, key: DevKey, depth: int
) -> None:
    async with seated(devnet, tmp_path / "j", key) as seat, seated(devnet, tmp_path / "k", DevKey(2)) as fresh:
        kept = await seat.chain.send("kept", write_terms(1))
        head = await mine(devnet, depth + 5)
        await take_in_until(seat, head, devnet.deployment.block + 1)
        call = terms_call(devnet, 77)
        moved = {"from": "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", "to": call.to, "data": "0x" + call.data.hex()}

        await devnet.rpc.read("anvil_reorg", depth, [[moved, 0]])
        head = await mine(devnet, 2)
        said = await take_in_until(seat, head, head)

        assert isinstance(said[0], Rewind) and said[0].to_block == head - 2 - depth
        assert await floors(seat) == [1, 77] and kept.block <= said[0].to_block
        await take_in_until(fresh, head, devnet.deployment.block + 1)
        assert await digest(seat) == await digest(fresh)


async def test_a_reorganisation_deeper_than_the_limit_stops_with_a_next_step(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    async with seated(devnet, tmp_path / "j", key) as seat:
        head = await mine(devnet, DEPTH + 10)
        await take_in_until(seat, head, devnet.deployment.block + 1)
        await devnet.rpc.read("anvil_reorg", DEPTH + 2, [])
        head = await mine(devnet, 2)

        with pytest.raises(Corrupt) as stopped:
            await take_in_until(seat, head, head)

        assert stopped.value.next_step


async def test_a_chain_that_restarts_mid_way_is_waited_for(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    """A node that is behind what the journal holds is not a reorganisation."""
    async with seated(devnet, tmp_path / "j", key) as seat:
        snapshot = await devnet.rpc.read("evm_snapshot")
        head = await mine(devnet, 3)
        await take_in_until(seat, head, devnet.deployment.block + 1)
        await devnet.rpc.read("evm_revert", snapshot)

        with trio.move_on_after(0.5) as waited:
            async for item in seat.chain.confirmed(head + 1, seat.journal.block_hash):
                raise AssertionError(f"a stale node was believed: {item}")

        assert waited.cancelled_caught and await seat.journal.cursor() == head


REFUSALS = ("nonsense", "huge")  # the line is fine, only the answer is of no use


class Faulty(httpx.AsyncBaseTransport):
    """The real chain node behind a line that fails in one way for a while."""

    def __init__(self) -> None:
        self.fault = ""
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        match self.fault:
            case "down":
                raise httpx.ConnectError("connection refused", request=request)
            case "slow":
                await trio.sleep(60)
            case "busy":
                return httpx.Response(429, request=request)
            case "broken":
                return httpx.Response(500, content=b"oops", request=request)
            case "garbage":
                return httpx.Response(200, content=b"<html>hello</html>", request=request)
            case "nonsense":
                return httpx.Response(200, content=b'[{"id": 1, "result": {"number": 5}}]', request=request)
            case "deep":
                return httpx.Response(200, content=b"[" * 100_000, request=request)
            case "huge":
                return httpx.Response(200, content=b" " * 5_000_000, request=request)
        return await self._inner.handle_async_request(request)


@pytest.mark.parametrize("fault", ["down", "slow", "busy", "broken", "garbage", "nonsense", "deep", "huge"])
async def test_an_outage_is_told_and_waited_out(devnet: Devnet, tmp_path: Path, key: DevKey, fault: str) -> None:
    line = Faulty()
    with httpx.Client() as sync:
        async with httpx.AsyncClient(transport=line) as client, open_rpc(devnet.rpc_url) as plain:
            rpc = type(plain)(devnet.rpc_url, client, sync, timeout=0.3, limit=1_000_000)
            reader = Reader(rpc, Decoder(devnet.deployment.contracts), chain_id=31337, confirmations=0, interval=0.05)
            line.fault = fault
            with pytest.raises(Unavailable):
                await reader.head()
            told = rpc.trouble
            seen: list[int] = []
            with trio.move_on_after(30):
                async with trio.open_nursery() as nursery:

                    async def heal() -> None:
                        await trio.sleep(0.5)
                        line.fault = ""

                    nursery.start_soon(heal)
                    async for item in reader.confirmed(1, _nothing_known):
                        assert isinstance(item, Batch)
                        seen.append(item.last)
                        if item.last >= devnet.deployment.block + 9:
                            break

    assert seen == sorted(seen) and seen[-1] == devnet.deployment.block + 9
    assert bool(told) == (fault not in REFUSALS) and rpc.trouble is None


async def _nothing_known(_: int) -> str | None:
    return None


async def test_another_chain_is_refused_before_anything_is_read_or_sent(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    elsewhere = dataclasses.replace(devnet.deployment, chain_id=1)

    async with seated(devnet, tmp_path / "j", key) as seat:
        with pytest.raises(BadConfig):
            async with open_chain(devnet.rpc_url, elsewhere, key, seat.journal):
                pass
        async with open_chain(devnet.rpc_url, elsewhere, key, seat.journal, check=False) as chain:
            with pytest.raises(BadConfig):
                await anext(aiter(chain.confirmed(1, _nothing_known)))
