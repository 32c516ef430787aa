"""What is handed to somebody who helps: the state of a node without anything that must stay secret.

Two fences. What is known to be secret here (the password, the door's token, keys the journal remembers, the secret
parts of addresses) is looked for by value; what looks like a secret (long hexadecimal, words of a mnemonic, credentials
in addresses, IP addresses beyond this machine) is taken out by its looks.
"""

from __future__ import annotations

import ipaddress
import json
import os
import platform
import re
import sqlite3
import sys
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

from thenar import __version__
from thenar.adapters.journal import FILE_NAME as JOURNAL
from thenar.adapters.journal import survey
from thenar.config import load, toml_name
from thenar.errors import ThenarError
from thenar.upkeep import archive
from thenar.upkeep.doctor import examine, told
from thenar.upkeep.finding import Patient
from thenar.upkeep.scratch import scratch

GONE = "[taken out]"
LOG_BYTES = 1 << 20
"""Of a log, this much of its end."""
_LEAST = 6
"""Shorter values are no secrets, and taking them out would take out half of the text."""
_URL = re.compile(r"\b(https?|wss?)://[^\s\"'<>\\]+")
_LONG_HEX = re.compile(r"\b(?:0x)?[0-9a-fA-F]{64,}\b")
_BEARER = re.compile(
    r"(?i)\b(bearer|basic|password|passphrase|mnemonic|secret|token|api[-_]?key)(\"?\s*[:= ]\s*\"?)[^\s\",}]+"
)
_TOKEN = re.compile(r"\b(?:ey[\w-]{10,}\.[\w-]{5,}\.[\w-]*|(?:gh[pousr]|sk|pk)[-_][\w-]{16,})")
_WORDS = re.compile(r"\b(?:[a-z]{3,8}\s+){11,23}[a-z]{3,8}\b")
_HOME = re.compile(r"/(home|Users)/[^/\s\"']+")
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4})(?![\w.])")


def scrub(text: str, known: Collection[str] = ()) -> str:
    """A text without what is known to be secret, and without what looks like it."""
    for value in sorted(known, key=len, reverse=True):
        if len(value) >= _LEAST:
            text = text.replace(value, GONE)
    text = _URL.sub(lambda found: _bare(found[0]), text)
    for pattern, instead in ((_TOKEN, GONE), (_BEARER, rf"\1\2{GONE}"), (_WORDS, GONE), (_HOME, r"/\1/…")):
        text = pattern.sub(instead, text)
    text = _LONG_HEX.sub(lambda found: f"{found[0][:8]}…", text)
    return _ADDRESS.sub(_local, text)


def _bare(url: str) -> str:
    """Scheme, host and port of an address; whether there was more."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return GONE
    more = parts.username or parts.password or parts.query or parts.path.strip("/")
    return f"{parts.scheme}://{host}{port}" + (f"/{GONE}" if more else "")


def _local(found: re.Match[str]) -> str:
    try:
        place = ipaddress.ip_address(found[0])
    except ValueError:
        return found[0]
    return found[0] if place.is_loopback or place.is_unspecified else GONE


def secrets_of(patient: Patient) -> set[str]:
    """What is known to be secret: of variables, the runtime file, the keys' folder, settings and the journal."""
    found = {patient.password or "", str((patient.runtime or {}).get("token", ""))}
    found |= {value for name, value in patient.environment.items() if _is_secret(name)}
    kept = patient.directory / "keys" / "password"
    if kept.is_file():
        found.add(kept.read_text("utf-8", errors="replace").strip())
    if not isinstance(patient.config, ThenarError):
        parts = urlsplit(patient.config.chain_rpc) if "://" in patient.config.chain_rpc else None
        found |= {part or "" for part in (parts and (parts.password, parts.username, parts.query)) or ()}
        found |= set(parts.path.strip("/").split("/")) if parts else set()
    return found | set(_remembered(patient.directory / JOURNAL))


def _is_secret(name: str) -> bool:
    return any(word in name.upper() for word in ("PASSWORD", "SECRET", "TOKEN", "KEY", "MNEMONIC", "CREDENTIAL"))


def _remembered(journal: Path) -> Iterator[str]:
    """Keys the node bought or sells and looks with, as text and as hexadecimal."""
    if not journal.is_file():
        return
    try:
        with closing(sqlite3.connect(journal, timeout=5)) as db:
            rows = db.execute("SELECT value FROM remembered WHERE name LIKE 'key/%' OR name LIKE '%-key/%'").fetchall()
    except sqlite3.DatabaseError:  # a reason to ask for help; what looks like a key is taken out all the same
        return
    for (value,) in rows:
        yield bytes(value).hex()
        yield bytes(value).decode("utf-8", errors="ignore")


def write_bundle(patient: Patient, target: Path, log: Path | None) -> dict[str, object]:
    """Write the bundle. Raises Conflict when the file exists."""
    known = secrets_of(patient)
    parts: dict[str, Callable[[], object]] = {
        "status.json": lambda: patient.status,
        "doctor.json": lambda: [told(one) for one in examine(patient)],
        "settings.json": lambda: _settings(patient),
        "journal.json": lambda: _journal(patient),
        "machine.json": _machine,
    }
    texts = {name: json.dumps(look(), indent=1, default=str, ensure_ascii=False) for name, look in parts.items()}
    if log is not None:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LOG_BYTES))
            texts["log.txt"] = file.read().decode("utf-8", errors="replace")
    with scratch(target.parent, "bundle") as folder, archive.writing(target, folder) as tar:
        for name, text in texts.items():
            _add(tar, name, scrub(text, known))
    return {"bundle": str(target), "files": sorted(texts), "bytes": target.stat().st_size}


def _add(tar: tarfile.TarFile, name: str, text: str) -> None:
    archive.add_bytes(tar, name, text.encode())


def _settings(patient: Patient) -> Mapping[str, object]:
    """Values and origins; not the file, whose comments may say anything."""
    try:
        _, origins = load(patient.directory, environment=patient.environment)
    except ThenarError as wrong:
        return {"error": wrong.message}
    return {toml_name(name): [origin.value, Path(origin.source).name] for name, origin in origins.items()}


def _journal(patient: Patient) -> Mapping[str, object]:
    try:
        found = survey(patient.directory / JOURNAL)
    except ThenarError as wrong:
        return {"error": wrong.message}
    names = ("version", "digest", "facts", "statements", "failed_duties", "open_intents")
    return {name: getattr(found, name) for name in names}


def _machine() -> Mapping[str, object]:
    packages = {one.metadata["Name"]: one.version for one in distributions()}
    return {
        "thenar": __version__,
        "python": sys.version,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": dict(sorted(packages.items())),
    }
