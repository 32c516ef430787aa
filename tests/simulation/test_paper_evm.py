"""The simulated endpoint says through the node's own client over HTTP what it says without one."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx
import trio
from machine import DEPLOYER
from near_rpc import Endpoint, NearRpc
from paper_evm import CALM, PaperEvm
from whole_network import PARAMETERS

from thenar.adapters.chain import transactions
from thenar.adapters.chain.decode import Decoder
from thenar.adapters.chain.reader import Reader
from thenar.adapters.chain.rpc import Rpc
from thenar.adapters.chain.signing import Fees, sign
from thenar.adapters.vault.keyring import OpenKeyring
from thenar.domain.facts import Deposited
from thenar.domain.sending import Call
from thenar.services.ports import Batch, Rewind

KEY = OpenKeyring(b"\x07" * 32, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)


def town() -> PaperEvm:
    """A chain on which the account has approved and brought something."""
    chain = PaperEvm(PARAMETERS, random.Random(1))
    chain.call(DEPLOYER, "token", "mint", KEY.account, 10**9)
    chain.call(KEY.account, "token", "approve", chain.contracts["Ledger"], 10**9)
    chain.begin()
    return chain


def deposit(chain: PaperEvm, nonce: int, amount: int) -> str:
    """A signed deposit in the pool; its hash."""
    words = KEY.account[2:].rjust(64, "0") + f"{amount:064x}"
    data = bytes.fromhex("47e7ef24" + words)  # deposit(address,uint256)
    call = Call(chain.contracts["Ledger"], data)
    signed = sign(call, KEY, chain_id=1, nonce=nonce, gas=300_000, fees=Fees(2 * CALM, 10**9), block=0)
    assert "result" in chain.answer("eth_sendRawTransaction", ["0x" + signed.raw.hex()])
    return signed.tx_hash


def over_http(chain: PaperEvm) -> httpx.MockTransport:
    """The same chain as a server answers it."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        many = asked if isinstance(asked, list) else [asked]
        said: list[Any] = [
            {"jsonrpc": "2.0", "id": one["id"], **chain.answer(one["method"], one["params"])} for one in many
        ]
        return httpx.Response(200, json=said if isinstance(asked, list) else said[0])

    return httpx.MockTransport(answer)


async def test_both_ways_to_the_chain_say_the_same():
    chain = town()
    tx = deposit(chain, 0, 1_000)
    chain.mine(chain.head.timestamp + 12)
    near = NearRpc(Endpoint(chain, random.Random(1)))
    asked = [
        ("eth_chainId", []),
        ("eth_blockNumber", []),
        ("eth_getBlockByNumber", ["latest", False]),
        ("eth_getBlockByNumber", ["0x63", False]),
        ("eth_getLogs", [{"fromBlock": "0x0", "toBlock": "0x9", "address": [chain.contracts["Ledger"]]}]),
        ("eth_getTransactionReceipt", [tx]),
        ("eth_getTransactionCount", [KEY.account, "latest"]),
        ("eth_no_such_method", []),
    ]

    transport = over_http(chain)
    with httpx.Client(transport=transport) as sync:
        async with httpx.AsyncClient(transport=transport) as client:
            far = Rpc("http://paper", client, sync, timeout=10, limit=10**7)
            call = Call(chain.contracts["Ledger"], bytes.fromhex("f3fef3a3" + "00" * 64))

            assert await far.batch(asked) == await near.batch(asked)
            assert await transactions.fees_for(far, 10**12) == await transactions.fees_for(near, 10**12)
            assert await transactions.balance_of(far, KEY.account) == await transactions.balance_of(near, KEY.account)
            refused = [await transactions.revert_reason(rpc, KEY.account, call, 2) for rpc in (far, near)]
    assert str(refused[0]) == str(refused[1])


async def test_the_reader_takes_back_what_a_reorganisation_moved(autojump_clock):
    chain = town()
    deposit(chain, 0, 1_000)
    for _ in range(6):
        chain.mine(chain.head.timestamp + 12)
    rpc = NearRpc(Endpoint(chain, random.Random(1)))
    reader = Reader(rpc, Decoder(chain.contracts), chain_id=1, confirmations=0, interval=1)
    held: dict[int, str] = {}
    facts: dict[int, tuple[object, ...]] = {}

    async def known(block: int) -> str | None:
        return held.get(block)

    with trio.move_on_after(60):
        async for item in reader.confirmed(0, known):
            match item:
                case Rewind(to_block=to_block):
                    for block in [block for block in held if block > to_block]:
                        del held[block]
                        facts.pop(block)
                case Batch():
                    held[item.last], facts[item.last] = item.last_hash, item.facts
                    if item.last == 7 and len(chain.blocks) == 8:
                        chain.reorganise(6, lost=0.0)

    told = [fact for some in facts.values() for fact in some if isinstance(fact, Deposited)]
    assert [fact.amount for fact in told] == [1_000]
    assert all(chain.blocks[block].hash == block_hash for block, block_hash in held.items())


def test_a_chain_may_have_more_blocks_than_calls_may_be_deep() -> None:
    chain = town()
    deposit(chain, 0, 5)
    chain.mine(chain.head.timestamp + 12)
    held = chain.view("Ledger", "balanceOf", KEY.account)
    for _ in range(1_200):
        chain.mine(chain.head.timestamp + 12)
    deposit(chain, 1, 7)
    chain.mine(chain.head.timestamp + 12)
    assert chain.view("Ledger", "balanceOf", KEY.account) == held + 7

    for _ in range(3):
        chain.reorganise(64, lost=1.0)

    assert chain.view("Ledger", "balanceOf", KEY.account) == held
    assert chain.head.number > 1_200


def test_the_first_block_stays() -> None:
    chain = town()

    assert chain.reorganise(3) == 0
    assert chain.head.number == 1
