"""What a buyer's node does by itself with what was delivered: open it, or prove what is wrong with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import RICH
from garbage import Garbler

from thenar.demo.mallory import LyingWrapper
from thenar.domain import actions as a
from thenar.domain import keytree
from thenar.domain.ids import TermsId
from thenar.domain.licenses import Offer, Stage
from thenar.domain.openings import CHUNK_BYTES
from thenar.errors import BadInput, Corrupt, NotFound, Poor, Refused, Unavailable
from thenar.services import licensing
from thenar.services.complaints import Shelf, check_key, fetch_before_paying, open_or_complain
from thenar.services.licensing import Wish
from thenar.services.records import bought_key, part_key

PRICE = 12_500_000
FAR = 10**9
CONTENT = b"what was learned " * 400
BIG = bytes(range(256)) * (3 * CHUNK_BYTES // 256 + 7)


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def ben(town, ana):
    return await town.person("ben")


@pytest.fixture
def shelf(ben):
    return Shelf(ben.store, ben.journal, ben.peers, ben.belief, 1 << 30)


async def on_offer(ana, ben, content=CONTENT, part=0, bond_bps=0):
    made = await ana.publish(content)
    ana.trade.chain.wallets[ana.me] = replace(RICH, account=PRICE)
    await ben.hear_of(made.asset, ana)
    await licensing.offer(ana.trade, made.asset, TermsId(1), Offer(PRICE, 0, FAR, bond_bps), part)
    return made.asset


async def sold(ana, ben, asset, part=0, wrapper=None):
    """Buy, deliver and check: the sale's id."""
    sale = await licensing.buy(ben.trade, Wish(asset, part=part))
    seller = replace(ana.trade, wrapper=wrapper) if wrapper else ana.trade
    await licensing.deliver_key(seller, sale.deal_id.hex())
    await check_key(ben.trade, sale.deal_id.hex())
    return sale.deal_id


def last(person, kind):
    return [action for action in person.outbox.actions if isinstance(action, kind)][-1]


async def test_what_was_bought_is_opened(ana, ben, shelf, tmp_path):
    asset = await on_offer(ana, ben)
    deal = await sold(ana, ben, asset)

    await open_or_complain(ben.trade, shelf, deal.hex(), tmp_path / "opened")
    await open_or_complain(ben.trade, shelf, deal.hex(), tmp_path / "opened")

    assert [path.read_bytes() for path in (tmp_path / "opened").iterdir()] == [CONTENT]
    assert a.DisputeChunk not in {type(action) for action in ben.outbox.actions}


async def test_a_key_is_kept_also_by_a_node_that_was_away_until_the_sale_had_settled(ana, ben):
    asset = await on_offer(ana, ben)
    sale = await licensing.buy(ben.trade, Wish(asset))
    await licensing.deliver_key(ana.trade, sale.deal_id.hex())
    ben.belief.catalog.sales[sale.deal_id].stage = Stage.SETTLED

    await check_key(ben.trade, sale.deal_id.hex())

    assert await bought_key(ben.journal, asset) is not None


async def test_nothing_is_opened_before_the_key_was_checked(ana, ben, shelf, tmp_path):
    asset = await on_offer(ana, ben)
    sale = await licensing.buy(ben.trade, Wish(asset))

    with pytest.raises(Unavailable):
        await open_or_complain(ben.trade, shelf, sale.deal_id.hex(), tmp_path)


