"""A catalogue of captures for geographers: STAC 1.1.0, one Item a capture.

Source: https://github.com/radiantearth/stac-spec, release 1.1.0. What STAC has no word for stands under ``thenar:``.
Nothing finer than the manifest's own public cell is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from thenar.domain.exporting.described import Described, moment

VERSION: Final = "1.1.0"
CATALOG: Final = "catalog.json"

Ring = Sequence[tuple[float, float]]
"""The corners of a cell as (longitude, latitude) in degrees, the first one again at the end."""


def documents(captures: Sequence[Described], rings: Mapping[int, Ring | None]) -> dict[str, dict[str, object]]:
    """Every file of the catalogue by its path; ``rings`` has the outline of each public cell, where there is one."""
    links = [
        {"rel": "root", "href": f"./{CATALOG}", "type": "application/json"},
        *({"rel": "item", "href": f"./{_path(one)}", "type": "application/geo+json"} for one in captures),
    ]
    catalog: dict[str, object] = {
        "type": "Catalog",
        "stac_version": VERSION,
        "id": "thenar-captures",
        "title": "Captures",
        "description": "Captures whose files are sealed: licenses and keys are had from their owners.",
        "links": links,
    }
    return {CATALOG: catalog} | {_path(one): _item(one, rings.get(one.cell or 0)) for one in captures}


def _path(one: Described) -> str:
    return f"{one.asset}/{one.asset}.json"


def _item(one: Described, ring: Ring | None) -> dict[str, object]:
    item: dict[str, object] = {
        "type": "Feature",
        "stac_version": VERSION,
        "id": one.asset,
        "geometry": None,
        "properties": _properties(one),
        "links": [{"rel": rel, "href": f"../{CATALOG}", "type": "application/json"} for rel in ("root", "parent")],
        "assets": _assets(one),
    }
    if ring is not None:
        longitudes, latitudes = [corner[0] for corner in ring], [corner[1] for corner in ring]
        item["geometry"] = {"type": "Polygon", "coordinates": [[list(corner) for corner in ring]]}
        item["bbox"] = [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]
    return item


def _properties(one: Described) -> dict[str, object]:
    made = one.manifest
    told: dict[str, object] = {
        "title": one.title,
        "datetime": None,
        "start_datetime": moment(made.time.start_ns),
        "end_datetime": moment(made.time.end_ns),
        "instruments": [made.device.model],
        "license": made.license if one.open_license else "other",
        "thenar:license": made.license,
        "thenar:modality": made.modality,
        "thenar:place_class": made.place.kind,
        "thenar:cell": f"{one.cell:x}" if one.cell else None,
        "thenar:clock": made.time.clock,
        "thenar:provenance": made.provenance.kind,
        "thenar:purposes": list(made.consent.purposes),
        "thenar:biometric": made.consent.biometric,
        "thenar:streams": [
            {
                "name": stream.name,
                "kind": stream.kind,
                "sensors": stream.count,
                "axes": stream.axes,
                "unit": stream.units,
                "rate_mhz": stream.rate_mhz,
                "samples": stream.samples,
            }
            for stream in made.streams
        ],
    }
    if made.place.level is not None:
        told["thenar:level"] = made.place.level
    return told


def _assets(one: Described) -> dict[str, object]:
    file = one.manifest.files[0]
    return {
        "sealed": {
            "href": f"ipfs://{file.cid}",
            "title": f"{file.name}, sealed",
            "description": f"thenar license buy {one.asset}; thenar capture fetch {one.asset} .",
            "type": "application/octet-stream",
            "roles": ["data"],
            "thenar:plain_type": file.media_type,
            "thenar:plain_bytes": file.bytes,
            "thenar:plain_sha256": file.sha256,
        },
        "manifest": {
            "href": f"ipfs://{one.cid}",
            "title": one.manifest.schema,
            "type": "application/json",
            "roles": ["metadata"],
        },
    }
