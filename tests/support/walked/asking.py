"""Captures that are asked for and answered, witnesses and their words, and an epoch's rewards."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from typing import Any

import tomli_w
from rescans import log_of, recorded_again
from shown_lines import Row, told

from thenar.adapters.simulation import record_hand, record_room
from thenar.domain.epochs.epoch_duties import turn_of
from thenar.services.bounty import accusing, witnessing
from walked.trading import captured

CELL, OTHER = "891f8d7a5a3ffff", "891f8d7a5b7ffff"
STORY = "tests/e2e/test_demo_capture.py::test_a_room_is_asked_for_copied_kept_lost_and_got_back_and_sums_agree"
OWN_FILES = "tests/node/demo/test_rooms.py::test_a_scan_and_a_re_scan_of_the_same_room_are_taken"
ANSWER = "thenar bounty answer 1 ASSET room.pcd --cell 891f8d7a5a3ffff --level -1"


def _halls(town: Any) -> None:
    """Rooms as Ana and Ben recorded them, in a hall that is half public."""
    described = record_room(town.here / "any.pcd", seed=7, rays=20_000)
    stated = tomllib.loads(described.sidecar.read_text())
    stated["place"] = {"class": "semi_public", "cell": CELL, "level": -1}
    described.sidecar.write_text(tomli_w.dumps(stated))
    for name, seed, visit in (("room", 4, 0), ("again", 4, 1), ("cellar", 9, 0)):
        recorded_again(described.path, town.here / f"{name}.pcd", seed, visit)
    shutil.copy(described.path, town.here / "elsewhere.pcd")
    shutil.copy(described.sidecar, town.here / "elsewhere.pcd.capture.toml")


def _heard(town: Any) -> None:
    town.believed("ana", lambda catalog: catalog.asks.get(town.things["tactile"]))


def _moves_made(town: Any) -> None:
    number = town.things["beacon"]
    moves = town.nodes["ana"].belief.catalog.beacons[number].moves
    log_of(moves, town.here / "motion.csv")


def _touched(town: Any) -> None:
    """A grasp with more taxels than are asked for: ninety-two sensors, six fingers' worth of them each."""
    grasp = record_hand(town.here / "few.csv", seed=11, seconds=2)
    rows = grasp.path.read_text().splitlines()
    copies = 6
    for number, row in enumerate(rows):
        stamp, *cells = row.split(",")
        touch, joints = cells[:92], cells[92:]
        if number:
            touch = [str(int(cell) + copy * (number % 3)) for copy in range(copies) for cell in touch]
        else:
            touch = [cell if not copy else f"{cell}_{copy}" for copy in range(copies) for cell in touch]
        rows[number] = ",".join([stamp, *touch, *joints])
    (town.here / "grasp.csv").write_text("\n".join(rows) + "\n")
    shutil.copy(grasp.sidecar, town.here / "grasp.csv.capture.toml")
    shutil.copy(grasp.layout, town.here / "grasp.csv.layout.toml")
    made = town.ask("ana", "capture.add", path=str(town.here / "grasp.csv"))
    town.things["touch"] = made["asset"]


def _stages(town: Any, bounty: object, wanted: list[str]) -> None:
    town.until("ana", "bounty.show", lambda told: [one["stage"] for one in told["list"]] == wanted, bounty=bounty)


def _answered(town: Any, who: str, name: str, cell: str) -> str:
    path = str(town.here / f"{name}.pcd")
    asset = str(town.ask(who, "capture.add", path=path)["asset"])
    town.ask(who, "bounty.answer", bounty=town.things["asked"], asset=asset, path=path, cell=cell, level="-1")
    return asset


def _paid_for_both(town: Any) -> None:
    """Ben scanned Ana's room again; Ana a cellar besides, of which Ben has seen nothing. All are paid."""
    _stages(town, town.things["asked"], ["revealed"])
    _answered(town, "ben", "again", CELL)
    town.things["cellar"] = _answered(town, "ana", "cellar", OTHER)
    _stages(town, town.things["asked"], ["revealed"] * 3)
    _answered(town, "ben", "elsewhere", OTHER)
    _stages(town, town.things["asked"], ["revealed"] * 4)
    town.jump(7_200)
    _stages(town, town.things["asked"], ["settled"] * 4)
    town.things["ben"] = town.account("ben")


def _a_lie(town: Any) -> None:
    """Ben's node, were it of his own making, could say that he saw the cellar. The others' nodes look away."""

    async def look_away(*_: object) -> None:
        return None

    async def lie() -> None:
        ben = town.nodes["ben"]
        answers = list(ben.belief.catalog.answers.values())
        seen = next(one for one in answers if one.shown and one.shown.asset == town.things["cellar"])
        scan = [one for one in answers if one.contributor == ben.me][-1]
        found = await witnessing.compare(ben.bounty_desk, seen, scan)
        await witnessing.speak(ben.bounty_desk, replace(found.word, overlap=9_900))

    town.walker.patch.setattr(accusing, "check_word", look_away)
    town.do(lie)
    town.until("jon", "capture.words", lambda told: told["words"], asset=town.things["cellar"])


