"""A town where people compute for each other: every duty a fact gives is performed, by the chain's clock alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from chain_facts import at
from fakes import RICH
from paper_bounties import DEMAND, PaperBounties
from paper_executor import PAPER, PROBE, PaperExecutor, paper_spec
from paper_rules import CHALLENGE, refuse
from town import Person, Town

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.catalog import BountyRecord, apply
from thenar.domain.duties import Duty, DutyKind, Me, react
from thenar.domain.ids import Address, PeerId, peer_id_of
from thenar.domain.work.audits import least_stake
from thenar.domain.work.bounties import NO_ASSET, Job
from thenar.domain.work.jobs import JobSpec
from thenar.errors import Refused, Unavailable
from thenar.services.ports import one_part
from thenar.services.work.bonds import Bonds
from thenar.services.work.bounties import post
from thenar.services.work.hiring import Hiring, WorkOffer, set_offer
from thenar.services.work.jobfiles import Files
from thenar.services.work.labour import stories
from thenar.services.work.workbench import Bench

NOW = 1_800_000_000
STAKE, PRICE, AUDIT = 1_000_000, 100, 110
DONE = Duty(DutyKind.CLOSE_BOUNTY, "done", 0)
"""Stands where a duty was."""


@dataclass
class Hand:
    """Somebody who computes: a person, a bench, and what is still to be done."""

    person: Person
    bench: Bench
    hiring: Hiring
    executor: PaperExecutor
    duties: dict[str, Duty] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    away: bool = False

    @property
    def me(self) -> Address:
        return self.person.me

    def reborn(self) -> None:
        """The process starts again: what was only in memory is gone."""
        trade, files = self.bench.trade, self.bench.files
        self.executor.cut_after = None
        self.bench = Bench(trade, files, self.executor, self.bench.folder, bonds=self.bench.bonds)
        self.hiring = Hiring(self.bench)


@dataclass
class WorkTown(Town):
    """A town with the contracts about computing on paper."""

    hands: list[Hand] = field(default_factory=list)
    paper: PaperBounties = field(init=False)

    def __post_init__(self) -> None:
        self.chain.timestamp = NOW
        self.paper = PaperBounties(self.chain)

    async def hand(self, name: str, *, seats: int = 0, works: bool = True, lies: dict[int, int] | None = None) -> Hand:
        """Somebody new, registered and with stake; enlisted with seats, and lending one core when they work."""
        person = await self.person(name)
        key = name.encode().ljust(32, b"\1")
        self.stores[peer_id_of(key)] = person.store
        person.peers.me = PeerId(peer_id_of(key))
        executor = PaperExecutor(lies=lies or {})
        bench = Bench(person.trade, Files(person.store, person.peers), executor, person.folder / "work")
        bench.bonds = Bonds(demand=DEMAND, challenge=CHALLENGE, appeal=2 * DEMAND, most=100 * DEMAND)
        made = Hand(person, bench, Hiring(bench), executor)
        self.hands.append(made)
        where = at(self.chain.block, len(self.history))
        self.tell([f.NodeRegistered(where, person.me, key, 31, STAKE)], self.chain.block)
        if seats or works:
            self.tell([f.Enlisted(where, person.me, PAPER, PROBE, seats, seats)], self.chain.block)
        if works:
            await set_offer(person.trade, WorkOffer(1, ("paper",), 0, 4))
        return made

    async def loses_its_store(self, hand: Hand) -> None:
        """Nobody gets anything more from somebody's node."""
        empty = await self.person(f"nobody-{len(self.people)}")
        self.stores[hand.person.peers.me] = empty.store

    def effects(self, who: Address, action: a.Action, where: f.At) -> Iterable[f.Fact]:
        held = self.chain.wallets.get(who, RICH)
        if isinstance(action, a.Deposit | a.DepositWithPermit):
            account, tokens = held.account + action.amount, held.tokens - action.amount
            self.chain.wallets[who] = replace(held, account=account, tokens=tokens)
        bond = DEMAND if isinstance(action, a.DemandPlace) else CHALLENGE if isinstance(action, a.ChallengeClaim) else 0
        if bond:
            refuse(held.account >= bond, "Ledger", "InsufficientBalance")
            self.chain.wallets[who] = replace(held, account=held.account - bond)
        if isinstance(action, a.ComputeAction | a.CourtAction):
            return list(self.paper.effects(self.people[0].belief.catalog, who, action, where))
        return super().effects(who, action, where)

    def tell(self, facts: Sequence[f.Fact], block: int) -> None:
        self.history += facts
        for person in self.people:
            hand = next((one for one in self.hands if one.person is person), None)
            for fact in facts:
                apply(person.belief.catalog, fact)
                for duty in react(person.belief.catalog, fact, Me(person.me, False)) if hand else ():
                    self._owe(hand, duty)
            person.belief.advance(block)

    def _owe(self, hand: Hand | None, duty: Duty) -> None:
        """As the journal keeps duties: what is done stays done, what is pending gets the newest time."""
        plays = hand is not None and duty.kind in stories(hand.bench)  # what assets ask for is played elsewhere
        if plays and hand.duties.get(duty.key, duty) is not DONE:
            hand.duties[duty.key] = duty

    async def post(
        self,
        asker: Hand,
        *,
        units: int = 8,
        segments: int = 20,
        spec: JobSpec | None = None,
        canaries: int = 0,
        **more: object,
    ) -> BountyRecord:
        """A bounty for paper work."""
        spec = spec or await self.spec(asker, units=units, segments=segments)
        values = {"audit_bps": 1_000, "price": PRICE, "audit_price": AUDIT, "input_price": 0, "input": NO_ASSET} | more
        job = Job(
            class_id=PAPER,
            spec=spec.digest,
            canary_root=bytes(32),
            units=units,
            segments=segments,
            deadline=self.chain.timestamp + 100_000,
            work_window=5_000,
            stake=least_stake(PRICE, 1_000),
            **values,
        )
        return (await post(asker.bench, spec, job, canaries))[0]

    async def spec(self, asker: Hand, *, units: int = 8, segments: int = 20) -> JobSpec:
        """A job whose module lies in the asker's store."""
        content = b"a module"
        stored = await asker.person.store.add(one_part(content))
        return paper_spec(("m.wasm", content, str(stored.root)), units=units, segments=segments)

    async def live(self, rounds: int = 600, *, until: Callable[[], bool] = lambda: False) -> None:
        """Let everybody do what they owe, until they have had nothing to do for a while."""
        idle = 0
        for _ in range(rounds):
            if until():
                return
            busy = await self.once()
            idle = 0 if busy else idle + 1
            self.chain.block += 1
            self.chain.timestamp = self.chain.timestamp + 1 if busy or idle < 4 else self._next_time()
            if idle > 40:
                return

    def _next_time(self) -> int:
        """When the next duty is due; a while later when none is."""
        owed = [duty for hand in self.hands if not hand.away for duty in hand.duties.values()]
        times = [duty.not_before for duty in owed if duty.not_before > self.chain.timestamp]
        return min([*times, self.chain.timestamp + 500])

    async def once(self) -> bool:
        """One round: everybody looks for work, then performs every ripe duty; whether anything was done."""
        busy = False
        for hand in self.hands:
            if hand.away:
                continue
            before = len(hand.person.outbox.sent)
            await hand.hiring.look()
            for key, duty in list(hand.duties.items()):
                if duty is not DONE and duty.not_before <= self.chain.timestamp:
                    await self._perform(hand, key, duty)
            busy = busy or len(hand.person.outbox.sent) > before
        return busy

    async def _perform(self, hand: Hand, key: str, duty: Duty) -> None:
        try:
            await stories(hand.bench)[duty.kind](duty)
        except Unavailable:
            return
        except Refused as cause:
            hand.failed[key] = cause.message
        if hand.duties.get(key) is duty:
            hand.duties[key] = DONE


@asynccontextmanager
async def open_work_town(folder: Path) -> AsyncIterator[WorkTown]:
    """An empty town."""
    async with AsyncExitStack() as stack:
        yield WorkTown(folder, stack)
