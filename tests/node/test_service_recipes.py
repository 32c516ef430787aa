"""The lines that docs/operating.md shows for systemd and for a container make what the two files ask for.

They are run as they stand, in a folder that stands for the machine; what only root may do, or needs a network, is noted
down by programs of the same names.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from faults import deployment_file
from shown_lines import ROOT, recipes_in

from thenar.adapters.vault.keyring import open_keyring
from thenar.config import load

SYSTEMD, COMPOSE = recipes_in("docs/operating.md", "As a service")
UNIT = (ROOT / "deployments" / "systemd" / "thenar.service").read_text(encoding="utf-8")
PLACES = re.compile(r"(?<![\w.])/(?=(opt|etc|var/lib)/)")
PROGRAMS = {
    "useradd": "",
    "systemctl": "",
    "docker": 'env | grep ^THENAR_ > "$NOTES.variables"',
    "runuser": 'shift 3; exec "$@"',
    "install": "exec /usr/bin/install $(echo \"$@\" | sed 's/-[og] thenar//g')",
    "python3": 'mkdir -p "$3/bin" && ln -s "$(dirname "$0")/useradd" "$3/bin/pip"\n'
    f'printf \'#!/bin/sh\\nexec "{sys.executable}" -m thenar "$@"\\n\' > "$3/bin/thenar" && chmod +x "$3/bin/thenar"',
}


@pytest.fixture
def checkout(tmp_path):
    """A folder like a checkout with a wheel, and a deployment file somebody handed over."""
    (tmp_path / "checkout" / "dist").mkdir(parents=True)
    (tmp_path / "checkout" / "dist" / "thenar-0.1.0-py3-none-any.whl").touch()
    shutil.copytree(ROOT / "deployments", tmp_path / "checkout" / "deployments")
    shutil.copy(deployment_file(tmp_path), tmp_path / "checkout" / "deployments" / "1.json")
    (tmp_path / "etc" / "systemd" / "system").mkdir(parents=True)
    (tmp_path / "opt").mkdir()
    (tmp_path / "var" / "lib").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for name, does in PROGRAMS.items():
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\necho "{name} $@" >> "$NOTES"\n{does}\n')
        program.chmod(0o755)
    return tmp_path / "checkout"


def follow(recipe: list[str], checkout: Path) -> str:
    """Run a recipe; what was asked of the programs that are not there."""
    here = checkout.parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith("THENAR_")}
    given = {"PATH": f"{here / 'bin'}:{kept['PATH']}", "HOME": str(here), "NOTES": str(here / "notes")}
    lines = PLACES.sub(f"{here}/", "\n".join(["set -eu -o pipefail", *recipe]))
    done = subprocess.run(
        ["bash", "-c", lines], cwd=checkout, env={**kept, **given, "PYTHONPATH": str(ROOT / "node")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return (here / "notes").read_text()


def told(name: str) -> str:
    """What the unit says under a name."""
    return re.findall(rf"^{name}=(.+)$", UNIT, re.MULTILINE)[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_unit_finds_what_its_recipe_makes(checkout):
    asked = follow(SYSTEMD, checkout)

    here, user = checkout.parent, told("User")
    data = here / re.findall(r"THENAR_DATA=/(\S+)", told("Environment"))[0]
    password = here / told("LoadCredential").split(":/")[1]
    config, _ = load(data, environment={})
    assert asked.splitlines()[0].endswith(f" {user}")
    assert f"runuser -u {user} -- " in asked
    assert f"install -d -o {user} -g {user} -m 700 {data}" in asked
    assert open_keyring(data / "keys", password.read_text().strip()).account
    assert (mode(data), mode(password)) == (0o700, 0o600)
    assert not (data / "keys" / "password").exists()
    assert Path(config.chain_deployment).is_file()
    assert (here / told("ExecStart").split()[0].lstrip("/")).is_file()
    assert (here / "etc" / "systemd" / "system" / "thenar.service").read_text() == UNIT
    assert data.name == told("StateDirectory")


def test_the_codes_that_are_not_retried_are_those_the_page_and_the_comment_name():
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    codes = told("RestartPreventExitStatus").split()

    assert f"({', '.join(codes)}) are not retried" in page
    assert re.findall(r"\b(\d+):", UNIT.split("RestartPreventExitStatus")[0].rsplit("RestartSec", 1)[1]) == codes


def test_the_container_is_given_what_its_recipe_names(checkout):
    asked = follow(COMPOSE, checkout)

    file = checkout / "deployments" / "compose.yaml"
    variables = dict(line.split("=", 1) for line in (checkout.parent / "notes.variables").read_text().splitlines())
    text = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: variables[found[1]], file.read_text())
    made = yaml.safe_load(text)
    password = Path(made["secrets"]["password"]["file"])
    folders = [
        file.parent / str(one).split(":")[0] for one in made["services"]["node"]["volumes"] if "/" in str(one)[:3]
    ]
    (bound,) = [one for one in made["services"]["node"]["volumes"] if isinstance(one, dict)]
    assert (mode(password), len(password.read_text()) > 32) == (0o600, True)
    assert Path(bound["source"]).is_file()
    assert [folder.resolve().name for folder in folders] == ["dist"]
    assert list(folders[0].glob("thenar-*.whl"))
    assert password.parent not in (folder.resolve() for folder in folders)
    assert made["services"]["node"]["environment"]["THENAR_CHAIN_DEPLOYMENT"] == bound["target"]
    assert asked.count("docker compose -f deployments/compose.yaml ") == 3
