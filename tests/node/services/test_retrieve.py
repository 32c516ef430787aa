"""From a license to bytes on disk, or to nothing at all."""

from __future__ import annotations

import pytest

from thenar.errors import BadInput, Corrupt, NotFound
from thenar.services.records import own_content, remember_key
from thenar.services.retrieve import open_asset

CONTENT = b"what hands have learned " * 20_000
LIMIT = 10**9


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def ben(town, ana):
    return await town.person("ben")


@pytest.fixture
async def made(ana, ben):
    published = await ana.publish(CONTENT, "grasp.bin")
    await ben.hear_of(published.asset, ana)
    return published


async def key_of(ana, made) -> bytes:
    content = await own_content(ana.journal, made.asset)
    return ana.sealer.root_key(content)


def parts(person):
    return {
        "sealer": person.sealer,
        "store": person.store,
        "journal": person.journal,
        "peers": person.peers,
        "belief": person.belief,
        "limit": LIMIT,
    }


async def test_the_owner_opens_his_own(ana, made, tmp_path):
    target = await open_asset(made.asset, tmp_path / "mine.bin", **parts(ana))

    assert target.read_bytes() == CONTENT


async def test_a_buyer_with_the_key_gets_the_owners_bytes(ana, ben, made, tmp_path):
    await remember_key(ben.journal, made.asset, await key_of(ana, made))

    target = await open_asset(made.asset, tmp_path, **parts(ben))

    assert target == tmp_path / "grasp.bin"
    assert target.read_bytes() == CONTENT


async def test_without_a_key_the_way_to_one_is_shown(ben, made, tmp_path):
    with pytest.raises(NotFound) as caught:
        await open_asset(made.asset, tmp_path, **parts(ben))

    assert "license buy" in str(caught.value.next_step)


async def test_a_wrong_key_leaves_no_file(ben, made, tmp_path):
    await remember_key(ben.journal, made.asset, bytes(32))
    target = tmp_path / "out" / "x.bin"
    target.parent.mkdir()

    with pytest.raises(Corrupt):
        await open_asset(made.asset, target, **parts(ben))

    assert list(target.parent.iterdir()) == []


async def test_a_folder_that_is_not_there_is_bad_input(ana, made, tmp_path):
    with pytest.raises(BadInput):
        await open_asset(made.asset, tmp_path / "absent" / "x.bin", **parts(ana))
