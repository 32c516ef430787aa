"""The entry of the ``thenar`` command: subcommands, exit codes, the one broad except."""

from __future__ import annotations

import os
import sys
import traceback

import click
import typer

from thenar import __version__
from thenar.cli import capture, demo, license_, model, node, render, revenue, settings
from thenar.errors import ThenarError

EXIT_CODES = """Exit codes: 0 done · 1 a bug · 2 bad input or usage · 3 not found · 4 configuration or precondition ·
5 unhealthy · 6 a dependency did not answer · 7 the chain refused · 8 not enough funds · 9 keyring locked ·
10 too late · 11 a hash disagrees · 12 conflict · 130 interrupted."""

app = typer.Typer(
    name="thenar",
    help="Own what you capture, license it fairly, be paid for what learns from it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
node.add_to(app)
demo.add_to(app)
app.add_typer(capture.app, name="capture", help="Recordings: add, list, show, fetch.")
app.add_typer(model.app, name="model", help="Derived assets: models, datasets, results.")
app.add_typer(license_.app, name="license", help="Licenses: offer, buy, list, check, revoke.")
app.add_typer(revenue.app, name="revenue", help="Income: pay, link, publish, claim, show, withdraw.")
app.add_typer(settings.app, name="config", help="Settings: show, template.")


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
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; return its exit code. Nothing escapes but SystemExit from a signal."""
    as_json = "--json" in arguments
    try:
        code = app(arguments, prog_name="thenar", standalone_mode=False)
    except click.exceptions.Exit as left:
        return left.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as misuse:
        misuse.show()
        return misuse.exit_code
    except BaseExceptionGroup as group:
        return _of_group(group, as_json)
    except ThenarError as problem:
        render.failure(problem, as_json=as_json)
        return problem.exit_code
    except Exception as bug:  # noqa: BLE001  the one place where a bug becomes an exit code
        return _of_bug(bug, as_json)
    return code if isinstance(code, int) else 0


def _of_group(group: BaseExceptionGroup[BaseException], as_json: bool) -> int:
    """A nursery's failure: told as the one cause it has, when it has one we know."""
    leaves = list(_leaves(group))
    known = [leaf for leaf in leaves if isinstance(leaf, ThenarError)]
    if any(isinstance(leaf, KeyboardInterrupt) for leaf in leaves):
        return 130
    if known and len(known) == len(leaves):
        render.failure(known[0], as_json=as_json)
        return known[0].exit_code
    return _of_bug(group, as_json)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for part in group.exceptions:
        found += _leaves(part) if isinstance(part, BaseExceptionGroup) else [part]
    return found


def _of_bug(bug: BaseException, as_json: bool) -> int:
    problem = ThenarError(
        f"{type(bug).__name__}: {bug}", next_step="this is a bug; report it with THENAR_DEBUG=1 and the trace it prints"
    )
    render.failure(problem, as_json=as_json)
    if os.environ.get("THENAR_DEBUG"):
        traceback.print_exception(bug)
    return 1
