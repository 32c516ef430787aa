"""Sums over the results of others: run by strangers, and settled by the chain itself where two of them differ."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace

import pytest
from chain_facts import at
from paper_executor import PowerCut
from work_town import open_work_town

from thenar.adapters.compute.offering import Offering
from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.work.aggregates import packed, word
from thenar.domain.work.bounties import NO_ASSET, ClaimStage, Job
from thenar.domain.work.classes import SUM
from thenar.domain.work.disputes import Phase, Ruling
from thenar.domain.work.jobs import AssetFile, JobSpec
from thenar.domain.work.jobwork import Sum
from thenar.domain.work.results import frames
from thenar.domain.work.sums import Numbers
from thenar.errors import BadInput, Reverted
from thenar.services.ports import one_part
from thenar.services.work import bounties, courtroom
from thenar.services.work.hiring import WorkOffer, set_offer

VALUES = tuple((-7) ** at for at in range(12))
BEFORE = tuple(at**5 - 10**6 for at in range(100))
SEGMENTS = 40
UNITS = 3  # 120 coordinates, of which the last 20 are beyond the width


@dataclass
class Adding(Offering):
    """The executor of this machine without its walls, which sums need not. ``lies``: (unit, segment) → a coordinate."""

    lies: dict[tuple[int, int], int] = field(default_factory=dict)
    cuts: int = 0

    def __post_init__(self) -> None:
        super().__init__(bubblewrap=None)

    async def run(self, plan, units, *, folder, progress=None):
        if self.cuts:
            self.cuts -= 1
            raise PowerCut
        found = await super().run(plan, units, folder=folder, progress=progress)
        return tuple(self._lied(plan, result) for result in found)

    def _lied(self, plan, result):
        states, pieces = (list(frames(path.read_bytes())) for path in (result.states, result.output))
        for (unit, segment), value in self.lies.items():
            if unit == result.unit and plan.spec.units == UNITS:  # and in no probe
                place = unit * plan.spec.segments + segment
                states[segment + 1], pieces[segment] = word(place) + word(value), word(value)
        for path, rows in ((result.states, states), (result.output, pieces)):
            path.write_bytes(b"".join(len(row).to_bytes(4, "big") + row for row in rows))
        leaves = b"".join(hashlib.sha256(state).digest() for state in states)
        return replace(result, leaves=leaves)


@pytest.fixture
async def town(tmp_path):
    async with open_work_town(tmp_path) as opened:
        yield opened


async def adder(town, name, *, seats=0, works=True, lies=None):
    """Somebody enlisted for sums."""
    hand = await town.hand(name, works=False)
    hand.bench.executor = hand.executor = Adding(lies or {})
    town.tell([f.Enlisted(at(town.chain.block, 90), hand.me, SUM.id, bytes(32), seats, seats)], town.chain.block)
    if works:
        await set_offer(hand.bench.trade, WorkOffer(1, ("SUM",), 0, 4))
    return hand


async def crew(town, lies=None, audit_lies=None):
    return {
        "rita": await adder(town, "rita", works=False),
        "max": await adder(town, "max", lies=lies),
        "vera": await adder(town, "vera", seats=1, works=False, lies=audit_lies),
    }


async def stored(hand, numbers):
    data = packed(numbers)
    file = await hand.person.store.add(one_part(data))
    return AssetFile(str(file.root), "0x" + hashlib.sha256(data).hexdigest(), len(data))


async def post(town, hand, *, of="evolution", units=UNITS, segments=SEGMENTS):
    """A bounty for an update of a hundred parameters, or for three moments."""
    assets = {"values": await stored(hand, VALUES)}
    if of == "evolution":
        assets["before"] = await stored(hand, BEFORE)
        work = Sum("values", of, "before", rate=-70_001, shift=21)
    else:
        work = Sum("values")
    spec = JobSpec("aggregate", SUM.id, 9, units, segments, len(VALUES), work, assets)
    named = await bounties.store_spec(hand.bench, spec)
    job = Job(
        SUM.id,
        named,
        NO_ASSET,
        bytes(32),
        units,
        segments,
        10_000,
        town.chain.timestamp + 100_000,
        5_000,
        100,
        110,
        0,
        0,
    )
    return spec, (await bounties.post(hand.bench, spec, job))[0]


def claims_of(hand, bounty):
    return [hand.bench.claim(number) for number in bounty.claims]


def right(spec):
    """What the pure twin says."""
    files = {"values": packed(VALUES), "before": packed(BEFORE)}
    told = Numbers.of(spec, files).told
    before = BEFORE if told.width > 3 else ()
    return [told.coordinate(place, VALUES, before[place] if place < len(before) else 0) for place in range(told.width)]


@pytest.mark.parametrize(("of", "shape"), [("evolution", (UNITS, SEGMENTS)), ("moments", (1, 3))])
async def test_a_sum_is_run_audited_paid_and_fetched_with_its_numbers(town, tmp_path, of, shape):
    people = await crew(town)
    spec, bounty = await post(town, people["rita"], of=of, units=shape[0], segments=shape[1])

    await town.live()

    assert [claim.stage for claim in claims_of(people["rita"], bounty)] == [ClaimStage.FINALIZED]
    await bounties.fetch(people["rita"].bench, bounty.id, tmp_path / "out", lambda done, total: None)
    rows = json.loads((tmp_path / "out" / "job.json").read_text())["units"]
    expected = right(spec)
    assert [int(total) for row in rows for total in row["sums"]][: len(expected)] == expected
    assert not any(hand.failed for hand in people.values())


@pytest.mark.parametrize("place", [(0, 0), (1, 15), (2, 19), (2, 39)])
async def test_a_wrong_coordinate_is_computed_by_the_chain_and_convicts_without_a_jury(town, place):
    """The last place lies beyond the parameters, where every coordinate is 0."""
    people = await crew(town, lies={place: 123_456})
    _, bounty = await post(town, people["rita"])

    await town.live()

    case = people["rita"].bench.case(1)
    assert (case.opening.unit, case.segment) == place
    assert (case.phase, case.ruling, case.judged) == (Phase.CLOSED, Ruling.OTHER, False)
    assert claims_of(people["rita"], bounty)[0].stage is ClaimStage.SLASHED
    assert any(isinstance(action, a.ComputeSum) for action in people["vera"].person.outbox.actions)
    assert not any(hand.failed for hand in people.values())


async def test_a_wrong_auditor_loses_to_a_worker_who_has_the_chain_compute_it(town):
    """Vera says nothing more once the case is narrowed; it is Max's clock that runs."""
    people = await crew(town, audit_lies={(1, 7): 5})
    _, bounty = await post(town, people["rita"])
    cases = people["rita"].bench.trade.belief.catalog.cases
    await town.live(until=lambda: 1 in cases and cases[1].level == 0)
    people["vera"].away = True

    await town.live()

    assert (cases[1].ruling, cases[1].judged) == (Ruling.CLAIM, False)
    assert claims_of(people["rita"], bounty)[0].stage is ClaimStage.FINALIZED
    assert any(isinstance(action, a.ComputeSum) for action in people["max"].person.outbox.actions)


