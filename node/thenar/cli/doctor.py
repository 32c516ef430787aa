"""``thenar doctor``: what is wrong, and with ``--fix`` mending it; ``thenar support-bundle``: telling somebody else."""

from __future__ import annotations

import os
from collections.abc import Sequence
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
from thenar.upkeep.finding import Finding, Patient


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    app.command("doctor")(doctor)
    app.command("support-bundle")(support_bundle)


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without losing anything.")] = False,
    store_lost: Annotated[
        bool, typer.Option("--store-lost", help="What the store held is gone for good: begin it anew.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show what is fine, too.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Check what a node needs, and say what to do about what is missing; exit 5 when something is.

    Nothing is changed without --fix; a fault that it mends says so.
    """
    shared = common(data, as_json, password_file)
    mended: list[str] = []
    found = examine(_patient(shared, store_lost))
    if fix and shared.directory.is_dir():
        mended = mend(_patient(shared, store_lost), found)
        found = examine(_patient(shared, store_lost=False))
    healthy = all(finding.fine for finding in found)
    if as_json:
        render.print_json({"healthy": healthy, "mended": mended, "checks": [told(one) for one in found]})
    else:
        _show(found, mended, everything=everything)
    if not healthy:
        raise typer.Exit(5)


def _show(found: Sequence[Finding], mended: Sequence[str], *, everything: bool) -> None:
    """One line for each fault, with what mends it, then those for what is fine where they are wanted, and a sum."""
    faults = [one for one in found if not one.fine]
    for one in faults:
        helps = f"; --fix does: {one.mend.says}" if one.mend is not None else ""
        render.line("bold red", "fault", f"{one.check}: {one.seen}. Next: {one.next_step}{helps}")
    for one in found if everything else ():
        if one.fine:
            render.line("green", "fine ", one.check + ("" if one.seen == "yes" else f": {one.seen}"))
    for check in mended:
        render.line("bold", "mended", check)
    hint = "" if everything else "; --all shows what is fine"
    counted = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    render.line("bold", "healthy", f"{'no' if faults else 'yes'}: {counted} in {len(found)} checks{hint}")


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
