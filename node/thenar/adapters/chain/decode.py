"""Logs to facts. Every event of the followed contracts has one row here; foreign types end in this module."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from thenar.adapters.chain import codec
from thenar.adapters.chain.abi import FOLLOWED, Entry, entries, python_name
from thenar.domain import facts
from thenar.domain.ids import Address, TxHash
from thenar.errors import Corrupt

ROWS: dict[str, type[Any]] = {
    "AssetMinted": facts.AssetMinted,
    "Materialised": facts.Materialised,
    "Transfer": facts.Transfer,
    "TermsChanged": facts.TermsChanged,
    "ConsentChanged": facts.ConsentChanged,
    "TermsWritten": facts.TermsWritten,
    "Offered": facts.Offered,
    "OfferClosed": facts.OfferClosed,
    "LicenseGranted": facts.LicenseGranted,
    "LicenseEnded": facts.LicenseEnded,
    "ExpirySet": facts.ExpirySet,
    "ExclusiveTaken": facts.ExclusiveTaken,
    "ExclusiveDropped": facts.ExclusiveDropped,
    "FloorBound": facts.FloorBound,
    "ExclusionAcknowledged": facts.ExclusionAcknowledged,
    "SaleOpened": facts.SaleOpened,
    "KeyDelivered": facts.KeyDelivered,
    "SaleSettled": facts.SaleSettled,
    "SaleRefunded": facts.SaleRefunded,
    "StreamStarted": facts.StreamStarted,
    "StreamCollected": facts.StreamCollected,
    "StreamRefunded": facts.StreamRefunded,
    "ComplaintFailed": facts.ComplaintFailed,
    "KeeperAppointed": facts.KeeperAppointed,
    "Paid": facts.Paid,
    "Linked": facts.Linked,
    "Rolled": facts.Rolled,
    "PayoutPublished": facts.PayoutPublished,
    "FreezeChanged": facts.FreezeChanged,
    "OmissionProved": facts.OmissionProved,
    "OmissionAccused": facts.OmissionAccused,
    "OmissionAnswered": facts.OmissionAnswered,
    "BondReturned": facts.BondReturned,
    "Claimed": facts.Claimed,
    "OwnTaken": facts.OwnTaken,
    "Deposited": facts.Deposited,
    "Withdrawn": facts.Withdrawn,
    "Collected": facts.Collected,
    "Locked": facts.Locked,
    "Released": facts.Released,
    "Moved": facts.Moved,
    "DeviceRegistered": facts.DeviceRegistered,
    "DeviceEnded": facts.DeviceEnded,
    "PreviewAsked": facts.PreviewAsked,
    "PreviewOpened": facts.PreviewOpened,
    "PreviewEnded": facts.PreviewEnded,
    "MarkProposed": facts.MarkProposed,
    "MarkAccepted": facts.MarkAccepted,
    "LeakSealed": facts.LeakSealed,
    "LeakShown": facts.LeakShown,
    "LeakRefuted": facts.LeakRefuted,
    "MarkEnded": facts.MarkEnded,
    "NodeRegistered": facts.NodeRegistered,
    "StakeAdded": facts.StakeAdded,
    "Unbonding": facts.Unbonding,
    "StakeWithdrawn": facts.StakeWithdrawn,
    "NodeLeft": facts.NodeLeft,
    "MinimumStakeChanged": facts.MinimumStakeChanged,
    "LiveOpened": facts.LiveOpened,
    "LiveClosed": facts.LiveClosed,
    "Subscribed": facts.Subscribed,
    "ToppedUp": facts.ToppedUp,
    "LivePaid": facts.LivePaid,
    "Unsubscribed": facts.Unsubscribed,
    "CallAccused": facts.CallAccused,
    "CallDefended": facts.CallDefended,
    "CallJudged": facts.CallJudged,
    "ChannelClosing": facts.ChannelClosing,
    "ChannelOpened": facts.ChannelOpened,
    "ChannelSettled": facts.ChannelSettled,
    "ChannelToppedUp": facts.ChannelToppedUp,
    "ContradictionProven": facts.ContradictionProven,
    "ServiceEnded": facts.ServiceEnded,
    "ServiceRetired": facts.ServiceRetired,
    "ServiceStarted": facts.ServiceStarted,
    "VoucherRedeemed": facts.VoucherRedeemed,
    "ProgramApproved": facts.ProgramApproved,
    "ProgramDisapproved": facts.ProgramDisapproved,
    "RunOrdered": facts.RunOrdered,
    "RunDelivered": facts.RunDelivered,
    "RunSettled": facts.RunSettled,
    "RunRejected": facts.RunRejected,
    "RunRefunded": facts.RunRefunded,
    "StakeBound": facts.StakeBound,
    "StakeUnbound": facts.StakeUnbound,
    "StakeSeized": facts.StakeSeized,
    "BountyCreated": facts.BountyCreated,
    "BountyCancelled": facts.BountyCancelled,
    "BountyClosed": facts.BountyClosed,
    "InputPaid": facts.InputPaid,
    "UnitsClaimed": facts.UnitsClaimed,
    "WorkCommitted": facts.WorkCommitted,
    "AuditArmed": facts.AuditArmed,
    "AuditDrawn": facts.AuditDrawn,
    "AuditCommitted": facts.AuditCommitted,
    "WorkRevealed": facts.WorkRevealed,
    "AuditRevealed": facts.AuditRevealed,
    "AuditMissed": facts.AuditMissed,
    "ClaimFinalized": facts.ClaimFinalized,
    "ClaimExpired": facts.ClaimExpired,
    "ClaimHeld": facts.ClaimHeld,
    "ClaimUpheld": facts.ClaimUpheld,
    "ClaimSlashed": facts.ClaimSlashed,
    "ClaimVoided": facts.ClaimVoided,
    "ClassSuspect": facts.ClassSuspect,
    "Enlisted": facts.Enlisted,
    "Resigned": facts.Resigned,
    "SeatsFreed": facts.SeatsFreed,
    "SeatLost": facts.SeatLost,
    "GroupAsked": facts.GroupAsked,
    "GroupJoined": facts.GroupJoined,
    "ScoreChanged": facts.ScoreChanged,
    "PlaceDemanded": facts.PlaceDemanded,
    "PlaceShown": facts.PlaceShown,
    "DemandLapsed": facts.DemandLapsed,
    "ClaimDisputed": facts.ClaimDisputed,
    "DisputeResolved": facts.DisputeResolved,
    "CaseOpened": facts.CaseOpened,
    "ChildrenPosted": facts.ChildrenPosted,
    "CaseNarrowed": facts.CaseNarrowed,
    "StatePosted": facts.StatePosted,
    "JuryArmed": facts.JuryArmed,
    "JuryDrawn": facts.JuryDrawn,
    "VoteCommitted": facts.VoteCommitted,
    "VoteRevealed": facts.VoteRevealed,
    "CaseRuled": facts.CaseRuled,
    "CaseAppealed": facts.CaseAppealed,
    "CaseClosed": facts.CaseClosed,
    "JurorPaid": facts.JurorPaid,
    "JurorFined": facts.JurorFined,
    "ReplicaListed": facts.ReplicaListed,
    "ReplicaTaken": facts.ReplicaTaken,
    "ReplicaDropped": facts.ReplicaDropped,
    "StorageTerms": facts.StorageTerms,
    "StoragePledged": facts.StoragePledged,
    "StorageRetired": facts.StorageRetired,
    "StorageFreed": facts.StorageFreed,
    "RoundOpened": facts.RoundOpened,
    "RoundSeeded": facts.RoundSeeded,
    "StorageAnswered": facts.StorageAnswered,
    "AnswerMissed": facts.AnswerMissed,
    "AnswerDemanded": facts.AnswerDemanded,
    "AnswerShown": facts.AnswerShown,
    "StorageConvicted": facts.StorageConvicted,
    "CapturesAsked": facts.CapturesAsked,
    "AnswerCommitted": facts.AnswerCommitted,
    "AnswerRevealed": facts.AnswerRevealed,
    "AnswerSettled": facts.AnswerSettled,
    "AnswerLapsed": facts.AnswerLapsed,
    "AnswerDisputed": facts.AnswerDisputed,
    "AnswerJudged": facts.AnswerJudged,
    "AskClosed": facts.AskClosed,
    "CoverageRaised": facts.CoverageRaised,
    "Witnessed": facts.Witnessed,
    "WordsWithdrawn": facts.WordsWithdrawn,
    "WordFreed": facts.WordFreed,
    "WordStruck": facts.WordStruck,
    "WordAccused": facts.WordAccused,
    "WordJudged": facts.WordJudged,
    "BeaconLit": facts.BeaconLit,
    "EpochClosed": facts.EpochClosed,
    "EpochTerms": facts.EpochTerms,
    "RewardClaimed": facts.RewardClaimed,
    "RootChallenged": facts.RootChallenged,
    "RootJudged": facts.RootJudged,
    "RootProposed": facts.RootProposed,
    "RootSettled": facts.RootSettled,
    "UsagePaid": facts.UsagePaid,
}
"""Event name → fact class; an event is called the same in every contract that emits it."""

IGNORED = {
    "Approval": "ERC-721 permission; the node acts only for owners",
    "ApprovalForAll": "ERC-721 permission; the node acts only for owners",
    "AuthorityUpdated": "governance of parameters; MinimumStakeChanged tells what came of it",
    "BatchMetadataUpdate": "ERC-4906 notice for marketplaces; TermsChanged says what changed",
    "EIP712DomainChanged": "ERC-5267; our domains never change",
    "MetadataUpdate": "ERC-4906 notice for marketplaces; TermsChanged says what changed",
}
"""Events that are no facts, and why."""

Log = Mapping[str, Any]
_Make = Callable[[facts.At, tuple[bytes, ...], bytes], Any]


class Decoder:
    """Turns the logs of one deployment into facts."""

    def __init__(self, contracts: Mapping[str, Address]) -> None:
        """``contracts``: addresses by contract name; names that are not followed are left out."""
        self._makers: dict[tuple[Address, bytes], _Make | None] = {}
        for name in FOLLOWED:
            if name in contracts:
                for event in entries(name, "event"):
                    self._makers[contracts[name], event.id] = _maker(event)
        self.addresses = tuple(sorted({address for address, _ in self._makers}))

    def in_order(self, logs: Iterable[Log]) -> tuple[facts.Fact, ...]:
        """Decode logs in chain order, leaving out what is no fact. Raises Corrupt."""
        found = (self.fact(log) for log in logs)
        return tuple(sorted((fact for fact in found if fact is not None), key=_place))

    def fact(self, log: Log) -> facts.Fact | None:
        """Decode one log as JSON-RPC answers it; None when it is no fact. Raises Corrupt."""
        try:
            emitter = Address(log["address"].lower())
            topics = tuple(bytes.fromhex(topic[2:]) for topic in log["topics"])
            data = bytes.fromhex(log["data"][2:])
            at = facts.At(
                block=int(log["blockNumber"], 16),
                log_index=int(log["logIndex"], 16),
                block_hash=log["blockHash"],
                tx_hash=TxHash(log["transactionHash"]),
            )
            make = self._makers[emitter, topics[0]]
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as cause:
            raise Corrupt(
                "the chain answered a log this version cannot read",
                next_step="check that the deployment file belongs to this chain and version",
            ) from cause
        fact: facts.Fact | None = None if make is None else make(at, topics, data)
        return fact


def _place(fact: facts.Fact) -> tuple[int, int]:
    return fact.at.block, fact.at.log_index


def _maker(event: Entry) -> _Make | None:
    kind = ROWS.get(event.name)
    if kind is None:
        return None
    hints = typing.get_type_hints(kind)
    indexed = tuple(param for param in event.inputs if param["indexed"])
    plain = tuple(param for param in event.inputs if not param["indexed"])
    places = {python_name(param["name"]): (at, param) for at, param in enumerate((*indexed, *plain))}
    plan = tuple(
        (places[field.name][0], codec.converter(places[field.name][1], hints[field.name]))
        for field in dataclasses.fields(kind)
        if field.name != "at"
    )

    def make(at: facts.At, topics: tuple[bytes, ...], data: bytes) -> Any:
        if len(topics) != len(indexed) + 1:
            raise Corrupt(f"a log of {event.name} has {len(topics)} topics where {len(indexed) + 1} belong")
        known = codec.decode_values(indexed, b"".join(topics[1:]), event.name)
        values = known + codec.decode_values(plain, data, event.name)
        return kind(at, *[convert(values[place]) for place, convert in plan])

    return make
