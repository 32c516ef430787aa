"""Captures in others' catalogues: their own validators accept them, and nothing finer than public is told."""

from __future__ import annotations

import json
from dataclasses import replace

import mlcroissant
import pystac
import pytest
from captures import make_manifest

from thenar.adapters.exports.cells import outline
from thenar.domain.exporting import croissant, stac
from thenar.domain.exporting.described import Described, moment
from thenar.domain.ids import RAW, AssetId, Cid
from thenar.domain.place import ExactPlace

HOME = 0x8B1FB46741AEFFF


def described(number: int = 1, **changes) -> Described:
    return Described(AssetId("0x" + f"{number:064x}"), make_manifest(**changes), Cid.of(RAW, bytes([number]) * 32))


def written(folder, documents) -> None:
    for name, document in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))


def catalogue(folder, *captures: Described) -> pystac.Catalog:
    rings = {one.cell: outline(one.cell) for one in captures if one.cell}
    written(folder, stac.documents(captures, rings))
    return pystac.Catalog.from_file(str(folder / stac.CATALOG))


def test_pystac_accepts_a_catalogue_and_every_item_in_it(tmp_path):
    made = catalogue(tmp_path, described(1), described(2))

    assert made.validate_all() == 2
    items = list(made.get_items())
    assert [item.id for item in items] == [described(1).asset, described(2).asset]
    assert {item.geometry["type"] for item in items} == {"Polygon"}
    assert items[0].assets["sealed"].href.startswith("ipfs://")
    assert items[0].get_parent().id == made.id


def test_pystac_refuses_a_broken_item(tmp_path):
    documents = stac.documents([described()], {})
    item = next(document for name, document in documents.items() if name != stac.CATALOG)
    item["properties"]["instruments"] = "a camera, and no list"
    written(tmp_path, documents)

    with pytest.raises(pystac.errors.STACValidationError):
        pystac.Catalog.from_file(str(tmp_path / stac.CATALOG)).validate_all()


def test_a_place_without_an_outline_is_valid_too(tmp_path):
    written(tmp_path, stac.documents([described()], {}))

    made = pystac.Catalog.from_file(str(tmp_path / stac.CATALOG))

    assert made.validate_all() == 1
    assert next(made.get_items()).geometry is None


def test_a_hidden_place_is_told_as_coarsely_as_its_manifest_does(tmp_path):
    hidden = ExactPlace("private_home", HOME).hidden(bytes(32))
    made = described()
    one = Described(made.asset, replace(made.manifest, place=hidden, consent=_asked(made)), made.cid)

    told = json.dumps(stac.documents([one], {one.cell: outline(one.cell)}))

    assert f"{HOME:x}" not in told and f"{hidden.disclosed:x}" in told


def _asked(one: Described):
    return replace(one.manifest.consent, premises_permission="resident")


def test_mlcroissant_accepts_a_data_set_of_captures(tmp_path):
    path = tmp_path / croissant.FILE
    path.write_text(json.dumps(croissant.document([described(1), described(2)])))

    found = mlcroissant.Dataset(jsonld=str(path)).metadata

    assert not found.issues.errors and not found.issues.warnings
    assert len(found.distribution) == 2
    assert {one.sha256 for one in found.distribution} == {described().manifest.files[0].sha256}


def test_mlcroissant_refuses_a_file_without_a_digest(tmp_path):
    document = croissant.document([described()])
    del document["distribution"][0]["sha256"]
    path = tmp_path / croissant.FILE
    path.write_text(json.dumps(document))

    with pytest.raises(mlcroissant.ValidationError):
        mlcroissant.Dataset(jsonld=str(path))


def test_only_purposes_all_agreed_to_are_told():
    one, other = described(1), described(2)
    narrow = replace(other.manifest, consent=replace(other.manifest.consent, purposes=("simulate", "train_research")))
    both = replace(one.manifest, consent=replace(one.manifest.consent, purposes=("evaluate", "train_research")))

    told = croissant.document([replace(one, manifest=both), replace(other, manifest=narrow)])["description"]

    assert "to: train_research." in told


def test_times_are_written_to_the_microsecond_below():
    assert moment(1_767_225_600_123_456_789) == "2026-01-01T00:00:00.123456Z"
    assert moment(0) == "1970-01-01T00:00:00.000000Z"


def test_a_cell_across_the_date_line_has_no_single_outline():
    assert outline(0x877EB5B45FFFFFF) is None or len(outline(0x877EB5B45FFFFFF)) >= 6
    ring = outline(HOME)
    assert ring[0] == ring[-1] and len(ring) == 7
