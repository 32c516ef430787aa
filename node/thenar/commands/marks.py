"""Commands about marked copies: make, accept, recall, list, claim, and tracing a found file."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import trio

from thenar.adapters.media.marking import default_step, read_marks, write_marked
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import announce, known_asset, offer_at_once
from thenar.commands.view import as_of, money, receipt_view, tell_bytes
from thenar.directory import workspace
from thenar.domain.assets import AssetKind
from thenar.domain.catalog import MarkRecord
from thenar.domain.ids import AssetId, address
from thenar.domain.manifest import Manifest
from thenar.domain.marking import MAX_STEP, Match, Reading, Secrets
from thenar.domain.marks import MarkStage, Shares
from thenar.domain.money import parse_amount
from thenar.errors import BadInput, Refused
from thenar.services import marking
from thenar.services.keep import fetch_description
from thenar.services.ports import Tell
from thenar.services.publish import Publication, Published, publish_asset
from thenar.services.retrieve import open_asset

DAY = 86_400
WELL_WRITTEN = Fraction(95, 100)
"""Least share of cells that must say their bit again when the copy is read back."""


async def make_mark(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Make, seal and mint a copy of an own capture with a buyer's mark in it, propose the mark, and offer the copy."""
    asset, buyer = arg.asset(arguments), address(arg.text(arguments, "buyer"))
    bond, trade = parse_amount(arg.text(arguments, "bond"), node.decimals), node.trade_for(arg.request_id(arguments))
    marking.check_bond(bond)
    days = arg.number(arguments, "days", 90, low=1, high=3_650)
    until = await trade.asked_at(marking.name_of(asset, buyer)) + days * DAY
    record = known_asset(node, asset)
    if record.owner != node.me or record.kind is not AssetKind.CAPTURE or buyer == node.me:
        raise Refused("marked copies are made of captures of one's own, for somebody else")
    description = await fetch_description(record.commitment, store=node.store)
    if not isinstance(description, Manifest):
        raise Refused(f"{asset} has no capture's description")
    step = arg.number(arguments, "step", default_step(description.modality), low=2, high=MAX_STEP)
    secrets = marking.secrets_for(node.trade.wrapper, asset, buyer, step)
    layout = arg.existing_file(arguments, "layout") if arguments.get("layout") else None
    with workspace(node.directory) as folder:
        plain = await _opened(node, asset, folder, tell)
        copy = folder / "marked" / plain.name
        copy.parent.mkdir()
        match = await trio.to_thread.run_sync(lambda: _written(plain, copy, step, secrets, layout))
        publication = Publication(copy, marking.MarkedDraft(description), AssetKind.CAPTURE, record.terms)
        done = await _published(node, publication, tell)
    bargain = marking.Bargain(buyer, bond, until, step)
    found = await marking.propose(trade, done.asset, asset, bargain)
    if arguments.get("price") is not None:
        await offer_at_once(node, {**arguments, "bond": "0%", "days": 0}, done.asset, record.terms)
    await announce(node, done.asset)
    return {**mark_view(node, found), "original": asset, "cells": match.cells, "written": match.agreed}


async def _opened(node: Node, asset: AssetId, folder: Path, tell: Tell) -> Path:
    return await open_asset(
        asset,
        folder,
        sealer=node.sealer,
        store=node.store,
        journal=node.journal,
        peers=node.peers,
        belief=node.belief,
        limit=node.config.store_quota_mb * 1_000_000,
        progress=tell_bytes(tell, "opening the original"),
    )


def _written(plain: Path, copy: Path, step: int, secrets: Secrets, layout: Path | None) -> Match:
    """Write the copy and read it back: a mark nobody could read later is not sold."""
    write_marked(plain, copy, step=step, secrets=secrets, layout=layout)
    reading = read_marks(copy, step=step, layout=layout)
    reading.leak(bytes(32))  # enough cells in one chapter for a claim
    match = Match.between(reading.seen, secrets)
    if match.agreed < WELL_WRITTEN * match.cells:
        raise BadInput(
            f"only {match.agreed:,} of {match.cells:,} cells kept their bit",
            next_step="the file's numbers are too coarse for this step: take a larger --step",
        )
    return match


