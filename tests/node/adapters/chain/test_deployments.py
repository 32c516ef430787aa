"""Where contracts will be, and files that say where they are."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth_utils import to_checksum_address
from web3 import Web3

from thenar.adapters.chain import abi, blueprint, deployments
from thenar.adapters.chain.codec import encode_arguments
from thenar.adapters.chain.deploy import describe
from thenar.domain.ids import Address
from thenar.errors import BadConfig, Corrupt

DEPLOYER = Address("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
PARAMS = Path(__file__).resolve().parents[4] / "deployments" / "params"


def made() -> deployments.Deployment:
    drawn = blueprint.blueprint(blueprint.Parameters(), DEPLOYER, 0)
    return describe(drawn, chain_id=31337, block=0, deployer=DEPLOYER, decimals=6)


@pytest.mark.parametrize(
    ("nonce", "expected"),
    [
        (0, "0x5fbdb2315678afecb367f032d93f642f64180aa3"),
        (1, "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"),
        (8, "0x2279b7a0a67db372996a5fab50d91eaa73d2ebe6"),
    ],
)
def test_created_addresses_are_those_anvil_gives(nonce: int, expected: str) -> None:
    assert blueprint.created_address(DEPLOYER, nonce) == expected


@pytest.mark.parametrize("nonce", [0x7F, 0x80, 0xFF, 0x100, 2**32])
def test_created_addresses_agree_with_rlp_at_every_length(nonce: int) -> None:
    digest = Web3.keccak(rlp.encode([bytes.fromhex(DEPLOYER[2:]), nonce]))

    assert blueprint.created_address(DEPLOYER, nonce) == "0x" + digest[12:].hex()


def test_the_blueprint_fits_every_constructor() -> None:
    for step in blueprint.blueprint(blueprint.Parameters(), DEPLOYER, 0).steps:
        inputs = [entry["inputs"] for entry in abi.artifact(step.contract).abi if entry["type"] == "constructor"]

        assert {abi.python_name(param["name"]) for param in (inputs[0] if inputs else [])} == set(step.arguments)
        encode_arguments(inputs[0] if inputs else [], step.arguments)


def test_a_given_token_is_settled_in_and_not_deployed() -> None:
    token = "0x" + "ab" * 20

    drawn = blueprint.blueprint(blueprint.Parameters(token=token), DEPLOYER, 5)

    assert drawn.token == token and "MockUSD" not in drawn.contracts


def test_the_local_chains_parameters_are_those_in_the_file() -> None:
    assert blueprint.read_parameters(PARAMS / "dev.toml") == blueprint.Parameters()


def test_the_example_for_a_real_chain_must_be_filled_in_first() -> None:
    with pytest.raises(BadConfig, match="zero address"):
        blueprint.read_parameters(PARAMS / "mainnet.example.toml")


@pytest.mark.parametrize(
    "change",
    [
        {"token": "gold"},
        {"admin": "0x12"},
        {"dispute_window": 0},
        {"delivery_window": 2**40},
        {"unbonding_period": 5},
        {"minimum_stake": 0},
    ],
)
def test_parameters_that_cannot_work_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadConfig):
        blueprint.blueprint(dataclasses.replace(blueprint.Parameters(), **change), DEPLOYER, 0)


@pytest.mark.parametrize("text", ["token = 5", "colour = 'red'", "token = 'mock'", "= ="])
def test_a_parameter_file_with_a_mistake_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "net.toml").write_text(text)

    with pytest.raises(BadConfig):
        blueprint.read_parameters(tmp_path / "net.toml")


def test_a_deployment_file_reads_back(tmp_path: Path) -> None:
    deployments.save(made(), tmp_path / "31337.json")

    assert deployments.load(tmp_path / "31337.json") == made()


def test_addresses_may_be_written_with_a_checksum(tmp_path: Path) -> None:
    content = json.loads(deployments.spell(made()))
    content["token"] = to_checksum_address(content["token"])
    (tmp_path / "d.json").write_text(json.dumps(content))

    assert deployments.load(tmp_path / "d.json").token == made().token


def _without(content: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != name}


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: _without(content, "chainId"),
        lambda content: {**content, "contracts": _without(content["contracts"], "Ledger")},
        lambda content: {**content, "contracts": []},
        lambda content: {**content, "token": "0x12"},
        lambda content: [],
    ],
)
def test_a_damaged_deployment_file_is_refused(tmp_path: Path, damage: Any) -> None:
    (tmp_path / "d.json").write_text(json.dumps(damage(json.loads(deployments.spell(made())))))

    with pytest.raises(BadConfig):
        deployments.load(tmp_path / "d.json")


def test_a_deployment_of_other_contracts_is_refused(tmp_path: Path) -> None:
    content = json.loads(deployments.spell(made()))
    content["contracts"]["Ledger"]["abiHash"] = "0x" + "00" * 32
    (tmp_path / "d.json").write_text(json.dumps(content))

    with pytest.raises(BadConfig, match="another ABI"):
        deployments.load(tmp_path / "d.json")


def test_a_missing_or_huge_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "huge.json").write_bytes(b" " * (deployments.FILE_LIMIT + 1))

    for name in ("missing.json", "huge.json"):
        with pytest.raises(BadConfig):
            deployments.load(tmp_path / name)


def test_an_unknown_contract_is_not_packaged() -> None:
    with pytest.raises(Corrupt):
        abi.artifact("Nothing")


@pytest.mark.parametrize("name", abi.PACKAGED)
def test_every_packaged_contract_can_be_deployed(name: str) -> None:
    made_of = abi.artifact(name)

    assert made_of.name == name and 100 < len(made_of.bytecode) <= 49_152  # EIP-3860
