"""The reflex arc: models served, channels opened, topped up, drawn from, left and settled; liars shown and accused.

Three nodes each serve a model of their own, for everybody in town. One robot's key signs for all.
"""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass, field

from eth_keys.datatypes import PrivateKey
from moves_of_assets import MODEL, commitment
from world import PARAMETERS, UNLIMITED, World

from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256
from thenar.domain.reflex.accusations import Accused
from thenar.domain.reflex.answers import Answered, Answers, SignedAnswer, Window
from thenar.domain.reflex.vouchers import Desk, Line, Voucher

DESK, COURT = "ReflexDesk", "CallDisputes"
NOBODY = Address("0x" + "00" * 20)
BURNT = Address("0x000000000000000000000000000000000000dead")
FOR_GOOD = 2**40 - 1
WHOLE, STAKE, MOST_CHANNELS = 1_000_000, 10**9, 12
ROBOT = PrivateKey(keccak256(b"a robot of a walk"))
FELT, SAID, RIGHT, CLOSE = bytes(8), bytes(12), struct.pack("<f", 1.0), struct.pack("<f", 0.001)


@dataclass
class Answerer:
    """A node and its service as the model knows them; without stake and without an end it serves nothing."""

    key: PrivateKey
    model: bytes
    price: int = 0
    share: int = 0
    stake: int = 0
    leaves_at: int = 0

    @property
    def account(self) -> Address:
        """Who it is on chain."""
        return Address(self.key.public_key.to_checksum_address().lower())

    @property
    def serves(self) -> bool:
        """Whether it takes channels."""
        return self.stake > 0 and not self.leaves_at


@dataclass
class Open:
    """A channel that is not settled."""

    number: int
    node: Answerer
    client: Address
    deposit: int
    share: int
    until: int
    redeemed: int = 0


@dataclass
class Arc:
    """Everything about the reflex arc. Accusations by the place of the number; ``accuser`` and when he may condemn."""

    nodes: list[Answerer]
    opened: int = 0
    lines: dict[int, Open] = field(default_factory=dict)
    accused: dict[tuple[Address, int], tuple[Address, int]] = field(default_factory=dict)


def arc(world: World) -> Arc:
    """The books; three nodes register and mint their models when they are first asked for."""
    if "arc" not in world.shelf:
        world.shelf["arc"] = Arc([_settle_in(world, number) for number in range(3)])
    found: Arc = world.shelf["arc"]
    return found


def _settle_in(world: World, number: int) -> Answerer:
    made = Answerer(PrivateKey(keccak256(b"node %d of a walk" % number)), bytes(32))
    for call in (("mint", made.account, STAKE), ("approve", world.machine.contracts["Ledger"], UNLIMITED)):
        world.machine.call(made.account, "token", *call)
    world.ask(made.account, "NodeRegistry", "register", bytes([number + 1]) * 32, 2, STAKE)
    world.ledger.collect("NodeRegistry", STAKE)
    minted = (commitment(world, made.account, MODEL)[0], 0, 0, NOBODY, b"")
    (made.model,) = world.ask(made.account, "AssetRegistry", "mint", *minted).values
    return made


def _node(world: World) -> Answerer:
    return world.dice.choice(arc(world).nodes)


def _line(world: World) -> Open | None:
    lines = list(arc(world).lines.values())
    return world.dice.choice(lines) if lines else None


def _desk(world: World) -> Desk:
    return Desk(1, Address(world.machine.contracts[DESK].lower()))


def _asset(node: Answerer) -> AssetId:
    return AssetId("0x" + node.model.hex())


def _sign(key: PrivateKey, digest: bytes) -> bytes:
    made = key.sign_msg_hash(digest)
    return made.r.to_bytes(32, "big") + made.s.to_bytes(32, "big") + bytes([27 + made.v])


def serve(world: World) -> None:
    """A node serves its model, twice, for nothing, or a stranger serves it."""
    node, share = _node(world), world.dice.choice((0, 1, 300_000, WHOLE, WHOLE + 1))
    stake, price = world.dice.choice((0, 999, 5_000, 5_000)), world.dice.choice((0, 7, 1_000))
    sender = node.account if world.dice.random() < 0.9 else world.person()
    refusal = None
    if sender != node.account:
        refusal = "ReflexDesk_NotAllowed"
    elif stake == 0:
        refusal = "ReflexDesk_NoStake"
    elif share > WHOLE:
        refusal = "ReflexDesk_ShareAboveWhole"
    elif node.stake or node.leaves_at:
        refusal = "ReflexDesk_Runs"
    world.ask(sender, DESK, "serve", node.model, price, share, stake, 900, refusal=refusal)
    if refusal is None:
        node.price, node.share, node.stake = price, share, stake


