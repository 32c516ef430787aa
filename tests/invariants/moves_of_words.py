"""Places asked for, captured and captured again; witnesses who say so, and whoever holds a word against them.

Three people with keys of their own capture one hall and speak for each other's captures. What a jury finds is
decided by the dice.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import Any

from eth_keys.datatypes import PrivateKey
from jury import judge, opening, seat
from jury import paid as juror_paid
from machine import CHAIN_ID
from moves_of_assets import CAPTURE, commitment
from world import PARAMETERS, PEOPLE, UNLIMITED, World

from thenar.domain.bounty.answers import NOBODY, AnswerStage, Sealed, Shown
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.coverage import BP, Coverage, worth
from thenar.domain.bounty.witnessing import Attestation, Trust, WordStage, overlap_leaf, weighs, weight_of
from thenar.domain.ids import Address, AskId, AssetId, TermsId
from thenar.domain.keccak import keccak256
from thenar.domain.work.disputes import Ruling

BOUNTIES, BOOK, COURT, NODES = "CaptureBounties", "WitnessBook", "WordDisputes", "NodeRegistry"
BURNT = Address("0x000000000000000000000000000000000000dead")
WITNESS, MOST, PURSE = 4, 6, 10**6
LEAST, ANSWERS_WITH = PARAMETERS.minimum_stake, PARAMETERS.word_stake
RULES, SALT = b"\xca" * 32, b"\x5a" * 32
AREA, CELL = 0x8A2A1072B59FFFF, 0x8C2A1072B59D1FF
LAID = b'{"height_bp":10000,"shift_mm":[0,0,0],"xx":1048576,"xy":0,"yx":0,"yy":1048576}'


@dataclass
class Seer:
    """Somebody who captures and bears witness; ``stake`` includes what is bound."""

    key: PrivateKey
    stake: int = 2 * LEAST
    bound: int = 0
    nonce: int = 0

    @property
    def account(self) -> Address:
        """Who it is on chain."""
        return Address(self.key.public_key.to_checksum_address().lower())


@dataclass
class Answered:
    """An answer to the bounty as the model knows it."""

    number: int
    who: Seer
    shown: Shown
    bond: int
    committed: int
    until: int
    stage: AnswerStage = AnswerStage.COMMITTED


@dataclass
class Spoken:
    """A word that was counted."""

    word: Attestation
    witness: Seer
    weight: int
    until: int
    stage: WordStage = WordStage.COUNTED
    accuser: Address = NOBODY
    dispute: int = 0
    charged: int = 0
    opening: tuple[Any, ...] = ()


@dataclass
class Hall:
    """One bounty, its answers in order, what it covers, and what was said of them."""

    ask: Ask
    opened: int
    left: int
    sponsor: Address
    seers: list[Seer]
    coverage: Coverage
    answers: list[Answered] = field(default_factory=list)
    words: dict[tuple[AssetId, Address], Spoken] = field(default_factory=dict)
    trust: Trust = field(default_factory=Trust)


def hall(world: World) -> Hall:
    """The bounty everybody here answers; posted, and its people made ready, by the first who looks."""
    if "hall" not in world.shelf:
        world.shelf["hall"] = _opened(world)
    found: Hall = world.shelf["hall"]
    return found


def _opened(world: World) -> Hall:
    seat(world, RULES)
    seers = [Seer(PrivateKey(keccak256(b"a witness of a walk %d" % number))) for number in range(3)]
    for number, seer in enumerate(seers):
        who, send = seer.account, world.machine.call
        send(who, "token", "mint", who, seer.stake + PURSE)
        send(who, "token", "approve", world.machine.contracts["Ledger"], UNLIMITED)
        world.wallets[who] = seer.stake + PURSE
        world.ask(who, "Ledger", "deposit", who, PURSE)
        world.wallets[who] -= PURSE
        world.ledger.deposit(who, PURSE)
        world.ask(who, NODES, "register", (number + 1).to_bytes(32, "big"), WITNESS, seer.stake)
        world.collected(NODES, who, seer.stake)
    numbers = (1, 2, 12, False, -1, 2, 1, AREA, 20_000, world.now + 40 * 86_400, 86_400, 4_000, 9_000, 60_000)
    asked, sponsor = Ask(*numbers, TermsId(0), bytes(32), RULES), world.dice.choice(PEOPLE)
    opened = world.now
    world.ask(sponsor, BOUNTIES, "post", astuple(asked))
    world.collected(BOUNTIES, sponsor, asked.budget)
    spot = asked.spot(CELL, 0)
    return Hall(asked, opened, asked.budget, sponsor, seers, Coverage.of(spot))


def _raw(shown: Shown) -> tuple[Any, ...]:
    return (bytes.fromhex(shown.asset[2:]), *astuple(shown)[1:])


def capture(world: World) -> None:
    """An answer takes its next step: committed to, shown, paid or given up; now and then too early or once more."""
    town = hall(world)
    running = [one for one in town.answers if not one.stage.is_over]
    if not running and len(town.answers) < MOST:
        _commit(world, town)
        return
    if not town.answers:
        return
    answer = world.dice.choice(running if running and world.dice.random() < 0.95 else town.answers)
    if answer.stage is AnswerStage.COMMITTED and world.now < answer.until and world.dice.random() < 0.9:
        _reveal(world, answer)
    elif answer.stage is AnswerStage.COMMITTED:
        _lapse(world, answer)
    else:
        _settle(world, town, answer)


def _commit(world: World, town: Hall) -> None:
    last = town.answers[-1].who if town.answers else None
    seer = world.dice.choice([one for one in town.seers if one is not last or world.dice.random() < 0.2] or town.seers)
    made, _, _ = commitment(world, seer.account, CAPTURE)
    (asset,) = world.ask(seer.account, "AssetRegistry", "mint", made, 0, 0, "0x" + "00" * 20, b"").values
    score = world.dice.choice((2_000, 6_000, BP)), world.dice.choice((500, 4_000, BP))
    shown = Shown(AssetId("0x" + asset.hex()), CELL, world.dice.choice((0, 0, 0, 1)), *score, NOBODY, bytes(32))
    sealed = Sealed(CHAIN_ID, Address(world.machine.contracts[BOUNTIES]), AskId(1), seer.account)
    refusal = None if town.left else "CaptureBounties_Full"
    world.ask(seer.account, BOUNTIES, "commit", 1, sealed.commitment(shown, SALT), refusal=refusal)
    if refusal is None:
        bond = town.ask.bond_at(PARAMETERS.capture_answer_bond, town.opened, world.now)
        world.locked(BOUNTIES, seer.account, bond)
        until = world.now + PARAMETERS.capture_reveal_window
        town.answers.append(Answered(1 << 32 | len(town.answers), seer, shown, bond, world.now, until))


def _reveal(world: World, answer: Answered) -> None:
    world.ask(world.person(), BOUNTIES, "reveal", answer.number, _raw(answer.shown), SALT, (b"", ()))
    answer.stage, answer.until = AnswerStage.REVEALED, world.now + PARAMETERS.capture_challenge_window


def _lapse(world: World, answer: Answered) -> None:
    by = world.person()
    refusal = "CaptureBounties_TooEarly" if world.now < answer.until else None
    world.ask(by, BOUNTIES, "lapse", answer.number, refusal=refusal)
    if refusal is None:
        answer.stage = AnswerStage.LAPSED
        world.released(BOUNTIES, by, answer.bond // 2)
        world.released(BOUNTIES, BURNT, answer.bond - answer.bond // 2)


def _settle(world: World, town: Hall, answer: Answered) -> None:
    refusal = None
    if answer.stage is not AnswerStage.REVEALED:
        refusal = "CaptureBounties_WrongStage"
    elif world.now < answer.until:
        refusal = "CaptureBounties_TooEarly"
    world.ask(world.person(), BOUNTIES, "settle", answer.number, _raw(answer.shown), refusal=refusal)
    if refusal is not None:
        return
    answer.stage = AnswerStage.SETTLED
    coverage = (
        town.coverage
        if answer.shown.level == 0
        else world.shelf.setdefault("upstairs", Coverage.of(town.ask.spot(CELL, 1)))
    )
    before, covered = coverage.fill(answer.shown.gain, (answer.who.account,), world.now)
    price = town.ask.price_at(town.opened, answer.committed)
    paid = min(town.left, worth(price, town.ask.target, before, covered))
    town.left -= paid
    world.released(BOUNTIES, answer.who.account, answer.bond + paid)


def lodge(world: World) -> None:
    """A word is counted: of a later scan for an earlier one, the other way round, once more, or with another nonce."""
    town = hall(world)
    paid = [one for one in town.answers if one.stage is AnswerStage.SETTLED]
    if len(paid) < 2:
        return
    first, again = sorted(world.dice.sample(paid, 2), key=lambda one: one.number)
    if world.dice.random() < 0.05:
        first, again = again, first
    seer, nonce = again.who, again.who.nonce if world.dice.random() < 0.95 else again.who.nonce + 1
    overlap = world.dice.choice((1, 5_000, 6_500, BP))
    word = Attestation(first.shown.asset, again.shown.asset, seer.account, overlap, LAID, nonce)
    weight = town.trust.worth(word.capture, weight_of(seer.stake, LEAST, town.trust.between(*_pair(first, again))))
    refusal = _objection(town, first, again, word, weight)
    digest = word.signed(CHAIN_ID, Address(world.machine.contracts[BOOK]))
    signature = seer.key.sign_msg_hash(digest).to_bytes()
    signature = signature[:64] + bytes([27 + signature[64]])
    arguments = (_said(word), _raw(first.shown), _raw(again.shown), signature)
    answer = world.ask(world.person(), BOOK, "lodge", *arguments, refusal=refusal)
    if refusal is None:
        world.same("what a word counts", answer.values, (weight,))
        town.trust.count(word.capture, seer.account, first.who.account, weight)
        seer.bound += ANSWERS_WITH
        until = world.now + PARAMETERS.word_window
        town.words[word.capture, seer.account] = Spoken(word, seer, weight, until)


def _pair(first: Answered, again: Answered) -> tuple[Address, Address]:
    return again.who.account, first.who.account


def _said(word: Attestation) -> tuple[Any, ...]:
    return (bytes.fromhex(word.capture[2:]), bytes.fromhex(word.scan[2:]), *astuple(word)[2:])


def _objection(town: Hall, first: Answered, again: Answered, word: Attestation, weight: int) -> str | None:
    seer, trust = again.who, town.trust.of(word.capture)
    full = weight_of(seer.stake, LEAST, town.trust.between(*_pair(first, again)))
    found = [
        (word.nonce != seer.nonce, "WitnessBook_WrongNonce"),
        ((word.capture, seer.account) in town.words, "WitnessBook_Witnessed"),
        (again.committed <= first.committed, "WitnessBook_NotLater"),
        (seer is first.who, "WitnessBook_Involved"),
        (not full, "WitnessBook_NoWitness"),
        (trust == BP, "WitnessBook_Trusted"),
        (seer.stake - seer.bound < ANSWERS_WITH, "NodeRegistry_Bound"),
    ]
    return next((name for is_so, name in found if is_so), None)


def withdraw_words(world: World) -> None:
    """A witness makes void what he signed and nobody lodged."""
    seer = world.dice.choice(hall(world).seers)
    world.ask(seer.account, BOOK, "withdrawWords")
    seer.nonce += 1


def less_stake(world: World) -> None:
    """A witness takes stake out, as far as it answers for nothing."""
    seer, amount = world.dice.choice(hall(world).seers), world.dice.choice((LEAST // 2, LEAST))
    stays, refusal = seer.stake - amount, None
    if stays < 0:
        refusal = "NodeRegistry_NotEnough"
    elif stays < seer.bound:
        refusal = "NodeRegistry_Bound"
    elif 0 < stays < LEAST:
        refusal = "NodeRegistry_StakeTooSmall"
    world.ask(seer.account, NODES, "unbond", amount, refusal=refusal)
    if refusal is None:
        seer.stake = stays


def _word(world: World) -> Spoken | None:
    said = list(hall(world).words.values())
    return world.dice.choice(said) if said else None


def accuse(world: World) -> None:
    """Somebody holds a word against its witness: in time or late, by enough or not, as it was said or changed."""
    spoken = _word(world)
    if spoken is None:
        return
    word, by = spoken.word, world.person()
    charged = world.dice.choice((0, 0, 0, word.overlap * 4 // 5, word.overlap))
    other = world.dice.random() < 0.05
    said = _said(word) if not other else (*_said(word)[:3], word.overlap % BP + 1, *_said(word)[4:])
    refusal = None
    if not weighs(said[3], charged):
        refusal = "WordDisputes_TooClose"
    elif spoken.stage is not WordStage.COUNTED:
        refusal = "WitnessBook_WrongStage"
    elif other:
        refusal = "WitnessBook_OtherWord"
    elif world.now >= spoken.until:
        refusal = "WitnessBook_TooLate"
    elif world.account(by) < PARAMETERS.accusation_bond:
        refusal = "Ledger_NotEnough"
    answer = world.ask(by, COURT, "accuse", said, charged, refusal=refusal)
    if refusal is None:
        (spoken.dispute,) = answer.values
        spoken.stage, spoken.accuser, spoken.until = WordStage.DISPUTED, by, spoken.until - world.now
        spoken.charged, spoken.opening = charged, opening(world)
        world.locked(COURT, by, PARAMETERS.accusation_bond)


def rule(world: World) -> None:
    """The court rules about an accused word as the dice say; nobody else does."""
    spoken = _word(world)
    if spoken is None:
        return
    ruling = Ruling(world.dice.choice((1, 1, 2, 2, 2, 3)))
    waiting = [one for one in hall(world).words.values() if one.stage is WordStage.DISPUTED]
    spoken = world.dice.choice(waiting) if waiting else spoken
    if spoken.stage is not WordStage.DISPUTED or world.dice.random() < 0.1:
        forged = (spoken.dispute, int(ruling), True)
        world.ask(world.person(), COURT, "resolve", *forged, refusal="WordDisputes_NotCourt")
        return
    leaves = overlap_leaf(spoken.word.overlap), overlap_leaf(spoken.charged)
    judge(world, spoken.dispute, spoken.opening, leaves, ruling)
    _ruled(world, spoken, ruling)


def _ruled(world: World, spoken: Spoken, ruling: Ruling) -> None:
    bond, town = PARAMETERS.accusation_bond, hall(world)
    pot = {Ruling.CLAIM: bond, Ruling.OTHER: ANSWERS_WITH, Ruling.VOID: bond // 10}[ruling]
    shares = (0, 0) if ruling is Ruling.VOID else (pot // 2, pot // 4)
    if ruling is Ruling.OTHER:
        spoken.stage = WordStage.STRUCK
        town.trust.strike(spoken.word.capture, spoken.witness.account)
        spoken.witness.stake -= ANSWERS_WITH
        spoken.witness.bound -= ANSWERS_WITH
        world.ledger.move(NODES, COURT, ANSWERS_WITH)
        world.released(COURT, spoken.accuser, bond + shares[0])
    else:
        spoken.stage, spoken.until = WordStage.COUNTED, world.now + spoken.until
        to = spoken.witness.account if ruling is Ruling.CLAIM else spoken.accuser
        world.released(COURT, to, shares[0] if ruling is Ruling.CLAIM else bond - pot)
    world.released(COURT, BURNT, pot - sum(shares))
    juror_paid(world, COURT, spoken.dispute, shares[1])


def free(world: World) -> None:
    """Anybody frees the stake behind a word that nobody accuses any more."""
    spoken = _word(world)
    if spoken is None:
        return
    refusal = None
    if spoken.stage is not WordStage.COUNTED:
        refusal = "WitnessBook_WrongStage"
    elif world.now < spoken.until:
        refusal = "WitnessBook_TooEarly"
    capture = bytes.fromhex(spoken.word.capture[2:])
    world.ask(world.person(), BOOK, "free", capture, spoken.witness.account, refusal=refusal)
    if refusal is None:
        spoken.stage = WordStage.FREED
        spoken.witness.bound -= ANSWERS_WITH


def trusted(world: World) -> None:
    """Trust, words and bound stake are what the model says."""
    town = hall(world)
    for seer in town.seers:
        node = world.machine.view(NODES, "nodeOf", seer.account)
        world.same(f"the stake of {seer.account}", (node[1], node[2]), (seer.stake, seer.bound))
    for answer in town.answers:
        asset = answer.shown.asset
        trust = world.machine.view(BOOK, "trustOf", bytes.fromhex(asset[2:]))
        world.same(f"trust in {asset}", trust, town.trust.of(asset))
