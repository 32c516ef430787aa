"""``thenar job``: work for strangers' machines, escrowed, checked and fetched."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from thenar.cli import job_template, render
from thenar.cli.call import call
from thenar.cli.capture import DaysOption, PriceOption, TermsIdOption
from thenar.cli.job_template import EXAMPLE_MODEL, TEMPLATE, template_for
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.errors import BadInput

app = typer.Typer(no_args_is_help=True)

BountyArgument = Annotated[int, typer.Argument(help="Number of the bounty, as `thenar job list` shows it.")]


@app.command()
def template(
    model: Annotated[bool, typer.Option("--model", help="Print the model the job names instead.")] = False,
    pictures: Annotated[bool, typer.Option("--pictures", help="Print a job that paints pictures instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print a job to start from. Example: `thenar job template > job.toml`."""
    made = EXAMPLE_MODEL if model else job_template.pictures() if pictures else TEMPLATE
    render.text(made, as_json=as_json)


@app.command()
def gather(
    model: Annotated[Path, typer.Argument(help="Your MJCF or URDF; what it includes and opens is where it says.")],
    into: Annotated[Path, typer.Option("--into", help="New or empty folder for the job.")],
    as_json: JsonOption = False,
) -> None:
    """Put a model and everything it opens into one folder, with a job to start from. Nothing leaves this machine.

    Example: `thenar job gather robots/arm/scene.xml --into push`, then `thenar job post push/job.toml`.
    """
    folder = _new_folder(into.expanduser())
    modelfiles: Any = importlib.import_module("thenar.adapters.compute.modelfiles")
    files: dict[str, bytes] = modelfiles.gathered(model.expanduser())
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    job = folder / "job.toml"
    job.write_text(template_for(modelfiles.MODEL, sorted(files)), encoding="utf-8")
    sizes = [{"name": name, "bytes": len(content)} for name, content in sorted(files.items())]
    render.answer({"job": str(job), "files": sizes}, as_json=as_json)


def _new_folder(folder: Path) -> Path:
    """A folder nothing lies in. Raises BadInput."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not an empty folder", next_step="name a new one")
    return folder


@app.command()
def post(
    spec: Annotated[Path, typer.Argument(help="The job as TOML; `thenar job template` prints one.")],
    units: Annotated[int | None, typer.Option(help="How many units; what the file says when left out.")] = None,
    price: Annotated[str | None, typer.Option(help="What a unit pays; what the file says when left out.")] = None,
    canaries: Annotated[
        int, typer.Option(help="Run so many units here first; a claim that comes to something else is disputed.")
    ] = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Store the job's files, lock the money for all of it and wait until the chain confirms."""
    call(
        common(data, as_json, password_file),
        "job.post",
        path=str(spec.expanduser().resolve()),
        units=units,
        price=price,
        canaries=canaries or None,
    )


@app.command("list")
def list_(
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's bounties, not only yours.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List bounties: units done, money locked and paid. Example: `thenar job list --all`."""
    call(common(data, as_json, password_file), "job.list", all=everybody)


@app.command()
def show(
    bounty: BountyArgument,
    wait: Annotated[bool, typer.Option("--wait", help="Come back only when every unit is done or can not be.")] = False,
    patience: Annotated[int | None, typer.Option(help="With --wait: give up after so many seconds.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Show a bounty: progress, verified steps a second, money, time left, and every claim of it."""
    name = "job.wait" if wait else "job.show"
    call(common(data, as_json, password_file), name, bounty=bounty, patience=patience)


@app.command()
def fetch(
    bounty: BountyArgument,
    into: Annotated[Path, typer.Option("--into", help="New or empty folder for the results.")],
    mint: Annotated[
        bool | None,
        typer.Option(help="Mint the result too; left out, this happens once your own job with an input is over."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Fetch what was computed, a file for each unit, every byte checked. Example: `thenar job fetch 1 --into out`."""
    target = str(into.expanduser().resolve())
    call(common(data, as_json, password_file), "job.fetch", bounty=bounty, into=target, mint=mint)


@app.command()
def mint(
    bounty: BountyArgument,
    title: Annotated[str | None, typer.Option(help="What the result is called.")] = None,
    parent: Annotated[
        list[str] | None, typer.Option(help="Asset it was made from beside the job's input; repeat for each.")
    ] = None,
    terms: TermsIdOption = None,
    price: PriceOption = None,
    days: DaysOption = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Mint what your job came to, and give what it was made from the share its terms demand. Safe to repeat.

    Example: `thenar job mint 1 --price 25`.
    """
    call(
        common(data, as_json, password_file),
        "job.mint",
        bounty=bounty,
        title=title,
        parents=parent or [],
        terms=terms,
        price=price,
        days=days,
    )


@app.command("sum")
def sum_(
    bounty: BountyArgument,
    price: Annotated[str, typer.Option(help="What adding up pays.")] = "0.01",
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Have the returns of a finished bounty added up, and their squares and cubes: mean and spread that stand.

    Example: `thenar job sum 1 --price 0.05`, then `thenar job fetch 2 --into sums`.
    """
    call(common(data, as_json, password_file), "job.sum", bounty=bounty, price=price)


@app.command()
def train(
    spec: Annotated[Path, typer.Argument(help='The first round as TOML; its kind is "es-train".')],
    into: Annotated[Path, typer.Option("--into", help="Folder for the policy and its learning curve.")],
    rounds: Annotated[int, typer.Option(help="How many rounds; each is a bounty of its own.")] = 5,
    step: Annotated[str, typer.Option(help="How far a parameter moves at most in a round.")] = "4",
    sizes: Annotated[
        str | None, typer.Option(help="Begin with an untrained policy of these layers, such as 4,6,1.")
    ] = None,
    price: Annotated[str | None, typer.Option(help="What a unit pays; what the file says when left out.")] = None,
    patience: Annotated[int | None, typer.Option(help="Give up when a round takes more seconds than this.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Train a policy over rounds run by strangers' machines; repeated, it goes on where it stopped.

    Example: `thenar job train cart.toml --rounds 5 --into trained`.
    """
    call(
        common(data, as_json, password_file),
        "job.train",
        path=str(spec.expanduser().resolve()),
        into=str(into.expanduser().resolve()),
        rounds=rounds,
        step=step,
        sizes=sizes,
        price=price,
        patience=patience,
    )


@app.command()
def cancel(
    bounty: BountyArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Let nobody claim more of a bounty; what is not done comes back by itself. Example: `thenar job cancel 1`."""
    call(common(data, as_json, password_file), "job.cancel", bounty=bounty)


@app.command()
def challenge(
    claim: Annotated[int, typer.Argument(help="Number of the claim, as `thenar job show` lists it.")],
    unit: Annotated[int, typer.Argument(help="The unit to run here.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Run a unit of somebody's claim here and, when it comes to something else, dispute the claim for a bond.

    The bond comes back with half of what the worker loses, or goes to him. Example: `thenar job challenge 3 17`.
    """
    call(common(data, as_json, password_file), "job.challenge", claim=claim, unit=unit)
