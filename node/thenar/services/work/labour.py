"""The stories behind the duties about computing: what each duty's subject says, and whose verb it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from thenar.domain.duties import Duty, DutyKind
from thenar.domain.ids import BountyId, ClaimId, DisputeId
from thenar.services.perform import Story
from thenar.services.work import auditing, bounties, courtroom, working
from thenar.services.work.workbench import Bench


def stories(bench: Bench) -> dict[DutyKind, Story]:
    """The story of each kind of duty about bounties, claims and disputes."""

    def on_bounty(story: Callable[[Bench, BountyId], Awaitable[None]]) -> Story:
        return lambda duty: story(bench, BountyId(int(duty.subject)))

    def on_claim(story: Callable[[Bench, ClaimId], Awaitable[None]]) -> Story:
        return lambda duty: story(bench, ClaimId(int(duty.subject)))

    def on_part(story: Callable[[Bench, ClaimId, int], Awaitable[None]]) -> Story:
        return lambda duty: story(bench, ClaimId(_part(duty, 0)), _part(duty, 1))

    return {
        DutyKind.DO_WORK: on_claim(working.do_work),
        DutyKind.DRAW_AUDIT: on_part(working.draw_audit),
        DutyKind.REPLACE_AUDITOR: on_part(working.replace_auditor),
        DutyKind.REVEAL_WORK: on_claim(working.reveal_work),
        DutyKind.SHOW_PLACE: on_part(working.show_place),
        DutyKind.REAUDIT_CLAIM: on_claim(working.reaudit),
        DutyKind.FINALIZE_CLAIM: on_claim(working.finalize),
        DutyKind.EXPIRE_CLAIM: on_part(working.expire),
        DutyKind.PAY_INPUT: on_bounty(working.pay_input),
        DutyKind.CLOSE_BOUNTY: on_bounty(working.close_bounty),
        DutyKind.DO_AUDIT: on_part(auditing.do_audit),
        DutyKind.REVEAL_AUDIT: on_part(auditing.reveal_audit),
        DutyKind.CHECK_CLAIM: on_part(auditing.check_claim),
        DutyKind.CHECK_PLACE: on_part(auditing.check_place),
        DutyKind.LAPSE_DEMAND: on_part(auditing.lapse),
        DutyKind.KEEP_RESULT: on_claim(bounties.keep_result),
        **_court(bench),
    }


def _court(bench: Bench) -> dict[DutyKind, Story]:
    def on_move(story: Callable[[Bench, DisputeId, str, int], Awaitable[None]]) -> Story:
        return lambda duty: story(bench, DisputeId(_part(duty, 0)), duty.subject.split("/")[1], _part(duty, 2))

    def on_round(story: Callable[[Bench, DisputeId, int], Awaitable[None]]) -> Story:
        return lambda duty: story(bench, DisputeId(_part(duty, 0)), _part(duty, 1))

    async def draw(duty: Duty) -> None:
        await courtroom.draw_jury(bench, DisputeId(_part(duty, 0)), _part(duty, 1), _part(duty, 2))

    def on_case(story: Callable[[Bench, DisputeId], Awaitable[None]]) -> Story:
        return lambda duty: story(bench, DisputeId(_part(duty, 0)))

    return {
        DutyKind.MOVE_IN_COURT: on_move(courtroom.move),
        DutyKind.FLAG_CASE: on_move(courtroom.flag),
        DutyKind.NARROW_CASE: on_case(courtroom.narrow),
        DutyKind.COMPUTE_SUM: on_case(courtroom.compute_sum),
        DutyKind.DRAW_JURY: draw,
        DutyKind.VOTE: on_round(courtroom.vote),
        DutyKind.REVEAL_VOTE: on_round(courtroom.reveal_vote),
        DutyKind.RULE_CASE: on_round(courtroom.rule),
        DutyKind.APPEAL_CASE: on_round(courtroom.appeal),
        DutyKind.CLOSE_CASE: on_round(courtroom.close),
        DutyKind.SETTLE_JURY: on_case(courtroom.settle_jury),
    }


def _part(duty: Duty, place: int) -> int:
    return int(duty.subject.split("/")[place])
