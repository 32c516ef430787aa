"""Programs and runs of tests: what alice approves for her capture, and who is licensed for COMPUTE_ONLY of it."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from assets import CAPTURE, COMPUTE_ONLY, FOREVER, mint, write_terms
from system import DOLLAR, System, deploy_system, fund

PROGRAM, OTHER_PROGRAM = b"\x11" * 32, b"\x22" * 32
KEY = (7, 8)
"""A one-time point; the desk passes it on."""
PRICE = 1 * DOLLAR
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Limits:
    """RunLimits, in the struct's order."""

    price: int = PRICE
    fuel: int = 1_000_000
    output_bytes: int = 64
    parts: int = 4
    per_buyer: int = 3
    per_day: int = 5

    @property
    def call(self) -> tuple[int, ...]:
        """The struct as a contract takes it."""
        return tuple(astuple(self))


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Housed:
    """A capture whose owner approved a program, and terms that permit COMPUTE_ONLY."""

    system: System
    owner: Any
    asset: bytes
    terms: int

    @property
    def desk(self) -> Any:
        """The RunDesk."""
        return self.system.run_desk

    def license(self, who: Any, until: int = FOREVER) -> None:
        """A license for COMPUTE_ONLY as a gift."""
        self.system.license_desk.grant(self.asset, who, self.terms, until, {"from": self.owner})

    def approve(self, program: bytes = PROGRAM, **changes: int) -> Any:
        """The owner approves a program."""
        return self.desk.approve(self.asset, program, replace(LIMITS, **changes).call, {"from": self.owner})

    def order(self, who: Any, part: int = 0, program: bytes = PROGRAM, most: int = PRICE) -> Any:
        """Somebody orders a run."""
        return self.desk.order(self.asset, program, part, most, *KEY, {"from": who})

    def deliver(self, run: int, buyer: Any) -> Any:
        """The owner delivers something."""
        return self.desk.deliver(run, buyer, b"\x55" * 32, {"from": self.owner})


def housed(deployer: Any, owner: Any, buyers: list[Any], token: Any = None) -> Housed:
    """Everything deployed, a capture of the owner's, and buyers with money and licenses."""
    system = deploy_system(deployer, token)
    terms = write_terms(system.terms_book, owner, purposes=COMPUTE_ONLY)
    made = Housed(system, owner, mint(system.asset_registry, owner, "kitchen", CAPTURE, terms), terms)
    for buyer in buyers:
        fund(system.token, buyer, 1_000 * DOLLAR, system.ledger)
        made.license(buyer)
    made.approve()
    return made
