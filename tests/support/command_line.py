"""The command line in this process (fast) or in one of its own (for signals and real exit codes)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thenar.adapters.vault.keyring import CHEAP, create
from thenar.assembly import KEYS
from thenar.cli import full, main, outcome
from thenar.config import FILE_NAME, template

PASSWORD = "correct horse battery staple"
DEAD_RPC = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        return dict(self.json["error"])


def make_node(folder: Path, **settings: object) -> Path:
    """A data directory with cheap keys, and its password beside it."""
    create(folder / KEYS, PASSWORD, cost=CHEAP)
    (folder / FILE_NAME).write_text(template({"chain_rpc": DEAD_RPC, **settings}), encoding="utf-8")
    (folder / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    return folder


def in_process(capsys: Any, *arguments: str) -> Answer:
    """Run a command line here; one that would take this process over is run by what it would become."""
    app = full.app if arguments and arguments[0] in main.HEAVY else main.app
    code = outcome.run(app, [str(part) for part in arguments])
    said = capsys.readouterr()
    return Answer(code, said.out, said.err)


def in_a_process(*arguments: str, seconds: float = 90, **variables: str) -> Answer:
    """Run a command line as people do."""
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=seconds, check=False, env=environment(**variables)
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def command(*arguments: str) -> list[str]:
    """How to start it."""
    return [sys.executable, "-m", "thenar", *(str(part) for part in arguments)]


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: no colours, none of this shell's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("THENAR_")}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "200", **more}
