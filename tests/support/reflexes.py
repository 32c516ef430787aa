"""Services, channels, vouchers and signed answers of tests, signed with the node's own code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from assets import COMPUTE_ONLY, FOREVER, MODEL, mint, write_terms
from brownie import accounts, chain
from eth_account import Account
from eth_keys import keys
from eth_utils import keccak
from nodes import COMPUTE, KEY
from system import DOLLAR, Params, System, deploy_system, fund

from thenar.domain.ids import Address, AssetId
from thenar.domain.reflex.answers import Answered, Answers, Window
from thenar.domain.reflex.vouchers import Desk, Line, Voucher

PRICE, SHARE, STAKE, DEPOSIT, LATENCY = 1_000, 300_000, 1_000, 1_000_000, 4_000
RUNTIME = b"\x0a" * 32
ROBOT = Account.from_key(keccak(text="robot"))
NODE_KEY = keccak(text="a node that answers")


@dataclass(frozen=True, slots=True)
class Served:
    """A model, who owns it, the node that answers with it, and the desk."""

    desk: Any
    model: bytes
    node: Any

    @property
    def where(self) -> Desk:
        """What signatures are bound to."""
        return Desk(chain.id, lower(self.desk))

    @property
    def asset(self) -> AssetId:
        """The model's id as the node writes it."""
        return AssetId("0x" + self.model.hex())

    def line(self, channel: int, client: Any) -> Line:
        """A channel to it."""
        return Line(channel, lower(self.node), self.asset, lower(client))

    def voucher(self, channel: int, client: Any, amount: int, calls: int = 7, /, **other: Any) -> bytes:
        """The robot's signature of a voucher; ``other`` changes fields of its line, and desk or key."""
        desk, key = other.pop("desk", self.where), other.pop("key", ROBOT.key)
        made = Voucher(replace(self.line(channel, client), **other), amount, calls)
        return sign_digest(key, made.signed(desk))

    def shown(
        self, key: bytes, calls: Sequence[tuple[bytes, bytes]], index: int, window: int = 1, **changes: Any
    ) -> tuple[Any, ...]:
        """One answer under a window the node signed with ``key``, as the contract takes it."""
        filled = Window(window, [Answered.of(*call) for call in calls])
        where = changes.pop("desk", self.where)
        said = Answers(lower(self.node), self.asset, 1, window, len(calls), RUNTIME, filled.root)
        said = replace(said, **changes)
        fields = (said.node, said.model, said.channel, said.window, said.count, said.runtime, said.root)
        call = filled.calls[index]
        signature = sign_digest(key, said.signed(where))
        return fields, signature, index, call.observation, call.answer, list(filled.path(index))


def open_service(
    deployer: Any, people: Sequence[Any], token: Any = None, params: Params | None = None
) -> tuple[System, Served, int]:
    """Everything deployed, and a service of alice's model that runs: system, service, and the terms of the model."""
    system = deploy_system(deployer, token, params)
    node = accounts.add(NODE_KEY)
    deployer.transfer(node, 10**18)
    for person in [*people, node]:
        fund(system.token, person, 1_000 * DOLLAR, system.ledger)
    alice = people[1]
    terms = write_terms(system.terms_book, alice, purposes=COMPUTE_ONLY, derivative_share=SHARE)
    model = mint(system.asset_registry, alice, "policy", MODEL, terms)
    system.license_desk.grant(model, node, terms, FOREVER, {"from": alice})
    system.node_registry.register(KEY, COMPUTE, 200 * DOLLAR, {"from": node})
    system.reflex_desk.serve(model, PRICE, SHARE, STAKE, LATENCY, {"from": node})
    return system, Served(system.reflex_desk, model, node), terms


def sign_digest(key: bytes, digest: bytes) -> bytes:
    """Sign 32 bytes: r, s, v with v 27 or 28."""
    made = keys.PrivateKey(bytes(key)).sign_msg_hash(digest)
    return made.r.to_bytes(32, "big") + made.s.to_bytes(32, "big") + bytes([27 + made.v])


def lower(account: Any) -> Address:
    """An address as the node writes it."""
    return Address(str(account).lower())


def many_calls(count: int, label: str = "call") -> list[tuple[bytes, bytes]]:
    """So many observations and their answers, all different."""
    return [(f"{label} {number}".encode(), f"answer {number}".encode()) for number in range(count)]
