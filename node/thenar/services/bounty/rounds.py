"""The stories behind the duties about capture bounties."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from thenar.domain.duties import DutyKind
from thenar.domain.ids import Address, AnswerId, AskId, AssetId
from thenar.services.bounty import accusing, answering, sponsoring, watching, witnessing
from thenar.services.bounty.desk import BountyDesk
from thenar.services.perform import Story


def stories(desk: BountyDesk) -> dict[DutyKind, Story]:
    """The story of each kind of duty about capture bounties."""

    def on_answer(story: Callable[[BountyDesk, AnswerId], Awaitable[None]]) -> Story:
        return lambda duty: story(desk, AnswerId(int(duty.subject.split("/")[0])))

    return {
        DutyKind.CLOSE_ASK: lambda duty: sponsoring.close(desk, AskId(int(duty.subject))),
        DutyKind.SHOW_ANSWER: on_answer(answering.show),
        DutyKind.SETTLE_ANSWER: on_answer(answering.settle),
        DutyKind.CHECK_ANSWER: on_answer(watching.check),
        DutyKind.WITNESS_CAPTURE: lambda duty: witnessing.witness(desk, *_pair(duty.subject)),
        DutyKind.CHECK_WORD: lambda duty: accusing.check_word(desk, *_word(duty.subject)),
        DutyKind.FREE_WORD: lambda duty: accusing.free_word(desk, *_word(duty.subject)),
    }


def _pair(subject: str) -> tuple[AnswerId, AnswerId]:
    scan, capture = subject.split("/")
    return AnswerId(int(scan)), AnswerId(int(capture))


def _word(subject: str) -> tuple[AssetId, Address]:
    capture, witness, *_ = subject.split("/")
    return AssetId(capture), Address(witness)
