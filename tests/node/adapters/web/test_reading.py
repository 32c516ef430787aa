"""Reading the catalog over real HTTP: pages, filters, tags, one item, and an event for every change."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import jsonschema
import pytest
import trio

from thenar.adapters.web import Collection, Door, Shelf, View, serve
from thenar.adapters.web.reading import LARGEST_PAGE
from thenar.errors import BadInput, Corrupt, Late, NotFound, Refused, Unavailable

TOKEN = "t" * 64
REQUESTS = 20_000 if os.environ.get("THENAR_ACCEPTANCE") == "full" else 600
FAILURES = {"bad": BadInput, "none": NotFound, "mine": Refused, "later": Unavailable, "late": Late, "torn": Corrupt}
KEY = {"authorization": f"Bearer {TOKEN}"}


class Books:
    """A shelf whose books can be added to and taken away."""

    def __init__(self, count: int) -> None:
        self.records = {f"b{number}": number for number in range(count)}
        self.version = 1
        self.event = trio.Event()

    def change(self) -> None:
        self.version += 1
        self.event.set()
        self.event = trio.Event()

    async def changed(self) -> None:
        await self.event.wait()

    def show(self, number: int) -> dict[str, object]:
        return {"book": f"b{number}", "pages": number, "even": number % 2 == 0, "by": "Ana" if number % 3 else "Ben"}

    async def review(self, book: str) -> dict[str, object]:
        for name, failure in FAILURES.items():
            if book == name:
                raise failure("not this one", next_step="ask for b1")
        return {"book": book, "stars": 5}

    @property
    def door(self) -> Door:
        fields = {"book": "text", "pages": "number", "even": "flag", "by": "text"}
        books = Collection("Books", lambda: self.records, self.show, fields, ("by", "even"))
        views = {"reviews": View("What is said of a book", self.review, {"book": "text", "stars": "number"})}
        shelf = Shelf({"books": books}, lambda: 7, lambda: f"x-{self.version}", self.changed, lambda: 2.49, views)

        async def metrics() -> str:
            return ""

        async def ready() -> list[str]:
            return []

        async def status() -> dict[str, object]:
            return {}

        return Door(TOKEN, ready, metrics, status, {}, shelf)


@asynccontextmanager
async def open_to(books: Books):
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, books.door, "127.0.0.1:0")
        base = f"http://{address}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=10, headers=KEY) as client:
            yield client
        nursery.cancel_scope.cancel()


async def pages(client, limit: int, **asked: str) -> list[list[int]]:
    found, after = [], None
    while True:
        more = {} if after is None else {"after": after}
        said = (await client.get("/v1/books", params={"limit": limit, **asked, **more})).json()
        found.append([item["pages"] for item in said["items"]])
        after = said["next"]
        if after is None:
            return found


async def test_everything_is_read_once_whatever_the_page() -> None:
    async with open_to(Books(23)) as client:
        for limit in (1, 5, 22, 23, 24, LARGEST_PAGE):
            found = await pages(client, limit)
            assert [number for page in found for number in page] == list(range(23))
            assert all(len(page) <= limit for page in found)


async def test_filters_choose_and_pages_go_on_within_them() -> None:
    async with open_to(Books(50)) as client:
        found = await pages(client, 4, by="Ben", even="true")
        said = (await client.get("/v1/books", params={"by": "Ben", "even": "true", "after": "b7"})).json()

    assert [number for page in found for number in page] == list(range(0, 50, 6))
    assert [item["pages"] for item in said["items"]] == [12, 18, 24, 30, 36, 42, 48]
    assert (said["total"], said["as_of"]) == (9, {"block": 7, "age_s": 2.5})


async def test_one_item_is_found_by_its_id_and_no_other() -> None:
    async with open_to(Books(3)) as client:
        one, none = await client.get("/v1/books/b2"), await client.get("/v1/books/b9")

    assert one.json() == {
        "as_of": {"block": 7, "age_s": 2.5},
        "item": {"book": "b2", "pages": 2, "even": True, "by": "Ana"},
    }
    assert (none.status_code, none.json()) == (404, {"error": "nothing is known under that id as of block 7"})


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "9" * 30}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"pages": "1"}, "there are limit, after, by, even"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_the_way_out(asked, says) -> None:
    async with open_to(Books(3)) as client:
        answer = await client.get("/v1/books", params=asked)

    assert answer.status_code == 400
    assert says in answer.json()["error"]


async def test_going_on_behind_what_is_gone_is_a_conflict_with_the_way_out() -> None:
    async with open_to(Books(3)) as client:
        answer = await client.get("/v1/books", params={"after": "gone"})

    assert answer.status_code == 409
    assert "begin anew" in answer.json()["error"]


async def test_what_did_not_change_is_not_sent_again() -> None:
    books = Books(3)
    async with open_to(books) as client:
        tag = (await client.get("/v1/books")).headers["etag"]
        again = await client.get("/v1/books", headers={"if-none-match": tag})
        books.change()
        then = await client.get("/v1/books", headers={"if-none-match": tag})

    assert (again.status_code, again.content) == (304, b"")
    assert then.status_code == 200
    assert then.headers["etag"] != tag


async def test_every_change_is_an_event() -> None:
    books = Books(3)
    async with open_to(books) as client, client.stream("GET", "/v1/changes") as stream:
        lines = stream.aiter_lines()
        told = []
        while len(told) < 3:
            line = await anext(lines)
            if line.startswith("data: "):
                told.append(json.loads(line[6:]))
                books.change()

    assert told == [{"block": 7, "tag": f"x-{version}"} for version in (1, 2, 3)]


async def test_reading_needs_the_token_and_the_description_does_not() -> None:
    async with open_to(Books(3)) as client:
        for path in ("/v1/books", "/v1/books/b1", "/v1/changes"):
            assert (await client.get(path, headers={"authorization": "Bearer no"})).status_code == 401
        described = await client.get("/v1/openapi.json", headers={"authorization": ""})

    assert described.status_code == 200


async def test_the_description_says_what_is_served() -> None:
    async with open_to(Books(3)) as client:
        told = (await client.get("/v1/openapi.json")).json()
        item = (await client.get("/v1/books/b1")).json()["item"]

    assert {"/v1/books", "/v1/books/{id}", "/v1/status", "/v1/commands/{name}", "/v1/changes"} <= told["paths"].keys()
    jsonschema.validate(item, told["components"]["schemas"]["books"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**item, "secret": 1}, told["components"]["schemas"]["books"])


def any_value(dice: random.Random, schema: dict[str, object]) -> str:
    """A value that the description allows, or one that it does not."""
    if dice.random() < 0.5:
        return dice.choice(
            [str(dice.randint(-2, 600)), "true", "Ana", "b1", "b2", *FAILURES, *map(str, schema.values())]
        )
    return dice.choice(["", "\0", "../..", "%2e%2e", "\u202e", "\u0663", "9" * 400, "[]", "'", "é" * 50, " b1", "B1"])


async def asked(client, dice: random.Random, path: str, told: dict[str, object]) -> httpx.Response:
    """A request for a path with what its description names, and sometimes with what it does not."""
    headers, query = {}, {}
    for named in told.get("parameters", []):
        value = any_value(dice, named["schema"])
        if named["in"] == "path":
            path = path.replace(f"{{{named['name']}}}", quote(value, safe=""))
        elif dice.random() < 0.5:
            (query if named["in"] == "query" else headers)[named["name"]] = value
    if dice.random() < 0.1:
        query[any_value(dice, {})] = any_value(dice, {})
    if dice.random() < 0.1:
        headers["authorization"] = "Bearer wrong"
    encoded = {name: value.encode("utf-8").strip().replace(b"\0", b"0") for name, value in headers.items()}
    return await client.get(path, params=query, headers=encoded)


async def test_whatever_is_asked_is_answered_as_the_description_says(record_property) -> None:
    dice, statuses = random.Random(17), Counter()
    async with open_to(Books(9)) as client:
        told = (await client.get("/v1/openapi.json")).json()
        reads = [(path, one["get"]) for path, one in told["paths"].items() if "get" in one and path != "/v1/changes"]
        for _ in range(REQUESTS):
            path, described = dice.choice(reads)
            answer = await asked(client, dice, path, described)
            statuses[answer.status_code] += 1
            if answer.headers.get("content-type") == "text/plain; charset=utf-8" and answer.status_code == 404:
                continue  # an id with a slash in it is another path, and there is none
            content = described["responses"][str(answer.status_code)].get("content", {})
            if "application/json" in content:
                schema = content["application/json"]["schema"] | {"components": told["components"]}
                jsonschema.Draft202012Validator(schema).validate(answer.json())

    record_property("requests_to_the_api", REQUESTS)
    record_property("server_errors", sum(count for status, count in statuses.items() if status == 500))
    assert {200, 400, 401, 403, 404, 409, 502, 503} <= statuses.keys()
    assert 500 not in statuses


async def test_a_view_is_worked_out_when_asked_for_and_stamped_with_block_and_age() -> None:
    async with open_to(Books(1)) as client:
        answer = await client.get("/v1/reviews/b0")
        locked = await client.get("/v1/reviews/b0", headers={"authorization": "Bearer wrong"})

    assert answer.json() == {"as_of": {"block": 7, "age_s": 2.5}, "item": {"book": "b0", "stars": 5}}
    assert (answer.headers["cache-control"], locked.status_code) == ("no-store", 401)


@pytest.mark.parametrize(
    ("asked", "status"), [("bad", 400), ("none", 404), ("mine", 403), ("later", 503), ("late", 503), ("torn", 502)]
)
async def test_a_view_that_cannot_be_had_says_why_and_what_to_do(asked, status) -> None:
    async with open_to(Books(1)) as client:
        answer = await client.get(f"/v1/reviews/{asked}")

    assert (answer.status_code, answer.json()) == (status, {"error": "not this one", "next_step": "ask for b1"})


async def test_views_are_in_the_description_with_what_they_may_answer() -> None:
    async with open_to(Books(1)) as client:
        told = (await client.get("/v1/openapi.json")).json()

    assert told["components"]["schemas"]["reviews"]["required"] == ["book", "stars"]
    assert set(told["paths"]["/v1/reviews/{id}"]["get"]["responses"]) == {
        "200",
        "400",
        "401",
        "403",
        "404",
        "500",
        "502",
        "503",
    }


async def test_nothing_leads_anywhere_else() -> None:
    """An empty id is no id: the answer is not the collection's, by way of a redirection."""
    async with open_to(Books(1)) as client:
        statuses = {path: (await client.get(path)).status_code for path in ("/v1/books/", "/v1/status/")}

    assert set(statuses.values()) == {404}
