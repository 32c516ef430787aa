"""The stories behind the duties about storage: what each duty's subject says, and whose verb it is."""

from __future__ import annotations

from thenar.domain.duties import Duty, DutyKind
from thenar.domain.ids import Address
from thenar.services.perform import Story
from thenar.services.storing import leaving, proving, watching
from thenar.services.storing.keeping import Stock


def stories(stock: Stock) -> dict[DutyKind, Story]:
    """The story of each kind of duty about rounds and answers."""

    async def check(duty: Duty) -> None:
        node, round_ = duty.subject.split("/")
        await watching.check_answers(stock, Address(node), int(round_))

    async def convict(duty: Duty) -> None:
        node, round_, place = duty.subject.split("/")
        await watching.convict(stock, Address(node), int(round_), int(place))

    async def let_go(duty: Duty) -> None:
        root = bytes.fromhex(duty.subject.split("/")[0])
        await leaving.let_go(stock, root, duty.subject)

    return {
        DutyKind.LET_GO: let_go,
        DutyKind.OPEN_ROUND: lambda duty: proving.open_round(stock, _part(duty, 0)),
        DutyKind.SEED_ROUND: lambda duty: proving.seed_round(stock, _part(duty, 0), _part(duty, 1)),
        DutyKind.ANSWER_ROUND: lambda duty: proving.answer_round(stock, _part(duty, 0)),
        DutyKind.SHOW_STORED: lambda duty: proving.show_answer(stock, _part(duty, 0), _part(duty, 1)),
        DutyKind.FREE_STORAGE: lambda duty: proving.free_storage(stock, _part(duty, 0)),
        DutyKind.REPORT_MISSES: lambda duty: watching.report_misses(stock, _part(duty, 0)),
        DutyKind.CHECK_ANSWERS: check,
        DutyKind.CONVICT_STORE: convict,
    }


def _part(duty: Duty, place: int) -> int:
    return int(duty.subject.split("/")[place])
