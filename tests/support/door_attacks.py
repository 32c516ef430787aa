"""What a web page, another program or a stranger's name may try at the node's door, as bytes on a connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = "0123456789abcdef" * 4
SPEND = "POST /v1/commands/spend HTTP/1.1"
LOCKED = ("GET /v1/status", "GET /v1/books", "GET /v1/books/b1", "GET /v1/reviews/b1", "GET /v1/changes")


@dataclass(frozen=True)
class Attack:
    """What is sent, and the statuses that refuse it; 0 is a connection closed without a word."""

    what: str
    sent: bytes
    refused: tuple[int, ...]


def request(line: str, headers: list[tuple[str, str]], body: bytes = b"", *, length: int | None = None) -> bytes:
    """A request as it stands in RFC 9112, whatever its parts are."""
    told = [*headers, ("content-length", str(len(body) if length is None else length)), ("connection", "close")]
    return "\r\n".join([line, *(f"{name}: {value}" for name, value in told), "", ""]).encode("latin-1") + body


def spending(*headers: tuple[str, str], host: str, token: str = TOKEN, body: bytes = b"{}") -> bytes:
    """The request that would spend money, with other headers before it."""
    usual = [("host", host), ("authorization", f"Bearer {token}"), ("content-type", "application/json")]
    named = {name for name, _ in headers}
    return request(SPEND, [*headers, *(pair for pair in usual if pair[0] not in named)], body)


def names(host: str) -> Iterator[Attack]:
    """DNS rebinding: a page's own name made to lead here."""
    port = host.rpartition(":")[2]
    for name in (
        f"evil.example:{port}", "evil.example", f"127.0.0.1.evil.example:{port}", "127.0.0.1.nip.io", "localhost.evil",
        f"localhost@evil.example:{port}", f"evil.example@localhost:{port}", "", f"0.0.0.0:{port}", f"127.0.0.2:{port}",
        f"127.1:{port}", f"2130706433:{port}", f"0x7f000001:{port}", "[::]", "[::ffff:127.0.0.1]", "127.0.0.1:x",
        f"127.0.0.1,evil.example:{port}", f"127.0.0.1 evil.example:{port}", f"localhost.:{port}", "\xe9vil",
    ):  # fmt: skip
        yield Attack(f"host {name!r}", spending(host=name), (400, 421))
    yield Attack("two hosts", spending(("host", host), ("host", "evil.example"), host=host), (400, 421))
    bare = [("authorization", f"Bearer {TOKEN}"), ("content-type", "application/json")]
    yield Attack("no host", request(SPEND, bare, b"{}"), (400, 421))
    absolute = SPEND.replace("/v1", f"http://{host}/v1")
    yield Attack("a proxy's target", request(absolute, [("host", "evil.example"), *bare], b"{}"), (400, 404, 421))


def origins(host: str) -> Iterator[Attack]:
    """Forgery across sites: a page from elsewhere that even has the token."""
    port = int(host.rpartition(":")[2])
    for origin in (
        "https://evil.example", "http://evil.example", "null", "", f"https://{host}", f"http://{host}.evil.example",
        f"http://127.0.0.1:{port ^ 1}", f"http://localhost:{port}", "http://127.0.0.1", "file://", f"http://{host}/",
        "chrome-extension://abcdefghijklmnop", f"http://{host}@evil.example", f"HTTP://{host}", f" http://{host} x",
    ):  # fmt: skip
        yield Attack(f"origin {origin!r}", spending(("origin", origin), host=host), (403,))
    for site in ("cross-site", "same-site", "", "none, same-origin"):
        yield Attack(f"fetched {site!r}", spending(("sec-fetch-site", site), host=host), (403,))
    for pair in (("https://evil.example", f"http://{host}"), (f"http://{host}", "https://evil.example")):
        twice = [("origin", one) for one in pair]
        yield Attack(f"origins {pair}", spending(*twice, host=host), (400, 403))
    asked = [("host", host), ("origin", "https://evil.example"), ("access-control-request-method", "POST")]
    yield Attack("a preflight", request("OPTIONS /v1/commands/spend HTTP/1.1", asked), (403,))
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"):
        yield Attack(f"a form of {kind!r}", spending(("content-type", kind), host=host), (415,))
    socket = [("upgrade", "websocket"), ("sec-websocket-version", "13"), ("sec-websocket-key", f"{'A' * 22}==")]
    for origin in (f"http://{host}", "https://evil.example"):
        headers = [("host", host), ("origin", origin), *socket]
        told = request("GET /v1/changes HTTP/1.1", headers).replace(b"connection: close", b"connection: upgrade")
        yield Attack(f"a web socket from {origin}", told, (400, 403, 404))


