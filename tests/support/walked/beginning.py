"""A reader's first lines: a node of one's own, a first scan, and what operators do; make targets and who runs them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pye57
import tomli_w
from shown_lines import Row, recipes_in, told

from thenar.adapters.simulation import record_room

FIRST_RUN = "tests/e2e/test_first_run.py::test_three_commands_and_no_question_lead_to_a_ready_node"
DEMO = "tests/e2e/test_demo_command.py::test_demo_tells_the_whole_story_as_one_json_object_and_leaves_no_process"
RECIPES = "tests/node/test_service_recipes.py"
BUILD, SUITES = ".ci/run", "scripts/run_tests.py"
"""What a build machine runs, and what it runs in turn."""
NETWORKS = "tests/simulation/test_whole_network.py"
PROGRAM = "tests/integration/test_first_program.py"
MUTATION = "tests/node/checks/test_mutation.py"


def fill_in(described: Path) -> None:
    """Fill a printed template in, as its comments ask."""
    stated = tomllib.loads(described.read_text(encoding="utf-8"))
    stated["time"]["start"] = "2026-11-21T10:00:00Z"
    stated["place"] = {"class": "public_interior", "cell": "8c2a1072b59d1ff"}
    stated["consent"] |= {
        "subjects": ["none"],
        "purposes": ["train_research", "evaluate"],
        "premises_permission": "owner",
        "bystander_treatment": "none_present",
        "jurisdiction": "DE",
        "text": "The owner agreed; nobody was there.",
    }
    described.write_text(tomli_w.dumps(stated), encoding="utf-8")


def _at_home(town: Any) -> None:
    town.variables = {"THENAR_DATA": str(town.here / "thenar-data")}


README = (
    told("make demo", DEMO),
    told("make test", BUILD),
    told("make setup", BUILD),
    Row(". .venv/bin/activate"),
    Row("thenar up --devnet", before=_at_home, lasts=True),
    Row(". .venv/bin/activate"),
    Row("thenar register --stake 100"),
    Row("cat > scan.pcd <<'END'"),
    Row("cat > scan.pcd.capture.toml <<'END'"),
    Row("thenar capture add scan.pcd --price 12.50"),
    Row("thenar status"),
)


def _e57(town: Any) -> None:
    """What an app exports of a room."""
    made = record_room(town.here / "elsewhere.pcd", seed=3, rays=4_000)
    points = np.frombuffer(made.path.read_bytes().split(b"DATA binary\n", 1)[1], "<f4").reshape(-1, 3)
    columns = {f"cartesian{axis}": points[:, place].astype(np.float64) for place, axis in enumerate("XYZ")}
    with pye57.E57(str(town.here / "room.e57"), mode="w") as out:
        out.write_scan_raw(columns, rotation=np.array([1.0, 0, 0, 0]), translation=np.zeros(3))


def _room_described(town: Any) -> None:
    town.variables = {"THENAR_DATA": str(town.here / "thenar-data")}
    fill_in(town.here / "room.e57.capture.toml")


FIRST_SCAN = (
    Row("thenar capture score room.e57 --plot pictures", before=_e57),
    Row("thenar init --yes", before=_at_home),
    Row("thenar capture template > room.e57.capture.toml"),
    Row("thenar up --devnet", before=_room_described, lasts=True),
    Row("thenar capture add room.e57 --price 12.50", keep={"room": "asset"}),
    Row("thenar ui --open", apart=True),
    Row("thenar capture gesture"),
    Row("thenar capture withdraw ASSET", put={"ASSET": "room"}),
    Row("thenar capture withdraw ASSET --yes", put={"ASSET": "room"}),
)


def _on_a_real_chain(town: Any) -> None:
    town.things["rpc"], town.things["deployment"] = town.devnet.rpc_url, str(town.devnet.deployment_file)


def _funded(town: Any) -> None:
    town.do(town.devnet.fund, town.things["operator"])


def _caught_up(town: Any) -> None:
    """A node that follows a chain of some age needs a moment."""
    town.walker.until("thenar status")


def _stopped(town: Any) -> None:
    town.walker.stop("thenar up")


def _password_in_hand(town: Any) -> None:
    """The password is not in a backup: a restored directory is given it."""
    kept = town.here / "main-node" / "keys" / "password"
    town.variables = {**town.variables, "THENAR_PASSWORD": kept.read_text().strip()}


SYSTEMD, COMPOSE = recipes_in("docs/operating.md", "As a service")
OPERATING = (
    told("make setup", BUILD),
    told(".venv/bin/python -m hatchling build -t wheel", FIRST_RUN),
    told(".venv/bin/python -m venv node-env", FIRST_RUN),
    told("node-env/bin/pip install dist/thenar-*.whl", FIRST_RUN),
    told(". node-env/bin/activate", FIRST_RUN),
    Row("thenar init --yes", before=_at_home),
    told("thenar up --devnet", FIRST_RUN),
    Row("export THENAR_DATA=$PWD/main-node"),
    Row(
        "thenar init --yes --rpc https://rpc.example --deployment deployments/1.json",
        before=_on_a_real_chain,
        put={"https://rpc.example": "rpc", "deployments/1.json": "deployment"},
        keep={"operator": "account"},
    ),
    Row("thenar up", before=_funded, lasts=True),
    Row("thenar config show --origin"),
    Row("thenar config template"),
    Row("thenar config schema"),
    Row("thenar doctor", before=_caught_up),
    Row("thenar doctor --all", before=_caught_up),
    Row(
        "thenar doctor --fix",
        before=_stopped,
        code=5,
        why="it mends a node that is stopped, and what stays wrong is that none runs, as the page says",
    ),
    Row("thenar backup node.tar"),
    Row("thenar restore node.tar --drill", before=_password_in_hand),
    Row("thenar restore node.tar --data new"),
    Row("thenar keys audit --data new"),
    Row("thenar keys statements signed.json"),
    Row("thenar keys hear signed.json --data new"),
    *(told(line, f"{RECIPES}::test_the_unit_finds_what_its_recipe_makes") for line in SYSTEMD),
    *(told(line, f"{RECIPES}::test_the_container_is_given_what_its_recipe_names") for line in COMPOSE),
    Row("thenar config answers"),
    Row("thenar config answers keys audit"),
    Row("thenar support-bundle help.tar --log node.log"),
)

CONTRIBUTING = (
    told("make setup", BUILD),
    told("make check", SUITES),
    told("make node", SUITES),
    told("make contracts", SUITES),
    told("make test", BUILD),
)
MUTATIONS = tuple(
    told(f"make mutation{more}", MUTATION)
    for more in (
        "",
        ' ARGS="contracts --only Ledger"',
        ' ARGS="python --only domain/merkle"',
        ' ARGS="--again"',
    )
)
SIMULATION = (
    told("make simulate-network", "tests/node/checks/test_simulated_network.py"),
    told("make acceptance IDS=r9", NETWORKS),
    told(".venv/bin/python tests/simulation/whole_network.py --seed 7 --nodes 50 --days 90 --log events.log", NETWORKS),
)

A_CHAIN = (told(". .venv/bin/activate", PROGRAM), told("thenar devnet my-chain", PROGRAM))
FRONTEND = (told("make sdk", PROGRAM), *A_CHAIN)
PACKAGE = (
    told("npm init -y", PROGRAM),
    told("npm pkg set type=module", PROGRAM),
    told("npm install viem typescript", PROGRAM),
    told("npm install ../thenar/build/sdk/thenar-contracts-0.1.0.tgz", PROGRAM),
    *A_CHAIN,
    told("cp ../thenar/my-chain/31337.json deployment.json", PROGRAM),
    told(
        "npx tsc --noEmit --strict --target es2022 --module nodenext --resolveJsonModule first.ts",
        f"{PROGRAM}::test_the_program_of_the_page_compiles_as_it_stands",
    ),
    told("cp first.ts first.js", PROGRAM),
    told("node first.js", f"{PROGRAM}::test_the_program_of_the_page_reads_writes_pays_and_signs"),
)

PAGES = {
    "README.md": README,
    "docs/first-scan.md": FIRST_SCAN,
    "docs/operating.md": OPERATING,
    "CONTRIBUTING.md": CONTRIBUTING,
    "docs/mutations.md": MUTATIONS,
    "docs/simulation.md": SIMULATION,
    "docs/frontend.md": FRONTEND,
    "sdk/README.md": PACKAGE,
}
