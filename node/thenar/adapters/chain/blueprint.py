"""One description of a deployment: parameters, order, constructor arguments and predicted addresses.

The contracts name each other in their constructors, so their addresses are predicted from the deployer's nonce.
Used by the node, by scripts/deploy.py under Brownie, and by the contract tests.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from thenar.domain.ids import Address, address
from thenar.domain.keccak import keccak256
from thenar.errors import BadConfig, BadInput

MOCK_TOKEN = "mock"
DEPLOYER = "deployer"
ORDER = (
    "Governance",
    "TermsBook",
    "AssetRegistry",
    "Ledger",
    "LicenseDesk",
    "KeyExchange",
    "RevenueGraph",
    "NodeRegistry",
)
MODULES = ("LicenseDesk", "KeyExchange", "RevenueGraph", "NodeRegistry")
"""Contracts that may lock money in the Ledger."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What differs between deployments. Windows in seconds, stake in token units.

    ``token`` is an address, or ``mock`` for a new MockUSD; ``admin`` an address, or ``deployer``.
    """

    token: str = MOCK_TOKEN
    admin: str = DEPLOYER
    delivery_window: int = 60
    dispute_window: int = 10
    minimum_stake: int = 100_000_000
    unbonding_period: int = 3_600


@dataclass(frozen=True, slots=True)
class Step:
    """One contract to create: its name, constructor arguments by snake-cased name, and where it will be."""

    contract: str
    arguments: Mapping[str, Any]
    address: Address


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The steps in order, and the settlement token they settle in."""

    steps: tuple[Step, ...]
    token: Address
    parameters: Parameters

    @property
    def contracts(self) -> dict[str, Address]:
        """Predicted addresses by contract name, the settlement token as ``token``."""
        return {"token": self.token, **{step.contract: step.address for step in self.steps}}


def read_parameters(path: Path) -> Parameters:
    """Read deployments/params/<net>.toml. Raises BadConfig naming what is wrong."""
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as cause:
        raise BadConfig(
            f"the parameters {path} cannot be read: {cause}", next_step="see deployments/params/"
        ) from cause
    known = {field.name: type(field.default) for field in fields(Parameters)}
    for name, value in given.items():
        if known.get(name) is not type(value):
            raise BadConfig(f"{path}: {name} = {value!r} is not a parameter", next_step=f"known: {', '.join(known)}")
    missing = sorted(known.keys() - given.keys())
    if missing:
        raise BadConfig(f"{path} lacks {', '.join(missing)}", next_step="a deployment leaves nothing to defaults")
    made = Parameters(**given)
    _check(made)
    return made


def blueprint(parameters: Parameters, deployer: Address, nonce: int) -> Blueprint:
    """What to create, in order, when the deployer's next nonce is ``nonce``. Raises BadConfig."""
    _check(parameters)
    order = ("MockUSD", *ORDER) if parameters.token == MOCK_TOKEN else ORDER
    at = {name: created_address(deployer, nonce + place) for place, name in enumerate(order)}
    token = at["MockUSD"] if parameters.token == MOCK_TOKEN else address(parameters.token)
    admin = deployer if parameters.admin == DEPLOYER else address(parameters.admin)
    arguments: dict[str, dict[str, Any]] = {
        "MockUSD": {},
        "Governance": {"admin": admin},
        "TermsBook": {},
        "AssetRegistry": {"terms_book": at["TermsBook"]},
        "Ledger": {"token": token, "modules": [at[name] for name in MODULES]},
        "LicenseDesk": {
            "ledger": at["Ledger"],
            "registry": at["AssetRegistry"],
            "book": at["TermsBook"],
            "exchange": at["KeyExchange"],
            "graph": at["RevenueGraph"],
        },
        "KeyExchange": {
            "ledger": at["Ledger"],
            "registry": at["AssetRegistry"],
            "desk": at["LicenseDesk"],
            "graph": at["RevenueGraph"],
            "delivery_window": parameters.delivery_window,
            "dispute_window": parameters.dispute_window,
        },
        "RevenueGraph": {
            "ledger": at["Ledger"],
            "registry": at["AssetRegistry"],
            "sale_modules": [at["LicenseDesk"], at["KeyExchange"]],
        },
        "NodeRegistry": {
            "ledger": at["Ledger"],
            "manager": at["Governance"],
            "minimum_stake": parameters.minimum_stake,
            "unbonding_period": parameters.unbonding_period,
        },
    }
    return Blueprint(tuple(Step(name, arguments[name], at[name]) for name in order), token, parameters)


def as_mapping(parameters: Parameters) -> dict[str, int | str]:
    """The parameters as a deployment file keeps them."""
    return asdict(parameters)


def created_address(deployer: Address, nonce: int) -> Address:
    """Where CREATE puts a contract: the last 20 bytes of keccak256(rlp([deployer, nonce])) (Yellow Paper, 7)."""
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    spelled = number if nonce and nonce < 0x80 else bytes([0x80 + len(number)]) + number
    items = b"\x94" + bytes.fromhex(deployer[2:]) + spelled
    return Address("0x" + keccak256(bytes([0xC0 + len(items)]) + items)[12:].hex())


def _check(parameters: Parameters) -> None:
    for name, marker in (("token", MOCK_TOKEN), ("admin", DEPLOYER)):
        value = getattr(parameters, name)
        try:
            if value != marker and int(address(value), 16) == 0:
                raise BadConfig(f"{name} is the zero address", next_step="write the real one into the parameters")
        except BadInput as cause:
            raise BadConfig(f"{name} must be {marker!r} or an address: {cause.message}") from cause
    for name in ("delivery_window", "dispute_window", "unbonding_period"):
        if not 0 < getattr(parameters, name) < 2**40:
            raise BadConfig(f"{name} must be a positive number of seconds")
    if parameters.unbonding_period <= parameters.delivery_window + parameters.dispute_window:
        raise BadConfig(
            "unbonding_period must be longer than the longest open window, or stake leaves before a dispute"
        )
    if not 0 < parameters.minimum_stake < 2**96:
        raise BadConfig("minimum_stake must be a positive number of token units")
