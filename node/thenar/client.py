"""One way to run a command: through the node that runs on the directory, or by opening the node for a moment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import trio

from thenar.config import load
from thenar.directory import KEYS, PASSWORD_FILE, absence, check_directory, runtime_of
from thenar.domain.endpoints import shown, trust_for
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

_KINDS: dict[str, type[ThenarError]] = {
    kind.__name__: kind
    for kind in (BadConfig, BadInput, Conflict, Corrupt, Late, Locked, NotFound, Poor, Refused, Reverted, Unavailable)
}
DOOR = "http://"
"""How a node is spoken to on its own machine."""
CONNECT_SECONDS = 2.0
STATUS_SECONDS = 2.1
"""How long a status may take; more than one part of a running node may (see ``commands.overview``)."""
DIAL_SECONDS = 0.7
"""How long an announced address may take to greet."""
_GREETING = b"\x13/multistream/1.0.0\n"
_PLACE = re.compile(r"/ip[46]/([^/]+)/tcp/(\d{1,5})(?:/|$)", re.ASCII)
PASSWORD_VARIABLE = "THENAR_PASSWORD"


@dataclass(frozen=True, slots=True)
class Common:
    """Where the node lives and how to answer."""

    directory: Path
    as_json: bool
    password_file: Path | None = None

    def password(self) -> str:
        """The keyring's password: from the file named, the environment, or the file ``init --yes`` made.

        Raises Locked when there is none, BadConfig when a file cannot be read.
        """
        if self.password_file is not None:
            return _password_in(self.password_file)
        found = os.environ.get(PASSWORD_VARIABLE)
        if found is not None:
            return found
        kept = self.directory / KEYS / PASSWORD_FILE
        if kept.is_file():
            return _password_in(kept)
        raise Locked("the keyring needs its password", next_step=f"set {PASSWORD_VARIABLE} or use --password-file")


def _password_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as cause:
        raise BadConfig(f"cannot read {path}: {cause.strerror}", next_step="check --password-file") from cause
    except UnicodeDecodeError as cause:
        raise BadConfig(f"{path} is not UTF-8 text", next_step="check --password-file") from cause


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
        said, step = absence(common.directory)
        raise Unavailable(said, next_step=step)
    check_directory(common.directory)
    return await _once(common, name, arguments, tell)


async def _once(common: Common, name: str, arguments: dict[str, object], tell: Tell) -> dict[str, object]:
    """Have a process of its own open the node for this one command; this one stays light."""
    words = [sys.executable, "-m", "thenar.cli.full", "once", name, "--data", str(common.directory)]
    if common.password_file is not None:
        words += ["--password-file", str(common.password_file)]
    answers: list[dict[str, dict[str, object]]] = []
    async with trio.open_nursery() as nursery:
        process = await nursery.start(
            partial(trio.run_process, words, stdin=json.dumps(arguments).encode(), stdout=subprocess.PIPE, check=False)
        )
        try:
            async for line in _lines(process.stdout):
                said = json.loads(line)
                if "progress" in said:
                    tell(said["progress"])
                else:
                    answers.append(said)
        finally:
            if not answers:  # it ended without one, or we are to stop
                process.terminate()
    if answers:
        return _result(answers[-1])
    raise ThenarError(f"the command ended with code {process.returncode} and said nothing", next_step="report it")


async def _lines(stream: trio.abc.ReceiveStream | None) -> AsyncIterator[bytes]:
    rest = b""
    while stream is not None and (part := await stream.receive_some()):
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield line


async def _through_door(
    directory: Path, name: str, arguments: dict[str, object], tell: Tell
) -> dict[str, object] | None:
    """The answer of the running node, or None when none runs."""
    runtime = runtime_of(directory)
    if runtime is None:
        return None
    try:
        limits = httpx.Timeout(None, connect=CONNECT_SECONDS)
        async with httpx.AsyncClient(timeout=limits, trust_env=False, verify=trust_for(DOOR)) as client:
            return await _post(client, runtime, name, arguments, tell)
    except (httpx.ConnectError, httpx.InvalidURL):
        return None  # the file was left behind by a killed node
    except (httpx.HTTPError, ValueError) as cause:
        raise Unavailable(
            f"the running node stopped answering: {cause}",
            next_step="what it had begun goes on when it is started again; then repeat the command",
        ) from cause


async def _post(
    client: httpx.AsyncClient, runtime: dict[str, object], name: str, arguments: dict[str, object], tell: Tell
) -> dict[str, object] | None:
    """The command's answer, or None when somebody else listens where the node did."""
    url, headers = f"http://{runtime['address']}/v1/commands/{name}", {"authorization": f"Bearer {runtime['token']}"}
    async with client.stream("POST", url, json=arguments, headers=headers) as answer:
        if answer.status_code in (401, 404, 405, 421):
            return None
        if answer.status_code != 200:
            body = (await answer.aread()).decode(errors="replace")[:500]
            if answer.status_code in (400, 413):
                raise BadInput(f"the running node refused the command: {body}")
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
    """The running node's status, or what can be known of a directory without one; within 2.1 seconds."""
    runtime, answers = runtime_of(common.directory), list[dict[str, object] | None]()
    chain: dict[str, object] = {"up": False}
    reasons = []
    with trio.move_on_after(STATUS_SECONDS) as scope:
        async with trio.open_nursery() as nursery:
            if runtime is not None:
                nursery.start_soon(_ask_status, runtime, answers, scope)
            try:
                rpc = load(common.directory)[0].chain_rpc
            except BadConfig as wrong:
                reasons.append(f"settings: {wrong.message}")
            else:
                chain["rpc"] = shown(rpc)
                nursery.start_soon(_ask_chain, rpc, chain)
    if answers and answers[0] is not None:
        return await _seen_from_outside(answers[0])
    if "rpc" in chain and not chain["up"]:
        reasons.append(f"chain: {chain['rpc']} does not answer")
    silent = runtime if not answers else None
    return _told(common, silent, chain, reasons)


