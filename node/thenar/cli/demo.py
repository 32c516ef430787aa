"""``thenar demo`` and ``thenar devnet``: the whole economy on this machine."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Annotated

import trio
import typer

from thenar.adapters.chain.devnet import open_devnet
from thenar.cli import render
from thenar.cli.options import JsonOption
from thenar.demo.steps import STEPS, Narrator
from thenar.demo.story import Story
from thenar.domain.ids import Address, address
from thenar.errors import BadInput
from thenar.services.ports import Tell


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    app.command("demo")(demo)
    app.command("devnet")(devnet)


def demo(
    capture: Annotated[list[Path] | None, typer.Option(help="Publish this file instead; repeat for more.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep everything the story made in this new folder.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the main job for real: three nodes, two captures, a fair sale, a caught cheat, and everybody paid.

    Exit code 41 to 50 names the step that failed.
    """
    captures = [path.expanduser().resolve() for path in capture or []]
    for path in captures:
        if not path.is_file():
            raise BadInput(f"there is no file {path}", next_step="check --capture")
    folder = _folder(keep)
    began = time.monotonic()
    try:
        with render.progress(quiet=as_json) as tell:
            story = Story(folder, captures, _narrator(tell, as_json))
            trio.run(_play, story)
        _show(story, round(time.monotonic() - began, 1), as_json)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _play(story: Story) -> None:
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


def _narrator(tell: Tell, as_json: bool) -> Narrator:
    return Narrator(
        say=(lambda _: None) if as_json else lambda text: render.err.print(text, highlight=False), tell=tell
    )


def _show(story: Story, seconds: float, as_json: bool) -> None:
    told: dict[str, list[dict[str, object]]] = {
        "assets": story.assets,
        "transactions": story.transactions,
        "balances": story.balances,
        "steps": [{"step": name, "seconds": story.narrator.seconds[name]} for name in STEPS],
    }
    if as_json:
        render.print_json({**told, "sums": story.sums, "seconds": seconds})
        return
    for title, listed in told.items():
        render.out.print(render.rows(title, listed))
    render.answer({**story.sums, "seconds": seconds}, as_json=False)


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
    async with open_devnet(directory, port=port, block_time=block_time, accounts=fund) as net:
        contracts = net.deployment.contracts
        told = {"rpc": net.rpc_url, "chain_id": net.deployment.chain_id, "deployment": str(net.deployment_file)}
        render.answer({**told, "contracts": contracts}, as_json=as_json)
        with trio.open_signal_receiver(signal.SIGTERM) as signals:
            async for _ in signals:
                return
