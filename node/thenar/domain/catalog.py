"""What all facts add up to. One task owns a catalog and changes it in place; it can always be refolded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.assets import AssetKind, Commitment, Purpose, Terms
from thenar.domain.ids import Address, AssetId, PeerId, TermsId, peer_id_of
from thenar.domain.licenses import FOREVER, Deal, Delivery, Grant, Offer, Stage
from thenar.domain.revenue import WHOLE


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

    @property
    def kind(self) -> AssetKind:
        """Capture, dataset, model or result."""
        return self.commitment.kind


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

    @property
    def own(self) -> int:
        """What is left of everything received after the parents' shares; floors as RevenueGraph does."""
        since = self.received - self.received_at_link
        return self.own_at_link + since * (WHOLE - self.linked_share) // WHOLE

    def due(self, payout: int, index: int, weight: int) -> int:
        """What a leaf of a payout would be paid now."""
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


@dataclass(slots=True)
class NodeRecord:
    """A registered node."""

    operator: Address
    peer_key: bytes
    roles: int
    stake: int
    unbonding: int = 0
    unbonded_at: int = 0


@dataclass(slots=True)
class Catalog:
    """Everything this node believes about the chain."""

    assets: dict[AssetId, AssetRecord] = field(default_factory=dict)
    terms: dict[TermsId, Terms] = field(default_factory=dict)
    offers: dict[AssetId, dict[tuple[Address, TermsId], Offer]] = field(default_factory=dict)
    grants: dict[tuple[AssetId, Address], Grant] = field(default_factory=dict)
    sales: dict[bytes, SaleRecord] = field(default_factory=dict)
    current_sale: dict[tuple[AssetId, Address], bytes] = field(default_factory=dict)
    income: dict[AssetId, IncomeRecord] = field(default_factory=dict)
    accounts: dict[Address, int] = field(default_factory=dict)
    locks: dict[Address, int] = field(default_factory=dict)
    nodes: dict[Address, NodeRecord] = field(default_factory=dict)
    operators: dict[PeerId, set[Address]] = field(default_factory=dict)
    minimum_stake: int = 0
    facts: int = 0

    def income_of(self, asset: AssetId) -> IncomeRecord:
        """The asset's income record, empty when it never earned."""
        return self.income.setdefault(asset, IncomeRecord())

    def offers_of(self, asset: AssetId) -> list[tuple[TermsId, Offer]]:
        """The current owner's standing offers of an asset, by terms."""
        owner = self.assets[asset].owner
        found = [(terms, offer) for (seller, terms), offer in self.offers.get(asset, {}).items() if seller == owner]
        return sorted(found, key=lambda pair: pair[0])

    def is_allowed(self, asset: AssetId, who: Address, purposes: Purpose, at: int) -> bool:
        """The twin of LicenseDesk.isAllowed: may ``who`` use the asset for every purpose at unix time ``at``?

        What a grant and a settled sale permit is added up.
        """
        record = self.assets.get(asset)
        if record is None or not purposes:
            return False
        if record.owner == who:
            return True
        permitted = Purpose(0)
        grant = self.grants.get((asset, who))
        if grant and grant.consent_epoch == record.consent_epoch and _covers(grant.end(self.terms[grant.terms]), at):
            permitted |= self._purposes(grant.terms)
        deal_id = self.current_sale.get((asset, who))
        sale = self.sales[deal_id] if deal_id else None
        settled = sale is not None and sale.stage is Stage.SETTLED
        if sale and settled and sale.deal.consent_epoch == record.consent_epoch and _covers(sale.until, at):
            permitted |= self._purposes(sale.deal.terms)
        return permitted & purposes == purposes

    def _purposes(self, terms: TermsId) -> Purpose:
        written = self.terms.get(terms)
        return written.purposes if written else Purpose(0)


def _covers(until: int, at: int) -> bool:
    return at < until or until == FOREVER


