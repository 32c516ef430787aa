"""One description of a deployment: parameters, order, constructor arguments and predicted addresses.

The contracts name each other in their constructors, so their addresses are predicted from the deployer's nonce.
Used by the node, by scripts/deploy.py under Brownie, and by the contract tests.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from thenar.adapters.chain.abi import artifact, python_name
from thenar.domain.epochs.rules import RULES
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
MODULES = (
    "LicenseDesk",
    "KeyExchange",
    "RevenueGraph",
    "NodeRegistry",
    "Escrow",
    "LiveDesk",
    "OmissionCourt",
    "PreviewDesk",
    "WorkerPool",
    "ComputeBounties",
    "WorkClaims",
    "ClaimDisputes",
    "SegmentCourt",
    "StorageProofs",
    "ReflexDesk",
    "MarkDesk",
    "CaptureBounties",
    "AnswerDisputes",
    "CallDisputes",
    "RunDesk",
    "ContributionEpochs",
    "WordDisputes",
)
"""Contracts that may lock money in the Ledger."""
SALE_MODULES = ("LicenseDesk", "KeyExchange", "Escrow", "OmissionCourt", "ComputeBounties", "ReflexDesk", "RunDesk")
"""Contracts that may credit assets in the RevenueGraph with money they moved there."""
BINDERS = ("WorkerPool", "WorkClaims", "StorageProofs", "ReflexDesk", "WitnessBook", "WordDisputes")
"""Contracts that may bind stake in the NodeRegistry."""
JUDGES = ("WorkClaims", "ClaimDisputes", "SegmentCourt")
"""Contracts whose word counts in the WorkerPool."""
COURT_CLIENTS = ("ClaimDisputes", "AnswerDisputes", "CallDisputes", "ContributionEpochs", "WordDisputes")
"""Contracts that bring work, captures, calls, epochs and words before the SegmentCourt, in this order."""
NAMED = {
    "answer_disputes": "AnswerDisputes",
    "beacon_book": "BeaconBook",
    "book": "TermsBook",
    "bounties": "ComputeBounties",
    "capture_bounties": "CaptureBounties",
    "call_disputes": "CallDisputes",
    "claims": "WorkClaims",
    "court": "OmissionCourt",
    "covenants": "Covenants",
    "coverage_map": "CoverageMap",
    "desk": "LicenseDesk",
    "devices": "DeviceRegistry",
    "disputes": "ClaimDisputes",
    "epochs": "ContributionEpochs",
    "escrow": "Escrow",
    "exchange": "KeyExchange",
    "graph": "RevenueGraph",
    "ledger": "Ledger",
    "manager": "Governance",
    "nodes": "NodeRegistry",
    "pool": "WorkerPool",
    "reflex_desk": "ReflexDesk",
    "registry": "AssetRegistry",
    "segment_court": "SegmentCourt",
    "terms_book": "TermsBook",
    "thenar_token": "ThenarToken",
    "witness_book": "WitnessBook",
    "word_disputes": "WordDisputes",
}
"""What constructors call the contracts they name."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What differs between deployments. Windows in seconds, stake in token units.

    ``token`` is an address, or ``mock`` for a new MockUSD; ``admin`` an address, or ``deployer``. ``draw_delay`` counts
    blocks, one in ``beacon_every`` can be a beacon. Jurors commit within ``vote_window``, show in ``ballot_window``.
    A round of storage proofs lasts ``round_length``; ``gib_stake`` answers for every GiB begun.
    """

    token: str = MOCK_TOKEN
    admin: str = DEPLOYER
    delivery_window: int = 600
    dispute_window: int = 10
    challenge_window: int = 3_600
    answer_window: int = 600
    preview_bond: int = 2_000_000
    minimum_stake: int = 100_000_000
    unbonding_period: int = 3_600
    seat_stake: int = 20_000_000
    seat_notice: int = 3_600
    work_limit: int = 1_800
    hold_window: int = 30
    reveal_window: int = 20
    show_window: int = 15
    draw_delay: int = 2
    demand_bond: int = 1_000_000
    challenge_bond: int = 20_000_000
    court_clock: int = 60
    vote_window: int = 30
    ballot_window: int = 30
    appeal_window: int = 15
    smallest_panel: int = 3
    appeal_bond: int = 10_000_000
    round_length: int = 3_600
    answer_time: int = 600
    show_time: int = 600
    gib_stake: int = 1_000_000
    exit_window: int = 30
    longest_channel: int = 3_600
    evidence_window: int = 600
    least_deposit: int = 50_000
    call_bond: int = 5_000_000
    defence_window: int = 60
    capture_answer_bond: int = 1_000_000
    capture_challenge_bond: int = 5_000_000
    capture_smallest_budget: int = 10_000_000
    capture_reveal_window: int = 120
    capture_challenge_window: int = 120
    word_stake: int = 20_000_000
    word_window: int = 3_600
    accusation_bond: int = 5_000_000
    beacon_every: int = 32
    run_window: int = 600
    reject_window: int = 60
    token_cap: int = 10**27
    epoch_length: int = 30 * 86_400
    epoch_window: int = 120
    epoch_bond: int = 5_000_000
    epoch_emission: int = 10**24
    epoch_halving: int = 104
    epoch_base: int = 10**23


class CourtParams(NamedTuple):
    """What the SegmentCourt's constructor takes as one struct."""

    clock: int
    commit_window: int
    reveal_window: int
    appeal_window: int
    draw_delay: int
    smallest_panel: int
    appeal_bond: int


