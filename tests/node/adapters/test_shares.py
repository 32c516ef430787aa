"""Shares of keys: on disk before they are used, the same for ever, and gone for good when they are destroyed."""

from __future__ import annotations

import resource
import signal

import pytest

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.vault.keyring import CHEAP, create, open_keyring
from thenar.adapters.vault.shares import RECORD_BYTES, KeyShares
from thenar.errors import BadConfig, Corrupt, Refused


async def parts_of(data: bytes):
    yield data


ONE, TWO = b"\x01" * 32, b"\x02" * 32


def test_a_share_is_the_same_after_opening_again(tmp_path):
    begun = KeyShares(tmp_path).begin(ONE)

    again = KeyShares(tmp_path)

    assert again.of(ONE) == again.begin(ONE) == begun
    assert begun != again.begin(TWO)


def test_a_destroyed_share_is_overwritten_where_it_lay_and_nowhere_else(tmp_path):
    shares = KeyShares(tmp_path)
    lost, kept = shares.begin(ONE), shares.begin(TWO)

    assert shares.destroy([ONE, b"\x03" * 32]) == 1

    data = (tmp_path / "shares").read_bytes()
    assert lost not in data
    assert kept in data
    for seen in (shares, KeyShares(tmp_path)):
        with pytest.raises(Refused, match="was destroyed"):
            seen.of(ONE)
        assert seen.of(TWO) == kept
    assert shares.destroy([ONE]) == 0


def test_a_file_sealed_again_after_that_has_another_share(tmp_path):
    shares = KeyShares(tmp_path)
    lost = shares.begin(ONE)
    shares.destroy([ONE])

    assert shares.begin(ONE) not in (lost, bytes(32))
    assert KeyShares(tmp_path).of(ONE) == shares.of(ONE)


def test_a_share_nobody_began_is_refused(tmp_path):
    with pytest.raises(Refused, match="was not made here"):
        KeyShares(tmp_path).of(ONE)


def test_a_record_that_never_got_whole_is_dropped(tmp_path):
    begun = KeyShares(tmp_path).begin(ONE)
    with (tmp_path / "shares").open("ab") as file:
        file.write(TWO + b"half")

    shares = KeyShares(tmp_path)

    assert (tmp_path / "shares").stat().st_size == RECORD_BYTES
    assert shares.of(ONE) == begun
    with pytest.raises(Refused):
        shares.of(TWO)


def test_shares_that_others_can_read_are_refused(tmp_path):
    KeyShares(tmp_path).begin(ONE)
    (tmp_path / "shares").chmod(0o644)

    with pytest.raises(BadConfig, match="can be read by others"):
        KeyShares(tmp_path)


def test_a_file_that_changed_under_it_is_noticed(tmp_path):
    shares = KeyShares(tmp_path)
    shares.begin(ONE)
    (tmp_path / "shares").write_bytes(TWO + TWO)

    with pytest.raises(Corrupt):
        shares.of(ONE)


async def test_nobody_with_every_secret_opens_a_file_whose_share_was_destroyed(tmp_path):
    """Sealed by one keyring; the same password, secrets and public description do not bring the key back."""
    ring = create(tmp_path / "keys", "password", cost=CHEAP)
    sealer = ring.sealer(KeyShares(tmp_path / "keys"))
    (tmp_path / "scan").write_bytes(b"a stairwell " * 1_000)
    async with open_embedded(tmp_path / "store", quota=1 << 30) as store:
        sealed = await sealer.seal(tmp_path / "scan", store)
        again = await sealer.seal(tmp_path / "scan", store)
        data = b"".join([part async for part in store.read(sealed.stored.root)])
    key = sealer.root_key(sealed.content_hash)
    sealer.destroy_keys([sealed.content_hash])

    assert again == sealed
    reopened = open_keyring(tmp_path / "keys", "password")
    with pytest.raises(Refused):
        reopened.sealer(KeyShares(tmp_path / "keys")).root_key(sealed.content_hash)
    guess = reopened.sealer().root_key(sealed.content_hash)
    assert guess != key
    with pytest.raises(Corrupt):
        await sealer.open(guess, parts_of(data), expected=sealed, into=tmp_path / "out")
    await sealer.open(key, parts_of(data), expected=sealed, into=tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == (tmp_path / "scan").read_bytes()


def test_a_sealer_without_shares_says_that_it_can_destroy_nothing(tmp_path):
    ring = create(tmp_path / "keys", "password", cost=CHEAP)

    with pytest.raises(Refused):
        ring.sealer().destroy_keys([ONE])


def test_half_a_record_on_a_full_disk_is_taken_back(tmp_path):
    shares = KeyShares(tmp_path)
    kept, room = shares.begin(ONE), RECORD_BYTES + RECORD_BYTES // 2
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(Refused, match="disk is full"):
            shares.begin(TWO)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    later = shares.begin(TWO)

    assert (tmp_path / "shares").stat().st_size == 2 * RECORD_BYTES
    again = KeyShares(tmp_path)
    assert (again.of(ONE), again.of(TWO)) == (kept, later)
