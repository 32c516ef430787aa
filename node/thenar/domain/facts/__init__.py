"""What happened on chain: one value per contract event, same names, snake-cased fields.

Amounts are settlement-token units, times unix seconds, hashes and roots 32 bytes.
"""

from __future__ import annotations

from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.facts.captures import (
    AnswerCommitted,
    AnswerDisputed,
    AnswerJudged,
    AnswerLapsed,
    AnswerRevealed,
    AnswerSettled,
    AskClosed,
    BeaconLit,
    CaptureFact,
    CapturesAsked,
    CoverageRaised,
    Witnessed,
    WordsWithdrawn,
)
from thenar.domain.facts.compute import (
    AuditArmed,
    AuditCommitted,
    AuditDrawn,
    AuditMissed,
    AuditRevealed,
    BountyCancelled,
    BountyClosed,
    BountyCreated,
    BountyFact,
    ClaimExpired,
    ClaimFact,
    ClaimFinalized,
    ClaimHeld,
    ClaimSlashed,
    ClaimUpheld,
    ClaimVoided,
    ClassSuspect,
    Enlisted,
    GroupAsked,
    GroupJoined,
    InputPaid,
    PoolFact,
    Resigned,
    ScoreChanged,
    SeatLost,
    SeatsFreed,
    UnitsClaimed,
    WorkCommitted,
    WorkRevealed,
)
from thenar.domain.facts.court import (
    CaseAppealed,
    CaseClosed,
    CaseNarrowed,
    CaseOpened,
    CaseRuled,
    ChildrenPosted,
    ClaimDisputed,
    CourtFact,
    DemandLapsed,
    DisputeFact,
    DisputeResolved,
    JurorFined,
    JurorPaid,
    JuryArmed,
    JuryDrawn,
    PlaceDemanded,
    PlaceShown,
    StatePosted,
    VoteCommitted,
    VoteRevealed,
)
from thenar.domain.facts.covenants import (
    CovenantFact,
    ExclusionAcknowledged,
    ExclusiveDropped,
    ExclusiveTaken,
    FloorBound,
)
from thenar.domain.facts.devices import DeviceEnded, DeviceFact, DeviceRegistered
from thenar.domain.facts.epochs import (
    EpochClosed,
    EpochFact,
    EpochTerms,
    RewardClaimed,
    RootChallenged,
    RootJudged,
    RootProposed,
    RootSettled,
    UsagePaid,
)
from thenar.domain.facts.licenses import ExpirySet, LicenseEnded, LicenseFact, LicenseGranted, OfferClosed, Offered
from thenar.domain.facts.live import LiveClosed, LiveFact, LiveOpened, LivePaid, Subscribed, ToppedUp, Unsubscribed
from thenar.domain.facts.marks import (
    LeakRefuted,
    LeakSealed,
    LeakShown,
    MarkAccepted,
    MarkEnded,
    MarkFact,
    MarkProposed,
)
from thenar.domain.facts.money import Collected, Deposited, Locked, MoneyFact, Moved, Released, Withdrawn
from thenar.domain.facts.nodes import (
    MinimumStakeChanged,
    NodeFact,
    NodeLeft,
    NodeRegistered,
    StakeAdded,
    StakeBound,
    StakeSeized,
    StakeUnbound,
    StakeWithdrawn,
    Unbonding,
)
from thenar.domain.facts.omissions import BondReturned, OmissionAccused, OmissionAnswered, OmissionFact, OmissionProved
from thenar.domain.facts.ownership import (
    AssetMinted,
    ConsentChanged,
    Materialised,
    OwnershipFact,
    TermsChanged,
    TermsWritten,
    Transfer,
)
from thenar.domain.facts.previews import PreviewAsked, PreviewEnded, PreviewFact, PreviewOpened
from thenar.domain.facts.reflex import (
    CallAccused,
    CallDefended,
    CallFact,
    CallJudged,
    ChannelClosing,
    ChannelOpened,
    ChannelSettled,
    ChannelToppedUp,
    ContradictionProven,
    ReflexFact,
    ServiceEnded,
    ServiceRetired,
    ServiceStarted,
    VoucherRedeemed,
)
from thenar.domain.facts.revenue import (
    Claimed,
    FreezeChanged,
    Linked,
    OwnTaken,
    Paid,
    PayoutPublished,
    RevenueFact,
    Rolled,
)
from thenar.domain.facts.runs import (
    ProgramApproved,
    ProgramDisapproved,
    RunDelivered,
    RunFact,
    RunOrdered,
    RunRefunded,
    RunRejected,
    RunSettled,
)
from thenar.domain.facts.sales import (
    ComplaintFailed,
    KeeperAppointed,
    KeyDelivered,
    SaleFact,
    SaleOpened,
    SaleRefunded,
    SaleSettled,
)
from thenar.domain.facts.storage import (
    AnswerDemanded,
    AnswerMissed,
    AnswerShown,
    ReplicaDropped,
    ReplicaFact,
    ReplicaListed,
    ReplicaTaken,
    RoundOpened,
    RoundSeeded,
    StorageAnswered,
    StorageConvicted,
    StorageFact,
    StorageFreed,
    StoragePledged,
    StorageRetired,
    StorageTerms,
)
from thenar.domain.facts.streams import StreamCollected, StreamFact, StreamRefunded, StreamStarted
from thenar.domain.facts.words import WordAccused, WordFact, WordFreed, WordJudged, WordStruck