class CaptureParams(NamedTuple):
    """What the CaptureBounties' constructor takes as one struct."""

    answer_bond: int
    smallest_budget: int
    reveal_window: int
    challenge_window: int


class WordParams(NamedTuple):
    """What the WitnessBook's constructor takes as one struct."""

    stake: int
    window: int


class EpochParams(NamedTuple):
    """What the ContributionEpochs' constructor takes as one struct."""

    length: int
    window: int
    bond: int
    emission: int
    halving: int
    base: int
    rules: bytes


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
    known: dict[str, Any] = {
        **asdict(parameters),
        **{word: at[contract] for word, contract in NAMED.items()},
        "token": token,
        "admin": deployer if parameters.admin == DEPLOYER else address(parameters.admin),
        "modules": [at[name] for name in MODULES],
        "sale_modules": [at[name] for name in SALE_MODULES],
        "binders": [at[name] for name in BINDERS],
        "judges": [at[name] for name in JUDGES],
        "clients": [at[name] for name in COURT_CLIENTS],
        "params": _court_params(parameters),
        "capture_params": _capture_params(parameters),
        "word_params": WordParams(parameters.word_stake, parameters.word_window),
        "epoch_params": _epoch_params(parameters),
    }
    steps = tuple(Step(name, {word: known[word] for word in constructor_words(name)}, at[name]) for name in order)
    return Blueprint(steps, token, parameters)


def constructor_words(contract: str) -> tuple[str, ...]:
    """The snake-cased names of a packaged contract's constructor arguments, in order."""
    made = next((part for part in artifact(contract).abi if part["type"] == "constructor"), {"inputs": ()})
    return tuple(python_name(one["name"]) for one in made["inputs"])


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
    for name in _SECONDS:
        if not 0 < getattr(parameters, name) < 2**40:
            raise BadConfig(f"{name} must be a positive number of seconds")
    if parameters.unbonding_period <= parameters.delivery_window + parameters.dispute_window:
        raise BadConfig(
            "unbonding_period must be longer than the longest open window, or stake leaves before a dispute"
        )
    for name in _MONEY:
        if not 0 < getattr(parameters, name) < 2**96:
            raise BadConfig(f"{name} must be a positive number of token units")
    if parameters.round_length < max(4 * parameters.answer_time, parameters.show_time):
        raise BadConfig("round_length must be at least four times answer_time, and show_time")
    if not 0 < parameters.epoch_emission < 2**88 or not 0 < parameters.epoch_halving < 2**32:
        raise BadConfig("epoch_emission must be positive and below 2^88, epoch_halving positive and below 2^32")
    if 2 * parameters.epoch_emission * parameters.epoch_halving > parameters.token_cap:
        raise BadConfig("token_cap must hold all emissions: at least 2 * epoch_emission * epoch_halving")
    _check_work(parameters)


_SECONDS = (
    *("delivery_window", "dispute_window", "challenge_window", "answer_window", "unbonding_period"),
    *("seat_notice", "work_limit", "hold_window", "reveal_window", "show_window", "word_window"),
    *("round_length", "answer_time", "show_time", "run_window", "reject_window"),
    *("exit_window", "longest_channel", "evidence_window", "defence_window"),
    *("capture_reveal_window", "capture_challenge_window", "epoch_length", "epoch_window"),
)
_COURT_SECONDS = ("court_clock", "vote_window", "ballot_window", "appeal_window")
_MONEY = (
    *("preview_bond", "minimum_stake", "seat_stake", "demand_bond", "challenge_bond", "appeal_bond", "gib_stake"),
    *("capture_answer_bond", "capture_challenge_bond", "capture_smallest_budget", "call_bond", "least_deposit"),
    *("epoch_bond", "token_cap", "epoch_base", "word_stake", "accusation_bond"),
)


def _check_work(parameters: Parameters) -> None:
    for name in _COURT_SECONDS:
        if not 0 < getattr(parameters, name) < 2**32:
            raise BadConfig(f"{name} must be a positive number of seconds below 2^32")
    for name in ("draw_delay", "smallest_panel", "beacon_every"):
        if not 0 < getattr(parameters, name) < 256:
            raise BadConfig(f"{name} must be 1 to 255")
    if parameters.reveal_window > parameters.hold_window:
        raise BadConfig("hold_window must be as long as reveal_window, or pay leaves before its audit is shown")
    longest = parameters.work_limit + parameters.reveal_window + parameters.hold_window
    if parameters.seat_notice <= longest:
        raise BadConfig("seat_notice must be longer than work, revelation and hold together, or seats escape duties")


def _court_params(parameters: Parameters) -> CourtParams:
    return CourtParams(
        clock=parameters.court_clock,
        commit_window=parameters.vote_window,
        reveal_window=parameters.ballot_window,
        appeal_window=parameters.appeal_window,
        draw_delay=parameters.draw_delay,
        smallest_panel=parameters.smallest_panel,
        appeal_bond=parameters.appeal_bond,
    )


def _capture_params(parameters: Parameters) -> CaptureParams:
    return CaptureParams(
        answer_bond=parameters.capture_answer_bond,
        smallest_budget=parameters.capture_smallest_budget,
        reveal_window=parameters.capture_reveal_window,
        challenge_window=parameters.capture_challenge_window,
    )


def _epoch_params(parameters: Parameters) -> EpochParams:
    return EpochParams(
        length=parameters.epoch_length,
        window=parameters.epoch_window,
        bond=parameters.epoch_bond,
        emission=parameters.epoch_emission,
        halving=parameters.epoch_halving,
        base=parameters.epoch_base,
        rules=RULES.hash,
    )
