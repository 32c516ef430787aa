"""A whole node exports what it published: as STAC, as Croissant, and as a LeRobot data set of opened captures."""

from __future__ import annotations

import json

import mlcroissant
import pyarrow.parquet as pq
import pystac
import pytest
from living import living, model, settle_in
from local_chain import local_chain

from thenar.adapters.simulation import record_hand
from thenar.errors import BadInput


@pytest.fixture
async def devnet(tmp_path):
    async with local_chain(tmp_path / "chain", block_time=0.5) as net:
        yield net


async def test_what_was_published_is_exported_in_three_formats(devnet, tmp_path):
    async with living(await settle_in(devnet, tmp_path / "ana", store_pin="none")) as (_, ask):
        assets = []
        for seed in (7, 8):
            made = record_hand(tmp_path / f"grasp{seed}.csv", seed=seed, seconds=1)
            paths = {"path": str(made.path), "description": str(made.sidecar), "layout": str(made.layout)}
            assets.append((await ask("capture.add", **paths))["asset"])
        layout = str(made.layout)

        async def export(into: str, as_: str, **more: object) -> dict[str, object]:
            return await ask("capture.export", assets=assets, into=str(tmp_path / into), format=as_, **more)

        assert (await export("stac", "stac"))["captures"] == 2
        assert pystac.Catalog.from_file(str(tmp_path / "stac" / "catalog.json")).validate_all() == 2
        assert (await export("croissant", "croissant"))["files"] == ["croissant.json"]
        found = mlcroissant.Dataset(jsonld=str(tmp_path / "croissant" / "croissant.json")).metadata
        assert not found.issues.errors and len(found.distribution) == 2
        await export("robot", "lerobot", task="grasp the cup", layout=layout, fps=50)
        info = json.loads((tmp_path / "robot" / "meta" / "info.json").read_text())
        frames = pq.read_table(tmp_path / "robot" / "data" / "chunk-000" / "file-000.parquet")
        assert (info["total_episodes"], info["fps"]) == (2, 50)
        assert len(frames) == info["total_frames"] > 50
        assert not list((tmp_path / "ana").glob("export-*"))

        with pytest.raises(BadInput, match="not an empty folder"):
            await export("stac", "stac")
        with pytest.raises(BadInput, match="no format"):
            await export("other", "rlds")
        assets[:] = [await model(ask, tmp_path, "policy")]
        with pytest.raises(BadInput, match="no capture"):
            await export("other", "stac")
