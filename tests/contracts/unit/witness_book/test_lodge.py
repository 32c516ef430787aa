"""WitnessBook: the branches of lodge.tree."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from assets import signed_digest
from brownie import chain
from brownie.test import given, strategy
from capture_town import CELL, CHILDREN, IMU, SOFT, STREET, call, key_of, vouch
from devices import device_domain, register
from reverts import reverts_with
from system import DOLLAR
from witnesses import LAID, ROLE, domain, lodge, message, paid, person, word_of

from thenar.domain.bounty.witnessing import ALONE, weight_of
from thenar.domain.ids import Address, AssetId
from thenar.domain.place import coarser

OTHER_CELL = next(one for one in CHILDREN if one != CELL)


def asset_of(town, answer) -> bytes:
    return bytes.fromhex(town.shown[answer][0].asset[2:])


def test_a_first_word_counts_in_full(town, book, pair, word, wanda, bob, frank):
    assert book.trustOf(asset_of(town, pair[0])) == ALONE

    tx = lodge(town, word, "wanda", pair, wanda)

    assert tx.return_value == 3_000
    said = dict(tx.events["Witnessed"])
    seen, scan = (town.shown[one][0].asset for one in pair)
    assert (said["capture"], said["scan"], said["witness"]) == (seen, scan, wanda)
    assert (said["weight"], said["trust"], said["overlap"], bytes.fromhex(str(said["laid"])[2:])) == (
        *(3_000, 7_000, 5_300),
        LAID,
    )
    assert book.trustOf(asset_of(town, pair[0])) == 7_000
    assert book.weightOf(asset_of(town, pair[0]), wanda) == 3_000
    assert book.wordsBetween(bob, wanda) == book.wordsBetween(wanda, bob) == 1
    assert book.wordsBetween(wanda, frank) == 0


def test_whoever_has_a_word_may_lodge_it(town, pair, word, bob):
    assert lodge(town, word, "wanda", pair, bob).return_value == 3_000


@pytest.mark.parametrize("overlap", [0, 10_001])
def test_a_word_says_how_much_is_seen_again(town, pair, word, wanda, overlap):
    with reverts_with("WitnessBook_BadWord", overlap, len(LAID)):
        lodge(town, replace(word, overlap=overlap), "wanda", pair, wanda)


def test_a_long_transform_is_refused(town, pair, word, wanda):
    with reverts_with("WitnessBook_BadWord", 5_300, 4_097):
        lodge(town, replace(word, laid=bytes(4_097)), "wanda", pair, wanda)


def test_a_word_is_good_for_one_nonce(town, pair, word, wanda):
    with reverts_with("WitnessBook_WrongNonce", 1, 0):
        lodge(town, replace(word, nonce=1), "wanda", pair, wanda)


@pytest.mark.parametrize(
    "other",
    [
        {"capture": AssetId("0x" + "07" * 32)},
        {"scan": AssetId("0x" + "07" * 32)},
        {"overlap": 5_301},
        {"laid": LAID[:-1]},
        {"nonce": 1},
    ],
)
def test_the_signature_binds_every_field(town, book, pair, word, wanda, other):
    signed = key_of("wanda").unsafe_sign_hash(signed_digest(message(replace(word, **other), domain(town)))).signature

    with reverts_with("WitnessBook_BadSignature", wanda):
        book.lodge(astuple(word), *(call(town.shown[one][0]) for one in pair), bytes(signed), {"from": wanda})


def test_a_witness_speaks_once_for_a_capture(town, pair, word, wanda):
    lodge(town, word, "wanda", pair, wanda)

    with reverts_with("WitnessBook_Witnessed", asset_of(town, pair[0]), wanda):
        lodge(town, replace(word, overlap=6_000), "wanda", pair, wanda)


def test_what_is_not_paid_yet_does_not_count(town, bounty, pair, wanda, bob):
    shown = town.answer(bounty, bob, "cellar", level=-1)
    again = town.answer(bounty, wanda, "cellar again", level=-1)

    with reverts_with("WitnessBook_NotPaid", asset_of(town, shown)):
        lodge(town, word_of(town, shown, again, wanda), "wanda", (shown, again), wanda)
    town.settle(shown, bob)
    with reverts_with("WitnessBook_NotPaid", asset_of(town, again)):
        lodge(town, word_of(town, shown, again, wanda), "wanda", (shown, again), wanda)


def test_what_is_held_up_is_what_was_shown(town, pair, word, wanda):
    capture, scan = pair
    right = town.shown[capture]
    town.shown[capture] = (replace(right[0], cell=CHILDREN[1]), right[1])
    try:
        with reverts_with("WitnessBook_NotPaid", asset_of(town, capture)):
            lodge(town, word, "wanda", pair, wanda)
    finally:
        town.shown[capture] = right
    with reverts_with("WitnessBook_NotPaid", asset_of(town, scan)):
        lodge(town, word, "wanda", (capture, capture), wanda)


def test_nobody_speaks_with_anothers_scan(town, pair, word, wanda):
    erika = person(town, "erika")
    stolen = replace(word, witness=Address(str(erika).lower()))

    with reverts_with("WitnessBook_NotHis", asset_of(town, pair[1]), wanda):
        lodge(town, stolen, "erika", pair, erika)


def test_the_first_does_not_bear_witness_for_the_second(town, bounty, pair):
    first = person(town, "first")
    older = paid(town, bounty, first, "older")
    newer = paid(town, bounty, person(town, "second"), "newer")

    with reverts_with("WitnessBook_NotLater", asset_of(town, older), asset_of(town, newer)):
        lodge(town, word_of(town, newer, older, first), "first", (newer, older), first)


@pytest.mark.parametrize("where", [{"cell": OTHER_CELL}, {"level": 2}, {"level": -2}])
def test_another_place_is_not_this_one(town, bounty, pair, wanda, where):
    elsewhere = paid(town, bounty, wanda, f"elsewhere {where}", **where)

    with reverts_with("WitnessBook_Elsewhere", asset_of(town, elsewhere), asset_of(town, pair[0])):
        lodge(town, word_of(town, pair[0], elsewhere, wanda), "wanda", (pair[0], elsewhere), wanda)


@pytest.mark.parametrize("asked", [{"rules": b"\x0d" * 32}, {"modality": IMU}, {"place_class": STREET}])
def test_another_kind_of_place_is_not_this_one(town, alice, pair, wanda, asked):
    other = paid(town, town.post(alice, **asked), wanda, f"other {asked}")

    with reverts_with("WitnessBook_Elsewhere", asset_of(town, other), asset_of(town, pair[0])):
        lodge(town, word_of(town, pair[0], other, wanda), "wanda", (pair[0], other), wanda)


def test_a_coarser_cell_that_holds_the_other_is_the_place(town, alice, bounty, pair, wanda):
    wide = paid(town, town.post(alice, days=90, grain=8), wanda, "wide", cell=coarser(CELL, 8), level=1)

    assert lodge(town, word_of(town, pair[0], wide, wanda), "wanda", (pair[0], wide), wanda).return_value == 3_000


def test_what_has_no_place_is_not_seen_again(town, alice, bob, wanda):
    soft = town.post(alice, **SOFT)
    touches = paid(town, soft, bob, "sponge", cell=0), paid(town, soft, wanda, "sponge again", cell=0)

    with reverts_with("WitnessBook_Elsewhere", asset_of(town, touches[1]), asset_of(town, touches[0])):
        lodge(town, word_of(town, *touches, wanda), "wanda", touches, wanda)


def test_nobody_involved_bears_witness(town, alice, bounty, pair, word, wanda):
    own = paid(town, bounty, wanda, "stairs, mine", level=3), paid(town, bounty, wanda, "stairs, mine again", level=3)
    sponsored = town.post(wanda)
    asked = paid(town, sponsored, alice, "asked for"), pair[1]
    later = paid(town, bounty, wanda, "scan after that", level=1)

    for capture, scan in (own, (asked[0], later)):
        with reverts_with("WitnessBook_Involved", wanda, asset_of(town, capture)):
            lodge(town, word_of(town, capture, scan, wanda), "wanda", (capture, scan), wanda)

    bought = asset_of(town, pair[0])
    seller = town.bounties.answerOf(pair[0])["contributor"]
    town.system.asset_registry.transferFrom(seller, wanda, int.from_bytes(bought, "big"), {"from": seller})
    with reverts_with("WitnessBook_Involved", wanda, bought):
        lodge(town, word, "wanda", pair, wanda)


def test_a_group_does_not_bear_witness_for_itself(town, pair, word, wanda, bob):
    town.system.worker_pool.joinGroup(bob, {"from": wanda})
    town.system.worker_pool.admit(wanda, {"from": bob})

    with reverts_with("WitnessBook_Involved", wanda, asset_of(town, pair[0])):
        lodge(town, word, "wanda", pair, wanda)


@pytest.mark.parametrize(("his", "hers"), [("bob", "same"), ("wanda", None), (None, "bob")])
def test_devices_do_not_bear_witness_for_each_other(town, bounty, pair, wanda, bob, his, hers):
    """The same device, a capture with the witness's device, and a scan with the contributor's."""
    owners, registry = {"bob": bob, "wanda": wanda}, town.system.device_registry
    where = device_domain(chain.id, registry)
    device = {name: key_of(f"scanner of {name}") for name in (his, hers) if name in owners}
    for name, key in device.items():
        register(registry, owners[name], key, where)
    used = [device.get(his), device[his] if hers == "same" else device.get(hers)]
    answers = []
    for who, key in zip((bob, wanda), used, strict=True):
        given = Address(key.address) if key else Address("0x" + "00" * 20)
        shown = town.show(who, f"with a device {his} {hers} {who}", device=given, level=4)
        answers.append(town.commit(bounty, who, shown))
        word = vouch(town.bounties, key, bounty, shown.asset, who) if key else b""
        town.reveal(answers[-1], who, word)
        town.settle(answers[-1], who)

    with reverts_with("WitnessBook_Involved", wanda, asset_of(town, answers[0])):
        lodge(town, word_of(town, *answers, wanda), "wanda", tuple(answers), wanda)


def test_devices_of_their_own_are_no_hindrance(town, bounty, pair, wanda, bob):
    registry, answers = town.system.device_registry, []
    for who in (bob, wanda):
        key = key_of(f"own scanner of {who}")
        register(registry, who, key, device_domain(chain.id, registry))
        shown = town.show(who, f"own device {who}", device=Address(key.address), level=5)
        answers.append(town.commit(bounty, who, shown))
        town.reveal(answers[-1], who, vouch(town.bounties, key, bounty, shown.asset, who))
        town.settle(answers[-1], who)

    tx = lodge(town, word_of(town, *answers, wanda), "wanda", tuple(answers), wanda)
    assert tx.return_value == 3_000


def test_nobody_asks_for_his_own_witness(town, pair, wanda, bob):
    ordered = paid(town, town.post(bob), wanda, "ordered by whom it praises")

    with reverts_with("WitnessBook_Involved", wanda, asset_of(town, pair[0])):
        lodge(town, word_of(town, pair[0], ordered, wanda), "wanda", (pair[0], ordered), wanda)


@pytest.mark.parametrize(("stake", "roles"), [(0, ROLE), (200 * DOLLAR, 31 - ROLE)])
def test_only_staked_witnesses_count(town, bounty, pair, stake, roles):
    label = f"nobody {stake} {roles}"
    who = person(town, label, stake, roles)
    scan = paid(town, bounty, who, f"scan of {label}")

    with reverts_with("WitnessBook_NoWitness", who):
        lodge(town, word_of(town, pair[0], scan, who), label, (pair[0], scan), who)


def test_who_takes_his_stake_away_counts_nothing(town, pair, word, wanda):
    town.system.node_registry.unbond(200 * DOLLAR, {"from": wanda})

    with reverts_with("WitnessBook_NoWitness", wanda):
        lodge(town, word, "wanda", pair, wanda)


def test_little_stake_counts_little(town, bounty, pair):
    small = person(town, "small", 100 * DOLLAR)
    scan = paid(town, bounty, small, "scan with little stake")

    tx = lodge(town, word_of(town, pair[0], scan, small), "small", (pair[0], scan), small)
    assert tx.return_value == weight_of(100 * DOLLAR, 100 * DOLLAR, 0) == 1_500


def test_words_between_the_same_two_count_less_and_less(town, bounty, pair, word, wanda):
    counted = [lodge(town, word, "wanda", pair, wanda).return_value]
    xaver = person(town, "xaver")
    for level in (1, 2, 3):
        one = paid(town, bounty, wanda, f"wanda's on {level}", level=level)
        two = paid(town, bounty, xaver, f"xaver's on {level}", level=level)
        back = paid(town, bounty, wanda, f"wanda's again on {level}", level=level)
        counted.append(lodge(town, word_of(town, one, two, xaver), "xaver", (one, two), xaver).return_value)
        counted.append(lodge(town, word_of(town, two, back, wanda), "wanda", (two, back), wanda).return_value)

    assert counted == [3_000, *(3_000 // (1 + earlier) for earlier in range(6))]


def test_trust_ends_at_the_whole(town, book, bounty, pair):
    asset, trust = asset_of(town, pair[0]), []
    for label, stake in (("a", 200), ("b", 150), ("c", 200), ("d", 200)):
        who = person(town, f"witness {label}", stake * DOLLAR)
        scan = paid(town, bounty, who, f"scan {label}")
        word = word_of(town, pair[0], scan, who)
        if label == "d":
            with reverts_with("WitnessBook_Trusted", asset):
                lodge(town, word, "witness d", (pair[0], scan), who)
        else:
            lodge(town, word, f"witness {label}", (pair[0], scan), who)
            trust.append(book.trustOf(asset))

    assert trust == [7_000, 9_250, 10_000]
    assert book.weightOf(asset, person(town, "witness c", 0)) == 750


def test_withdrawn_words_do_not_count(town, book, pair, word, wanda):
    tx = book.withdrawWords({"from": wanda})

    assert dict(tx.events["WordsWithdrawn"]) == {"witness": wanda, "nonce": 1}
    assert book.nonceOf(wanda) == 1
    with reverts_with("WitnessBook_WrongNonce", 0, 1):
        lodge(town, word, "wanda", pair, wanda)
    assert lodge(town, replace(word, nonce=1), "wanda", pair, wanda).return_value == 3_000


@given(stake=strategy("uint96"), minimum=strategy("uint96"), earlier=strategy("uint32", max_value=20))
def test_chain_and_node_weigh_alike(doors, stake, minimum, earlier):
    assert doors.wordWeight(stake, minimum, earlier) == weight_of(stake, minimum, earlier)


def test_the_digest_is_the_nodes(town, book, word):
    said = word.signed(chain.id, Address(str(book).lower()))

    assert said == signed_digest(message(word, domain(town)))
    named = book.eip712Domain()
    assert (named[1], named[2], named[3], named[4]) == ("Thenar WitnessBook", "1", chain.id, str(book))
