"""What all facts add up to. One task owns a catalog and changes it in place; it can always be refolded."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog import (
    captures,
    compute,
    court,
    covenants,
    devices,
    epochs,
    licenses,
    live,
    marks,
    money,
    nodes,
    omissions,
    ownership,
    previews,
    reflex,
    revenue,
    runs,
    sales,
    storage,
    streams,
)
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.capture_records import (
    AnswerRecord,
    AskRecord,
    BeaconRecord,
    CoverageRecord,
    WordRecord,
)
from thenar.domain.catalog.compute_records import (
    BountyRecord,
    CaseRecord,
    ClaimRecord,
    DemandRecord,
    MemberRecord,
    PanelRecord,
)
from thenar.domain.catalog.epoch_records import EpochBook, EpochRecord
from thenar.domain.catalog.records import (
    AccusationRecord,
    AssetRecord,
    ChannelRecord,
    DeviceRecord,
    EdgeRecord,
    IncomeRecord,
    LiveRecord,
    MarkRecord,
    NodeRecord,
    PreviewRecord,
    ProgramRecord,
    RunRecord,
    SaleRecord,
    StreamRecord,
    SubscriptionRecord,
)
from thenar.domain.catalog.storage_records import (
    AnswerDemandRecord,
    PledgeRecord,
    ReplicaRecord,
    RoundRecord,
    StorageRecord,
)

__all__ = [
    "AccusationRecord",
    "AnswerDemandRecord",
    "AnswerRecord",
    "AskRecord",
    "AssetRecord",
    "BeaconRecord",
    "BountyRecord",
    "CaseRecord",
    "Catalog",
    "ChannelRecord",
    "ClaimRecord",
    "CoverageRecord",
    "DemandRecord",
    "DeviceRecord",
    "EdgeRecord",
    "EpochBook",
    "EpochRecord",
    "IncomeRecord",
    "LiveRecord",
    "MarkRecord",
    "MemberRecord",
    "NodeRecord",
    "PanelRecord",
    "PledgeRecord",
    "PreviewRecord",
    "ProgramRecord",
    "ReplicaRecord",
    "RoundRecord",
    "RunRecord",
    "SaleRecord",
    "StorageRecord",
    "StreamRecord",
    "SubscriptionRecord",
    "WordRecord",
    "apply",
]


def apply(catalog: Catalog, fact: f.Fact) -> None:
    """Add one fact. Facts must come in chain order, each once."""
    catalog.facts += 1
    _fold(catalog, fact)
    epochs.observe(catalog, fact)


def _fold(catalog: Catalog, fact: f.Fact) -> None:
    if isinstance(fact, f.OwnershipFact):
        ownership.fold(catalog, fact)
    elif isinstance(fact, f.LicenseFact):
        licenses.fold(catalog, fact)
    elif isinstance(fact, f.SaleFact):
        sales.fold(catalog, fact)
    elif isinstance(fact, f.CovenantFact):
        covenants.fold(catalog, fact)
    elif isinstance(fact, f.StreamFact):
        streams.fold(catalog, fact)
    elif isinstance(fact, f.RevenueFact):
        revenue.fold(catalog, fact)
    elif isinstance(fact, f.OmissionFact):
        omissions.fold(catalog, fact)
    elif isinstance(fact, f.MoneyFact):
        money.fold(catalog, fact)
    elif isinstance(fact, f.NodeFact):
        nodes.fold(catalog, fact)
    elif isinstance(fact, f.DeviceFact):
        devices.fold(catalog, fact)
    elif isinstance(fact, f.LiveFact):
        live.fold(catalog, fact)
    elif isinstance(fact, f.PreviewFact):
        previews.fold(catalog, fact)
    elif isinstance(fact, f.ReplicaFact):
        storage.fold_replica(catalog, fact)
    elif isinstance(fact, f.StorageFact):
        storage.fold(catalog, fact)
    elif isinstance(fact, f.ReflexFact):
        reflex.fold(catalog, fact)
    elif isinstance(fact, f.CallFact):
        reflex.fold_call(catalog, fact)
    elif isinstance(fact, f.MarkFact):
        marks.fold(catalog, fact)
    elif isinstance(fact, f.CaptureFact | f.WordFact):
        captures.fold(catalog, fact)
    else:
        _apply_work(catalog, fact)


def _apply_work(
    catalog: Catalog,
    fact: f.RunFact | f.BountyFact | f.ClaimFact | f.PoolFact | f.DisputeFact | f.CourtFact | f.EpochFact,
) -> None:
    if isinstance(fact, f.RunFact):
        runs.fold(catalog, fact)
    elif isinstance(fact, f.BountyFact):
        compute.fold_bounty(catalog, fact)
    elif isinstance(fact, f.ClaimFact):
        compute.fold_claim(catalog, fact)
    elif isinstance(fact, f.PoolFact):
        compute.fold_pool(catalog, fact)
    elif isinstance(fact, f.DisputeFact):
        court.fold_dispute(catalog, fact)
    elif isinstance(fact, f.CourtFact):
        court.fold_case(catalog, fact)
    elif isinstance(fact, f.EpochFact):
        epochs.fold(catalog, fact)
    else:
        assert_never(fact)
