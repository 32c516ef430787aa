"""WordDisputes.resolve: the branches of resolve.tree, through the court itself."""

from __future__ import annotations

from capture_town import BURNT, SEMI_PUBLIC
from false_words import BOND, CLAIM, COUNTED, NEITHER, OTHER, STAKE, STRUCK, accuse, counted, judged
from reverts import reverts_with
from system import DOLLAR, as_sender
from witnesses import lodge, paid, word_of

from thenar.domain.bounty.witnessing import ALONE
from thenar.domain.work.disputes import Ruling


def test_nobody_but_the_court_rules(town, word, carol, disputes):
    accuse(town, word, 0, carol)

    with reverts_with("WordDisputes_NotCourt", carol):
        disputes.resolve(1, Ruling.OTHER, True, {"from": carol})


def test_a_dispute_is_resolved_once(town, word, carol, disputes):
    case, _ = judged(town, word, carol, [OTHER] * 7)

    for number in (case.id, case.id + 1):
        with reverts_with("WordDisputes_Unknown", number):
            disputes.resolve(number, Ruling.OTHER, True, as_sender(town.system.segment_court))


def test_a_false_word_is_struck(town, book, word, wanda, bob, carol):
    assert book.trustOf(word.capture) == 7_000

    _, tx = judged(town, word, carol, [OTHER] * 7)

    told = dict(tx.events["WordStruck"])
    assert told == {"capture": word.capture, "witness": wanda, "weight": 3_000, "trust": ALONE}
    assert book.trustOf(word.capture) == ALONE
    assert book.weightOf(word.capture, wanda) == 0
    assert book.wordOf(word.capture, wanda)["stage"] == STRUCK
    assert book.wordsBetween(wanda, bob) == 1


def test_a_liar_loses_what_the_word_answers_with(town, word, wanda, carol, disputes):
    held = town.ledger.balanceOf(carol)

    _, tx = judged(town, word, carol, [OTHER] * 7)

    told = tx.events["WordJudged"]
    assert (told["dispute"], told["capture"], told["witness"], told["until"]) == (1, word.capture, wanda, 0)
    shares = STAKE // 2, STAKE // 4, STAKE // 4
    assert (told["ruling"], told["toWinner"], told["toJurors"], told["burnt"]) == (Ruling.OTHER, *shares)
    assert town.ledger.balanceOf(carol) == held + STAKE // 2
    assert town.ledger.balanceOf(BURNT) == STAKE // 4 + STAKE // 4 % 7
    node = town.system.node_registry.nodeOf(wanda)
    assert (node["stake"], node["bound"]) == (200 * DOLLAR - STAKE, 0)
    assert town.ledger.lockedBy(disputes) == 0


def test_jurors_are_paid_by_who_loses(town, word, carol):
    case, _ = judged(town, word, carol, [OTHER] * 7)
    juror = case.panel[0]
    earned = town.ledger.balanceOf(juror)

    case.court.collectFee(case.id, 0, juror, {"from": carol})

    assert town.ledger.balanceOf(juror) == earned + STAKE // 4 // 7


def test_without_a_jury_nobody_is_paid_for_one(town, word, carol, disputes):
    case = accuse(town, word, 0, carol)

    tx = disputes.resolve(case.id, Ruling.OTHER, False, as_sender(town.system.segment_court))

    told = tx.events["WordJudged"]
    assert (told["toWinner"], told["toJurors"], told["burnt"]) == (STAKE // 2, 0, STAKE - STAKE // 2)


def test_who_was_struck_does_not_speak_again(town, bounty, word, wanda, carol):
    judged(town, word, carol, [OTHER] * 7)
    capture = next(number for number, (shown, _) in town.shown.items() if shown.asset == word.capture)
    town.now = 0
    again = paid(town, bounty, wanda, "wanda's third scan")
    another = word_of(town, capture, again, wanda)

    with reverts_with("WitnessBook_Witnessed", bytes.fromhex(word.capture[2:]), wanda):
        lodge(town, another, "wanda", (capture, again), wanda)


def test_a_false_accusation_pays_the_witness(town, book, word, wanda, carol, disputes):
    held = [town.ledger.balanceOf(one) for one in (carol, wanda)]

    _, tx = judged(town, word, carol, [CLAIM] * 7)

    told = tx.events["WordJudged"]
    assert (told["toWinner"], told["toJurors"], told["burnt"]) == (BOND // 2, BOND // 4, BOND // 4)
    assert [town.ledger.balanceOf(one) for one in (carol, wanda)] == [held[0] - BOND, held[1] + BOND // 2]
    assert book.trustOf(word.capture) == 7_000
    assert town.system.node_registry.nodeOf(wanda)["bound"] == STAKE
    assert town.ledger.lockedBy(disputes) == 0


def test_a_dispute_takes_nothing_from_the_window(town, book, word, wanda, carol):
    until = book.wordOf(word.capture, wanda)["until"]
    case = accuse(town, word, 0, carol)
    left = until - town.now
    case.judge(carol, [CLAIM] * 7)

    tx = case.close(carol)

    kept = book.wordOf(word.capture, wanda)
    assert tx.events["WordJudged"]["until"] == kept["until"] == tx.timestamp + left
    assert (kept["stage"], kept["weight"]) == (COUNTED, 3_000)


def test_a_void_costs_the_accuser_a_tenth(empty_town, alice, bob, carol):
    town = empty_town
    bounty = town.post(alice, place_class=SEMI_PUBLIC)
    word, witness = counted(town, bounty, bob, "vera")
    held = [town.ledger.balanceOf(one) for one in (carol, witness)]
    case = accuse(town, word, 0, carol)
    case.draw(carol)

    tx = case.close(carol)

    told = tx.events["WordJudged"]
    assert (told["ruling"], told["toWinner"], told["toJurors"], told["burnt"]) == (Ruling.VOID, 0, 0, BOND // 10)
    assert [town.ledger.balanceOf(one) for one in (carol, witness)] == [held[0] - BOND // 10, held[1]]
    assert town.system.witness_book.trustOf(word.capture) == 7_000
    assert town.ledger.lockedBy(town.system.word_disputes) == 0


def test_after_a_void_it_can_be_accused_again(town, word, wanda, carol, dave, book):
    """Nobody votes for what the first accuser charged: the second one, who is right, is heard."""
    case = accuse(town, word, 4_000, carol)
    for seats in (7, 15, 31):
        case.judge(carol, [NEITHER] * seats)
    case.close(carol)
    town.now = 0

    judged(town, word, dave, [OTHER] * 7)

    assert book.weightOf(word.capture, wanda) == 0


def test_an_appeal_is_heard_by_a_larger_panel(town, word, wanda, carol, book):
    """The first seven find for the witness, fifteen find against her."""
    case = accuse(town, word, 0, carol)
    case.judge(carol, [CLAIM] * 7)
    town.system.segment_court.appeal(case.id, {"from": carol})
    case.judge(carol, [OTHER] * 15)
    assert len(case.panel) > 7

    case.close(carol)

    assert book.weightOf(word.capture, wanda) == 0
