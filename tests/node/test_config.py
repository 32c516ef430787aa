"""Settings: where each comes from, which is stronger, and what is said about wrong ones."""

from __future__ import annotations

import string
import tempfile
import tomllib
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.config import FILE_LIMIT, FILE_NAME, NAMES, Config, load, schema, strange, template, toml_name
from thenar.errors import BadConfig

TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)


def setting(spec) -> st.SearchStrategy[object]:
    """A value a setting may have."""
    if "choices" in spec.metadata:
        return st.sampled_from(spec.metadata["choices"])
    if isinstance(spec.default, int):
        return st.integers(spec.metadata["low"], spec.metadata["high"])
    return st.lists(TEXT, max_size=3) if isinstance(spec.default, tuple) else TEXT


SETTINGS = st.fixed_dictionaries({spec.name: setting(spec) for spec in fields(Config)})


def written(folder: Path, text: str) -> Path:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_everything_is_at_its_default(tmp_path):
    config, origins = load(tmp_path, environment={})

    assert config == Config()
    assert {origin.source for origin in origins.values()} == {"default"}


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(tmp_path):
    written(tmp_path, '[chain]\nrpc = "file"\nconfirmations = 3\npoll_ms = 100\n')
    environment = {"THENAR_CHAIN_RPC": "environment", "THENAR_CHAIN_CONFIRMATIONS": "4"}

    config, origins = load(tmp_path, environment=environment, flags={"chain_rpc": "flag", "chain_deep": None})

    assert (config.chain_rpc, config.chain_confirmations, config.chain_poll_ms) == ("flag", 4, 100)
    assert origins["chain_rpc"].source == "flag"
    assert origins["chain_confirmations"].source == "THENAR_CHAIN_CONFIRMATIONS"
    assert origins["chain_poll_ms"].source == str(tmp_path / FILE_NAME)
    assert origins["chain_deep"].source == "default"


@pytest.mark.parametrize("elsewhere", [{}, {"THENAR_CHAIN_DEPLOYMENT": "here/1.json"}])
def test_a_deployment_in_the_file_is_relative_to_the_file_and_elsewhere_to_the_command(tmp_path, elsewhere):
    written(tmp_path, '[chain]\ndeployment = "deployments/1.json"\n')

    config, _ = load(tmp_path, environment=elsewhere)

    assert config.chain_deployment == (str(tmp_path / "deployments" / "1.json") if not elsewhere else "here/1.json")


@given(SETTINGS)
def test_what_a_template_was_given_is_read_back(values):
    with tempfile.TemporaryDirectory() as folder:
        config, _ = load(written(Path(folder), template(values)), environment={})
        if values["chain_deployment"]:
            values = {**values, "chain_deployment": str(Path(folder) / values["chain_deployment"])}

    assert {name: getattr(config, name) for name in NAMES} == {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }


def test_the_template_shows_every_setting_and_changes_nothing(tmp_path):
    text = template()

    assert load(written(tmp_path, text), environment={})[0] == Config()
    uncommented = "\n".join(line.removeprefix("# ") for line in text.splitlines() if " = " in line or "[" in line[:2])
    shown = {f"{head}_{key}" for head, body in tomllib.loads(uncommented).items() for key in body}
    assert shown == set(NAMES)


def test_an_unknown_setting_is_named_with_the_nearest_known_one(tmp_path):
    with pytest.raises(BadConfig, match=r"unknown setting chain\.conformations") as caught:
        load(written(tmp_path, "[chain]\nconformations = 3\n"), environment={})

    assert caught.value.next_step == "did you mean chain.confirmations?"


@pytest.mark.parametrize(
    "spec", [spec for spec in fields(Config) if "low" in spec.metadata], ids=lambda spec: toml_name(spec.name)
)
def test_numbers_stay_within_their_bounds(tmp_path, spec):
    low, high = spec.metadata["low"], spec.metadata["high"]
    variable = f"THENAR_{spec.name.upper()}"

    for edge in (low, high):
        assert getattr(load(tmp_path, environment={variable: str(edge)})[0], spec.name) == edge
    for beyond in (low - 1, high + 1):
        with pytest.raises(BadConfig, match="must be between"):
            load(tmp_path, environment={variable: str(beyond)})


