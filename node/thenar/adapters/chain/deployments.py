"""Deployment files: which contracts live where on one chain, and what exactly was put there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thenar.adapters.chain.abi import FOLLOWED, artifact
from thenar.domain.ids import Address, address
from thenar.errors import BadConfig, BadInput

FILE_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Placed:
    """A deployed contract: where, and the SHA-256 of its ABI and of the creation code that ran."""

    address: Address
    abi_hash: str
    bytecode_hash: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything a node must know about one deployment. ``block`` is the last block before the first contract.

    ``decimals`` is how many of the settlement token's digits stand behind the point.
    """

    chain_id: int
    block: int
    deployer: Address
    token: Address
    decimals: int
    parameters: Mapping[str, int | str]
    placed: Mapping[str, Placed]

    @property
    def contracts(self) -> dict[str, Address]:
        """Addresses by contract name, the settlement token as ``token``."""
        return {"token": self.token, **{name: placed.address for name, placed in self.placed.items()}}


def load(path: Path) -> Deployment:
    """Read a deployment file. Raises BadConfig when it is missing, malformed, or of contracts with another ABI."""
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise BadConfig(f"{path} is larger than {FILE_LIMIT} bytes")
        deployment = _parse(json.loads(path.read_text("utf-8")))
    except OSError as cause:
        raise BadConfig(
            f"the deployment file {path} cannot be read: {cause.strerror}",
            next_step="name a deployments/<chainId>.json that is there",
        ) from cause
    except (KeyError, TypeError, ValueError, AttributeError, BadInput) as cause:
        raise BadConfig(f"{path} is not a deployment file: {cause}", next_step="write it again by deploying") from cause
    for name in FOLLOWED:
        if name not in deployment.placed:
            raise BadConfig(f"{path} lacks {name}", next_step="deploy with this version")
        if deployment.placed[name].abi_hash != artifact(name).abi_hash:
            raise BadConfig(
                f"{path} names a {name} with another ABI than this version knows",
                next_step="install the thenar version it was deployed with, or deploy again",
            )
    return deployment


def save(deployment: Deployment, path: Path) -> None:
    """Write a deployment file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(spell(deployment), "utf-8")
    partial.replace(path)


def spell(deployment: Deployment) -> str:
    """The text of a deployment file."""
    content = {
        "chainId": deployment.chain_id,
        "block": deployment.block,
        "deployer": deployment.deployer,
        "token": deployment.token,
        "decimals": deployment.decimals,
        "parameters": dict(deployment.parameters),
        "contracts": {
            name: {"address": it.address, "abiHash": it.abi_hash, "bytecodeHash": it.bytecode_hash}
            for name, it in sorted(deployment.placed.items())
        },
    }
    return json.dumps(content, indent=2) + "\n"


def _parse(content: Any) -> Deployment:
    placed = {
        str(name): Placed(address(entry["address"]), str(entry["abiHash"]), str(entry["bytecodeHash"]))
        for name, entry in content["contracts"].items()
    }
    return Deployment(
        chain_id=int(content["chainId"]),
        block=int(content["block"]),
        deployer=address(content["deployer"]),
        token=address(content["token"]),
        decimals=int(content["decimals"]),
        parameters=dict(content["parameters"]),
        placed=placed,
    )
