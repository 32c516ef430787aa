"""Faults of what a node depends on: the chain, ports, peers, an IPFS daemon."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from typing import Any

import httpx

from thenar.adapters.ipfs.kuborpc import KuboRpc
from thenar.adapters.journal import FILE_NAME as JOURNAL
from thenar.adapters.journal import blocks_in
from thenar.adapters.vault import keyring
from thenar.adapters.web import loopback_of
from thenar.commands.overview import STALE_SECONDS
from thenar.directory import KEYS, absence
from thenar.domain.endpoints import trust_for
from thenar.domain.past import Past, judge
from thenar.errors import BadConfig, ThenarError
from thenar.upkeep.finding import Finding, Patient, fault, fine, shown
from thenar.upkeep.in_settings import ADDRESS

SECONDS = 1.5
CLOCK_SECONDS = 30
"""How far the chain may be ahead of this clock before something is wrong."""


def check_node(patient: Patient) -> Iterator[Finding]:
    """Whether the node runs and says that it is ready."""
    if not patient.running:
        yield fault("node runs", *absence(patient.directory))
        return
    yield fine("node runs")
    if patient.status.get("ready"):
        yield fine("node is ready")
    else:
        reasons = patient.status.get("reasons")
        dialled = isinstance(reasons, list) and any(str(reason).startswith("reach: ") for reason in reasons)
        reach = "check p2p.listen and p2p.announce, the firewall, and what the router forwards"
        step = reach if dialled else "`thenar status` says more"
        yield fault("node is ready", shown(reasons), step)


def check_chain(patient: Patient) -> Iterator[Finding]:
    """Whether the endpoint answers, is of the right chain, keeps time, and knows contracts and account."""
    url = _endpoint(patient)
    if url is None:
        return
    with httpx.Client(timeout=SECONDS, trust_env=False, verify=trust_for(url)) as client:
        try:
            chain_id = int(_ask(client, url, "eth_chainId"), 16)
            head = _ask(client, url, "eth_getBlockByNumber", "latest", False)
            number, stamp = int(head["number"], 16), int(head["timestamp"], 16)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
            yield fault("chain answers", f"{url} does not", "start the chain, or set chain.rpc")
            return
        yield fine("chain answers", f"{url}, block {number}")
        yield from _clock(int(time.time()) - stamp)
        try:
            yield from _on_chain(patient, client, url, chain_id)
            yield from _remembered(patient, client, url, number)
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            yield fault("chain answers every question", f"{url} does not", "use an endpoint that serves eth_getCode")


def _endpoint(patient: Patient) -> str | None:
    """What the running node uses, else what the settings name."""
    parts: Any = patient.status.get("parts")
    told = parts.get("chain", {}).get("rpc") if isinstance(parts, dict) else None
    if isinstance(told, str):
        return told
    return None if isinstance(patient.config, ThenarError) else patient.config.chain_rpc


def _ask(client: httpx.Client, url: str, method: str, *parameters: object) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
    return client.post(url, json=body).json()["result"]


def _clock(behind: int) -> Iterator[Finding]:
    if behind < -CLOCK_SECONDS:
        yield fault(
            "clock agrees with the chain", f"this clock is {-behind} s late", "set the clock: timedatectl set-ntp true"
        )
    else:
        yield fine("clock agrees with the chain")
    if behind > STALE_SECONDS:
        yield fault(
            "chain goes on", f"its last block is {behind} s old", "the endpoint has stopped following; use another"
        )
    else:
        yield fine("chain goes on", f"last block {max(0, behind)} s ago")


def _on_chain(patient: Patient, client: httpx.Client, url: str, chain_id: int) -> Iterator[Finding]:
    made = patient.deployment
    if made is not None and made.chain_id != chain_id:
        seen = f"the endpoint is of chain {chain_id}, the deployment of {made.chain_id}"
        yield fault("right chain", seen, "set chain.rpc or chain.deployment so that both are of one chain")
        return
    if made is not None:
        known = made.contracts
        bare = [name for name, place in known.items() if _ask(client, url, "eth_getCode", place, "latest") == "0x"]
        seen = f"nothing at {', '.join(bare[:3])}" if bare else f"{len(made.contracts)} of them"
        step = "name the deployment file of this very chain; a local chain begins anew"
        yield fault("contracts are there", seen, step) if bare else fine("contracts are there", seen)
    try:
        account = keyring.account_in(patient.directory / KEYS)
    except ThenarError:
        return
    if int(_ask(client, url, "eth_getBalance", account, "latest"), 16):
        yield fine("account can pay gas")
    else:
        yield fault("account can pay gas", f"{account} has nothing", f"send ether to {account}")


def _remembered(patient: Patient, client: httpx.Client, url: str, head: int) -> Iterator[Finding]:
    """Whether the chain has the blocks that the journal remembers."""
    check, journal = "chain is the one that was followed", patient.directory / JOURNAL
    try:
        held = blocks_in(journal)
    except ThenarError:  # said of the journal itself
        return
    if not held:
        return
    newest = max(held)
    seen = _hashes(client, url, [newest])
    if seen != {newest: held[newest]}:
        seen = _hashes(client, url, sorted(held))
    verdict = judge(held, seen)
    if verdict is Past.SAME:
        yield fine(check, f"it has block {newest}")
    elif verdict is Past.BELOW:
        step = "wait until the endpoint has caught up, or set chain.rpc to another; one begun anew needs another --data"
        yield fault(check, f"it ends at block {head}, below block {newest} that was seen", step)
    else:
        step = (
            f"name another --data; if the chain was begun anew on purpose, move {journal} and what begins with its name"
        )
        yield fault(check, "it has other blocks than the journal remembers", f"{step} away")


def _hashes(client: httpx.Client, url: str, blocks: Sequence[int]) -> dict[int, str]:
    """The hashes of those blocks the chain has."""
    found = {block: _ask(client, url, "eth_getBlockByNumber", hex(block), False) for block in blocks}
    return {block: str(header["hash"]) for block, header in found.items() if header is not None}


def check_ports(patient: Patient) -> Iterator[Finding]:
    """Whether the ports a node that does not run would take are free."""
    if patient.running or isinstance(patient.config, ThenarError):
        return
    found = ADDRESS.fullmatch(patient.config.p2p_listen)
    wanted = [] if found is None else [("p2p.listen", found[1], int(found[2]))]
    with suppress(BadConfig):  # said among the settings
        wanted.append(("web.listen", *loopback_of(patient.config.web_listen)))
    for name, host, port in wanted:
        cause = _taken(host, port)
        if cause is None:
            yield fine(f"{name} is free")
        else:
            yield fault(
                f"{name} is free", f"{host}:{port}: {cause}", f"stop what listens there, or set {name} to another"
            )


def _taken(host: str, port: int) -> str | None:
    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        return None  # a name is for its peers to find
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as cause:
            return str(getattr(cause, "strerror", None) or cause)
    return None


def check_peers(patient: Patient) -> Iterator[Finding]:
    """Whether one of the peers to join through takes a connection."""
    if isinstance(patient.config, ThenarError):
        return
    found = [ADDRESS.fullmatch(peer) for peer in patient.config.p2p_bootstrap]
    places = [(one[1], int(one[2])) for one in found if one is not None]
    if not places:
        return
    if any(_dials(host, port) for host, port in places):
        yield fine("a peer to join through answers")
    else:
        seen = ", ".join(f"{host}:{port}" for host, port in places[:3])
        yield fault(
            "a peer to join through answers", f"none of {seen}", "check the network, or name others in p2p.bootstrap"
        )


def _dials(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except (OSError, OverflowError):
        return False
    return True


def check_kubo(patient: Patient) -> Iterator[Finding]:
    """Whether the IPFS daemon answers and is of a version that works."""
    if isinstance(patient.config, ThenarError) or patient.config.store_kind != "kubo":
        return
    try:
        rpc = KuboRpc(patient.config.store_kubo_api, SECONDS)
    except ThenarError as wrong:
        step = wrong.next_step or "start it: ipfs daemon; or set store.kubo_api"
        yield fault("IPFS daemon answers", wrong.message, step)
        return
    yield fine("IPFS daemon answers")
    with closing(rpc):
        yield from _syncs(rpc)


def _syncs(rpc: KuboRpc) -> Iterator[Finding]:
    """Whether what the daemon says it stored would be there after a power cut."""
    check = "IPFS daemon syncs what it writes"
    try:
        unsynced = rpc.unsynced()
    except ThenarError as wrong:
        yield fault(check, wrong.message, wrong.next_step or "start it: ipfs daemon")
        return
    if unsynced:
        step = "set sync (flatfs) or syncWrites (badgerds) to true in Datastore.Spec, and restart the daemon"
        yield fault(check, f"not its {', '.join(unsynced)}", step)
    else:
        yield fine(check)