@pytest.mark.parametrize("at", [0, 2_100, len(CONTENT) - 1])
async def test_a_garbage_leaf_is_found_and_disputed(ana, ben, shelf, tmp_path, at):
    ana.sealer = Garbler(ana.sealer, at)
    asset = await on_offer(ana, ben)
    deal = await sold(ana, ben, asset)

    await open_or_complain(ben.trade, shelf, deal.hex(), tmp_path)

    shown = last(ben, a.DisputeChunk)
    assert (shown.opening.chunk, shown.opening.place) == (0, at // 1024)
    assert ben.belief.catalog.sales[deal].stage is Stage.REFUNDED
    assert ben.belief.catalog.sales[deal].reason == 4
    assert list(tmp_path.glob("*.bin")) == []


async def test_garbage_after_the_sale_settled_is_told(ana, ben, shelf, tmp_path):
    ana.sealer = Garbler(ana.sealer)
    asset = await on_offer(ana, ben)
    deal = await sold(ana, ben, asset)
    await licensing.settle_sale(ana.trade, deal.hex())

    with pytest.raises(Corrupt):
        await open_or_complain(ben.trade, shelf, deal.hex(), tmp_path)


async def test_a_refunded_sale_is_not_opened(ana, ben, shelf, tmp_path):
    asset = await on_offer(ana, ben)
    deal = await sold(ana, ben, asset, wrapper=LyingWrapper(ana.trade.wrapper))

    await open_or_complain(ben.trade, shelf, deal.hex(), tmp_path)

    assert last(ben, a.DisputeKey).deal.asset == asset
    assert list(tmp_path.glob("*.bin")) == []


@pytest.mark.parametrize(("part", "first", "last_chunk"), [(2, 0, 1), (3, 2, 3), (7, 3, 3)])
async def test_a_part_is_sold_by_its_own_key_and_opened_alone(ana, ben, shelf, tmp_path, part, first, last_chunk):
    asset = await on_offer(ana, ben, BIG, part)
    deal = await sold(ana, ben, asset, part)

    await open_or_complain(ben.trade, shelf, deal.hex(), tmp_path)

    (opened,) = tmp_path.glob("*.bin.*")
    assert opened.name == f"model.bin.{first}-{last_chunk}"
    assert opened.read_bytes() == BIG[first * CHUNK_BYTES : (last_chunk + 1) * CHUNK_BYTES]
    assert await bought_key(ben.journal, asset) is None
    key = await part_key(ben.journal, asset, part)
    level = part.bit_length() - 1
    assert keytree.RangeKey(level, part - (1 << level), key).covers(first, 2)


async def test_the_whole_and_its_parts_are_bought_with_keys_of_their_own(ana, ben):
    asset = await on_offer(ana, ben, BIG)
    for part in (2, 3):
        await licensing.offer(ana.trade, asset, TermsId(1), Offer(PRICE, 0, FAR), part)

    sales = [await licensing.buy(ben.trade, Wish(asset, part=part)) for part in (0, 2, 3)]

    assert len({sale.deal.key_x for sale in sales}) == len({sale.deal_id for sale in sales}) == 3
    assert [sale.deal.range for sale in sales] == [0, 2, 3]


async def test_a_wrong_key_of_a_part_is_disputed_by_a_leaf(ana, ben, shelf, tmp_path):
    asset = await on_offer(ana, ben, BIG, 3)
    deal = await sold(ana, ben, asset, 3, LyingWrapper(ana.trade.wrapper))

    await open_or_complain(ben.trade, shelf, deal.hex(), tmp_path)

    assert last(ben, a.DisputeChunk).opening.chunk == 2
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


async def test_garbage_outside_the_part_does_not_matter(ana, ben, shelf, tmp_path):
    ana.sealer = Garbler(ana.sealer, 10)
    asset = await on_offer(ana, ben, BIG, 3)
    deal = await sold(ana, ben, asset, 3)

    await open_or_complain(ben.trade, shelf, deal.hex(), tmp_path)

    assert len(list(tmp_path.glob("*.bin.*"))) == 1


async def test_a_buyer_has_every_byte_before_he_pays(ana, ben, shelf, autojump_clock):
    asset = await on_offer(ana, ben)

    promise = await fetch_before_paying(shelf, asset, patience=5)

    assert promise.commitment.asset_id == asset
    assert b"".join([part async for part in ben.store.read(promise.sealed)])


async def test_a_buyer_waits_for_a_holder_and_gives_up(ana, ben, shelf, autojump_clock):
    made = await ana.publish(CONTENT)

    with pytest.raises(Unavailable):
        await fetch_before_paying(shelf, made.asset, patience=3)


async def test_an_offer_with_a_bond_wants_a_deposit(town, ana, ben):
    made = await ana.publish(CONTENT)
    town.chain.wallets[ana.me] = replace(RICH, account=PRICE // 10 - 1)

    with pytest.raises(Poor, match="bond"):
        await licensing.offer(ana.trade, made.asset, TermsId(1), Offer(PRICE, 0, FAR, 1_000))


async def test_a_seller_who_cannot_lay_down_his_bond_is_not_asked(ana, ben):
    asset = await on_offer(ana, ben, bond_bps=1_000)

    with pytest.raises(Refused, match="seller must lock"):
        await licensing.buy(ben.trade, Wish(asset))


async def test_a_buyer_needs_price_and_bond(town, ana, ben):
    asset = await on_offer(ana, ben, bond_bps=1_000)
    ben.belief.catalog.accounts[ana.me] = PRICE
    town.chain.wallets[ben.me] = replace(RICH, tokens=PRICE + PRICE // 10 - 1)

    with pytest.raises(Poor):
        await licensing.buy(ben.trade, Wish(asset))


async def test_a_part_that_is_not_in_the_file_is_not_offered(ana, ben):
    with pytest.raises(BadInput):
        await on_offer(ana, ben, part=2)


async def test_a_part_is_not_bought_at_the_offer_of_the_whole(ana, ben):
    asset = await on_offer(ana, ben, BIG)

    with pytest.raises(NotFound, match="part"):
        await licensing.buy(ben.trade, Wish(asset, part=2))


async def test_a_revoked_sale_gives_the_money_back(ana, ben):
    asset = await on_offer(ana, ben)
    sale = await licensing.buy(ben.trade, Wish(asset))

    await licensing.refund_revoked_sale(ben.trade, sale.deal_id.hex())
    await licensing.refund_revoked_sale(ben.trade, sale.deal_id.hex())

    assert ben.belief.catalog.sales[sale.deal_id].reason == 3
    assert [type(action) for action in ben.outbox.actions].count(a.ConsentRefund) == 1


async def test_a_keeper_delivers_with_a_key_he_was_given(town, ana, ben):
    cleo = await town.person("cleo")
    asset = await on_offer(ana, ben)
    await licensing.appoint_keeper(ana.trade, cleo.me)
    first = await licensing.buy(cleo.trade, Wish(asset))
    await licensing.deliver_key(ana.trade, first.deal_id.hex())
    await check_key(cleo.trade, first.deal_id.hex())
    sale = await licensing.buy(ben.trade, Wish(asset))

    await licensing.deliver_key(cleo.trade, sale.deal_id.hex())
    await check_key(ben.trade, sale.deal_id.hex())

    assert ben.belief.catalog.keepers == {ana.me: cleo.me}
    assert await bought_key(ben.journal, asset) is not None
