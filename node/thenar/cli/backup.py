"""``thenar backup``, ``thenar restore``, and ``thenar keys``: audit them, carry what they signed to another copy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import trio
import typer

from thenar.cli import render
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.upkeep import backup as story
from thenar.upkeep import signed

keys = typer.Typer(no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.add_typer(keys, name="keys", help="The keys: audit, statements, hear.")


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    store: Annotated[
        bool, typer.Option("--store", help="Also the blocks of the store, not only what names them.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back a node up, also while it runs. Example: `thenar backup node.tar`.

    The file holds the keys under their password, the journal and the settings; the password is not in it.
    """
    shared = common(data, as_json)
    target = file.expanduser().resolve()
    with render.progress(quiet=as_json) as tell:
        made = story.back_up(shared.directory, target, with_store=store, tell=tell)
    render.answer(made, as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup that `thenar backup` wrote.")],
    drill: Annotated[bool, typer.Option("--drill", help="Only try: restore, audit, and delete it again.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Make a data directory out of a backup; first end the node it was made of. Example: `thenar restore node.tar`."""
    shared = common(data, as_json, password_file)
    source = file.expanduser().resolve()
    made = story.drill(source, shared.password()) if drill else story.restore(source, shared.directory)
    render.answer(made, as_json=as_json)


@keys.command()
def audit(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Try whether the password opens the keys, and whether they are those of the journal. Exit 9 or 11 when not."""
    shared = common(data, as_json, password_file)
    render.answer(story.audit(shared.directory, shared.password()), as_json=as_json)


@keys.command("statements")
def statements_(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down what this node signed, for another copy of it. Example: `thenar keys statements signed.json`."""
    made = trio.run(signed.write_statements, common(data, as_json).directory, file.expanduser().resolve())
    render.answer(made, as_json=as_json)


@keys.command("hear")
def hear_(
    file: Annotated[Path, typer.Argument(help="What `thenar keys statements` wrote on the other copy.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in what another copy of this node signed, so that this one never contradicts it. The node must not run."""
    made = trio.run(signed.hear_statements, common(data, as_json).directory, file.expanduser().resolve())
    render.answer(made, as_json=as_json)
