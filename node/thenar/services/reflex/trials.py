"""Wrong answers: found by running calls again, brought before the court, defended, judged by who holds the model."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thenar.domain.actions import AccuseCall, CondemnCall, DefendCall
from thenar.domain.catalog import AccusationRecord, CaseRecord
from thenar.domain.duty import Duty
from thenar.domain.ids import AssetId
from thenar.domain.reflex.accusations import MOST_OBSERVED, NUDGED, beside
from thenar.domain.reflex.answers import SignedCall
from thenar.domain.reflex.evidence import Evidence
from thenar.domain.reflex.numbers import NUMBER_BYTES, number_at, wrong_place
from thenar.errors import BadInput, Late, NotFound, Poor, Refused, Reverted, Unavailable
from thenar.services.account import provide
from thenar.services.licensing import Trade
from thenar.services.ports import Engine, OpenEngine
from thenar.services.steps import step
from thenar.services.work.bonds import Bonds, back

log = logging.getLogger(__name__)

JUDGED: Final = "reflex/judge/"
"""Names under which the journal keeps the files of models this node judges by."""
EVIDENCE: Final = "reflex/evidence/"


@dataclass(frozen=True, slots=True)
class Checker:
    """Runs calls again with the model itself."""

    engine: Engine

    async def actions(self, observation: bytes) -> tuple[bytes, ...]:
        """What the model gives for an observation, and for those as far from it as machines round."""
        rows, batch = beside(observation), self.engine.shape.batch
        found = [await self.engine.run(rows[at : at + batch]) for at in range(0, len(rows), batch)]
        return tuple(action for some in found for action in some)

    async def check(self, call: SignedCall) -> Evidence | None:
        """The evidence when an answer is not the model's.

        Raises BadInput for what the model does not take or give, Unavailable, Late.
        """
        if len(call.answer) != self.engine.shape.action:
            raise BadInput(f"the model gives {self.engine.shape.action} bytes, not {len(call.answer)}")
        found = await self.actions(call.observation)
        place = wrong_place(call.answer, found)
        if place is None:
            return None
        return Evidence(call.shown, call.observation, call.answer, place, number_at(found[0], place))


@dataclass(frozen=True, slots=True)
class Bailiff:
    """Watches by the model itself, and accuses with a bond (token units), from the wallet as far as its limit allows.

    Without a bond it only keeps the evidence.
    """

    trade: Trade
    checker: Checker
    bond: int | None
    bonds: Bonds

    async def check(self, call: SignedCall) -> Evidence | None:
        """The evidence when an answer is not the model's, written down; nothing where the model takes no such thing."""
        try:
            evidence = await self.checker.check(call)
        except (BadInput, Late, Unavailable) as cause:
            log.warning("a call is not checked", extra={"reason": cause.message})
            return None
        if evidence is not None:
            await keep_evidence(self.trade, evidence)
        return evidence

    async def accuse(self, evidence: Evidence) -> None:
        """Hold it against its node, as far as there is money for the bond."""
        if self.bond is None:
            return
        try:
            await back(self.trade, self.bonds, self.bond)
            await accuse(self.trade, evidence, self.bond)
        except (Poor, Refused, Reverted, Unavailable) as cause:
            log.warning("nobody is accused", extra={"node": evidence.accused.node, "reason": cause.message})


@asynccontextmanager
async def open_checker(open_engine: OpenEngine, path: Path) -> AsyncIterator[Checker]:
    """Start the model in a process of its own. Raises BadInput, Unavailable, Late."""
    async with open_engine(path, 1 + NUDGED) as engine:
        yield Checker(engine)


async def keep_evidence(trade: Trade, evidence: Evidence) -> str:
    """Write evidence down before it is used; its name."""
    name = evidence.accused.id.hex()
    await trade.journal.put(EVIDENCE + name, evidence.encode())
    return name


async def evidence_named(trade: Trade, name: str) -> Evidence:
    """Evidence this node keeps. Raises NotFound."""
    data = await trade.journal.get(EVIDENCE + name)
    if data is None:
        raise NotFound(f"no evidence {name}", next_step="`thenar infer check` finds some, or nothing wrong")
    return Evidence.decode(data)


async def accuse(trade: Trade, evidence: Evidence, bond: int) -> bool:
    """Hold a wrong answer against its node; whether it was mined. Raises Poor, Refused, Reverted."""
    if len(evidence.observation) > MOST_OBSERVED:
        raise Refused(
            f"the chain takes observations of {MOST_OBSERVED} bytes, this one has {len(evidence.observation)}"
        )
    await provide(trade, bond)
    shown, accused = evidence.shown, evidence.accused
    action = AccuseCall(shown, evidence.observation, evidence.answer, evidence.place, evidence.charged)
    return await step(trade, f"accuse-call:{accused.id.hex()}", action)


async def defend(trade: Trade, duty: Duty) -> None:
    """Node's duty: call a jury. An honest node has nothing to fear but the gas, one that lied nothing else to lose."""
    record = _accusation(trade, duty)
    if record.dispute is None:
        await step(trade, f"defend-call:{duty.subject}", DefendCall(record.accused))


async def condemn(trade: Trade, duty: Duty) -> None:
    """Accuser's duty: convict a node that called no jury in time."""
    record = _accusation(trade, duty)
    if record.dispute is None:
        await step(trade, f"condemn-call:{duty.subject}", CondemnCall(record.accused))


def _accusation(trade: Trade, duty: Duty) -> AccusationRecord:
    return trade.belief.catalog.accusations[bytes.fromhex(duty.subject.split("/")[0])]


async def judge_from_now_on(trade: Trade, model: AssetId, path: Path) -> None:
    """Remember where a model's file lies, for trials about its calls."""
    await trade.journal.put(JUDGED + model, str(path).encode())


async def verdict_leaf(trade: Trade, open_engine: OpenEngine, case: CaseRecord) -> bytes:
    """What a juror votes for: run the observation, and see which of the two numbers is the model's.

    Raises NotFound without the model's file, Unavailable, Late.
    """
    record = trade.belief.catalog.accusations.get(case.accusation or b"")
    if record is None:
        raise NotFound(f"dispute {case.id} is about no call")
    kept = await trade.journal.get(JUDGED + record.accused.model)
    if kept is None:
        raise NotFound(
            f"this node does not hold {record.accused.model}", next_step="`thenar infer judge` opens it and takes seats"
        )
    async with open_checker(open_engine, Path(kept.decode())) as checker:
        return await _verdict(checker, record)


async def _verdict(checker: Checker, record: AccusationRecord) -> bytes:
    """A node that signed an answer to what is no observation of the model, or of another length, did not run it."""
    accused, shape = record.accused, checker.engine.shape
    if len(record.observation) != shape.observation or NUMBER_BYTES * (accused.place + 1) > shape.action:
        return accused.other_leaf
    found: Sequence[bytes] = await checker.actions(record.observation)
    leaf = accused.verdict(found)
    log.info("a call judged", extra={"node": accused.node, "right": leaf == accused.claim_leaf})
    return leaf
