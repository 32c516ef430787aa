"""Wrongs in Python, made at the places of its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutants import Change

RELATIONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
SIGNS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitXor: ("^", "|"),
}
BLIND = ("annotation", "returns", "decorator_list", "type_params", "type_comment", "args")


def changes(source: bytes) -> Iterator[Change]:
    """All wrongs of one module."""
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    yield from _Wrongs(source, offsets).of(ast.parse(source), "module")


class _Wrongs:
    def __init__(self, source: bytes, offsets: list[int]) -> None:
        self._source, self._offsets = source, offsets

    def of(self, node: ast.AST, place: str, *, runs: bool = False) -> Iterator[Change]:
        """The wrongs inside functions, at a node and below it. Types and docstrings say nothing that runs."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            return
        inside, running = place, runs
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{place}.{node.name}".removeprefix("module.")
            running = not isinstance(node, ast.ClassDef)
        maker = getattr(self, f"_{type(node).__name__.lower()}", None)
        if maker and runs:
            yield from maker(node, place)
        if isinstance(node, ast.Raise):
            return  # what a refusal says is words
        for name, value in ast.iter_fields(node):
            if (name in BLIND and not isinstance(node, ast.Call)) or self._is_typing(node, name):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self.of(child, inside, runs=running)

    def _is_typing(self, node: ast.AST, name: str) -> bool:
        return isinstance(node, ast.Subscript) and name == "slice" and isinstance(node.slice, ast.Name | ast.Tuple)

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr | ast.stmt)
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self._offsets[node.lineno - 1] + node.col_offset
        return start, self._offsets[node.end_lineno - 1] + node.end_col_offset

    def _between(self, left: ast.expr, right: ast.expr, sign: str) -> tuple[int, int] | None:
        """Where a sign stands between two expressions; brackets and comments may stand there too."""
        start, end = self._span(left)[1], self._span(right)[0]
        at = self._source.find(sign.encode(), start, end)
        return None if at < 0 or b"#" in self._source[start:at] else (at, at + len(sign))

    def _compare(self, node: ast.Compare, place: str) -> Iterator[Change]:
        sides = [node.left, *node.comparators]
        for left, right, operator in zip(sides, node.comparators, node.ops, strict=False):
            old, new = RELATIONS[type(operator)]
            where = self._between(left, right, old)
            if where:
                yield Change(place, "relation", *where, new)
                if old in ("<", ">", "<=", ">="):
                    yield Change(place, "relation", *where, {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}[old])

    def _binop(self, node: ast.BinOp, place: str) -> Iterator[Change]:
        told = SIGNS.get(type(node.op))
        where = self._between(node.left, node.right, told[0]) if told else None
        if told and where:
            yield Change(place, "arithmetic", *where, told[1])

    def _augassign(self, node: ast.AugAssign, place: str) -> Iterator[Change]:
        told = SIGNS.get(type(node.op))
        where = self._between(node.target, node.value, f"{told[0]}=") if told else None
        if told and where:
            yield Change(place, "arithmetic", *where, f"{told[1]}=")
        yield Change(place, "assignment", *self._span(node), "pass")

    def _boolop(self, node: ast.BoolOp, place: str) -> Iterator[Change]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        where = self._between(node.values[0], node.values[1], old)
        if where:
            yield Change(place, "logic", *where, new)

    def _unaryop(self, node: ast.UnaryOp, place: str) -> Iterator[Change]:
        if isinstance(node.op, ast.Not):
            yield Change(place, "logic", start := self._span(node)[0], start + 3, "")

    def _if(self, node: ast.If | ast.While | ast.IfExp, place: str) -> Iterator[Change]:
        start, end = self._span(node.test)
        said = self._source[start:end].decode()
        if said != "TYPE_CHECKING":
            yield Change(place, "condition", start, end, f"not ({said})")
            yield Change(place, "branch", start, end, "False")

    _ifexp = _if

    def _raise(self, node: ast.Raise, place: str) -> Iterator[Change]:
        yield Change(place, "refusal", *self._span(node), "pass")

    def _return(self, node: ast.Return, place: str) -> Iterator[Change]:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield Change(place, "result", *self._span(node), "return None")

    def _expr(self, node: ast.Expr, place: str) -> Iterator[Change]:
        called = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(called, ast.Call):
            yield Change(place, "call", *self._span(node), "pass")

    def _constant(self, node: ast.Constant, place: str) -> Iterator[Change]:
        start, end = self._span(node)
        if isinstance(node.value, bool):
            yield Change(place, "constant", start, end, str(not node.value))
        elif isinstance(node.value, int) and self._source[start:end].replace(b"_", b"").isdigit():
            yield Change(place, "constant", start, end, str(node.value + 1))
            if node.value > 0:
                yield Change(place, "constant", start, end, str(node.value - 1))
