"""Metrics, the board, the alert rules and the page about them agree; and every rule fires for the fault it is for."""

from __future__ import annotations

import json
import operator
import re
from pathlib import Path

import pytest
import yaml
from statuses import HEALTHY, hurt

from thenar.cli.main import app
from thenar.commands.metrics import BUILD, METRICS, metrics_of

ROOT = Path(__file__).resolve().parents[3]
MONITORING = ROOT / "deployments" / "monitoring"
RULES = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
BOARD = json.loads((MONITORING / "grafana.json").read_text())
NAME = re.compile(r"\bthenar_[a-z_]+")
EXPRESSION = re.compile(r"(thenar_\w+)(?: / (thenar_\w+))? (==|<|>) ([\d.]+)")
COMPARE = {"==": operator.eq, "<": operator.lt, ">": operator.gt}
FAULTS = {
    "ThenarNotReady": hurt("ready", to=False),
    "ThenarRestarted": hurt("up_seconds", to=5),
    "ThenarRegistrationLost": hurt("registered", to=False),
    "ThenarChainDown": hurt("parts", "chain", to={"up": False, "reason": "no answer"}),
    "ThenarChainStopped": hurt("parts", "chain", "head_age_s", to=901),
    "ThenarCatalogBehind": hurt("parts", "chain", "behind", to=13),
    "ThenarStoreDown": hurt("parts", "store", to={"up": False, "reason": "no answer"}),
    "ThenarStoreFilling": hurt("parts", "store", "used", to=int(1.9e10)),
    "ThenarStoreFull": hurt("parts", "store", "used", to=2 * 10**10),
    "ThenarDiskFilling": hurt("parts", "disk", "free", to=4 * 10**9),
    "ThenarDiskFull": hurt("parts", "disk", "free", to=4 * 10**8),
    "ThenarNoPeers": hurt("parts", "peers", "connected", to=[]),
    "ThenarNotReached": hurt("parts", "reach", to={"up": False, "reason": "peers dialled and it did not answer"}),
    "ThenarMuchRefused": hurt("parts", "peers", "refused", to=101),
    "ThenarRequestsFailed": hurt("parts", "door", "failed", to=1),
    "ThenarManyFiles": hurt("parts", "process", "open_files", to=901),
    "ThenarWalletUnread": hurt("parts", "wallet", to={"up": False, "reason": "no answer"}),
    "ThenarGasLow": hurt("parts", "wallet", "gas_wei", to=str(10**16)),
    "ThenarGasGone": hurt("parts", "wallet", "gas_wei", to="0"),
    "ThenarOutboxStuck": hurt("parts", "duties", "sending", to=51),
    "ThenarDutiesFailed": hurt("parts", "duties", "given_up", to=1),
    "ThenarDutiesPile": hurt("parts", "duties", "open", to=["pin"] * 1_001),
}


def values(status) -> dict[str, float]:
    """What Prometheus would read."""
    lines = [line.rsplit(" ", 1) for line in metrics_of(status).splitlines() if not line.startswith("#")]
    return {name.split("{")[0]: float(value) for name, value in lines}


def firing(status) -> set[str]:
    """The rules whose expression holds for a status."""
    seen, found = values(status), set()
    for rule in RULES:
        first, second, compare, limit = EXPRESSION.fullmatch(rule["expr"]).groups()
        if first not in seen or (second and not seen.get(second)):
            continue
        value = seen[first] / seen[second] if second else seen[first]
        if COMPARE[compare](value, float(limit)):
            found.add(rule["alert"])
    return found


def test_metrics_board_rules_and_page_name_the_same(record_property):
    known = {metric.name for metric in METRICS} | {BUILD}
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(thenar_[a-z_]+)`", page, re.MULTILINE))
    board = {name for panel in BOARD["panels"] for target in panel["targets"] for name in NAME.findall(target["expr"])}
    rules = {name for rule in RULES for name in NAME.findall(rule["expr"])}

    record_property("metrics", len(known))
    record_property("alerts", len(RULES))
    assert documented == known
    assert board | rules == known
    assert board == known


def test_a_healthy_node_alarms_nobody():
    assert firing(HEALTHY) == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_fires_for_its_fault_and_says_what_to_do(rule, record_property):
    assert rule["alert"] in firing(FAULTS[rule["alert"]])
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"]
    assert rule["labels"]["severity"] in ("info", "ticket", "page")
    record_property("alerts_that_fire", len(FAULTS))


def test_there_are_rules_enough():
    assert len(RULES) >= 15
    assert set(FAULTS) == {rule["alert"] for rule in RULES}


def test_a_part_that_does_not_answer_is_left_out_and_never_zero():
    seen = values(FAULTS["ThenarStoreDown"])

    assert seen["thenar_store_up"] == 0
    assert "thenar_store_used_bytes" not in seen
    assert "NaN" not in metrics_of(FAULTS["ThenarStoreDown"])


def test_the_board_can_be_imported():
    assert [panel["id"] for panel in BOARD["panels"]] == list(range(1, len(BOARD["panels"]) + 1))
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24


def test_the_units_start_commands_that_exist(thenar_words):
    unit = (ROOT / "deployments" / "systemd" / "thenar.service").read_text()
    compose = yaml.safe_load((ROOT / "deployments" / "compose.yaml").read_text())
    (start,) = re.findall(r"^ExecStart=\S+/thenar (\w+)", unit, re.MULTILINE)

    assert start in thenar_words
    assert set(re.findall(r"thenar (\w+) --", compose["services"]["node"]["command"])) <= thenar_words
    assert compose["services"]["node"]["healthcheck"]["test"][:3] == ["CMD", "thenar", "status"]


@pytest.fixture
def thenar_words():
    """The commands at the top level."""
    return {info.name for info in app.registered_commands}
