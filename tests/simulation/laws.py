"""What must hold in the simulated network, whatever goes wrong: looked at with every transaction, block and day.

Each invariant has a name, W1 and so on, which docs/simulation.md lists. A breach is a line that begins with the name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import laws_of_work
import trio
from life import Person
from machine import START
from paper_evm import CALM, Block, Sent
from resident import DEEP, Resident, Surroundings
from stretched import BLOCK

from thenar.adapters.chain.blueprint import MODULES
from thenar.domain import facts as f
from thenar.domain.assets import Purpose
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duty import LONG, DutyKind
from thenar.domain.ids import Address, AssetId, ClaimId, RunId
from thenar.domain.licenses import Stage

HOUR = 3_600
ENOUGH = 30
"""Hours of being well within a window of two days in which a node must have done its duty."""
LATE = 3 * 86_400
"""Seconds after its time at which a duty that is still open was forgotten."""
GRACE = 12
"""Blocks in which a key may still be given after consent was withdrawn: nobody knows at once."""
SETTLING = 8
"""Hours after which a node that is well believes what the chain says."""
BURNT = "0x000000000000000000000000000000000000dead"


@dataclass
class Laws:
    """Watches everything, and believes only the chain."""

    around: Surroundings
    people: Sequence[Person]
    supply: int
    checks: int = 0
    _first: dict[tuple[str, int], tuple[str, bytes]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _effects: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    _opened: dict[str, tuple[int, str]] = field(default_factory=dict)
    _facts: dict[str, tuple[f.Fact, ...]] = field(default_factory=dict)
    _said: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _well: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _missed: set[tuple[str, bytes]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._who = {one.me: one for one in self.residents}

    @property
    def residents(self) -> list[Resident]:
        """Everybody."""
        return [person.resident for person in self.people]

    def broken(self, what: str) -> None:
        """Write a breach down."""
        self.around.note("broken", what)
        self.around.broken.append(what)

    def hear(self, sent: Sent) -> None:
        """A transaction leaves a node: W3, W4 and W6."""
        self.checks += 1
        call = (str(sent.to), sent.data)
        if self._first.setdefault((sent.sender, sent.nonce), call) != call:
            self.broken(f"W4 {self._who[sent.sender].name} signed two calls under nonce {sent.nonce}")
        if sent.hash in self._seen:
            return
        self._seen.add(sent.hash)
        resident = self._who[sent.sender]
        held = resident.db.execute("SELECT 1 FROM signed WHERE tx_hash = ?", (sent.hash,)).fetchone()
        if held is None:
            self.broken(f"W3 {resident.name} sent a transaction that was not on its disk")
        key = self.around.signed_for.get(sent.hash, ("", ""))[1]
        if key.startswith("deliver:"):
            self._may_deliver(resident, key.removeprefix("deliver:"))

    def _may_deliver(self, resident: Resident, deal_id: str) -> None:
        chain = self.around.chain
        block, block_hash = self._opened.get(deal_id, (0, ""))
        stands = block <= chain.head.number and chain.blocks[block].hash == block_hash
        if not stands or chain.head.number - block < DEEP:
            self.broken(f"W6 {resident.name} delivered a key for a sale that did not stand {DEEP} blocks deep")

    def see(self, block: Block) -> None:
        """A block was mined: W2 and W8."""
        self.checks += 1
        for sent in block.sent:
            key = self.around.signed_for.get(sent.hash)
            if key is None or block.receipts[sent.hash]["status"] != "0x1" or not sent.data:
                continue
            mined = self._effects[key]
            if sent.hash not in mined:
                mined.append(sent.hash)
            if len(self._standing(key)) > 1:
                self.broken(f"W2 {key[0]}: {key[1]!r} had two effects")
        for fact in self.facts_of(block):
            if isinstance(fact, f.SaleOpened):
                self._opened[fact.deal_id.hex()] = (block.number, block.hash)
            if isinstance(fact, f.StorageConvicted):
                self.broken(f"W12 {self._who[fact.node].name} was convicted, and nobody here cheats")
        self._balance(block)

    def _balance(self, block: Block) -> None:
        chain = self.around.chain
        everybody = [*self._who, BURNT]
        owed = sum(chain.view("Ledger", "balanceOf", one) for one in everybody)
        owed += sum(chain.view("Ledger", "lockedBy", chain.contracts[name]) for name in MODULES)
        held = chain.view("token", "balanceOf", chain.contracts["Ledger"])
        wallets = sum(chain.view("token", "balanceOf", one) for one in everybody)
        if held != owed or held + wallets != self.supply:
            self.broken(f"W8 at block {block.number} the Ledger holds {held}, owes {owed}, wallets have {wallets}")

    def facts_of(self, block: Block) -> tuple[f.Fact, ...]:
        """What a block says, as nodes decode it."""
        if block.hash not in self._facts:
            wanted = self.around.decoder.addresses
            logs = (log for log in block.logs if log["address"] in wanted)
            self._facts[block.hash] = self.around.decoder.in_order(logs)
        return self._facts[block.hash]

    async def look(self) -> None:
        """Every hour who is well; every day whether followers agree and what was said and given: W5, W7 and W9."""
        hours = 0
        while True:
            await trio.sleep(HOUR)
            hours += 1
            for one in self.residents:
                self._well[one.name].append(self._well_of(one) + (self._well[one.name] or [0])[-1])
            if hours % 24 == 0:
                self.day()

    def _well_of(self, one: Resident) -> bool:
        fine = one.endpoint.trouble == 0 and one.endpoint.lag == 0 and not one.endpoint.down
        return one.node is not None and fine and not one.disk.full and self.around.chain.base_fee == CALM

    def day(self) -> None:
        """A day has passed."""
        self.checks += 1
        for one in self.residents:
            if self._steady(one):
                self._agrees(one)
        for account, subject, digest in self.around.said:
            if self._said.setdefault((account, subject), digest) != digest:
                self.broken(f"W5 {self._who[account].name} said two things about day {subject}")
        for asset, account in self.around.keys_given:
            if not self._licensed(asset, account):
                self.broken(f"W9 {self._who[account].name} was given the key of {asset} without a license")
        self.around.said.clear()
        self.around.keys_given.clear()

    def _steady(self, one: Resident) -> bool:
        """Whether a node was well for some hours: who is cut off cannot know what the chain did since."""
        well = self._well[one.name]
        return len(well) > SETTLING and well[-1] - well[-1 - SETTLING] == SETTLING

    def _licensed(self, asset: str, account: str) -> bool:
        chain = self.around.chain
        if chain.view("LicenseDesk", "isAllowed", bytes.fromhex(asset[2:]), account, int(Purpose.TRAIN), chain.now):
            return True
        late = (fact for block in chain.blocks[-2 * GRACE :] for fact in self.facts_of(block))
        return any(isinstance(fact, f.ConsentChanged) and fact.id == asset for fact in late)

    def _agrees(self, one: Resident) -> None:
        """A node's facts are the chain's, as deep as the chain does not change any more."""
        chain = self.around.chain
        cursor = one.db.execute("SELECT max(block) FROM blocks").fetchone()[0]
        deep = min(-1 if cursor is None else cursor, chain.head.number - 2 * DEEP)
        rows = one.db.execute(
            "SELECT block, log_index, block_hash FROM facts WHERE block <= ? ORDER BY block, log_index", (deep,)
        ).fetchall()
        told = [
            (fact.at.block, fact.at.log_index, fact.at.block_hash)
            for block in chain.blocks[: deep + 1]
            for fact in self.facts_of(block)
        ]
        if rows != told:
            self.broken(f"W7 {one.name} believes something else than the chain up to block {deep}")

    def close(self) -> None:
        """Everything was calm for days: nothing may be left over. W7 and W10 to W14."""
        self.day()
        chain, truth = self.around.chain, Catalog()
        for block in chain.blocks:
            for fact in self.facts_of(block):
                apply(truth, fact)
        laws_of_work.count(self.around.told, truth)
        self._intents()
        for person in self.people:
            self._duties(person.resident, truth)
            self._deposits(person)
        for breach in (*self._sales(truth), *self._rounds(truth), *laws_of_work.breaches(self, truth)):
            self.broken(breach)

    def _standing(self, key: tuple[str, str]) -> list[str]:
        """Transactions of an intent that the chain holds now and that had an effect."""
        held = self.around.chain.mined_in
        return [one for one in self._effects[key] if one in held and held[one].receipts[one]["status"] == "0x1"]

    def _intents(self) -> None:
        by_name = {one.name: one for one in self.residents}
        for (name, key), since in sorted(self.around.wanted.items()):
            row = by_name[name].db.execute("SELECT state FROM intents WHERE key = ?", (key,)).fetchone()
            done = self._standing((name, key))
            state = None if row is None else row[0]
            if state in ("wanted", "signed", "mined") and trio.current_time() - since < LATE:
                continue
            if state not in ("final", "failed") or (state == "final") != bool(done):
                self.broken(f"W10 {name} was told that {key!r} is kept; now it is {state} with {len(done)} effects")

    def _duties(self, one: Resident, truth: Catalog) -> None:
        now = self.around.chain.head.timestamp
        rows = one.db.execute("SELECT key, kind, not_before, block FROM duties WHERE state = 'pending'").fetchall()
        for key, kind, not_before, block in rows:
            if self._is_gone(kind, key.split(":")[1], truth):
                self.around.told["copies looked for that no disk holds whole"] += 1
                continue
            since = max(not_before, self.around.chain.blocks[block].timestamp)
            if kind == DutyKind.EXPIRE_PREVIEW:
                since = laws_of_work.due_at(self, block) or now
            if kind not in LONG and now - since > LATE:
                self.broken(f"W11 {one.name} still owes {key!r} after {(now - since) // 86_400} days")

    def _is_gone(self, kind: str, subject: str, truth: Catalog) -> bool:
        """Whether a duty wants what its owner's disk lost, so that maybe nobody has it."""
        if kind == DutyKind.PIN_ASSET:
            owner = truth.assets[AssetId(subject)].owner
        elif kind == DutyKind.OPEN_ASSET:
            owner = truth.sales[bytes.fromhex(subject)].deal.seller
        elif kind == DutyKind.KEEP_RESULT:
            owner = truth.work[ClaimId(int(subject))].worker
        elif kind == DutyKind.TAKE_OUTPUT:
            owner = truth.assets[truth.runs[RunId(int(subject))].run.asset].owner
        elif kind == DutyKind.CHECK_PREVIEW:
            owner = truth.previews[bytes.fromhex(subject)].preview.seller
        else:
            return False
        return self._who[owner].name in self.around.damaged

    def _deposits(self, person: Person) -> None:
        chain, me = self.around.chain, person.resident.me
        found = sorted(
            fact.amount
            for block in chain.blocks[2:]
            for fact in self.facts_of(block)
            if isinstance(fact, f.Deposited) and fact.account == me
        )
        wished = sorted(person.deposited)
        if found != wished and person.wish is None:
            self.broken(f"W13 {person.resident.name} deposited {len(found)} times and wished it {len(wished)} times")

    def name_of(self, account: str) -> str:
        """Whose account it is."""
        return self._who[Address(account)].name

    def hours_well(self, name: str, since: int, until: int) -> int:
        """How many hours of a time somebody was well."""
        well = self._well[name]
        first, last = ((when - START) // HOUR for when in (since, until))
        if not well or first >= len(well):
            return 0
        return well[min(last, len(well)) - 1] - (well[first - 1] if first > 0 else 0)

    def _sales(self, truth: Catalog) -> Iterator[str]:
        now = self.around.chain.head.timestamp
        for sale in truth.sales.values():
            deal = sale.deal
            if sale.stage is Stage.REFUNDED and sale.reason == 1:
                hours = self.hours_well(
                    self._who[deal.seller].name, deal.opened_at + int((DEEP + 2) * BLOCK), sale.deadline
                )
                if hours >= ENOUGH:
                    yield f"W14 {self._who[deal.seller].name} delivered no key, and was well for {hours} hours"
            if sale.stage in (Stage.OPEN, Stage.DELIVERED) and now - sale.deadline > LATE:
                seller, late = self._who[deal.seller].name, now - sale.deadline
                yield f"W14 a sale of {seller} is {sale.stage.name} {late} s too late"
            if sale.stage is Stage.REFUNDED and sale.reason in (2, 4):
                yield f"W14 {self._who[deal.buyer].name} complained, and nobody here cheats"

    def _rounds(self, truth: Catalog) -> Iterator[str]:
        """Who was asked answered, or it was reported; who was well answered."""
        now = self.around.chain.head.timestamp
        for node, record in truth.stores.items():
            for number, asked in truth.rounds.items():
                if not asked.seed or now < asked.answer_by + LATE or record.pledge_in(number) is None:
                    continue
                if number in record.answers:
                    continue
                name = self._who[node].name
                others = (one for other, one in truth.stores.items() if other != node)
                if number not in record.missed and any(one.pledge_in(number) for one in others):
                    yield f"W15 {name} missed round {number}, and nobody reported it"
                if not record.pledge_in(number).replicas:
                    self.around.told["rounds missed for a pledge that a reorganisation made void"] += 1
                    continue
                hours = self.hours_well(name, asked.answer_by - 36 * HOUR, asked.answer_by)
                if hours >= ENOUGH and not self.around.damaged.get(name):
                    yield f"W15 {name} missed round {number}, and was well for {hours} hours"
