"""Deploy the whole system of contracts on the test chain.

The contracts name each other in their constructors and none can be changed afterwards, so the address of every
contract is worked out from the deployer's nonce before the first one exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp
from brownie import accounts, project, web3
from eth_utils import keccak, to_canonical_address, to_checksum_address

from thenar.domain.epochs.rules import RULES

ORDER = (
    "Governance",
    "TermsBook",
    "AssetRegistry",
    "Ledger",
    "LicenseDesk",
    "KeyExchange",
    "RevenueGraph",
    "NodeRegistry",
    "Escrow",
    "LiveDesk",
    "OmissionCourt",
    "DeviceRegistry",
    "Covenants",
    "PreviewDesk",
    "WorkerPool",
    "ComputeBounties",
    "WorkClaims",
    "ClaimDisputes",
    "SegmentCourt",
    "ReplicaBook",
    "StorageProofs",
    "ReflexDesk",
    "MarkDesk",
    "BeaconBook",
    "CoverageMap",
    "CaptureBounties",
    "AnswerDisputes",
    "CallDisputes",
    "WitnessBook",
    "RunDesk",
    "ThenarToken",
    "ContributionEpochs",
    "WordDisputes",
)
CLIENTS = (
    "AnswerDisputes",
    "CallDisputes",
    "ContributionEpochs",
    "WordDisputes",
)  # of the court, beside the one of work
DOLLAR = 10**6  # the settlement token has six decimals
REENTRANT_CALL = "0x3ee5aeb5"  # ReentrancyGuardReentrantCall(), as a contract returns it


@dataclass(frozen=True, slots=True)
class Params:
    """Deployment parameters: money in token units, time in seconds."""

    minimum_stake: int = 100 * DOLLAR
    unbonding_period: int = 14 * 86_400
    delivery_window: int = 3_600
    dispute_window: int = 7_200
    challenge_window: int = 30 * 86_400
    answer_window: int = 7 * 86_400
    preview_bond: int = 2 * DOLLAR
    seat_stake: int = 20 * DOLLAR
    seat_notice: int = 14 * 86_400
    work_limit: int = 7 * 86_400
    hold_window: int = 7_200
    reveal_window: int = 3_600
    show_window: int = 1_800
    draw_delay: int = 2
    demand_bond: int = 1 * DOLLAR
    challenge_bond: int = 40 * DOLLAR
    court_clock: int = 3_600
    vote_window: int = 1_800
    ballot_window: int = 1_800
    appeal_window: int = 3_600
    smallest_panel: int = 3
    appeal_bond: int = 20 * DOLLAR
    round_length: int = 86_400
    answer_time: int = 1_800
    show_time: int = 7_200
    gib_stake: int = 2 * DOLLAR
    channel_exit: int = 3_600
    channel_limit: int = 30 * 86_400
    evidence_window: int = 7 * 86_400
    least_deposit: int = 1
    call_bond: int = 40 * DOLLAR
    defence_window: int = 86_400
    capture_answer_bond: int = 5 * DOLLAR
    capture_challenge_bond: int = 50 * DOLLAR
    capture_smallest_budget: int = 100 * DOLLAR
    capture_reveal_window: int = 86_400
    capture_challenge_window: int = 3 * 86_400
    word_stake: int = 20 * DOLLAR
    word_window: int = 14 * 86_400
    accusation_bond: int = 50 * DOLLAR
    beacon_every: int = 4
    run_window: int = 3_600
    reject_window: int = 1_800
    token_cap: int = 10**27
    epoch_length: int = 7 * 86_400
    epoch_window: int = 3 * 86_400
    epoch_bond: int = 200 * DOLLAR
    epoch_emission: int = 10**24
    epoch_halving: int = 104
    epoch_base: int = 10**23


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
    escrow: Any
    live_desk: Any
    omission_court: Any
    device_registry: Any
    covenants: Any
    preview_desk: Any
    worker_pool: Any
    compute_bounties: Any
    work_claims: Any
    claim_disputes: Any
    segment_court: Any
    replica_book: Any
    storage_proofs: Any
    reflex_desk: Any
    mark_desk: Any
    beacon_book: Any
    coverage_map: Any
    capture_bounties: Any
    answer_disputes: Any
    call_disputes: Any
    witness_book: Any
    run_desk: Any
    thenar_token: Any
    contribution_epochs: Any
    word_disputes: Any


def created_address(sender: str, nonce: int) -> str:
    """Return the address of the contract ``sender`` creates with ``nonce`` (CREATE, yellow paper section 7)."""
    return str(to_checksum_address(keccak(rlp.encode([to_canonical_address(sender), nonce]))[12:]))


def contract(name: str) -> Any:
    """Return the deployable container of a contract in the loaded project."""
    return getattr(project.get_loaded_projects()[0], name)


def deploy_system(
    deployer: Any, token: Any = None, params: Params | None = None, court: str = "SegmentCourt"
) -> System:
    """Deploy everything from ``deployer``, who governs it. Without a ``token`` a new MockUSD settles.

    ``court`` names the contract that rules on disputed work.
    """
    params = params or Params()
    sender = {"from": deployer}
    if token is None:
        token = contract("MockUSD").deploy(sender)
    at = {name: created_address(str(deployer), deployer.nonce + index) for index, name in enumerate(ORDER)}
    arguments = _old_arguments(at, token, deployer, params) | _compute_arguments(at, params)
    arguments |= _storage_arguments(at, params)
    arguments |= _capture_arguments(at, params) | _epoch_arguments(at, params)
    if court != "SegmentCourt":
        arguments["SegmentCourt"] = ()
    deployed = [_deploy(court if name == "SegmentCourt" else name, arguments[name], sender) for name in ORDER]
    if [str(one) for one in deployed] != list(at.values()):
        raise AssertionError("a contract was not deployed where the others look for it")
    return System(token, *deployed)


def _old_arguments(at: dict[str, str], token: Any, deployer: Any, params: Params) -> dict[str, tuple[Any, ...]]:
    desk, exchange, graph, nodes = at["LicenseDesk"], at["KeyExchange"], at["RevenueGraph"], at["NodeRegistry"]
    escrow, covenants, ledger, book = at["Escrow"], at["Covenants"], at["Ledger"], at["TermsBook"]
    court, registry = at["OmissionCourt"], at["AssetRegistry"]
    modules = [
        desk,
        exchange,
        graph,
        nodes,
        escrow,
        at["LiveDesk"],
        court,
        at["PreviewDesk"],
        at["ReflexDesk"],
        at["MarkDesk"],
        at["RunDesk"],
    ]
    work = [at[name] for name in ("WorkerPool", "ComputeBounties", "WorkClaims", "ClaimDisputes", "SegmentCourt")]
    work.append(at["StorageProofs"])
    work += [at["CaptureBounties"], at["AnswerDisputes"], at["CallDisputes"], at["ContributionEpochs"]]
    work.append(at["WordDisputes"])
    sources = [desk, exchange, escrow, court, at["ComputeBounties"], at["ReflexDesk"], at["RunDesk"]]
    binders = [at["WorkerPool"], at["WorkClaims"], at["StorageProofs"], at["ReflexDesk"]]
    binders += [at["WitnessBook"], at["WordDisputes"]]
    return {
        "Governance": (deployer,),
        "TermsBook": (),
        "DeviceRegistry": (),
        "AssetRegistry": (book, covenants),
        "Ledger": (token, modules + work),
        "LicenseDesk": (ledger, registry, book, exchange, graph, escrow, covenants),
        "KeyExchange": (
            *(ledger, registry, desk, graph, escrow, covenants),
            *(params.delivery_window, params.dispute_window),
        ),
        "RevenueGraph": (ledger, registry, court, sources),
        "NodeRegistry": (ledger, at["Governance"], params.minimum_stake, params.unbonding_period, binders),
        "Covenants": (registry, book, desk, exchange, graph),
        "Escrow": (ledger, registry, desk, exchange, graph),
        "LiveDesk": (ledger, registry, book),
        "OmissionCourt": (
            *(ledger, registry, book, desk, exchange, covenants, graph),
            *(params.challenge_window, params.answer_window),
        ),
        "PreviewDesk": (ledger, registry, params.dispute_window, params.preview_bond),
        "ReflexDesk": (
            *(ledger, registry, book, desk, nodes, graph, at["CallDisputes"]),
            *(params.channel_exit, params.channel_limit, params.evidence_window, params.least_deposit),
        ),
        "MarkDesk": (ledger, registry, exchange, covenants, params.answer_window),
        "RunDesk": (ledger, registry, desk, graph, params.run_window, params.reject_window),
    }


def _compute_arguments(at: dict[str, str], params: Params) -> dict[str, tuple[Any, ...]]:
    ledger, nodes, pool = at["Ledger"], at["NodeRegistry"], at["WorkerPool"]
    bounties, claims, disputes = at["ComputeBounties"], at["WorkClaims"], at["ClaimDisputes"]
    court, clients = at["SegmentCourt"], [disputes, *(at[name] for name in CLIENTS)]
    bonds = (params.demand_bond, params.challenge_bond)
    return {
        "WorkerPool": (ledger, nodes, params.seat_stake, params.seat_notice, [claims, disputes, court]),
        "ComputeBounties": (
            *(ledger, at["AssetRegistry"], at["RevenueGraph"], claims, disputes),
            *(params.work_limit, params.challenge_bond),
        ),
        "WorkClaims": (
            *(ledger, nodes, pool, bounties, disputes),
            *(params.hold_window, params.reveal_window, params.draw_delay),
        ),
        "ClaimDisputes": (ledger, pool, bounties, claims, court, *bonds, params.show_window),
        "SegmentCourt": (ledger, pool, clients, _court_params(params)),
        "CallDisputes": (ledger, at["ReflexDesk"], court, params.call_bond, params.defence_window),
    }


def _capture_arguments(at: dict[str, str], params: Params) -> dict[str, tuple[Any, ...]]:
    ledger, bounties, disputes = at["Ledger"], at["CaptureBounties"], at["AnswerDisputes"]
    windows = (params.capture_reveal_window, params.capture_challenge_window)
    given = (params.capture_answer_bond, params.capture_smallest_budget, *windows)
    return {
        "BeaconBook": (params.beacon_every,),
        "CoverageMap": (bounties,),
        "CaptureBounties": (
            *(ledger, at["AssetRegistry"], at["DeviceRegistry"], at["CoverageMap"]),
            *(at["BeaconBook"], disputes),
            given,
        ),
        "AnswerDisputes": (ledger, bounties, at["SegmentCourt"], params.capture_challenge_bond),
        "WitnessBook": (
            *(at["AssetRegistry"], at["NodeRegistry"], at["DeviceRegistry"], at["WorkerPool"]),
            *(bounties, at["WordDisputes"], (params.word_stake, params.word_window)),
        ),
        "WordDisputes": (
            *(ledger, at["NodeRegistry"], at["WitnessBook"], at["SegmentCourt"]),
            params.accusation_bond,
        ),
    }


def _epoch_arguments(at: dict[str, str], params: Params) -> dict[str, tuple[Any, ...]]:
    times = (params.epoch_length, params.epoch_window, params.epoch_bond)
    given = (*times, params.epoch_emission, params.epoch_halving, params.epoch_base, RULES.hash)
    return {
        "ThenarToken": (at["ContributionEpochs"], params.token_cap),
        "ContributionEpochs": (
            *(at["ThenarToken"], at["Ledger"], at["AssetRegistry"], at["SegmentCourt"]),
            given,
        ),
    }


def _storage_arguments(at: dict[str, str], params: Params) -> dict[str, tuple[Any, ...]]:
    times = (params.round_length, params.answer_time, params.show_time, params.draw_delay)
    money = (params.demand_bond, params.gib_stake)
    return {
        "ReplicaBook": (at["AssetRegistry"],),
        "StorageProofs": (at["Ledger"], at["NodeRegistry"], *times, *money),
    }


def _court_params(params: Params) -> tuple[int, ...]:
    windows = (params.court_clock, params.vote_window, params.ballot_window, params.appeal_window)
    return (*windows, params.draw_delay, params.smallest_panel, params.appeal_bond)


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


def as_sender(made: Any) -> dict[str, Any]:
    """Let a test send from a contract's own address, where only that contract may call."""
    web3.provider.make_request("anvil_impersonateAccount", [str(made)])
    web3.provider.make_request("anvil_setBalance", [str(made), hex(10**18)])
    return {"from": accounts.at(str(made), force=True)}
