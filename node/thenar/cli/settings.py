"""``thenar config``: what is set and where it came from."""

from __future__ import annotations

from typing import Annotated

import trio
import typer

from thenar.cli import render
from thenar.cli.answers import schema as schema_of_answers
from thenar.cli.options import DataOption, JsonOption, common
from thenar.client import Common, status_of
from thenar.config import NAMES, Origin, load, schema, template, toml_name
from thenar.directory import runtime_of

app = typer.Typer(no_args_is_help=True)


OriginOption = Annotated[bool, typer.Option("--origin", help="Say of each setting where its value comes from.")]


@app.command()
def show(data: DataOption = None, origin: OriginOption = False, as_json: JsonOption = False) -> None:
    """Show every setting and its value, as the running node has it. Example: `thenar config show --origin`."""
    shared = common(data, as_json)
    origins = load(shared.directory)[1] | _given(shared)
    found = {
        toml_name(name): {"value": list(o.value) if isinstance(o.value, tuple) else o.value, "origin": o.source}
        for name, o in origins.items()
    }
    if as_json:
        render.print_json({"settings": found})
    else:
        columns = ("value", "origin") if origin else ("value",)
        listed = [{"setting": name, **{key: shown[key] for key in columns}} for name, shown in found.items()]
        render.out.print(render.rows("settings", listed))


def _given(shared: Common) -> dict[str, Origin]:
    """What the running node was given beside file and variables, as ``thenar up --devnet`` gives it its own chain."""
    given = (runtime_of(shared.directory) or {}).get("settings")
    if not isinstance(given, dict) or not given or not trio.run(status_of, shared).get("running"):
        return {}
    return {name: Origin(value, "the running node") for name, value in given.items() if name in NAMES}


@app.command("schema")
def schema_(as_json: JsonOption = False) -> None:
    """Print a JSON Schema of the settings file, for editors and for checks; always JSON."""
    render.print_json(schema())


@app.command("template")
def template_(as_json: JsonOption = False) -> None:
    """Print a commented file with every setting at its default."""
    render.text(template(), as_json=as_json)


@app.command("answers")
def answers_(
    command: Annotated[list[str] | None, typer.Argument(help="Words of a command, such as: keys audit.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print a JSON Schema of what a command answers. Example: `thenar config answers status`."""
    render.print_json(schema_of_answers(" ".join(command or ())))
