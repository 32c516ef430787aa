"""A fair sale from offer to end, honest and not, with the node's own keys, sealer and journal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_facts import TRAIN
from fakes import RICH

from thenar.adapters.vault.wrap import shared_point
from thenar.demo.mallory import LyingWrapper
from thenar.domain import actions as a
from thenar.domain.assets import Purpose, Terms
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.keytree import key_commit
from thenar.domain.licenses import Offer, Stage
from thenar.errors import BadInput, Corrupt, NotFound, Poor, Refused, Reverted, Unavailable
from thenar.services import licensing as story
from thenar.services.complaints import check_key
from thenar.services.consent import revoke_all
from thenar.services.licensing import Wish
from thenar.services.records import bought_key

PRICE = 12_500_000
FAR = 10**9


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def ben(town, ana):
    return await town.person("ben")


@pytest.fixture
async def asset(ana):
    made = await ana.publish(b"what was learned " * 100)
    await story.offer(ana.trade, made.asset, TermsId(1), Offer(PRICE, 0, FAR))
    return made.asset


@pytest.fixture
async def sale(ben, asset):
    return await story.buy(ben.trade, Wish(asset))


def last(person, kind):
    return [action for action in person.outbox.actions if isinstance(action, kind)][-1]


def stage(person, sale):
    return person.belief.catalog.sales[sale.deal_id].stage


async def test_buying_approves_once_and_opens_at_the_standing_price(ben, asset):
    ben.trade.chain.wallets.clear()

    sale = await story.buy(ben.trade, Wish(asset, max_price=PRICE))
    ben.trade.chain.wallets[ben.me] = replace(RICH, allowance=story.UNLIMITED)
    await story.buy(ben.trade, Wish(asset, TermsId(1)))

    assert sale.deal.price == PRICE
    assert [type(action) for action in ben.outbox.actions] == [a.ApproveSpending, a.OpenSale, a.OpenSale]
    assert last(ben, a.OpenSale).order.min_duration == 2**40 - 1


async def test_every_sale_has_a_key_of_its_own(ben, asset):
    first, second = await story.buy(ben.trade, Wish(asset)), await story.buy(ben.trade, Wish(asset))

    assert first.deal.buyer_point != second.deal.buyer_point


async def test_a_repeated_request_is_the_same_sale(ben, asset):
    trade = replace(ben.trade, request="one")

    first, second = await story.buy(trade, Wish(asset)), await story.buy(trade, Wish(asset))

    assert first.deal_id == second.deal_id
    assert [type(action) for action in ben.outbox.actions].count(a.OpenSale) == 1


async def test_a_changed_offer_after_a_lost_answer_is_bought_with_another_key(ana, ben, asset):
    ben.trade.chain.wallets[ben.me] = replace(RICH, allowance=story.UNLIMITED)
    ben.outbox.crash.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await story.buy(ben.trade, Wish(asset))
    await story.offer(ana.trade, asset, TermsId(1), Offer(PRICE - 1, 0, FAR))

    await story.buy(ben.trade, Wish(asset))

    asked = [action for action in ben.outbox.actions if isinstance(action, a.OpenSale)]
    assert len({ask.order.key_x for ask in asked}) == len(asked) == 2


async def test_a_price_above_the_guard_is_refused_before_anything_is_sent(ben, asset):
    with pytest.raises(Refused, match="price"):
        await story.buy(ben.trade, Wish(asset, max_price=PRICE - 1))

    assert ben.outbox.actions == []


async def test_an_empty_wallet_is_told_before_anything_is_sent(town, ben, asset):
    town.chain.wallets[ben.me] = replace(RICH, tokens=PRICE - 1)

    with pytest.raises(Poor):
        await story.buy(ben.trade, Wish(asset))

    assert ben.outbox.actions == []


@pytest.mark.parametrize("terms", [None, TermsId(7)])
async def test_nothing_is_bought_that_is_not_offered(ana, ben, terms):
    made = await ana.publish(b"not for sale")

    with pytest.raises(NotFound, match="not offered"):
        await story.buy(ben.trade, Wish(made.asset, terms))


async def test_an_offer_that_ran_out_is_passed_over_for_a_dearer_one(town, ana, ben, asset):
    dearer = await story.write_terms(ana.trade, Terms(Purpose.EVAL, 0, 0, 0, 0))
    await story.offer(ana.trade, asset, dearer, Offer(2 * PRICE, 0, FAR))
    await story.offer(ana.trade, asset, TermsId(1), Offer(1, 0, town.chain.timestamp + 5))
    town.chain.timestamp += 100

    sale = await story.buy(ben.trade, Wish(asset))

    assert (sale.deal.terms, sale.deal.price) == (dearer, 2 * PRICE)


async def test_an_unknown_asset_is_not_found(ben):
    unknown = AssetId("0x" + "12" * 32)

    for asking in (
        story.buy(ben.trade, Wish(unknown)),
        story.offer(ben.trade, unknown, TermsId(1), Offer(1, 0, FAR)),
        revoke_all(ben.trade, ben.store, unknown),
    ):
        with pytest.raises(NotFound):
            await asking


async def test_only_the_owner_offers_and_revokes(ben, asset):
    with pytest.raises(Refused, match="belongs to"):
        await story.offer(ben.trade, asset, TermsId(1), Offer(1, 0, FAR))
    with pytest.raises(Refused, match="belongs to"):
        await revoke_all(ben.trade, ben.store, asset)


async def test_terms_that_somebody_wrote_are_used_again(ana):
    assert await story.write_terms(ana.trade, TRAIN) == 1
    assert ana.outbox.actions == []


async def test_the_right_key_is_kept_and_the_seller_settles(ana, ben, asset, sale):
    deal = sale.deal_id.hex()

    await story.deliver_key(ana.trade, deal)
    await check_key(ben.trade, deal)
    await story.settle_sale(ana.trade, deal)

    assert stage(ben, sale) is Stage.SETTLED
    key = await bought_key(ben.journal, asset)
    assert key is not None
    assert key_commit(key) == ben.belief.catalog.assets[asset].commitment.key_commit


async def test_a_wrong_key_is_disputed_with_the_point_both_sides_share(ana, ben, asset, sale):
    deal = sale.deal_id.hex()
    liar = replace(ana.trade, wrapper=LyingWrapper(ana.trade.wrapper))

    await story.deliver_key(liar, deal)
    await check_key(ben.trade, deal)

    assert stage(ben, sale) is Stage.REFUNDED
    assert await bought_key(ben.journal, asset) is None
    dispute = last(ben, a.DisputeKey)
    secret = dispute.secret.to_bytes(32, "big")
    expected = shared_point(dispute.delivery.ephemeral_point, secret)
    assert dispute.shared_x.to_bytes(32, "big") + dispute.shared_y.to_bytes(32, "big") == expected
    assert dispute.commitment.asset_id == asset


async def test_repeating_every_step_sends_nothing_twice(ana, ben, asset, sale):
    deal = sale.deal_id.hex()

    for _ in range(3):
        await story.deliver_key(ana.trade, deal)
        await check_key(ben.trade, deal)
        await story.settle_sale(ana.trade, deal)

    sent = [type(action) for action in ana.outbox.actions]
    assert sent.count(a.DeliverKey) == sent.count(a.SettleSale) == 1
    assert a.DisputeKey not in {type(action) for action in ben.outbox.actions}


async def test_money_comes_back_when_no_key_came(ben, sale):
    await story.refund_late_sale(ben.trade, sale.deal_id.hex())

    assert stage(ben, sale) is Stage.REFUNDED


async def test_no_refund_is_asked_once_the_key_came(ana, ben, sale):
    await story.deliver_key(ana.trade, sale.deal_id.hex())

    await story.refund_late_sale(ben.trade, sale.deal_id.hex())

    assert stage(ben, sale) is Stage.DELIVERED


@pytest.mark.parametrize("name", ["KeyExchange_WrongStage", "KeyExchange_WrongDeal"])
async def test_an_exit_that_somebody_took_first_waits_until_that_is_seen(ana, ben, sale, name):
    deal = sale.deal_id.hex()
    ben.outbox.refuse.append(Reverted("over", name=name))
    with pytest.raises(Unavailable):
        await story.refund_late_sale(ben.trade, deal)
    await story.deliver_key(ana.trade, deal)
    await story.refund_late_sale(ben.trade, deal)
    ana.outbox.refuse.append(Reverted("over", name=name))
    with pytest.raises(Unavailable):
        await story.settle_sale(ana.trade, deal)
    assert stage(ben, sale) is Stage.DELIVERED

    await story.settle_sale(ana.trade, deal)

    assert stage(ben, sale) is Stage.SETTLED, "what was thought to be over was not"


async def test_a_refund_that_came_before_the_withdrawal_is_asked_for_again(ana, ben, asset, sale):
    deal = sale.deal_id.hex()
    ben.outbox.refuse.append(Reverted("consent stands", name="KeyExchange_ConsentStands"))
    with pytest.raises(Unavailable):
        await story.refund_revoked_sale(ben.trade, deal)

    await story.refund_revoked_sale(ben.trade, deal)

    assert stage(ben, sale) is Stage.REFUNDED


async def test_a_sale_is_settled_when_the_withdrawal_that_was_in_its_way_is_undone(ana, ben, asset, sale):
    deal = sale.deal_id.hex()
    await story.deliver_key(ana.trade, deal)
    ana.outbox.refuse.append(Reverted("withdrawn", name="KeyExchange_ConsentRevoked"))
    with pytest.raises(Unavailable):
        await story.settle_sale(ana.trade, deal)

    await story.settle_sale(ana.trade, deal)

    assert stage(ben, sale) is Stage.SETTLED


async def test_a_refund_waits_for_a_delivery_that_was_not_seen_yet(ana, ben, asset, sale):
    deal = sale.deal_id.hex()
    ben.outbox.refuse.append(Reverted("another deal", name="KeyExchange_WrongDeal"))
    with pytest.raises(Unavailable):
        await story.refund_revoked_sale(ben.trade, deal)
    await story.deliver_key(ana.trade, deal)

    await story.refund_revoked_sale(ben.trade, deal)

    assert last(ben, a.ConsentRefund).delivery == last(ana, a.DeliverKey).delivery
    assert stage(ben, sale) is Stage.REFUNDED


async def test_no_key_is_delivered_after_consent_was_withdrawn(ana, asset, sale):
    await revoke_all(ana.trade, ana.store, asset)

    await story.deliver_key(ana.trade, sale.deal_id.hex())

    assert a.DeliverKey not in {type(action) for action in ana.outbox.actions}


async def test_any_other_refusal_of_an_exit_is_told(ana, ben, sale):
    ben.outbox.refuse.append(Reverted("not yet", name="KeyExchange_TooEarly"))

    with pytest.raises(Reverted):
        await story.refund_late_sale(ben.trade, sale.deal_id.hex())


async def test_a_seller_without_the_key_says_so(town, ana, ben, asset, sale):
    twin = replace(ana.trade, once=replace(ana.trade.once, journal=ben.journal))

    with pytest.raises(Refused, match="no key"):
        await story.deliver_key(twin, sale.deal_id.hex())


def with_wrong_keys(trade):
    """A trade whose keyring derives other keys than those its assets committed to."""

    class Damaged:
        def __getattr__(self, name):
            return getattr(trade.sealer, name)

        def root_key(self, content_hash):
            return trade.sealer.root_key(content_hash)[::-1]

    return replace(trade, sealer=Damaged())


async def test_a_damaged_keyring_delivers_nothing_and_says_what_to_do(ana, ben, asset, sale):
    """Delivered, a wrong key would cost the bond; kept back, there is time to restore the right one."""
    with pytest.raises(Corrupt, match="not the one") as told:
        await story.deliver_key(with_wrong_keys(ana.trade), sale.deal_id.hex())

    assert "duty retry" in told.value.next_step
    assert not [action for action in ana.outbox.actions if isinstance(action, a.DeliverKey)]
    assert stage(ana, sale) is Stage.OPEN
    await story.deliver_key(ana.trade, sale.deal_id.hex())
    assert stage(ana, sale) is Stage.DELIVERED


async def test_a_damaged_keyring_offers_nothing(ana, asset):
    with pytest.raises(Corrupt, match="damaged"):
        await story.offer(with_wrong_keys(ana.trade), asset, TermsId(1), Offer(PRICE, 0, FAR))


async def test_a_bought_key_stands_in_for_a_damaged_keyring(ana, ben, asset, sale):
    await story.deliver_key(ana.trade, sale.deal_id.hex())
    await check_key(ben.trade, sale.deal_id.hex())
    other = await story.buy(ben.trade, Wish(asset))
    await ana.journal.put(f"key/{asset}", await bought_key(ben.journal, asset))

    await story.deliver_key(with_wrong_keys(ana.trade), other.deal_id.hex())

    assert stage(ana, other) is Stage.DELIVERED


@pytest.fixture
async def keyless(ana):
    """Terms that permit programs at the owner's and nothing else."""
    return await story.write_terms(ana.trade, Terms(Purpose.COMPUTE_ONLY, 0, 0, 0, 0))


