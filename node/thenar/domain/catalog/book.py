"""The catalog: everything a node believes about the chain, and the questions asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from thenar.domain.assets import Purpose, Terms
from thenar.domain.bounty.witnessing import Trust
from thenar.domain.catalog.capture_records import (
    AnswerRecord,
    AskRecord,
    BeaconRecord,
    CoverageRecord,
    WordRecord,
)
from thenar.domain.catalog.compute_records import BountyRecord, CaseRecord, ClaimRecord, MemberRecord
from thenar.domain.catalog.epoch_records import EpochBook
from thenar.domain.catalog.records import (
    AccusationRecord,
    AssetRecord,
    ChannelRecord,
    DeviceRecord,
    IncomeRecord,
    LiveRecord,
    MarkRecord,
    NodeRecord,
    PreviewRecord,
    ProgramRecord,
    RunRecord,
    SaleRecord,
    StreamRecord,
)
from thenar.domain.catalog.storage_records import ReplicaRecord, RoundRecord, StorageRecord
from thenar.domain.facts.storage import StorageTerms
from thenar.domain.ids import (
    Address,
    AnswerId,
    AskId,
    AssetId,
    BountyId,
    ChannelId,
    ClaimId,
    DisputeId,
    PeerId,
    RunId,
    StreamId,
    TermsId,
)
from thenar.domain.licenses import FOREVER, Grant, Offer, Stage
from thenar.domain.live import LAST_TIME, Cover
from thenar.domain.reflex.channels import Service
from thenar.domain.storage.pledges import Held


@dataclass(slots=True)
class Catalog:
    """Everything this node believes about the chain."""

    assets: dict[AssetId, AssetRecord] = field(default_factory=dict)
    terms: dict[TermsId, Terms] = field(default_factory=dict)
    offers: dict[AssetId, dict[tuple[Address, TermsId, int], Offer]] = field(default_factory=dict)
    grants: dict[tuple[AssetId, Address], Grant] = field(default_factory=dict)
    licensed: dict[tuple[AssetId, Address], int] = field(default_factory=dict)
    sales: dict[bytes, SaleRecord] = field(default_factory=dict)
    keepers: dict[Address, Address] = field(default_factory=dict)
    current_sale: dict[tuple[AssetId, Address, int], bytes] = field(default_factory=dict)
    streams: dict[bytes, StreamRecord] = field(default_factory=dict)
    previews: dict[bytes, PreviewRecord] = field(default_factory=dict)
    marks: dict[bytes, MarkRecord] = field(default_factory=dict)
    income: dict[AssetId, IncomeRecord] = field(default_factory=dict)
    accounts: dict[Address, int] = field(default_factory=dict)
    locks: dict[Address, int] = field(default_factory=dict)
    nodes: dict[Address, NodeRecord] = field(default_factory=dict)
    devices: dict[Address, DeviceRecord] = field(default_factory=dict)
    operators: dict[PeerId, set[Address]] = field(default_factory=dict)
    live: dict[StreamId, LiveRecord] = field(default_factory=dict)
    services: dict[tuple[Address, AssetId], Service] = field(default_factory=dict)
    claimed_latency: dict[tuple[Address, AssetId], int] = field(default_factory=dict)
    """What nodes that serve models say of themselves, µs."""
    channels: dict[ChannelId, ChannelRecord] = field(default_factory=dict)
    accusations: dict[bytes, AccusationRecord] = field(default_factory=dict)
    """Answers held against nodes."""
    programs: dict[tuple[AssetId, bytes], ProgramRecord] = field(default_factory=dict)
    """Programs that come to the data, by asset and SHA-256."""
    runs: dict[RunId, RunRecord] = field(default_factory=dict)
    trained_since: dict[tuple[AssetId, Address], int] = field(default_factory=dict)
    """Asset and licensee → when he first paid the desk for a license to train on it, unix seconds, however it ended."""
    exclusives: dict[AssetId, tuple[Address, int]] = field(default_factory=dict)
    """Who alone may be licensed, and until when (unix seconds)."""
    floors: dict[AssetId, int] = field(default_factory=dict)
    """Below which price no license of something derived can be bought."""
    acknowledged: dict[tuple[AssetId, AssetId], tuple[int, bytes]] = field(default_factory=dict)
    """Model and asset → the consent epoch and exclusion root its owner acknowledged."""
    bounties: dict[BountyId, BountyRecord] = field(default_factory=dict)
    work: dict[ClaimId, ClaimRecord] = field(default_factory=dict)
    members: dict[tuple[Address, bytes], MemberRecord] = field(default_factory=dict)
    """Who is enlisted in which determinism class."""
    groups: dict[Address, Address] = field(default_factory=dict)
    """Operators who belong to another one's group."""
    suspects: dict[bytes, list[ClaimId]] = field(default_factory=dict)
    """Classes whose machines did not agree, and about what."""
    cases: dict[DisputeId, CaseRecord] = field(default_factory=dict)
    replicas: dict[bytes, ReplicaRecord] = field(default_factory=dict)
    kept: dict[Address, dict[bytes, Held]] = field(default_factory=dict)
    """What every node has taken to keep, by root."""
    stores: dict[Address, StorageRecord] = field(default_factory=dict)
    storage_terms: StorageTerms | None = None
    rounds: dict[int, RoundRecord] = field(default_factory=dict)
    asks: dict[AskId, AskRecord] = field(default_factory=dict)
    """Capture bounties."""
    answers: dict[AnswerId, AnswerRecord] = field(default_factory=dict)
    answered: dict[AssetId, AnswerId] = field(default_factory=dict)
    coverage: dict[bytes, CoverageRecord] = field(default_factory=dict)
    """What is covered, by the key of the spot."""
    words: dict[tuple[AssetId, Address], WordRecord] = field(default_factory=dict)
    """What witnesses said, by capture and witness."""
    beacons: dict[int, BeaconRecord] = field(default_factory=dict)
    """What gestures are drawn from, by block number."""
    trust: Trust = field(default_factory=Trust)
    nonces: dict[Address, int] = field(default_factory=dict)
    """What the next word of a witness is signed with, 0 for who is not named."""
    epochs: EpochBook = field(default_factory=EpochBook)
    minimum_stake: int = 0
    facts: int = 0

    def income_of(self, asset: AssetId) -> IncomeRecord:
        """The asset's income record, empty when it never earned. Looking makes none: lists would grow by being read."""
        return self.income.get(asset) or IncomeRecord()

    def earning(self, asset: AssetId) -> IncomeRecord:
        """The asset's income record, kept from now on; for folding facts."""
        return self.income.setdefault(asset, IncomeRecord())

    def offers_of(self, asset: AssetId, part: int = 0) -> list[tuple[TermsId, Offer]]:
        """The current owner's standing offers of an asset, or of a part of it, by terms."""
        owner, made = self.assets[asset].owner, self.offers.get(asset, {})
        found = [(terms, offer) for (seller, terms, of), offer in made.items() if (seller, of) == (owner, part)]
        return sorted(found, key=lambda pair: pair[0])

    def parts_of(self, asset: AssetId) -> list[int]:
        """The parts of an asset its current owner offers, as nodes of the key tree; 0 is the whole."""
        owner = self.assets[asset].owner
        return sorted({part for seller, _, part in self.offers.get(asset, {}) if seller == owner})

    def is_allowed(
        self,
        asset: AssetId,
        who: Address,
        purposes: Purpose,
        at: int,
        part: int = 0,
        *,
        record: AssetRecord | None = None,
    ) -> bool:
        """The twin of LicenseDesk.isAllowed and isAllowedRange: may ``who`` use the asset, or a part of it, for every
        purpose at unix time ``at``?

        What a grant and settled sales of the whole, the part and the parts around it permit is added up.
        ``record`` stands for a member of a batch that has none of its own.
        """
        record = record or self.assets.get(asset)
        if record is None or not purposes:
            return False
        if record.owner == who:
            return True
        permitted = Purpose(0)
        grant = self.grants.get((asset, who))
        if grant and grant.consent_epoch == record.consent_epoch and _covers(grant.end(self.terms[grant.terms]), at):
            permitted |= self._purposes(grant.terms)
        for around in _parts_around(part):
            deal_id = self.current_sale.get((asset, who, around))
            sale = self.sales[deal_id] if deal_id else None
            settled = sale is not None and sale.stage is Stage.SETTLED
            if sale and settled and sale.deal.consent_epoch == record.consent_epoch and _covers(sale.until, at):
                permitted |= self._purposes(sale.deal.terms)
        return permitted & purposes == purposes

    def licensed_since(self, asset: AssetId, who: Address) -> int:
        """The block of the newest grant, settled sale or transfer that let ``who`` use the asset; 0 for its author."""
        return self.licensed.get((asset, who), 0)

    def _purposes(self, terms: TermsId) -> Purpose:
        written = self.terms.get(terms)
        return written.purposes if written else Purpose(0)

    def end_of_stream(self, stream: StreamId) -> int:
        """When a stream ended, closed or without consent; the last time of all while it goes on."""
        found = self.live[stream].stream
        end = found.closed_at or LAST_TIME
        return min(end, *self.assets[found.asset].withdrawn[found.consent_epoch :], LAST_TIME)

    def cover_of(self, stream: StreamId, who: Address) -> Cover:
        """The twin of LiveDesk.coverOf: what an account has paid for of a stream, or still can."""
        record = self.live[stream]
        held = record.subscriptions.get(who)
        if held is None:
            return Cover(0, 0)
        lasts = min(held.since + held.deposit // record.stream.rate, self.end_of_stream(stream))
        return Cover(held.since, max(held.since, lasts if held.runs else held.until))

    def debt_of(self, stream: StreamId, who: Address, now: int) -> int:
        """The twin of LiveDesk.debtOf at a time."""
        record = self.live[stream]
        held = record.subscriptions.get(who)
        if held is None or not held.runs:
            return 0 if held is None else held.paid
        elapsed = min(now, self.end_of_stream(stream)) - held.since
        return min(held.deposit, max(0, elapsed) * record.stream.rate)


def _parts_around(part: int) -> Iterator[int]:
    """The whole, the part, and every part it lies in: nodes of the key tree in heap order."""
    yield 0
    while part > 1:
        yield part
        part >>= 1


def _covers(until: int, at: int) -> bool:
    return at < until or until == FOREVER
