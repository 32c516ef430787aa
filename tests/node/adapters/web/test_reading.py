"""Reading the catalog over real HTTP: pages, filters, tags, one item, and an event for every change."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from urllib.parse import quote

import httpx
import jsonschema
import pytest
from books import FAILURES, Books, open_to

from thenar.adapters.web.reading import LARGEST_PAGE

REQUESTS = 20_000 if os.environ.get("THENAR_ACCEPTANCE") == "full" else 600


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


@pytest.mark.parametrize("said", ['W/"x-1"', '"x-1"', '"x-0", W/"x-1"', 'W/"x-0" ,"x-1", "x-2"'])
async def test_a_state_that_is_held_already_is_known_however_it_is_said(said) -> None:
    async with open_to(Books(3)) as client:
        tag = (await client.get("/v1/books/b1")).headers["etag"]
        again = await client.get("/v1/books/b1", headers={"if-none-match": said})

    assert (tag, again.status_code, again.headers["etag"]) == ('W/"x-1"', 304, tag)


@pytest.mark.parametrize("said", ["*", "x-1", '"x-0"', "", '"X-1"', 'w/"x-1"'])
async def test_what_names_no_state_is_answered_in_full(said) -> None:
    async with open_to(Books(3)) as client:
        assert (await client.get("/v1/books", headers={"if-none-match": said})).status_code == 200


async def test_a_block_in_which_nothing_changed_is_an_event_and_keeps_the_tag() -> None:
    books = Books(3)
    async with open_to(books) as client, client.stream("GET", "/v1/changes") as stream:
        tag = (await client.get("/v1/books")).headers["etag"]
        told = []
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                told.append(json.loads(line[6:]))
                if len(told) == 3:
                    break
                books.pass_by()
        again = await client.get("/v1/books", headers={"if-none-match": tag})

    assert told == [{"block": block, "tag": "x-1"} for block in (7, 8, 9)]
    assert again.status_code == 304


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


async def test_a_view_that_knows_no_way_out_says_why_and_no_more() -> None:
    async with open_to(Books(1)) as client:
        answer = await client.get("/v1/reviews/mute")

    assert (answer.status_code, answer.json()) == (404, {"error": "there is none, and nothing to do about it"})


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
        "421",
        "500",
        "502",
        "503",
    }


async def test_nothing_leads_anywhere_else() -> None:
    """An empty id is no id: the answer is not the collection's, by way of a redirection."""
    async with open_to(Books(1)) as client:
        statuses = {path: (await client.get(path)).status_code for path in ("/v1/books/", "/v1/status/")}

    assert set(statuses.values()) == {404}
