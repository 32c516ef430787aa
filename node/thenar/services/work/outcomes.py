"""What a job came to becomes an asset: packed alike by everybody, minted, and linked to what it was made from."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from thenar.domain.assets import AssetKind
from thenar.domain.catalog import BountyRecord
from thenar.domain.ids import AssetId, BountyId, TermsId, asset_id
from thenar.domain.upstream import shares_demanded, terms_inherited
from thenar.domain.work.bounties import NO_ASSET
from thenar.errors import BadInput, NotFound, Refused
from thenar.services.earn import link
from thenar.services.licensing import write_terms
from thenar.services.ports import Progress
from thenar.services.publish import CardDraft, Publication, Published, publish_asset
from thenar.services.work.workbench import Bench

LICENSE: Final = "LicenseRef-Thenar"
MEDIA_TYPE: Final = "application/x-tar"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a result is minted: what it is called, what beside the job's input it was made from, under which terms.

    Without ``terms`` it is bound by the widest ones that allow nothing a parent forbids.
    """

    title: str | None = None
    parents: tuple[AssetId, ...] = ()
    terms: TermsId | None = None


@dataclass(frozen=True, slots=True)
class Minted:
    """A result: its asset, its terms, and what each parent is owed of its income, in parts per million.

    ``published`` is None when it was minted before.
    """

    asset: AssetId
    terms: TermsId
    shares: dict[AssetId, int]
    published: Published | None


def is_final(bounty: BountyRecord) -> bool:
    """Whether nothing more can come of it."""
    return bounty.closed or bounty.done == bounty.job.units


def parents_of(bounty: BountyRecord, others: Iterable[AssetId] = ()) -> tuple[AssetId, ...]:
    """What a result was made from: the asset that earns with the job, and whatever else is named."""
    named = {*others, bounty.job.input} - {NO_ASSET}
    return tuple(sorted(named))


async def result_of(bench: Bench, number: BountyId) -> AssetId | None:
    """The asset this node minted of what a job came to, or None."""
    data = await bench.trade.journal.get(_name(number))
    return asset_id(data.decode()) if data else None


async def mint_result(
    bench: Bench, number: BountyId, folder: Path, workspace: Path, wanted: Wanted, progress: Progress | None = None
) -> Minted:
    """Mint what a job of one's own came to, and give every parent the share its terms demand. Safe to repeat.

    ``folder`` holds what was fetched; ``workspace`` takes the packed file.

    Raises Refused while units may still be done, for a job of somebody else, and when the parents' terms do not go
    together; NotFound for a parent nobody minted; what ``publish_asset`` raises.
    """
    bounty, trade = bench.bounty(number), bench.trade
    if bounty.requester != trade.me:
        raise Refused(f"bounty {number} belongs to {bounty.requester}, not to this account")
    if not is_final(bounty):
        raise Refused(
            f"{bounty.done} of {bounty.job.units} units of bounty {number} are done, and more may be",
            next_step=f"`thenar job show {number} --wait` comes back when it is over",
        )
    if bounty.done == 0:
        raise BadInput(f"nothing came of bounty {number}")
    parents = parents_of(bounty, wanted.parents)
    missing = next((parent for parent in parents if parent not in trade.belief.catalog.assets), None)
    if missing is not None:
        raise NotFound(f"no asset {missing}", next_step="`thenar capture list` shows what exists")
    shares = shares_demanded(trade.belief.catalog, parents, trade.me)
    asset, published = await result_of(bench, number), None
    if asset is None or asset not in trade.belief.catalog.assets:
        published = await _publish(bench, number, folder, workspace, parents, wanted, progress)
        asset = published.asset
        await trade.journal.put(_name(number), asset.encode())
    linked = trade.belief.catalog.income_of(asset).parents
    if owed := {parent: share for parent, share in shares.items() if parent not in linked}:
        await link(trade, asset, owed)
    return Minted(asset, trade.belief.catalog.assets[asset].terms, shares, published)


async def _publish(
    bench: Bench,
    number: BountyId,
    folder: Path,
    workspace: Path,
    parents: tuple[AssetId, ...],
    wanted: Wanted,
    progress: Progress | None,
) -> Published:
    trade, packed = bench.trade, workspace / f"bounty-{number}.tar"
    await trio.to_thread.run_sync(pack, folder, packed)
    draft = CardDraft(
        AssetKind.RESULT, wanted.title or f"Result of bounty {number}", parents, LICENSE, packed.name, MEDIA_TYPE
    )
    return await publish_asset(
        Publication(packed, draft, AssetKind.RESULT, await _terms(bench, parents, wanted)),
        trade.me,
        sealer=trade.sealer,
        store=bench.files.store,
        journal=trade.journal,
        outbox=trade.outbox,
        belief=trade.belief,
        progress=progress,
    )


async def _terms(bench: Bench, parents: tuple[AssetId, ...], wanted: Wanted) -> TermsId:
    if wanted.terms is not None:
        return wanted.terms
    inherited = terms_inherited(bench.trade.belief.catalog, parents, bench.trade.me)
    if inherited is None:
        raise BadInput(
            "nothing says under which terms the result is offered: the job has no input",
            next_step="`--terms` names some; `thenar terms write` writes them",
        )
    return await write_terms(bench.trade, inherited)


def pack(folder: Path, into: Path) -> None:
    """One tar of a folder's files; equal files give equal bytes, whoever packs them and when."""
    with tarfile.open(into, "w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            entry = tarfile.TarInfo(path.name)
            entry.size, entry.mode, entry.mtime = path.stat().st_size, 0o644, 0
            with path.open("rb") as file:
                tar.addfile(entry, file)


def _name(number: BountyId) -> str:
    return f"result/{number}"