Fact: TypeAlias = (
    OwnershipFact
    | LicenseFact
    | CovenantFact
    | SaleFact
    | StreamFact
    | RevenueFact
    | OmissionFact
    | MoneyFact
    | NodeFact
    | DeviceFact
    | LiveFact
    | PreviewFact
    | ReflexFact
    | CallFact
    | RunFact
    | MarkFact
    | BountyFact
    | ClaimFact
    | PoolFact
    | DisputeFact
    | CourtFact
    | ReplicaFact
    | StorageFact
    | CaptureFact
    | WordFact
    | EpochFact
)

__all__ = [
    "AnswerCommitted",
    "AnswerDemanded",
    "AnswerDisputed",
    "AnswerJudged",
    "AnswerLapsed",
    "AnswerMissed",
    "AnswerRevealed",
    "AnswerSettled",
    "AnswerShown",
    "AskClosed",
    "AssetMinted",
    "At",
    "AuditArmed",
    "AuditCommitted",
    "AuditDrawn",
    "AuditMissed",
    "AuditRevealed",
    "BondReturned",
    "BountyCancelled",
    "BountyClosed",
    "BountyCreated",
    "BountyFact",
    "CallAccused",
    "CallDefended",
    "CallFact",
    "CallJudged",
    "CaptureFact",
    "CapturesAsked",
    "CaseAppealed",
    "CaseClosed",
    "CaseNarrowed",
    "CaseOpened",
    "CaseRuled",
    "ChannelClosing",
    "ChannelOpened",
    "ChannelSettled",
    "ChannelToppedUp",
    "ChildrenPosted",
    "ClaimDisputed",
    "ClaimExpired",
    "ClaimFact",
    "ClaimFinalized",
    "ClaimHeld",
    "ClaimSlashed",
    "ClaimUpheld",
    "ClaimVoided",
    "Claimed",
    "ClassSuspect",
    "Collected",
    "ComplaintFailed",
    "ConsentChanged",
    "ContradictionProven",
    "CourtFact",
    "CovenantFact",
    "CoverageRaised",
    "DemandLapsed",
    "Deposited",
    "DeviceEnded",
    "DeviceFact",
    "DeviceRegistered",
    "DisputeFact",
    "DisputeResolved",
    "Enlisted",
    "ExclusionAcknowledged",
    "ExclusiveDropped",
    "ExclusiveTaken",
    "ExpirySet",
    "Fact",
    "FloorBound",
    "FreezeChanged",
    "GroupAsked",
    "GroupJoined",
    "InputPaid",
    "JurorFined",
    "JurorPaid",
    "JuryArmed",
    "JuryDrawn",
    "KeeperAppointed",
    "KeyDelivered",
    "LeakRefuted",
    "LeakSealed",
    "LeakShown",
    "LicenseEnded",
    "LicenseFact",
    "LicenseGranted",
    "Linked",
    "LiveClosed",
    "LiveFact",
    "LiveOpened",
    "LivePaid",
    "Locked",
    "MarkAccepted",
    "MarkEnded",
    "MarkFact",
    "MarkProposed",
    "Materialised",
    "MinimumStakeChanged",
    "MoneyFact",
    "Moved",
    "NodeFact",
    "NodeLeft",
    "NodeRegistered",
    "OfferClosed",
    "Offered",
    "OmissionAccused",
    "OmissionAnswered",
    "OmissionFact",
    "OmissionProved",
    "OwnTaken",
    "OwnershipFact",
    "Paid",
    "PayoutPublished",
    "PlaceDemanded",
    "PlaceShown",
    "PoolFact",
    "PreviewAsked",
    "PreviewEnded",
    "PreviewFact",
    "PreviewOpened",
    "ProgramApproved",
    "ProgramDisapproved",
    "ReflexFact",
    "Released",
    "Resigned",
    "RevenueFact",
    "Rolled",
    "RunDelivered",
    "RunFact",
    "RunOrdered",
    "RunRefunded",
    "RunRejected",
    "RunSettled",
    "SaleFact",
    "SaleOpened",
    "SaleRefunded",
    "SaleSettled",
    "ScoreChanged",
    "SeatLost",
    "SeatsFreed",
    "ServiceEnded",
    "ServiceRetired",
    "ServiceStarted",
    "StatePosted",
    "StreamCollected",
    "StreamFact",
    "StreamRefunded",
    "StreamStarted",
    "Subscribed",
    "TermsChanged",
    "TermsWritten",
    "ToppedUp",
    "Transfer",
    "Unbonding",
    "UnitsClaimed",
    "Unsubscribed",
    "VoteCommitted",
    "VoteRevealed",
    "VoucherRedeemed",
    "Withdrawn",
    "Witnessed",
    "WordsWithdrawn",
    "WorkCommitted",
    "WorkRevealed",
]
__all__ += ["BeaconLit", "EpochClosed", "EpochFact", "EpochTerms", "RewardClaimed", "RootChallenged"]
__all__ += ["WordAccused", "WordFact", "WordFreed", "WordJudged", "WordStruck"]
__all__ += ["RootJudged", "RootProposed", "RootSettled", "UsagePaid"]
__all__ += ["StorageAnswered", "StorageConvicted", "StorageFact", "StorageFreed"]
__all__ += ["StoragePledged", "StorageRetired", "StorageTerms"]
__all__ += ["ReplicaDropped", "ReplicaFact", "ReplicaListed", "ReplicaTaken", "RoundOpened", "RoundSeeded"]
__all__ += ["StakeAdded", "StakeBound", "StakeSeized", "StakeUnbound", "StakeWithdrawn"]
