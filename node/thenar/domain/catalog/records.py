"""What a catalog keeps of each thing."""

from __future__ import annotations

from dataclasses import dataclass, field

from thenar.domain import facts as f
from thenar.domain.assets import AssetKind, Commitment
from thenar.domain.ids import Address, AssetId, ChannelId, DisputeId, RunId, StreamId, TermsId
from thenar.domain.licenses import Deal, Delivery, Stage
from thenar.domain.live import LiveStream
from thenar.domain.marks import Leak, Mark, MarkEnd, MarkStage
from thenar.domain.previews import End, OpenedKeys, Preview
from thenar.domain.previews import Stage as PreviewStage
from thenar.domain.reflex.accusations import Accused
from thenar.domain.reflex.channels import Channel
from thenar.domain.revenue import WHOLE
from thenar.domain.runs.programs import Run, RunLimits, RunStage
from thenar.domain.streams import Stream
from thenar.domain.work.disputes import Ruling


@dataclass(slots=True)
class AssetRecord:
    """An asset as the chain knows it."""

    id: AssetId
    serial: int
    author: Address
    owner: Address
    device: Address
    terms: TermsId
    consent_epoch: int
    commitment: Commitment
    minted: f.At
    withdrawn: tuple[int, ...] = ()  # when each consent epoch ended, unix seconds
    exclusion_root: bytes = bytes(32)  # what that withdrawal named; 0 for all of the asset

    @property
    def kind(self) -> AssetKind:
        """Capture, dataset, model or result."""
        return self.commitment.kind

    @property
    def revoked_at(self) -> int:
        """When consent was last withdrawn, unix seconds; 0 means never."""
        return self.withdrawn[-1] if self.withdrawn else 0


@dataclass(slots=True)
class SaleRecord:
    """A fair sale from its opening to its end."""

    deal_id: bytes
    deal: Deal
    opened: f.At
    stage: Stage = Stage.OPEN
    deadline: int = 0
    until: int = 0
    reason: int = 0
    delivery: Delivery | None = None
    ended: f.At | None = None
    complained: bool = False  # in vain: the buyer's bond went to the seller


@dataclass(slots=True)
class StreamRecord:
    """The price of a license with an end, and how far it has been paid out."""

    id: bytes
    stream: Stream
    taken: int = 0  # the seller's or the node's
    refunded: int = 0
    closed: bool = False  # the license ended early and everything was paid

    @property
    def open(self) -> bool:
        """Whether money of it still waits in the Escrow."""
        return not self.closed and self.taken < self.stream.price


@dataclass(slots=True)
class PreviewRecord:
    """A preview from its asking to its end."""

    preview_id: bytes
    preview: Preview
    asked: f.At
    stage: PreviewStage = PreviewStage.ASKED
    deadline: int = 0
    opened: OpenedKeys | None = None
    end: End | None = None
    ended: f.At | None = None


@dataclass(slots=True)
class MarkRecord:
    """A mark from its proposal to its end, and the leak that waits for an answer."""

    mark_id: bytes
    mark: Mark
    stage: MarkStage = MarkStage.PROPOSED
    end: MarkEnd = MarkEnd.NONE
    spent: int = 0  # chapters whose secrets are known: bit i for chapter i
    leak: Leak | None = None
    finder: Address | None = None
    answer_by: int = 0
    sealed: dict[Address, bytes] = field(default_factory=dict)  # what finders committed to


@dataclass(slots=True)
class EdgeRecord:
    """A parent's claim on a child's income since ``baseline``."""

    share: int
    baseline: int
    rolled: int = 0


