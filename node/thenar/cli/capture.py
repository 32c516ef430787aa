"""``thenar capture``: recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.adapters.media import LAYOUT_TEMPLATE, TEMPLATE
from thenar.cli import gesture, render, scoring
from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)
app.command("score")(scoring.score)
app.command("gesture")(gesture.gesture)

AssetArgument = Annotated[str, typer.Argument(help="Asset id, 0x and 64 hex digits.")]
PurposesOption = Annotated[str, typer.Option(help="What licensees may do: train,eval,sim,human_view,redistribute,…")]
ShareOption = Annotated[str, typer.Option(help="Share of a derivative's income owed to this asset.")]
FloorOption = Annotated[str, typer.Option(help="Smallest price of any license.")]
PriceOption = Annotated[str | None, typer.Option(help="Offer licenses at this price right away, such as 12.50.")]
TermsIdOption = Annotated[
    int | None,
    typer.Option("--terms", help="Terms that are written (`thenar terms`), instead of spelling them out here."),
]
RoyaltyOption = Annotated[
    str, typer.Option(help="ERC-2981: what you ask of a resale of the token, such as 2.5%; nobody must pay.")
]
DaysOption = Annotated[int, typer.Option(help="How long a license lasts; 0 means without end.")]


@app.command()
def add(
    path: Annotated[Path, typer.Argument(help="PCD, PLY, LAS/LAZ, E57, CSV, HDF5, MCAP or Parquet.")],
    describe: Annotated[
        Path | None, typer.Option(help="Description (`thenar capture template`); else FILE.capture.toml beside it.")
    ] = None,
    layout: Annotated[Path | None, typer.Option(help="What the columns of a CSV, HDF5 or Parquet mean (TOML).")] = None,
    device: Annotated[str | None, typer.Option(help="The registered device that recorded it, by its name.")] = None,
    purposes: PurposesOption = "train,eval",
    share: ShareOption = "5%",
    floor: FloorOption = "0",
    terms: TermsIdOption = None,
    royalty: RoyaltyOption = "0%",
    price: PriceOption = None,
    days: DaysOption = 0,
    batch: Annotated[
        bool, typer.Option("--batch", help="PATH is a folder: commit to all its recordings at once. Repeat to resume.")
    ] = False,
    title: Annotated[str | None, typer.Option(help="With --batch: what the batch is called.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Scrub, describe, seal, store, mint and announce a recording: what tells who and where is never sealed.

    With --batch every recording in a folder, in one transaction: `thenar capture add --batch episodes --price 0.05`.
    """
    call(
        common(data, as_json, password_file),
        "capture.add-batch" if batch else "capture.add",
        path=str(path.expanduser().resolve()),
        description=None if describe is None else str(describe.expanduser().resolve()),
        layout=None if layout is None else str(layout.expanduser().resolve()),
        device=device,
        purposes=purposes,
        share=share,
        floor=floor,
        terms=terms,
        royalty=royalty,
        price=price,
        days=days,
        title=title,
    )


