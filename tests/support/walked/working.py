"""Work for strangers' machines, what rollouts are worth, and inference near robots."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from policies import random_layers, write_policy
from shown_lines import Row, told

from thenar.adapters.simulation import record_hand, record_room
from thenar.cli.job_template import EXAMPLE_MODEL, TEMPLATE
from thenar.commands.infer import until_served
from thenar.demo import lesson
from thenar.domain.ids import asset_id
from walked.trading import captured, known_to

INCLUDING = '<mujoco><include file="../parts/arm.xml"/></mujoco>'
REFLEX = "tests/e2e/test_demo_reflex.py::test_a_robot_stands_though_its_node_is_killed_and_the_captures_owner_is_paid"


def _a_robot_in_folders(town: Any) -> None:
    """A scene that includes a model from a folder beside its own."""
    for name, text in (("arm/scene.xml", INCLUDING), ("parts/arm.xml", EXAMPLE_MODEL)):
        path = town.here / "robots" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _somebody_works(town: Any) -> None:
    town.ask("ben", "work.enable", cores=1, batch=16, classes="X1,SUM")


def _a_parent(town: Any) -> None:
    made = record_room(town.here / "parent.pcd", seed=6, rays=2_000)
    captured(town, "parent", made)
    town.things["job"] = str(town.here)
    town.things["unit"] = str(town.here / "results" / "unit-000003.bin")


def _a_lesson(town: Any) -> None:
    written = lesson.write_lesson(town.here / "lesson").parent
    for path in written.iterdir():
        path.rename(town.here / path.name)


def _trained_and_done(town: Any) -> None:
    listed = town.ask("ana", "job.list")["bounties"]
    town.things["lesson"] = min(one["bounty"] for one in listed if one["bounty"] != town.things["bounty"])
    town.until("ana", "job.show", lambda shown: shown["done"] == lesson.UNITS, bounty=town.things["lesson"])


def _summed(town: Any) -> None:
    town.until("ana", "job.show", lambda shown: shown["done"] == 1, bounty=town.things["sum"])


def _template_again(town: Any) -> None:
    """Physics once more: the file had become a job that paints."""
    (town.here / "job.toml").write_text(TEMPLATE.replace('price = "0.05"', 'price = "0.20"'), encoding="utf-8")


def _shown_and_not_paid(town: Any) -> None:
    def revealed(told: Any) -> bool:
        return any(claim["stage"] == "revealed" for claim in told["claims"])

    shown = town.until("ana", "job.show", revealed, bounty=town.things["canaries"])
    claim = next(claim for claim in shown["claims"] if claim["stage"] == "revealed")
    town.things["claim"], town.things["first"] = claim["claim"], str(claim["units"]).split("..")[0]


def _leader(town: Any) -> None:
    town.things |= {name: town.account(name) for name in ("ana", "ben")}


COMPUTE = (
    Row("thenar register --stake 100"),
    Row("thenar job template > job.toml"),
    Row("thenar job template --model > arm.xml"),
    Row("thenar job gather robots/arm/scene.xml --into push", before=_a_robot_in_folders),
    Row("thenar job post job.toml", before=_somebody_works, keep={"bounty": "bounty"}),
    Row("thenar job show 1", put={"1": "bounty"}),
    Row("thenar job show 1 --wait", put={"1": "bounty"}),
    Row("thenar job fetch 1 --into results", put={"1": "bounty"}),
    Row("thenar job template --pictures > job.toml"),
    Row("thenar job mint 1 --parent 0x… --price 25", before=_a_parent, put={"1": "bounty", "0x…": "parent"}),
    Row("thenar job fetch 1 --into raw --no-mint", put={"1": "bounty"}),
    Row(
        "thenar job train lesson.toml --sizes 4,6,1 --rounds 5 --step 4.5 --into trained",
        before=_a_lesson,
        small={"5": "1"},
    ),
    Row("thenar job sum 1 --price 0.05", before=_trained_and_done, put={"1": "lesson"}, keep={"sum": "bounty"}),
    Row("thenar job fetch 2 --into sums", before=_summed, put={"2": "sum"}),
    Row("thenar register --stake 500 --roles store,compute,juror", by="jon"),
    Row("thenar work enable --cores 2 --classes X1 --min-price 0.10 --seats 1", by="jon"),
    Row("thenar job post job.toml --canaries 3", before=_template_again, keep={"canaries": "bounty"}),
    Row("thenar job show 1", put={"1": "canaries"}),
    Row(
        "thenar job challenge 3 17",
        before=_shown_and_not_paid,
        put={"3": "claim", "17": "first"},
        code=4,
        why="the claim is honest: the unit comes to the same here",
    ),
    Row("thenar work join 0x…", by="ben", before=_leader, put={"0x…": "ana"}),
    Row("thenar work admit 0x…", put={"0x…": "ben"}),
)


def _scans(town: Any) -> None:
    """Rooms, one of them as a sketch only, and a grasp."""
    for name, seed, visit in (("room", 7, 0), ("older", 7, 1), ("neighbour", 8, 0)):
        record_room(town.here / f"{name}.pcd", seed=seed, visit=visit, rays=20_000)
    record_hand(town.here / "touch.csv", seed=7, seconds=2)
    town.walker.also("thenar capture score neighbour.pcd --sketch neighbour.sketch")


SCORING = (
    Row("thenar capture score room.pcd --plot pictures", before=_scans),
    Row("thenar capture score room.pcd --against older.pcd --against neighbour.sketch"),
    Row("thenar capture score touch.csv --sketch touch.sketch --json"),
    Row(
        "thenar capture score FOLDER/unit-000003.bin --files JOB",
        put={"FOLDER/unit-000003.bin": "unit", "JOB": "job"},
    ),
)


class Wrong:
    """An engine that is wrong in its first number, by always the same amount."""

    def __init__(self, honest: Any) -> None:
        self._honest = honest

    @property
    def shape(self) -> Any:
        """What the honest one takes and gives."""
        return self._honest.shape

    async def run(self, observations: Any) -> list[bytes]:
        """The honest one's answers, touched up."""
        found = await self._honest.run(observations)
        return [struct.pack("<f", struct.unpack("<f", one[:4])[0] + 0.25) + one[4:] for one in found]


