"""What is asked of a door: filters and ids in either case, what nothing can match, and one shape for all refusals."""

from __future__ import annotations

import dataclasses

import jsonschema
import pytest
from books import Books, open_to

from thenar.adapters.web import Collection, Door, Shelf

OWNERS = [f"0x{number:040x}" for number in (0xBEEF_F00D, 0xCAFE_BABE)]


class Deeds(Books):
    """A shelf of what somebody owns, under ids of hex."""

    def __init__(self) -> None:
        super().__init__(0)
        self.deeds = {f"{OWNERS[number % 2]}-0x{number:064x}": number for number in range(170, 190)}

    def show(self, number: int) -> dict[str, object]:
        return {
            "owner": OWNERS[number % 2],
            "keeper": None,
            "kind": "house" if number % 3 else "boat",
            "serial": number,
        }

    @property
    def door(self) -> Door:
        kinds = {"owner": "account", "keeper": "account or null", "kind": "one of house|boat", "serial": "number"}
        deeds = Collection("Deeds", lambda: self.deeds, self.show, kinds, tuple(kinds))
        return dataclasses.replace(super().door, shelf=Shelf({"deeds": deeds}))


def in_capitals(text: str) -> str:
    """Hex as a wallet may write it."""
    return text.upper().replace("0X", "0x")


async def test_accounts_and_ids_are_found_in_whatever_case_they_are_written() -> None:
    async with open_to(Deeds()) as client:
        for owner in (OWNERS[0], in_capitals(OWNERS[0])):
            assert (await client.get("/v1/deeds", params={"owner": owner})).json()["total"] == 10
        ids = list(Deeds().deeds)
        behind = (await client.get("/v1/deeds", params={"after": in_capitals(ids[4]), "limit": "1"})).json()
        one = (await client.get(f"/v1/deeds/{in_capitals(ids[11])}")).json()

    assert (behind["items"][0]["serial"], behind["next"]) == (175, ids[5])
    assert one["item"]["serial"] == 181


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"owner": "xyz"}, "owner must be an account: 0x and 40 hex digits"),
        ({"owner": OWNERS[0][:-1]}, "owner must be an account: 0x and 40 hex digits"),
        ({"keeper": "none"}, "keeper must be an account: 0x and 40 hex digits, or null"),
        ({"kind": "nonsense"}, "kind must be one of house, boat"),
        ({"serial": "one", "kind": "boat"}, "serial must be a whole number"),
    ],
)
async def test_a_filter_that_nothing_can_ever_match_is_refused_by_its_name(asked, says) -> None:
    async with open_to(Deeds()) as client:
        answer = await client.get("/v1/deeds", params=asked)

    assert (answer.status_code, answer.json()) == (400, {"error": says})


async def test_a_filter_that_nothing_matches_today_finds_nothing() -> None:
    async with open_to(Deeds()) as client:
        for asked, total in (({"owner": "0x" + "0" * 40}, 0), ({"keeper": "null"}, 20), ({"serial": "180"}, 1)):
            assert (await client.get("/v1/deeds", params=asked)).json()["total"] == total


async def test_every_filter_is_described_with_what_it_takes() -> None:
    async with open_to(Deeds()) as client:
        told = (await client.get("/v1/openapi.json")).json()

    asked = {one["name"]: one["schema"] for one in told["paths"]["/v1/deeds"]["get"]["parameters"]}
    jsonschema.validate(in_capitals(OWNERS[0]), asked["owner"])
    jsonschema.validate("null", asked["keeper"])
    for name, wrong in (("owner", "xyz"), ("keeper", ""), ("kind", "nonsense"), ("serial", "one")):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, asked[name])


REFUSALS = [
    ("GET", "/v1/nope", {}, 404, "openapi.json"),
    ("GET", "/nope", {}, 404, "openapi.json"),
    ("GET", "/v1/books/a/b", {}, 404, "openapi.json"),
    ("PUT", "/v1/books", {}, 405, "openapi.json"),
    ("GET", "/v1/commands/x", {}, 405, "openapi.json"),
    ("POST", "/v1/commands/x", {}, 404, None),
    ("GET", "/v1/books", {"authorization": "Bearer no"}, 401, None),
    ("GET", "/healthz", {"origin": "http://localhost:5173"}, 403, "From a frontend"),
    ("GET", "/v1/nope", {"sec-fetch-site": "cross-site"}, 403, "From a frontend"),
    ("GET", "/v1/books", {"host": "evil.example"}, 421, "localhost"),
    ("GET", "/v1/books?no=1", {}, 400, None),
]


@pytest.mark.parametrize(("method", "path", "headers", "status", "way_out"), REFUSALS)
async def test_whatever_is_refused_or_not_found_is_told_in_one_shape(method, path, headers, status, way_out) -> None:
    async with open_to(Books(1)) as client:
        answer = await client.request(method, path, headers=headers)

    said = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert said.keys() <= {"error", "next_step"} and said["error"]
    assert way_out is None or way_out in said["next_step"]
    assert (status == 405) == ("allow" in answer.headers)


async def test_every_operation_says_that_it_may_not_be_heard_at_all() -> None:
    async with open_to(Books(1)) as client:
        told = (await client.get("/v1/openapi.json")).json()

    operations = [operation for methods in told["paths"].values() for operation in methods.values()]
    assert all({"400", "403", "421", "500"} <= operation["responses"].keys() for operation in operations)
    assert all(("401" in one["responses"]) == (one.get("security") != []) for one in operations)
