"""From a command line to an exit code: every failure told, the one broad except."""

from __future__ import annotations

import os
import sys
import traceback
from functools import cache
from typing import Any

import typer

from thenar.cli import render
from thenar.cli.early import interrupted
from thenar.errors import BadConfig, BadInput, ThenarError, known_in, leaves_of

MISUSE: Any = typer.BadParameter.__mro__[2]
"""ClickException of whichever Click this Typer carries: newer ones bring their own."""


@cache
def command_of(app: typer.Typer) -> Any:
    """The tree of commands of an app, made once."""
    return typer.main.get_command(app)


def run(app: typer.Typer, arguments: list[str]) -> int:
    """Run one command line; return its exit code. Nothing escapes but SystemExit from a signal."""
    as_json = "--json" in arguments
    try:
        code = command_of(app)(arguments, prog_name="thenar", standalone_mode=False)
    except typer.Exit as left:
        return left.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return interrupted()
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
        return interrupted()
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