@dataclass(slots=True)
class IncomeRecord:
    """Cumulative income of one asset and who shares it."""

    received: int = 0
    own_at_link: int = 0
    received_at_link: int = 0
    linked_share: int = 0
    parents: dict[AssetId, EdgeRecord] = field(default_factory=dict)
    payouts: list[f.PayoutPublished] = field(default_factory=list)
    claimed: dict[tuple[int, int], int] = field(default_factory=dict)
    own_taken: int = 0
    frozen: set[int] = field(default_factory=set)  # payouts that pay nobody for now
    convictions: dict[int, f.OmissionProved] = field(default_factory=dict)  # by payout
    accusations: dict[tuple[int, AssetId], f.OmissionAccused] = field(default_factory=dict)  # not answered yet
    bonds_returned: set[int] = field(default_factory=set)

    @property
    def own(self) -> int:
        """What is left of everything received after the parents' shares; floors as RevenueGraph does."""
        since = self.received - self.received_at_link
        return self.own_at_link + since * (WHOLE - self.linked_share) // WHOLE

    def due(self, payout: int, index: int, weight: int) -> int:
        """What a leaf of a payout would be paid now; nothing while it is frozen."""
        if payout in self.frozen:
            return 0
        published = self.payouts[payout - 1]
        end = self.payouts[payout].start if payout < len(self.payouts) else self.own
        taken = self.claimed.get((payout, index), 0)
        return (end - published.start) * weight // published.total_weight - taken

    def own_due(self) -> int:
        """What the owner could take now: everything of its own before the first payout."""
        return (self.payouts[0].start if self.payouts else self.own) - self.own_taken

    def roll_due(self, parent: AssetId) -> int:
        """What could move up to a linked parent now."""
        edge = self.parents.get(parent)
        return (self.received - edge.baseline) * edge.share // WHOLE - edge.rolled if edge else 0


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A registered device; its word counts from ``since`` until before ``until``, unix seconds."""

    device: Address
    owner: Address
    parent: Address
    kind: int
    digest: bytes
    since: int
    until: int
    compromised: bool = False


@dataclass(slots=True)
class NodeRecord:
    """A registered node."""

    operator: Address
    peer_key: bytes
    roles: int
    stake: int
    unbonding: int = 0
    unbonded_at: int = 0
    bound: int = 0  # of the stake, by duties


@dataclass(slots=True)
class SubscriptionRecord:
    """What one account paid for of a stream; ``until`` is 0 while it runs."""

    subscriber: Address
    begun: f.At
    since: int
    deposit: int
    key_x: int
    key_y: int
    until: int = 0
    paid: int = 0

    @property
    def runs(self) -> bool:
        """Whether it has not been settled."""
        return self.until == 0

    @property
    def point(self) -> bytes:
        """The subscriber's one-time key, 64 bytes x‖y."""
        return self.key_x.to_bytes(32, "big") + self.key_y.to_bytes(32, "big")


@dataclass(slots=True)
class LiveRecord:
    """A live stream and the newest subscription of every account."""

    id: StreamId
    stream: LiveStream
    opened: f.At
    subscriptions: dict[Address, SubscriptionRecord] = field(default_factory=dict)


@dataclass(slots=True)
class AccusationRecord:
    """An answer that is held against a node, from the accusation to the ruling."""

    accused: Accused
    accuser: Address
    observation: bytes
    bond: int
    defend_by: int
    dispute: DisputeId | None = None
    ruling: Ruling = Ruling.NONE


@dataclass(slots=True)
class ChannelRecord:
    """A channel of the reflex arc, from its opening to its end."""

    id: ChannelId
    channel: Channel
    opened: f.At
    calls: int = 0  # as the last voucher that was redeemed says
    settled: f.At | None = None


@dataclass(frozen=True, slots=True)
class ProgramRecord:
    """A program its owner approved for an asset, in a consent epoch."""

    asset: AssetId
    program: bytes
    owner: Address
    consent_epoch: int
    limits: RunLimits


@dataclass(slots=True)
class RunRecord:
    """A run of an approved program, from its order to its end."""

    id: RunId
    run: Run
    key_x: int
    key_y: int
    stage: RunStage
    sealed: bytes | None = None
    reject_by: int = 0
    deliverer: Address | None = None  # who owned the asset when the output was delivered, and signed for it

    @property
    def label(self) -> str:
        """Names this run alone, also when a reorganisation gives its number to another one."""
        return f"{self.id}-{self.point[:8].hex()}"

    @property
    def point(self) -> bytes:
        """The buyer's one-time key, 64 bytes x‖y."""
        return self.key_x.to_bytes(32, "big") + self.key_y.to_bytes(32, "big")