HONEST = "what is answered with is honest: a jury would find for it, as the page says"
BOUNTIES = (
    told("thenar demo capture", STORY),
    told("thenar demo capture --capture room.pcd --capture again.pcd", OWN_FILES),
    Row(
        "thenar bounty post --place semi_public --area 871f8d7a5ffffff --grain 9 --levels -2:5 --quality 60%"
        " --captures 2 --price 20 --top-price 60 --budget 2000 --days 10",
        by="jon",
        before=_halls,
        keep={"asked": "bounty"},
    ),
    Row("thenar bounty show 1", by="jon", put={"1": "asked"}),
    Row("thenar bounty list --mine", by="jon"),
    Row(
        "thenar bounty post --place semi_public --cells 891f8d7a5a3ffff,891f8d7a5b7ffff --levels -3:-1"
        " --needs-gesture --max-age 12h --price 20 --budget 500",
        by="jon",
        keep={"basements": "bounty"},
    ),
    Row(
        'thenar bounty post --modality tactile --subject "grasps of soft objects" --least-taxels 500 --price 5'
        " --budget 200",
        by="jon",
        keep={"tactile": "bounty"},
    ),
    Row("thenar bounty gaps", before=_heard),
    Row(
        "thenar capture score room.pcd --bounty 1 --cell 891f8d7a5a3ffff --level -1",
        put={"1": "asked"},
    ),
    Row("thenar capture add room.pcd --price 12.50", keep={"scan": "asset"}),
    Row(f"{ANSWER} --dry-run", put={"1": "asked", "ASSET": "scan"}),
    Row(ANSWER, put={"1": "asked", "ASSET": "scan"}),
    Row("thenar capture gesture --bounty 1", put={"1": "basements"}, keep={"beacon": "beacon"}),
    Row("thenar capture gesture --beacon 4096 --check motion.csv", put={"4096": "beacon"}, before=_moves_made),
    Row(
        f"{ANSWER} --beacon 4096 --gesture motion.csv --dry-run",
        put={"1": "basements", "ASSET": "scan", "4096": "beacon"},
    ),
    Row("thenar bounty answer 1 ASSET grasp.csv", put={"1": "tactile", "ASSET": "touch"}, before=_touched),
    Row("thenar register --stake 200 --roles store,witness", by="ben", before=_paid_for_both),
    Row("thenar capture witness ASSET --dry-run", by="ben", put={"ASSET": "scan"}),
    Row("thenar capture witness ASSET", by="ben", put={"ASSET": "scan"}),
    Row("thenar capture witnesses ASSET", put={"ASSET": "scan"}),
    Row("thenar capture words ASSET --check", by="jon", put={"ASSET": "scan"}),
    Row(
        "thenar capture accuse ASSET WITNESS --dry-run",
        by="jon",
        put={"ASSET": "cellar", "WITNESS": "ben"},
        before=_a_lie,
    ),
    Row("thenar capture accuse ASSET WITNESS", by="jon", put={"ASSET": "cellar", "WITNESS": "ben"}),
    Row(
        "thenar bounty challenge 1 1 --prior ASSET --dry-run",
        put={"1": "asked 1", "ASSET": "scan"},
        code=4,
        why=HONEST,
    ),
    Row("thenar bounty judge --seats 1", by="jon"),
    Row("thenar bounty challenge 1 1 --dry-run", put={"1": "asked 1"}, code=4, why=HONEST),
)


def _state(told: Any, epoch: int) -> str:
    return next((str(one["state"]) for one in told["epochs"] if one["epoch"] == epoch), "none")


def _epoch_ends(town: Any, epoch: int) -> None:
    """An epoch lasts long enough, and some node closes it. Only the node whose turn is last can lay down a bond."""
    town.until("ana", "epoch.list", lambda told: _state(told, epoch) == "running")
    if "last" in town.things:
        town.ask(str(town.things["last"]), "account.withdraw")  # the bond that came back
    town.jump(400_000)
    town.until("ana", "epoch.list", lambda told: _state(told, epoch) == "closed")
    catalog = town.nodes["ana"].belief.catalog
    last = max(town.nodes, key=lambda name: turn_of(catalog, epoch, town.nodes[name].me))
    town.things["last"] = last
    town.ask(last, "account.deposit", amount="5000")


def _a_root_settled(town: Any) -> None:
    _epoch_ends(town, 1)
    town.ask(str(town.things["last"]), "epoch.build", epoch=1, propose=True)
    town.jump(4_400)
    town.until("ana", "epoch.list", lambda told: _state(told, 1) == "settled")


def _another_epoch(town: Any) -> None:
    """In the second one, too, Ana is paid for a capture."""
    made = record_room(town.here / "attic.pcd", seed=12, rays=20_000)
    asked = {"place": "public_interior", "area": "8a2a1072b59ffff", "grain": 12, "levels": "-1", "quality": "20%"}
    bounty = town.ask("jon", "bounty.post", price="20", budget="200", **asked)["bounty"]
    town.believed("ana", lambda catalog: catalog.asks.get(bounty))
    asset = captured(town, "attic", made)
    given = {"bounty": bounty, "asset": asset, "path": str(made.path), "cell": "8c2a1072b59d1ff", "level": "-1"}
    town.ask("ana", "bounty.answer", **given)
    _stages(town, bounty, ["revealed"])
    town.jump(7_200)
    _stages(town, bounty, ["settled"])
    _epoch_ends(town, 2)


EPOCHS = (
    Row("thenar epoch list"),
    Row("thenar earnings"),
    Row("thenar epoch claim", before=_a_root_settled),
    Row("thenar epoch build 1", put={"1": "2"}, before=_another_epoch),
    Row("thenar epoch build 1 --propose", by="last", put={"1": "2"}),
    Row("thenar epoch verify 1", put={"1": "2"}),
    Row("thenar epoch judge --seats 1", by="jon"),
)


def _somebody_else(town: Any) -> None:
    town.things["ben"] = town.account("ben")


EARNINGS = (
    Row("thenar earnings"),
    Row("thenar earnings --account 0x…", before=_somebody_else, put={"0x…": "ben"}),
)

PAGES = {"docs/capture-bounties.md": BOUNTIES, "docs/epochs.md": EPOCHS, "docs/earnings.md": EARNINGS}
