"""A shelf of books behind a real door, for tests of how it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import trio

from thenar.adapters.web import Collection, Door, Shelf, View, serve
from thenar.errors import BadInput, Corrupt, Late, NotFound, Refused, Unavailable

TOKEN = "t" * 64
FAILURES = {"bad": BadInput, "none": NotFound, "mine": Refused, "later": Unavailable, "late": Late, "torn": Corrupt}
KEY = {"authorization": f"Bearer {TOKEN}"}


class Books:
    """A shelf whose books can be added to and taken away."""

    def __init__(self, count: int) -> None:
        self.records = {f"b{number}": number for number in range(count)}
        self.version, self.block = 1, 7
        self.event = trio.Event()

    def change(self) -> None:
        self.version += 1
        self.tell()

    def pass_by(self) -> None:
        self.block += 1
        self.tell()

    def tell(self) -> None:
        self.event.set()
        self.event = trio.Event()

    async def changed(self) -> None:
        await self.event.wait()

    def show(self, number: int) -> dict[str, object]:
        return {"book": f"b{number}", "pages": number, "even": number % 2 == 0, "by": "Ana" if number % 3 else "Ben"}

    async def review(self, book: str) -> dict[str, object]:
        if book == "mute":
            raise NotFound("there is none, and nothing to do about it")
        for name, failure in FAILURES.items():
            if book == name:
                raise failure("not this one", next_step="ask for b1")
        return {"book": book, "stars": 5}

    @property
    def door(self) -> Door:
        fields = {"book": "text", "pages": "number", "even": "flag", "by": "text"}
        books = Collection("Books", lambda: self.records, self.show, fields, ("by", "even"))
        views = {"reviews": View("What is said of a book", self.review, {"book": "text", "stars": "number"})}
        shelf = Shelf(
            {"books": books}, lambda: self.block, lambda: f"x-{self.version}", self.changed, lambda: 2.49, views
        )

        async def metrics() -> str:
            return ""

        async def ready() -> list[str]:
            return []

        async def status() -> dict[str, object]:
            return {}

        return Door(TOKEN, ready, metrics, status, {}, shelf)


@asynccontextmanager
async def open_to(books: Books) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the books' door, with the token."""
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, books.door, "127.0.0.1:0")
        base = f"http://{address}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=10, headers=KEY) as client:
            yield client
        nursery.cancel_scope.cancel()
