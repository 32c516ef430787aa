"""The manifest says one thing in one spelling, and cannot say anything wrong."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
import json
import typing
from dataclasses import replace

import jsonschema
import pytest
from captures import STREET_CELL, make_consent, make_manifest, make_stream
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.domain import canonical
from thenar.domain.description import Beacon, Device, Frame, Provenance, Span
from thenar.domain.ids import RAW, Cid
from thenar.domain.keccak import keccak256
from thenar.domain.manifest import LIMIT, Manifest
from thenar.domain.place import FINEST, Place, cell_resolution, coarser
from thenar.domain.records import json_key, to_value
from thenar.errors import BadInput

HOME = coarser(STREET_CELL, 7)


def schema() -> dict[str, typing.Any]:
    text = importlib.resources.files("thenar.domain").joinpath("schema/thenar.capture.1.json").read_text("utf-8")
    return typing.cast("dict[str, typing.Any]", json.loads(text))


def full_manifest() -> Manifest:
    """Every optional field that may stand beside the others is present."""
    return make_manifest(
        device=Device(model="phone", firmware="1.2", key="0x" + "77" * 20, attestation="secure-element"),
        beacon=Beacon(chain=31337, block=9, hash="0x" + "55" * 32, gesture="yaw+90"),
        place=Place(kind="semi_public", commit="0x" + "66" * 32, disclosed=coarser(STREET_CELL, 9), level=3, z_mm=-20),
        frame=Frame(name="room", gravity_aligned=True, crs=32632, position_um=(1, -2, 3), rotation_e9=(0, 0, 0, 10**9)),
    )


def test_bytes_come_back_as_the_same_manifest() -> None:
    for manifest in (make_manifest(), full_manifest()):
        again = Manifest.decode(manifest.encode())

        assert again == manifest
        assert again.encode() == manifest.encode()


def test_manifest_holds_only_objects_lists_integers_and_strings() -> None:
    def walk(value: object) -> None:
        assert type(value) in (dict, list, int, str)
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for item in inner:
            walk(item)

    walk(json.loads(full_manifest().encode()))


def test_integers_beyond_javascript_are_decimal_strings() -> None:
    value = json.loads(make_manifest().encode())

    assert value["time"]["start_ns"] == "1700000000000000000"
    assert value["provenance"]["simulation"]["seed"] == str(2**60)


def test_hashes_are_over_the_canonical_bytes() -> None:
    manifest = make_manifest()

    assert manifest.keccak == keccak256(manifest.encode())
    assert manifest.cid == Cid.of(RAW, hashlib.sha256(manifest.encode()).digest())
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_manifest_bytes_do_not_change_between_versions() -> None:
    assert make_manifest().keccak.hex() == "d836d3b9bd23e1197ff485dd3f405a8b81cf0db6764cb44cf022498d8d84b65d"


def test_schema_accepts_what_the_dataclasses_accept() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    for manifest in (make_manifest(), full_manifest()):
        jsonschema.validate(json.loads(manifest.encode()), schema())


def test_schema_and_dataclasses_name_the_same_fields() -> None:
    def agree(kind: typing.Any, part: dict[str, typing.Any]) -> None:
        hints = typing.get_type_hints(kind)
        fields = {json_key(field): hints[field.name] for field in dataclasses.fields(kind)}
        optional = {key for key, hint in fields.items() if type(None) in typing.get_args(hint)}
        assert set(part["properties"]) == set(fields), kind
        assert set(part["required"]) == set(fields) - optional, kind
        assert part["additionalProperties"] is False
        for key, hint in fields.items():
            inner = next((a for a in (hint, *typing.get_args(hint)) if dataclasses.is_dataclass(a)), None)
            if inner is not None:
                sub = part["properties"][key]
                agree(inner, sub.get("items", sub))

    agree(Manifest, schema())


VALIDATOR = jsonschema.Draft202012Validator(schema())
MUTANTS = st.sampled_from(["-1", "x", "", -1, 2**60, "0x00", [], {}, ["a"], 1, 0, "public_street", "ÿ", "a/b", "../x"])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_the_dataclasses_accept_the_schema_accepts_too(data: st.DataObject) -> None:
    value = json.loads(full_manifest().encode())
    at = value
    while True:
        key = data.draw(st.sampled_from(sorted(at)) if isinstance(at, dict) else st.integers(0, len(at) - 1))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    if data.draw(st.booleans()) or not isinstance(at, dict):
        at[key] = data.draw(MUTANTS)
    else:
        del at[key]

    try:
        manifest = Manifest.decode(canonical.encode(value))
    except BadInput:
        return

    VALIDATOR.validate(value)
    assert json.loads(manifest.encode()) == value


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2000), st.integers(0, 40))
def test_mangled_bytes_are_refused_or_mean_what_they_say(noise: bytes, at: int, cut: int) -> None:
    good = make_manifest().encode()
    mangled = good[:at] + noise + good[at + cut :]

    try:
        manifest = Manifest.decode(mangled)
    except BadInput:
        return

    assert manifest.encode() == mangled


def test_size_is_checked_before_parsing() -> None:
    with pytest.raises(BadInput, match="at most 262144"):
        Manifest.decode(b"[" * (LIMIT + 1))


def test_unknown_and_missing_fields_are_refused() -> None:
    value = to_value(make_manifest())

    with pytest.raises(BadInput, match="unknown field 'serial'"):
        Manifest.decode(canonical.encode({**value, "serial": "SN-1"}))
    with pytest.raises(BadInput, match=r"manifest\.consent is missing"):
        Manifest.decode(canonical.encode({key: part for key, part in value.items() if key != "consent"}))
    with pytest.raises(BadInput, match=r"manifest\.place\.class is missing"):
        Manifest.decode(canonical.encode({**value, "place": {"cell": "1", "res": 1}}))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"minors": True}, "minors"),
        ({"revocable": False}, "revocable"),
        ({"purposes": ()}, "empty"),
        ({"purposes": ("fun",)}, "unknown"),
        ({"biometric": True, "purposes": ("train_commercial",)}, "biometric"),
        ({"jurisdiction": "Bavaria"}, "jurisdiction"),
        ({"retention_days": 0}, "retention_days"),
        ({"subjects": ("Ana Maria",)}, "unknown"),
    ],
)
def test_consent_that_is_not_consent_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        make_consent(**changes)


def test_biometric_data_may_be_widened_only_explicitly() -> None:
    make_consent(biometric=True)
    make_consent(biometric=True, widened=True, purposes=("train_research", "train_commercial"))


@pytest.mark.parametrize(("kind", "finest"), sorted(FINEST.items()))
def test_place_is_published_no_finer_than_its_class_allows(kind: str, finest: int) -> None:
    Place(kind=kind, cell=coarser(STREET_CELL, finest), res=finest)
    if finest < 12:
        with pytest.raises(BadInput, match="at most"):
            Place(kind=kind, cell=coarser(STREET_CELL, finest + 1), res=finest + 1)
        with pytest.raises(BadInput, match="at most"):
            Place(kind=kind, commit="0x" + "00" * 32, disclosed=coarser(STREET_CELL, finest + 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "restricted", "cell": STREET_CELL, "res": 12},
        {"kind": "moon", "cell": STREET_CELL, "res": 12},
        {"kind": "public_street"},
        {"kind": "public_street", "cell": STREET_CELL},
        {"kind": "public_street", "cell": STREET_CELL, "res": 11},
        {"kind": "public_street", "cell": 0, "res": 0},
        {"kind": "public_street", "cell": STREET_CELL | 7 << 45, "res": 12, "commit": "0x" + "00" * 32},
        {"kind": "public_street", "cell": STREET_CELL, "res": 12, "level": 5000},
        {"kind": "private_home", "cell": HOME, "res": 7, "level": 1},
        {"kind": "private_home", "commit": "secret", "disclosed": HOME},
    ],
)
def test_place_that_is_incomplete_or_too_exact_is_refused(wrong: dict[str, typing.Any]) -> None:
    with pytest.raises(BadInput):
        Place(**wrong)


@given(
    st.integers(0, 121), st.lists(st.integers(0, 6), min_size=15, max_size=15), st.integers(0, 15), st.integers(0, 15)
)
def test_parent_cells_are_the_cells_own_digits_cut_short(base: int, digits: list[int], res: int, wanted: int) -> None:
    digits = [2, *digits[1:]]  # pentagons have no children in direction 1
    cell = 1 << 59 | res << 52 | base << 45
    for index in range(15):
        cell |= (digits[index] if index < res else 7) << 3 * (14 - index)

    if wanted > res:
        with pytest.raises(BadInput):
            coarser(cell, wanted)
    else:
        parent = coarser(cell, wanted)
        assert cell_resolution(parent) == wanted
        assert coarser(parent, 0) == coarser(cell, 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_manifest(quat_order="wxyz"),
        lambda: make_manifest(modality="smell"),
        lambda: make_manifest(owner="0x" + "AB" * 20),
        lambda: make_manifest(streams=()),
        lambda: make_manifest(streams=(make_stream(), make_stream())),
        lambda: make_manifest(files=()),
        lambda: make_manifest(license="free for all!"),
        lambda: make_manifest(schema="thenar.capture/2"),
        lambda: make_manifest(provenance=Provenance(kind="simulated")),
        lambda: make_manifest(provenance=Provenance(kind="derived")),
        lambda: make_manifest(
            provenance=Provenance(kind="captured"), place=Place(kind="private_home", cell=HOME, res=7)
        ),
        lambda: make_stream(scale_den=0),
        lambda: make_stream(samples=0),
        lambda: make_stream(rate_mhz=-1),
        lambda: make_stream(dtype="float32"),
        lambda: Span(start_ns=5, end_ns=4, clock="free", uncertainty_us=0),
        lambda: Device(model="x", attestation="tee"),
        lambda: Device(model="SN\n1"),
        lambda: replace(make_manifest().files[0], name="/home/ana/scan.pcd"),
        lambda: Frame(name="w", gravity_aligned=True, rotation_e9=(1, 2, 3, 4)),
    ],
)
def test_values_that_cannot_be_true_are_refused(make: typing.Callable[[], object]) -> None:
    with pytest.raises(BadInput):
        make()


def test_manifest_that_would_be_too_long_is_refused() -> None:
    streams = tuple(make_stream(name=f"{index:03}" + "n" * 90, kind="k" * 96, units="u" * 32) for index in range(1024))
    with pytest.raises(BadInput, match="at most"):
        replace(make_manifest(), streams=streams, license="L" * 64).encode()
