"""What is signed is one thing: viem, eth-account and Solidity hash every message to the same 32 bytes, under the domain
that each contract itself names (ERC-5267), and a wallet can show every function that anybody may call (ERC-7730)."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 13):  # pragma: no cover
    pytest.skip("the in-process EVM has no wheel for this Python yet", allow_module_level=True)

import pyrevm
from eth_abi.abi import encode
from eth_account.messages import _hash_eip191_message, encode_typed_data
from machine import CHAIN_ID, Machine
from world import PARAMETERS

from thenar.adapters.chain.abi import PACKAGED, entries
from thenar.domain.keccak import keccak256

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).with_name("sdk")
sys.path.insert(0, str(ROOT / "scripts"))

import build_sdk  # noqa: E402
import clear_signing  # noqa: E402
from mutation.on_contracts import Compiler  # noqa: E402

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
NUMBER = 10_000 if FULL else 100
"""Random messages of each type."""
FROM = "0x" + "d0" * 20
DOORS = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
"""
VIEM = """
import { createInterface } from 'node:readline';
import { hashTypedData } from 'viem';
const told = JSON.parse(process.argv[2]);
const big = (kind, value) => (kind.startsWith('uint') ? BigInt(value) : value);
for await (const line of createInterface({ input: process.stdin })) {
  const { name, domain, message } = JSON.parse(line);
  for (const { name: field, type } of told[name][name]) message[field] = big(type, message[field]);
  process.stdout.write(`${hashTypedData({ domain, types: told[name], primaryType: name, message })}\\n`);
}
"""


def drawn(kind: str, dice: random.Random) -> Any:
    """A value of a type, its edges oftener than chance would have them."""
    if kind == "address":
        return "0x" + dice.randbytes(20).hex()
    if kind.startswith("bytes"):
        return "0x" + dice.randbytes(int(kind[5:] or dice.randrange(100))).hex()
    assert kind.startswith("uint")
    most = 2 ** int(kind[4:])
    return dice.choice((0, most - 1, dice.randrange(most), dice.randrange(min(most, 100))))


def door(name: str, told: dict[str, Any]) -> str:
    """A contract that hashes one message as the contracts do: EIP712 of OpenZeppelin, words by abi.encode."""
    pairs = [(one["type"], one["name"]) for one in told["types"][name]]
    said = f"{name}({','.join(' '.join(pair) for pair in pairs)})"
    words = [f"keccak256(m.{word})" if kind == "bytes" else f"m.{word}" for kind, word in pairs]
    halves = ", ".join(f"abi.encode({', '.join(part)})" for part in (words[:6], words[6:]) if part)
    members, domain = " ".join(f"{kind} {word};" for kind, word in pairs), told["domain"]
    return f"""
struct Message{name} {{ {members} }}
contract Door{name} is EIP712("{domain["name"]}", "{domain["version"]}") {{
    function digest(Message{name} calldata m) external view returns (bytes32) {{
        return _hashTypedDataV4(keccak256(bytes.concat(keccak256("{said}"), {halves})));
    }}
}}
"""


@pytest.fixture(scope="module")
def codes() -> Iterator[dict[str, bytes]]:
    """The creation code of a door for each message."""
    if shutil.which("node") is None:
        pytest.skip("node is not on PATH: nothing to compile a contract with")
    signed = build_sdk.messages()
    source = DOORS + "".join(door(name, told) for name, told in signed.items())
    compiler = Compiler()
    compiler.ask({"Doors.sol": source}, {"Doors.sol": [f"Door{name}" for name in signed]})
    answer = compiler.answer()
    compiler.close()
    assert "error" not in answer, answer
    yield {name: bytes.fromhex(answer["code"]["Doors.sol"][f"Door{name}"]) for name in signed}


