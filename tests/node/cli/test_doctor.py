"""The doctor names every fault with a next step, mends what it may, and finds nothing wrong with the healthy."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest
import trio
from command_line import PASSWORD, make_node
from faults import CHAIN, FAULTS, Endpoint, Ward, deployment_file

from thenar.adapters.journal import hold, open_journal
from thenar.client import Common, status_of
from thenar.errors import Conflict
from thenar.home import check_store
from thenar.upkeep.doctor import examine, mend
from thenar.upkeep.finding import Patient

OUTSIDE = {"node runs", "node is ready"}
"""A node that is examined at rest does not run."""


@pytest.fixture
def rpc():
    endpoint = Endpoint(
        {
            "eth_chainId": hex(CHAIN),
            "eth_blockNumber": "0x9",
            "eth_getBlockByNumber": {"number": "0x9", "timestamp": hex(int(time.time()))},
            "eth_getCode": "0x60",
            "eth_getBalance": "0x1",
        }
    )
    yield endpoint
    endpoint.close()


@pytest.fixture
def ward(tmp_path, rpc):
    """A node at rest, whole and private, as it is after its first run."""
    folder = make_node(
        tmp_path / "node", chain_rpc=rpc.url, chain_deployment=str(deployment_file(tmp_path)), store_quota_mb=16
    )
    for place in (folder, folder / "keys"):
        place.chmod(0o700)
    trio.run(_first_run, folder)
    with ExitStack() as stack:
        yield Ward(folder, {"THENAR_PASSWORD": PASSWORD}, stack, rpc)


async def _first_run(folder) -> None:
    async with open_journal(folder) as journal:
        await check_store(journal, folder)


def look(ward: Ward, *, store_lost: bool = False) -> Patient:
    status = trio.run(status_of, Common(ward.folder, as_json=True))
    return Patient(ward.folder, ward.environment, status, ward.environment.get("THENAR_PASSWORD"), store_lost)


def faulty(patient: Patient) -> dict[str, object]:
    return {one.check: one for one in examine(patient) if not one.fine and one.check not in OUTSIDE}


def test_nothing_is_wrong_with_a_healthy_node(ward):
    assert faulty(look(ward)) == {}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_named_with_a_next_step_and_mended_where_that_is_promised(ward, fault, record_property):
    fault.seed(ward)
    lost = "--store-lost" in fault.options
    before = look(ward, store_lost=lost)

    found = faulty(before)

    assert fault.check in found
    assert found[fault.check].next_step
    assert (found[fault.check].mend is not None) == fault.mends
    if fault.mends:
        assert fault.check in faulty(look(ward, store_lost=lost)), "looking mends nothing"
        mend(before, found.values())
        assert fault.check not in faulty(look(ward))
    record_property("faults_named", len(FAULTS))
    record_property("faults_mended", sum(one.mends for one in FAULTS))


def test_as_many_faults_are_known_as_were_promised():
    assert len(FAULTS) >= 25
    assert sum(fault.mends for fault in FAULTS) >= 12
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_the_command_changes_nothing_until_it_is_told_to(thenar, ward):
    keys = ward.folder / "keys" / "account.json"
    keys.chmod(0o644)

    looked = thenar("doctor", "--data", ward.folder, "--json")
    between = keys.stat().st_mode & 0o777
    fixed = thenar("doctor", "--fix", "--data", ward.folder, "--json")

    assert (looked.code, between, looked.json["mended"]) == (5, 0o644, [])
    assert "key files are private" in fixed.json["mended"]
    assert keys.stat().st_mode & 0o777 == 0o600


def test_nothing_is_mended_under_a_node_that_runs(ward):
    (ward.folder / "keys" / "account.json").chmod(0o644)
    patient = look(ward)
    found = examine(patient)

    with hold(ward.folder), pytest.raises(Conflict):
        mend(patient, found)

    assert (ward.folder / "keys" / "account.json").stat().st_mode & 0o777 == 0o644


def test_an_unknown_setting_is_set_aside_and_the_others_are_kept(ward):
    ward.settings("chain", "rcp = 'http://x'")
    ward.settings("store", "quota_mb = 17")
    patient = look(ward)

    mend(patient, examine(patient))

    config = look(ward).config
    assert (config.chain_rpc, config.store_quota_mb) == (ward.rpc.url, 17)
    assert "# not a setting: rcp" in (ward.folder / "thenar.toml").read_text()
