"""A folder of recordings becomes one batch: every file sealed and stored, all of them committed in one transaction.

What is done is not done again: a file that was sealed is remembered under its stamp, which changes with the file or
with what describes it. Files are sealed in groups that share their syncs, so that an end in the middle of one costs
that group and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from thenar.domain import canonical
from thenar.domain.actions import CommitBatch, Materialise
from thenar.domain.assets import AssetKind, Commitment
from thenar.domain.batches import MEMBER_BYTES, BatchCard, Members, write_member
from thenar.domain.description import require
from thenar.domain.ids import Address, AssetId, Cid
from thenar.errors import Refused, ThenarError
from thenar.services.belief import Belief
from thenar.services.members import Library, member_at, member_row
from thenar.services.once import send_patiently
from thenar.services.ports import Adds, Draft, Journal, Outbox, Progress, Receipt, Sealed, Sealer, Store, one_part
from thenar.services.records import remember_held

GROUP: Final = 64
"""Files that share their syncs: what an end in the middle costs."""
AT_ONCE: Final = 2
"""Files decoded at once."""

Prepared = tuple[Path, Draft]
"""What to seal of a file, and its description still lacking the seal."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One file of a batch. ``stamp`` tells this version of it, and of what describes it, from all others."""

    stamp: bytes
    prepare: Callable[[], AbstractAsyncContextManager[Prepared]]


@dataclass(frozen=True, slots=True)
class Committed:
    """A committed batch, its CIDs and what it cost."""

    batch: AssetId
    manifest: Cid
    members: Cid
    count: int
    bytes: int
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Workshop:
    """The ports that making a batch needs."""

    owner: Address
    sealer: Sealer
    store: Store
    journal: Journal
    outbox: Outbox
    belief: Belief


@dataclass(frozen=True, slots=True)
class _Done:
    """A sealed file: its record in the list, and what this node must remember to sell and serve it."""

    record: bytes
    own: bytes

    @property
    def row(self) -> bytes:
        return self.record + self.own


async def commit_batch(
    episodes: Sequence[Episode], title: str, license_id: str, shop: Workshop, *, progress: Progress | None = None
) -> Committed:
    """Seal every episode into the store, commit to all of them at once and wait until the chain confirms it.

    Safe to repeat at any point. ``progress`` counts files. Raises BadInput for what cannot be described, Reverted,
    Poor, Late.
    """
    require(len(episodes) > 0, "there is nothing to commit to", "name a folder with recordings")
    done = await _seal_all(episodes, shop, progress)
    listed = b"".join(each.record for each in done)
    members = Members.read(shop.owner, listed)
    stored = await shop.store.add(one_part(listed))
    card = BatchCard(shop.owner, title, len(done), str(stored.root), license_id)
    made = card.commit(shop.owner, members.tree.root)
    described = await shop.store.add(one_part(card.encode()))
    batch = made.asset_id
    await remember_held(shop.journal, batch, described.root, stored.root)
    rows = {f"own/{member.asset_id}": each.own for member, each in zip(members.all(batch), done, strict=True)}
    places = (member_row(member, index) for index, member in enumerate(members.all(batch)))
    await shop.journal.put_all(rows | dict(places))
    receipt = await send_patiently(shop.outbox, f"batch:{batch}", CommitBatch(made))
    await shop.belief.until(lambda c: c.assets.get(batch), seconds=120.0, what=f"the commitment of {batch}")
    size = sum(member.size for member in members.all(batch))
    return Committed(batch, described.root, stored.root, len(done), size, receipt)


async def materialise(
    asset: AssetId, index: int, library: Library, outbox: Outbox, me: Address
) -> tuple[AssetId, Receipt]:
    """Give a member of an owned batch a record of its own and wait until the chain confirms it. Raises Refused."""
    member = await member_at(asset, index, library)
    if member.is_materialised:
        raise Refused(f"{member.asset} has a record of its own already")
    if member.record.owner != me:
        raise Refused(f"the batch {asset} belongs to {member.record.owner}, not to this account")
    receipt = await send_patiently(outbox, f"materialise:{member.asset}", Materialise(member.leaf))
    await library.belief.until(
        lambda c: c.assets.get(member.asset), seconds=120.0, what=f"the record of {member.asset}"
    )
    return member.asset, receipt


async def _seal_all(episodes: Sequence[Episode], shop: Workshop, progress: Progress | None) -> list[_Done]:
    done: list[_Done] = []
    for first in range(0, len(episodes), GROUP):

        def tell(ready: int, begun: int = first) -> None:
            if progress:
                progress(begun + ready, len(episodes))

        done += await _seal_group(episodes[first : first + GROUP], shop, tell)
    return done


async def _seal_group(group: Sequence[Episode], shop: Workshop, tell: Callable[[int], None]) -> list[_Done]:
    """Seal what of a group is not sealed yet, a few files at once; durable when this returns.

    What was sealed when one of them failed is kept all the same.
    """
    found: dict[int, _Done] = {}
    for place, episode in enumerate(group):
        row = await shop.journal.get(_name(episode))
        if row is not None:
            found[place] = _Done(row[:MEMBER_BYTES], row[MEMBER_BYTES:])
    fresh = [place for place in range(len(group)) if place not in found]
    failures: list[ThenarError] = []
    if fresh:
        async with shop.store.together() as adds, trio.open_nursery() as nursery:
            limiter = trio.CapacityLimiter(AT_ONCE)

            async def seal(place: int) -> None:
                async with limiter:
                    try:
                        found[place] = await _seal(group[place], shop, adds)
                        tell(len(found))
                    except ThenarError as failure:
                        failures.append(failure)
                        nursery.cancel_scope.cancel()

            for place in fresh:
                nursery.start_soon(seal, place)
        await shop.journal.put_all({_name(group[place]): found[place].row for place in fresh if place in found})
    if failures:
        raise failures[0]
    tell(len(group))
    return [found[place] for place in range(len(group))]


def _name(episode: Episode) -> str:
    return f"episode/{episode.stamp.hex()}"


async def _seal(episode: Episode, shop: Workshop, adds: Adds) -> _Done:
    async with episode.prepare() as (path, draft):
        sealed = await shop.sealer.seal(path, adds)
        described = draft.seal_with(shop.owner, sealed)
        stored = await adds.add(one_part(described.encode()))
    own = {"content": sealed.content_hash.hex(), "manifest": str(stored.root), "sealed": str(sealed.stored.root)}
    return _Done(_record(shop.owner, sealed, stored.root, described.keccak), canonical.encode(own))


def _record(owner: Address, sealed: Sealed, manifest: Cid, keccak: bytes) -> bytes:
    made = Commitment(
        author=owner,
        kind=AssetKind.CAPTURE,
        size=sealed.size,
        cipher_root=sealed.cipher_root,
        plain_root=sealed.plain_root,
        key_commit=sealed.key_commit,
        manifest_digest=manifest.digest,
        manifest_hash=keccak,
    )
    return write_member(made)
