"""Deploy Thenar's contracts with Brownie.

    scripts/brownie run deploy main dev --network development
    scripts/brownie run deploy main mynet --network mynet        with deployments/params/mynet.toml written before

The deployer is the Brownie account named by THENAR_DEPLOYER, or the first unlocked one. Parameters come from
deployments/params/<net>.toml; addresses, block, and the hashes of ABIs and creation code go to
deployments/<chainId>.json. The order and the constructor arguments are those of thenar.adapters.chain.blueprint, which
`thenar devnet` follows too.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import trio
from brownie import accounts, chain, network, project, web3

from thenar.adapters.chain.abi import artifact, python_name
from thenar.adapters.chain.blueprint import Blueprint, Step, as_mapping, blueprint, read_parameters
from thenar.adapters.chain.deploy import check_wiring, code_hash, token_decimals
from thenar.adapters.chain.deployments import Deployment, Placed, save
from thenar.adapters.chain.rpc import open_rpc
from thenar.adapters.chain.views import Views
from thenar.domain.ids import Address

ROOT = Path(__file__).resolve().parent.parent


def main(net: str = "dev") -> None:
    """Deploy with the parameters of ``net``, check the wiring and write the deployment file."""
    deployer = _deployer()
    block = web3.eth.block_number
    drawn = blueprint(
        read_parameters(ROOT / "deployments" / "params" / f"{net}.toml"), _plain(deployer), deployer.nonce
    )
    placed = {step.contract: _create(step, deployer) for step in drawn.steps}
    decimals = trio.run(_checked, web3.provider.endpoint_uri, drawn)
    made = Deployment(chain.id, block, _plain(deployer), drawn.token, decimals, as_mapping(drawn.parameters), placed)
    path = ROOT / "deployments" / f"{chain.id}.json"
    save(made, path)
    print(f"{len(placed)} contracts on chain {chain.id} ({network.show_active()}), written to {path.relative_to(ROOT)}")


def _deployer() -> Any:
    name = os.environ.get("THENAR_DEPLOYER")
    return accounts.load(name) if name else accounts[0]


def _plain(account: Any) -> Address:
    return Address(str(account).lower())


def _create(step: Step, deployer: Any) -> Placed:
    container = getattr(project.get_loaded_projects()[0], step.contract)
    inputs = next((entry["inputs"] for entry in container.abi if entry["type"] == "constructor"), [])
    made = container.deploy(*[step.arguments[python_name(param["name"])] for param in inputs], {"from": deployer})
    if made.address.lower() != step.address:
        raise SystemExit(
            f"{step.contract} is at {made.address}, not at {step.address}: did the deployer send something?"
        )
    code = bytes.fromhex(container.bytecode.removeprefix("0x"))
    return Placed(step.address, artifact(step.contract).abi_hash, code_hash(code))


async def _checked(url: str, drawn: Blueprint) -> int:
    """Ask the contracts whether they know each other; returns the token's decimals."""
    async with open_rpc(url) as rpc:
        views = Views(rpc, drawn.contracts)
        await check_wiring(views, drawn)
        return await token_decimals(views)
