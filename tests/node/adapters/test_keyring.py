"""Secrets are made once, opened only by their password, and never readable by others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account
from eth_keys import keys

from thenar.adapters.vault import tries
from thenar.adapters.vault.keyring import ACCOUNT_FILE, CHEAP, SECRETS_FILE, OpenKeyring, create, open_keyring
from thenar.errors import BadConfig, BadInput, Corrupt, Locked, ThenarError

PASSWORD = "correct horse"
KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password costs no time here; ``test_tries`` says what it costs."""
    monkeypatch.setattr(tries, "PAUSE", 0.0)


@pytest.fixture
def made(tmp_path: Path) -> OpenKeyring:
    return create(tmp_path, PASSWORD, account_key=KEY, cost=CHEAP)


def secrets_of(ring: OpenKeyring) -> tuple[bytes, bytes, bytes]:
    return ring.peer_seed, ring.sealer().root_key(bytes(32)), ring.wrapper().one_time_key(b"")[0]


def test_opening_gives_the_same_secrets(made: OpenKeyring, tmp_path: Path) -> None:
    again = open_keyring(tmp_path, PASSWORD)

    assert again.account == made.account == "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
    assert secrets_of(again) == secrets_of(made)
    assert len(made.peer_seed) == 32


def test_new_keyrings_have_secrets_of_their_own(tmp_path: Path) -> None:
    first = create(tmp_path / "1", PASSWORD, cost=CHEAP)
    second = create(tmp_path / "2", PASSWORD, cost=CHEAP)

    assert first.account != second.account
    assert not set(secrets_of(first)) & set(secrets_of(second))


def test_the_account_file_opens_in_other_wallets(made: OpenKeyring, tmp_path: Path) -> None:
    keystore = json.loads((tmp_path / ACCOUNT_FILE).read_text())

    assert keystore["version"] == 3
    assert bytes(Account.decrypt(keystore, PASSWORD)) == KEY


def test_a_signature_recovers_to_the_account(made: OpenKeyring) -> None:
    digest = bytes(range(32))

    signature = made.sign_digest(digest)

    assert len(signature) == 65
    assert signature[64] in (27, 28)
    recovered = keys.Signature(signature[:64] + bytes([signature[64] - 27])).recover_public_key_from_msg_hash(digest)
    assert recovered.to_address() == made.account
    assert made.sign_digest(digest) == signature
    with pytest.raises(BadInput, match="32 bytes"):
        made.sign_digest(b"short")


def test_files_are_for_the_owner_only(made: OpenKeyring, tmp_path: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}

    assert modes == {ACCOUNT_FILE: 0o600, SECRETS_FILE: 0o600}


@pytest.mark.parametrize("name", [ACCOUNT_FILE, SECRETS_FILE])
def test_a_file_others_can_read_is_refused(made: OpenKeyring, tmp_path: Path, name: str) -> None:
    (tmp_path / name).chmod(0o640)

    with pytest.raises(BadConfig, match="read by others") as refusal:
        open_keyring(tmp_path, PASSWORD)
    assert "chmod 600" in str(refusal.value.next_step)


@pytest.mark.parametrize("password", ["wrong", "", "correct horse "])
def test_a_wrong_password_stays_locked(made: OpenKeyring, tmp_path: Path, password: str) -> None:
    with pytest.raises(Locked):
        open_keyring(tmp_path, password)


def test_a_secrets_file_of_another_password_stays_locked(made: OpenKeyring, tmp_path: Path) -> None:
    create(tmp_path / "other", "other", cost=CHEAP)
    (tmp_path / "other" / SECRETS_FILE).rename(tmp_path / SECRETS_FILE)

    with pytest.raises(Locked, match=SECRETS_FILE):
        open_keyring(tmp_path, PASSWORD)


def test_a_keyring_is_never_overwritten(made: OpenKeyring, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="holds a keyring already"):
        create(tmp_path, PASSWORD, cost=CHEAP)

    assert open_keyring(tmp_path, PASSWORD).account == made.account


def test_a_missing_keyring_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no keyring") as refusal:
        open_keyring(tmp_path, PASSWORD)
    assert refusal.value.next_step


@pytest.mark.parametrize("name", [ACCOUNT_FILE, SECRETS_FILE])
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"version": 9}', b"x" * 20_000])
def test_a_damaged_file_is_refused(made: OpenKeyring, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ThenarError):
        open_keyring(tmp_path, PASSWORD)


@pytest.mark.parametrize("place", range(0, 36, 3))
def test_a_bent_header_neither_opens_nor_costs_without_bound(made: OpenKeyring, tmp_path: Path, place: int) -> None:
    path = tmp_path / SECRETS_FILE
    data = bytearray(path.read_bytes())
    data[place] ^= 0x40
    path.write_bytes(data)

    with pytest.raises((Corrupt, Locked)):
        open_keyring(tmp_path, PASSWORD)


@pytest.mark.parametrize("key", [b"short", bytes(32), b"\xff" * 32])
def test_a_key_that_is_none_is_refused(tmp_path: Path, key: bytes) -> None:
    with pytest.raises(BadInput, match="account key"):
        create(tmp_path / "new", PASSWORD, account_key=key, cost=CHEAP)
    assert not (tmp_path / "new").exists()


def test_nothing_of_the_secrets_is_printed(made: OpenKeyring) -> None:
    shown = repr(made) + str(made) + repr(made.sealer()) + repr(made.wrapper())

    assert KEY.hex() not in shown
    assert "b'" not in shown
