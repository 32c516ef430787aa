"""Wallets of browsers: what a node makes, keeps and does for an account whose keys it has not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_facts import ANA, CHIDI, NOBODY, at, deal, delivered, minted, opened
from fakes import RICH, FakeOutbox
from garbage import Garbler

from thenar.commands.wallets import spelled
from thenar.demo.mallory import LyingWrapper
from thenar.domain import actions as a
from thenar.domain.assets import NO_BATCH
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import DutyKind, Me, react
from thenar.domain.facts import KeeperAppointed, StreamStarted
from thenar.domain.ids import Address, TermsId
from thenar.domain.licenses import FOREVER, Offer, Stage
from thenar.domain.streams import Stream
from thenar.errors import NotFound, Refused
from thenar.services import licensing
from thenar.services.complaints import Shelf, check_key, evidence_of, open_or_complain
from thenar.services.licensing import Wish
from thenar.services.records import bought_key
from thenar.services.wallets import order_for, serve_wallet, wallets_served

PRICE = 12_500_000
FAR = 10**9
WALLET = Address("0x" + "9a" * 20)
OTHER_WALLET = Address("0x" + "7e" * 20)
CONTENT = b"what was learned " * 400


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def ben(town, ana):
    return await town.person("ben")


@pytest.fixture
def shelf(ben):
    return Shelf(ben.store, ben.journal, ben.peers, ben.belief, 1 << 30)


async def on_offer(ana, ben):
    made = await ana.publish(CONTENT)
    ana.trade.chain.wallets[ana.me] = replace(RICH, account=PRICE)
    await ben.hear_of(made.asset, ana)
    await licensing.offer(ana.trade, made.asset, TermsId(1), Offer(PRICE, 0, FAR))
    return made.asset


async def paid_by_wallet(town, ana, ben, asset, wrapper=None):
    """A wallet opens the sale that Ben's node made the order for, and Ana delivers: the deal's id in hex."""
    ordered = await order_for(ben.trade, Wish(asset), WALLET, "click")
    wallet = FakeOutbox(town.chain, WALLET, town.effects, [town.tell])
    await wallet.send("open", a.OpenSale(ordered.order))
    (sale,) = [found.deal_id.hex() for found in ben.belief.catalog.sales.values()]
    seller = replace(ana.trade, wrapper=wrapper) if wrapper else ana.trade
    await licensing.deliver_key(seller, sale)
    return sale


async def test_the_same_request_gives_the_same_key_and_another_wallet_gets_another(ana, ben):
    asset = await on_offer(ana, ben)

    first = await order_for(ben.trade, Wish(asset), WALLET, "click")

    assert await order_for(ben.trade, Wish(asset), WALLET, "click") == first
    assert (await order_for(ben.trade, Wish(asset), OTHER_WALLET, "click")).order.key_x != first.order.key_x
    assert (first.price, first.bond, first.keyless, first.order.min_duration) == (PRICE, 0, False, FOREVER)
    assert await ben.journal.get(f"sale-key/{first.order.key_x.to_bytes(32, 'big').hex()}") is not None


async def test_nothing_is_ordered_of_ones_own_nor_without_an_offer(ana, ben):
    asset = await on_offer(ana, ben)

    with pytest.raises(Refused, match="belongs to this wallet"):
        await order_for(ben.trade, Wish(asset), ana.me, "click")
    with pytest.raises(NotFound):
        await order_for(ben.trade, Wish(asset, TermsId(9)), WALLET, "click")


async def test_a_wallet_is_remembered_over_a_restart(ben):
    known: set[Address] = set()

    await serve_wallet(ben.journal, known, WALLET)
    await serve_wallet(ben.journal, known, WALLET)

    assert known == {WALLET} == await wallets_served(ben.journal)


async def test_what_a_wallet_paid_for_is_opened_and_nothing_speaks_against_it(town, ana, ben, shelf, tmp_path):
    asset = await on_offer(ana, ben)
    sale = await paid_by_wallet(town, ana, ben, asset)

    await check_key(ben.trade, sale)
    await open_or_complain(ben.trade, shelf, sale, tmp_path / "opened")

    assert await bought_key(ben.journal, asset) is not None
    assert [path.read_bytes() for path in (tmp_path / "opened").iterdir()] == [CONTENT]
    assert await evidence_of(ben.trade, shelf, sale) is None


async def test_a_wrong_key_is_shown_to_the_wallet_and_never_disputed_in_the_nodes_own_name(town, ana, ben, shelf):
    asset = await on_offer(ana, ben)
    sale = await paid_by_wallet(town, ana, ben, asset, LyingWrapper(ana.trade.wrapper))

    with pytest.raises(Refused, match="only its buyer"):
        await check_key(ben.trade, sale)
    shown = await evidence_of(ben.trade, shelf, sale)

    assert isinstance(shown, a.DisputeKey)
    assert (shown.deal.buyer, shown.deal.asset) == (WALLET, asset)
    assert a.DisputeKey not in {type(action) for action in ben.outbox.actions}


async def test_garbage_under_a_right_key_is_shown_leaf_by_leaf(town, ana, ben, shelf, tmp_path):
    ana.sealer = Garbler(ana.sealer)
    asset = await on_offer(ana, ben)
    sale = await paid_by_wallet(town, ana, ben, asset)
    await check_key(ben.trade, sale)

    with pytest.raises(Refused, match="only its buyer"):
        await open_or_complain(ben.trade, shelf, sale, tmp_path / "opened")

    assert isinstance(await evidence_of(ben.trade, shelf, sale), a.DisputeChunk)


async def test_only_a_delivered_key_is_complained_about(town, ana, ben, shelf):
    asset = await on_offer(ana, ben)
    sale = await paid_by_wallet(town, ana, ben, asset)
    ben.belief.catalog.sales[bytes.fromhex(sale)].stage = Stage.SETTLED

    with pytest.raises(Refused, match="settled"):
        await evidence_of(ben.trade, shelf, sale)


def duties_of(me, *facts):
    """The duties the last fact gives."""
    catalog, found = Catalog(), ()
    for fact in facts:
        apply(catalog, fact)
        found = react(catalog, fact, me)
    return found


def test_a_node_takes_every_exit_for_its_wallets_and_none_for_strangers():
    owned, others = minted(WALLET), minted(ANA)
    sold, bought = opened(deal(owned.id, seller=WALLET)), opened(deal(others.id, buyer=WALLET))

    def kinds(me, *facts):
        return [duty.kind for duty in duties_of(me, *facts)]

    serving, alone = Me(CHIDI, False, wallets={WALLET}), Me(CHIDI, False)
    assert kinds(serving, owned) == [DutyKind.ANNOUNCE_ASSET]
    assert kinds(serving, others, bought) == [DutyKind.REFUND_LATE_SALE]
    assert kinds(serving, others, bought, delivered(bought)) == [DutyKind.CHECK_KEY, DutyKind.OPEN_ASSET]
    assert kinds(serving, owned, sold, delivered(sold)) == [DutyKind.SETTLE_SALE]
    for facts in ((owned,), (others, bought), (others, bought, delivered(bought)), (owned, sold, delivered(sold))):
        assert kinds(alone, *facts) == []


def test_a_node_delivers_for_its_wallet_at_once_and_as_a_strangers_keeper_after_half_the_time():
    owned = minted(WALLET)
    facts = (owned, KeeperAppointed(at(2), WALLET, CHIDI), opened(deal(owned.id, seller=WALLET), deadline=160))

    (own,) = duties_of(Me(CHIDI, False, wallets={WALLET}), *facts)
    (others,) = duties_of(Me(CHIDI, False), *facts)

    assert (own.kind, own.not_before, own.deep) == (DutyKind.DELIVER_KEY, 0, True)
    assert (others.kind, others.not_before) == (DutyKind.DELIVER_KEY, 130)
    assert duties_of(Me(CHIDI, False, wallets={WALLET}), owned, facts[2]) == ()


def test_money_of_a_wallets_licenses_with_an_end_comes_home():
    stream = Stream(minted(ANA).id, NO_BATCH, 0, NOBODY, WALLET, WALLET, 10, 1, 1, 50, 0, False)
    started = StreamStarted(at(3), bytes(32), stream.asset, WALLET, stream)

    (duty,) = duties_of(Me(CHIDI, False, wallets={WALLET}), minted(ANA), started)

    assert (duty.kind, duty.not_before) == (DutyKind.COLLECT_EARNED, 50)


def test_records_are_spelled_as_the_contracts_name_their_fields():
    made = spelled(deal(minted(ANA).id, key_x=2**255))

    assert made["keyX"] == str(2**255)
    assert (made["seller"], made["derived"], made["openedAt"]) == (ANA, False, "100")
    assert spelled((b"\x01", 7)) == ["0x01", "7"]
