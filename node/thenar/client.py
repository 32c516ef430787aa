"""One way to run a command: through the node that runs on the directory, or by opening the node for a moment."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import httpx
import trio

from thenar.assembly import open_node
from thenar.commands import run
from thenar.config import load
from thenar.errors import (
    BadConfig,
    BadInput,
    Conflict,
    Corrupt,
    Late,
    Locked,
    NotFound,
    Poor,
    Refused,
    Reverted,
    ThenarError,
    Unavailable,
)
from thenar.services.ports import Tell
from thenar.supervisor import running, runtime_of

_KINDS: dict[str, type[ThenarError]] = {
    kind.__name__: kind
    for kind in (BadConfig, BadInput, Conflict, Corrupt, Late, Locked, NotFound, Poor, Refused, Reverted, Unavailable)
}
CONNECT_SECONDS = 2.0
PASSWORD_VARIABLE = "THENAR_PASSWORD"


@dataclass(frozen=True, slots=True)
class Common:
    """Where the node lives and how to answer."""

    directory: Path
    as_json: bool
    password_file: Path | None = None

    def password(self) -> str:
        """The keyring's password from file or environment. Raises Locked when there is none."""
        if self.password_file is not None:
            try:
                return self.password_file.read_text(encoding="utf-8").rstrip("\n")
            except OSError as cause:
                raise BadConfig(f"cannot read {self.password_file}: {cause.strerror}") from cause
        found = os.environ.get(PASSWORD_VARIABLE)
        if found is None:
            raise Locked("the keyring needs its password", next_step=f"set {PASSWORD_VARIABLE} or use --password-file")
        return found


async def run_command(
    common: Common, name: str, arguments: dict[str, object], tell: Tell, *, only_running: bool = False
) -> dict[str, object]:
    """Run a command where the node is; open the node for it when none runs, unless ``only_running``.

    Raises what the command raises, and Unavailable when the running node dies under it.
    """
    answered = await _through_door(common.directory, name, arguments, tell)
    if answered is not None:
        return answered
    if only_running:
        raise Unavailable(f"no node runs on {common.directory}", next_step=f"thenar run --data {common.directory}")
    config, _ = load(common.directory)
    async with open_node(common.directory, config, common.password()) as node, running(node):
        return await run(node, name, arguments, tell)


async def _through_door(
    directory: Path, name: str, arguments: dict[str, object], tell: Tell
) -> dict[str, object] | None:
    """The answer of the running node, or None when none runs."""
    runtime = runtime_of(directory)
    if runtime is None:
        return None
    try:
        async with httpx.AsyncClient(timeout=httpx.Timeout(None, connect=CONNECT_SECONDS), trust_env=False) as client:
            return await _post(client, runtime, name, arguments, tell)
    except httpx.ConnectError:
        return None  # the file was left behind by a killed node
    except httpx.HTTPError as cause:
        raise Unavailable(
            f"the running node stopped answering: {cause}",
            next_step="what it had begun goes on when it is started again; then repeat the command",
        ) from cause


async def _post(
    client: httpx.AsyncClient, runtime: dict[str, object], name: str, arguments: dict[str, object], tell: Tell
) -> dict[str, object]:
    url, headers = f"http://{runtime['address']}/v1/commands/{name}", {"authorization": f"Bearer {runtime['token']}"}
    async with client.stream("POST", url, json=arguments, headers=headers) as answer:
        if answer.status_code != 200:
            body = (await answer.aread()).decode(errors="replace")[:500]
            raise Unavailable(f"the running node refused the command: {body}", next_step="restart the node")
        async for line in answer.aiter_lines():
            said = json.loads(line)
            if "progress" not in said:
                return _result(said)
            tell(said["progress"])
    raise Unavailable("the running node ended without an answer", next_step="look at its log and repeat the command")


def _result(said: dict[str, dict[str, object]]) -> dict[str, object]:
    if "error" not in said:
        return said["result"]
    error = said["error"]
    step = error.get("next_step")
    kind = _KINDS.get(str(error["kind"]), ThenarError)
    raise kind(str(error["message"]), next_step=None if step is None else str(step))


async def status_of(common: Common) -> dict[str, object]:
    """The running node's status, or what can be known of a directory without one; within 3 seconds."""
    runtime = runtime_of(common.directory)
    if runtime is not None:
        headers = {"authorization": f"Bearer {runtime['token']}"}
        try:
            async with httpx.AsyncClient(timeout=2.8, trust_env=False) as client:
                found = (await client.get(f"http://{runtime['address']}/v1/status", headers=headers)).json()
        except (httpx.HTTPError, ValueError):
            pass
        else:
            return dict(found)
    return await _without_node(common)


async def _without_node(common: Common) -> dict[str, object]:
    config, _ = load(common.directory)
    chain: dict[str, object] = {"up": False, "rpc": config.chain_rpc}
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
    try:
        with trio.move_on_after(1.5):
            async with httpx.AsyncClient(timeout=1.5, trust_env=False) as client:
                answer = await client.post(config.chain_rpc, json=body)
                chain |= {"up": True, "head": int(answer.json()["result"], 16)}
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        chain |= {"up": False}
    reasons = ["no node runs on this directory"]
    if not (common.directory / "keys").is_dir():
        reasons.append(f"{common.directory} is not a node's data directory")
    if not chain["up"]:
        reasons.append(f"chain: {config.chain_rpc} does not answer")
    return {
        "running": False,
        "ready": False,
        "reasons": reasons,
        "data": str(common.directory),
        "parts": {"chain": chain},
    }