@app.command()
def materialise(
    batch: Annotated[str, typer.Argument(help="Asset id of the batch.")],
    index: Annotated[int, typer.Argument(help="Place of the member, from 0.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Give a member of your batch a record of its own, to sell it apart: `thenar capture materialise 0x… 17`."""
    call(common(data, as_json, password_file), "capture.materialise", batch=batch, index=index)


@app.command("list")
def list_(
    mine: Annotated[bool, typer.Option("--mine", help="Only what this account owns.")] = False,
    batch: Annotated[str | None, typer.Option("--batch", help="List the members of this batch instead.")] = None,
    first: Annotated[int, typer.Option("--from", help="With --batch: the first member listed, 1,000 at once.")] = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List every asset the chain knows, or with --batch the members of one."""
    if batch is not None:
        call(common(data, as_json, password_file), "capture.members", batch=batch, first=first)
    else:
        call(common(data, as_json, password_file), "capture.list", mine=mine)


@app.command()
def show(
    asset: AssetArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Show an asset with its description and offers."""
    call(common(data, as_json, password_file), "capture.show", asset=asset)


@app.command()
def sketch(
    asset: AssetArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Ask a holder what a card about an asset shows. Example: `thenar capture sketch 0x…`."""
    call(common(data, as_json, password_file), "capture.sketch", asset=asset)


@app.command()
def fetch(
    asset: AssetArgument,
    into: Annotated[Path, typer.Argument(help="Folder or file to write the plaintext to.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Fetch a licensed asset, check every hash, and write its plaintext."""
    target = str(into.expanduser().resolve())
    call(common(data, as_json, password_file), "capture.fetch", asset=asset, into=target)


@app.command()
def export(
    assets: Annotated[list[str], typer.Argument(help="Captures to export.")],
    into: Annotated[Path, typer.Argument(help="New folder for what is written.")],
    format_: Annotated[str, typer.Option("--as", help="stac, croissant or lerobot.")],
    task: Annotated[str, typer.Option(help="What was done, for lerobot.")] = "unspecified",
    fps: Annotated[int, typer.Option(help="Frames a second for lerobot; 0 takes the fastest stream's rate.")] = 0,
    layout: Annotated[Path | None, typer.Option(help="What the columns of a table mean, for lerobot (TOML).")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Describe captures for others' catalogues, or write those you can open as a LeRobot data set.

    Example: thenar capture export 0x… 0x… catalogue --as stac
    """
    given: dict[str, object] = {"assets": assets, "into": str(into.expanduser().resolve()), "format": format_}
    if format_ == "lerobot":
        found = None if layout is None else str(layout.expanduser().resolve())
        given |= {"task": task, "fps": fps, "layout": found}
    call(common(data, as_json, password_file), "capture.export", **given)


@app.command("terms")
def terms_(
    asset: AssetArgument,
    terms: Annotated[int, typer.Argument(help="Id of written terms, see `thenar terms list`.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Name other terms for future licenses; running licenses and standing offers keep theirs.

    Example: thenar capture terms 0x… 3
    """
    call(common(data, as_json, password_file), "capture.terms", asset=asset, terms=terms)


@app.command()
def withdraw(
    asset: AssetArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this you are only told what it would do.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Take consent back: end every license, destroy the key, have copies dropped. Says first what it cannot undo.

    Example: thenar capture withdraw 0x… --yes
    """
    call(common(data, as_json, password_file), "capture.withdraw", asset=asset, yes=yes)


@app.command()
def trace(
    path: Annotated[Path, typer.Argument(help="The file that was found.")],
    layout: Annotated[Path | None, typer.Option(help="What the columns of a table mean.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Say which marked copy of yours a found file comes from, and how likely chance would say the same.

    Example: thenar capture trace found.las
    """
    found, named = str(path.expanduser().resolve()), str(layout.expanduser().resolve()) if layout else None
    call(common(data, as_json, password_file), "capture.trace", path=found, layout=named)


@app.command()
def witness(
    asset: AssetArgument,
    scan: Annotated[
        str | None, typer.Option("--with", help="Your later scan; else your newest that may show it.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only compare, and tell what your word would count.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Say that a later scan of yours shows a capture's place again; your node also looks for such by itself.

    Example: thenar capture witness 0x5c… --dry-run
    """
    call(common(data, as_json, password_file), "capture.witness", asset=asset, scan=scan, dry=dry_run)


@app.command()
def witnesses(
    asset: AssetArgument,
    lodge: Annotated[
        bool, typer.Option("--lodge", help="Have counted what was heard about it and is not yet.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Tell how far a capture is trusted, and whose words it rests on. Example: `thenar capture witnesses 0x5c…`."""
    call(common(data, as_json, password_file), "capture.witnesses", asset=asset, lodge=lodge)


@app.command()
def words(
    asset: AssetArgument,
    check: Annotated[
        bool, typer.Option("--check", help="Lay each scan on it as was said, and tell what it shows.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List what witnesses said of a capture, and until when each word can be accused.

    Example: thenar capture words 0x5c… --check
    """
    call(common(data, as_json, password_file), "capture.words", asset=asset, check=check)


@app.command()
def accuse(
    asset: AssetArgument,
    witness: Annotated[str, typer.Argument(help="Account of the witness whose word is false.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only compute, and tell what it would cost.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Bring a witness's false word before a jury; your node also accuses words about what is near by itself.

    Example: thenar capture accuse 0x5c… 0x09… --dry-run
    """
    call(common(data, as_json, password_file), "capture.accuse", asset=asset, witness=witness, dry=dry_run)


@app.command()
def place(
    asset: AssetArgument,
    exact: Annotated[str, typer.Option(help="The exact H3 cell, as it was stated.")],
    level: Annotated[int | None, typer.Option(help="The floor, as it was stated.")] = None,
    salt: Annotated[str | None, typer.Option(help="The owner's salt, 0x and 64 hex digits.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Check an exact place against a capture's commitment; its owner is shown the salt that proves it to others.

    Example: thenar capture place 0x5c… --exact 8f1fb46741ae4d3 --level 2
    """
    call(common(data, as_json, password_file), "capture.place", asset=asset, exact=exact, level=level, salt=salt)


@app.command()
def template(
    layout: Annotated[bool, typer.Option("--layout", help="Print a layout for a table's columns instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print a description to fill in: place and consent are mandatory."""
    render.text(LAYOUT_TEMPLATE if layout else TEMPLATE, as_json=as_json)
