"""How answers look: tables and progress for people on a terminal, one JSON object for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from thenar.errors import ThenarError
from thenar.services.ports import Tell

out = Console()
err = Console(stderr=True)


def answer(value: Mapping[str, object], *, as_json: bool) -> None:
    """Print a command's result: as JSON, or as lines, tables and, where a table would be too wide, blocks."""
    if as_json:
        print_json(value)
        return
    for key, content in value.items():
        if isinstance(content, Mapping) and content and all(isinstance(part, Mapping) for part in content.values()):
            _print_rows(key, [{key: name, **part} for name, part in content.items()], as_blocks=True)
        elif isinstance(content, list) and content and isinstance(content[0], Mapping):
            _print_rows(key, content)
        elif isinstance(content, Mapping):
            _print_rows(key, [content])
        else:
            _print_line(key, content)


def line(style: str, head: str, rest: str) -> None:
    """Print one line with a head; a terminal wraps it, a pipe does not."""
    out.print(_line(style, head, rest), highlight=False, soft_wrap=True)


def _print_line(key: str, content: object) -> None:
    out.print(_line("bold", key, _cell(content)), highlight=False, soft_wrap=True)


def _print_rows(title: str, listed: Sequence[Mapping[str, object]], *, as_blocks: bool = False) -> None:
    if not as_blocks and _width(listed) <= out.width:
        out.print(rows(title, listed))
        return
    for row in listed:
        out.print()
        for key, content in row.items():
            _print_line(key, content)


def _width(listed: Sequence[Mapping[str, object]]) -> int:
    """Characters a table of these rows needs."""
    columns = list(listed[0])
    longest = (max(len(column), *(len(_cell(row.get(column))) for row in listed)) for column in columns)
    return sum(longest) + 3 * len(columns) + 1


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on standard output; numbers JSON does not have (NaN, infinity) are null."""
    sys.stdout.write(json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value


def text(content: str, *, as_json: bool) -> None:
    """Print a text as it is, for a file; as JSON under the name ``template``."""
    if as_json:
        print_json({"template": content})
    else:
        sys.stdout.write(content)
        sys.stdout.flush()


def rows(title: str, listed: Sequence[Mapping[str, object]]) -> Table:
    """A table of like objects; the columns are the keys of the first."""
    table = Table(title=title, title_justify="left", show_lines=False, expand=False)
    columns = list(listed[0])
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in listed:
        table.add_row(*(_plain(_cell(row.get(column))) for column in columns))
    return table


def _plain(text: str) -> Text:
    """Text of strangers as it is: no markup, no control characters a terminal would act on."""
    return Text("".join(mark if mark.isprintable() or mark == "\n" else "\ufffd" for mark in text))


def _line(style: str, head: str, rest: str) -> Text:
    return Text.assemble((head, style), "  ", _plain(rest))


def _cell(content: object) -> str:
    if content is None or content == []:
        return "–"
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, Mapping):
        return ", ".join(f"{key} {_cell(item)}" for key, item in content.items())
    if isinstance(content, list):
        return "\n".join(_cell(item) for item in content)
    return str(content)


def failure(problem: ThenarError, *, as_json: bool) -> None:
    """Print a failure with its next step; as JSON on standard output when JSON was asked for."""
    if as_json:
        said = {"kind": type(problem).__name__, "message": problem.message, "next_step": problem.next_step}
        print_json({"error": {**said, "exit_code": problem.exit_code}})
        return
    err.print(_line("bold red", type(problem).__name__, problem.message), highlight=False, soft_wrap=True)
    if problem.next_step:
        err.print(_line("bold", "next", problem.next_step), highlight=False, soft_wrap=True)


def warning(said: str) -> None:
    """Print a line on standard error, whatever was asked for on standard output."""
    err.print(_line("yellow", "warning", said), highlight=False, soft_wrap=True)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Tell]:
    """A live progress line for each label a command tells of; silent for JSON and pipes."""
    if quiet or not err.is_terminal:
        yield lambda _: None
        return
    shown = TextColumn("{task.fields[shown]}")
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), shown, TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        known = {}

        def tell(said: dict[str, object]) -> None:
            label = str(said.get("label", ""))
            done, total = said.get("done", 0), said.get("total", 0)
            if label not in known:
                known[label] = bars.add_task(escape(label), total=None, shown="")
            if isinstance(done, int) and isinstance(total, int):
                counted = _counted(done, total, said.get("unit"))
                bars.update(known[label], completed=done, total=total or None, shown=counted)

        yield tell


def _counted(done: int, total: int, unit: object) -> str:
    """How far something is: so many of so many of a unit; bytes when none is named."""
    if unit is not None:
        return f"{done}/{total or '?'} {escape(str(unit))}"
    return f"{decimal(done)}/{decimal(total) if total else '?'}"
