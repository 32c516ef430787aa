"""Commands about bounties for computing: post, watch, fetch, cancel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import announce, offer_at_once
from thenar.commands.job_file import JobFile
from thenar.commands.view import as_of, money, published_view, receipt_view, tell_bytes
from thenar.directory import workspace
from thenar.domain.catalog import BountyRecord, ClaimRecord
from thenar.domain.ids import RAW, BountyId, Cid, TermsId
from thenar.domain.money import show_share
from thenar.domain.work.bounties import ClaimStage
from thenar.domain.work.classes import CLASSES
from thenar.errors import BadInput, Late, Unavailable
from thenar.services import consent
from thenar.services.ports import Tell
from thenar.services.work import bounties, outcomes
from thenar.services.work.canaries import MOST
from thenar.services.work.hiring import steps_of
from thenar.services.work.jobfiles import spec_of
from thenar.services.work.workbench import Bench

LOOK_EVERY = 0.5
PATIENCE = 86_400


async def post_job(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Store a job's files, lock its money, and wait until the chain confirms the bounty."""
    path = arg.existing_file(arguments, "path")
    return await post_file(node, arguments, tell, await trio.to_thread.run_sync(JobFile.read, path))


async def post_file(node: Node, arguments: arg.Arguments, tell: Tell, file: JobFile) -> dict[str, object]:
    """Post a job that was read or made here."""
    units = arg.number(arguments, "units", 0, high=2**32 - 1)
    spec = await file.spec(node.store, units or None, tell_bytes(tell, "storing the job's files"))
    bench = bench_for(node, arguments)
    digest = await bounties.store_spec(bench, spec)
    asked_at = await bench.trade.asked_at(bounties.name_of(digest))
    named = replace(file.terms(spec, arg.optional_text(arguments, "price"), asked_at, node.decimals), spec=digest)
    canaries = arg.number(arguments, "canaries", 0, high=MOST)
    bounty, receipt = await bounties.post(bench, spec, named, canaries)
    return {**await bounty_view(node, bounty), **receipt_view(receipt)}