async def test_licenses_for_compute_only_are_offered_without_a_bond(ana, asset, keyless):
    with pytest.raises(BadInput, match="bond") as told:
        await story.offer(ana.trade, asset, keyless, Offer(PRICE, 0, FAR, 1_000))
    await story.offer(ana.trade, asset, keyless, Offer(PRICE, 0, FAR))

    assert "--bond" in told.value.next_step


async def test_a_license_for_compute_only_is_not_bought_with_a_key(ana, ben, asset, keyless):
    await story.offer(ana.trade, asset, keyless, Offer(PRICE, 0, FAR))

    with pytest.raises(Refused, match="no key") as told:
        await story.buy(ben.trade, Wish(asset, keyless))

    assert "--no-key" in told.value.next_step
    assert not [action for action in ben.outbox.actions if isinstance(action, a.OpenSale)]


async def test_who_opens_a_sale_for_compute_only_all_the_same_has_no_key(ana, ben, asset, keyless, monkeypatch):
    """A changed node may open one on chain; the seller's keeps its key, and time gives the money back."""
    await story.offer(ana.trade, asset, keyless, Offer(PRICE, 0, FAR))
    with monkeypatch.context() as changed:
        changed.setattr(story, "is_keyless", lambda *_: False)
        sale = await story.buy(ben.trade, Wish(asset, keyless))

    with pytest.raises(Refused, match="brings no key"):
        await story.deliver_key(ana.trade, sale.deal_id.hex())

    assert stage(ben, sale) is Stage.OPEN


async def test_terms_that_permit_more_than_compute_only_bring_a_key(ana):
    both = await story.write_terms(ana.trade, Terms(Purpose.COMPUTE_ONLY | Purpose.EVAL, 0, 0, 0, 0))

    assert not story.is_keyless(ana.belief.catalog, both)
    assert not story.is_keyless(ana.belief.catalog, TermsId(99))


async def test_another_nodes_purchase_cannot_be_checked_here(ana, ben, sale, town):
    cleo = await town.person("cleo")
    cleo.belief.catalog = ben.belief.catalog
    await story.deliver_key(ana.trade, sale.deal_id.hex())

    with pytest.raises(Refused, match="one-time key"):
        await check_key(cleo.trade, sale.deal_id.hex())
