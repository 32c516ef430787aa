"""``thenar storage``: keep files for others, and prove it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import AssetArgument
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)

ReplicasArgument = Annotated[list[str], typer.Argument(help="Roots of replicas, as `thenar storage list` shows them.")]


@app.command()
def replicate(
    asset: AssetArgument,
    copies: Annotated[int, typer.Option(help="How many unrelated ciphertexts there shall be, the first included.")] = 2,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Offer ciphertexts of your asset to be kept. Example: `thenar storage replicate 0x… --copies 3`."""
    call(common(data, as_json, password_file), "storage.replicate", asset=asset, copies=copies)


@app.command()
def spread(
    asset: AssetArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Offer your asset in eight pieces, any four of which bring it back. Example: `thenar storage spread 0x…`."""
    call(common(data, as_json, password_file), "storage.spread", asset=asset)


@app.command()
def restore(
    asset: AssetArgument,
    into: Annotated[Path | None, typer.Option(help="Open it into this folder or file too.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Get a sealed file back from those who keep replicas or pieces of it. Example: `thenar storage restore 0x…`."""
    target = None if into is None else str(into.expanduser().resolve())
    call(common(data, as_json, password_file), "storage.restore", asset=asset, into=target)


@app.command("list")
def list_(
    free: Annotated[bool, typer.Option("--free", help="Only what nobody keeps.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List what is to be kept, and who keeps it. Example: `thenar storage list --free`."""
    call(common(data, as_json, password_file), "storage.list", free=free)


@app.command()
def take(
    replicas: ReplicasArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Fetch replicas, keep them, and pledge all you keep from the next round on. Example: `thenar storage take 0x…`."""
    call(common(data, as_json, password_file), "storage.take", replicas=replicas)


@app.command()
def drop(
    replicas: ReplicasArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Keep replicas no longer, or dismiss who keeps yours. Example: `thenar storage drop 0x…`."""
    call(common(data, as_json, password_file), "storage.drop", replicas=replicas)


@app.command()
def show(
    check: Annotated[int, typer.Option(help="Leaves of every replica to read again, drawn at random.")] = 4,
    mend: Annotated[bool, typer.Option("--mend", help="Fetch what the disk lost again from other holders.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Show what you pledged and answered, and whether your disk tells the truth. Example: `thenar storage show`."""
    call(common(data, as_json, password_file), "storage.show", check=check, mend=mend)


@app.command()
def retire(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Pledge nothing after the running round; your bond comes back by itself. Example: `thenar storage retire`."""
    call(common(data, as_json, password_file), "storage.retire")