@pytest.mark.parametrize(
    "text",
    [
        "[chain]\nconfirmations = true\n",
        "[chain]\nconfirmations = 1.5\n",
        '[chain]\nconfirmations = "2"\n',
        "[chain]\nrpc = 5\n",
        "[chain.rpc]\na = 1\n",
        '[p2p]\nbootstrap = "one"\n',
        "[p2p]\nbootstrap = [1]\n",
        '[store]\nkind = "floppy"\n',
        "rpc = 1\n",
        "[chain\n",
        "[chain]\nrpc = 'a'\nrpc = 'b'\n",
        "a = " + "[" * 5_000,
        "#" * (FILE_LIMIT + 1),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path, text):
    with pytest.raises(BadConfig) as caught:
        load(written(tmp_path, text), environment={})

    assert len(caught.value.message) > 10


def test_a_file_that_is_not_text_or_not_a_file_is_refused(tmp_path):
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary" / FILE_NAME).write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder" / FILE_NAME).mkdir(parents=True)

    for folder in ("binary", "folder"):
        with pytest.raises(BadConfig):
            load(tmp_path / folder, environment={})


@given(st.text(string.printable, max_size=12))
def test_a_number_in_the_environment_is_a_number_or_refused(text):
    try:
        config, _ = load(Path("/nowhere"), environment={"THENAR_CHAIN_CONFIRMATIONS": text})
    except BadConfig:
        return
    assert config.chain_confirmations == int(text)


def test_a_list_in_the_environment_is_cut_at_commas(tmp_path):
    config, _ = load(tmp_path, environment={"THENAR_P2P_BOOTSTRAP": "/ip4/1,/ip4/2,"})

    assert config.p2p_bootstrap == ("/ip4/1", "/ip4/2")


@given(SETTINGS)
def test_the_schema_accepts_every_file_that_can_be_written(values):
    tree = tomllib.loads(template(values))

    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(tree, schema())


@pytest.mark.parametrize(
    "text",
    [
        "[chain]\nrcp = 'x'\n",
        "[chian]\nrpc = 'x'\n",
        "rpc = 'x'\n",
        "[chain]\nconfirmations = 65\n",
        "[chain]\nconfirmations = 'two'\n",
        "[chain]\nconfirmations = 2.5\n",
        "[store]\nkind = 'tape'\n",
        "[p2p]\nbootstrap = [1]\n",
    ],
)
def test_the_schema_refuses_what_loading_refuses(tmp_path, text):
    with pytest.raises(BadConfig):
        load(written(tmp_path, text), environment={})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), schema())


@pytest.mark.parametrize(
    ("line", "said", "step"),
    [
        ('[store]\nquota_mb = "much"\n', "store.quota_mb must be a whole number, not 'much'", "quota_mb = 20480"),
        ("[chain]\nrpc = 5\n", "chain.rpc must be a text in quotes, not 5", 'rpc = "http://127.0.0.1:8545"'),
        ('[p2p]\nbootstrap = "one"\n', "p2p.bootstrap must be a list of texts, not 'one'", 'bootstrap = ["one", '),
        ('[store]\nkind = "floppy"\n', "store.kind must be one of embedded, kubo, not", 'kind = "embedded"'),
        ("[chain]\nconfirmations = 65\n", "chain.confirmations must be between 0 and 64, not 65", "confirmations = 2"),
        ("[chain]\ndeployment = 1\n", "chain.deployment must be a text in quotes, not 1", 'deployment = "text"'),
    ],
)
def test_a_wrong_value_is_told_with_its_file_and_how_it_is_written(tmp_path, line, said, step):
    with pytest.raises(BadConfig) as caught:
        load(written(tmp_path, line), environment={})

    assert caught.value.message.startswith(f"{tmp_path / FILE_NAME}: {said}")
    assert step in str(caught.value.next_step)


def test_a_wrong_variable_is_told_by_its_name(tmp_path):
    with pytest.raises(BadConfig, match=r"THENAR_STORE_QUOTA_MB: store\.quota_mb must be a whole number") as caught:
        load(tmp_path, environment={"THENAR_STORE_QUOTA_MB": "much"})

    assert caught.value.next_step == "write it like THENAR_STORE_QUOTA_MB=20480"


def test_a_variable_that_is_no_setting_is_named_with_the_nearest_that_is():
    environment = {
        "THENAR_CHAIN_RPCC": "x",
        "THENAR_ZZZZZZ": "x",
        "THENAR_DATA": "x",
        "THENAR_CHAIN_RPC": "x",
        "HOME": "/",
    }

    assert strange(environment) == {"THENAR_CHAIN_RPCC": "THENAR_CHAIN_RPC", "THENAR_ZZZZZZ": None}