def retire(world: World) -> None:
    """A node takes no more channels."""
    node = _node(world)
    refusal = None if node.serves else "ReflexDesk_NotServing"
    world.ask(node.account, DESK, "retire", node.model, refusal=refusal)
    if refusal is None:
        node.leaves_at = world.now + PARAMETERS.longest_channel + PARAMETERS.evidence_window


def end(world: World) -> None:
    """Anybody frees stake whose time has come, or tries to."""
    node = _node(world)
    refusal = None
    if not node.stake or not node.leaves_at:
        refusal = "ReflexDesk_NotRetired"
    elif world.now < node.leaves_at:
        refusal = "ReflexDesk_StillBound"
    world.ask(world.person(), DESK, "endService", node.account, node.model, refusal=refusal)
    if refusal is None:
        node.stake = node.leaves_at = 0


def open_channel(world: World) -> None:
    """Somebody opens a channel, with too little, for too long, or to nobody."""
    running = [one for one in arc(world).nodes if one.serves]
    node = world.dice.choice(running) if running and world.dice.random() < 0.9 else _node(world)
    client = world.person()
    if len(arc(world).lines) >= MOST_CHANNELS:
        return
    deposit, most = world.dice.choice((0, 1, 999, 10_000, 10_000)), node.price - (world.dice.random() < 0.1)
    until = world.now + world.dice.choice((0, 20, 600, 3_600, 3_601))
    refusal = None
    if not node.serves:
        refusal = "ReflexDesk_NotServing"
    elif node.price > max(most, 0):
        refusal = "ReflexDesk_PriceAbove"
    elif deposit < PARAMETERS.least_deposit:
        refusal = "ReflexDesk_DepositBelow"
    elif not world.now < until <= world.now + PARAMETERS.longest_channel:
        refusal = "ReflexDesk_BadEnd"
    signer = ROBOT.public_key.to_checksum_address()
    arguments = (node.account, node.model, signer, deposit, max(most, 0), until)
    world.ask(client, DESK, "open", *arguments, refusal=refusal)
    if refusal is None:
        books = arc(world)
        books.opened += 1
        books.lines[books.opened] = Open(books.opened, node, client, deposit, node.share, until)
        world.collected(DESK, client, deposit)


def top_up(world: World) -> None:
    """Somebody adds to anybody's channel, in time or too late."""
    line, payer, amount = _line(world), world.person(), world.dice.choice((0, 1, 5_000))
    if line is None:
        return
    refusal = "ReflexDesk_Over" if line.until <= world.now else None if amount else "ReflexDesk_NoDeposit"
    world.ask(payer, DESK, "topUp", line.number, amount, refusal=refusal)
    if refusal is None:
        line.deposit += amount
        world.collected(DESK, payer, amount)


def redeem(world: World) -> None:
    """Anybody draws a voucher: a good one, an old one, one of another amount, one above the deposit."""
    line = _line(world)
    if line is None:
        return
    amount = world.dice.choice((line.redeemed, line.redeemed + 1, line.deposit, line.deposit + 1))
    signed = amount - (world.dice.random() < 0.1)
    account = Line(line.number, line.node.account, _asset(line.node), line.client)
    signature = _sign(ROBOT, Voucher(account, max(signed, 0), 7).signed(_desk(world)))
    refusal = None
    if amount > line.deposit:
        refusal = "ReflexDesk_AboveDeposit"
    elif amount <= line.redeemed:
        refusal = "ReflexDesk_NothingDue"
    elif signed != amount:
        refusal = "ReflexDesk_BadSignature"
    world.ask(world.person(), DESK, "redeem", line.number, amount, 7, signature, refusal=refusal)
    if refusal is None:
        model = amount * line.share // WHOLE - line.redeemed * line.share // WHOLE
        world.released(DESK, line.node.account, amount - line.redeemed - model)
        world.ledger.move(DESK, "RevenueGraph", model)
        world.graph.pay(line.node.model, model)
        line.redeemed = amount


def close(world: World) -> None:
    """A client leaves, or somebody else tries to make him."""
    line = _line(world)
    if line is None:
        return
    sender = line.client if world.dice.random() < 0.8 else world.person()
    until, refusal = world.now + PARAMETERS.exit_window, None
    if sender != line.client:
        refusal = "ReflexDesk_NotClient"
    elif until >= line.until:
        refusal = "ReflexDesk_NotEarlier"
    world.ask(sender, DESK, "close", line.number, refusal=refusal)
    if refusal is None:
        line.until = until


def settle(world: World) -> None:
    """A channel ends: by its node, by anybody after its time, or too early."""
    line = _line(world)
    if line is None:
        world.ask(world.person(), DESK, "settle", 10**6, refusal="ReflexDesk_Unknown")
        return
    sender = line.node.account if world.dice.random() < 0.1 else world.person()
    refusal = None if sender == line.node.account or world.now >= line.until else "ReflexDesk_StillOpen"
    world.ask(sender, DESK, "settle", line.number, refusal=refusal)
    if refusal is None:
        world.released(DESK, line.client, line.deposit - line.redeemed)
        del arc(world).lines[line.number]


