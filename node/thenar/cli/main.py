"""The entry of the ``thenar`` command, kept light: what needs a whole node is handed over to ``cli.full``."""

from __future__ import annotations

import os
import sys

import typer

from thenar import __version__
from thenar.cli import capture, license_, model, node, outcome, revenue, settings

EXIT_CODES = """Exit codes: 0 done · 1 a bug · 2 bad input or usage · 3 not found · 4 configuration or precondition ·
5 unhealthy · 6 a dependency did not answer · 7 the chain refused · 8 not enough funds · 9 keyring locked ·
10 too late · 11 a hash disagrees · 12 conflict · 41 to 50 a step of the demo · 130 interrupted."""

app = typer.Typer(
    name="thenar",
    help="Own what you capture, license it fairly, be paid for what learns from it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
node.add_to(app)
app.add_typer(capture.app, name="capture", help="Recordings: add, list, show, fetch.")
app.add_typer(model.app, name="model", help="Derived assets: models, datasets, results.")
app.add_typer(license_.app, name="license", help="Licenses: offer, buy, list, check, revoke.")
app.add_typer(revenue.app, name="revenue", help="Income: pay, link, publish, claim, show, withdraw.")
app.add_typer(settings.app, name="config", help="Settings: show, template.")


HEAVY = {
    "init": "Make a data directory: keys under a password, and a commented settings file.",
    "run": "Run the node until interrupted: follow the chain, serve blocks, deliver keys, settle sales.",
    "doctor": "Check what a node needs, and say what to do about what is missing; exit 5 when something is.",
    "demo": "Run the main job for real: three nodes, two captures, a fair sale, a caught cheat, and everybody paid.",
    "devnet": "Start a local chain with the contracts deployed, until interrupted.",
}
"""Commands that import the whole node: they run in ``cli.full``, which takes this process over."""
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def _hand_over(context: typer.Context) -> None:
    words = [sys.executable, "-m", "thenar.cli.full", str(context.info_name), *context.args]
    os.execv(sys.executable, words)


for _name, _help in HEAVY.items():
    app.command(_name, help=_help, context_settings=PASSED_ON)(_hand_over)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"thenar {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    pass


def main() -> None:
    """Run the command line and exit with a documented code."""
    sys.exit(outcome.run(app, sys.argv[1:]))
