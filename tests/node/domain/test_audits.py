"""Who checks which units, and what is said before it is shown."""

from __future__ import annotations

from dataclasses import replace

from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256
from thenar.domain.membertree import contains
from thenar.domain.work import audits
from thenar.domain.work.audits import Bound

WHERE = Bound(31_337, Address("0x" + "9" * 40), 7, Address("0x" + "a" * 40), bytes([5]) * 32)
WORD = st.binary(min_size=32, max_size=32)
TYPES = ["bytes32", "uint256", "address", "uint64", "address", "bytes32", "bytes32", "bytes32"]


@given(root=WORD, salt=WORD, claim=st.integers(0, 2**64 - 1))
def test_a_commitment_is_the_hash_of_the_words_solidity_would_encode(root, salt, claim):
    bound = replace(WHERE, claim=claim)
    words = [bound.chain, bound.contract, claim, bound.account, bound.class_id, root, salt]

    for tag, made in ((b"thenar.work/1", bound.work(root, salt)), (b"thenar.audit/1", bound.audit(root, salt))):
        assert made == keccak256(encode(TYPES, [tag.ljust(32, b"\0"), *words]))


def test_a_commitment_copied_by_somebody_else_or_into_another_claim_is_another():
    root, salt = b"r" * 32, b"s" * 32
    others = [
        replace(WHERE, account=Address("0x" + "b" * 40)),
        replace(WHERE, claim=8),
        replace(WHERE, class_id=bytes(32)),
        replace(WHERE, chain=1),
        replace(WHERE, contract=Address("0x" + "8" * 40)),
    ]

    made = {bound.work(root, salt) for bound in [WHERE, *others]} | {WHERE.audit(root, salt)}

    assert len(made) == len(others) + 2


@given(seed=WORD, first=st.integers(0, 2**32), count=st.integers(1, 300), bps=st.integers(0, 10_000))
def test_whether_a_unit_is_audited_is_what_solidity_computes(seed, first, count, bps):
    units = range(first, first + count)

    drawn = audits.audited(seed, units, bps)

    expected = [
        u for u in units if int.from_bytes(keccak256(encode(["bytes32", "uint256"], [seed, u])), "big") % 10_000 < bps
    ]
    assert list(drawn) == expected


def test_every_unit_is_audited_at_the_full_rate_and_none_at_nothing():
    assert audits.audited(b"x" * 32, range(50), audits.ALL) == tuple(range(50))
    assert audits.audited(b"x" * 32, range(50), 0) == ()


def test_the_rate_falls_with_the_record_and_never_below_the_jobs_own():
    assert [audits.audit_bps(score, 500) for score in (0, 9, 10, 20, 39, 40, 1_000)] == [
        10_000,
        10_000,
        2_000,
        1_000,
        512,
        500,
        500,
    ]


@given(price=st.integers(1, 2**90), bps=st.integers(1, 10_000))
def test_a_lie_at_the_least_stake_does_not_pay_and_one_unit_less_would(price, bps):
    stake = audits.least_stake(price, bps)

    assert stake * bps >= price * (10_000 - bps)
    assert stake == 0 or (stake - 1) * bps < price * (10_000 - bps)


@given(first=st.integers(0, 1_000), traces=st.lists(WORD, min_size=1, max_size=40), data=st.data())
def test_a_claims_tree_holds_each_root_at_its_units_place_and_nothing_at_the_others(first, traces, data):
    units = range(first, first + len(traces))
    run = data.draw(st.sets(st.sampled_from(list(units))))
    known = {unit: traces[unit - first] for unit in run}

    tree = audits.tree_over(units, known)

    for place, unit in enumerate(units):
        member = known.get(unit, audits.UNSEEN)
        assert contains(tree.root, len(units), place, member, tree.prove(place))


def test_the_first_difference_is_a_place_and_units_that_were_not_run_say_nothing():
    revealed = {10: b"a" * 32, 11: b"b" * 32, 12: b"c" * 32}
    units = range(10, 13)

    assert audits.first_difference(units, {11: b"b" * 32}, revealed) is None
    assert audits.first_difference(units, {11: b"b" * 32, 12: b"x" * 32}, revealed) == 2
    assert audits.first_difference(units, {10: b"a" * 32}, {}) == 0


@given(seed=WORD, root=WORD, first=st.integers(0, 1_000), count=st.integers(1, 200), bps=st.integers(0, 10_000))
def test_the_place_to_show_is_the_first_audited_one_from_where_the_root_points(seed, root, first, count, bps):
    units = range(first, first + count)

    place = audits.spot(seed, units, bps, root)

    start = int.from_bytes(keccak256(encode(["bytes32", "bytes32"], [seed, root])), "big") % count
    round_trip = [*range(start, count), *range(start)]
    assert place == next((p for p in round_trip if audits.is_audited(seed, first + p, bps)), None)


@given(
    count=st.integers(1, 300),
    lies=st.sets(st.integers(0, 299), min_size=1, max_size=3),
    asked=st.lists(st.integers(0, 299), max_size=6),
)
def test_what_was_shown_with_its_siblings_clears_honest_places_and_never_a_lie(count, lies, asked):
    units = range(count)
    own = {unit: keccak256(b"%d" % unit) for unit in units}
    hidden = audits.tree_over(units, own | {lie % count: bytes([9]) * 32 for lie in lies})
    shown = {place % count: hidden.prove(place % count) for place in asked}

    suspects = audits.still_suspect(audits.tree_over(units, own), shown)

    assert {lie % count for lie in lies} - set(shown) <= set(suspects)
    assert not set(suspects) & set(shown)


def test_a_single_lie_among_a_thousand_is_found_in_three_rounds_of_sixteen():
    units = range(1_024)
    own = {unit: keccak256(b"%d" % unit) for unit in units}
    mine = audits.tree_over(units, own)
    for lie in (0, 5, 511, 700, 1_023):
        hidden, shown = audits.tree_over(units, own | {lie: bytes([9]) * 32}), {}
        for _ in range(3):
            left = [place for place in audits.still_suspect(mine, shown) if place not in shown]
            some = min(len(left), 16)
            shown |= {place: hidden.prove(place) for place in (left[at * len(left) // some] for at in range(some))}

        assert lie in shown
