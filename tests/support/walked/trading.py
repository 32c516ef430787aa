"""Captures streamed and exported, previews, programs that come to the data, and files kept for others."""

from __future__ import annotations

import os
import shutil
from typing import Any

from programs import SUM
from shown_lines import Row

from thenar.adapters.simulation import record_hand, record_room


def captured(town: Any, name: str, recorded: Any, **more: object) -> str:
    """Ana publishes a recording; it is a thing of the town's."""
    layout = {} if recorded.layout is None else {"layout": str(recorded.layout)}
    made = town.ask("ana", "capture.add", path=str(recorded.path), description=str(recorded.sidecar), **layout, **more)
    town.things[name] = made["asset"]
    return str(made["asset"])


def known_to(town: Any, who: str, asset: object) -> None:
    """Wait until somebody else believes in an asset."""
    town.believed(who, lambda catalog: catalog.assets.get(asset))


def _two_grasps(town: Any) -> None:
    for name, seed in (("grasp", 7), ("again", 8)):
        made = record_hand(town.here / f"{name}.csv", seed=seed, seconds=1)
        captured(town, name, made)
    shutil.copy(town.here / "grasp.csv.layout.toml", town.here / "grasp.layout.toml")
    (town.here / "records").mkdir()
    rows = (town.here / "grasp.csv").read_bytes().splitlines(keepends=True)[1:]
    (town.here / "records" / "0.csv").write_bytes(b"".join(rows[:20]))


def _heard_of_the_stream(town: Any) -> None:
    town.believed("ben", lambda catalog: catalog.live.get(1))


def _owing(town: Any) -> None:
    town.until("ben", "live.list", lambda told: float(told["streams"][0]["subscriptions"][0]["owed"]) > 0)


CAPTURES = (
    Row(
        "thenar live open 0xTHE_CAPTURE --rate 0.002 --epoch 10 --source ./records",
        put={"0xTHE_CAPTURE": "grasp"},
        before=_two_grasps,
    ),
    Row(
        "thenar live open 0xTHE_CAPTURE --rate 0.002 --source -",
        put={"0xTHE_CAPTURE": "again"},
        given=b"1,2,3\n" * 20,
    ),
    Row("thenar live list"),
    Row("thenar live subscribe 1 --epochs 60 --max-rate 0.002", by="ben", before=_heard_of_the_stream),
    Row("thenar live topup 1 5.00", by="ben"),
    Row("thenar live collect 1", before=_owing),
    Row("thenar live stop 1", by="ben"),
    Row("thenar capture export 0x… 0x… catalogue --as stac", put={"0x…": "grasp again"}),
    Row("thenar capture export 0x… 0x… dataset --as croissant", put={"0x…": "grasp again"}),
    Row(
        'thenar capture export 0x… 0x… robot --as lerobot --task "grasp the cup" --layout grasp.layout.toml',
        put={"0x…": "grasp again"},
    ),
)


def _a_large_file(town: Any) -> None:
    (town.here / "policy.bin").write_bytes(os.urandom(6_000_000))
    made = town.ask("ana", "model.add", path=str(town.here / "policy.bin"), title="A gait policy", share="10%")
    town.things["large"] = made["asset"]
    town.ask("ana", "account.deposit", amount="20")
    known_to(town, "ben", made["asset"])


PREVIEWS = (
    Row(
        "thenar preview challenge ASSET --chunks 20 --fee 1 --wait",
        by="ben",
        put={"ASSET": "large"},
        before=_a_large_file,
        keep={"preview": "preview"},
    ),
    Row("thenar preview list", by="ben"),
    Row("thenar preview show PREVIEW", by="ben", put={"PREVIEW": "preview"}),
)


def _a_scan(town: Any) -> None:
    record_room(town.here / "scan.pcd", seed=3, rays=2_000)
    (town.here / "histogram.wasm").write_bytes(SUM)


def _approved_again(town: Any) -> None:
    asset, program = town.things["private"], str(town.here / "histogram.wasm")
    told = town.ask("ana", "capture.approve", asset=asset, program=program, output=4_096, price="0.50")
    town.believed("ben", lambda catalog: catalog.offers.get(asset))
    town.believed("ben", lambda catalog: catalog.programs.get((asset, bytes.fromhex(str(told["program"])))))


def _another_run(town: Any) -> None:
    """Ordered without ``--into``; it may be rejected while it is not paid."""
    ordered = {"asset": town.things["private"], "program": str(town.here / "histogram.wasm"), "max_price": "0.50"}
    town.things["run"] = town.ask("ben", "job.house", **ordered)["run"]
    town.until("ben", "job.runs", lambda told: told["runs"][-1]["state"] == "delivered")


COMPUTE_ONLY = (
    Row("thenar register --stake 100"),
    Row(
        "thenar capture add scan.pcd --purposes compute_only --price 5.00",
        before=_a_scan,
        keep={"private": "asset"},
    ),
    Row(
        "thenar capture approve 0x… histogram.wasm --output 4096 --price 0.50",
        put={"0x…": "private"},
    ),
    Row("thenar capture approved 0x…", put={"0x…": "private"}),
    Row("thenar capture disapprove 0x… histogram.wasm", put={"0x…": "private"}),
    Row("thenar license buy 0x… --no-key", by="ben", put={"0x…": "private"}, before=_approved_again),
    Row(
        "thenar job house 0x… --program histogram.wasm --max-price 0.50 --into histogram.bin",
        by="ben",
        put={"0x…": "private"},
    ),
    Row("thenar job runs", by="ben", before=_another_run),
    Row("thenar job output 1 --into later.bin", by="ben", put={"1": "run"}),
    Row("thenar job reject 1", by="ben", put={"1": "run"}),
)


def _a_file_to_keep(town: Any) -> None:
    made = record_room(town.here / "kept.pcd", seed=5, rays=2_000)
    captured(town, "kept", made)


def _one_is_free(town: Any) -> None:
    listed = town.until("ben", "storage.list", lambda told: told["replicas"], free=True)
    town.things["replica"] = listed["replicas"][0]["replica"]


STORAGE = (
    Row("thenar storage replicate 0x… --copies 3", put={"0x…": "kept"}, before=_a_file_to_keep),
    Row("thenar storage list"),
    Row("thenar storage spread 0x…", put={"0x…": "kept"}),
    Row("thenar storage restore 0x… --into room.pcd", put={"0x…": "kept"}),
    Row("thenar register --roles store --stake 200", by="ben"),
    Row("thenar account deposit 20", by="ben"),
    Row("thenar storage list --free", by="ben"),
    Row("thenar storage take 0x…", by="ben", put={"0x…": "replica"}, before=_one_is_free),
    Row("thenar storage show", by="ben"),
)

PAGES = {
    "docs/captures.md": CAPTURES,
    "docs/previews.md": PREVIEWS,
    "docs/compute-only.md": COMPUTE_ONLY,
    "docs/storage.md": STORAGE,
}
"""In the order in which they are walked."""
