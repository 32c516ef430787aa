"""Actions to calldata: which contract and function performs each, arguments by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from thenar.adapters.chain import codec
from thenar.adapters.chain.abi import function
from thenar.domain import actions as a
from thenar.domain.ids import Address
from thenar.domain.sending import Call

TOKEN_ABI = "MockUSD"
"""Any settlement token is called through this one's ERC-20 and ERC-2612 functions."""

_Arguments = Callable[[Any], dict[str, object]]


def _same(action: Any) -> dict[str, object]:
    return {field.name: getattr(action, field.name) for field in dataclasses.fields(action)}


def _asset_is_id(action: Any) -> dict[str, object]:
    given = _same(action)
    return {"id": given.pop("asset"), **given}


ROWS: dict[type[Any], tuple[str, str, _Arguments]] = {
    a.WriteTerms: ("TermsBook", "write", _same),
    a.JoinTerms: ("TermsBook", "join", _same),
    a.MintAsset: ("AssetRegistry", "mint", _same),
    a.CommitBatch: ("AssetRegistry", "commitBatch", _same),
    a.Materialise: ("AssetRegistry", "materialise", _same),
    a.SetTerms: ("AssetRegistry", "setTerms", _asset_is_id),
    a.RevokeAll: ("AssetRegistry", "revokeAll", _asset_is_id),
    a.MakeOffer: ("LicenseDesk", "offer", _same),
    a.CloseOffer: ("LicenseDesk", "closeOffer", _same),
    a.GrantLicense: ("LicenseDesk", "grant", _same),
    a.BuyLicense: ("LicenseDesk", "buy", _same),
    a.EndLicense: ("LicenseDesk", "revokeOne", _same),
    a.SetExpiry: ("LicenseDesk", "setExpiry", _same),
    a.CollectEarned: ("Escrow", "collect", _same),
    a.RefundUnearned: ("Escrow", "refund", _same),
    a.AcknowledgeExclusion: ("Covenants", "acknowledgeExclusion", _same),
    a.BindFloor: ("Covenants", "bindFloor", _same),
    a.OpenSale: ("KeyExchange", "open", _same),
    a.OpenLeaf: ("KeyExchange", "openLeaf", _same),
    a.DeliverKey: ("KeyExchange", "deliver", _same),
    a.SettleSale: ("KeyExchange", "settle", _same),
    a.TimeoutRefund: ("KeyExchange", "timeoutRefund", _same),
    a.ConsentRefund: ("KeyExchange", "consentRefund", _same),
    a.DisputeKey: ("KeyExchange", "disputeKey", _same),
    a.DisputeChunk: ("KeyExchange", "disputeChunk", _same),
    a.AppointKeeper: ("KeyExchange", "appoint", _same),
    a.PayAsset: ("RevenueGraph", "pay", _same),
    a.LinkParents: ("RevenueGraph", "link", _same),
    a.RollShare: ("RevenueGraph", "roll", _same),
    a.PublishPayout: ("RevenueGraph", "publishPayout", _same),
    a.ClaimLeaves: ("RevenueGraph", "claimMany", _same),
    a.ClaimMembers: ("RevenueGraph", "claimLeaves", _same),
    a.TakeOwn: ("RevenueGraph", "takeOwn", _same),
    a.ProveOmission: ("OmissionCourt", "proveOmission", _same),
    a.AccuseOmission: ("OmissionCourt", "accuse", _same),
    a.AnswerAccusation: ("OmissionCourt", "answer", _same),
    a.CondemnOmission: ("OmissionCourt", "condemn", _same),
    a.ThawPayout: ("OmissionCourt", "thaw", _same),
    a.LapseFreeze: ("OmissionCourt", "lapse", _same),
    a.ReturnBond: ("OmissionCourt", "returnBond", _same),
    a.Withdraw: ("Ledger", "withdraw", _same),
    a.Deposit: ("Ledger", "deposit", _same),
    a.DepositWithPermit: ("Ledger", "depositWithPermit", _same),
    a.RegisterDevice: ("DeviceRegistry", "register", _same),
    a.RetireDevice: ("DeviceRegistry", "retire", _same),
    a.CompromiseDevice: ("DeviceRegistry", "compromise", _same),
    a.ChallengePreview: ("PreviewDesk", "challengePreview", _same),
    a.OpenPreview: ("PreviewDesk", "openPreview", _same),
    a.DisputePreview: ("PreviewDesk", "disputePreview", _same),
    a.ClosePreview: ("PreviewDesk", "closePreview", _same),
    a.ExpirePreview: ("PreviewDesk", "expirePreview", _same),
    a.ProposeMark: ("MarkDesk", "propose", _same),
    a.RecallMark: ("MarkDesk", "recall", _same),
    a.AcceptMark: ("MarkDesk", "accept", _same),
    a.SealLeak: ("MarkDesk", "sealLeak", _same),
    a.ShowLeak: ("MarkDesk", "showLeak", _same),
    a.AnswerLeak: ("MarkDesk", "answer", _same),
    a.LapseMark: ("MarkDesk", "lapse", _same),
    a.ReleaseMark: ("MarkDesk", "release", _same),
    a.RegisterNode: ("NodeRegistry", "register", _same),
    a.OpenStream: ("LiveDesk", "openStream", _same),
    a.CloseStream: ("LiveDesk", "close", _same),
    a.Subscribe: ("LiveDesk", "subscribe", _same),
    a.TopUp: ("LiveDesk", "topUp", _same),
    a.StopSubscription: ("LiveDesk", "stop", _same),
    a.CollectDebt: ("LiveDesk", "collect", _same),
    a.ServeModel: ("ReflexDesk", "serve", _same),
    a.RetireService: ("ReflexDesk", "retire", _same),
    a.EndService: ("ReflexDesk", "endService", _same),
    a.OpenChannel: ("ReflexDesk", "open", _same),
    a.TopUpChannel: ("ReflexDesk", "topUp", _same),
    a.RedeemVoucher: ("ReflexDesk", "redeem", _same),
    a.CloseChannel: ("ReflexDesk", "close", _same),
    a.SettleChannel: ("ReflexDesk", "settle", _same),
    a.ProveContradiction: ("ReflexDesk", "proveContradiction", _same),
    a.AccuseCall: ("CallDisputes", "accuse", _same),
    a.DefendCall: ("CallDisputes", "defend", _same),
    a.CondemnCall: ("CallDisputes", "condemn", _same),
    a.CreateBounty: ("ComputeBounties", "createBounty", _same),
    a.CancelBounty: ("ComputeBounties", "cancel", _same),
    a.CloseBounty: ("ComputeBounties", "closeBounty", _same),
    a.PayInput: ("ComputeBounties", "payInput", _same),
    a.ClaimUnits: ("WorkClaims", "claim", _same),
    a.CommitWork: ("WorkClaims", "commit", _same),
    a.RevealWork: ("WorkClaims", "reveal", _same),
    a.DrawAudit: ("WorkClaims", "drawAudit", _same),
    a.CommitAudit: ("WorkClaims", "commitAudit", _same),
    a.RevealAudit: ("WorkClaims", "revealAudit", _same),
    a.RedrawAudit: ("WorkClaims", "redraw", _same),
    a.ReauditClaim: ("WorkClaims", "reaudit", _same),
    a.FinalizeClaim: ("WorkClaims", "finalize", _same),
    a.ExpireClaim: ("WorkClaims", "expire", _same),
    a.ApproveProgram: ("RunDesk", "approve", _same),
    a.DisapproveProgram: ("RunDesk", "disapprove", _same),
    a.OrderRun: ("RunDesk", "order", _same),
    a.DeliverRun: ("RunDesk", "deliver", _same),
    a.SettleRun: ("RunDesk", "settle", _same),
    a.RejectRun: ("RunDesk", "reject", _same),
    a.RefundRun: ("RunDesk", "refund", _same),
    a.EnlistWorker: ("WorkerPool", "enlist", _same),
    a.ResignSeats: ("WorkerPool", "resign", _same),
    a.FreeSeats: ("WorkerPool", "freeSeats", _same),
    a.JoinGroup: ("WorkerPool", "joinGroup", _same),
    a.AdmitOperator: ("WorkerPool", "admit", _same),
    a.LeaveGroup: ("WorkerPool", "leaveGroup", _same),
    a.DemandPlace: ("ClaimDisputes", "demand", _same),
    a.ShowPlace: ("ClaimDisputes", "show", _same),
    a.LapseDemand: ("ClaimDisputes", "lapse", _same),
    a.DisagreeClaim: ("ClaimDisputes", "disagree", _same),
    a.ChallengeClaim: ("ClaimDisputes", "challenge", _same),
    a.OpenCanary: ("ClaimDisputes", "openCanary", _same),
    a.PostChildren: ("SegmentCourt", "post", _same),
    a.AnswerChildren: ("SegmentCourt", "answer", _same),
    a.NarrowCase: ("SegmentCourt", "narrow", _same),
    a.PostState: ("SegmentCourt", "postState", _same),
    a.ComputeSum: ("SegmentCourt", "recompute", _same),
    a.FlagCase: ("SegmentCourt", "flag", _same),
    a.DrawJury: ("SegmentCourt", "drawJury", _same),
    a.CommitVote: ("SegmentCourt", "commitVote", _same),
    a.RevealVote: ("SegmentCourt", "revealVote", _same),
    a.RuleCase: ("SegmentCourt", "rule", _same),
    a.AppealCase: ("SegmentCourt", "appeal", _same),
    a.CloseCase: ("SegmentCourt", "close", _same),
    a.CollectFee: ("SegmentCourt", "collectFee", _same),
    a.FineAbsent: ("SegmentCourt", "fineAbsent", _same),
    a.ListReplica: ("ReplicaBook", "list", _same),
    a.TakeReplicas: ("ReplicaBook", "take", _same),
    a.DropReplicas: ("ReplicaBook", "drop", _same),
    a.PledgeStorage: ("StorageProofs", "pledge", _same),
    a.RetireStorage: ("StorageProofs", "retire", _same),
    a.FreeStorage: ("StorageProofs", "free", _same),
    a.OpenRound: ("StorageProofs", "openRound", _same),
    a.SeedRound: ("StorageProofs", "seedRound", _same),
    a.AnswerRound: ("StorageProofs", "answer", _same),
    a.ReportMiss: ("StorageProofs", "reportMiss", _same),
    a.DemandAnswer: ("StorageProofs", "demand", _same),
    a.ShowAnswer: ("StorageProofs", "show", _same),
    a.ConvictNode: ("StorageProofs", "convict", _same),
    a.PostAsk: ("CaptureBounties", "post", _same),
    a.CommitAnswer: ("CaptureBounties", "commit", _same),
    a.RevealAnswer: ("CaptureBounties", "reveal", _same),
    a.SettleAnswer: ("CaptureBounties", "settle", _same),
    a.LapseAnswer: ("CaptureBounties", "lapse", _same),
    a.SkipAnswers: ("CaptureBounties", "skip", _same),
    a.CloseAsk: ("CaptureBounties", "close", _same),
    a.ChallengeAnswer: ("AnswerDisputes", "challenge", _same),
    a.LodgeWord: ("WitnessBook", "lodge", _same),
    a.WithdrawWords: ("WitnessBook", "withdrawWords", _same),
    a.FreeWord: ("WitnessBook", "free", _same),
    a.AccuseWord: ("WordDisputes", "accuse", _same),
    a.LightBeacon: ("BeaconBook", "light", _same),
    a.PayUsage: ("ContributionEpochs", "pay", _same),
    a.CloseEpoch: ("ContributionEpochs", "close", _same),
    a.ProposeRoot: ("ContributionEpochs", "propose", _same),
    a.ChallengeRoot: ("ContributionEpochs", "challenge", _same),
    a.SettleRoot: ("ContributionEpochs", "settle", _same),
    a.ClaimReward: ("ContributionEpochs", "claim", _same),
}
"""Action class → contract, function and how its fields become arguments."""


def call_of(action: a.Action, contracts: Mapping[str, Address]) -> Call:
    """The call that performs an action; ``contracts`` are addresses by name. Raises BadInput for a value too big."""
    if isinstance(action, a.ApproveSpending):
        return token_call("approve", contracts, spender=contracts["Ledger"], value=action.amount)
    if isinstance(action, a.ApproveUsage):
        given = {"spender": contracts["ContributionEpochs"], "value": action.amount}
        return _call(contracts["ThenarToken"], "ThenarToken", "approve", given)
    if isinstance(action, a.ClaimLeaves) and len(action.leaves) == 1:
        arguments = {**_same(action), "leaf": action.leaves[0]}
        return _call(contracts["RevenueGraph"], "RevenueGraph", "claim", arguments)
    contract, name, arguments_of = ROWS[type(action)]
    return _call(contracts[contract], contract, name, arguments_of(action))


def token_call(name: str, contracts: Mapping[str, Address], **arguments: object) -> Call:
    """A call of the settlement token."""
    return _call(contracts["token"], TOKEN_ABI, name, arguments)


def _call(to: Address, contract: str, name: str, arguments: Mapping[str, object]) -> Call:
    return Call(to, codec.encode_call(function(contract, name), arguments))
