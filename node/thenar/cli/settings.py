"""``thenar config``: what is set and where it came from."""

from __future__ import annotations

import typer

from thenar.cli import render
from thenar.cli.options import DataOption, JsonOption, common
from thenar.config import load, template, toml_name

app = typer.Typer(no_args_is_help=True)


@app.command()
def show(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show every setting, its value and its origin."""
    _, origins = load(common(data, as_json).directory)
    found = {
        toml_name(name): {"value": list(o.value) if isinstance(o.value, tuple) else o.value, "origin": o.source}
        for name, o in origins.items()
    }
    if as_json:
        render.print_json({"settings": found})
    else:
        listed = [{"setting": name, **shown} for name, shown in found.items()]
        render.out.print(render.rows("settings", listed))


@app.command("template")
def template_() -> None:
    """Print a commented file with every setting at its default."""
    typer.echo(template(), nl=False)
