"""The command that has what a bounty came to added up, by strangers whom the chain itself can correct."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from thenar.adapters.compute.learning import returns_of
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.job_file import JobFile
from thenar.commands.jobs import post_file
from thenar.directory import workspace
from thenar.domain.ids import BountyId
from thenar.domain.work.aggregates import MAX_COUNT, MOMENTS, packed
from thenar.domain.work.classes import SUM
from thenar.domain.work.jobwork import SCORED, SUMMED
from thenar.domain.work.results import frames
from thenar.errors import BadInput, Refused
from thenar.services.ports import Tell
from thenar.services.work import bounties
from thenar.services.work.jobfiles import spec_of

VALUES = "values.bin"
MINUTES = 10
"""For work of a second; on every chain a job may take as long."""


async def sum_job(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Post a bounty for the sums of the returns of a finished bounty, of their squares and of their cubes."""
    number = BountyId(arg.number(arguments, "bounty", 0, low=1))
    bounty = node.bench.bounty(number)
    kind = (await spec_of(node.bench.files, node.belief.catalog, bounty)).kind
    if kind not in SCORED:
        raise BadInput(f"a bounty of kind {kind} has no returns", next_step=f"returns come from {' and '.join(SCORED)}")
    if bounty.done != bounty.job.units:
        raise Refused(
            f"{bounty.done} of {bounty.job.units} units of bounty {number} are done and paid",
            next_step=f"`thenar job show {number} --wait` comes back when all are",
        )
    with workspace(node.directory) as folder:
        await bounties.fetch(node.bench, number, folder / "units", lambda done, total: None)
        found = returns_of(list(_outputs(folder / "units")))
        values = [found[place] for place in sorted(found)]
        if not 0 < len(values) <= MAX_COUNT:
            raise BadInput(f"bounty {number} has {len(values):,} returns; 1 to {MAX_COUNT:,} can be added up")
        (folder / VALUES).write_bytes(packed(values))
        job = {"kind": SUMMED, "class": SUM.name, "units": 1, "segments": MOMENTS, "segment": len(values)}
        pay = {"price": arg.text(arguments, "price", "0.01"), "audit": "100%", "work_minutes": MINUTES}
        file = JobFile(folder, job, {}, {"values": VALUES, "bounty": number}, {}, pay)
        return {"sums_of": number, "values": len(values), **await post_file(node, arguments, tell, file)}


def _outputs(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.glob("unit-*.bin")):
        yield from frames(path.read_bytes())
