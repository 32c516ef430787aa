"""Deploy the contracts with one key, check the wiring, and say what was put where."""

from __future__ import annotations

import hashlib
from typing import Any

import trio

from thenar.adapters.chain import blueprint as plan
from thenar.adapters.chain import codec, transactions
from thenar.adapters.chain.abi import artifact
from thenar.adapters.chain.deployments import Deployment, Placed
from thenar.adapters.chain.rpc import Rpc, number
from thenar.adapters.chain.signing import Fees, sign
from thenar.adapters.chain.views import View, Views
from thenar.domain.ids import Address
from thenar.domain.sending import Call, Signed
from thenar.errors import Corrupt, Late, Reverted, Unavailable
from thenar.services.ports import Keyring

DEPLOY_GAS = 8_000_000
PATIENCE = 600.0
"""Seconds to wait until every contract is mined."""
NOBODY = Address("")
"""The target of a transaction that creates a contract."""


async def deploy(rpc: Rpc, keyring: Keyring, parameters: plan.Parameters, *, fee_cap: int) -> Deployment:
    """Create every contract, wait until they are mined and check their wiring.

    ``fee_cap`` in wei per gas. Raises Reverted, Unavailable, Late, and Corrupt when the wiring is wrong.
    """
    chain_id = number(await rpc.read("eth_chainId"))
    block = number(await rpc.read("eth_blockNumber"))
    nonce = number(await rpc.read("eth_getTransactionCount", keyring.account, "pending"))
    drawn = plan.blueprint(parameters, keyring.account, nonce)
    fees = await transactions.fees_for(rpc, fee_cap)
    if fees is None:
        raise Unavailable(f"gas is dearer than {fee_cap} wei", next_step="wait, or raise the cap")
    sent = [
        await _create(rpc, keyring, step, chain_id=chain_id, nonce=nonce + place, fees=fees)
        for place, step in enumerate(drawn.steps)
    ]
    await _mined(rpc, sent, drawn.steps)
    views = Views(rpc, drawn.contracts)
    await check_wiring(views, drawn)
    decimals = await token_decimals(views)
    return describe(drawn, chain_id=chain_id, block=block, deployer=keyring.account, decimals=decimals)


def describe(drawn: plan.Blueprint, *, chain_id: int, block: int, deployer: Address, decimals: int) -> Deployment:
    """The deployment file's content for packaged creation code."""
    placed = {
        step.contract: Placed(step.address, artifact(step.contract).abi_hash, artifact(step.contract).bytecode_hash)
        for step in drawn.steps
    }
    return Deployment(chain_id, block, deployer, drawn.token, decimals, plan.as_mapping(drawn.parameters), placed)


async def check_wiring(views: Views, drawn: plan.Blueprint) -> None:
    """Ask the contracts whether they know each other. Raises Corrupt naming the first that does not."""
    at, given = drawn.contracts, drawn.parameters
    expected = [
        (View("Ledger", "token", {}, Address), drawn.token),
        *((View("Ledger", "isModule", {"module": at[name]}, bool), True) for name in plan.MODULES),
        (View("Ledger", "isModule", {"module": at["AssetRegistry"]}, bool), False),
        (View("KeyExchange", "deliveryWindow", {}, int), given.delivery_window),
        (View("KeyExchange", "disputeWindow", {}, int), given.dispute_window),
        (View("OmissionCourt", "challengeWindow", {}, int), given.challenge_window),
        (View("OmissionCourt", "answerWindow", {}, int), given.answer_window),
        (View("NodeRegistry", "minimumStake", {}, int), given.minimum_stake),
        (View("NodeRegistry", "unbondingPeriod", {}, int), given.unbonding_period),
        (View("NodeRegistry", "authority", {}, Address), at["Governance"]),
        (View("WorkerPool", "seatStake", {}, int), given.seat_stake),
        (View("WorkerPool", "notice", {}, int), given.seat_notice),
        (View("ComputeBounties", "workLimit", {}, int), given.work_limit),
        (View("ComputeBounties", "bountyCount", {}, int), 0),
        (View("AnswerDisputes", "challengeBond", {}, int), given.capture_challenge_bond),
        (View("CallDisputes", "terms", {}, int), given.call_bond),
        (View("WordDisputes", "wordBond", {}, int), given.accusation_bond),
        (View("CaptureBounties", "askCount", {}, int), 0),
        (View("TermsBook", "count", {}, int), 0),
        (View("AssetRegistry", "count", {}, int), 0),
    ]
    answers = await views.many([view for view, _ in expected])
    for (view, wanted), answer in zip(expected, answers, strict=True):
        if answer != wanted:
            raise Corrupt(
                f"{view.contract}.{view.name} answers {answer} where {wanted} belongs", next_step="deploy again"
            )


async def token_decimals(views: Views) -> int:
    """How many of the settlement token's digits stand behind the point."""
    return int(await views.one(View("token", "decimals", {}, int)))


async def _create(rpc: Rpc, keyring: Keyring, step: plan.Step, *, chain_id: int, nonce: int, fees: Fees) -> Signed:
    made = artifact(step.contract)
    inputs: list[dict[str, Any]] = next((entry["inputs"] for entry in made.abi if entry["type"] == "constructor"), [])
    data = made.bytecode + codec.encode_arguments(inputs, step.arguments)
    signed = sign(Call(NOBODY, data), keyring, chain_id=chain_id, nonce=nonce, gas=DEPLOY_GAS, fees=fees, block=0)
    objection = await transactions.broadcast(rpc, signed.raw)
    if objection:
        raise Reverted(f"the chain node does not take {step.contract}: {objection}", next_step="fund the deployer")
    return signed


async def _mined(rpc: Rpc, sent: list[Signed], steps: tuple[plan.Step, ...]) -> None:
    waiting = {signed.tx_hash: step for signed, step in zip(sent, steps, strict=True)}
    with trio.move_on_after(PATIENCE):
        while waiting:
            hashes = list(waiting)
            receipts = await rpc.read_all([("eth_getTransactionReceipt", [tx]) for tx in hashes])
            for tx, receipt in zip(hashes, receipts, strict=True):
                if isinstance(receipt, dict):
                    step = waiting.pop(tx)
                    if receipt.get("status") != "0x1" or str(receipt.get("contractAddress")).lower() != step.address:
                        raise Reverted(f"{step.contract} was not created where it was predicted")
            if waiting:
                await trio.sleep(0.1)
        return
    raise Late(f"{', '.join(step.contract for step in waiting.values())} still not mined after {PATIENCE:g} s")


def code_hash(code: bytes) -> str:
    """SHA-256 of creation code as deployment files keep it."""
    return "0x" + hashlib.sha256(code).hexdigest()
