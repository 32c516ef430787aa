"""``thenar doctor``: what is wrong, and with ``--fix`` mending it; ``thenar support-bundle``: telling somebody else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import trio
import typer

from thenar.cli import render
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.client import Common, status_of
from thenar.errors import Locked
from thenar.upkeep.bundle import write_bundle
from thenar.upkeep.doctor import examine, mend, told
from thenar.upkeep.finding import Patient


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    app.command("doctor")(doctor)
    app.command("support-bundle")(support_bundle)


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without losing anything.")] = False,
    store_lost: Annotated[
        bool, typer.Option("--store-lost", help="What the store held is gone for good: begin it anew.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Check what a node needs, and say what to do about what is missing; exit 5 when something is.

    Nothing is changed without --fix; the column fix says what it would do.
    """
    shared = common(data, as_json, password_file)
    mended: list[str] = []
    found = examine(_patient(shared, store_lost))
    if fix and shared.directory.is_dir():
        mended = mend(_patient(shared, store_lost), found)
        found = examine(_patient(shared, store_lost=False))
    healthy = all(finding.fine for finding in found)
    render.answer({"healthy": healthy, "mended": mended, "checks": [told(one) for one in found]}, as_json=as_json)
    if not healthy:
        raise typer.Exit(5)


def support_bundle(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    log: Annotated[Path | None, typer.Option(help="A log of the node, whose end is added.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Write status, doctor, settings and versions for somebody who helps, with secrets taken out; look before sending.

    Example: `thenar support-bundle help.tar --log node.log`.
    """
    shared = common(data, as_json, password_file)
    kept = log.expanduser().resolve() if log is not None else None
    made = write_bundle(_patient(shared, store_lost=False), file.expanduser().resolve(), kept)
    render.answer(made, as_json=as_json)


def _patient(shared: Common, store_lost: bool) -> Patient:
    try:
        password: str | None = shared.password()
    except Locked:
        password = None
    status = trio.run(status_of, shared)
    return Patient(shared.directory, dict(os.environ), status, password, store_lost)
