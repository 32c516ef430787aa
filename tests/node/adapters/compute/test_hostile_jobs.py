"""Models and modules made to hurt: each is refused or ends with a verdict, and the node works on."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import trio
import wasmtime
from compute_jobs import BUBBLEWRAP, CART, JOBS, MODULE, Job, asset, bits, done, finished, job

from thenar.adapters.compute.executor import Lent, LocalExecutor
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.jobs import Limits
from thenar.domain.work.jobwork import Bound, Control, Record, Score, Simulation, Wasm
from thenar.errors import BadConfig, BadInput, Corrupt, Refused, Unavailable

HOLD = JOBS["rollout under noise"]
NODE = os.pathsep.join(path for path in sys.path if path)
BODY = "<worldbody><geom type='sphere' size='.1'/></worldbody>"


def model(inner: str, *, root: str = "mujoco") -> bytes:
    return f"<{root}>{inner}</{root}>".encode()


MODELS = {
    "includes a host's file": model('<include file="/etc/passwd"/>'),
    "includes a neighbour": model('<include file="other.xml"/>'),
    "includes through folders": model('<include file="../../etc/passwd"/>'),
    "loads a mesh from the host": model('<asset><mesh name="a" file="/etc/passwd"/></asset>' + BODY),
    "loads a mesh from above": model('<asset><mesh name="a" file="../m.obj"/></asset>' + BODY),
    "loads a texture": model('<asset><texture name="t" type="2d" file="/root/x.png"/></asset>' + BODY),
    "loads a side of a cube": model('<asset><texture name="t" type="cube" fileright="/root/x.png"/></asset>' + BODY),
    "loads a height field": model('<asset><hfield name="h" file="/etc/hostname" size="1 1 1 1"/></asset>' + BODY),
    "loads a skin": model('<deformable><skin file="/etc/passwd"/></deformable>' + BODY),
    "loads a model": model('<asset><model name="m" file="/etc/passwd"/></asset>' + BODY),
    "attaches a model": model('<worldbody><attach model="m" prefix="a"/></worldbody>'),
    "loads a flex": model('<worldbody><flexcomp name="f" type="mesh" file="/etc/passwd"/></worldbody>'),
    "sets a folder for meshes": model('<compiler meshdir="/etc"/>' + BODY),
    "sets a folder for textures": model('<compiler texturedir="/etc"/>' + BODY),
    "sets a folder for assets": model('<compiler assetdir="/etc"/>' + BODY),
    "asks for a plugin of distances": model('<extension><plugin plugin="mujoco.sdf.gear"/></extension>' + BODY),
    "asks for an unknown plugin": model('<extension><plugin plugin="evil.so"/></extension>' + BODY),
    "asks for a control plugin": model('<extension><plugin plugin="mujoco.pid"/></extension>' + BODY),
    "has a document type": b'<!DOCTYPE x [<!ENTITY a "b">]>' + model(BODY),
    "has an entity of a host's file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><mujoco model="&a;"/>',
    "laughs a billion times": b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><mujoco model="&b;"/>',
    "hides an include from one parser": model('<![CDATA[<include file="/etc/passwd"/>]]>' + BODY),
    "is not UTF-8": model(BODY).decode().encode("utf-16"),
    "says it is not UTF-8": b'<?xml version="1.0" encoding="utf-16"?>' + model(BODY),
    "is not XML": b"\x00\x01\x02",
    "is empty": b"",
    "is a robot of another kind": model(BODY, root="robot"),
    "copies itself a million times": model(
        '<worldbody><replicate count="1000" offset=".1 0 0"><replicate count="1000" offset="0 .1 0">'
        "<geom size='.01'/></replicate></replicate></worldbody>"
    ),
    "copies itself in three steps": model(
        "<worldbody>" + '<replicate count="17">' * 3 + "<geom size='.01'/>" + "</replicate>" * 3 + "</worldbody>"
    ),
    "copies a negative number": model('<worldbody><replicate count="-1e99"><geom size=".1"/></replicate></worldbody>'),
    "grows a cable": model('<worldbody><composite type="cable" count="100000 1 1" size="1"/></worldbody>'),
    "grows a sponge": model(
        '<worldbody><flexcomp name="f" type="grid" count="200 200 200" spacing=".1 .1 .1"/></worldbody>'
    ),
    "asks for an arena of 64 GiB": model('<size memory="64G"/>' + BODY),
    "asks for an exabyte": model('<size memory="1E"/>' + BODY),
    "asks for an arena of nonsense": model('<size memory="lots"/>' + BODY),
    "asks for user data": model('<size nuserdata="2000000000"/>' + BODY),
    "asks for user data of bodies": model('<size nuser_body="2000000000"/>' + BODY),
    "asks for keyframes": model('<size nkey="2000000000"/>' + BODY),
    "leaps through time": model('<option timestep="1e30"/>' + BODY),
    "stands still in time": model('<option timestep="0"/>' + BODY),
    "has no time": model('<option timestep="nan"/>' + BODY),
    "repeats its solver": model('<option iterations="2000000000"/>' + BODY),
    "repeats its search": model('<option ls_iterations="2000000000"/>' + BODY),
    "repeats against noise": model('<option noslip_iterations="2000000000"/>' + BODY),
    "repeats its collisions": model('<option ccd_iterations="2000000000"/>' + BODY),
    "repeats its distances": model('<option sdf_iterations="2000000000"/>' + BODY),
    "sleeps": model('<option><flag sleep="enable"/></option>' + BODY),
    "paints a giant": model(
        '<asset><texture name="t" type="2d" builtin="flat" width="100000" height="100000"/></asset>' + BODY
    ),
    "levels a giant field": model(
        '<asset><hfield name="h" nrow="100000" ncol="100000" size="1 1 1 1"/></asset>' + BODY
    ),
    "nests too deep": model("<worldbody>" + "<body>" * 200 + "<geom size='.1'/>" + "</body>" * 200 + "</worldbody>"),
    "has too many parts": model("<worldbody>" + "<geom size='.1'/>" * 60_000 + "</worldbody>"),
    "has a state that fits no court": model(
        "<worldbody>" + "<body><freejoint/><geom size='.1'/></body>" * 100 + "</worldbody>"
    ),
    "has an unknown element": model("<exec>rm -rf /</exec>" + BODY),
    "has no actuator to control": model(BODY),
}


@pytest.mark.parametrize("name", list(MODELS))
def test_a_hostile_model_is_refused(name: str, shared: LocalExecutor, tmp_path: Path) -> None:
    hostile = job(HOLD.spec, {"m.xml": MODELS[name]})

    with pytest.raises(BadInput):
        trio.run(shared.prepare, hostile.spec, hostile.put(tmp_path))


@pytest.fixture(scope="module")
def shared() -> LocalExecutor:
    """One executor that meets every hostile job, and must stay healthy."""
    return LocalExecutor(Lent(opening=60), bubblewrap=BUBBLEWRAP)


async def test_a_good_job_runs_after_the_hostile_ones(shared: LocalExecutor, tmp_path: Path) -> None:
    bad = job(HOLD.spec, {"m.xml": MODELS["copies itself a million times"]})
    try:
        with pytest.raises(BadInput):
            await shared.prepare(bad.spec, bad.put(tmp_path / "bad"))
        plan = await shared.prepare(HOLD.spec, HOLD.put(tmp_path / "good"))
        (result,) = await shared.run(plan, [1], folder=tmp_path / "work")
    finally:
        await shared.aclose()

    assert result.status is Status.OK
    assert not (tmp_path / "MUJOCO_LOG.TXT").exists()


async def test_a_model_that_takes_too_long_to_open_is_given_up(tmp_path: Path) -> None:
    executor = LocalExecutor(Lent(opening=0.01), bubblewrap=BUBBLEWRAP)
    try:
        with pytest.raises(BadInput, match="takes longer"):
            await executor.prepare(HOLD.spec, HOLD.put(tmp_path))
    finally:
        await executor.aclose()


def test_a_simulation_that_blows_up_has_failed_everywhere_alike(tmp_path: Path) -> None:
    wild = b"<mujoco><option timestep='.1' integrator='Euler'/><worldbody><body><joint name='j' type='slide'/>"
    wild += b"<geom size='.1'/></body></worldbody><actuator><motor joint='j' gear='1e14'/></actuator></mujoco>"
    control = Control("noise", 5, "0.5", "1")
    spec = replace(HOLD.spec, work=Simulation("m.xml", 3, control=control, record=Record(("qpos",), 5, "f64")))
    one, other = (finished(job(spec, {"m.xml": wild}), tmp_path / name, [1, 2], lent) for name, lent in (
        ("one", Lent()), ("other", Lent(lanes=1, threads=2)),
    ))  # fmt: skip

    assert [each.status for each in one] == [Status.FAILED] * 2
    assert len(one[0].leaves) == 32 * (spec.segments + 1)
    assert bits(one) == bits(other)


def test_output_above_the_limit_ends_a_unit(tmp_path: Path) -> None:
    spec = replace(HOLD.spec, limits=Limits(output_bytes=2_000))
    (result,) = finished(Job(spec, HOLD.files), tmp_path, [1])

    assert result.status is Status.LIMIT
    assert result.output.stat().st_size < 2_100


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"keyframe": 3}, "keyframe"),
        ({"control": Control("open", 5, file="u.bin")}, "rows of 1 doubles"),
        ({"control": Control("policy", 5, file="u.bin", observe=("qpos",))}, "THNRPOL1"),
        ({"control": Control("policy", 5, file="p.bin", observe=("qpos",))}, "this job needs"),
    ],
)
def test_a_job_that_does_not_fit_its_model_is_refused(
    changes: dict[str, object], complaint: str, shared: LocalExecutor, tmp_path: Path
) -> None:
    files = {"m.xml": CART, "u.bin": b"123", "p.bin": JOBS["policy evaluation"].files["policy.bin"]}
    spec = replace(HOLD.spec, assets={name: asset(data) for name, data in files.items()})
    made = Job(replace(spec, work=replace(spec.work, **changes)), files)

    with pytest.raises(BadInput, match=complaint):
        trio.run(shared.prepare, made.spec, made.put(tmp_path))


def test_a_score_of_numbers_that_are_not_there_is_refused(shared: LocalExecutor, tmp_path: Path) -> None:
    scored = JOBS["policy evaluation"]
    work = replace(scored.spec.work, score=Score("1", (), (Bound("qpos", 4_000, "0", "1"),)))
    made = Job(replace(scored.spec, work=work), scored.files)

    with pytest.raises(BadInput, match="does not have"):
        trio.run(shared.prepare, made.spec, made.put(tmp_path))


async def test_files_that_are_not_what_the_spec_says_are_corrupt(tmp_path: Path) -> None:
    executor = LocalExecutor(bubblewrap=BUBBLEWRAP)
    places = HOLD.put(tmp_path)
    places["m.xml"].write_bytes(CART + b" ")

    with pytest.raises(Corrupt, match="not what the spec says"):
        await executor.prepare(HOLD.spec, places)
    with pytest.raises(BadInput, match="was not handed over"):
        await executor.prepare(HOLD.spec, {})
    with pytest.raises(Refused, match="does not know"):
        await executor.prepare(replace(HOLD.spec, class_id=bytes(32)), places)


async def test_a_process_that_is_killed_says_nothing_about_its_units(tmp_path: Path) -> None:
    long = replace(HOLD.spec, segments=4_000, segment=500, work=replace(HOLD.spec.work, episode=4_000, record=Record()))
    executor = LocalExecutor(bubblewrap=BUBBLEWRAP)
    plan = await executor.prepare(long, HOLD.put(tmp_path))
    ((_, channel),) = executor._idle

    async def strike() -> None:
        await trio.sleep(1)
        channel._process.kill()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(strike)
        with pytest.raises(Unavailable, match="ended with code"):
            await executor.run(plan, [0], folder=tmp_path / "work")
    await executor.aclose()


async def test_a_process_outlives_the_threads_of_its_supervisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trio._core._thread_cache, "IDLE_TIMEOUT", 0.05)
    executor = LocalExecutor(bubblewrap=BUBBLEWRAP)
    plan = await executor.prepare(HOLD.spec, HOLD.put(tmp_path))
    ((_, channel),) = executor._idle
    await trio.to_thread.run_sync(str)
    await trio.sleep(1)

    (result,) = await executor.run(plan, [1], folder=tmp_path / "work")
    ((_, same),) = executor._idle
    await executor.aclose()

    assert result.status is Status.OK
    assert same is channel


async def test_modules_do_not_run_without_bubblewrap(tmp_path: Path) -> None:
    executor = LocalExecutor(bubblewrap=None)

    with pytest.raises(BadConfig, match="under bubblewrap only"):
        await executor.prepare(JOBS["module"].spec, JOBS["module"].put(tmp_path))


async def test_physics_runs_behind_the_door_alone_with_the_same_bits(tmp_path: Path) -> None:
    executor = LocalExecutor(bubblewrap=None)
    plan = await executor.prepare(HOLD.spec, HOLD.put(tmp_path / "files"))
    bare = await executor.run(plan, [3], folder=tmp_path / "bare")
    await executor.aclose()

    assert bits(bare) == bits(await done(HOLD, tmp_path / "walled", [3]))


def wat(segment: str, *, more: str = "", memory: str = "1", start: str = "") -> bytes:
    return bytes(
        wasmtime.wat2wasm(
            f'(module {more if more.startswith("(import") else ""} (memory (export "memory") {memory})'
            f'{"" if more.startswith("(import") else more} (func (export "start") (param i32 i64) {start})'
            f'(func (export "segment") (param i32) (result i32) {segment}))'
        )
    )


WRITE = '(import "thenar" "write" (func $write (param i32 i32)))'
READ = '(import "thenar" "read" (func $read (param i32 i32 i32 i32) (result i32)))'
SIZE = '(import "thenar" "size" (func $size (param i32) (result i32)))'
VERDICTS = {
    "spins": (wat("(loop $l (br $l)) (i32.const 0)"), Status.LIMIT),
    "spins at its start": (wat("(i32.const 0)", start="(loop $l (br $l))"), Status.LIMIT),
    "traps": (wat("unreachable"), Status.FAILED),
    "divides by zero": (wat("(i32.div_u (i32.const 1) (i32.const 0))"), Status.FAILED),
    "says it failed": (wat("(i32.const 7)"), Status.FAILED),
    "recurses": (wat("(call $r) (i32.const 0)", more="(func $r (call $r))"), Status.FAILED),
    "reads beyond its memory": (wat("(i32.load (i32.const 70000))"), Status.FAILED),
    "writes beyond its memory": (wat("(i32.store (i32.const -4) (i32.const 1)) (i32.const 0)"), Status.FAILED),
    "grows beyond what it may": (wat("(i32.add (memory.grow (i32.const 60000)) (i32.const 1))"), Status.OK),
    "fills its memory": (
        wat(
            "(local $i i32) (loop $l (i32.store (local.get $i) (i32.const 1)) (local.set $i (i32.add (local.get $i)"
            " (i32.const 256))) (br_if $l (i32.lt_u (local.get $i) (i32.const 65536)))) (i32.const 0)"
        ),
        Status.LIMIT,
    ),
    "floods its output": (
        wat("(loop $l (call $write (i32.const 0) (i32.const 65536)) (br $l)) (i32.const 0)", more=WRITE),
        Status.LIMIT,
    ),
    "writes what is not its own": (
        wat("(call $write (i32.const 65000) (i32.const 65000)) (i32.const 0)", more=WRITE),
        Status.FAILED,
    ),
    "writes from a negative place": (
        wat("(call $write (i32.const -1) (i32.const 2)) (i32.const 0)", more=WRITE),
        Status.FAILED,
    ),
    "reads a file it was not given": (
        wat("(call $read (i32.const 9) (i32.const 0) (i32.const 0) (i32.const 8))", more=READ),
        Status.FAILED,
    ),
    "reads a negative file": (wat("(call $size (i32.const -1))", more=SIZE), Status.FAILED),
    "reads into what is not its own": (
        wat("(call $read (i32.const 0) (i32.const 0) (i32.const 65530) (i32.const 100))", more=READ),
        Status.FAILED,
    ),
    "reads beyond a file's end": (
        wat("(call $read (i32.const 0) (i32.const -5) (i32.const 0) (i32.const -1))", more=READ),
        Status.OK,
    ),
    "makes a NaN": (
        wat("(f64.store (i32.const 0) (f64.div (f64.const 0) (f64.const 0))) (i32.const 0)"),
        Status.OK,
    ),
}
REFUSED = {
    "asks for the system": wat(
        "(i32.const 0)", more='(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))'
    ),
    "asks for an environment": wat("(i32.const 0)", more='(import "env" "memory" (memory 1))'),
    "asks for a clock": wat("(i32.const 0)", more='(import "thenar" "now" (func (result i64)))'),
    "asks for a host's function of another shape": wat("(i32.const 0)", more='(import "thenar" "write" (func))'),
    "begins with too much memory": wat("(i32.const 0)", memory="60000"),
    "exports nothing": bytes(wasmtime.wat2wasm("(module)")),
    "exports no memory": bytes(wasmtime.wat2wasm('(module (func (export "start") (param i32 i64)))')),
    "exports another shape": bytes(
        wasmtime.wat2wasm('(module (memory (export "memory") 1) (func (export "start")) (func (export "segment")))')
    ),
    "is cut short": MODULE[:-20],
    "is text": b"(module)",
    "is empty": b"",
    "uses vectors": bytes(
        wasmtime.wat2wasm(
            '(module (memory (export "memory") 1) (func (export "start") (param i32 i64)) (func (export "segment")'
            " (param i32) (result i32) (i32x4.extract_lane 0 (i32x4.splat (local.get 0)))))"
        )
    ),
    "shares its memory": bytes(wasmtime.wat2wasm('(module (memory (export "memory") 1 2 shared))')),
}


def module(code: bytes) -> Job:
    spec = replace(JOBS["module"].spec, segment=3_000_000, limits=Limits(output_bytes=1_000_000))
    return job(spec, {"job.wasm": code, "in.bin": bytes(50)})


@pytest.mark.parametrize("name", list(VERDICTS))
def test_a_hostile_module_ends_with_the_same_verdict_every_time(name: str, tmp_path: Path) -> None:
    code, verdict = VERDICTS[name]
    one, other = (finished(module(code), tmp_path / place, [2]) for place in ("one", "other"))

    assert one[0].status is verdict
    assert bits(one) == bits(other)


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_module_that_is_none_of_ours_is_refused(name: str, shared: LocalExecutor, tmp_path: Path) -> None:
    bad = module(REFUSED[name])

    with pytest.raises(BadInput):
        trio.run(shared.prepare, bad.spec, bad.put(tmp_path))


def test_nothing_but_memory_survives_a_segment(tmp_path: Path) -> None:
    """A module that counts in a hidden global adds one in every segment, and never two."""
    (result,) = finished(JOBS["module"], tmp_path, [1])
    last = result.output.read_bytes()[-40:]

    assert int.from_bytes(last[24:28], "little") == JOBS["module"].spec.segments


def test_a_module_reads_its_spec_strictly() -> None:
    with pytest.raises(BadInput, match="not among the assets"):
        replace(JOBS["module"].spec, work=Wasm("other.wasm"))


def test_a_machine_without_room_says_so_and_gives_no_verdict() -> None:
    """A verdict that depended on this machine's memory would slash honest workers."""
    big = replace(JOBS["module"].spec, work=Wasm("job.wasm", ("in.bin",), 1024))
    told = f"""
import os, resource
from thenar.adapters.compute.modules import Modules
from thenar.domain.work.jobs import JobSpec
from thenar.errors import Unavailable
working = Modules(JobSpec.decode({big.encode()!r}), {dict(JOBS["module"].files)!r})
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + (40 << 20),) * 2)
try:
    print(working.first(1).status)
except Unavailable as failure:
    print("unavailable:", failure.message)
"""
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, env={"PYTHONPATH": NODE})

    assert said.stdout.startswith("unavailable:"), said.stderr
