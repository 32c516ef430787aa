"""init, status, doctor, config and the templates, without a chain and without a running node."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import tomllib

import pytest
import trio
from command_line import DEAD_RPC, PASSWORD, in_a_process, make_node

from thenar.adapters.journal.sqlite import hold
from thenar.adapters.vault.keyring import CHEAP, open_keyring
from thenar.cli import settings
from thenar.cli.whole_node import make_node as init_node
from thenar.client import STATUS_SECONDS, Common, status_of
from thenar.directory import DEVNET, LOCKS, RUNTIME_FILE, write_runtime
from thenar.errors import Conflict

QUICKLY = 2.9


@pytest.fixture
def silent_port():
    """A port that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield server.getsockname()[1]


def test_init_makes_private_keys_and_settings(thenar, tmp_path, monkeypatch):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    made = thenar("init", tmp_path / "new", "--rpc", DEAD_RPC, "--json")

    assert made.code == 0
    assert made.json["account"].startswith("0x")
    assert made.json["peer"].startswith("12D3KooW")
    settings = tomllib.loads((tmp_path / "new" / "thenar.toml").read_text())
    assert settings == {
        "bounty": {},
        "chain": {"rpc": DEAD_RPC},
        "infer": {},
        "live": {},
        "p2p": {},
        "preview": {},
        "revenue": {},
        "store": {},
        "web": {},
        "work": {},
    }
    for path in (tmp_path / "new" / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_init_never_replaces_keys(thenar, node, monkeypatch):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    before = {path.name: path.read_bytes() for path in (node / "keys").iterdir()}

    refused = thenar("init", node, "--json")

    assert (refused.code, refused.error["kind"]) == (12, "Conflict")
    assert {path.name: path.read_bytes() for path in (node / "keys").iterdir()} == before


def test_init_keeps_settings_that_exist(tmp_path, monkeypatch):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    (tmp_path / "thenar.toml").write_text('[chain]\nrpc = "http://mine"\n')

    with pytest.raises(Conflict):
        init_node(Common(tmp_path, as_json=True), {"chain_rpc": "http://other"}, cost=CHEAP)
    init_node(Common(tmp_path, as_json=True), {}, cost=CHEAP)

    assert (tmp_path / "thenar.toml").read_text() == '[chain]\nrpc = "http://mine"\n'


def test_init_without_a_password_leaves_nothing(thenar, tmp_path):
    refused = thenar("init", tmp_path / "new", "--json")

    assert (refused.code, refused.error["kind"]) == (9, "Locked")
    assert not (tmp_path / "new").exists()


def test_init_makes_a_password_when_told_to_and_commands_find_it(thenar, tmp_path):
    made = thenar("init", tmp_path / "new", "--yes", "--json")

    kept = tmp_path / "new" / "keys" / "password"
    assert (made.code, made.json["password_file"]) == (0, str(kept))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Common(tmp_path / "new", as_json=True).password() == kept.read_text().strip()
    assert open_keyring(tmp_path / "new" / "keys", kept.read_text().strip()).account == made.json["account"]


def test_a_password_that_was_given_is_not_written_down(thenar, tmp_path, monkeypatch):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)

    made = thenar("init", tmp_path / "new", "--yes", "--json")

    assert (made.code, "password_file" in made.json) == (0, False)
    assert not (tmp_path / "new" / "keys" / "password").exists()


def test_git_takes_nothing_of_a_data_directory_up(thenar, tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)

    made = thenar("init", tmp_path / "new", "--yes", "--json")

    asked = ["git", "-C", tmp_path, "status", "--porcelain", "--untracked-files=all"]
    assert made.code == 0
    assert subprocess.run(asked, check=True, capture_output=True, text=True).stdout == ""


def test_init_leaves_a_list_for_git_that_is_there(thenar, tmp_path, monkeypatch):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    (tmp_path / ".gitignore").write_text("mine\n")

    assert thenar("init", tmp_path, "--json").code == 0
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_init_where_nothing_can_be_made_is_a_precondition(thenar, tmp_path, monkeypatch):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    (tmp_path / "file").write_text("")

    refused = thenar("init", tmp_path / "file" / "below", "--json")

    assert refused.code == 4


@pytest.mark.parametrize("content", [None, b"\xff\xfe", "folder"])
def test_a_password_file_that_cannot_be_read_is_a_precondition(thenar, node, tmp_path, content):
    path = tmp_path / "secret"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)

    refused = thenar("capture", "list", "--data", node, "--password-file", path, "--json")

    assert refused.code == 4
    assert str(path) in refused.error["message"]


@pytest.mark.parametrize("words", [("capture", "list"), ("run",)])
def test_without_a_node_the_way_to_one_is_shown_before_a_password_is_asked(thenar, tmp_path, words):
    refused = thenar(*words, "--data", tmp_path / "absent", "--json")

    assert refused.code == 4
    assert "thenar init" in refused.error["next_step"]