def tokens(host: str) -> Iterator[Attack]:
    """No key, half a key, yesterday's key, the key in the wrong place."""
    wrong = (
        "", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}0", f"Bearer {TOKEN.upper()}", TOKEN,
        f"bearer {TOKEN}", f"Basic {TOKEN}", f"Bearer  {TOKEN}", f"Bearer {TOKEN},{TOKEN}", f"Bearer {'f' * 64}",
        f"Bearer \xe9{TOKEN[1:]}", f"Bearer {TOKEN} {TOKEN}", "Bearer null",
    )  # fmt: skip
    for number, said in enumerate(wrong):
        yield Attack(f"key {number}, {said[:14]!r}", spending(("authorization", said), host=host), (401,))
    for line in LOCKED:
        yield Attack(f"{line} without a key", request(f"{line} HTTP/1.1", [("host", host)]), (401,))
    for where in (f"?token={TOKEN}", f"?access_token={TOKEN}", f"?authorization=Bearer%20{TOKEN}"):
        yield Attack(f"key in {where[:12]}", request(f"GET /v1/status{where} HTTP/1.1", [("host", host)]), (401,))
    cookie = [("host", host), ("cookie", f"token={TOKEN}; authorization=Bearer {TOKEN}")]
    yield Attack("key in a cookie", request("GET /v1/status HTTP/1.1", cookie), (401,))
    trusted = [("host", host), ("x-forwarded-for", "127.0.0.1"), ("x-real-ip", "127.0.0.1"), ("via", "1.1 localhost")]
    yield Attack("a trusted proxy", request("GET /v1/status HTTP/1.1", trusted), (401,))


def paths(host: str) -> Iterator[Attack]:
    """Files of the machine, and things of other people, through the door's paths."""
    key = [("host", host), ("authorization", f"Bearer {TOKEN}")]
    for path in (
        "/pages/../server.py", "/pages/..%2fserver.py", "/pages/%2e%2e/server.py", "/pages/%252e%252e%252fserver.py",
        "/pages/..\\server.py", "/pages/....//server.py", "//etc/passwd", "/pages//etc/passwd", "/pages/%00index.html",
        "/pages/index.html%00", "/pages/", "/pages", "/node.json", "/../node.json", "/v1/../../node.json",
        "/.git/config",
        "/v1/commands/../status", "/v1/books/..%2f..%2fnode.json", "/v1/reviews/%2e%2e%2fnode.json",
        "/v1/books/http:%2f%2fx",
        "/pages/server.py", "/pages/index.html/../../__init__.py", "/thenar.toml", "/v1/" + "a" * 9_000, "/%ff%fe",
    ):  # fmt: skip
        yield Attack(f"GET {path[:40]}", request(f"GET {path} HTTP/1.1", key), (400, 404, 405))
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"):
        yield Attack(f"{method} of what is read", request(f"{method} /v1/books HTTP/1.1", key), (400, 405))
    yield Attack("a command by reading", request("GET /v1/commands/spend HTTP/1.1", key), (405,))
    yield Attack("an unknown command", request("POST /v1/commands/burn HTTP/1.1", key, b"{}"), (404,))


