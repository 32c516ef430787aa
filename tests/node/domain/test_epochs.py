"""Epochs in the node: what counts, who is due what, and that no strategy makes use pay for itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from epoch_facts import (
    ANA,
    BASE,
    BEN,
    CAPTURE,
    CHIDI,
    DORA,
    EMISSION,
    PARAMS,
    SETTLED,
    SPONSOR,
    TERMS,
    after,
    at,
    captured,
    close,
    kept,
    proved,
    replica,
    worked,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.domain import facts as f
from thenar.domain.bounty.coverage import worth
from thenar.domain.bounty.witnessing import ALONE
from thenar.domain.epochs.pools import Rewards, burn_of
from thenar.domain.epochs.rules import BP, RULES, Kind
from thenar.domain.epochs.shares import Contribution, Proved, due_later, due_now, rates
from thenar.domain.epochs.tree import RewardTree, decode
from thenar.domain.ids import Address, AssetId
from thenar.errors import BadInput, NotFound

PLACE = Rewards(31_337, Address("0x" + "9" * 40))
ACCOUNTS = st.integers(1, 2**160 - 1).map(lambda number: Address(f"0x{number:040x}"))
KINDS = st.sampled_from(list(Kind))
SCORES = st.integers(1, 10**16)


def one(kind: Kind, account: Address, score: int, asset: AssetId | None = None) -> Contribution:
    return Contribution(kind, account, score, at(1), "answer 1", (), asset)


CONTRIBUTIONS = st.lists(st.builds(one, KINDS, ACCOUNTS, SCORES), max_size=12)


def score_of(before: int, covered: int) -> int:
    return worth(RULES.coverage_price, RULES.coverage_target, before, covered) * RULES.unwitnessed_bp


WORD = f.Witnessed(at(20), CAPTURE.id, CHIDI, AssetId("0x" + "2" * 64), 3_000, 7_000, 9_000, b"{}", 10**9)


class TestWhatCounts:
    def test_a_paid_capture_counts_what_it_adds_at_the_trust_it_begins_with(self):
        catalog = after(*captured(), close(1))

        (made,) = catalog.epochs.epochs[1].contributions
        assert (made.kind, made.account, made.asset) == (Kind.SPATIAL, ANA, CAPTURE.id)
        assert made.score == score_of(0, 8_000)
        assert dict(made.inputs)["trust_bp"] == 4_000

    def test_what_comes_after_the_closing_belongs_to_the_next_epoch(self):
        *before, settled = captured()
        catalog = after(*before, close(1), settled, close(2))

        assert [len(catalog.epochs.epochs[number].contributions) for number in (1, 2)] == [0, 1]

    def test_a_node_counts_the_leaves_it_proved_of_what_others_captured(self):
        catalog = after(*captured(), *kept(BEN, [replica(1), replica(2, 24)]), *proved(BEN, 1, 20), close(1))

        storage = [made for made in catalog.epochs.epochs[1].contributions if made.kind is Kind.STORAGE]
        assert [(made.account, made.score, made.round) for made in storage] == [(BEN, 1_048, 1)]

    @pytest.mark.parametrize("node, lister", [(ANA, SPONSOR), (BEN, BEN)])
    def test_what_one_listed_or_captured_oneself_counts_nothing(self, node, lister):
        catalog = after(*captured(), *kept(node, [replica(1)], lister=lister), *proved(node, 1, 20), close(1))

        assert [made.kind for made in catalog.epochs.epochs[1].contributions] == [Kind.SPATIAL]

    def test_replicas_of_what_nobody_paid_for_count_nothing(self):
        facts = [fact for fact in captured() if fact is not SETTLED]
        catalog = after(*facts, *kept(BEN, [replica(1)]), *proved(BEN, 1, 20), close(1))

        assert catalog.epochs.epochs[1].contributions == []

    def test_of_a_thousand_replicas_of_one_capture_eight_count(self):
        many = [replica(number) for number in range(1, 1_001)]
        catalog = after(*captured(), *kept(BEN, many), *proved(BEN, 1, 20), close(1))

        (_, storage) = catalog.epochs.epochs[1].contributions
        assert storage.score == 8 * 1_024

    def test_a_round_whose_answer_was_not_shown_counts_nothing(self):
        demanded = f.AnswerDemanded(at(30), BEN, 1, 0, CHIDI, b"\x06" * 32, 1_000)
        convicted = f.StorageConvicted(at(31), BEN, 1, 0, CHIDI, 7)
        facts = (*captured(), *kept(BEN, [replica(1)]), *proved(BEN, 1, 20), demanded, convicted, close(1))

        record = after(*facts).epochs.epochs[1]
        assert [made.kind for made in record.contributions] == [Kind.SPATIAL]
        assert record.proved == Proved(frozenset(), frozenset())

    def test_audited_work_counts_what_was_paid_for_it(self):
        catalog = after(TERMS, *worked(BEN, CHIDI), close(1))

        (made,) = catalog.epochs.epochs[1].contributions
        assert (made.kind, made.account, made.score) == (Kind.COMPUTE, BEN, 200)

    @pytest.mark.parametrize("auditor, requester", [(None, SPONSOR), (CHIDI, CHIDI), (BEN, SPONSOR), (CHIDI, BEN)])
    def test_work_nobody_else_looked_at_counts_nothing(self, auditor, requester):
        catalog = after(TERMS, *worked(BEN, auditor, requester=requester), close(1))

        assert catalog.epochs.epochs[1].contributions == []

    def test_a_witness_and_who_captured_count_what_a_word_adds_to_trust(self):
        catalog = after(*captured(), WORD, close(1))

        capture, more, witness = catalog.epochs.epochs[1].contributions
        worth_of_it = score_of(0, 8_000) // RULES.unwitnessed_bp
        assert (more.kind, more.account, more.score) == (Kind.SPATIAL, ANA, worth_of_it * 3_000)
        assert (witness.kind, witness.account, witness.score) == (Kind.WITNESS, CHIDI, worth_of_it * 3_000)
        assert capture.score + more.score == worth_of_it * catalog.trust.of(CAPTURE.id)
        assert RULES.unwitnessed_bp == ALONE

    def test_a_word_that_was_false_by_the_end_counts_nothing(self):
        struck = f.WordStruck(at(30), CAPTURE.id, CHIDI, 3_000, ALONE)
        catalog = after(*captured(), WORD, struck, close(1))

        (capture,) = catalog.epochs.epochs[1].contributions
        assert capture.score == score_of(0, 8_000)

    def test_a_word_found_false_later_is_due_nothing_more(self):
        """What came free before the ruling is gone; every later part is lost, to witness and contributor."""
        facts = [*captured(), WORD, *kept(BEN, [replica(1)])]
        facts += [*proved(BEN, 1, 500), close(1), *proved(BEN, 2, 1_500), close(2)]
        facts += [f.WordStruck(at(2_100), CAPTURE.id, CHIDI, 3_000, ALONE)]
        facts += [*proved(BEN, 3, 2_500), close(3)]
        epochs = after(*facts).epochs.epochs

        dues = [epochs[number].due[CHIDI] for number in (1, 2, 3)]
        assert dues[0] > 0 and dues[1] > 0 and dues[2] == 0
        capture = score_of(0, 8_000) * epochs[1].rates[Kind.SPATIAL].tranche
        more = score_of(0, 8_000) // RULES.unwitnessed_bp * 3_000 * epochs[1].rates[Kind.SPATIAL].tranche
        assert [epochs[number].due[ANA] for number in (2, 3)] == [capture + more, capture]

    def test_without_epochs_nothing_is_counted(self):
        catalog = after(*(fact for fact in captured() if fact is not TERMS))

        assert catalog.epochs.running is None


class TestWhoIsDueWhat:
    def test_three_tenths_are_due_at_once(self):
        catalog = after(*captured(), close(1))

        score = score_of(0, 8_000)
        rate = BASE * 3_500 // BP // max(score, RULES.spatial.least)
        assert catalog.epochs.due(1) == {ANA: score * (rate * 3_000 // BP)}

    def test_the_rest_comes_free_while_storage_is_proved(self):
        facts = [*captured(), *kept(BEN, [replica(1)])]
        for epoch in range(1, 7):
            facts += [*proved(BEN, epoch, 1_000 * epoch - 500), close(epoch)] if epoch != 3 else [close(epoch)]
        catalog = after(*facts)

        dues = [catalog.epochs.epochs[epoch].due[ANA] for epoch in range(1, 7)]
        rate = catalog.epochs.epochs[1].rates[Kind.SPATIAL]
        score = score_of(0, 8_000)
        assert dues == [score * rate.now, *[score * rate.tranche if epoch != 3 else 0 for epoch in (2, 3, 4, 5)], 0]

    def test_what_is_not_stored_pays_nothing_more(self):
        catalog = after(*captured(), *(close(epoch) for epoch in range(1, 6)))

        assert [catalog.epochs.epochs[epoch].due[ANA] for epoch in range(2, 6)] == [0, 0, 0, 0]

    def test_a_lonely_contribution_does_not_take_a_whole_budget(self):
        due = after(*captured(), close(1)).epochs.due(1)[ANA]

        assert due < BASE * 3_500 // BP * 3_000 // BP // 10

    def test_work_shares_in_use_and_not_in_the_base(self):
        quiet = after(TERMS, *worked(BEN, CHIDI), close(1)).epochs.epochs[1]
        used = after(replace(TERMS, pool=BASE + 10**22), *worked(BEN, CHIDI), close(1, BASE + 10**22)).epochs.epochs[1]

        assert (quiet.rates[Kind.COMPUTE].budget, quiet.due[BEN]) == (0, 0)
        assert used.rates[Kind.COMPUTE].budget == 10**22 * 500 // BP

    def test_the_budgets_are_the_pool(self):
        assert sum(RULES.budget(kind).part_bp for kind in Kind) == BP
        assert RULES.now_bp + RULES.tranches * RULES.tranche_bp == BP

    @given(CONTRIBUTIONS, st.integers(0, EMISSION))
    def test_never_more_than_the_pool_is_due(self, contributions, pool):
        rated = rates(RULES, pool, BASE, contributions)

        due = due_now(contributions, rated)
        for _ in range(RULES.tranches):
            due.update(due_later([(contributions, rated)], Proved(frozenset(), frozenset())))
        assert sum(due.values()) <= pool

    @given(CONTRIBUTIONS, st.data(), st.integers(0, EMISSION))
    def test_parts_under_other_names_are_due_exactly_what_the_whole_is(self, contributions, data, pool):
        whole = one(data.draw(KINDS), ANA, data.draw(st.integers(2, 10**16)))
        cut = data.draw(st.integers(1, whole.score - 1))
        parts = [replace(whole, score=cut, account=BEN), replace(whole, score=whole.score - cut, account=DORA)]

        def paid(made: list[Contribution], *who: Address) -> int:
            rated = rates(RULES, pool, BASE, [*contributions, *made])
            due = due_now(made, rated)
            due.update(due_later([(made, rated)], Proved(frozenset(), frozenset())))
            return sum(due[account] for account in who)

        assert paid(parts, BEN, DORA) == paid([whole], ANA)

    @given(st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 20_000))
    def test_a_capture_in_two_steps_scores_exactly_what_one_step_does(self, first, second, third):
        low, middle, high = sorted((first, second, third))

        assert score_of(low, middle) + score_of(middle, high) == score_of(low, high)


class TestWash:
    """Whoever uses his own assets burns more than all the epochs can give back, whatever else he is."""

    @settings(max_examples=200)
    @given(
        st.lists(st.integers(100, 10**25), min_size=1, max_size=6),
        st.lists(st.integers(0, 10**25), min_size=7, max_size=7),
        st.lists(CONTRIBUTIONS, min_size=7, max_size=7),
        st.data(),
    )
    def test_wash_usage_loses_money_for_every_share_of_roles_held(self, washed, honest, made, data):
        """He may be any part of all contributors, in every kind, in every epoch, with everything stored.

        A score is rewarded with whole units, so that a few units more can bring one for each score: less than a cent.
        """
        everybody = sorted({one.account for epoch in made for one in epoch})
        his = {account for account in everybody if data.draw(st.booleans())}
        burnt = [burn_of(fee) for fee in washed] + [0] * (len(honest) - len(washed))

        def income(extra: list[int]) -> int:
            total, earlier = 0, []
            for epoch, contributions in enumerate(made, start=1):
                before = honest[epoch - 2] + extra[epoch - 2] if epoch > 1 else 0
                rated = rates(RULES, PARAMS.pool(epoch, before), BASE, contributions)
                due = due_now(contributions, rated)
                due.update(due_later(earlier[-RULES.tranches :], Proved(frozenset(), frozenset())))
                earlier.append((contributions, rated))
                total += sum(due[account] for account in his)
            return total

        rounding = sum(one.score for epoch in made for one in epoch) * (1 + RULES.tranches)
        assert income(burnt) - income([0] * len(honest)) < sum(burnt) + rounding

    @given(st.integers(100, 10**27), st.integers(0, 10**26), st.integers(1, 300))
    def test_even_who_is_everybody_gets_back_less_than_he_burnt(self, fee, others, epoch):
        burnt = burn_of(fee)

        more = PARAMS.pool(epoch, others + burnt) - PARAMS.pool(epoch, others)
        assert more < burnt

    @given(st.integers(1, 99), st.integers(0, 10**26))
    def test_dust_brings_nothing_back_either(self, fee, others):
        """Below a hundred units a pool may round up by the one unit that was burnt; never by more."""
        burnt = burn_of(fee)

        assert PARAMS.pool(1, others + burnt) - PARAMS.pool(1, others) <= burnt

    def test_a_factor_of_two_would_have_paid(self):
        """The first draft's factor: what this property is for."""
        burnt = burn_of(10**18)

        assert 2 * burnt > burnt > burnt * 8_000 // BP