def test_a_wrong_password_locks(thenar, node, monkeypatch):
    monkeypatch.setenv("THENAR_PASSWORD", "wrong")

    assert thenar("capture", "list", "--data", node, "--json").code == 9


@pytest.mark.parametrize("left", [None, "", "[1]", "{}", '{"address": 5, "token": "x"}', "[" * 99_999])
def test_status_without_a_node_says_so_and_is_unhealthy(thenar, node, left):
    if left is not None:
        (node / RUNTIME_FILE).write_text(left)

    told = thenar("status", "--data", node, "--json")

    assert told.code == 5
    assert (told.json["running"], told.json["ready"]) == (False, False)
    assert f"no node runs on {node}" in told.json["reasons"]
    assert any("does not answer" in reason for reason in told.json["reasons"])


async def asked(folder) -> tuple[dict[str, object], float]:
    began = trio.current_time()
    found = await status_of(Common(folder, as_json=True))
    return found, trio.current_time() - began


def point_at(folder, address: str) -> None:
    (folder / RUNTIME_FILE).write_text(json.dumps({"address": address, "token": "x", "pid": 1}))


@pytest.mark.parametrize("rpc", ["http://127.0.0.1:{port}", "nonsense", "http://", "http://[", "file:///etc/passwd"])
async def test_status_answers_in_time_whatever_the_chain_does(tmp_path, silent_port, rpc):
    node = make_node(tmp_path / "hung", chain_rpc=rpc.replace("{port}", str(silent_port)))

    found, seconds = await asked(node)

    assert seconds < QUICKLY
    assert found["parts"]["chain"]["up"] is False
    assert any(reason.startswith("chain:") for reason in found["reasons"])


async def test_status_tells_a_node_that_hangs_from_one_that_is_gone(tmp_path, silent_port):
    node = make_node(tmp_path / "node")
    point_at(node, f"127.0.0.1:{silent_port}")

    found, seconds = await asked(node)

    assert STATUS_SECONDS <= seconds < QUICKLY
    assert any("process 1" in reason for reason in found["reasons"])


@pytest.mark.parametrize("address", ["127.0.0.1:9", "nonsense:port", "", "127.0.0.1:99999999"])
async def test_a_runtime_file_left_behind_is_no_node(tmp_path, address):
    node = make_node(tmp_path / "node")
    point_at(node, address)

    found, _ = await asked(node)

    assert f"no node runs on {node}" in found["reasons"]


@pytest.mark.skipif(not LOCKS.exists(), reason="this system does not tell who holds a lock")
def test_status_of_a_directory_that_a_process_works_on_names_the_process(thenar, node):
    with hold(node):
        told = thenar("status", "--data", node, "--json")

    assert told.code == 5
    assert told.json["reasons"][0].startswith(f"process {os.getpid()} works on {node}")
    assert told.json["next_step"].startswith("ask again in a moment")


def check(told, name):
    return next(entry for entry in told.json["checks"] if entry["check"] == name)


def test_doctor_names_everything_that_is_missing(thenar, tmp_path):
    told = thenar("doctor", "--data", tmp_path / "absent", "--json")

    assert told.code == 5
    assert told.json["healthy"] is False
    for name in ("keys", "deployment file", "chain answers", "node runs"):
        assert check(told, name)["fine"] is False
        assert check(told, name)["next_step"]


def test_doctor_finds_loose_keys_and_broken_settings(thenar, node):
    (node / "keys" / "account.json").chmod(0o644)
    (node / "thenar.toml").write_text("[chain]\nrcp = 1\n")

    told = thenar("doctor", "--data", node, "--json")

    assert told.code == 5
    assert check(told, "key files are private")["seen"] == "account.json"
    assert "chain.rcp" in check(told, "settings")["seen"]
    assert check(told, "settings")["next_step"] == "did you mean chain.rpc?"


@pytest.mark.parametrize("content", [None, "{}", "[", "\x00"])
def test_doctor_reads_the_deployment_file(thenar, tmp_path, content):
    path = tmp_path / "deployment.json"
    if content is not None:
        path.write_text(content)
    node = make_node(tmp_path / "with", chain_deployment=str(path))

    told = thenar("doctor", "--data", node, "--json")

    assert check(told, "deployment file")["fine"] is False
    assert str(path) in check(told, "deployment file")["seen"]


