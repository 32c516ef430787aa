"""Guessing a password is slow, however many guess at once; knowing it is not."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from thenar.adapters.vault import tries
from thenar.adapters.vault.keyring import CHEAP, STANDARD, create, open_keyring, scrypt_n
from thenar.errors import Conflict, Locked

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
PAUSE = tries.PAUSE if FULL else 0.2
GUESSERS, GUESSES = (4, 3) if FULL else (3, 2)
LEAST_SCRYPT = 262_144


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tries, "PAUSE", PAUSE)
    create(tmp_path, "right", cost=CHEAP)
    return tmp_path


def guess(keys: Path, wrong: list[str]) -> None:
    for number in range(GUESSES):
        try:
            open_keyring(keys, f"wrong {number}")
        except Locked as locked:
            wrong.append(locked.message)


def test_wrong_passwords_are_taken_one_at_a_time_and_slowly(keys, record_property):
    wrong: list[str] = []
    guessers = [threading.Thread(target=guess, args=(keys, wrong)) for _ in range(GUESSERS)]
    began = time.monotonic()
    for one in guessers:
        one.start()
    for one in guessers:
        one.join()
    took = time.monotonic() - began

    record_property("wrong_passwords_per_second", round(len(wrong) * PAUSE / took, 3))
    assert len(wrong) == GUESSERS * GUESSES
    assert took >= PAUSE * len(wrong)


def test_a_failed_try_takes_a_second_where_no_test_shortens_it():
    assert tries.PAUSE == 1.0


def test_the_right_password_does_not_wait(keys, monkeypatch):
    monkeypatch.setattr(tries, "PAUSE", 3_600.0)

    assert open_keyring(keys, "right").account


def test_who_has_waited_long_enough_is_told_why(keys, monkeypatch):
    monkeypatch.setattr(tries, "PATIENCE", 0.05)

    with tries.one_try(keys), pytest.raises(Conflict, match="keep trying passwords"):
        open_keyring(keys, "right")
    assert open_keyring(keys, "right").account


def test_keys_for_real_cost_what_they_must_to_guess(tmp_path, record_property):
    made = create(tmp_path, "right", cost=STANDARD)

    record_property("scrypt_n", scrypt_n(tmp_path))
    assert scrypt_n(tmp_path) >= LEAST_SCRYPT
    assert open_keyring(tmp_path, "right").account == made.account
