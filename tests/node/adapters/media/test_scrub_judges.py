"""What scrubbing looks for: metadata of pictures inside recordings, and names that tell."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import jpeg, png, webp
from PIL import Image

from thenar.adapters.media.scrub.pictures import blank_metadata
from thenar.adapters.media.scrub.words import is_private


@pytest.mark.parametrize("picture", [jpeg, png, webp])
def test_pictures_lose_their_metadata_in_place_and_no_pixel(picture: Callable[[], bytes]) -> None:
    data = b"\x01\x02" + picture() + b"tail"

    blank = blank_metadata(data)

    assert b"Ana" in data
    assert b"Ana" not in blank
    assert len(blank) == len(data)
    before, after = (Image.open(io.BytesIO(raw[2:])) for raw in (data, blank))
    assert before.tobytes() == after.tobytes()


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\0\0WEBP"])
)
def test_bytes_that_are_no_picture_survive_and_keep_their_length(data: bytes, magic: bytes) -> None:
    blank = blank_metadata(data + magic + data)

    assert len(blank) == 2 * len(data) + len(magic)
    if not magic:
        assert blank == data + data or b"\xff\xd8\xff" in data or b"RIFF" in data or b"\x89PNG" in data


@pytest.mark.parametrize(
    "name",
    [
        "lat",
        "GPS_Lat",
        "gpsLongitude",
        "utm_east",
        "gnss.fix",
        "sensorSerial",
        "serial_number",
        "operator",
        "user_id",
        "hand/participant",
        "device.imei",
        "northing",
        "ECEF_x",
        "geohash",
        "host_name",
    ],
)
def test_names_of_places_people_and_devices_are_private(name: str) -> None:
    assert is_private(name)


@pytest.mark.parametrize(
    "name",
    [
        "latency",
        "plate",
        "gps_time",
        "gnss_week",
        "touch_1",
        "Gyroscope X (deg/s)",
        "object",
        "translation",
        "flat",
        "user_data",
        "macro",
        "relation",
        "timestamp",
        "position.x",
        "prolongation",
    ],
)
def test_names_of_readings_are_not_private(name: str) -> None:
    assert not is_private(name)
