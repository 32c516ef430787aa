"""A small policy as an ONNX file: layers of weights with a tanh between them, written field by field.

Source: onnx.proto3 of ONNX 1.17 (field numbers and wire types), operator set 13: MatMul, Add, Tanh.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

IR_VERSION: Final = 8
OPERATOR_SET: Final = 13
_FLOAT: Final = 1
_VARINT, _BYTES = 0, 2

Layer = tuple[bytes, tuple[int, int], bytes]
"""Weights as float32 in row order, their shape (inputs, outputs), and as many offsets as outputs."""


def policy_model(layers: Sequence[Layer]) -> bytes:
    """The file of a policy that takes rows of the first layer's inputs and gives rows of the last one's outputs."""
    nodes, tensors, flow = b"", b"", "observation"
    for number, (weights, (inputs, outputs), offset) in enumerate(layers):
        last = number == len(layers) - 1
        names = [f"{word}{number}" for word in ("w", "b", "m", "a")]
        tensors += _field(5, _tensor(names[0], (inputs, outputs), weights))
        tensors += _field(5, _tensor(names[1], (outputs,), offset))
        nodes += _field(1, _node("MatMul", [flow, names[0]], names[2]))
        nodes += _field(1, _node("Add", [names[2], names[1]], "action" if last else names[3]))
        flow = names[3]
        if not last:
            nodes += _field(1, _node("Tanh", [flow], f"t{number}"))
            flow = f"t{number}"
    ends = _field(11, _value("observation", layers[0][1][0])) + _field(12, _value("action", layers[-1][1][1]))
    graph = nodes + _field(2, b"policy") + tensors + ends
    return _number(1, IR_VERSION) + _field(7, graph) + _field(8, _number(2, OPERATOR_SET))


def _node(operator: str, inputs: Sequence[str], output: str) -> bytes:
    names = b"".join(_field(1, name.encode()) for name in inputs)
    return names + _field(2, output.encode()) + _field(4, operator.encode())


def _tensor(name: str, shape: Sequence[int], data: bytes) -> bytes:
    sizes = b"".join(_number(1, size) for size in shape)
    return sizes + _number(2, _FLOAT) + _field(8, name.encode()) + _field(9, data)


def _value(name: str, width: int) -> bytes:
    """Rows, as many as somebody likes, of a fixed width."""
    shape = _field(1, _field(2, b"rows")) + _field(1, _number(1, width))
    kind = _field(1, _number(1, _FLOAT) + _field(2, shape))
    return _field(1, name.encode()) + _field(2, kind)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value)


def _field(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    spelled = bytearray()
    while number >= 0x80:
        spelled.append(number & 0x7F | 0x80)
        number >>= 7
    spelled.append(number)
    return bytes(spelled)