def bodies(host: str, limit: int) -> Iterator[Attack]:
    """Bodies that are no object, or more than anybody has to say."""
    for what, body in (
        ("an open brace", b"{"), ("a list", b"[1]"), ("a word", b'"spend"'), ("null", b"null"),
        ("no text", b"\xff\xfe\x00"),
        ("depth", b'{"a":' * 50_000), ("lists in lists", b"[" * 100_000),
        ("a number without end", b'{"a":' + b"9" * 50_000 + b"}"),
        ("a gzip archive", b"\x1f\x8b\x08\x00" + bytes(60)), ("two objects", b"{}{}"), ("a form", b"amount=1&to=me"),
        ("half an object", b'{"amount": 1'), ("NUL", b"\x00" * 64),
    ):  # fmt: skip
        yield Attack(what, spending(host=host, body=body), (400,))
    key = [("host", host), ("authorization", f"Bearer {TOKEN}"), ("content-type", "application/json")]
    for length in (limit + 1, 1 << 30, 1 << 62, 10**18):
        yield Attack(f"{length} bytes announced", request(SPEND, key, length=length), (400, 413))
    yield Attack("a byte over", spending(host=host, body=b'"' + b"x" * (limit - 1) + b'"'), (413,))
    chunk = b"%x\r\n" % 65_536 + b" " * 65_536 + b"\r\n"
    head = request(SPEND, [*key, ("transfer-encoding", "chunked")]).replace(b"content-length: 0\r\n", b"")
    yield Attack("chunks without end", head + chunk * (limit // 65_536 + 1), (413,))


def smuggled(host: str) -> Iterator[Attack]:
    """Requests that two readers would cut in two ways."""
    key = [("host", host), ("authorization", f"Bearer {TOKEN}"), ("content-type", "application/json")]
    chunked = ("transfer-encoding", "chunked")
    inner = spending(host=host)
    yield Attack("length and chunks", request(SPEND, [*key, chunked], b"0\r\n\r\n" + inner, length=4), (400, 0))
    yield Attack("two lengths", request(SPEND, [*key, ("content-length", "9")], b"{}"), (400, 0))
    for length in ("-1", "+2", "0x2", "2,3", "two", "", " "):
        told = request(SPEND, key, b"{}").replace(b"content-length: 2", f"content-length: {length}".encode())
        yield Attack(f"a length of {length!r}", told, (400, 0))
    for coding in ("chunked, chunked", "gzip", "identity, chunked", "xchunked"):
        told = request(SPEND, [*key, ("transfer-encoding", coding)], b"0\r\n\r\n")
        yield Attack(f"coded {coding}", told.replace(b"content-length: 5\r\n", b""), (400, 501, 0))
    for size in (b"zz", b"-1", b"0x2", b"2;" + b"a" * 70_000, b"f" * 40):
        told = request(SPEND, [*key, chunked]).replace(b"content-length: 0\r\n", b"") + size + b"\r\n{}\r\n0\r\n\r\n"
        yield Attack(f"a chunk of {size[:8]!r}", told, (400, 413, 431, 0))
    for what, line in (
        ("a space before a colon", "x-a : b"), ("a folded header", "x-a: b\r\n c"), ("NUL in a header", "x-a: b\0c"),
        ("a bare CR", "x-a: b\rhost: evil"), ("a header without a name", ": b"),
        ("64 KiB of header", "x: " + "a" * 65_536),
        ("10,000 headers", "\r\n".join(f"x{number}: 1" for number in range(10_000))),
    ):  # fmt: skip
        told = spending(host="evil.example").replace(b"\r\n\r\n", b"\r\n" + line.encode() + b"\r\n\r\n", 1)
        yield Attack(what, told, (400, 421, 431, 0))
    for line in (
        "POST /v1/commands/spend", "POST  /v1/commands/spend HTTP/1.1", "POST /v1/commands/spend HTTP/9.9",
        "/v1/commands/spend HTTP/1.1", "POST /v1/commands/spend\tHTTP/1.1", "\x16\x03\x01\x02\x00\x01",
        "PRI * HTTP/2.0",
    ):  # fmt: skip
        yield Attack(f"line {line!r}", request(line, key, b"{}"), (400, 505, 0))
