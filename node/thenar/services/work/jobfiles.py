"""The files of a job: its spec, what it reads, what came out; fetched from whoever asked for it or worked on it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import trio

from thenar.domain.catalog import BountyRecord, Catalog, ClaimRecord
from thenar.domain.ids import RAW, Address, Cid, PeerId
from thenar.domain.work.aggregates import Aggregation
from thenar.domain.work.bounties import Job
from thenar.domain.work.jobs import MAX_SPEC, AssetFile, JobSpec
from thenar.domain.work.results import LIMIT, WorkRecord
from thenar.domain.work.sums import Numbers
from thenar.errors import BadInput, Corrupt, NotFound, Unavailable
from thenar.services.ask import nodes_of
from thenar.services.ports import Peers, Store

OVERHEAD = 64 * 1024
"""Bytes the inner nodes of a small file's DAG may take."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files of jobs come from."""

    store: Store
    peers: Peers

    async def bring(self, cid: Cid, holders: Sequence[PeerId], limit: int) -> bytes:
        """A small file, pinned from now on. Raises Unavailable while nobody who is known to have it gives it."""
        found = [peer for peer in dict.fromkeys(holders) if peer != self.peers.me]
        try:
            await self.store.fetch(cid, found, limit=limit + OVERHEAD)
        except NotFound as cause:
            raise Unavailable(f"nobody who should have {cid} gives it now") from cause
        return await self.read(cid)

    async def read(self, cid: Cid) -> bytes:
        """A file that is here. Raises NotFound."""
        return b"".join([part async for part in self.store.read(cid)])


def holders_of(catalog: Catalog, *accounts: Address | None) -> list[PeerId]:
    """The registered peers of accounts, in order."""
    return [peer for account in accounts if account for peer in nodes_of(catalog, account)]


async def spec_of(files: Files, catalog: Catalog, bounty: BountyRecord) -> JobSpec:
    """The spec of a bounty, held against what the chain says of it.

    Raises BadInput when it is not a job anybody should do, Unavailable while its spec is not to be had.
    """
    digest, holders = bounty.job.spec, _knowing(catalog, bounty)
    if bounty.sums:
        digest = Aggregation.decode(await _block(files, digest, holders)).source
    spec = JobSpec.decode(await _block(files, digest, holders))
    check_job(spec, bounty.job)
    return spec


async def _block(files: Files, digest: bytes, holders: Sequence[PeerId]) -> bytes:
    """A block of a spec by its hash. Raises Corrupt, Unavailable."""
    cid = Cid.of(RAW, digest)
    data = await files.bring(cid, holders, MAX_SPEC)
    if hashlib.sha256(data).digest() != digest:
        raise Corrupt(f"{cid} is not what hashes to that")
    return data


async def numbers_of(spec: JobSpec, assets: Mapping[str, Path]) -> Numbers:
    """The numbers of a sum, from its files here. Raises BadInput."""
    return await trio.to_thread.run_sync(
        lambda: Numbers.of(spec, {name: path.read_bytes() for name, path in assets.items()})
    )


def check_job(spec: JobSpec, job: Job) -> None:
    """Raise BadInput unless a bounty asks for what its spec says."""
    if (spec.class_id, spec.segments) != (job.class_id, job.segments) or job.units > spec.units:
        raise BadInput("the bounty's class, segments or units are not those of its spec")


async def assets_of(
    files: Files, catalog: Catalog, bounty: BountyRecord, spec: JobSpec, folder: Path
) -> dict[str, Path]:
    """The files a job reads, in a folder by their hashes. Raises Unavailable, Corrupt."""
    holders = _knowing(catalog, bounty)
    await trio.Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {name: await _asset(files, asset, holders, folder) for name, asset in tuple(spec.assets.items())}


async def _asset(files: Files, asset: AssetFile, holders: Sequence[PeerId], folder: Path) -> Path:
    path = folder / asset.digest.hex()
    if not await trio.Path(path).exists():
        data = await files.bring(Cid.parse(asset.cid), holders, asset.size)
        if hashlib.sha256(data).digest() != asset.digest or len(data) != asset.size:
            raise Corrupt(f"{asset.cid} does not hash to what the job's spec says")
        partial = path.with_suffix(".part")
        await trio.Path(partial).write_bytes(data)
        await trio.Path(partial).rename(path)
    return path


def _knowing(catalog: Catalog, bounty: BountyRecord) -> list[PeerId]:
    """Who should have a bounty's files: the requester, then whoever worked on it."""
    workers = [catalog.work[claim].worker for claim in bounty.claims]
    return holders_of(catalog, bounty.requester, *workers)


async def record_of(files: Files, catalog: Catalog, claim: ClaimRecord) -> WorkRecord:
    """What a worker says about a revealed claim, held against its root.

    Raises NotFound before it is revealed, Unavailable while nobody has it, Corrupt when it is something else.
    """
    if claim.root is None or claim.outputs is None:
        raise NotFound(f"claim {claim.id} is not revealed yet")
    bounty = catalog.bounties[claim.bounty]
    holders = holders_of(catalog, claim.worker, bounty.requester)
    try:
        record = WorkRecord.decode(await files.bring(Cid.of(RAW, claim.outputs), holders, LIMIT))
    except BadInput as cause:
        raise Corrupt(f"claim {claim.id} is described by something else: {cause.message}") from cause
    record.check(claim.id, claim.units, claim.root)
    return record
