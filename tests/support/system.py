"""Deploy the whole system of contracts on the test chain.

The contracts name each other in their constructors and none can be changed afterwards, so the address of every
contract is worked out from the deployer's nonce before the first one exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp
from brownie import project, web3
from eth_utils import keccak, to_canonical_address, to_checksum_address

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
DOLLAR = 10**6  # the settlement token has six decimals
REENTRANT_CALL = "0x3ee5aeb5"  # ReentrancyGuardReentrantCall(), as a contract returns it


@dataclass(frozen=True, slots=True)
class Params:
    """Deployment parameters: money in token units, time in seconds."""

    minimum_stake: int = 100 * DOLLAR
    unbonding_period: int = 14 * 86_400
    delivery_window: int = 3_600
    dispute_window: int = 7_200


@dataclass(frozen=True, slots=True)
class System:
    """Every deployed contract, and the settlement token."""

    token: Any
    governance: Any
    terms_book: Any
    asset_registry: Any
    ledger: Any
    license_desk: Any
    key_exchange: Any
    revenue_graph: Any
    node_registry: Any


def created_address(sender: str, nonce: int) -> str:
    """Return the address of the contract ``sender`` creates with ``nonce`` (CREATE, yellow paper section 7)."""
    return str(to_checksum_address(keccak(rlp.encode([to_canonical_address(sender), nonce]))[12:]))


def contract(name: str) -> Any:
    """Return the deployable container of a contract in the loaded project."""
    return getattr(project.get_loaded_projects()[0], name)


def deploy_system(deployer: Any, token: Any = None, params: Params | None = None) -> System:
    """Deploy everything from ``deployer``, who governs it. Without a ``token`` a new MockUSD settles."""
    params = params or Params()
    sender = {"from": deployer}
    if token is None:
        token = contract("MockUSD").deploy(sender)
    at = {name: created_address(str(deployer), deployer.nonce + index) for index, name in enumerate(ORDER)}
    desk, exchange, graph, nodes = at["LicenseDesk"], at["KeyExchange"], at["RevenueGraph"], at["NodeRegistry"]
    arguments: dict[str, tuple[Any, ...]] = {
        "Governance": (deployer,),
        "TermsBook": (),
        "AssetRegistry": (at["TermsBook"],),
        "Ledger": (token, [desk, exchange, graph, nodes]),
        "LicenseDesk": (at["Ledger"], at["AssetRegistry"], at["TermsBook"], exchange, graph),
        "KeyExchange": (at["Ledger"], at["AssetRegistry"], desk, graph, params.delivery_window, params.dispute_window),
        "RevenueGraph": (at["Ledger"], at["AssetRegistry"], [desk, exchange]),
        "NodeRegistry": (at["Ledger"], at["Governance"], params.minimum_stake, params.unbonding_period),
    }
    deployed = [_deploy(name, arguments[name], sender) for name in ORDER]
    if [str(one) for one in deployed] != list(at.values()):
        raise AssertionError("a contract was not deployed where the others look for it")
    return System(token, *deployed)


def _deploy(name: str, arguments: tuple[Any, ...], sender: dict[str, Any]) -> Any:
    if not hasattr(project.get_loaded_projects()[0], name):
        return contract("Actor").deploy(sender)  # holds the place of a contract that is not written yet
    return contract(name).deploy(*arguments, sender)


def fund(token: Any, account: Any, amount: int, spender: Any) -> None:
    """Give ``account`` tokens and let ``spender`` take them."""
    token.mint(account, amount, {"from": account})
    token.approve(spender, token.balanceOf(account), {"from": account})


def next_block_at(timestamp: int) -> None:
    """Let the next transaction be mined at exactly this time, unix seconds."""
    web3.provider.make_request("evm_setNextBlockTimestamp", [timestamp])
