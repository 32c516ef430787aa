"""The command that trains a policy over rounds, each run by strangers' machines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import trio

from thenar.adapters.compute.learning import step_of
from thenar.adapters.compute.network import MAX_PARAMETERS, UNIT, Network, parameters_of
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.job_file import JobFile
from thenar.commands.jobs import bench_for
from thenar.commands.view import tell_bytes
from thenar.domain.work.bounties import Job
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import decimal
from thenar.errors import BadInput
from thenar.services.ports import Tell
from thenar.services.work.bounties import name_of
from thenar.services.work.training import MAX_ROUNDS, Course, Round, train

CURVE, POLICY = "curve.json", "policy.bin"
PATIENCE = 86_400
MAX_LAYERS = 9


async def train_job(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Run rounds one after another and write the policy and its learning curve into a folder. Safe to repeat."""
    path, into = arg.existing_file(arguments, "path"), Path(arg.text(arguments, "into"))
    file = await trio.to_thread.run_sync(JobFile.read, path)
    if arguments.get("sizes") is not None:
        await trio.to_thread.run_sync(_begin, file, arg.text(arguments, "sizes"))
    rounds = arg.number(arguments, "rounds", 5, low=1, high=MAX_ROUNDS)
    spec = await file.spec(node.store, None, tell_bytes(tell, "storing the job's files"))
    bench = bench_for(node, arguments)

    async def priced(of: JobSpec) -> Job:
        asked_at = await bench.trade.asked_at(name_of(of.digest))
        return file.terms(of, arg.optional_text(arguments, "price"), asked_at, node.decimals)

    patience = arg.number(arguments, "patience", PATIENCE, low=1, high=366 * 86_400)
    course = Course(spec, priced, step_of(_rate(arguments)), rounds, patience)
    tell({"label": "round 1", "done": 0, "total": rounds, "unit": "rounds"})

    def told(done: Round) -> None:
        label = f"mean return {done.mean_return:.2f}"
        tell({"label": label, "done": done.number + 1, "total": rounds, "unit": "rounds"})

    policy, found = await train(bench, course, told)
    curve = [_row(one) for one in found]
    await trio.Path(into).mkdir(parents=True, exist_ok=True)
    await (trio.Path(into) / POLICY).write_bytes(policy)
    await (trio.Path(into) / CURVE).write_text(json.dumps(curve, indent=1) + "\n")
    return {"policy": str(into / POLICY), "curve": curve}


def _row(done: Round) -> dict[str, object]:
    workers = list(done.workers)
    return {
        "round": done.number + 1,
        "mean_return": round(done.mean_return, 3),
        "bounty": done.bounty,
        "workers": workers,
    }


def _begin(file: JobFile, sizes: str) -> None:
    """Write an untrained policy where the job names one, unless there is one. Raises BadInput."""
    layers = [part.strip() for part in sizes.split(",")]
    if not 2 <= len(layers) <= MAX_LAYERS or not all(part.isascii() and part.isdigit() for part in layers):
        raise BadInput(f"{sizes[:40]!r} are no sizes of layers", next_step="write them like 4,6,1: inputs first")
    control = file.work.get("control")
    name = control.get("file") if isinstance(control, dict) else None
    if not isinstance(name, str):
        raise BadInput("the job names no policy to train", next_step="work.control.file names it")
    path, shape = file.folder / str(file.files.get(name, name)), tuple(int(part[:9]) for part in layers)
    if path.exists():
        raise BadInput(f"{path} exists already", next_step="leave --sizes out to go on with that policy")
    if min(shape) < 1 or parameters_of(shape) > MAX_PARAMETERS:
        raise BadInput(f"a policy has layers of at least 1 and at most {MAX_PARAMETERS:,} parameters")
    path.write_bytes(Network(shape, np.zeros(parameters_of(shape), dtype=np.int64)).encode())


def _rate(arguments: arg.Arguments) -> int:
    """How far a parameter moves at most in a round, in 1/65,536ths."""
    rate = round(decimal(arg.text(arguments, "step", "4"), "step") * UNIT)
    if not 0 < rate < 2**31:
        raise BadInput("step is more than 0 and less than 32768", next_step="for example --step 4")
    return rate