def test_config_shows_values_and_origins_and_its_template_is_toml(thenar, node, monkeypatch):
    monkeypatch.setenv("THENAR_CHAIN_DEEP", "7")

    shown = thenar("config", "show", "--data", node, "--json").json["settings"]

    assert shown["chain.deep"] == {"value": 7, "origin": "THENAR_CHAIN_DEEP"}
    assert shown["chain.rpc"]["origin"].endswith("thenar.toml")
    sections = {"bounty", "chain", "infer", "live", "p2p", "preview", "revenue", "store", "web", "work"}
    assert tomllib.loads(thenar("config", "template").out).keys() == sections


def test_config_says_where_values_come_from_when_asked(thenar, node):
    plain, told = thenar("config", "show", "--data", node), thenar("config", "show", "--origin", "--data", node)

    assert "default" not in plain.out
    assert "default" in told.out
    assert thenar("config", "schema").json["properties"]["chain"]["additionalProperties"] is False


def test_capture_templates_are_toml(thenar):
    assert {"place", "consent"} <= tomllib.loads(thenar("capture", "template").out).keys()
    assert tomllib.loads(thenar("capture", "template", "--layout").out)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell):
    done = in_a_process(_THENAR_COMPLETE=f"source_{shell}")

    assert done.code == 0
    assert "thenar" in done.out


def test_a_misspelt_variable_is_told_beside_the_answer(thenar, node, monkeypatch):
    monkeypatch.setenv("THENAR_CHAIN_RPCC", "x")

    told = thenar("config", "show", "--data", node, "--json")
    shown = thenar("status", "--data", node)

    for said in (told, shown):
        (line,) = [line for line in said.err.splitlines() if "THENAR_CHAIN_RPCC" in line]
        assert "did you mean THENAR_CHAIN_RPC?" in line
    assert told.json["settings"]["chain.rpc"]["value"] == "http://127.0.0.1:9"


def test_init_tells_when_the_deployment_file_is_not_there_yet(thenar, tmp_path, monkeypatch):
    """Who begins a chain of his own needs the account before the chain, to have it funded."""
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)

    made = thenar("init", tmp_path / "new", "--deployment", tmp_path / "1.json", "--json")

    assert made.code == 0 and made.json["account"]
    assert f"no {tmp_path / '1.json'} yet" in made.err.replace("\n", " ")


@pytest.mark.parametrize("content", ["{}", "["])
def test_init_reads_the_deployment_file_it_is_given(thenar, tmp_path, monkeypatch, content):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    path = tmp_path / "1.json"
    path.write_text(content)

    refused = thenar("init", tmp_path / "new", "--rpc", "https://rpc.example", "--deployment", path, "--json")

    assert refused.code == 4
    assert str(path) in refused.error["message"]
    assert refused.error["next_step"]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("deployment", ["", "gone.json"])
def test_a_local_chain_is_offered_only_where_the_chain_is_local(thenar, tmp_path, monkeypatch, deployment):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    near = make_node(tmp_path / "near", chain_deployment=deployment)
    far = make_node(tmp_path / "far", chain_deployment=deployment, chain_rpc="https://rpc.example")

    told = {home: thenar("up", "--data", home, "--json") for home in (near, far)}

    assert [answer.code for answer in told.values()] == [4, 4]
    assert "thenar up --devnet" in told[near].error["next_step"]
    assert "devnet" not in told[far].error["next_step"]
    assert "chain.deployment" in told[far].error["next_step"]


@pytest.mark.parametrize(("kept", "start"), [(False, "thenar run --data"), (True, "thenar up --devnet --data")])
def test_a_node_that_does_not_run_is_started_as_it_was_before(thenar, node, kept, start):
    if kept:
        (node / DEVNET).mkdir()

    status, looked = thenar("status", "--data", node, "--json"), thenar("doctor", "--data", node, "--json")
    refused = thenar("ui", "--data", node, "--json")

    steps = {status.json["next_step"], check(looked, "node runs")["next_step"], refused.error["next_step"]}
    assert steps == {f"start it with `{start} {node}`"}


def test_settings_that_a_running_node_was_given_are_told_as_its_own(thenar, node, monkeypatch):
    given = {"chain_rpc": "http://127.0.0.1:4567", "chain_deployment": "/devnet/31337.json", "nonsense": 1}
    write_runtime(node, {"address": "127.0.0.1:9", "token": "x", "settings": given})

    async def answers(_: Common) -> dict[str, object]:
        return {"running": True}

    stopped = thenar("config", "show", "--data", node, "--json").json["settings"]
    monkeypatch.setattr(settings, "status_of", answers)
    shown = thenar("config", "show", "--data", node, "--json").json["settings"]

    assert stopped["chain.rpc"] == {"value": DEAD_RPC, "origin": str(node / "thenar.toml")}
    assert shown["chain.rpc"] == {"value": "http://127.0.0.1:4567", "origin": "the running node"}
    assert shown["chain.deployment"] == {"value": "/devnet/31337.json", "origin": "the running node"}
    assert shown["chain.deep"]["origin"] == "default"
