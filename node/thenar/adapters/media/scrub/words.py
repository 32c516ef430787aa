"""Which names of columns, datasets, topics and fields give a person, a device or a place away."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Final

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLACES: Final = """
lat latitude latitudes lon lng long longitude longitudes geohash geolocation pluscode mgrs nmea utm ecef easting
northing postcode zipcode street addr address geopose geopoint
"""
_RECEIVERS: Final = "gps gnss navsat navsatfix gpsfix rtk wgs"
_TIMES: Final = "time week tow sec secs seconds nsec stamp timestamp clock"
_PEOPLE: Final = """
operator operators serial serials serialnumber serialno email phone imei imsi iccid mac bssid ssid hostname username
userid who person author birthday birthdate dob passport ssn participant patient firstname lastname surname fullname
demonstrator annotator technician
"""
_NEVER: Final = frozenset((_PLACES + _PEOPLE).split())
_PLACED: Final = frozenset(_RECEIVERS.split())
_TIMED: Final = frozenset(_TIMES.split())
_PAIRS: Final = (("user", "name"), ("user", "id"), ("host", "name"), ("subject", "id"), ("subject", "name"))
_SHOWN: Final = 6


def words_of(name: str) -> list[str]:
    """The lower-case words of a name, however they are joined: ``gpsLat_deg`` is gps, lat, deg."""
    return [word for word in re.split(r"[^a-z]+", _CAMEL.sub(" ", name).lower()) if word]


def is_private(name: str) -> bool:
    """Whether a name promises a position on earth, or who or what recorded. The time of a receiver is neither."""
    words = words_of(name)
    found = set(words)
    if found & _NEVER or any(pair in itertools.pairwise(words) for pair in _PAIRS):
        return True
    return bool(found & _PLACED) and not found & _TIMED


def left_out(what: str, names: Iterable[str]) -> list[str]:
    """One sentence that ``what`` of these names were left out; none when there is no name."""
    listed = sorted(set(names))
    if not listed:
        return []
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return [f"{what} left out of the sealed file: {', '.join(name[:60] for name in listed[:_SHOWN])}{more}"]
