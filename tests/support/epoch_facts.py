"""A small world of contributions, as facts: a bounty answered, replicas kept, work audited, epochs closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chain_facts import ANA, BEN, CHIDI, at, minted

from thenar.domain import facts as f
from thenar.domain.bounty.answers import NOBODY, Shown, answer_id
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.coverage import BP
from thenar.domain.catalog import Catalog, apply
from thenar.domain.epochs.pools import EpochParams
from thenar.domain.epochs.rules import RULES
from thenar.domain.ids import Address, AskId, AssetId, BountyId, ClaimId, TermsId
from thenar.domain.storage.pledges import Held, PledgeTree
from thenar.domain.work.bounties import NO_ASSET, Job

WEEK, BASE, EMISSION = 7 * 86_400, 10**23, 10**24
PARAMS = EpochParams(WEEK, 3 * 86_400, 200, EMISSION, 104, BASE, RULES.hash)
TERMS = f.EpochTerms(at(1), PARAMS, BASE, 1_000_000)
SPONSOR, DORA = Address("0x" + "d" * 40), Address("0x" + "e" * 40)
CAPTURE = minted(ANA, 1)
AREA, CELL = 0x8A2A1072B59FFFF, 0x8C2A1072B59D1FF
ASK = Ask(
    1, 2, 12, False, -1, 2, 3_000, AREA, 2 * BP, 2_000_000, 86_400, 100, 150, 10_000, TermsId(0), bytes(32), bytes(32)
)
ASKED = f.CapturesAsked(at(2), AskId(1), SPONSOR, ASK, 1_000_000)
ANSWER = answer_id(AskId(1), 0)
COMMITTED = f.AnswerCommitted(at(3), ANSWER, ANA, bytes(32), 5, 1_000_100, 1_000_200)
SHOWN = Shown(CAPTURE.id, CELL, 0, 8_000, BP, NOBODY, bytes(32))
REVEALED = f.AnswerRevealed(at(4), ANSWER, CAPTURE.id, SHOWN, 1_000_300)
SETTLED = f.AnswerSettled(at(5), ANSWER, ANA, 40, 0, 8_000)
STORAGE_TERMS = f.StorageTerms(at(6), 1_000_000, 86_400, 600, 600, 5, 7)
JOB = Job(bytes(32), bytes(32), NO_ASSET, bytes(32), 4, 10, 5_000, 2_000_000, 600, 50, 60, 0, 100)
CREATED = f.BountyCreated(at(7), BountyId(1), SPONSOR, JOB.class_id, JOB, JOB.budget)


def close(epoch: int, pool: int = BASE, next_pool: int = BASE, block: int | None = None) -> f.EpochClosed:
    """The closing of an epoch, a thousand blocks for each."""
    place = at(1_000 * epoch if block is None else block)
    return f.EpochClosed(place, epoch, pool, pool * epoch, 0, next_pool, 1_000_000 + epoch * WEEK)


def captured() -> tuple[f.Fact, ...]:
    """Ana's capture answers the bounty of a sponsor, and is paid."""
    return (TERMS, CAPTURE, ASKED, COMMITTED, REVEALED, SETTLED)


def kept(
    node: Address, replicas: Iterable[Held], *, lister: Address = ANA, asset: AssetId = CAPTURE.id
) -> Iterator[f.Fact]:
    """A node takes replicas and pledges them from round 1 on."""
    held = list(replicas)
    yield STORAGE_TERMS
    for one in held:
        yield f.ReplicaListed(at(8), one.root, asset, lister, one.leaves, "b" + "a" * 58)
        yield f.ReplicaTaken(at(8, 1), one.root, asset, node)
    tree = PledgeTree.build(held)
    yield f.StoragePledged(at(9), node, tree.root, tree.leaves, tree.depth, 1, 1, 7)


def proved(node: Address, round_: int, block: int) -> tuple[f.Fact, ...]:
    """A round is opened, and the node answers."""
    return (
        f.RoundOpened(at(block), round_, block + 2),
        f.RoundSeeded(at(block, 1), round_, b"\x05" * 32, 1_000_000),
        f.StorageAnswered(at(block, 2), node, round_, b"\x06" * 32),
    )


def worked(worker: Address, auditor: Address | None, *, requester: Address = SPONSOR) -> Iterator[f.Fact]:
    """A claim of four units, drawn for an audit and paid."""
    claim = ClaimId(1)
    yield replace(CREATED, requester=requester)
    yield f.UnitsClaimed(at(10), claim, BountyId(1), worker, 0, 4, 1_000_600)
    if auditor is not None:
        yield f.AuditDrawn(at(11), claim, auditor, b"\x07" * 32, 5_000, 1_000_700)
    yield f.ClaimFinalized(at(12), claim, worker, 200, 60 if auditor else 0)


def replica(number: int, leaves: int = 1_024) -> Held:
    """A replica, told by its number."""
    return Held(number.to_bytes(32, "big"), leaves)


def after(*facts: f.Fact) -> Catalog:
    """What facts add up to."""
    catalog = Catalog()
    for fact in facts:
        apply(catalog, fact)
    return catalog


__all__ = ["ANA", "BEN", "CHIDI", "after", "captured", "close", "kept", "proved", "replica", "worked"]