def _policy(town: Any, name: str) -> str:
    path = write_policy(Path(town.here) / f"{name}.onnx", random_layers(8, 16, 4, seed=len(name)))
    terms = {"purposes": "eval,compute_only", "share": "30%", "price": "1"}
    made = town.ask("ana", "model.add", path=str(path), title=name, parents=[], **terms)
    town.things[name] = str(made["asset"])
    return str(made["asset"])


def _mine(town: Any) -> None:
    _policy(town, "gait")


def _served_wrongly(town: Any) -> None:
    """Ana's node answers with another policy, and lies; Ben and Jon have licenses that bring the key."""
    policy = asset_id(_policy(town, "balance"))
    for who in ("ben", "jon"):
        known_to(town, who, policy)
        town.believed(who, lambda catalog: catalog.offers.get(policy))
        town.ask(who, "license.buy", asset=policy, max_price="1", wait=True, patience=100)
    town.ask("ana", "infer.serve", model=policy, price="0.05", stake="50")
    town.do(until_served, town.nodes["ana"], policy)
    answering = town.nodes["ana"].house.answering[policy]
    answering.engine = Wrong(answering.engine)


INFERENCE = (
    told("thenar demo reflex", REFLEX),
    Row("thenar infer serve 0xMODEL --price 0.05 --stake 50", before=_mine, put={"0xMODEL": "gait"}),
    Row("thenar infer list"),
    Row("thenar infer stop 0xMODEL", put={"0xMODEL": "gait"}),
    Row(
        "thenar infer check 0xMODEL --nodes 4",
        by="ben",
        before=_served_wrongly,
        put={"0xMODEL": "balance"},
        keep={"evidence": "wrong.0.evidence"},
        again=4,
    ),
    Row("thenar infer challenge EVIDENCE", by="ben", put={"EVIDENCE": "evidence"}),
    Row("thenar infer judge 0xMODEL --seats 1", by="jon", put={"0xMODEL": "balance"}),
)

PAGES = {"docs/compute.md": COMPUTE, "docs/scoring.md": SCORING, "docs/inference.md": INFERENCE}
