"""What a node pledges and is asked: properties of the pledge's tree, of the draw and of answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import merkle
from thenar.domain.ids import Address
from thenar.domain.storage.pledges import (
    CHALLENGES,
    MAX_LEAVES,
    Held,
    PledgedRoot,
    PledgeTree,
    ShownAnswer,
    answer_of,
    answers_tree,
    bond_for,
    positions,
    verify,
)
from thenar.errors import BadInput, NotFound

NODE = Address("0x" + "5a" * 20)
GOLDEN_POSITIONS = (854470593, 788745271, 558471472, 912702202, 798409563, 33740347, 241457282, 23518273)
GOLDEN_ANSWER = "091738931b794c483919c6395b1b80d421171d8b225dc0825c2785f648362a17"
ROOTS = st.binary(min_size=32, max_size=32)
REPLICAS = st.dictionaries(ROOTS, st.integers(1, 50), min_size=1, max_size=12).map(
    lambda found: [Held(root, leaves) for root, leaves in found.items()]
)


@given(REPLICAS)
def test_every_position_lies_in_one_leaf_of_one_replica(replicas: list[Held]) -> None:
    tree = PledgeTree.build(replicas)

    places = [tree.at(position) for position in range(tree.leaves)]

    assert len({(place.replica, place.index) for place in places}) == tree.leaves == sum(r.leaves for r in replicas)
    assert all(place.index < place.replica.leaves for place in places)


@given(REPLICAS, st.randoms())
def test_a_pledge_does_not_depend_on_the_order_it_was_taken_in(replicas: list[Held], dice) -> None:
    other = list(replicas)
    dice.shuffle(other)

    assert PledgeTree.build(other).root == PledgeTree.build(replicas).root


@given(st.data(), st.binary(min_size=32, max_size=32), st.integers(0, CHALLENGES - 1))
def test_a_shown_answer_convinces_and_a_changed_one_does_not(data, seed: bytes, challenge: int) -> None:
    disk = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    files = [[bytes([at, place]) * 512 for place in range(count)] for at, count in enumerate(disk)]
    held = {Held(merkle.root(map(merkle.leaf_hash, leaves)), len(leaves)): leaves for leaves in files}
    tree = PledgeTree.build(held)
    places = [tree.at(position) for position in positions(seed, NODE, tree.leaves)]
    given_answers = [answer_of(seed, NODE, at, held[one.replica][one.index]) for at, one in enumerate(places)]
    answers, place = answers_tree(given_answers), places[challenge]
    siblings, sums = tree.prove(place.place)
    shown = ShownAnswer(
        leaf=held[place.replica][place.index],
        index=place.index,
        path=merkle.proof([merkle.leaf_hash(leaf) for leaf in held[place.replica]], place.index),
        replica=place.replica.root,
        leaves=place.replica.leaves,
        place=place.place,
        siblings=siblings,
        sums=sums,
        beside=answers.prove(challenge),
    )
    pledged = PledgedRoot(tree.root, tree.leaves, tree.depth)
    known = {"seed": seed, "node": NODE, "challenge": challenge, "pledged": pledged, "answers": answers.root}

    assert verify(shown, **known)
    for changed in (
        replace(shown, leaf=shown.leaf[:-1] + b"\xff"),
        replace(shown, index=shown.index + 1),
        replace(shown, leaves=shown.leaves + 1),
        replace(shown, place=shown.place + 1),
        replace(shown, sums=(*shown.sums, 0)),
        replace(shown, beside=()),
        replace(shown, replica=bytes(32)),
    ):
        assert not verify(changed, **known)
    assert not verify(shown, **{**known, "node": Address("0x" + "5b" * 20)})


def test_every_leaf_is_asked_for_as_often_as_any_other() -> None:
    """8,000 draws among 16 leaves: each 500 times, within six standard deviations."""
    seeds = [at.to_bytes(32, "big") for at in range(1_000)]

    drawn = Counter(position for seed in seeds for position in positions(seed, NODE, 16))

    assert set(drawn) == set(range(16))
    assert all(abs(count - 500) < 6 * (8_000 * (1 / 16) * (15 / 16)) ** 0.5 for count in drawn.values())


def test_a_golden_draw_stays() -> None:
    """Values the contract drew once; another answer would disown every pledge."""
    seed = bytes(range(32))

    assert positions(seed, NODE, 10**9) == GOLDEN_POSITIONS
    assert answer_of(seed, NODE, 3, b"leaf").hex() == GOLDEN_ANSWER


@pytest.mark.parametrize("leaves", [0, MAX_LEAVES + 1])
def test_a_replica_has_leaves(leaves: int) -> None:
    with pytest.raises(BadInput):
        Held(bytes(32), leaves)


def test_a_pledge_refuses_what_the_contract_would() -> None:
    one = Held(b"\x01" * 32, 1)

    with pytest.raises(BadInput):
        PledgeTree.build([])
    with pytest.raises(BadInput, match="once"):
        PledgeTree.build([one, Held(one.root, 2)])
    with pytest.raises(BadInput, match="2\\^48"):
        PledgeTree.build([one, Held(b"\x02" * 32, MAX_LEAVES)])
    with pytest.raises(BadInput):
        answers_tree([bytes(32)] * 7)


def test_what_is_not_pledged_is_not_found() -> None:
    tree = PledgeTree.build([Held(b"\x01" * 32, 3)])

    for call in (lambda: tree.at(3), lambda: tree.at(-1), lambda: tree.prove(1)):
        with pytest.raises(NotFound):
            call()


def test_a_bond_is_for_every_gib_begun() -> None:
    assert [bond_for(leaves, 5) for leaves in (1, 2**20, 2**20 + 1)] == [5, 5, 10]
