"""Commands about previews: challenge, list, show."""

from __future__ import annotations

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of, money
from thenar.domain.catalog import Catalog, PreviewRecord
from thenar.domain.money import parse_amount
from thenar.domain.previews import Stage, chance_of_missing, drawn
from thenar.errors import NotFound
from thenar.services.ports import Tell
from thenar.services.preview import challenge

ENDS = {1: "opened and paid", 2: "a false opening was shown", 3: "never opened"}
SHARES = (1, 5, 10, 25)
"""Percent of garbage for which the chance of seeing none of it is told."""


async def challenge_preview(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Ask for a preview; with ``wait``, stay until its chunks are here or the money is back."""
    asset = arg.asset(arguments)
    count = arg.number(arguments, "chunks", 3, low=1, high=256)
    fee = parse_amount(arg.text(arguments, "fee", "0"), node.decimals)
    tell({"label": "fetching the list of leaves", "done": 0, "total": 0})
    viewing = node.viewing_for(arg.request_id(arguments))
    found = await challenge(viewing, asset, count, fee)
    if arg.flag(arguments, "wait"):
        await _wait(node, found.preview_id, tell, arg.number(arguments, "patience", 600, low=1, high=86_400))
    return preview_view(node, node.belief.catalog.previews[found.preview_id])


async def list_previews(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """This account's previews, as challenger or seller; everybody's with ``all``."""
    chosen = [
        preview_view(node, found)
        for found in node.belief.catalog.previews.values()
        if arg.flag(arguments, "all") or node.me in (found.preview.challenger, found.preview.seller)
    ]
    return {**as_of(node), "previews": chosen}


async def show_preview(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """One preview: where it stands, what was drawn, where the chunks lie, and what was likely to be seen."""
    found = node.belief.catalog.previews.get(arg.deal_id(arguments, "preview"))
    if found is None:
        raise NotFound("no such preview as of this block", next_step="`thenar preview list` shows yours")
    preview = found.preview
    folder = node.previewed / found.preview_id.hex()
    here = sorted(path.name for path in await trio.Path(folder).iterdir()) if folder.is_dir() else []
    bad = {f"{percent} %": -(-preview.chunks * percent // 100) for percent in SHARES}
    odds = {share: f"{1 - chance_of_missing(preview.chunks, many, preview.count):.1%}" for share, many in bad.items()}
    return {
        **preview_view(node, found),
        "drawn": list(drawn(found.opened.seed, preview)) if found.opened else [],
        "folder": str(folder) if here else "",
        "files": here,
        "chance_to_see_garbage_of": odds,
    }


def preview_view(node: Node, found: PreviewRecord) -> dict[str, object]:
    """A preview and where it stands."""
    preview = found.preview
    return {
        "preview": "0x" + found.preview_id.hex(),
        "asset": preview.asset,
        "seller": preview.seller,
        "challenger": preview.challenger,
        "chunks": preview.count,
        "of": preview.chunks,
        "fee": money(node, preview.fee),
        "stage": "ended" if found.stage is Stage.NONE else found.stage.name.lower(),
        "end": ENDS[found.end] if found.end else "",
        "deadline": found.deadline,
    }


async def _wait(node: Node, preview_id: bytes, tell: Tell, patience: int) -> None:
    def opened(catalog: Catalog) -> PreviewRecord | None:
        found = catalog.previews[preview_id]
        tell({"label": found.stage.name.lower(), "done": int(found.stage), "total": 2})
        return found if found.stage is not Stage.ASKED else None

    await node.belief.until(opened, seconds=patience, what="the opening of the preview")