async def _published(node: Node, publication: Publication, tell: Tell) -> Published:
    return await publish_asset(
        publication,
        node.me,
        sealer=node.sealer,
        store=node.store,
        journal=node.journal,
        outbox=node.outbox,
        belief=node.belief,
        progress=tell_bytes(tell, "sealing the copy"),
    )


async def accept_mark(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Lay down the bond of a mark that was proposed to this account."""
    most = parse_amount(arg.text(arguments, "max_bond"), node.decimals)
    trade = node.trade_for(arg.request_id(arguments))
    return mark_view(node, await marking.accept(trade, arg.deal_id(arguments, "mark"), most))


async def recall_mark(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Take the stake of a mark back that nobody accepted."""
    mark_id = arg.deal_id(arguments, "mark")
    receipt = await marking.recall(node.trade_for(arg.request_id(arguments)), mark_id)
    return {**mark_view(node, node.belief.catalog.marks[mark_id]), **receipt_view(receipt)}


async def list_marks(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """This account's marks, as owner, buyer or finder; everybody's with ``all``."""
    chosen = [
        mark_view(node, found)
        for found in node.belief.catalog.marks.values()
        if arg.flag(arguments, "all") or node.me in (found.mark.owner, found.mark.buyer, found.finder)
    ]
    return {**as_of(node), "marks": chosen}


async def claim_leak(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Commit to what a found file says about a mark, and show it; with ``wait``, stay for the owner's answer."""
    trade, mark_id = node.trade_for(arg.request_id(arguments)), arg.deal_id(arguments, "mark")
    reading = await _read(node, arguments, marking.mark_of(node.belief.catalog, mark_id).mark.step)
    found = await marking.claim(trade, mark_id, lambda _: reading)
    if arg.flag(arguments, "wait"):
        patience = arg.number(arguments, "patience", 600, low=1, high=30 * DAY)
        found = await node.belief.until(
            lambda c: c.marks[mark_id] if c.marks[mark_id].leak is None else None,
            seconds=patience,
            what="the owner's answer",
        )
    return mark_view(node, found)


async def trace_file(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Which of this account's marked copies a file comes from, and how likely chance would say the same."""
    steps = {record.mark.step for record in node.belief.catalog.marks.values() if record.mark.owner == node.me}
    readings = {step: await _read(node, arguments, step) for step in steps}
    found = await marking.trace(node.trade, lambda step: readings[step])
    return {
        "file": arg.text(arguments, "path"),
        "found": [_traced_view(node, one) for one in found if one.named],
        "likeliest": _traced_view(node, found[0]),
    }


async def _read(node: Node, arguments: arg.Arguments, step: int) -> Reading:
    path = arg.existing_file(arguments, "path")
    layout = arg.existing_file(arguments, "layout") if arguments.get("layout") else None
    return await trio.to_thread.run_sync(lambda: read_marks(path, step=step, layout=layout))


def _traced_view(node: Node, one: marking.Traced) -> dict[str, object]:
    bits = one.chance.denominator.bit_length() - one.chance.numerator.bit_length()
    return {
        "mark": "0x" + one.mark.mark_id.hex(),
        "copy": one.mark.mark.copy,
        "buyer": one.mark.mark.buyer,
        "cells": one.match.cells,
        "agreed": one.match.agreed,
        "error_below": "1" if one.chance >= 1 else f"10^-{max(0, math.floor((bits - 1) * math.log10(2)))}",
    }


def mark_view(node: Node, found: MarkRecord) -> dict[str, object]:
    """A mark, where it stands and what it holds."""
    mark, shares = found.mark, Shares.of(found.mark.bond)
    return {
        "mark": "0x" + found.mark_id.hex(),
        "copy": mark.copy,
        "owner": mark.owner,
        "buyer": mark.buyer,
        "bond": money(node, mark.bond),
        "stake": money(node, shares.stake),
        "finder_pays": money(node, shares.deposit),
        "finder_gets": money(node, shares.reward),
        "until": mark.until,
        "step": mark.step,
        "stage": found.stage.name.lower(),
        "end": found.end.name.lower().replace("_", " ") if found.stage is MarkStage.ENDED else "",
        "finder": found.finder or "",
        "answer_by": found.answer_by,
        "chapters_opened": found.spent.bit_count(),
    }
