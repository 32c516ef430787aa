"""What Prometheus is told: the numbers of the status, one row each, so that the two never disagree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest

Status = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """A gauge read from a status; one whose part of the node does not answer is left out rather than invented."""

    name: str
    meaning: str
    read: Callable[[Status], float]


def _part(name: str, key: str) -> Callable[[Status], float]:
    return lambda status: float(status["parts"][name][key])


def _count(name: str, key: str) -> Callable[[Status], float]:
    return lambda status: float(len(status["parts"][name][key]))


METRICS = (
    Metric("thenar_ready", "1 when nothing is wrong, as thenar status says", lambda s: float(s["ready"])),
    Metric("thenar_up_seconds", "Seconds since the node started", lambda s: float(s["up_seconds"])),
    Metric("thenar_registered", "1 while the node is registered on chain", lambda s: float(s["registered"])),
    Metric("thenar_chain_up", "1 when the chain's endpoint answers", _part("chain", "up")),
    Metric("thenar_chain_head_block", "Newest block of the endpoint", _part("chain", "head")),
    Metric("thenar_chain_head_age_seconds", "Age of that block", _part("chain", "head_age_s")),
    Metric("thenar_catalog_block", "Block the catalog stands at", lambda s: float(s["as_of"]["block"])),
    Metric("thenar_catalog_behind_blocks", "Blocks the catalog stands behind the head", _part("chain", "behind")),
    Metric("thenar_catalog_facts", "Facts folded into the catalog", lambda s: float(s["catalog"]["facts"])),
    Metric("thenar_catalog_assets", "Assets in the catalog", lambda s: float(s["catalog"]["assets"])),
    Metric("thenar_store_up", "1 when the store answers", _part("store", "up")),
    Metric("thenar_store_used_bytes", "Bytes of blocks in the store", _part("store", "used")),
    Metric("thenar_store_disk_bytes", "Bytes the store takes on disk", _part("store", "on_disk")),
    Metric("thenar_store_quota_bytes", "Bytes the store may hold", _part("store", "quota")),
    Metric("thenar_store_pins", "Roots the store keeps", _part("store", "pins")),
    Metric("thenar_disk_free_bytes", "Bytes free on the data directory's disk", _part("disk", "free")),
    Metric("thenar_peers_connected", "Connected peers", _count("peers", "connected")),
    Metric("thenar_reach_asked", "Peers whose word of reaching this node counts now", _part("reach", "asked")),
    Metric("thenar_reach_up", "0 when peers dialled this node and got no answer, or no block", _part("reach", "up")),
    Metric("thenar_gossip_heard_envelopes", "Envelopes of others taken in since the start", _part("peers", "heard")),
    Metric("thenar_gossip_refused_envelopes", "Envelopes refused since the start", _part("peers", "refused")),
    Metric("thenar_door_failed_requests", "Requests the node failed at since the start", _part("door", "failed")),
    Metric("thenar_peers_shut_out", "Times a peer was shut out since the start", _part("peers", "shut_out")),
    Metric("thenar_process_resident_bytes", "Bytes of memory the process holds", _part("process", "resident")),
    Metric("thenar_process_open_files", "Files and connections it has open", _part("process", "open_files")),
    Metric("thenar_process_threads", "Threads that live", _part("process", "threads")),
    Metric("thenar_process_tasks", "Tasks that live", _part("process", "tasks")),
    Metric("thenar_wallet_up", "1 when the account's balance could be read", _part("wallet", "up")),
    Metric("thenar_wallet_gas_wei", "Wei left for gas", _part("wallet", "gas_wei")),
    Metric("thenar_outbox_open", "Transactions wanted, signed or mined and not final", _part("duties", "sending")),
    Metric("thenar_duties_open", "Duties still to be done", _count("duties", "open")),
    Metric("thenar_duties_failed", "Duties given up", _part("duties", "given_up")),
    Metric("thenar_claims_running", "Claims on work that runs here", lambda s: float(s["catalog"]["claims_running"])),
    Metric("thenar_sales_open", "Sales open or delivered", lambda s: float(s["catalog"]["sales_open"])),
)
BUILD = "thenar_build"
"""What runs: always 1, with the version as a label."""


def metrics_of(status: Status) -> str:
    """Prometheus' text form of a status."""
    registry = CollectorRegistry()
    Gauge(BUILD, "What runs", ["version"], registry=registry).labels(str(status["version"])).set(1)
    for metric in METRICS:
        try:
            value = metric.read(status)
        except (KeyError, TypeError, ValueError):
            continue
        Gauge(metric.name, metric.meaning, registry=registry).set(value)
    return generate_latest(registry).decode()
