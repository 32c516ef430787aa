"""The stories behind the duties about epochs."""

from __future__ import annotations

from thenar.domain.duties import Duty, DutyKind
from thenar.services.epochs import checking, proposing
from thenar.services.epochs.desk import EpochDesk
from thenar.services.perform import Story


def stories(desk: EpochDesk) -> dict[DutyKind, Story]:
    """The story of each kind of duty about epochs."""

    async def propose(duty: Duty) -> None:
        await proposing.propose(desk, _epoch(duty), duty.subject)

    return {
        DutyKind.CLOSE_EPOCH: lambda duty: proposing.close(desk, _epoch(duty)),
        DutyKind.PROPOSE_ROOT: propose,
        DutyKind.CHECK_ROOT: lambda duty: checking.check(desk, _epoch(duty), _root(duty)),
        DutyKind.SETTLE_ROOT: lambda duty: proposing.settle(desk, _epoch(duty), _root(duty)),
    }


def _epoch(duty: Duty) -> int:
    return int(duty.subject.split("/")[0])


def _root(duty: Duty) -> bytes:
    return bytes.fromhex(duty.subject.split("/")[1])
