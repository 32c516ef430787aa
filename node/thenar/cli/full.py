"""The commands that need the whole node: ``python -m thenar.cli.full``. The light entry hands over to it."""

from __future__ import annotations

import sys

from thenar.cli import early

if __name__ == "__main__":  # before the rest is imported, which takes a second or two
    early.end_when_interrupted()

import typer

from thenar.adapters.vault.privacy import keep_memory_private
from thenar.cli import backup, demo, doctor, outcome, up, whole_node

app = typer.Typer(name="thenar", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
whole_node.add_to(app)
up.add_to(app)
doctor.add_to(app)
backup.add_to(app)
demo.add_to(app)


if __name__ == "__main__":
    keep_memory_private()
    early.as_usual()
    sys.exit(outcome.run(app, sys.argv[1:]))
