"""Wanted once, on chain once: whatever the chain node, the fees or the power do in between."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import trio
from anvil import count_terms, seated, terms_call, write_terms
from dev_key import DevKey
from eth_account import Account

from thenar.adapters.chain import sender
from thenar.adapters.chain.client import ChainSettings
from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.chain.signing import Fees, sign
from thenar.domain.actions import PayAsset, WriteTerms
from thenar.domain.assets import Purpose, Terms
from thenar.domain.ids import AssetId
from thenar.domain.sending import SendState
from thenar.errors import BadConfig, Conflict, Poor, Reverted

STEPS = ("wanted", "signing", "signed", "broadcast", "mined", "final")
SLOW = ChainSettings(confirmations=1, interval=0.05, bump_after=2)


class PowerCut(Exception):
    """Raised at a named step."""


def cut_at(step: str):
    def on_step(name: str) -> None:
        if name == step:
            raise PowerCut(step)

    return on_step


async def nonce_of(devnet: Devnet, key: DevKey) -> int:
    return int(await devnet.rpc.read("eth_getTransactionCount", key.account, "latest"), 16)


async def test_a_call_is_sent_once_and_its_receipt_told_again(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    async with seated(devnet, tmp_path / "j", key) as seat:
        first = await seat.chain.send("terms 1", write_terms(1))
        again = await seat.chain.send("terms 1", write_terms(1))

    assert first == again
    assert await count_terms(devnet) == 1 and await nonce_of(devnet, key) == 1


async def test_many_at_once_take_consecutive_nonces(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    async with seated(devnet, tmp_path / "j", key) as seat:
        with trio.fail_after(30):
            async with trio.open_nursery() as nursery:
                for number in range(1, 26):
                    nursery.start_soon(seat.chain.send, f"terms {number}", write_terms(number))

    assert await count_terms(devnet) == 25 and await nonce_of(devnet, key) == 25


async def test_a_refused_call_names_the_contracts_error_and_costs_no_nonce(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    async with seated(devnet, tmp_path / "j", key) as seat:
        with pytest.raises(Reverted) as refused:
            await seat.chain.send("empty", WriteTerms(Terms(Purpose(0), 0, 0, 0, 0)))

    assert refused.value.name == "TermsBook_NoPurpose"
    assert await nonce_of(devnet, key) == 0


async def test_an_intent_that_failed_is_tried_again_when_asked_again(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    asset = AssetId("0x" + "11" * 32)
    async with seated(devnet, tmp_path / "j", key) as seat:
        for _ in range(2):
            with pytest.raises((Reverted, Poor)):
                await seat.chain.send("pay", PayAsset(asset, 5, bytes(32)))


async def test_an_account_without_ether_is_poor(devnet: Devnet, tmp_path: Path) -> None:
    async with seated(devnet, tmp_path / "j", DevKey(99)) as seat:
        with pytest.raises(Poor), trio.fail_after(10):
            await seat.chain.send("terms 1", write_terms(1))


@pytest.mark.parametrize("step", STEPS)
async def test_a_power_cut_at_any_step_loses_nothing_and_repeats_nothing(
    devnet: Devnet, tmp_path: Path, key: DevKey, step: str
) -> None:
    with pytest.RaisesGroup(PowerCut, flatten_subgroups=True, allow_unwrapped=True):
        async with seated(devnet, tmp_path / "j", key, on_step=cut_at(step)) as seat:
            with trio.move_on_after(5):
                await seat.chain.send("terms 1", write_terms(1))
                await trio.sleep(5)

    async with seated(devnet, tmp_path / "j", key) as seat:
        with trio.fail_after(10):
            receipt = await seat.chain.send("terms 1", write_terms(1))

    assert receipt.gas_used > 0
    assert await count_terms(devnet) == 1 and await nonce_of(devnet, key) == 1


async def test_what_was_signed_before_a_power_cut_is_what_is_mined(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    with pytest.RaisesGroup(PowerCut, flatten_subgroups=True, allow_unwrapped=True):
        async with seated(devnet, tmp_path / "j", key, on_step=cut_at("signed")) as seat:
            await seat.chain.send("terms 1", write_terms(1))

    async with seated(devnet, tmp_path / "j", key) as seat:
        held = await seat.journal.intent("terms 1")
        receipt = await seat.chain.send("terms 1", write_terms(1))

    assert held is not None and [attempt.tx_hash for attempt in held.attempts] == [receipt.tx_hash]


async def test_a_stuck_transaction_is_replaced_by_the_same_call_at_a_higher_fee(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    await devnet.rpc.read("evm_setAutomine", False)
    async with seated(devnet, tmp_path / "j", key, SLOW) as seat, trio.open_nursery() as nursery:
        nursery.start_soon(seat.chain.send, "terms 1", write_terms(1))
        first = await _attempts(seat, 1)
        # gas grows dearer than what was offered: blocks pass it over until more is offered
        await devnet.rpc.read("anvil_setNextBlockBaseFeePerGas", hex(4 * first[0].max_fee))
        for _ in range(3):
            await devnet.rpc.read("evm_mine")
        both = await _attempts(seat, 2)
        await devnet.rpc.read("evm_setAutomine", True)
        await devnet.rpc.read("evm_mine")

    assert both[0].nonce == both[1].nonce
    assert 8 * both[1].max_fee >= 9 * both[0].max_fee
    assert 8 * both[1].priority_fee >= 9 * both[0].priority_fee
    assert await count_terms(devnet) == 1 and await nonce_of(devnet, key) == 1


async def _attempts(seat, count: int):
    with trio.fail_after(10):
        while True:
            intent = await seat.journal.intent("terms 1")
            if intent is not None and len(intent.attempts) >= count:
                return intent.attempts
            await trio.sleep(0.02)


async def test_a_transaction_the_node_dropped_is_broadcast_again(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    await devnet.rpc.read("evm_setAutomine", False)
    async with seated(devnet, tmp_path / "j", key) as seat, trio.open_nursery() as nursery:
        nursery.start_soon(seat.chain.send, "terms 1", write_terms(1))
        attempts = await _attempts(seat, 1)
        await trio.sleep(0.2)
        await devnet.rpc.read("anvil_dropTransaction", attempts[0].tx_hash)
        await trio.sleep(0.3)
        await devnet.rpc.read("evm_setAutomine", True)
        await devnet.rpc.read("evm_mine")

    assert await count_terms(devnet) == 1


async def test_gas_dearer_than_the_cap_waits_and_is_never_paid(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    cap = 3 * 10**9
    await devnet.rpc.read("anvil_setNextBlockBaseFeePerGas", hex(100 * 10**9))
    await devnet.rpc.read("evm_mine")
    rules = ChainSettings(confirmations=0, interval=0.05, fee_cap=cap)
    async with seated(devnet, tmp_path / "j", key, rules) as seat:
        with trio.move_on_after(0.5):
            await seat.chain.send("terms 1", write_terms(1))
        waiting = await seat.journal.intent("terms 1")
        for _ in range(60):
            await devnet.rpc.read("evm_mine")
        with trio.fail_after(10):
            await seat.chain.send("terms 1", write_terms(1))
        sent = await seat.journal.intent("terms 1")

    assert waiting is not None and waiting.state is SendState.WANTED
    assert sent is not None and all(attempt.max_fee <= cap for attempt in sent.attempts)


async def test_a_nonce_another_program_used_is_given_up_once_that_is_settled(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    with pytest.RaisesGroup(PowerCut, flatten_subgroups=True, allow_unwrapped=True):
        async with seated(devnet, tmp_path / "j", key, on_step=cut_at("signed")) as seat:
            await seat.chain.send("terms 1", write_terms(1))
    foreign = sign(terms_call(devnet, 2), key, chain_id=31337, nonce=0, gas=300_000, fees=Fees(10**11, 10**9), block=0)
    await devnet.rpc.read("eth_sendRawTransaction", "0x" + foreign.raw.hex())

    async with seated(devnet, tmp_path / "j", key) as seat:
        with trio.fail_after(10):
            await seat.chain.send("terms 1", write_terms(1))
        found = await seat.journal.intent("terms 1")

    assert found is not None and [attempt.nonce for attempt in found.attempts] == [1]
    assert await count_terms(devnet) == 2


async def test_a_gap_another_program_left_is_filled_with_nothing(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    await devnet.rpc.read("evm_setAutomine", False)
    other = sign(terms_call(devnet, 9), key, chain_id=31337, nonce=0, gas=300_000, fees=Fees(10**10, 10**9), block=0)
    await devnet.rpc.read("eth_sendRawTransaction", "0x" + other.raw.hex())
    async with seated(devnet, tmp_path / "j", key, SLOW) as seat, trio.open_nursery() as nursery:
        nursery.start_soon(seat.chain.send, "terms 1", write_terms(1))
        attempts = await _attempts(seat, 1)
        await devnet.rpc.read("anvil_dropTransaction", other.tx_hash)
        with trio.fail_after(20):
            while await nonce_of(devnet, key) < 2:
                await devnet.rpc.read("evm_mine")
                await trio.sleep(0.1)

    assert attempts[0].nonce == 1
    assert await count_terms(devnet) == 1


async def test_a_reorganised_transaction_is_mined_again_and_only_then_final(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    rules = ChainSettings(confirmations=3, interval=0.05)
    async with seated(devnet, tmp_path / "j", key, rules) as seat:
        snapshot = await devnet.rpc.read("evm_snapshot")
        await seat.chain.send("terms 1", write_terms(1))
        await devnet.rpc.read("evm_revert", snapshot)
        await devnet.rpc.read("evm_mine")
        with trio.fail_after(20):
            while (await _state(seat)) is not SendState.FINAL:
                await devnet.rpc.read("evm_mine")
                await trio.sleep(0.1)

    assert await count_terms(devnet) == 1 and await nonce_of(devnet, key) == 1


async def _finally(devnet: Devnet, seat) -> None:
    with trio.fail_after(20):
        while (await _state(seat)) is not SendState.FINAL:
            await devnet.rpc.read("evm_mine")
            await trio.sleep(0.1)


async def test_what_was_final_and_is_undone_by_a_deeper_reorganisation_is_sent_again(
    devnet: Devnet, tmp_path: Path, key: DevKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "MAX_PAUSE", 0.1)  # between looks back while nothing is to be sent
    async with seated(devnet, tmp_path / "j", key, SLOW) as seat:
        snapshot = await devnet.rpc.read("evm_snapshot")
        await seat.chain.send("terms 1", write_terms(1))
        await _finally(devnet, seat)
        await devnet.rpc.read("evm_revert", snapshot)
        await devnet.rpc.read("anvil_dropAllTransactions")
        with trio.fail_after(20):
            while await nonce_of(devnet, key) < 1:
                await devnet.rpc.read("evm_mine")
                await trio.sleep(0.1)
        await _finally(devnet, seat)

    assert await count_terms(devnet) == 1 and await nonce_of(devnet, key) == 1


async def test_a_nonce_that_was_undone_is_not_filled_with_something_else(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    async with seated(devnet, tmp_path / "j", key, SLOW) as seat:
        snapshot = await devnet.rpc.read("evm_snapshot")
        await seat.chain.send("terms 1", write_terms(1))
        await _finally(devnet, seat)
    await devnet.rpc.read("evm_revert", snapshot)
    await devnet.rpc.read("anvil_dropAllTransactions")

    async with seated(devnet, tmp_path / "j", key, SLOW) as seat, trio.open_nursery() as nursery:
        nursery.start_soon(seat.chain.send, "terms 2", write_terms(2))
        with trio.fail_after(20):
            while await nonce_of(devnet, key) < 2:
                await devnet.rpc.read("evm_mine")
                await trio.sleep(0.1)

    assert await count_terms(devnet) == 2


async def _state(seat) -> SendState:
    intent = await seat.journal.intent("terms 1")
    assert intent is not None
    return intent.state


async def test_another_accounts_journal_is_refused(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    async with seated(devnet, tmp_path / "j", key):
        pass

    with pytest.RaisesGroup(BadConfig, flatten_subgroups=True, allow_unwrapped=True):
        async with seated(devnet, tmp_path / "j", DevKey(5)):
            pass


async def test_a_key_does_not_stand_for_two_calls(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    async with seated(devnet, tmp_path / "j", key) as seat:
        await seat.chain.send("terms", write_terms(1))

        with pytest.raises(Conflict):
            await seat.chain.send("terms", write_terms(2))


async def test_eth_account_recovers_the_sender_of_what_was_mined(devnet: Devnet, tmp_path: Path, key: DevKey) -> None:
    async with seated(devnet, tmp_path / "j", key) as seat:
        await seat.chain.send("terms 1", write_terms(1))
        intent = await seat.journal.intent("terms 1")

    assert intent is not None
    assert Account.recover_transaction(intent.attempts[0].raw).lower() == key.account


async def relay(devnet: Devnet, port: int, broken: list[bool]) -> None:
    """Pass connections on to the chain; while ``broken`` answer garbage instead."""

    async def one(near: trio.SocketStream) -> None:
        if broken[0]:
            await near.receive_some()
            await near.send_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops")
            return
        far = await trio.open_tcp_stream("127.0.0.1", int(devnet.rpc_url.rsplit(":", 1)[1]))
        async with far, trio.open_nursery() as nursery:
            nursery.start_soon(pump, near, far)
            await pump(far, near)
            nursery.cancel_scope.cancel()

    async def pump(source: trio.SocketStream, sink: trio.SocketStream) -> None:
        try:
            async for data in source:
                await sink.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    await trio.serve_tcp(one, port, host="127.0.0.1")


async def test_a_send_outlives_a_chain_node_that_is_down_and_then_talks_nonsense(
    devnet: Devnet, tmp_path: Path, key: DevKey
) -> None:
    port, broken, receipts, mined = free_port(), [True], [], trio.Event()
    rules = ChainSettings(confirmations=0, interval=0.05, timeout=2.0)
    async with seated(devnet, tmp_path / "j", key, rules, url=f"http://127.0.0.1:{port}") as seat:
        with trio.fail_after(60):
            async with trio.open_nursery() as outside, trio.open_nursery() as inside:

                async def ask() -> None:
                    receipts.append(await seat.chain.send("terms 1", write_terms(1)))
                    mined.set()

                inside.start_soon(ask)
                await trio.sleep(0.5)
                down = seat.chain.trouble
                outside.start_soon(relay, devnet, port, broken)
                await trio.sleep(1.0)
                broken[0] = False
                await mined.wait()
                outside.cancel_scope.cancel()

    assert down is not None and receipts
    assert await count_terms(devnet) == 1 and await nonce_of(devnet, key) == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