class TestTree:
    @given(st.dictionaries(ACCOUNTS, st.integers(1, 2**60), min_size=1, max_size=40))
    def test_what_is_published_is_read_back_and_has_the_same_root(self, due):
        tree = RewardTree.build(PLACE, 3, due)

        assert decode(tree.encoded) == tree
        assert tree.root.total == sum(due.values())
        assert 2**tree.root.depth >= len(due)

    @given(st.dictionaries(ACCOUNTS, st.integers(1, 2**60), min_size=2, max_size=20), st.randoms())
    def test_the_order_of_counting_changes_no_bit(self, due, random):
        rows = list(due.items())
        random.shuffle(rows)

        assert RewardTree.build(PLACE, 3, dict(rows)).root == RewardTree.build(PLACE, 3, due).root

    def test_whoever_is_due_nothing_has_no_leaf(self):
        tree = RewardTree.build(PLACE, 1, Counter({ANA: 0, BEN: 5}))

        assert tree.due == ((BEN, 5),)
        with pytest.raises(NotFound):
            tree.prove(ANA)

    def test_that_nobody_is_due_anything_is_a_root_too(self):
        tree = RewardTree.build(PLACE, 1, {})

        assert (tree.root.total, tree.root.depth) == (0, 0)
        assert decode(tree.encoded) == tree

    def test_a_root_is_good_on_one_chain_and_at_one_contract(self):
        places = (PLACE, replace(PLACE, chain_id=1), replace(PLACE, contract=Address("0x" + "8" * 40)))
        trees = [RewardTree.build(place, 1, {ANA: 5}) for place in places]

        assert len({tree.root.root for tree in trees}) == 3
        assert len({tree.root.verdict(tree.place) for tree in trees}) == 3

    @pytest.mark.parametrize("spoil", [lambda d: d[:-1], lambda d: b"x" + d[1:], lambda d: d + b"\0", lambda d: d[:20]])
    def test_what_is_cut_or_changed_is_refused(self, spoil):
        with pytest.raises(BadInput):
            decode(spoil(RewardTree.build(PLACE, 1, {ANA: 5}).encoded))

    def test_accounts_out_of_order_are_refused(self):
        data = RewardTree.build(PLACE, 1, {ANA: 5, BEN: 6}).encoded

        with pytest.raises(BadInput, match="out of order"):
            decode(data[:-64] + data[-32:] + data[-64:-32])

    def test_more_than_fits_is_refused(self):
        with pytest.raises(BadInput, match=r"2\^96"):
            RewardTree.build(PLACE, 1, {ANA: 2**96 - 1, BEN: 1})
