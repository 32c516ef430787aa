"""Wrongs in Solidity, made at the places the compiler's own tree names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mutation.mutants import Change

Node = dict[str, Any]

SWAPS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "&&": ("||",),
    "||": ("&&",),
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "%": ("*",),
    "<<": (">>",),
    ">>": ("<<",),
    "&": ("|",),
    "|": ("&",),
    "^": ("|",),
}
KINDS = {"<": "relation", ">": "relation", "=": "relation", "!": "relation", "&&": "logic", "||": "logic"}
COMPOUND = {"+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "*=": "/=", "/=": "*="}


def changes(tree: Node, source: bytes) -> Iterator[Change]:
    """All wrongs of one file, from its syntax tree."""
    for contract in tree["nodes"]:
        if contract["nodeType"] != "ContractDefinition" or contract["contractKind"] == "interface":
            continue
        for part in contract["nodes"]:
            if part["nodeType"] == "FunctionDefinition" and part.get("body"):
                place = f"{contract['name']}.{part['name'] or part['kind']}"
                yield from _of_function(part, source, place)


def _of_function(function: Node, source: bytes, place: str) -> Iterator[Change]:
    for modifier in function.get("modifiers", ()):
        if modifier.get("kind") == "modifierInvocation":
            yield Change(place, "modifier", *_span(modifier), "")
    for node in _within(function["body"]):
        maker = _MAKERS.get(node["nodeType"])
        if maker:
            yield from maker(node, source, place)


def _within(node: Any) -> Iterator[Node]:
    """Every node of a tree, outside in. Assembly has a grammar of its own and is left alone."""
    if isinstance(node, list):
        for one in node:
            yield from _within(one)
    elif isinstance(node, dict):
        if node.get("nodeType", "").startswith(("Yul", "InlineAssembly", "Mapping", "ElementaryTypeName")):
            return
        if "nodeType" in node and "src" in node:
            yield node
        for key, value in node.items():
            if key not in ("typeDescriptions", "typeName", "overloadedDeclarations", "documentation"):
                yield from _within(value)


def _span(node: Node) -> tuple[int, int]:
    start, length, _ = (int(part) for part in node["src"].split(":"))
    return start, start + length


def _binary(node: Node, source: bytes, place: str) -> Iterator[Change]:
    left, right = _span(node["leftExpression"])[1], _span(node["rightExpression"])[0]
    sign = node["operator"]
    at = source.find(sign.encode(), left, right)
    if at < 0:
        return
    kind = KINDS.get(sign) or KINDS.get(sign[0], "arithmetic")
    kind = "arithmetic" if sign in ("<<", ">>") else kind
    for other in SWAPS.get(sign, ()):
        yield Change(place, kind, at, at + len(sign), other)


def _unary(node: Node, source: bytes, place: str) -> Iterator[Change]:
    start, end = _span(node)
    inner = _span(node["subExpression"])
    if node["operator"] == "!":
        yield Change(place, "logic", start, inner[0], "")
    elif node["operator"] in ("++", "--"):
        other = "--" if node["operator"] == "++" else "++"
        where = (start, inner[0]) if node["prefix"] else (inner[1], end)
        yield Change(place, "arithmetic", *where, other)


def _condition(node: Node, source: bytes, place: str) -> Iterator[Change]:
    start, end = _span(node["condition"])
    said = source[start:end].decode()
    refuses = node["nodeType"] == "IfStatement" and _refuses(node["trueBody"])
    yield Change(place, "refusal" if refuses else "branch", start, end, "false")
    yield Change(place, "condition", start, end, f"!({said})")


def _refuses(body: Node) -> bool:
    statements = body.get("statements", [body])
    return len(statements) == 1 and statements[0]["nodeType"] == "RevertStatement"


def _statement(node: Node, source: bytes, place: str) -> Iterator[Change]:
    inner = node["expression"]
    if inner["nodeType"] == "Assignment":
        yield Change(place, "assignment", *_span(inner), "0")
        sign = inner["operator"]
        if sign in COMPOUND:
            at = source.find(sign.encode(), _span(inner["leftHandSide"])[1], _span(inner["rightHandSide"])[0])
            yield Change(place, "arithmetic", at, at + len(sign), COMPOUND[sign])
    elif inner["nodeType"] == "FunctionCall":
        yield Change(place, "call", *_span(inner), "0")
    elif inner["nodeType"] == "UnaryOperation" and inner["operator"] == "delete":
        yield Change(place, "assignment", *_span(inner), "0")


def _literal(node: Node, source: bytes, place: str) -> Iterator[Change]:
    start, end = _span(node)
    said = source[start:end].decode().replace("_", "")
    if node["kind"] != "number" or not said.isdigit():
        return
    yield Change(place, "constant", start, end, str(int(said) + 1))
    if int(said) > 0:
        yield Change(place, "constant", start, end, str(int(said) - 1))


_MAKERS = {
    "BinaryOperation": _binary,
    "UnaryOperation": _unary,
    "IfStatement": _condition,
    "Conditional": _condition,
    "ExpressionStatement": _statement,
    "Literal": _literal,
}