def _told(
    common: Common, silent: dict[str, object] | None, chain: dict[str, object], reasons: list[str]
) -> dict[str, object]:
    """The status of a directory whose node does not answer."""
    said, step = absence(common.directory)
    if silent is not None:
        step = "`thenar doctor` looks at what it hangs on"
        said = f"the node (process {silent.get('pid')}) does not answer within {STATUS_SECONDS:g} s"
    if not (common.directory / KEYS).is_dir():
        reasons = [f"{common.directory} is not a node's data directory", *reasons]
        step = f"make one with `thenar init {common.directory}`"
    return {
        "running": False,
        "ready": False,
        "reasons": [said, *reasons],
        "next_step": step,
        "data": str(common.directory),
        "parts": {"chain": chain},
    }


async def _seen_from_outside(status: dict[str, object]) -> dict[str, object]:
    """Add whether the addresses the node listens on answer somebody who is not the node."""
    announced, parts, reasons = status.get("listening"), status.get("parts"), status.get("reasons")
    if not isinstance(announced, list) or not isinstance(parts, dict) or not isinstance(reasons, list):
        return status
    places = {one: found for one in announced if (found := _PLACE.match(str(one))) is not None}
    heard: dict[str, bool] = dict.fromkeys(places, False)

    async def dial(one: str, host: str, port: int) -> None:
        try:
            async with await trio.open_tcp_stream(host, port) as stream:
                said = bytes(await stream.receive_some(len(_GREETING)))
        except (OSError, trio.BrokenResourceError):
            return
        heard[one] = bool(said) and _GREETING.startswith(said)

    with trio.move_on_after(DIAL_SECONDS):
        async with trio.open_nursery() as nursery:
            for one, found in places.items():
                nursery.start_soon(dial, one, found[1], int(found[2]))
    silent = [one for one, answered in heard.items() if not answered]
    said = [f"reach: {one} does not answer from outside the node" for one in silent]
    if not places:
        said = ["reach: the node listens on no address that can be dialled"]
    peers = parts.get("reach", {})
    told = {**peers, "up": not said and peers.get("up", True), "dialled": len(places)}
    return {**status, "parts": {**parts, "reach": told}, "reasons": [*reasons, *said], "ready": not (reasons or said)}


async def _ask_status(
    runtime: dict[str, object], answers: list[dict[str, object] | None], enough: trio.CancelScope
) -> None:
    """Note what the door says, or None when nobody or somebody else is behind it; its answer is enough."""
    headers = {"authorization": f"Bearer {runtime['token']}"}
    try:
        async with httpx.AsyncClient(timeout=STATUS_SECONDS, trust_env=False, verify=trust_for(DOOR)) as client:
            answer = await client.get(f"http://{runtime['address']}/v1/status", headers=headers)
            found = answer.json()
    except httpx.TimeoutException:
        return
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        answers.append(None)
        return
    if answer.status_code == 200 and isinstance(found, dict):
        answers.append(dict(found))
        enough.cancel()
    else:
        answers.append(None)


async def _ask_chain(rpc: str, chain: dict[str, object]) -> None:
    """Fill in whether the endpoint answers, and its head."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
    try:
        async with httpx.AsyncClient(timeout=STATUS_SECONDS, trust_env=False, verify=trust_for(rpc)) as client:
            answer = await client.post(rpc, json=body)
            chain |= {"head": int(answer.json()["result"], 16), "up": True}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return
