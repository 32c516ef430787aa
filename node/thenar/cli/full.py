"""The commands that need the whole node: ``python -m thenar.cli.full``. The light entry hands over to it."""

from __future__ import annotations

import sys

import typer

from thenar.cli import demo, keeper, outcome

app = typer.Typer(name="thenar", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
keeper.add_to(app)
demo.add_to(app)


if __name__ == "__main__":
    sys.exit(outcome.run(app, sys.argv[1:]))
