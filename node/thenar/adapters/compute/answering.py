"""The confined process that answers with a model: it is given an ONNX file, then rows of floats, and gives rows back.

Run as ``python -m thenar.adapters.compute.answering BOUNDS``. ONNX Runtime is loaded before the door closes; only then
is the model read. One thread, one shape, always the same number of rows: the same row gives the same bits.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from typing import Any, Final

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

from thenar.adapters.compute.confine import Bounds, confine
from thenar.adapters.compute.frames import Ends, said
from thenar.errors import BadInput

MAX_MODEL: Final = 256 * 1024 * 1024
MAX_BATCH: Final = 64
WARM_RUNS: Final = 50
_REFUSALS: Final = (
    *(state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented),
    *(state.RuntimeException, RuntimeError, ValueError),
)
"""What ONNX Runtime raises for a file that is no model, or one that does not run."""


def main(arguments: list[str]) -> None:
    """Close the door, take the model, warm it up, and answer until the pipe closes."""
    bounds = json.loads(arguments[0])
    confine(Bounds(bounds["memory"], bounds["seconds"]))
    ends = Ends(0, 1)
    asked = ends.receive()
    if asked is None:
        return
    batch = int(json.loads(asked[1])["batch"])
    given = ends.receive()
    if given is None:
        return
    try:
        model = Model(given[1], batch)
    except BadInput as refused:
        ends.send(said({"refused": refused.message}))
        return
    ends.send(said({"ready": model.told}))
    _serve(ends, model)


class Model:
    """A session of one thread over fixed rows. Raises BadInput for what takes or gives anything but rows of float32."""

    def __init__(self, data: bytes, batch: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except _REFUSALS as cause:
            raise BadInput(f"this is no model ONNX Runtime opens: {str(cause)[:200]}") from cause
        taken, given = self._session.get_inputs(), self._session.get_outputs()
        if len(taken) != 1 or len(given) != 1 or {taken[0].type, given[0].type} != {"tensor(float)"}:
            raise BadInput("a policy takes one tensor of float32 and gives one")
        self.batch = _rows(taken[0].shape, batch)
        self._name, self.width = taken[0].name, _width(taken[0].shape)
        self.action = self.run(np.zeros((self.batch, self.width), np.float32)).shape[1]
        for _ in range(WARM_RUNS):
            self.run(np.zeros((self.batch, self.width), np.float32))
        said_of_it = [onnxruntime.__version__, hashlib.sha256(data).hexdigest(), self.batch]
        features = sorted(name for name, on in _cpu_features().items() if on)
        self.runtime = hashlib.sha256(json.dumps([*said_of_it, features]).encode()).hexdigest()

    @property
    def told(self) -> dict[str, object]:
        """What the supervisor learns of it."""
        sizes = {"observation": 4 * self.width, "action": 4 * self.action}
        return {**sizes, "batch": self.batch, "runtime": self.runtime}

    def run(self, rows: Any) -> Any:
        """Actions of as many observations as there are rows."""
        try:
            found = np.asarray(self._session.run(None, {self._name: rows})[0], np.float32)
        except _REFUSALS as cause:
            raise BadInput(f"the model does not run: {str(cause)[:200]}") from cause
        if found.ndim != 2 or found.shape[0] != self.batch:
            raise BadInput(f"the model gives {found.shape} where {self.batch} rows belong")
        return found


def _cpu_features() -> dict[str, bool]:
    """What the processor can, as NumPy found out: other instructions may give other bits."""
    found: dict[str, bool] = importlib.import_module("numpy._core._multiarray_umath").__cpu_features__
    return found


def _rows(shape: list[object], batch: int) -> int:
    first = shape[0] if shape else None
    if isinstance(first, int):
        return first
    return batch


def _width(shape: list[object]) -> int:
    if len(shape) != 2 or not isinstance(shape[1], int) or not 0 < shape[1] <= 1 << 16:
        raise BadInput("a policy takes rows of a fixed number of float32")
    return shape[1]


def _serve(ends: Ends, model: Model) -> None:
    size = 4 * model.width * model.batch
    while rows := ends.exactly(size):
        made = model.run(np.frombuffer(rows, np.float32).reshape(model.batch, model.width))
        ends.send(made.tobytes())


if __name__ == "__main__":
    main(sys.argv[1:])
