"""Episodes of a model, segment by segment, several units side by side.

Every segment starts from the bytes of a checkpoint and from nothing else, whether it follows the one before, resumes
after a crash, or is repeated by a judge. So there is no state that a checkpoint could miss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import mujoco
import numpy as np
from mujoco.batch import Batch, SimulationError
from numpy.typing import NDArray

from thenar.adapters.compute.draws import Purpose, noise, uniform, words
from thenar.adapters.compute.models import compiled
from thenar.adapters.compute.network import Minds, Network
from thenar.adapters.compute.painting import FARTHEST, Painter, bounded
from thenar.adapters.compute.recording import encoded
from thenar.adapters.compute.scoring import RESULT, TAIL_BYTES, Scorer, Tail
from thenar.domain.work.checkpoints import HEADER_BYTES, Checkpoint, Status, first
from thenar.domain.work.classes import GRID, T
from thenar.domain.work.jobs import STATE_BYTES, JobSpec
from thenar.domain.work.jobwork import Images, Simulation, Spread
from thenar.errors import BadInput

Floats = NDArray[np.float64]
Lanes = NDArray[np.intp]

_WIDEST: Final = 2**16
_RECORDED: Final[Mapping[str, Any]] = {"time": int(mujoco.mjtState.mjSTATE_TIME)}
Done = tuple[Checkpoint, bytes]


class Simulating:
    """The units of one simulated job on up to ``lanes`` lanes. Raises BadInput for a job that cannot be done."""

    def __init__(self, spec: JobSpec, files: Mapping[str, bytes], *, lanes: int, threads: int) -> None:
        if not isinstance(spec.work, Simulation):
            raise BadInput(f"{spec.kind} does not simulate")
        self._spec, self._work, self.lanes = spec, spec.work, lanes
        self._digest = spec.digest
        others = {name: data for name, data in files.items() if name not in set(self._work.files())}
        self._model = compiled(files[self._work.model], others)
        self._batch = Batch(self._model, lanes, threads)
        self._batch.bind("sensordata")  # before the first call that computes it: a field bound later begins as zeros
        self._row = self._batch.nstate * 8
        self._time = _part(self._model, mujoco.mjtState.mjSTATE_TIME)
        self._warm = _part(self._model, mujoco.mjtState.mjSTATE_WARMSTART)
        self._scorer = Scorer(self._work.score) if self._work.score else None
        self._network: Network | None = None
        self._minds: Minds | None = None
        self._open: Floats | None = None
        self._poses: Floats | None = None
        self._painter = Painter(self._model, self._work.images) if self._work.images else None
        self._looks: list[dict[str, Floats]] = [{} for _ in range(lanes)]
        self.buffers: dict[tuple[int, int], dict[Any, Any]] = {}
        self._own: list[tuple[int, int] | None] = [None] * lanes
        self._base = {spread.field: self._field(spread).copy() for spread in self._work.vary}
        self._check()
        self._load_control(files)
        if self._painter is not None:
            self._begin(0, 0, 0)
            if self._painter.paint(self._batch.state[0], self._looks[0]) is None:
                raise BadInput("the model's first picture is made of things that are no numbers")

    def _check(self) -> None:
        size = HEADER_BYTES + self._row + TAIL_BYTES
        if size > STATE_BYTES:
            raise BadInput(f"a checkpoint of this model has {size:,} bytes, {STATE_BYTES:,} are allowed")
        if self._work.keyframe >= self._model.nkey:
            raise BadInput(f"the model has no keyframe {self._work.keyframe}")
        for name, place in (self._scorer.fields() if self._scorer else {}).items():
            if place >= self._width(name):
                raise BadInput(f"the score reads {name}[{place}], which this model does not have")
        if self._work.record.fields and not 0 < sum(map(self._width, self._work.record.fields)) < _WIDEST:
            raise BadInput(f"what is recorded of a step is between 1 and {_WIDEST - 1:,} numbers")
        if self._work.control.source not in ("hold", "poses") and not self._model.nu:
            raise BadInput("the model has no actuators to control")

    def _load_control(self, files: Mapping[str, bytes]) -> None:
        control, nu = self._work.control, self._model.nu
        if control.source == "open":
            data = files[control.file or ""]
            if not data or len(data) % (8 * nu):
                raise BadInput(f"open-loop controls are rows of {nu} doubles")
            self._open = np.frombuffer(data, "<f8").reshape(-1, nu)
            if not np.isfinite(self._open).all():
                raise BadInput("open-loop controls are finite")
        if control.source == "poses":
            self._poses = _rows(files[control.file or ""], self._model.nq)
        if control.source == "policy":
            self._network = Network.decode(files[control.file or ""])
            sizes, seen = self._network.sizes, sum(map(self._width, control.observe))
            if (sizes[0], sizes[-1]) != (seen, nu):
                raise BadInput(f"the policy takes {sizes[0]} and gives {sizes[-1]}; this job needs {seen} and {nu}")
            self._minds = Minds(self._network, self.lanes)

    @property
    def _stride(self) -> int:
        """Steps between two moments at which something outside the engine acts or looks."""
        if self._minds is not None:
            return self._work.control.every
        return self._work.images.every if self._work.images else self._spec.segment

    def first(self, unit: int) -> Checkpoint:
        """The checkpoint before the first step of a unit."""
        self._begin(0, unit, 0)
        return first(self._spec.class_id, self._digest, unit, self._state(0, Tail()))

    def advance(self, at: Sequence[Checkpoint]) -> list[Done]:
        """One segment further for units that stand at the same index."""
        going = [place for place, before in enumerate(at) if before.status is Status.OK]
        made = [(before.ended(before.status), b"") for before in at]
        if going:
            done = self._segment([at[place] for place in going])
            for place, result in zip(going, done, strict=True):
                made[place] = result
        return made

    def _segment(self, at: list[Checkpoint]) -> list[Done]:
        index, segment = at[0].index, self._spec.segment
        tails = [self._load(lane, before) for lane, before in enumerate(at)]
        run = _Run(self, at, tails)
        for step in range(0, segment, self._stride):
            run.go(step, self._stride)
        ended = (index + 1) % self._work.episode == 0
        return [self._finish(lane, before, run, ended) for lane, before in enumerate(at)]

    def _finish(self, lane: int, before: Checkpoint, run: _Run, ended: bool) -> Done:
        tail, output = run.tails[lane], b""
        if lane in run.failed or not np.isfinite(self._batch.state[lane]).all():
            return before.ended(Status.FAILED), b""
        if self._work.record.fields:
            found = encoded(run.rows(lane), self._work.record)
            if found is None:
                return before.ended(Status.FAILED), b""
            output = found
        elif self._scorer is not None and ended:
            episode = before.index // self._work.episode
            output = RESULT.pack(before.unit, episode, tail.earned, tail.lasted)
        output += run.painted[lane]
        tail.written += len(output)
        if tail.written > self._spec.limits.output_bytes:
            return before.ended(Status.LIMIT), b""
        return before.after(self._state(lane, tail), output, self._spec.effort), output

    def _load(self, lane: int, before: Checkpoint) -> Tail:
        """Put a unit on a lane: at the beginning of an episode from the spec alone, else from its checkpoint."""
        if len(before.state) != self._row + TAIL_BYTES:
            raise BadInput(f"a state of this job has {self._row + TAIL_BYTES} bytes, not {len(before.state)}")
        episode, place = divmod(before.index, self._work.episode)
        tail = Tail.decode(before.state[self._row :])
        if place == 0:
            self._begin(lane, before.unit, episode)
            return Tail(written=tail.written)
        self._become(lane, before.unit, episode)
        self._batch.state[lane] = np.frombuffer(before.state, "<f8", self._batch.nstate)
        return tail

    def _state(self, lane: int, tail: Tail) -> bytes:
        row = self._batch.state[lane]
        if self._spec.determinism is T:
            row = self._on_grid(row)
        return bytes(row.astype("<f8", copy=False).tobytes()) + tail.encode()

    def _on_grid(self, row: Floats) -> Floats:
        """A state of class T: the solver's last answer forgotten, all but time on the grid, no zero with a sign."""
        made = np.rint(row * GRID) / GRID + 0.0
        made[self._time] = row[self._time]
        made[self._warm] = 0.0
        return made

    def _begin(self, lane: int, unit: int, episode: int) -> None:
        """The start of an episode: defaults or keyframe, then what the spec moves."""
        self._become(lane, unit, episode)
        ids = np.array([lane], dtype=np.int32)
        self._batch.reset(ids, self._work.keyframe, int(mujoco.mjtStage.mjSTAGE_NONE))
        for place, spread in enumerate(self._work.start):
            values = self._batch.bind(spread.field)[lane]
            values[...] = self._moved(values, spread, Purpose.START, place, unit, self._shared(episode))

    def _become(self, lane: int, unit: int, episode: int) -> None:
        """Give a lane the model and the policy of an episode."""
        if self._own[lane] == (unit, episode):
            return
        self._own[lane] = (unit, episode)
        for place, spread in enumerate(self._work.vary):
            base = self._base[spread.field][lane]
            self._field(spread)[lane] = self._moved(base, spread, Purpose.VARY, place, unit, self._shared(episode))
        if self._work.vary:
            self._batch.set_const(np.array([lane], dtype=np.int32))
        if self._work.noise is not None and self._network is not None and self._minds is not None:
            member = unit * (self._spec.segments // self._work.episode) + episode
            drawn = noise(self._spec.seed, member // 2, len(self._network.parameters))
            self._minds.set(lane, self._network.moved(drawn, self._work.noise, -1 if member % 2 else 1))
        if self._painter is not None and self._work.images is not None:
            self._looks[lane] = self._paint_over(self._painter, self._work.images, unit, episode)

    def _paint_over(self, painter: Painter, images: Images, unit: int, episode: int) -> dict[str, Floats]:
        """The looks of an episode, drawn one after another."""
        looks: dict[str, Floats] = {}
        for place, spread in enumerate(images.vary):
            base = painter.base(spread.field)
            moved = self._moved(looks.get(spread.field, base), spread, Purpose.PAINT, place, unit, episode)
            looks[spread.field] = bounded(spread.field, moved, base)
        return looks

    def _shared(self, episode: int) -> int:
        """The episode whose draws are used: the two members of a pair meet the same world."""
        return episode - episode % 2 if self._work.noise is not None else episode

    def _moved(self, values: Floats, spread: Spread, purpose: Purpose, place: int, unit: int, episode: int) -> Floats:
        count = 1 if spread.over == "all" else values.size
        drawn = uniform(words(self._spec.seed, purpose, place, episode, unit, count), *spread.range)
        shaped = drawn.reshape(values.shape) if spread.over == "each" else drawn[0]
        moved: Floats = values * shaped if spread.how == "scale" else values + shaped
        return moved

    def _field(self, spread: Spread) -> Floats:
        found: Floats = self._batch.expand(spread.field)
        return found

    def _width(self, name: str) -> int:
        if name == "time":
            return 1
        sizes = {"qpos": "nq", "qvel": "nv", "act": "na", "ctrl": "nu", "sensordata": "nsensordata"}
        return int(getattr(self._model, sizes[name]))


def _part(model: Any, kind: mujoco.mjtState) -> slice:
    """Where a part of the full state lies in a row; parts lie in the order of their bits."""
    begin = int(mujoco.mj_stateSize(model, int(kind) - 1))
    return slice(begin, begin + int(mujoco.mj_stateSize(model, int(kind))))


def _rows(data: bytes, width: int) -> Floats:
    """Poses from a file. Raises BadInput."""
    if not data or not width or len(data) % (8 * width):
        raise BadInput(f"poses are rows of {width} doubles")
    poses = np.frombuffer(data, "<f8").reshape(-1, width)
    if not (np.abs(poses) <= FARTHEST).all():
        raise BadInput(f"poses are numbers up to {FARTHEST:,.0f}")
    return poses


class _Run:
    """One segment on its way: which lanes still go, and what was recorded of them."""

    def __init__(self, job: Simulating, at: list[Checkpoint], tails: list[Tail]) -> None:
        self._job, self._at, self.tails = job, at, tails
        self.failed: set[int] = set()
        self._kept: dict[int, list[Floats]] = {lane: [] for lane in range(len(at))}
        self.painted = [b""] * len(at)
        self._drawn: Floats | None = None
        self._batch: Any = job._batch
        self._batch.warning[...] = 0
        self._lanes: Lanes = np.arange(len(at))

    def rows(self, lane: int) -> Floats:
        """What was recorded of a lane, (times, numbers)."""
        return np.concatenate(self._kept[lane])

    def go(self, step: int, count: int) -> None:
        """Some steps further, under the controls of this moment."""
        work, lanes = self._job._work, self._lanes
        if not len(lanes):
            return
        if self._job._poses is not None:
            self._pose(self._job._poses, step, count)
        else:
            self._simulate(step, count)
        images = work.images
        if images is not None and (step + count) % images.every == 0:
            self._paint()
        self._lanes = np.array([lane for lane in lanes.tolist() if lane not in self.failed], dtype=np.intp)

    def _simulate(self, step: int, count: int) -> None:
        work, lanes = self._job._work, self._lanes
        ids = lanes.astype(np.int32)
        control = self._control(step, count)
        items = [_RECORDED.get(name, name) for name in work.record.fields]
        kept: dict[Any, Any] = self._job.buffers.setdefault((len(lanes), count), {})
        try:
            kept.update(self._batch.rollout(count, control, record=items, ids=ids, out=kept))
        except SimulationError as error:
            self.failed |= {int(lane) for lane in error.ids}
        warned = self._batch.warning[lanes].any(axis=(1, 2))
        self.failed |= {int(lane) for lane in lanes[warned]}
        self._keep([kept[item] for item in items if item in kept], step, count)

    def _pose(self, poses: Floats, step: int, count: int) -> None:
        """Put lanes where the next row says; rows run on through all units, and the last one stays."""
        job = self._job
        for lane in self._lanes.tolist():
            at = self._at[lane]
            steps = (at.unit * job._spec.segments + at.index) * job._spec.segment + step
            self._batch.bind("qpos")[lane] = poses[min(steps // count, len(poses) - 1)]

    def _paint(self) -> None:
        """Pictures of this moment, of all lanes that still go."""
        painter = self._job._painter
        assert painter is not None
        for lane in self._lanes.tolist():
            if lane in self.failed:
                continue
            made = painter.paint(self._batch.state[lane], self._job._looks[lane])
            if made is None:
                self.failed.add(lane)
            else:
                self.painted[lane] += made

    def _keep(self, found: list[Floats], step: int, count: int) -> None:
        """Copy the steps that are recorded out of what the engine wrote."""
        if not found:
            return
        every = self._job._work.record.every
        begin = -(step + 1) % every
        parts = [values.reshape(len(self._lanes), count, -1)[:, begin::every] for values in found]
        together = np.concatenate(parts, axis=2)
        for place, lane in enumerate(self._lanes.tolist()):
            self._kept[lane].append(together[place])

    def _control(self, step: int, count: int) -> Floats | None:
        job, control = self._job, self._job._work.control
        nu, place = job._model.nu, self._at[0].index % job._work.episode
        if control.source == "noise":
            low, high = float(control.low), float(control.high)
            first, last = step // control.every, (step + count) // control.every
            if self._drawn is None:
                each = job._spec.segment // control.every
                drawn = [self._noise(before, place, each * nu) for before in self._at]
                self._drawn = uniform(np.array(drawn), low, high).reshape(len(drawn), each, nu)
            return self._limited(np.repeat(self._drawn[self._lanes, first:last], control.every, axis=1))
        if job._open is not None:
            steps = np.arange(place * job._spec.segment + step, place * job._spec.segment + step + count)
            rows = np.minimum(steps // control.every, len(job._open) - 1)
            return self._limited(np.broadcast_to(job._open[rows], (len(self._lanes), count, nu)))
        if job._minds is not None:
            acted = self._scaled(job._minds.act(self._lanes, self._look()))
            return np.repeat(acted[:, None], count, axis=1)
        return None

    def _noise(self, before: Checkpoint, place: int, count: int) -> NDArray[np.uint64]:
        episode = before.index // self._job._work.episode
        return words(self._job._spec.seed, Purpose.CONTROL, place, episode, before.unit, count)

    def _look(self) -> Floats:
        """What the policies see now, scored on the way."""
        job, lanes = self._job, self._lanes
        observe = job._work.control.observe
        scored = job._scorer.fields() if job._scorer else {}
        if "sensordata" in (*observe, *scored):
            self._batch.forward(lanes.astype(np.int32))
        seen = {name: self._batch.bind(name)[lanes].reshape(len(lanes), -1) for name in {*observe, *scored}}
        if job._scorer is not None:
            job._scorer.add([self.tails[lane] for lane in lanes.tolist()], seen)
        return np.concatenate([seen[name] for name in observe], axis=1)

    def _limited(self, control: Floats) -> Floats:
        model = self._job._model
        low = np.where(model.actuator_ctrllimited, model.actuator_ctrlrange[:, 0], -1e9)
        high = np.where(model.actuator_ctrllimited, model.actuator_ctrlrange[:, 1], 1e9)
        limited: Floats = np.clip(control, low, high)
        return limited

    def _scaled(self, acted: Floats) -> Floats:
        """Answers in (-1, 1) stretched over each actuator's range."""
        model = self._job._model
        low = np.where(model.actuator_ctrllimited, model.actuator_ctrlrange[:, 0], -1.0)
        high = np.where(model.actuator_ctrllimited, model.actuator_ctrlrange[:, 1], 1.0)
        middle, half = (low + high) * 0.5, (high - low) * 0.5
        scaled: Floats = acted * half + middle
        return scaled
