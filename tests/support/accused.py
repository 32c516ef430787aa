"""A node accused of a wrong answer: what it signed, who has the model and judges, each verb one transaction."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import astuple, dataclass, field
from typing import Any

from brownie import accounts, chain
from capture_town import Case
from courts import Trace
from reflexes import Served, lower, many_calls
from system import DOLLAR, fund, next_block_at

from thenar.domain.reflex.accusations import Accused, class_of
from thenar.domain.work.trace import TraceTree

BOND, DEFENCE = 40 * DOLLAR, 86_400
OBSERVED = struct.pack("<4f", 0.1, -0.2, 0.3, -0.4)
SAID = struct.pack("<3f", 0.25, 0.5, -1.0)
PLACE = 1
RIGHT = struct.pack("<f", 0.75)
"""What the model gives at the place."""
BURNT = "0x000000000000000000000000000000000000dEaD"
CLAIM, OTHER, NEITHER = 1, 2, 3


@dataclass
class Trial:
    """A system, a service whose node signed a window, and a court. Call 5 of eleven is the one that is wrong."""

    system: Any
    served: Served
    key: bytes
    channel: int
    accused: dict[str, Accused] = field(default_factory=dict)

    @property
    def disputes(self) -> Any:
        """The CallDisputes."""
        return self.system.call_disputes

    @property
    def desk(self) -> Any:
        """The ReflexDesk."""
        return self.system.reflex_desk

    @property
    def ledger(self) -> Any:
        """The Ledger."""
        return self.system.ledger

    def balances(self, *people: Any) -> list[int]:
        """What accounts of the Ledger hold."""
        return [self.ledger.balanceOf(one) for one in people]

    def shown(self, said: bytes = SAID, observed: bytes = OBSERVED, **changes: Any) -> tuple[Any, ...]:
        """The answer under a window the node signed."""
        calls = [*many_calls(5), (observed, said), *many_calls(5, "later")]
        return self.served.shown(self.key, calls, 5, channel=changes.pop("channel", self.channel), **changes)

    def accuse(self, by: Any, place: int = PLACE, charged: bytes = RIGHT, **changes: Any) -> Any:
        """Hold the answer against the node; returns the transaction."""
        said, observed = changes.get("said", SAID), changes.get("observed", OBSERVED)
        return self.disputes.accuse(self.shown(**changes), observed, said, place, charged, {"from": by})

    def charge(self, place: int = PLACE, charged: bytes = RIGHT, said: bytes = SAID) -> Accused:
        """What is said to be wrong, as the node's twin keeps it."""
        hashes = (hashlib.sha256(OBSERVED).digest(), hashlib.sha256(said).digest())
        claimed = said[4 * place : 4 * place + 4]
        return Accused(lower(self.served.node), self.served.asset, *hashes, place, claimed, charged)

    def defend(self, by: Any, charge: Accused | None = None) -> Case:
        """Call a jury."""
        made = charge or self.charge()
        tx = self.disputes.defend(astuple(made), {"from": by})
        opened = tx.events["CaseOpened"]
        leaves = (made.claim_leaf, made.other_leaf)
        traces = [Trace((b"", b""), TraceTree.build([leaf, made.id])) for leaf in leaves]
        case = Case(self.system.segment_court, *traces, None, None, None, opening_=tuple(opened["opening"]))
        case.id, case.level = int(opened["dispute"]), 0
        return case

    def judged(self, by: Any, votes: list[int]) -> tuple[Case, Any]:
        """Call a jury, let it vote as told, and carry out; returns the case and the last transaction."""
        case = self.defend(by)
        case.judge(by, votes)
        return case, case.close(by)

    def condemn(self, by: Any, charge: Accused | None = None) -> Any:
        """Convict the node that called no jury."""
        return self.disputes.condemn(astuple(charge or self.charge()), {"from": by})

    def pass_window(self, seconds: int = DEFENCE) -> None:
        """Let the next transaction be mined when the defence window is over."""
        next_block_at(chain[-1].timestamp + seconds)

    def seat(self, count: int) -> list[Any]:
        """Seat so many jurors who hold the model."""
        made = []
        for number in range(count):
            juror = accounts.at("0x" + hashlib.sha256(b"holder %d" % number).hexdigest()[:40], force=True)
            fund(self.system.token, juror, 1_000 * DOLLAR, self.ledger)
            self.system.node_registry.register((number + 1).to_bytes(32, "big"), 18, 500 * DOLLAR, {"from": juror})
            self.system.worker_pool.enlist(class_of(self.served.asset), bytes(32), 1, {"from": juror})
            made.append(juror)
        next_block_at(chain[-1].timestamp + 10)  # who sits down when a case is opened does not judge it
        chain.mine()
        return made
