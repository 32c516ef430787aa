"""Budgets, reports, parcels, standing and duties of programs that come to the data."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from chain_facts import ANA, BEN, CHIDI, NOBODY, at
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import facts as f
from thenar.domain.assets import AssetKind, Commitment, Purpose, Terms
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import DutyKind, Me, react
from thenar.domain.ids import RAW, AssetId, Cid, RunId, TermsId
from thenar.domain.licenses import FOREVER, Grant
from thenar.domain.runs.programs import (
    DAY,
    MAX_OUTPUT,
    Run,
    RunLimits,
    RunStage,
    fits,
    job_of,
)
from thenar.domain.runs.reports import HEAD_BYTES, SEALED_LIMIT, Parcel, RunReport, context_of
from thenar.domain.runs.standing import program_of, why_not
from thenar.domain.work.jobs import MAX_ASSET_BYTES, AssetFile, JobSpec
from thenar.errors import BadInput, Corrupt

ROOT = b"\x07" * 32
MADE = Commitment(ANA, AssetKind.CAPTURE, 1_000, b"\x01" * 32, ROOT, b"\x02" * 32, b"\x03" * 32, b"\x04" * 32)
ASSET = MADE.asset_id
PROGRAM = b"\x11" * 32
LIMITS = RunLimits(5, 1_000, 64, 4, 2, 3)
COMPUTE = TermsId(1)
NOW = 1_000_000
ORDERED = Run(BEN, 5, ASSET, PROGRAM, 3, 64, 0, NOW, NOW + 600, RunStage.ORDERED)
REPORT = RunReport(7, BEN, ASSET, PROGRAM.hex(), 3, "22" * 32, ROOT.hex(), hashlib.sha256(b"seen").hexdigest(), 4)
DESK = CHIDI


def catalog(*facts: f.Fact) -> Catalog:
    """Ana's capture, Ben's license, an approved program, and whatever else happened."""
    made = Catalog()
    for fact in (
        f.TermsWritten(at(1), COMPUTE, bytes(32), Terms(Purpose.COMPUTE_ONLY, 0, 0, 0, 0)),
        f.AssetMinted(at(2), ASSET, ANA, NOBODY, 1, COMPUTE, 0, MADE),
        f.LicenseGranted(at(3), ASSET, BEN, Grant(FOREVER, 0, COMPUTE, 0)),
        f.ProgramApproved(at(4), ASSET, PROGRAM, ANA, 0, LIMITS),
        *facts,
    ):
        apply(made, fact)
    return made


def ordered(number: int = 1, block: int = 10, **changes: object) -> f.RunOrdered:
    run = replace(ORDERED, **changes)
    return f.RunOrdered(at(block), RunId(number), ASSET, run.buyer, run, 8, 9)


def reason(*facts: f.Fact, number: int = 1, now: int = NOW) -> str | None:
    made = catalog(*facts)
    return why_not(made, made.runs[RunId(number)], now)


ORDERS = st.lists(st.tuples(st.sampled_from([ANA, BEN, CHIDI]), st.integers(0, 3 * DAY)), max_size=60)


@given(ORDERS, st.integers(1, 4), st.integers(1, 8))
def test_no_day_and_no_buyer_ever_has_more_than_the_budget(wishes, per_buyer, per_day):
    limits = replace(LIMITS, per_buyer=per_buyer, per_day=per_day)
    taken: list[tuple[str, int]] = []
    for who, when in sorted(wishes, key=lambda wish: wish[1]):
        if fits(limits, taken, who, when) is None:
            taken.append((who, when))

    for day in range(4):
        today = [who for who, when in taken if when // DAY == day]
        asked = [who for who, when in wishes if when // DAY == day]
        assert len(today) <= per_day
        assert all(today.count(who) <= per_buyer for who in today)
        # and nobody is turned away for nothing
        assert len(today) == min(per_day, sum(min(asked.count(who), per_buyer) for who in set(asked)))


@given(ORDERS, st.integers(1, 4), st.integers(1, 8))
def test_within_any_24_hours_no_more_than_two_days_budgets_are_spent(wishes, per_buyer, per_day):
    limits, taken = replace(LIMITS, per_buyer=per_buyer, per_day=per_day), []
    for who, when in sorted(wishes, key=lambda wish: wish[1]):
        if fits(limits, taken, who, when) is None:
            taken.append((who, when))

    for _, begin in taken:
        assert sum(begin <= when < begin + DAY for _, when in taken) <= 2 * per_day


@given(st.integers(1, 2**32 - 1), st.integers(1, MAX_OUTPUT), st.integers(1, 2**16 - 1))
def test_a_day_never_tells_more_than_the_program_ever_can(parts, size, per_day):
    limits = replace(LIMITS, parts=parts, output_bytes=size, per_day=per_day)

    assert limits.daily <= limits.ever == parts * size
    assert limits.daily <= per_day * size


@pytest.mark.parametrize(
    "wrong",
    [
        {"output_bytes": MAX_OUTPUT + 1},
        {"output_bytes": 0},
        {"fuel": 0},
        {"fuel": 2_000_000_001},
        {"parts": 0},
        {"per_buyer": 0},
        {"per_day": 2**16},
        {"price": -1},
        {"price": 2**96},
    ],
)
def test_limits_no_run_fits_into_are_refused(wrong):
    with pytest.raises(BadInput):
        replace(LIMITS, **wrong).check()
    LIMITS.check()


def test_the_job_of_a_run_takes_nothing_from_the_buyer_but_the_part():
    code = AssetFile(Cid.of(RAW, PROGRAM), "0x" + PROGRAM.hex(), 9)
    spec = job_of(code, 5_000_000, ROOT, LIMITS)

    assert (spec.seed, spec.units, spec.segments, spec.segment) == (0, LIMITS.parts, 1, LIMITS.fuel)
    assert spec.limits.output_bytes == LIMITS.output_bytes
    assert JobSpec.decode(spec.encode()) == spec
    with pytest.raises(BadInput, match="reads at most"):
        job_of(code, MAX_ASSET_BYTES + 1, ROOT, LIMITS)


def test_what_is_signed_is_eip_712():
    fields = {
        "run": "uint64", "buyer": "address", "asset": "bytes32", "program": "bytes32", "part": "uint32",
        "runtime": "bytes32", "plainRoot": "bytes32", "output": "bytes32", "size": "uint32",
    }  # fmt: skip
    domain = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
    types = {"EIP712Domain": domain, "RunReport": fields}
    values = (7, BEN, ASSET, PROGRAM, 3, b"\x22" * 32, ROOT, bytes.fromhex(REPORT.output), 4)
    message = {
        "types": {name: [{"name": n, "type": t} for n, t in of.items()] for name, of in types.items()},
        "primaryType": "RunReport",
        "domain": {"name": "Thenar RunDesk", "version": "1", "chainId": 31337, "verifyingContract": DESK},
        "message": dict(zip(fields, values, strict=True)),
    }

    assert REPORT.signed(31337, DESK) == _hash_eip191_message(encode_typed_data(full_message=message))


@given(st.binary(max_size=200), st.integers(200, 300))
def test_a_parcels_size_tells_nothing_of_the_output(output, room):
    said = replace(REPORT, output=hashlib.sha256(output).hexdigest(), size=len(output))
    parcel = Parcel(said, b"\x05" * 65, output)
    data = parcel.encode(room)

    assert len(data) == HEAD_BYTES + room
    assert Parcel.decode(data) == parcel


def test_an_output_beyond_its_room_is_not_packed():
    with pytest.raises(BadInput, match="does not fit"):
        Parcel(REPORT, bytes(65), b"seen").encode(3)


def test_the_largest_parcel_fits_into_one_block():
    assert HEAD_BYTES + MAX_OUTPUT + 64 + 32 + 16 <= SEALED_LIMIT <= 256 * 1024


@pytest.mark.parametrize("spoil", ["output", "length", "head", "signature", "schema", "nothing at all"])
def test_a_spoiled_parcel_is_found_out(spoil):
    data = bytearray(Parcel(REPORT, bytes(65), b"seen").encode(64))
    if spoil == "output":
        data[data.index(b"seen")] ^= 1
    elif spoil == "length":
        data[0] ^= 0xFF
    elif spoil == "head":
        data[2] ^= 1
    elif spoil == "signature":
        data = bytearray(Parcel(REPORT, bytes(64), b"seen").encode(64))
    elif spoil == "schema":
        data = bytearray(bytes(data).replace(b"thenar.run/1", b"thenar.run/2"))
    else:
        data = bytearray()

    with pytest.raises(Corrupt):
        Parcel.decode(bytes(data))


def test_a_sealing_is_bound_to_run_chain_and_contract():
    contexts = {context_of(1, 1, DESK), context_of(2, 1, DESK), context_of(1, 2, DESK), context_of(1, 1, ANA)}

    assert len(contexts) == 4


def test_a_run_in_good_order_is_done():
    assert reason(ordered()) is None


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (f.ConsentChanged(at(11), ASSET, 1, NOW, bytes(32)), "not approved"),
        (f.ProgramDisapproved(at(11), ASSET, PROGRAM, ANA), "not approved"),
        (f.Transfer(at(11), ANA, CHIDI, ASSET), "not approved"),
        (f.LicenseEnded(at(11), ASSET, BEN, 0, 0), "no license"),
        (f.ProgramApproved(at(11), ASSET, PROGRAM, ANA, 0, replace(LIMITS, parts=3)), "no part 3"),
        (f.ProgramApproved(at(11), ASSET, PROGRAM, ANA, 0, replace(LIMITS, output_bytes=63)), "less by now"),
    ],
)
def test_a_run_is_not_done_once_what_it_stood_on_has_changed(after, said):
    assert said in str(reason(ordered(), after))


def test_what_was_ordered_before_consent_was_withdrawn_stays_undone_when_all_is_given_anew():
    anew = (
        f.ConsentChanged(at(11), ASSET, 1, NOW, bytes(32)),
        f.ProgramApproved(at(12), ASSET, PROGRAM, ANA, 1, LIMITS),
        f.LicenseGranted(at(13), ASSET, BEN, Grant(FOREVER, 1, COMPUTE, 0)),
    )

    assert "not approved" in str(reason(ordered(), *anew))


def test_a_run_beyond_the_budget_is_not_done_though_a_contract_took_it():
    three = [ordered(number, 10 + number) for number in (1, 2, 3)]

    assert reason(*three, number=2) is None
    assert "the buyer has ordered 2" in str(reason(*three, number=3))


def test_a_license_that_has_ended_by_time_does_nothing():
    ends = f.ExpirySet(at(5), ASSET, BEN, NOW)

    assert "no license" in str(reason(ordered(), ends))


def test_a_program_of_another_owner_or_epoch_does_not_stand():
    assert program_of(catalog(), ASSET, PROGRAM) is not None
    assert program_of(catalog(), AssetId("0x" + "9" * 64), PROGRAM) is None
    assert program_of(catalog(), ASSET, b"\x22" * 32) is None


def duties(who: str, *facts: f.Fact) -> list[tuple[DutyKind, str, int]]:
    made = catalog(*facts)
    return [(duty.kind, duty.subject, duty.not_before) for duty in react(made, facts[-1], Me(who, False))]


DELIVERED = f.RunDelivered(at(12), RunId(1), b"\x55" * 32, NOW + 90)


def test_the_owner_runs_what_is_ordered_once_it_stands_deep():
    made = catalog(ordered())
    (duty,) = react(made, ordered(), Me(ANA, False))

    assert (duty.kind, duty.subject, duty.deep) == (DutyKind.RUN_PROGRAM, "1", True)


def test_the_buyer_has_the_money_back_after_the_deadline():
    assert duties(BEN, ordered()) == [(DutyKind.REFUND_RUN, "1", NOW + 601)]
    assert duties(CHIDI, ordered()) == []


def test_a_delivery_is_taken_by_the_buyer_and_settled_by_the_owner():
    assert duties(BEN, ordered(), DELIVERED) == [(DutyKind.TAKE_OUTPUT, "1", 0)]
    assert duties(ANA, ordered(), DELIVERED) == [(DutyKind.SETTLE_RUN, "1", NOW + 91)]


@pytest.mark.parametrize(
    "after",
    [
        f.ConsentChanged(at(12), ASSET, 1, NOW, b"\x01" * 32),
        f.ProgramDisapproved(at(12), ASSET, PROGRAM, ANA),
        f.LicenseEnded(at(12), ASSET, BEN, 0, 0),
    ],
)
def test_the_buyer_looks_for_his_money_as_soon_as_a_run_stands_no_more(after):
    assert (DutyKind.REFUND_RUN, "1/12", 0) in duties(BEN, ordered(), after)
    assert (DutyKind.REFUND_RUN, "1/12", 0) not in duties(CHIDI, ordered(), after)


def test_what_was_delivered_is_not_looked_for():
    after = f.ProgramDisapproved(at(13), ASSET, PROGRAM, ANA)

    assert duties(BEN, ordered(), DELIVERED, after) == []


@pytest.mark.parametrize(
    ("end", "stage"),
    [(f.RunSettled, RunStage.SETTLED), (f.RunRejected, RunStage.REJECTED), (f.RunRefunded, RunStage.REFUNDED)],
)
def test_the_catalog_knows_how_a_run_ended(end, stage):
    assert catalog(ordered(), end(at(13), RunId(1), 5)).runs[RunId(1)].stage is stage
