"""Steps that anybody may take: that somebody was first, or that it is too early, is no failure."""

from __future__ import annotations

from typing import Final

from thenar.domain.actions import Action
from thenar.errors import Reverted, Unavailable
from thenar.services.licensing import Trade

EARLY: Final = (
    "_TooEarly",
    "_TimeLeft",
    "_StillRuns",
    "_Demanded",
    "_NeedsReaudit",
    "_StillBound",
    "_NotNext",
    "_StillAnswered",
    "_DemandsOpen",
    "_NotOver",
)
"""Refusals of what can be done later."""
MOVED_ON: Final = (
    "_WrongStage",
    "_WrongAudit",
    "_WrongPhase",
    "_NotClaimsTurn",
    "_Ended",
    "_Closed",
    "_NothingDue",
    "_NothingLeft",
    "_NoReaudit",
    "_NotDemanded",
    "_AlreadyDemanded",
    "_AlreadyVoted",
    "_NotAbsent",
    "_NotRevealed",
    "_NotJuror",
    "_TooLate",
    "_OutOfTime",
    "_Final",
    "_RoundOpen",
    "_Seeded",
    "_NotSeeded",
    "_SeedLost",
    "StorageProofs_Answered",
    "_Reported",
    "_NotPledged",
    "_NotAnswered",
    "_NothingPledged",
    "_ShowTimeOver",
    "_NotAccused",
    "_AlreadyAccused",
    "WitnessBook_Witnessed",
    "BeaconBook_Lit",
    "_Trusted",
    "_WrongNonce",
    "_Withdrawn",
    "_Busy",
    "_WrongEpoch",
    "ContributionEpochs_Settled",
    "_WrongProposal",
)
"""Refusals that say that it is done, or that there is nothing left to do."""


async def step(trade: Trade, key: str, action: Action) -> bool:
    """Send once per key; whether it was mined. Raises Unavailable while it is too early, else what the chain says."""
    try:
        await trade.outbox.send(key, action)
    except Reverted as refused:
        if refused.name.endswith(EARLY) or not refused.name:
            # Without a name somebody was first in the same block; asked again, the chain says what it is.
            raise Unavailable(f"not yet: {refused.message}") from refused
        if not refused.name.endswith(MOVED_ON):
            raise
        return False
    return True
