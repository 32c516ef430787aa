"""The entry of the ``thenar`` command: subcommands, exit codes, the one broad except."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

import typer

from thenar import __version__
from thenar.cli import capture, demo, license_, model, node, render, revenue, settings
from thenar.errors import BadConfig, BadInput, ThenarError, known_in, leaves_of

EXIT_CODES = """Exit codes: 0 done · 1 a bug · 2 bad input or usage · 3 not found · 4 configuration or precondition ·
5 unhealthy · 6 a dependency did not answer · 7 the chain refused · 8 not enough funds · 9 keyring locked ·
10 too late · 11 a hash disagrees · 12 conflict · 41 to 50 a step of the demo · 130 interrupted."""
INTERRUPTED = 130
MISUSE: Any = typer.BadParameter.__mro__[2]
"""ClickException of whichever Click this Typer carries: newer ones bring their own."""

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
    except typer.Exit as left:
        return left.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except MISUSE as misuse:
        return _of_misuse(misuse, as_json)
    except BaseExceptionGroup as group:
        return _of_group(group, as_json)
    except ThenarError as problem:
        render.failure(problem, as_json=as_json)
        return problem.exit_code
    except BrokenPipeError:
        return _of_closed_pipe()
    except OSError as trouble:
        return _of_system(trouble, as_json)
    except Exception as bug:  # noqa: BLE001  the one place where a bug becomes an exit code
        return _of_bug(bug, as_json)
    return code if isinstance(code, int) else 0


def _of_misuse(misuse: Any, as_json: bool) -> int:
    """Wrong usage: told by Typer for people, as every other failure for programs."""
    if as_json:
        context = getattr(misuse, "ctx", None)
        asked = context.command_path if context else "thenar"
        only_help = type(misuse).__name__ == "NoArgsIsHelpError"
        message = f"{asked} needs a command" if only_help else misuse.format_message()
        render.failure(BadInput(message, next_step=f"`{asked} --help` shows how"), as_json=True)
    else:
        misuse.show()
    return BadInput.exit_code


def _of_group(group: BaseExceptionGroup[BaseException], as_json: bool) -> int:
    """A nursery's failure: told as the one cause it has, when it has one we know."""
    leaves = leaves_of(group)
    known = known_in(group)
    if any(isinstance(leaf, KeyboardInterrupt) for leaf in leaves):
        return INTERRUPTED
    if known is not None:
        render.failure(known, as_json=as_json)
        return known.exit_code
    if len(leaves) == 1 and isinstance(leaves[0], OSError):
        return _of_system(leaves[0], as_json)
    return _of_bug(group, as_json)


def _of_closed_pipe() -> int:
    """Whoever read our output has read enough; Python must not complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _of_system(trouble: OSError, as_json: bool) -> int:
    """The system refused a file, a folder or a socket: a precondition that people can mend."""
    where = f"{trouble.filename}: " if trouble.filename else ""
    problem = BadConfig(f"{where}{trouble.strerror or trouble}", next_step="check that path, its rights and the disk")
    render.failure(problem, as_json=as_json)
    return problem.exit_code


def _of_bug(bug: BaseException, as_json: bool) -> int:
    problem = ThenarError(
        f"{type(bug).__name__}: {bug}", next_step="this is a bug; report it with THENAR_DEBUG=1 and the trace it prints"
    )
    render.failure(problem, as_json=as_json)
    if os.environ.get("THENAR_DEBUG"):
        traceback.print_exception(bug)
    return 1