def apply(catalog: Catalog, fact: f.Fact) -> None:
    """Add one fact. Facts must come in chain order, each once."""
    catalog.facts += 1
    match fact:
        case f.AssetMinted() | f.Transfer() | f.TermsChanged() | f.ConsentRaised() | f.TermsWritten():
            _apply_ownership(catalog, fact)
        case f.Offered() | f.OfferClosed() | f.LicenseGranted():
            _apply_offers(catalog, fact)
        case f.SaleOpened() | f.KeyDelivered() | f.SaleSettled() | f.SaleRefunded():
            _apply_sale(catalog, fact)
        case f.Paid() | f.Linked() | f.Rolled() | f.PayoutPublished() | f.Claimed() | f.OwnTaken():
            _apply_income(catalog, fact)
        case f.Deposited() | f.Withdrawn() | f.Collected() | f.Locked() | f.Released() | f.Moved():
            _apply_money(catalog, fact)
        case (
            f.NodeRegistered()
            | f.StakeAdded()
            | f.Unbonding()
            | f.StakeWithdrawn()
            | f.NodeLeft()
            | f.MinimumStakeChanged()
        ):
            _apply_nodes(catalog, fact)
        case _:
            assert_never(fact)


def _apply_ownership(
    catalog: Catalog, fact: f.AssetMinted | f.Transfer | f.TermsChanged | f.ConsentRaised | f.TermsWritten
) -> None:
    match fact:
        case f.AssetMinted():
            catalog.assets[fact.id] = AssetRecord(
                id=fact.id,
                serial=fact.serial,
                author=fact.author,
                owner=fact.author,
                device=fact.device,
                terms=fact.terms,
                consent_epoch=0,
                commitment=fact.commitment,
                minted=fact.at,
            )
        case f.Transfer():
            # The transfer that belongs to a mint comes before AssetMinted in the same transaction.
            if fact.token_id in catalog.assets:
                catalog.assets[fact.token_id].owner = fact.to
        case f.TermsChanged():
            catalog.assets[fact.id].terms = fact.terms
        case f.ConsentRaised():
            catalog.assets[fact.id].consent_epoch = fact.consent_epoch
            catalog.offers.pop(fact.id, None)
        case f.TermsWritten():
            catalog.terms[fact.id] = fact.terms
        case _:
            assert_never(fact)


def _apply_offers(catalog: Catalog, fact: f.Offered | f.OfferClosed | f.LicenseGranted) -> None:
    match fact:
        case f.Offered():
            catalog.offers.setdefault(fact.asset, {})[(fact.seller, fact.terms)] = fact.offer
        case f.OfferClosed():
            catalog.offers.get(fact.asset, {}).pop((fact.seller, fact.terms), None)
        case f.LicenseGranted():
            # A gift under terms that nobody had written yet permits nothing, also once somebody writes them.
            if fact.grant.terms in catalog.terms:
                catalog.grants[(fact.asset, fact.licensee)] = fact.grant
            else:
                catalog.grants.pop((fact.asset, fact.licensee), None)
        case _:
            assert_never(fact)


def _apply_sale(catalog: Catalog, fact: f.SaleOpened | f.KeyDelivered | f.SaleSettled | f.SaleRefunded) -> None:
    match fact:
        case f.SaleOpened():
            catalog.sales[fact.deal_id] = SaleRecord(fact.deal_id, fact.deal, fact.at, deadline=fact.deadline)
            catalog.current_sale[(fact.asset, fact.buyer)] = fact.deal_id
        case f.KeyDelivered():
            sale = catalog.sales[fact.deal_id]
            sale.stage, sale.delivery, sale.deadline = Stage.DELIVERED, fact.delivery, fact.deadline
        case f.SaleSettled():
            sale = catalog.sales[fact.deal_id]
            sale.stage, sale.until, sale.ended = Stage.SETTLED, fact.until, fact.at
        case f.SaleRefunded():
            sale = catalog.sales[fact.deal_id]
            sale.stage, sale.reason, sale.ended = Stage.REFUNDED, fact.reason, fact.at
        case _:
            assert_never(fact)


