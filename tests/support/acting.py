"""Run the lines of a page as its reader would: the real command line, in a folder of the page's own."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from command_line import Answer, command, environment, in_process
from doc_town import Town
from shown_lines import HERE, ROOT, Row, fed

SECONDS = 300
SMALL = os.environ.get("THENAR_ACCEPTANCE") != "full"


def _heed_ctrl_c() -> None:
    """Where the suite is a job in the background its children ignore Ctrl-C, unless they are told otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Walker:
    """Walks through pages; what lasts is ended with the page."""

    def __init__(self, town: Town, patch: Any, capsys: Any) -> None:
        self.town, self.patch, self._capsys = town, patch, capsys
        self._lasting: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Walker:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._lasting):
            self.stop(name)

    def walk(self, page: str, rows: Sequence[Row]) -> int:
        """Run the rows of a page; how many were run here."""
        folder = self.town.folder / "pages" / page.replace("/", "-")
        folder.mkdir(parents=True)
        self.patch.chdir(folder)
        self.patch.setenv("PWD", str(folder))
        self.town.here, self.town.walker, self.town.variables = folder, self, {}
        self.town.take_roles_back()
        ran = 0
        for row in rows:
            if not row.told_by:
                self._line(page, row)
                ran += 1
        return ran

    def also(self, line: str) -> None:
        """Run a line that the page presumes."""
        answer = in_process(self._capsys, *shlex.split(line)[1:])
        assert answer.code == 0, answer

    def until(self, line: str) -> None:
        """Wait until a line ends well."""
        began = time.monotonic()
        while (answer := in_process(self._capsys, *shlex.split(line)[1:])).code:
            assert time.monotonic() - began < SECONDS, answer
            time.sleep(0.3)

    def stop(self, name: str) -> None:
        """End a command that lasts, as Ctrl-C does."""
        process = self._lasting.pop(name)
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        assert code in (0, 130), f"{name} ended with {code}"

    def _line(self, page: str, row: Row) -> None:
        if row.before is not None:
            row.before(self.town)
        who = str(self.town.things.get(row.by, row.by)) if row.by == "last" else row.by
        for name, value in {"THENAR_DATA": str(self.town.home(who)), **self.town.variables}.items():
            self.patch.setenv(name, value)
        if HERE.search(row.shown):
            subprocess.run(["bash", "-c", fed(page, row.shown)], check=True, timeout=SECONDS)
            return
        words = row.words(self.town.things, small=SMALL)
        into = words.index(">") if ">" in words else len(words)
        asked, kept = words[:into], words[into + 1 :]
        if row.lasts:
            self._begin(row, asked)
            return
        answer = self._asked(row, [*asked, *(["--json"] if row.keep else [])])
        for _ in range(row.again):
            if answer.code == row.code and all(_at(path, answer.json) is not None for path in row.keep.values()):
                break
            answer = self._asked(row, [*asked, "--json"])
        said = f"{page} shows {row.shown!r}; {shlex.join(asked)} ended with {answer.code}:\n{answer.out}{answer.err}"
        assert answer.code == row.code, said
        if kept:
            Path(kept[0]).write_text(answer.out, encoding="utf-8")
        for name, path in row.keep.items():
            self.town.things[name] = _at(path, answer.json)

    def _asked(self, row: Row, words: list[str]) -> Answer:
        if words[0] == "export":
            for word in words[1:]:
                name, _, value = word.partition("=")
                self.town.variables[name] = os.path.expandvars(value)
            return Answer(0, "", "")
        if words[0] != "thenar":
            done = subprocess.run(
                ["bash", "-c", row.shown], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            return Answer(done.returncode, done.stdout, done.stderr)
        if row.apart:
            given = {name: value for name, value in os.environ.items() if name.startswith("THENAR_")}
            done = subprocess.run(
                command(*words[1:]), capture_output=True, text=True, timeout=SECONDS, check=False,
                env=environment(**given, BROWSER="true"), stdin=subprocess.DEVNULL,
            )  # fmt: skip
            return Answer(done.returncode, done.stdout, done.stderr)
        if row.given:
            self.patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(row.given)))
        return in_process(self._capsys, *words[1:])

    def _begin(self, row: Row, words: list[str]) -> None:
        """Start a command that lasts, and wait until it said that it is ready."""
        log = Path.cwd() / "node.log"
        given = {name: value for name, value in os.environ.items() if name.startswith("THENAR_")}
        with log.open("w") as out:
            process = subprocess.Popen(
                command(*words[1:], "--json"), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                text=True, env=environment(**given), preexec_fn=_heed_ctrl_c,
            )  # fmt: skip
        self._lasting[row.shown] = process
        began = time.monotonic()
        while time.monotonic() - began < SECONDS:
            assert process.poll() is None, f"{row.shown} ended by itself:\n{log.read_text()}"
            for line in log.read_text().splitlines():
                if '"deployment"' in line or '"ready"' in line:
                    self.town.told = json.loads(line) if line.startswith("{") else {}
                    return
            time.sleep(0.2)
        raise AssertionError(f"{row.shown} was not ready in time:\n{log.read_text()}")


def _at(path: str, told: Any) -> Any:
    """What dots and numbers lead to in an answer; None where a list is too short."""
    for step in path.split("."):
        if step.isdecimal() and int(step) >= len(told):
            return None
        told = told[int(step)] if step.isdecimal() else told[step]
    return told
