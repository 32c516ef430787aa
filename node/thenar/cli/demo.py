"""``thenar demo``, ``thenar devnet`` and ``thenar cheat``: the whole economy on this machine."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import trio
import typer

from thenar.adapters.chain.devnet import open_devnet
from thenar.cli import logs, render
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.cli.whole_node import run_until_stopped
from thenar.demo import capturing, computing, reflex
from thenar.demo.mallory import lying
from thenar.demo.steps import Narrator
from thenar.demo.story import Story
from thenar.domain.ids import Address, address
from thenar.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    app.command("demo")(demo)
    app.command("devnet")(devnet)
    app.command("cheat")(cheat)


CAPTURES, CAPTURE, COMPUTE, REFLEX = "captures", "capture", "compute", "reflex"


def demo(
    which: Annotated[str, typer.Argument(help="Which story: captures, capture, compute, or reflex.")] = CAPTURES,
    capture: Annotated[
        list[Path] | None,
        typer.Option(help="Use this file instead; repeat for more. In `capture` the second is a re-scan of the first."),
    ] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep everything the story made in this new folder.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the main job for real: three nodes, two captures, a fair sale, a caught cheat, and everybody paid.

    Or `thenar demo capture`: a room is asked for, scanned, copied by a cheat, kept in pieces, lost, got back, and
    rewarded.
    Or `thenar demo reflex`: a robot balances by a node near it, which is killed, and goes on by one that is farther.
    Or `thenar demo compute`: five nodes, 64 units of work, a forger convicted, a node killed, and everybody paid. Exit
    code 41 and more names the step that failed.
    """
    if which not in TALES:
        raise BadInput(f"there is no story {which[:40]!r}", next_step=f"use one of {', '.join(TALES)}")
    if capture and which not in (CAPTURES, CAPTURE):
        raise BadInput(
            f"`thenar demo {which}` records its own",
            next_step="use --capture with `thenar demo` or `thenar demo capture`",
        )
    captures = [path.expanduser().resolve() for path in capture or []]
    for path in captures:
        if not path.is_file():
            raise BadInput(f"there is no file {path}", next_step="check --capture")
    _tell(which, captures, keep, as_json)


def _tell(which: str, captures: list[Path], keep: Path | None, as_json: bool) -> None:
    """Play a story, show how it ended, and leave nothing behind but what is to be kept."""
    folder, began = _folder(keep), time.monotonic()
    try:
        with render.progress(quiet=as_json) as tell:
            narrator = Narrator(_voice(as_json), tell)
            shown = TALES[which](folder, narrator, captures, as_json)
        seconds = round(time.monotonic() - began, 1)
        steps = [{"step": name, "seconds": narrator.seconds[name]} for name in narrator.steps]
        told = {**shown.told, "balances": shown.balances, "steps": steps}
        if as_json:
            render.print_json({**told, "transactions": shown.transactions, "sums": shown.sums, "seconds": seconds})
        else:
            render.answer({**told, **shown.sums, "seconds": seconds}, as_json=False)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


class Shown(NamedTuple):
    """How a story ended: what is peculiar to it, and what every story has."""

    told: dict[str, object]
    balances: list[dict[str, object]]
    transactions: list[dict[str, object]]
    sums: dict[str, str]


def _fair_sale(folder: Path, narrator: Narrator, captures: list[Path], _: bool) -> Shown:
    story = Story(folder, captures, narrator)
    trio.run(_play, story)
    told: dict[str, object] = {"assets": story.assets, "transactions": story.transactions}
    return Shown(told, story.balances, story.transactions, story.sums)


def _missing_room(folder: Path, narrator: Narrator, captures: list[Path], _: bool) -> Shown:
    narrator.steps = capturing.STEPS
    story = capturing.CaptureStory(folder, narrator, captures)
    trio.run(_play, story)
    answers = [{"who": who, **one} for who, one in zip(story.answers, story.shown["list"], strict=True)]
    told: dict[str, object] = {"answers": answers, "trust in ana's capture": story.trust["trust"]}
    told |= {"rewards": story.rewards.rows, "rounds the cheat was lucky in": story.keeping.lucky}
    return Shown(told, story.balances, story.stage.transactions, story.sums)


def _idle_machines(folder: Path, narrator: Narrator, _: list[Path], __: bool) -> Shown:
    narrator.steps = computing.STEPS
    story = computing.ComputeStory(folder, narrator)
    trio.run(_play, story)
    pace = {key: story.shown[key] for key in ("units", "done", "verified_steps", "verified_steps_per_second")}
    told: dict[str, object] = {"claims": story.shown["claims"], "curve": story.curve, **pace}
    return Shown(told, story.balances, story.stage.transactions, story.sums)


def _reflex_arc(folder: Path, narrator: Narrator, _: list[Path], as_json: bool) -> Shown:
    """The robot is a node in this process, whose log goes where errors go."""
    logs.begin("warning", as_json=as_json)
    narrator.steps = reflex.STEPS
    story = reflex.ReflexStory(folder, narrator)
    trio.run(_play, story)
    return Shown(dict(story.shown), story.balances, story.stage.transactions, story.sums)


TALES: Final = {CAPTURES: _fair_sale, CAPTURE: _missing_room, COMPUTE: _idle_machines, REFLEX: _reflex_arc}


async def _play(story: Story | capturing.CaptureStory | computing.ComputeStory | reflex.ReflexStory) -> None:
    """Run the story; a signal to stop ends it like an interruption, nodes and chain included."""
    async with trio.open_nursery() as nursery:

        async def watch() -> None:
            with trio.open_signal_receiver(signal.SIGTERM) as signals:
                async for _ in signals:
                    raise KeyboardInterrupt

        nursery.start_soon(watch)
        await story.run()
        nursery.cancel_scope.cancel()


def _folder(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="thenar-demo-"))
    folder = keep.expanduser().resolve()
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty", next_step="name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _voice(as_json: bool) -> Callable[[str], None]:
    return (lambda _: None) if as_json else lambda text: render.err.print(text, highlight=False)


def devnet(
    directory: Annotated[Path, typer.Argument(help="Folder for the deployment file and the chain's log.")] = Path(
        "thenar-devnet"
    ),
    port: Annotated[int, typer.Option(help="Port of the chain; 0 takes a free one.")] = 8545,
    fund: Annotated[list[str] | None, typer.Option(help="Account to give ether and mock dollars; repeat.")] = None,
    block_time: Annotated[float, typer.Option(help="Seconds between blocks.")] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Start a local chain with the contracts deployed, until interrupted."""
    trio.run(_devnet, directory.expanduser().resolve(), port, [address(a) for a in fund or []], block_time, as_json)


async def _devnet(directory: Path, port: int, fund: list[Address], block_time: float, as_json: bool) -> None:
    # heard explicitly: a shell's script lets its jobs in the background ignore SIGINT
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with open_devnet(directory, port=port, block_time=block_time, accounts=fund) as net:
            contracts = net.deployment.contracts
            told = {"rpc": net.rpc_url, "chain_id": net.deployment.chain_id, "deployment": str(net.deployment_file)}
            render.answer({**told, "contracts": contracts}, as_json=as_json)
            async for _ in signals:
                return


def cheat(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Run a node that delivers wrong keys until interrupted, to see it caught; local chains only."""
    trio.run(run_until_stopped, common(data, as_json, password_file), lying)