def solidity(name: str, told: dict[str, Any], code: bytes, messages: list[dict[str, Any]], chain: int) -> Iterator[str]:
    """The digests a deployed door gives, after its address."""
    evm = pyrevm.EVM(spec_id="CANCUN", env=pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=chain)))
    at = evm.deploy(FROM, code)
    yield at
    kinds = [one["type"] for one in told["types"][name]]
    selector = keccak256(f"digest(({','.join(kinds)}))".encode())[:4]
    for message in messages:
        values = [
            bytes.fromhex(value[2:]) if kind.startswith("bytes") else value
            for kind, value in zip(kinds, message.values(), strict=True)
        ]
        data = selector + encode([f"({','.join(kinds)})"], [tuple(values)])
        yield "0x" + bytes(evm.message_call(FROM, at, calldata=data, is_static=True)).hex()


def viem(folder: Path, types: dict[str, Any], asked: list[dict[str, Any]]) -> list[str]:
    """The digests viem gives."""
    if not (PEERS / "node_modules" / "viem").is_dir():
        pytest.skip("the frontend's packages are not installed: run `make interop`")
    (folder / "node_modules").symlink_to(PEERS / "node_modules")
    (folder / "digests.mjs").write_text(VIEM, encoding="utf-8")
    lines = "\n".join(json.dumps(spelled(one)) for one in asked)
    run = subprocess.run(
        ["node", "digests.mjs", json.dumps(types)],
        cwd=folder, input=lines, capture_output=True, text=True, timeout=1_800, check=True,
    )  # fmt: skip
    return run.stdout.split()


def spelled(asked: dict[str, Any]) -> dict[str, Any]:
    """Numbers as text: JavaScript's own are too small."""
    values = {key: str(value) if isinstance(value, int) else value for key, value in asked["message"].items()}
    return {**asked, "message": values}


def test_viem_eth_account_and_solidity_hash_every_message_alike(codes, tmp_path, record_property) -> None:
    dice, signed = random.Random(1), build_sdk.messages()
    asked, chains, accounts = [], [], []
    for name, told in signed.items():
        messages = [{one["name"]: drawn(one["type"], dice) for one in told["types"][name]} for _ in range(NUMBER)]
        chain = dice.randrange(1, 2**63)
        found = solidity(name, told, codes[name], messages, chain)
        domain = {**told["domain"], "chainId": chain, "verifyingContract": next(found)}
        chains += list(found)
        accounts += [
            "0x" + _hash_eip191_message(encode_typed_data(domain, told["types"], one)).hex() for one in messages
        ]
        asked += [{"name": name, "domain": {**domain, "chainId": str(chain)}, "message": one} for one in messages]

    frontends = viem(tmp_path, {name: told["types"] for name, told in signed.items()}, asked)

    differing = sum(len(set(three)) > 1 for three in zip(chains, accounts, frontends, strict=True))
    record_property("types", len(signed))
    record_property("messages_of_each_type", NUMBER)
    record_property("digests_that_differ", differing)
    assert len(chains) == len(set(chains)) == NUMBER * len(signed)
    assert chains == accounts
    assert frontends == accounts


def test_every_contract_names_the_domain_that_is_signed(record_property) -> None:
    machine, signed = Machine(PARAMETERS), build_sdk.messages()
    named = {
        contract: machine.view(contract, "eip712Domain")
        for contract in PACKAGED
        if any(one.name == "eip712Domain" for one in entries(contract, "function")) and contract in machine.contracts
    }

    record_property("domains_read", len(named))
    assert {told["contract"] for told in signed.values()} <= named.keys()
    for told in signed.values():
        fields, name, version, chain, at, salt, extensions = named[told["contract"]]
        assert (name, version) == (told["domain"]["name"], told["domain"]["version"])
        assert (fields, chain, at, salt, extensions) == (
            b"\x0f",
            CHAIN_ID,
            machine.contracts[told["contract"]],
            bytes(32),
            (),
        )


def test_a_wallet_can_show_every_function_anybody_may_call(record_property) -> None:
    shown, missing = 0, []
    for contract, abi in build_sdk.abis().items():
        formats = clear_signing.of_contract(contract, abi)["display"]["formats"]
        for entry in clear_signing.changing(abi):
            told = formats.get(clear_signing.signature(entry))
            shown += told is not None
            if told is None or len(told["fields"]) < len(entry["inputs"]) or not told["intent"]:
                missing.append(f"{contract}.{entry['name']}")

    record_property("functions_shown", shown)
    record_property("functions_not_shown", len(missing))
    assert missing == [] and shown > 150
