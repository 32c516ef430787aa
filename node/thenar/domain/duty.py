"""What a node must do, and whose duties they are."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from thenar.domain.ids import Address


class DutyKind(StrEnum):
    """One kind, one story in ``services``."""

    PIN_ASSET = "pin asset"
    ANNOUNCE_ASSET = "announce asset"
    DELIVER_KEY = "deliver key"
    CHECK_KEY = "check key"
    OPEN_ASSET = "open asset"
    SETTLE_SALE = "settle sale"
    REFUND_LATE_SALE = "refund late sale"
    REFUND_REVOKED_SALE = "refund revoked sale"
    COLLECT_EARNED = "collect earned"
    REFUND_UNEARNED = "refund unearned"
    BIND_FLOOR = "bind floor"
    DROP_COPY = "drop copy"
    ROLL_SHARE = "roll share"
    KEEP_PAYOUT = "keep payout"
    CHECK_PAYOUT = "check payout"
    ANSWER_ACCUSATION = "answer accusation"
    CONDEMN_OMISSION = "condemn omission"
    THAW_PAYOUT = "thaw payout"
    END_FREEZE = "end freeze"
    RETURN_BOND = "return bond"
    OPEN_PREVIEW = "open preview"
    CHECK_PREVIEW = "check preview"
    CLOSE_PREVIEW = "close preview"
    EXPIRE_PREVIEW = "expire preview"
    REDEEM_VOUCHER = "redeem voucher"
    SETTLE_CHANNEL = "settle channel"
    END_SERVICE = "end service"
    DEFEND_CALL = "defend call"
    CONDEMN_CALL = "condemn call"
    RUN_PROGRAM = "run program"
    TAKE_OUTPUT = "take output"
    SETTLE_RUN = "settle run"
    REFUND_RUN = "refund run"
    ANSWER_LEAK = "answer leak"
    LAPSE_MARK = "lapse mark"
    RELEASE_MARK = "release mark"
    RECALL_MARK = "recall mark"
    DO_WORK = "do work"
    DRAW_AUDIT = "draw audit"
    DO_AUDIT = "do audit"
    REPLACE_AUDITOR = "replace auditor"
    REVEAL_WORK = "reveal work"
    REVEAL_AUDIT = "reveal audit"
    KEEP_RESULT = "keep result"
    CHECK_CLAIM = "check claim"
    REAUDIT_CLAIM = "reaudit claim"
    SHOW_PLACE = "show place"
    CHECK_PLACE = "check place"
    LAPSE_DEMAND = "lapse demand"
    FINALIZE_CLAIM = "finalize claim"
    EXPIRE_CLAIM = "expire claim"
    PAY_INPUT = "pay input"
    CLOSE_BOUNTY = "close bounty"
    MOVE_IN_COURT = "move in court"
    NARROW_CASE = "narrow case"
    FLAG_CASE = "flag case"
    COMPUTE_SUM = "compute sum"
    DRAW_JURY = "draw jury"
    VOTE = "vote"
    REVEAL_VOTE = "reveal vote"
    RULE_CASE = "rule case"
    APPEAL_CASE = "appeal case"
    CLOSE_CASE = "close case"
    SETTLE_JURY = "settle jury"
    CLOSE_ASK = "close ask"
    SHOW_ANSWER = "show answer"
    SETTLE_ANSWER = "settle answer"
    CHECK_ANSWER = "check answer"
    WITNESS_CAPTURE = "witness capture"
    CHECK_WORD = "check word"
    FREE_WORD = "free word"
    OPEN_ROUND = "open round"
    SEED_ROUND = "seed round"
    ANSWER_ROUND = "answer round"
    REPORT_MISSES = "report misses"
    CHECK_ANSWERS = "check answers"
    SHOW_STORED = "show stored"
    CONVICT_STORE = "convict store"
    FREE_STORAGE = "free storage"
    LET_GO = "let go"
    CLOSE_EPOCH = "close epoch"
    PROPOSE_ROOT = "propose root"
    CHECK_ROOT = "check root"
    SETTLE_ROOT = "settle root"


LONG: Final = frozenset({DutyKind.DO_WORK, DutyKind.DO_AUDIT, DutyKind.RUN_PROGRAM})
"""Kinds that last as long as their claim allows, and not a moment of other duties' time."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do once. ``subject`` is an asset id, a deal id in hex, or ids with slashes between.

    ``not_before`` is chain time in unix seconds. A ``deep`` duty cannot be undone and waits for more confirmations.
    ``block`` is where the fact stands: a reorg that drops the fact drops the duty. One that reaches below the block at
    which the duty ended opens it again.
    """

    kind: DutyKind
    subject: str
    block: int
    not_before: int = 0
    deep: bool = False

    @property
    def key(self) -> str:
        """Unique per duty."""
        return f"{self.kind}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Me:
    """Whose duties these are."""

    account: Address
    pins_for_others: bool
    roll_minimum: int | None = None  # token units worth a transaction of one's own; None leaves rolling to a person
    challenges_for_others: bool = False  # also copies of what others have shown
    bond_seconds: int = 0  # from publishing a payout until its bond may go back
    wallets: AbstractSet[Address] = frozenset()  # of browsers: what anybody may do for them, this node does

    def acts_for(self, account: Address) -> bool:
        """Whether exits that anybody may take are this node's to take for an account."""
        return account == self.account or account in self.wallets