async def list_jobs(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Bounties of this account; everybody's with ``all``."""
    everybody = arg.flag(arguments, "all")
    chosen = [one for one in node.belief.catalog.bounties.values() if everybody or one.requester == node.me]
    return {**as_of(node), "bounties": [_short(node, bounty) for bounty in chosen]}


async def show_job(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """A bounty with its claims."""
    return await bounty_view(node, node.bench.bounty(_number(arguments)))


async def wait_for_job(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Tell progress until every unit is done, or what is left never will be. Raises Late."""
    bounty = node.bench.bounty(_number(arguments))
    with trio.move_on_after(arg.number(arguments, "patience", PATIENCE, low=1)):
        while not await _is_over(node, bounty):
            told = {"label": f"bounty {bounty.id}", "done": bounty.done, "total": bounty.job.units, "unit": "units"}
            tell(told)
            await trio.sleep(LOOK_EVERY)
            bounty = node.bench.bounty(bounty.id)
        return await bounty_view(node, bounty)
    raise Late(
        f"{bounty.done} of {bounty.job.units} units of bounty {bounty.id} are done",
        next_step="`thenar job show` tells where it stands; waiting again is safe",
    )


async def fetch_job(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Write what came out into a folder, a file for each unit, every byte held against the chain."""
    into, number = Path(arg.text(arguments, "into")), _number(arguments)
    if await trio.Path(into).exists() and (not await trio.Path(into).is_dir() or list(await trio.Path(into).iterdir())):
        raise BadInput(f"{into} is not an empty folder", next_step="name a new one")

    def told(done: int, total: int) -> None:
        tell({"label": "fetching results", "done": done, "total": total, "unit": "units"})

    fetched = await bounties.fetch(node.bench, number, into, told)
    minted = await _mint(node, arguments, tell, into) if _mints(node, arguments) else None
    return {
        "bounty": number,
        "folder": str(into),
        "units": fetched.units,
        "bytes": fetched.bytes,
        "not_ok": list(fetched.failed),
        "result": minted,
    }


def _mints(node: Node, arguments: arg.Arguments) -> bool:
    """Whether fetching mints: when asked for, and by itself once one's own job is over that has an input to pay."""
    if arguments.get("mint") is not None:
        return arg.flag(arguments, "mint")
    bounty = node.bench.bounty(_number(arguments))
    return bounty.requester == node.me and outcomes.is_final(bounty) and bool(outcomes.parents_of(bounty))


async def mint_job(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Mint what one's own job came to, linked to what it was made from; offer it when a price is given."""
    number = _number(arguments)
    with workspace(node.directory) as folder:
        if await outcomes.result_of(node.bench, number) is None:
            await bounties.fetch(node.bench, number, folder / "units", lambda done, total: None)
        return {"bounty": number, **await _mint(node, arguments, tell, folder / "units")}


async def _mint(node: Node, arguments: arg.Arguments, tell: Tell, folder: Path) -> dict[str, object]:
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    wanted = outcomes.Wanted(
        arg.optional_text(arguments, "title"),
        arg.assets(arguments, "parents"),
        TermsId(named) if named else None,
    )
    if wanted.terms is not None:
        consent.written(node.belief.catalog, wanted.terms)
    bench, progress = bench_for(node, arguments), tell_bytes(tell, "sealing and storing the result")
    with workspace(node.directory) as packed:
        minted = await outcomes.mint_result(bench, _number(arguments), folder, packed, wanted, progress)
    if arguments.get("price") is not None:
        await offer_at_once(node, arguments, minted.asset, minted.terms)
    await announce(node, minted.asset)
    return {
        "asset": minted.asset,
        "terms": minted.terms,
        "parents": {parent: show_share(share) for parent, share in minted.shares.items()},
        **(published_view(node, minted.published, minted.terms) if minted.published else {}),
    }


async def cancel_job(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Let nobody claim more; what was not done comes back when the last claim has ended."""
    receipt = await bounties.cancel(node.bench, _number(arguments))
    return {**await bounty_view(node, node.bench.bounty(_number(arguments))), **receipt_view(receipt)}


def _number(arguments: arg.Arguments) -> BountyId:
    return BountyId(arg.number(arguments, "bounty", 0, low=1, high=2**53))


def bench_for(node: Node, arguments: arg.Arguments) -> Bench:
    """The bench, for one request of a person."""
    return replace(node.bench, trade=node.trade_for(arg.request_id(arguments)))


async def _is_over(node: Node, bounty: BountyRecord) -> bool:
    if bounty.closed or bounty.done == bounty.job.units:
        return True
    runs = any(claim.runs for claim in _claims(node, bounty))
    return not runs and (bounty.cancelled or await node.bench.now() >= bounty.job.deadline)


def _claims(node: Node, bounty: BountyRecord) -> list[ClaimRecord]:
    return [node.belief.catalog.work[number] for number in bounty.claims]


def _short(node: Node, bounty: BountyRecord) -> dict[str, object]:
    known = CLASSES.get(bounty.job.class_id)
    return {
        "bounty": bounty.id,
        "requester": bounty.requester,
        "class": known.name if known else "0x" + bounty.job.class_id.hex(),
        "units": bounty.job.units,
        "done": bounty.done,
        "open": bounty.open_units,
        "price": money(node, bounty.job.price),
        "locked": money(node, bounty.locked),
        "paid": money(node, bounty.paid + bounty.audit_paid + bounty.input_paid),
        "ends": "closed" if bounty.closed else "cancelled" if bounty.cancelled else bounty.job.deadline,
    }


async def bounty_view(node: Node, bounty: BountyRecord) -> dict[str, object]:
    """A bounty: progress, pace, money, and each of its claims."""
    claims, now = _claims(node, bounty), await node.bench.now()
    return {
        **_short(node, bounty),
        "spec": str(Cid.of(RAW, bounty.job.spec)),
        "deadline": bounty.job.deadline,
        "audited_from": f"{bounty.job.audit_bps / 100:g}%",
        **await _pace(node, bounty, claims, now),
        "paid_to_workers": money(node, bounty.paid),
        "paid_to_auditors": money(node, bounty.audit_paid),
        "paid_to_input": money(node, bounty.input_paid),
        "refunded": money(node, bounty.refunded),
        "result": await outcomes.result_of(node.bench, bounty.id),
        "claims": [_claim(node, claim) for claim in claims],
    }


async def _pace(node: Node, bounty: BountyRecord, claims: list[ClaimRecord], now: int) -> dict[str, object]:
    """How fast units are done and verified, and when the rest would be; from claiming to the end of the window."""
    try:
        steps: int | None = steps_of(await spec_of(node.bench.files, node.belief.catalog, bounty))
    except (Unavailable, BadInput):
        steps = None
    done = [claim for claim in claims if claim.stage is ClaimStage.FINALIZED]
    if not done:
        return {"verified_steps": 0, "verified_steps_per_second": None, "eta_seconds": None}
    end = max(claim.by for claim in done) if bounty.done == bounty.job.units else now
    seconds = max(1, end - min(claim.started for claim in claims))
    left = bounty.job.units - bounty.done
    return {
        "verified_steps": None if steps is None else steps * bounty.done,
        "verified_steps_per_second": None if steps is None else round(steps * bounty.done / seconds),
        "eta_seconds": round(left * seconds / bounty.done) if bounty.open_units or any(c.runs for c in claims) else 0,
    }


def _claim(node: Node, claim: ClaimRecord) -> dict[str, object]:
    return {
        "claim": claim.id,
        "worker": claim.worker,
        "units": f"{claim.first}..{claim.units.stop - 1}",
        "stage": claim.stage.name.lower(),
        "audit": claim.audit.name.lower(),
        "auditor": claim.auditor,
        "dispute": claim.dispute,
        "paid": money(node, claim.paid),
        "lost": money(node, claim.lost),
    }