def _shown(world: World, node: Answerer, answer: bytes, channel: int) -> SignedAnswer:
    window = Window(1, [Answered.of(b"before", b"it"), Answered.of(FELT, answer)])
    said = Answers(node.account, _asset(node), channel, 1, 2, b"\x0a" * 32, window.root)
    return window.shown(1, said, _sign(node.key, said.signed(_desk(world))))


def _call(shown: SignedAnswer) -> tuple[object, ...]:
    said = shown.answers
    fields = (said.node, bytes.fromhex(said.model[2:]), said.channel, said.window, said.count, said.runtime, said.root)
    return (fields, shown.signature, shown.index, shown.observation, shown.answer, list(shown.path))


def contradict(world: World) -> None:
    """Seldom a node gave one observation two answers; more often it repeated itself."""
    node, differs = _node(world), world.dice.random() < 0.05
    shown = [_call(_shown(world, node, answer, 0)) for answer in (b"left", b"right" if differs else b"left")]
    refusal = "ReflexDesk_NoContradiction" if not differs else None if node.stake else "ReflexDesk_NotServing"
    prover = world.person()
    world.ask(prover, DESK, "proveContradiction", *shown, refusal=refusal)
    if refusal is None:
        stake = _seized(world, node, DESK)
        world.released(DESK, prover, stake // 2)
        world.released(DESK, BURNT, stake - stake // 2)


def _seized(world: World, node: Answerer, to: str) -> int:
    stake, node.stake, node.leaves_at = node.stake, 0, FOR_GOOD
    world.ledger.move("NodeRegistry", to, stake)
    return stake


def accuse(world: World) -> None:
    """A client, or somebody else, holds a number of an answer against a node."""
    line = _line(world)
    if line is None:
        return
    node, place = line.node, world.dice.choice((0, 1, 2, 3))
    sender = line.client if world.dice.random() < 0.8 else world.person()
    charged, books = RIGHT if world.dice.random() < 0.9 else CLOSE, arc(world)
    refusal = None
    if place == 3:
        refusal = "CallDisputes_NoPlace"
    elif charged == CLOSE:
        refusal = "CallDisputes_TooClose"
    elif (node.account, place) in books.accused:
        refusal = "CallDisputes_AlreadyAccused"
    elif not node.stake:
        refusal = "ReflexDesk_NotServing"
    elif sender != line.client:
        refusal = "CallDisputes_NotClient"
    elif world.account(sender) < PARAMETERS.call_bond:
        refusal = "Ledger_NotEnough"
    shown = _call(_shown(world, node, SAID, line.number))
    world.ask(sender, COURT, "accuse", shown, FELT, SAID, place, charged, refusal=refusal)
    if refusal is None:
        world.ledger.lock(COURT, sender, PARAMETERS.call_bond)
        books.accused[node.account, place] = (sender, world.now + PARAMETERS.defence_window)
        if node.leaves_at:
            node.leaves_at = max(node.leaves_at, world.now + PARAMETERS.evidence_window)


def _charge(world: World, node: Answerer, place: int) -> tuple[object, ...]:
    hashes = Answered.of(FELT, SAID)
    made = Accused(node.account, _asset(node), hashes.observation, hashes.answer, place, SAID[:4], RIGHT)
    return (astuple(made)[0], node.model, *astuple(made)[2:])


def defend(world: World) -> None:
    """A node calls a jury; in this town nobody judges, and its accuser's bond waits."""
    node, place = _node(world), world.dice.randrange(3)
    found = arc(world).accused.get((node.account, place))
    refusal = None
    if found is None or found[1] == 0:
        refusal = "CallDisputes_NotAccused"
    elif world.now >= found[1]:
        refusal = "CallDisputes_TooLate"
    world.ask(node.account, COURT, "defend", _charge(world, node, place), refusal=refusal)
    if refusal is None and found is not None:
        arc(world).accused[node.account, place] = (found[0], 0)


def condemn(world: World) -> None:
    """Anybody has a node condemned that called no jury."""
    node, place = _node(world), world.dice.randrange(3)
    found = arc(world).accused.get((node.account, place))
    refusal = None
    if found is None or found[1] == 0:
        refusal = "CallDisputes_NotAccused"
    elif world.now < found[1]:
        refusal = "CallDisputes_TooEarly"
    world.ask(world.person(), COURT, "condemn", _charge(world, node, place), refusal=refusal)
    if refusal is None and found is not None:
        del arc(world).accused[node.account, place]
        stake = _seized(world, node, COURT) if node.stake else 0
        world.released(COURT, found[0], PARAMETERS.call_bond + stake // 2)
        world.released(COURT, BURNT, stake - stake // 2)