async def test_killed_before_and_after_the_computation_is_sent_it_is_done_once(town):
    people = await crew(town, lies={(0, 3): 1})
    vera = people["vera"]
    await post(town, people["rita"])
    cases = people["rita"].bench.trade.belief.catalog.cases
    await town.live(until=lambda: 1 in cases and cases[1].level == 0)
    people["max"].away = True
    vera.person.outbox.crash.append(PowerCut())
    with pytest.raises(PowerCut):
        await town.live()
    vera.reborn()

    await courtroom.compute_sum(vera.bench, 1)
    await town.live()

    assert cases[1].ruling is Ruling.OTHER
    assert sum(isinstance(action, a.ComputeSum) for action in vera.person.outbox.actions) == 1


async def test_other_numbers_settle_nothing(town):
    people = await crew(town, lies={(0, 3): 1})
    await post(town, people["rita"])
    cases = people["rita"].bench.trade.belief.catalog.cases
    await town.live(until=lambda: 1 in cases and cases[1].level == 0)
    vera = people["vera"]
    plan = await vera.bench.plan(courtroom.bounty_of(vera.bench, cases[1]))
    numbers = Numbers.of(plan.spec, {name: path.read_bytes() for name, path in plan.assets.items()})
    before, path = numbers.start(3)

    with pytest.raises(Reverted, match="WrongNumbers"):
        await vera.bench.trade.send(
            "wrong", a.ComputeSum(1, cases[1].opening, numbers.told, packed(VALUES), before + 1, path)
        )


async def test_a_bounty_whose_spec_names_other_numbers_is_refused_by_everybody(town):
    people = await crew(town)
    rita = people["rita"]
    spec, _ = await post(town, rita, of="moments", units=1, segments=3)
    told = replace(Numbers.of(spec, {"values": packed(VALUES)}).told, values=bytes(32))
    await rita.person.store.add(one_part(told.encode()))
    job = Job(
        SUM.id, told.digest, NO_ASSET, bytes(32), 1, 3, 10_000, town.chain.timestamp + 9_000, 5_000, 100, 110, 0, 0
    )
    await rita.bench.trade.send("other", a.CreateBounty(job))

    await people["max"].hiring.look()

    (why,) = people["max"].hiring.refused.values()
    assert "other numbers" in why


def test_the_shape_of_a_sum_is_checked():
    spec = JobSpec("aggregate", SUM.id, 0, 1, 3, 12, Sum("v"), {"v": AssetFile(str_cid(), "0x" + "0" * 64, 96)})
    for changed, files in (
        (spec, b"half a number"),
        (spec, b""),
        (spec, packed(VALUES[:3])),
        (spec, bytes(8 * 4_097)),
        (replace(spec, segments=2), packed(VALUES)),
    ):
        with pytest.raises(BadInput):
            Numbers.of(changed, {"v": files})
    for wrong in ({"of": "median"}, {"before": "b"}, {"of": "evolution"}, {"shift": 256}, {"rate": 2**53}):
        with pytest.raises(BadInput):
            Sum("v", **wrong)


def str_cid():
    from thenar.domain.ids import RAW, Cid

    return str(Cid.of(RAW, bytes(32)))
