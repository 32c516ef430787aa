"""What a job came to is minted once, linked to what it was made from, and pays it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_facts import TRAIN, at
from paper_executor import PowerCut
from work_town import open_work_town

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.assets import AssetKind
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.licenses import FOREVER, Grant
from thenar.domain.upstream import shares_demanded, terms_inherited, terms_used
from thenar.errors import BadInput, NotFound, Refused
from thenar.services import earn
from thenar.services.work import bounties, outcomes

GENEROUS, STRICT = TermsId(2), TermsId(3)


@pytest.fixture
async def town(tmp_path):
    async with open_work_town(tmp_path) as opened:
        opened.tell(
            [
                f.TermsWritten(at(1), GENEROUS, bytes(32), replace(TRAIN, derivative_share=20_000)),
                f.TermsWritten(at(1), STRICT, bytes(32), replace(TRAIN, derivative_share=300_000, price_floor=7)),
            ],
            1,
        )
        yield opened


@pytest.fixture
async def people(town):
    """Rita asks, Wim works, Vera audits; Ana owns what the work starts from."""
    return {
        "ana": await town.hand("ana", works=False),
        "rita": await town.hand("rita", works=False),
        "wim": await town.hand("wim"),
        "vera": await town.hand("vera", seats=1, works=False),
    }


@pytest.fixture
async def capture(people):
    """Ana's, under terms 1."""
    return (await people["ana"].person.publish(b"a grasp")).asset


@pytest.fixture
async def done(town, people, capture):
    """A finished job whose input is Ana's."""
    bounty = await town.post(people["rita"], units=4, input=capture, input_price=5)
    await town.live()
    return bounty


async def mint(people, bounty, tmp_path, **wanted):
    folder, packed = tmp_path / "fetched", tmp_path / "packed"
    packed.mkdir(exist_ok=True)
    await bounties.fetch(people["rita"].bench, bounty.id, folder, lambda _, __: None)
    return await outcomes.mint_result(people["rita"].bench, bounty.id, folder, packed, outcomes.Wanted(**wanted))


def sent(hand, kind) -> list[object]:
    return [action for action in hand.person.outbox.actions if isinstance(action, kind)]


async def test_a_result_is_linked_to_its_input_at_the_share_its_terms_demand_and_pays_it(
    town, people, capture, done, tmp_path
):
    minted = await mint(people, done, tmp_path)

    catalog = people["ana"].bench.trade.belief.catalog
    record = catalog.assets[minted.asset]
    assert (record.kind, record.owner, record.terms) == (AssetKind.RESULT, people["rita"].me, TermsId(1))
    assert minted.shares == {capture: TRAIN.derivative_share}
    assert catalog.income_of(minted.asset).parents[capture].share == TRAIN.derivative_share

    before = catalog.income_of(capture).received
    await earn.pay(people["wim"].bench.trade, minted.asset, 1_000, bytes(32))
    ana = people["ana"].person
    earned = await earn.claim(ana.trade, ana.store, ana.peers)

    assert earned.rolled == 1_000 * TRAIN.derivative_share // 1_000_000
    assert catalog.income_of(capture).received - before == earned.rolled


async def test_minting_again_mints_and_links_nothing_more(people, done, tmp_path):
    first = await mint(people, done, tmp_path)

    again = await mint(people, done, tmp_path, title="Another name")

    assert (again.asset, again.published) == (first.asset, None)
    assert len(sent(people["rita"], a.MintAsset)) == len(sent(people["rita"], a.LinkParents)) == 1


async def test_a_node_that_forgot_what_it_minted_comes_to_the_same_asset(people, done, tmp_path):
    first = await mint(people, done, tmp_path)
    await people["rita"].bench.trade.journal.put(f"result/{done.id}", b"")

    again = await mint(people, done, tmp_path)

    assert again.asset == first.asset
    assert len(sent(people["rita"], a.LinkParents)) == 1


async def test_a_result_whose_link_was_cut_short_is_linked_the_next_time(people, done, capture, tmp_path):
    people["rita"].person.outbox.crash = [PowerCut()]
    with pytest.raises(PowerCut):
        await mint(people, done, tmp_path)
    assert not sent(people["rita"], a.LinkParents)

    minted = await mint(people, done, tmp_path)

    assert capture in people["rita"].bench.trade.belief.catalog.income_of(minted.asset).parents


