"""``thenar work``: what this machine lends, to whom, and what it does now."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import trio
import typer

from thenar.cli import render
from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.services.ports import Capabilities

app = typer.Typer(no_args_is_help=True)


@app.command()
def enable(
    cores: Annotated[int | None, typer.Option(help="How many cores to lend; all but one when left out.")] = None,
    classes: Annotated[
        str | None,
        typer.Option(help="Determinism classes, such as X1,X2; every exact one this machine passes when left out."),
    ] = None,
    min_price: Annotated[str, typer.Option("--min-price", help="Smallest price of a million steps or pixels.")] = "0",
    batch: Annotated[
        int | None, typer.Option(help="Most units to claim at once; 16, and 4 in probation, when left out.")
    ] = None,
    seats: Annotated[int, typer.Option(help="Stake to lend as auditor and juror too, in seats; 0 only works.")] = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Probe this machine and let the node take work by itself. Example: `thenar work enable --cores 2 --seats 1`."""
    call(
        common(data, as_json, password_file),
        "work.enable",
        cores=cores,
        classes=classes,
        min_price=min_price,
        batch=batch,
        seats=seats,
    )


@app.command()
def probe(as_json: JsonOption = False) -> None:
    """Find out in which classes this machine can work; nothing is lent. Example: `thenar work probe`."""
    offering: Any = importlib.import_module("thenar.adapters.compute.offering")
    found: Capabilities = trio.run(offering.probe_here)
    render.answer(
        {
            "cores": found.cores,
            "isolation": found.isolation,
            "classes": [
                {
                    "class": one.name,
                    "id": "0x" + one.class_id.hex(),
                    "kinds": ", ".join(one.kinds),
                    "work_per_second": one.rate,
                }
                for one in found.classes
            ],
            "missing": list(found.missing),
        },
        as_json=as_json,
    )


@app.command()
def disable(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Take no more work; what is claimed is finished, and seats are given up. Example: `thenar work disable`."""
    call(common(data, as_json, password_file), "work.disable")


@app.command()
def status(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Show what is lent, classes and records, claims that run and what they earned. Example: `thenar work status`."""
    call(common(data, as_json, password_file), "work.status")


@app.command()
def pool(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """List who works, audits and judges in which class: seats, records, groups. Example: `thenar work pool`."""
    call(common(data, as_json, password_file), "work.pool")


@app.command()
def free(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Free the stake of seats that were given up and have waited for their notice. Example: `thenar work free`."""
    call(common(data, as_json, password_file), "work.free")


@app.command()
def join(
    leader: Annotated[str, typer.Argument(help="Account of the operator whose group this is.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Ask to belong to an operator's group: its members never audit or judge each other. Say so of nodes of one owner.

    Example: `thenar work join 0x…`, then the leader's `thenar work admit 0x…`.
    """
    call(common(data, as_json, password_file), "work.join", leader=leader)


@app.command()
def admit(
    operator: Annotated[str, typer.Argument(help="Account of an operator who asked.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Let an operator who asked belong to this account's group. Example: `thenar work admit 0x…`."""
    call(common(data, as_json, password_file), "work.admit", operator=operator)


@app.command()
def leave(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Leave the group this account belongs to, once it has no seat. Example: `thenar work leave`."""
    call(common(data, as_json, password_file), "work.leave")
