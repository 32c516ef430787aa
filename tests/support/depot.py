"""Owners and keepers of ciphertexts in memory: what the contracts say about storage, and disks that lose things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chain_facts import at

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.ids import peer_id_of
from thenar.domain.storage.spoken import ANSWERS
from thenar.services.storing import keeping, proving, taking
from thenar.services.storing.keeping import Stock

KEY = b"\x44" * 32
LENGTH, ANSWER_TIME = 4_000, 1_000
SEED = bytes(range(32))
LIMIT = 1 << 24


def storage_effects(town: Any) -> Any:
    """What the contracts say about storage when they allow an action; everything else as the town has it."""
    numbers: dict[object, int] = {}

    def effects(who: Any, action: Any, where: Any) -> Iterator[Any]:
        terms = town.people[0].belief.catalog.storage_terms
        round_ = terms.round_at(town.chain.timestamp) if terms else 0
        match action:
            case a.ListReplica():
                yield f.ReplicaListed(where, action.replica, action.asset, who, action.leaves, action.cid)
            case a.TakeReplicas(replicas=roots):
                for root in roots:
                    yield f.ReplicaTaken(where, root, town.people[0].belief.catalog.replicas[root].asset, who)
            case a.DropReplicas(replicas=roots):
                for root in roots:
                    kept = town.people[0].belief.catalog.replicas[root]
                    yield f.ReplicaDropped(where, root, kept.asset, kept.holder)
            case a.RetireStorage():
                yield f.StorageRetired(where, who, round_ + 1)
            case a.PledgeStorage():
                numbers[who] = numbers.get(who, 0) + 1
                tree = (action.root, action.leaves, action.depth)
                yield f.StoragePledged(where, who, *tree, numbers[who], round_ + 1, 50)
            case a.OpenRound():
                yield f.RoundOpened(where, round_, where.block + 2)
            case a.SeedRound():
                yield f.RoundSeeded(where, round_, SEED, town.chain.timestamp + ANSWER_TIME)
            case a.AnswerRound():
                yield f.StorageAnswered(where, who, round_, action.answers)
            case a.DemandAnswer():
                known = town.people[0].belief.catalog.stores[action.node].answers[round_]
                yield f.AnswerDemanded(where, action.node, round_, action.place, who, known, 9_999)
            case a.ShowAnswer():
                yield f.AnswerShown(where, action.node, action.round, action.place)
            case a.ConvictNode():
                yield f.StorageConvicted(where, action.node, action.round, action.place, who, 50)
            case a.ReportMiss():
                yield f.AnswerMissed(where, action.node, action.round, who, 1, 0)
            case _:
                yield from town.effects(who, action, where)

    return effects


@dataclass
class Depot:
    """Ana owns, Ben keeps, Chidi keeps watch; the chain's time is where it is put."""

    town: Any
    ana: Any
    ben: Any
    chidi: Any
    asset: str

    def stock(self, person: Any) -> Stock:
        """The ports of somebody's storage stories."""
        return Stock(person.trade, person.store, person.peers, LIMIT)

    def go_to(self, round_: int, seconds: int = 1) -> None:
        """Let the chain's clock stand so many seconds into a round."""
        self.town.chain.timestamp = (round_ - 1) * LENGTH + seconds

    async def ben_takes(self, copies: int = 1) -> list[bytes]:
        """Ana offers copies and Ben keeps them."""
        roots = await keeping.replicate(self.stock(self.ana), self.asset, copies)
        await taking.take(self.stock(self.ben), roots)
        return roots

    async def ask_round(self, round_: int) -> None:
        """Open and seed a round through Ben."""
        self.go_to(round_)
        await proving.open_round(self.stock(self.ben), round_)
        self.town.chain.block += 3
        named = self.ben.belief.catalog.rounds[round_].seed_block
        await proving.seed_round(self.stock(self.ben), round_, named)

    def lose(self, root: bytes) -> None:
        """Ben's disk loses everything but a replica's topmost block."""
        lose_all(self.ben, but=self.ben.belief.catalog.replicas[root].cid)


def lose_all(person: Any, but: str = "") -> None:
    """Somebody's disk loses every block but one."""
    for path in (person.folder / "store" / "blocks").glob("*/b*"):
        if path.name != but:
            path.unlink()


async def open_depot(town: Any) -> Depot:
    """Ana has published an asset, Ben has a registered node that Chidi can ask."""
    ana, ben, chidi = [await town.person(name) for name in ("ana", "ben", "chidi")]
    for person in (ana, ben, chidi):
        person.outbox.effects = storage_effects(town)
    made = await ana.publish(bytes(range(256)) * 3_000)
    for person in (ben, chidi):
        await person.hear_of(made.asset, ana)
    known = peer_id_of(KEY)
    town.stores[known] = ben.store
    terms = f.StorageTerms(at(2), 0, LENGTH, ANSWER_TIME, 100, 1, 50)
    town.tell([terms, f.NodeRegistered(at(3), ben.me, KEY, 1, 100)], town.chain.block)
    ready = Depot(town, ana, ben, chidi, made.asset)

    async def told(asker: Any, request: Any) -> dict[str, object]:
        return await proving.tell_answers(ready.stock(ben), asker, request)

    chidi.peers.neighbours[known] = {ANSWERS: told}
    ready.go_to(1)
    return ready