async def test_nobody_mints_what_others_asked_for_what_still_runs_or_what_came_to_nothing(
    town, people, capture, done, tmp_path
):
    with pytest.raises(Refused, match="belongs to"):
        await outcomes.mint_result(people["wim"].bench, done.id, tmp_path, tmp_path, outcomes.Wanted())
    people["wim"].away = True
    running = await town.post(people["rita"], units=2, input=capture, input_price=5)
    with pytest.raises(Refused, match="0 of 2 units"):
        await outcomes.mint_result(people["rita"].bench, running.id, tmp_path, tmp_path, outcomes.Wanted())
    await bounties.cancel(people["rita"].bench, running.id)
    await town.live()
    with pytest.raises(BadInput, match="nothing came"):
        await outcomes.mint_result(people["rita"].bench, running.id, tmp_path, tmp_path, outcomes.Wanted())


async def test_a_parent_nobody_minted_is_refused_before_anything_is_sent(people, done, tmp_path):
    nobodys = AssetId("0x" + "77" * 32)

    with pytest.raises(NotFound, match=nobodys):
        await mint(people, done, tmp_path, parents=(nobodys,))

    assert not sent(people["rita"], a.MintAsset)


async def test_a_result_without_an_input_needs_terms(town, people, tmp_path):
    bounty = await town.post(people["rita"], units=2)
    await town.live()

    with pytest.raises(BadInput, match="no input"):
        await mint(people, bounty, tmp_path)
    minted = await mint(people, bounty, tmp_path, terms=STRICT)

    assert (minted.terms, minted.shares) == (STRICT, {})


def test_a_folder_is_packed_to_the_same_bytes_wherever_and_whenever(tmp_path):
    packed = []
    for name, order in (("one", "ab"), ("two", "ba")):
        folder = tmp_path / name
        folder.mkdir()
        for letter in order:
            (folder / letter).write_bytes(letter.encode() * 999)
        outcomes.pack(folder, tmp_path / f"{name}.tar")
        packed.append((tmp_path / f"{name}.tar").read_bytes())

    assert packed[0] == packed[1]
    assert b"a" * 999 in packed[0]


async def test_the_license_a_maker_holds_says_what_a_parent_is_owed_and_else_its_own_terms_do(town, people, capture):
    rita, catalog = people["rita"].me, people["rita"].bench.trade.belief.catalog
    assert terms_used(catalog, capture, rita) == [TermsId(1)]

    town.tell([f.LicenseGranted(at(town.chain.block, 7), capture, rita, Grant(FOREVER, 0, STRICT, 1))], 1)

    assert terms_used(catalog, capture, rita) == [STRICT]
    assert shares_demanded(catalog, [capture], rita) == {capture: 300_000}
    assert terms_inherited(catalog, [capture], rita).price_floor == 7
    assert shares_demanded(catalog, [capture], people["wim"].me) == {capture: TRAIN.derivative_share}


async def test_parents_that_demand_more_than_there_is_or_allow_nothing_together_are_refused(town, people):
    rita, catalog = people["rita"].me, people["rita"].bench.trade.belief.catalog
    greedy = [(await people["ana"].person.publish(f"part {n}".encode(), f"{n}.bin")).asset for n in range(4)]
    for place, asset in enumerate(greedy):
        town.tell([f.LicenseGranted(at(town.chain.block, place), asset, rita, Grant(FOREVER, 0, STRICT, 1))], 1)

    with pytest.raises(Refused, match="1200000 of 1000000"):
        shares_demanded(catalog, greedy, rita)

    elsewhere = replace(TRAIN, territory=b"\1" * 32), replace(TRAIN, territory=b"\2" * 32)
    for number, terms in enumerate(elsewhere):
        town.tell([f.TermsWritten(at(2), TermsId(8 + number), bytes(32), terms)], 1)
        grant = Grant(FOREVER, 0, TermsId(8 + number), 1)
        town.tell([f.LicenseGranted(at(town.chain.block, number), greedy[number], rita, grant)], 1)
    with pytest.raises(Refused, match="nothing together"):
        terms_inherited(catalog, greedy[:2], rita)