def _apply_income(
    catalog: Catalog, fact: f.Paid | f.Linked | f.Rolled | f.PayoutPublished | f.Claimed | f.OwnTaken
) -> None:
    match fact:
        case f.Paid():
            catalog.income_of(fact.asset).received += fact.amount
        case f.Linked():
            income = catalog.income_of(fact.child)
            income.own_at_link, income.received_at_link = income.own, income.received
            for parent in fact.parents:
                income.parents[parent.asset] = EdgeRecord(parent.share, fact.at_income)
                income.linked_share += parent.share
        case f.Rolled():
            catalog.income_of(fact.child).parents[fact.parent].rolled += fact.amount
            catalog.income_of(fact.parent).received += fact.amount
        case f.PayoutPublished():
            catalog.income_of(fact.asset).payouts.append(fact)
        case f.Claimed():
            income = catalog.income_of(fact.asset)
            key = (fact.payout, fact.index)
            income.claimed[key] = income.claimed.get(key, 0) + fact.amount
            if int(fact.to, 16) == 0:
                catalog.income_of(AssetId("0x" + fact.beneficiary.hex())).received += fact.amount
        case f.OwnTaken():
            catalog.income_of(fact.asset).own_taken += fact.amount
        case _:
            assert_never(fact)


def _add(book: dict[Address, int], who: Address, amount: int) -> None:
    book[who] = book.get(who, 0) + amount


def _apply_money(
    catalog: Catalog, fact: f.Deposited | f.Withdrawn | f.Collected | f.Locked | f.Released | f.Moved
) -> None:
    match fact:
        case f.Deposited():
            _add(catalog.accounts, fact.account, fact.amount)
        case f.Withdrawn():
            _add(catalog.accounts, fact.account, -fact.amount)
        case f.Collected():
            _add(catalog.locks, fact.module, fact.amount)
        case f.Locked():
            _add(catalog.accounts, fact.account, -fact.amount)
            _add(catalog.locks, fact.module, fact.amount)
        case f.Released():
            _add(catalog.locks, fact.module, -fact.amount)
            _add(catalog.accounts, fact.account, fact.amount)
        case f.Moved():
            _add(catalog.locks, fact.from_, -fact.amount)
            _add(catalog.locks, fact.to, fact.amount)
        case _:
            assert_never(fact)


def _apply_nodes(
    catalog: Catalog,
    fact: f.NodeRegistered | f.StakeAdded | f.Unbonding | f.StakeWithdrawn | f.NodeLeft | f.MinimumStakeChanged,
) -> None:
    match fact:
        case f.NodeRegistered():
            known = _forget_peer(catalog, fact.operator)
            catalog.operators.setdefault(peer_id_of(fact.peer_key), set()).add(fact.operator)
            fresh = NodeRecord(fact.operator, fact.peer_key, fact.roles, fact.stake)
            catalog.nodes[fact.operator] = (
                replace(fresh, unbonding=known.unbonding, unbonded_at=known.unbonded_at) if known else fresh
            )
        case f.StakeAdded():
            catalog.nodes[fact.operator].stake = fact.stake
        case f.Unbonding():
            node = catalog.nodes[fact.operator]
            node.stake, node.unbonding = node.stake - fact.amount, node.unbonding + fact.amount
            node.unbonded_at = fact.unbonded_at
        case f.StakeWithdrawn():
            node = catalog.nodes[fact.operator]
            node.unbonding, node.unbonded_at = 0, 0
        case f.NodeLeft():
            _forget_peer(catalog, fact.operator)
        case f.MinimumStakeChanged():
            catalog.minimum_stake = fact.minimum_stake
        case _:
            assert_never(fact)


def _forget_peer(catalog: Catalog, operator: Address) -> NodeRecord | None:
    known = catalog.nodes.pop(operator, None)
    if known:
        catalog.operators[peer_id_of(known.peer_key)].discard(operator)
    return known
