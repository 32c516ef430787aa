"""``thenar bounty``: pay for captures that are missing, and be paid for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)
BountyArgument = Annotated[int, typer.Argument(help="The bounty's number.")]
CellsOption = Annotated[
    str | None, typer.Option(help="Only these H3 cells: a file that lists them, or A,B,C. Coarser ones are spread.")
]
GestureOption = Annotated[
    bool, typer.Option("--needs-gesture", help="Only recordings that begin with a gesture (`thenar capture gesture`).")
]
AgeOption = Annotated[
    str | None, typer.Option("--max-age", help="How old a capture may be when it is answered with: 30d, 12h or 45m.")
]
TaxelsOption = Annotated[int, typer.Option("--least-taxels", help="Taxels a recording of touch must have.")]
MOST_LIST = 64 * 1024
"""Letters of a list of cells that are read."""
PlaceArgument = Annotated[int, typer.Argument(help="The answer's place in the bounty, from 0.")]


@app.command()
def post(
    price: Annotated[str, typer.Option(help="For a good capture's worth where half of what you want is there.")],
    budget: Annotated[str, typer.Option(help="Most that is paid in all; locked now, the rest comes back.")],
    place: Annotated[str | None, typer.Option(help="Class of place, such as semi_public.")] = None,
    area: Annotated[str | None, typer.Option(help="H3 cell the captures must lie in.")] = None,
    grain: Annotated[int | None, typer.Option(help="Resolution of the cells that are counted.")] = None,
    levels: Annotated[str, typer.Option(help="Floors: 0 is the ground, -2:5 from two below to five above.")] = "0",
    subject: Annotated[str | None, typer.Option(help="What is touched or done, where there is no place.")] = None,
    least_taxels: TaxelsOption = 0,
    modality: Annotated[str, typer.Option(help="spatial, tactile, trajectory or imu.")] = "spatial",
    quality: Annotated[str, typer.Option(help="Least quality.")] = "60%",
    captures: Annotated[int, typer.Option(help="Good captures wanted for each cell and level.")] = 2,
    top_price: Annotated[str | None, typer.Option("--top-price", help="Where the price stops rising.")] = None,
    rise_days: Annotated[int, typer.Option("--rise-days", help="Days in which the price rises by itself once.")] = 10,
    days: Annotated[int, typer.Option(help="Days in which it can be answered.")] = 10,
    terms: Annotated[int, typer.Option(help="Answers must stand under these terms; 0 takes any.")] = 0,
    needs_device: Annotated[bool, typer.Option("--needs-device", help="Only with a registered device's word.")] = False,
    cells: CellsOption = None,
    needs_gesture: GestureOption = False,
    max_age: AgeOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Ask for captures and lock the budget.

    Example: `thenar bounty post --place semi_public --area 871f8d7a5ffffff --price 20 --budget 500`
    """
    call(
        common(data, as_json, password_file),
        "bounty.post",
        place=place,
        area=area,
        grain=grain,
        subject=subject,
        least_taxels=least_taxels,
        levels=levels,
        modality=modality,
        quality=quality,
        captures=captures,
        terms=terms,
        **{"price": price, "budget": budget, "top_price": top_price, "rise_days": rise_days, "days": days},
        **{"needs_device": needs_device, "needs_gesture": needs_gesture, "max_age": max_age, "cells": _listed(cells)},
    )


def _listed(cells: str | None) -> str | None:
    """What a file lists, where one is named."""
    if cells is None:
        return None
    path = Path(cells).expanduser()
    if not path.is_file():
        return cells
    with path.open(encoding="ascii", errors="replace") as source:
        return source.read(MOST_LIST)


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only yours.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List capture bounties: what is wanted, what it pays now, what is left. Example: `thenar bounty list`."""
    call(common(data, as_json, password_file), "bounty.list", all=everything, mine=mine)


@app.command()
def gaps(
    modality: Annotated[str | None, typer.Option(help="Only of this modality.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Tell what is missing, by class and area; never which cell, and nobody's home. Example: `thenar bounty gaps`."""
    call(common(data, as_json, password_file), "bounty.gaps", modality=modality)


@app.command()
def show(
    bounty: BountyArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Show a capture bounty and every answer to it. Example: `thenar bounty show 1`."""
    call(common(data, as_json, password_file), "bounty.show", bounty=bounty)


@app.command()
def answer(
    bounty: BountyArgument,
    asset: Annotated[str, typer.Argument(help="Your capture, as `thenar capture add` named it.")],
    scan: Annotated[Path, typer.Argument(help="The scan itself, to score it here.")],
    cell: Annotated[str | None, typer.Option(help="H3 cell, of the resolution that is counted; places only.")] = None,
    level: Annotated[str, typer.Option(help="Floor; the ground is 0.")] = "0",
    device: Annotated[str | None, typer.Option(help="The device that recorded it, by its name; it vouches.")] = None,
    beacon: Annotated[int | None, typer.Option(help="The beacon whose gesture it begins with.")] = None,
    gesture: Annotated[
        Path | None, typer.Option(help="The motion log that came with the scan, where the scan itself holds none.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would be paid.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Score a scan beside what others have shown, and answer with it; the node shows it and has it paid.

    Example: `thenar bounty answer 1 ASSET room.pcd --cell 891f8d7a5a3ffff --dry-run`
    """
    call(
        common(data, as_json, password_file),
        "bounty.answer",
        bounty=bounty,
        asset=asset,
        path=str(scan.expanduser().resolve()),
        cell=cell,
        level=level,
        device=device,
        beacon=beacon,
        gesture=None if gesture is None else str(gesture.expanduser().resolve()),
        dry=dry_run,
    )


@app.command()
def settle(
    bounty: BountyArgument,
    place: PlaceArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Have an answer paid, whoever's it is, once nobody can challenge it. Example: `thenar bounty settle 1 0`."""
    call(common(data, as_json, password_file), "bounty.settle", bounty=bounty, place=place)


@app.command()
def challenge(
    bounty: BountyArgument,
    place: PlaceArgument,
    prior: Annotated[
        str | None, typer.Option(help="The older asset it copies; without it, that it fails what the bounty demands.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look for the transform.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Show that an answer copies an older one, or lacks its gesture or is too old, for a bond.

    Example: `thenar bounty challenge 1 1 --prior ASSET`
    """
    call(common(data, as_json, password_file), "bounty.challenge", bounty=bounty, place=place, prior=prior, dry=dry_run)


@app.command()
def judge(
    seats: Annotated[int, typer.Option(help="How many seats; each binds stake.")] = 1,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Judge disputed scores when drawn, for fees. Example: `thenar bounty judge --seats 1`."""
    call(common(data, as_json, password_file), "bounty.judge", seats=seats)
