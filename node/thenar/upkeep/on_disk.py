"""Faults of the data directory itself: keys, rights, and what a killed process left lying about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from thenar.adapters.vault import keyring
from thenar.directory import KEYS, LIVE, OPENED, PASSWORD_FILE, PREVIEWED, RUNTIME_FILE, STORE, WORK, WORKSPACE
from thenar.errors import Locked, ThenarError
from thenar.upkeep.finding import Finding, Mend, Patient, fault, fine

RESTORE = "put it back from a backup: thenar restore"
OTHERS = 0o077
PRIVATE_FOLDERS = (OPENED, PREVIEWED, WORK, LIVE)
"""Folders in which files lie open."""


def check_keys(patient: Patient) -> Iterator[Finding]:
    """Whether there are keys, whole ones, that only their owner can read, and that the password opens."""
    keys = patient.directory / KEYS
    if not (keys / keyring.ACCOUNT_FILE).is_file():
        yield fault("keys", f"no {keys / keyring.ACCOUNT_FILE}", f"thenar init {patient.directory}")
        return
    yield fine("keys", str(keys))
    loose = sorted(path.name for path in keys.iterdir() if path.is_file() and path.stat().st_mode & OTHERS)
    yield from _private("key files are private", ", ".join(loose), [keys / name for name in loose], 0o600, "0600")
    yield from _rights("keys folder is private", keys)
    if loose:
        return
    try:
        keyring.account_in(keys)
        keyring.check_secrets(keys)
    except ThenarError as damaged:
        yield fault("keys are whole", damaged.message, RESTORE)
        return
    yield fine("keys are whole")
    yield from _check_password(patient, keys)


def _check_password(patient: Patient, keys: Path) -> Iterator[Finding]:
    if patient.password is None:
        return
    try:
        keyring.open_keyring(keys, patient.password)
    except Locked as wrong:
        place = f"{keys / PASSWORD_FILE}, THENAR_PASSWORD or the file you named"
        yield fault("password opens the keys", wrong.message, f"find the right one, and put it into {place}")
    except ThenarError as damaged:
        yield fault("keys are whole", damaged.message, RESTORE)
    else:
        yield fine("password opens the keys")


def check_rights(patient: Patient) -> Iterator[Finding]:
    """Whether others on this machine can look into what is private."""
    if not patient.directory.is_dir():
        return
    yield from _rights("data directory is private", patient.directory)
    for name in PRIVATE_FOLDERS:
        if (patient.directory / name).is_dir():
            yield from _rights(f"{name} is private", patient.directory / name)
    files = [path for path in patient.directory.glob("journal.sqlite*") if path.stat().st_mode & OTHERS]
    seen = ", ".join(path.name for path in files)
    yield from _private("journal is private", seen, files, 0o600, "0600")


def _rights(check: str, folder: Path) -> Iterator[Finding]:
    open_to_others = bool(folder.stat().st_mode & OTHERS)
    seen = f"{folder.stat().st_mode & 0o777:04o}" if open_to_others else ""
    yield from _private(check, seen, [folder] if open_to_others else [], 0o700, "0700")


def _private(check: str, seen: str, paths: list[Path], mode: int, wanted: str) -> Iterator[Finding]:
    if not paths:
        yield fine(check, wanted)
        return
    says = f"chmod {mode:o} {' '.join(map(str, paths))}"
    yield fault(check, seen, says, Mend(says, lambda: _close(paths, mode)))


def _close(paths: Iterable[Path], mode: int) -> None:
    for path in paths:
        path.chmod(mode)


def check_leftovers(patient: Patient) -> Iterator[Finding]:
    """What a process that was killed left behind; a running node's is its own."""
    directory = patient.directory
    if patient.running or not directory.is_dir():
        return
    yield from _stale_runtime(patient)
    left = [*(directory / KEYS).glob(".*"), *directory.glob("node.[0-9]*")]
    yield from _lying("half-written files", left, _unlink)
    for check, folder in (
        ("plaintext left in work", directory / WORKSPACE),
        ("half-stored blocks", _staging(directory)),
    ):
        yield from _lying(check, sorted(folder.iterdir()) if folder.is_dir() else [], _delete)


def _staging(directory: Path) -> Path:
    return directory / STORE / "staging"


def _stale_runtime(patient: Patient) -> Iterator[Finding]:
    path, check = patient.directory / RUNTIME_FILE, "no stale runtime file"
    if not path.exists():
        yield fine(check)
        return
    process = (patient.runtime or {}).get("pid")
    if isinstance(process, int) and _lives(process) and "does not answer within" in str(patient.status.get("reasons")):
        yield fault("node hangs", f"process {process} is there and does not answer", f"kill {process}, then thenar run")
        return
    says = f"rm {path}"
    yield fault(check, f"{path.name} of a node that was killed", says, Mend(says, lambda: path.unlink(missing_ok=True)))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _lying(check: str, paths: list[Path], remove: Callable[[Path], None]) -> Iterator[Finding]:
    if not paths:
        yield fine(f"no {check}")
        return
    says = f"rm -r {' '.join(map(str, paths[:3]))}{' …' if len(paths) > 3 else ''}"

    def mend() -> None:
        for path in paths:
            remove(path)

    yield fault(f"no {check}", ", ".join(path.name for path in paths[:3]), says, Mend(says, mend))


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        _unlink(path)
