"""Capture bounties of tests: who asks, answers and challenges, each verb one transaction, time to the second."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import h3
from assets import CAPTURE, mint, sign
from brownie import accounts, chain
from courts import Dispute, Trace
from devices import ZERO_ADDRESS
from eth_account import Account
from system import DOLLAR, fund
from town_clock import TownClock

from thenar.domain.bounty.answers import NO_ASSET, Charge, Sealed, Shown
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.coverage import Spot
from thenar.domain.ids import Address, AnswerId, AskId, AssetId, TermsId
from thenar.domain.work.trace import TraceTree

RULES = b"\xca" * 32
SALT = b"\x5a" * 32
SPATIAL, TACTILE, TRAJECTORY, IMU = 1, 2, 3, 4
STREET, INTERIOR, SEMI_PUBLIC, COMMON, WORKPLACE, HOME = 1, 2, 3, 4, 5, 6
DAY = 86_400
SOFT = {
    **{"modality": TACTILE, "place_class": 0, "grain": 0, "area": 0, "lowest": 0, "highest": 0},
    "subject": b"\x50" * 32,
}
"""Touch of something soft, which has no place."""
BURNT = "0x000000000000000000000000000000000000dEaD"
NONE, COMMITTED, REVEALED, DISPUTED, SETTLED, LAPSED, REFUTED, VOIDED = range(8)


def cell_at(resolution: int, latitude: float = 48.137, longitude: float = 11.575) -> int:
    """The cell of a place in Munich, or elsewhere."""
    return h3.str_to_int(h3.latlng_to_cell(latitude, longitude, resolution))


AREA = cell_at(7)
CELL = cell_at(9)
CHILDREN = tuple(sorted(h3.str_to_int(one) for one in h3.cell_to_children(h3.int_to_str(AREA), 9)))
"""Cells of resolution 9 in the area."""


def ask(deadline: int, **changes: Any) -> Ask:
    """Scans of halls and stairs in the area, for a target of two good ones a cell, at a price that stands still."""
    asked = Ask(
        modality=SPATIAL,
        place_class=COMMON,
        grain=9,
        needs_device=False,
        lowest=-2,
        highest=5,
        min_quality=6_000,
        area=AREA,
        target=20_000,
        deadline=deadline,
        slope=DAY,
        price=100 * DOLLAR,
        top_price=100 * DOLLAR,
        budget=1_000 * DOLLAR,
        terms=TermsId(0),
        subject=bytes(32),
        rules=RULES,
    )
    return replace(asked, **changes)


def spot_call(spot: Spot) -> tuple[Any, ...]:
    """A spot as a contract takes it."""
    return astuple(spot)


@dataclass
class Town(TownClock):
    """A system, and its capture bounties."""

    shown: dict[int, tuple[Shown, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = chain.time()

    @property
    def bounties(self) -> Any:
        """The CaptureBounties."""
        return self.system.capture_bounties

    @property
    def disputes(self) -> Any:
        """The AnswerDisputes."""
        return self.system.answer_disputes

    @property
    def map(self) -> Any:
        """The CoverageMap."""
        return self.system.coverage_map

    @property
    def ledger(self) -> Any:
        """The Ledger."""
        return self.system.ledger

    def enrich(self, *people: Any, account: int = 100_000 * DOLLAR) -> None:
        """Give people money in their wallets and in their accounts."""
        for person in people:
            fund(self.system.token, person, 10 * account, self.ledger)
            self.ledger.deposit(person, account, {"from": person})
        self.now = chain[-1].timestamp

    def post(self, sponsor: Any, days: int = 10, **changes: Any) -> int:
        """Ask; the deadline is ten days from now, or as many as are said."""
        opened = self.later(1)
        asked = ask(opened + days * DAY, **changes)
        tx = self.bounties.post(astuple(asked), {"from": sponsor})
        return int(tx.events["CapturesAsked"]["bounty"])

    def show(self, contributor: Any, label: str, **changes: Any) -> Shown:
        """Mint a capture, and say what an answer with it shows."""
        registry = self.system.asset_registry
        asset = mint(registry, contributor, label, changes.pop("kind", CAPTURE), changes.pop("terms", 0))
        sketch = hashlib.sha256(label.encode()).digest()
        made = Shown(AssetId("0x" + asset.hex()), CELL, 0, 10_000, 10_000, Address(ZERO_ADDRESS), sketch)
        return replace(made, **changes)

    def commitment(self, bounty: int, contributor: Any, shown: Shown, salt: bytes = SALT) -> bytes:
        """What the contributor commits to."""
        at = Address(str(self.bounties).lower())
        sealed = Sealed(chain.id, at, AskId(bounty), Address(str(contributor).lower()))
        return sealed.commitment(shown, salt)

    def commit(self, bounty: int, contributor: Any, shown: Shown, seconds: int = 1) -> int:
        """Commit to an answer."""
        self.later(seconds)
        commitment = self.commitment(bounty, contributor, shown)
        tx = self.bounties.commit(bounty, commitment, {"from": contributor})
        answer = int(tx.events["AnswerCommitted"]["answer"])
        self.shown[answer] = (shown, SALT)
        return answer

    def reveal(
        self, answer: int, by: Any, signature: bytes = b"", seconds: int = 1, beside: tuple[bytes, ...] = ()
    ) -> Any:
        """Show an answer."""
        self.later(seconds)
        shown, salt = self.shown[answer]
        return self.bounties.reveal(answer, call(shown), salt, (signature, beside), {"from": by})

    def light(self, by: Any) -> int:
        """Have a beacon lit at the next block that can be one; its number."""
        book = self.system.beacon_book
        chain.mine(int(book.every()))
        self.now = chain[-1].timestamp
        self.later(1)
        number = len(chain) - 1 - (len(chain) - 1) % int(book.every())
        book.light(number, {"from": by})
        return number

    def answer(self, bounty: int, contributor: Any, label: str, **changes: Any) -> int:
        """Mint, commit and show."""
        answer = self.commit(bounty, contributor, self.show(contributor, label, **changes))
        self.reveal(answer, contributor)
        return answer

    def settle(self, answer: int, by: Any) -> Any:
        """Settle an answer once its window is over; returns the transaction."""
        until = self.bounties.answerOf(answer)["until"]
        if until > max(self.now, chain[-1].timestamp):
            self.at(until)
        else:
            self.later(1)
        return self.bounties.settle(answer, call(self.shown[answer][0]), {"from": by})

    def paid(self, answer: int, by: Any) -> int:
        """Settle an answer; what it was paid."""
        return int(self.settle(answer, by).events["AnswerSettled"]["paid"])

    def challenge(self, answer: int, challenger: Any, charge: Charge) -> Case:
        """Bring an answer before the court."""
        self.later(1)
        shown = self.shown[answer][0]
        tx = self.disputes.challenge(answer, call(shown), astuple(charge), {"from": challenger})
        opened = tx.events["CaseOpened"]
        spec = bytes(opened["opening"]["spec"])
        traces = [Trace((b"", b""), TraceTree.build([one.leaf, spec])) for one in (shown, charge)]
        case = Case(self.system.segment_court, *traces, None, challenger, None, opening_=tuple(opened["opening"]))
        case.id, case.level = int(opened["dispute"]), 0
        return case

    def stage(self, answer: int) -> int:
        """Where an answer stands."""
        return int(self.bounties.answerOf(answer)["stage"])

    def seat(self, count: int, rules: bytes = RULES) -> list[Any]:
        """Seat so many jurors of the rules."""
        made = []
        for number in range(count):
            juror = accounts.at("0x" + hashlib.sha256(b"scorer %d" % number).hexdigest()[:40], force=True)
            fund(self.system.token, juror, 1_000 * DOLLAR, self.ledger)
            self.system.node_registry.register((number + 1).to_bytes(32, "big"), 18, 500 * DOLLAR, {"from": juror})
            self.system.worker_pool.enlist(rules, bytes(32), 1, {"from": juror})
            made.append(juror)
        self.now = chain[-1].timestamp
        return made


@dataclass
class Case(Dispute):
    """A dispute about an answer: nothing is left to narrow."""

    opening_: tuple[Any, ...] = ()

    @property
    def opening(self) -> tuple[Any, ...]:
        """What the case is about, as the contract takes it."""
        return self.opening_


def call(shown: Shown) -> tuple[Any, ...]:
    """What is shown as a contract takes it."""
    return astuple(shown)


def copied(prior: Shown | bytes, quality: int = 10_000) -> Charge:
    """The charge that an answer copies an older asset."""
    asset = prior.asset if isinstance(prior, Shown) else AssetId("0x" + prior.hex())
    return Charge(asset, quality, 0, b'{"height_bp":10000}')


def overrated(shown: Shown, quality: int) -> Charge:
    """The charge that an answer's quality is wrong."""
    return Charge(NO_ASSET, quality, shown.novelty, b"")


def vouch(bounties: Any, device: Any, bounty: int, asset: AssetId, contributor: Any) -> bytes:
    """A device's word for an answer."""
    fields = [
        {"name": "bounty", "type": "uint32"},
        {"name": "asset", "type": "bytes32"},
        {"name": "contributor", "type": "address"},
    ]
    domain_type = [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ]
    where = {"name": "Thenar CaptureBounties", "version": "1", "chainId": chain.id, "verifyingContract": str(bounties)}
    message = {"bounty": bounty, "asset": bytes.fromhex(asset[2:]), "contributor": str(contributor)}
    typed = {
        "types": {"EIP712Domain": domain_type, "CaptureAnswer": fields},
        "primaryType": "CaptureAnswer",
        "domain": where,
        "message": message,
    }
    return sign(device.key, typed)


def key_of(label: str) -> Any:
    """An account for a label, always the same."""
    return Account.from_key(hashlib.sha256(label.encode()).digest())


def place_of(answer: int) -> int:
    """The place of an answer in its bounty."""
    return AnswerId(answer) & 0xFFFFFFFF
