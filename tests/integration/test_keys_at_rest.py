"""A node that works has its secrets in memory only: no file, no environment and no command line shows them."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import httpx
import pytest
import trio
from command_line import PASSWORD
from living import settle_in

from thenar.adapters.vault.keyring import open_keyring
from thenar.demo.cast import Person
from thenar.directory import KEYS, runtime_of

ENDPOINT_KEY = "rpc-key-canary-0123456789"


def needles(secret: bytes) -> set[bytes]:
    """A secret as files and variables may spell it."""
    hexadecimal, plain = secret.hex(), base64.b64encode(secret).rstrip(b"=")
    urls = base64.urlsafe_b64encode(secret).rstrip(b"=")
    return {secret, hexadecimal.encode(), hexadecimal.upper().encode(), plain, urls, str(int(hexadecimal, 16)).encode()}


def secrets_of(home: Path) -> dict[str, bytes]:
    ring = open_keyring(home / KEYS, PASSWORD)
    return {"account": ring._key.secret, "sealing": ring._sealing, "wrapping": ring._wrapping, "peer": ring.peer_seed}


def family(process: int) -> list[int]:
    """A process and all that came of it."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = dict(tuple(map(int, line.split())) for line in listed.splitlines())
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def shown(home: Path, process: int) -> dict[str, bytes]:
    """Everything a stranger who may read files and the process list gets to see."""
    seen = {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    for one in family(process):
        for what in ("environ", "cmdline"):
            try:
                seen[f"{one}/{what}"] = Path(f"/proc/{one}/{what}").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue  # it has ended, or it does not let itself be read
    return seen


async def person_metrics(home: Path) -> bytes:
    """What a running node tells Prometheus."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        return (await client.get(f"http://{(runtime_of(home) or {})['address']}/metrics")).content


def guarded(process: int) -> tuple[str, int]:
    """A process's limits, and the user who may read its memory."""
    place = Path(f"/proc/{process}")
    return (place / "limits").read_text(), (place / "mem").stat().st_uid


def found_in(secrets: dict[str, bytes], seen: dict[str, bytes]) -> list[tuple[str, str]]:
    return [
        (name, place)
        for name, secret in secrets.items()
        for place, content in seen.items()
        if any(spelled in content for spelled in needles(secret))
    ]


async def test_a_working_node_shows_its_secrets_nowhere(devnet, tmp_path, record_property):
    address = devnet.rpc_url.replace("://", f"://user:{ENDPOINT_KEY}@")
    home = await settle_in(devnet, tmp_path / "ana", chain_rpc=address)
    secrets = secrets_of(home)
    person = Person("ana", home, open_keyring(home / KEYS, PASSWORD).account)
    (home / "scan.txt").write_text("1 2 3\n" * 50)
    try:
        await person.start()
        await person.ask("node.register", lambda _: None, stake="100")
        await person.ask("model.add", lambda _: None, path=str(home / "scan.txt"), title="scan")
        process, token = person.process.pid, str((runtime_of(home) or {})["token"]).encode()
        seen = await trio.to_thread.run_sync(shown, home, process)
        metrics = await person_metrics(home)
        limits, memory = await trio.to_thread.run_sync(guarded, process)
    finally:
        await person.stop()
    seen |= {f"stopped/{name}": content for name, content in shown(home, os.getpid()).items()}
    loose = [path.name for path in (home / KEYS).iterdir() if path.is_file() and path.stat().st_mode & 0o077]

    found = found_in(secrets, seen)
    told = {name: said for name, said in seen.items() if name.endswith(("environ", "cmdline", "node.log"))}
    told["metrics"] = metrics
    words = [ENDPOINT_KEY.encode(), PASSWORD.encode(), token]
    leaked = [(name, word) for name, said in told.items() for word in words if word in said]
    record_property("secrets_in_log_metrics_or_process_list", len(leaked))
    assert leaked == []
    assert b"thenar_ready" in metrics
    assert any(name.endswith("node.log") and said for name, said in told.items())
    record_property("places_searched", len(seen))
    record_property("bytes_searched", sum(map(len, seen.values())))
    record_property("secrets_found", len(found))
    assert found == []
    assert loose == []
    assert any(name.endswith("journal.sqlite") for name in seen)
    assert any(name.endswith("/cmdline") and content for name, content in seen.items())
    assert limits.split("Max core file size", 1)[1].split()[:2] == ["0", "0"]
    assert memory == 0  # only the system's owner may read the memory of a process that is not dumpable


@pytest.mark.parametrize("spell", [bytes.hex, base64.b64encode, bytes], ids=["hex", "base64", "raw"])
def test_a_secret_that_lies_about_would_be_found(tmp_path, spell):
    secret = bytes(range(100, 132))
    said = spell(secret)
    (tmp_path / "log").write_bytes(b"a line with " + (said.encode() if isinstance(said, str) else said) + b" in it")

    assert found_in({"account": secret}, shown(tmp_path, os.getpid())) == [("account", "log")]
