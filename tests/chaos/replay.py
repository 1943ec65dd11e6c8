"""Kills a replay at random points and checks the result: `python tests/chaos/replay.py --items 50000 --kills 6`.

Generated items are decided and a rule is changed. Then `newswire replay --diff` and `--apply` run while live items
come in. The replay is killed at random points and continues with `--resume`. At the end the compacted topics must be
those of a second system that had the new rules from the first record of the log on, except for the stories that the
replay reported as dropped. The run also measures the replay's records per second relative to the worker's (goal: 0.8),
each with one child process that prepares, and the 99th percentile of the latency of live items with and without a
replay (goal: at most twice as long).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos.fresh_system import DECIDE_SECONDS, build_fresh_system
from chaos.system import START
from support import flow, replay_comparison, topic_reader
from support.decision_tracker import DecisionTracker
from support.live_traffic import LiveTraffic

from streams.config.loader import load
from streams.config.settings import Settings
from streams.generate import GeneratedItem, stream
from streams.kafka.embedded import broker
from streams.model.topics import REPLAYS
from streams.replay.job import Job

WARM_UP = 200
"""Items before the worker is timed: after them its model is loaded and its connections are open."""
NICE = 10
"""The niceness of `newswire replay`. The worker gets it too, so that both are timed at the same priority."""
REPLAY_SECONDS = 3600.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of one run."""

    seed: int
    items: int
    kills: int
    live: float
    """Live items per second while the replay runs."""
    quiet_seconds: float
    """Seconds during which live items are timed without a replay."""


class Report(msgspec.Struct, kw_only=True):
    """The result of one run."""

    plan: Plan
    seconds: float = 0.0
    worker_rate: float = 0.0
    """Raw records per second of the worker with one prepare process."""
    worker_cpu: float = 0.0
    """Milliseconds of CPU time per raw record, of prepare with its child and decide."""
    replay_rate: float = 0.0
    replay_cpu: float = 0.0
    quiet: tuple[float, float, int] = (0.0, 0.0, 0)
    """Latency of live items without a replay: median and 99th percentile in ms, and the number of items."""
    beside: tuple[float, float, int] = (0.0, 0.0, 0)
    kills: int = 0
    resumed: int = 0
    changed: int = 0
    """Stories whose categories change, according to `--diff`."""
    published: int = 0
    dropped: int = 0
    left: int = 0
    """Changes in a second `--diff`; only dropped stories may be left."""
    violations: list[str] = []

    def format_lines(self) -> Iterator[str]:
        """Formats the result as lines of text."""
        yield f"{self.plan.items} items, seed {self.plan.seed}: {self.seconds:.0f} s"
        yield (
            f"throughput: worker {self.worker_rate:.0f}/s ({self.worker_cpu:.2f} ms of processor time a record), "
            f"replay {self.replay_rate:.0f}/s ({self.replay_cpu:.2f} ms): {self.replay_rate / self.worker_rate:.2f}"
        )
        for name, (p50, p99, count) in (("without", self.quiet), ("beside", self.beside)):
            yield f"live items {name} the replay: p50 {p50:.0f} ms, p99 {p99:.0f} ms of {count}"
        yield f"p99 of live items beside the replay: {self.beside[1] / max(1.0, self.quiet[1]):.2f} times that without"
        yield (
            f"{self.kills} kills, {self.resumed} resumed; {self.changed} stories to file again, "
            f"{self.published} published again, {self.dropped} dropped, {self.left} shown by a second --diff"
        )
        yield from self.violations
        yield "holds" if not self.violations else f"{len(self.violations)} VIOLATIONS"


class KillTime(msgspec.Struct, frozen=True):
    """The time of a kill: seconds after the replay's start, or the number of its revisions that can be read."""

    seconds: float
    revisions: int = 0


def run(address: str, folder: Path, plan: Plan) -> Report:
    """Runs a plan on a broker. The report lists the violations; an exception means that the run could not continue."""
    began = time.monotonic()
    report = Report(plan=plan)
    base = load(environ={"NEWSWIRE_KAFKA": address, "NEWSWIRE_TOPICS__PREFIX": f"replay-{os.getpid()}-{plan.seed}"})
    old = replay_comparison.with_rules(base, folder, "sectors", replay_comparison.COMMON)
    new = replay_comparison.with_rules(base, folder, "commodities", replay_comparison.COMMON)
    items = stream(plan.seed, None, START)
    _check_status(flow.newswire(old, "topics", "apply"))
    tracker = DecisionTracker(old)
    with _worker(old, folder) as worker:
        _measure_throughput(old, worker, tracker, items, plan, report)
    _say(f"worker {report.worker_rate:.0f}/s")
    with _worker(new, folder):
        found = _run_diff(new, report)
        report.changed = len(found)
        _say(f"replay {report.replay_rate:.0f}/s, {len(found)} changes")
        reader, live = topic_reader.ArrivalTimes(new), LiveTraffic(new, items, plan.live)
        reader.start()
        until = flow.now()
        live.start()
        begin = time.perf_counter()
        time.sleep(plan.quiet_seconds)
        middle = time.perf_counter()
        lines = _apply_under_kills(new, until, reader, plan, report)
        end = time.perf_counter()
        live.stopping.set()
        live.join()
        tracker.wait(WARM_UP + plan.items + len(live.sent), DECIDE_SECONDS)
        tracker.close()
        report.quiet = _percentiles(live.latencies(reader, begin + 2, middle))
        report.beside = _percentiles(live.latencies(reader, middle, end))
        dropped = {line.split()[1] for line in lines if line.startswith("dropped")}
        report.dropped = len(dropped)
        _check(new, reader, found, dropped, lines, report)
        reader.stopping.set()
        reader.join()
    _say("a second system with the new rules from the start")
    expected = build_fresh_system(new, folder)
    different = replay_comparison.find_differences(new, expected)
    report.violations += [each for each in different if each.split()[1] not in dropped][:20]
    report.seconds = time.monotonic() - began
    return report


def _percentiles(latencies: list[float]) -> tuple[float, float, int]:
    """Returns median, 99th percentile and number of sorted values."""
    if not latencies:
        return 0.0, 0.0, 0
    return latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)], len(latencies)


def _measure_throughput(
    settings: Settings,
    worker: flow.Worker,
    tracker: DecisionTracker,
    items: Iterator[GeneratedItem],
    plan: Plan,
    report: Report,
) -> None:
    """Measures the worker's rate over a backlog, from its first decision to its last."""
    _send(settings, [next(items) for _ in range(WARM_UP)])
    tracker.wait(WARM_UP, DECIDE_SECONDS)
    tree = [psutil.Process(worker.process.pid), *psutil.Process(worker.process.pid).children(recursive=True)]
    for process in tree:
        process.nice(max(NICE, process.nice()))
    before = _cpu_seconds(tree)
    made = [next(items) for _ in range(plan.items)]
    first = len(tracker.times)
    _send(settings, made)
    tracker.wait(WARM_UP + plan.items, DECIDE_SECONDS + plan.items / 10)
    at = tracker.times[first:]
    skipped = len(at) // 20  # the feeder still used the CPU then
    report.worker_rate = plan.items * (len(at) - skipped) / len(at) / ((at[-1] - at[skipped]) / 1000)
    report.worker_cpu = (_cpu_seconds(tree) - before) * 1000 / plan.items


def _send(settings: Settings, items: list[GeneratedItem]) -> None:
    flow.send(settings, ((item.body, item.headers) for item in items))


def _run_diff(settings: Settings, report: Report) -> list[dict[str, object]]:
    """Runs `--diff` and returns its changes. Its rate is measured between the first and the last count of the job."""
    began = time.perf_counter()
    process, output = _start_replay(settings, "--last", "1d", "--diff", "--json", "--workers", "1")
    rates: list[tuple[float, int]] = []
    cpu = 0.0
    tree: set[psutil.Process] = set()
    while process.poll() is None:
        time.sleep(2)
        try:
            tree |= {psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)}
        except psutil.NoSuchProcess:
            break
        cpu = max(cpu, _cpu_seconds(tree))
        job = _read_job(settings, "diff")
        if job is not None and job.done and (not rates or rates[-1][1] != job.done):
            rates.append((time.perf_counter(), job.done))
    assert process.wait() == 0, output.read_text()
    records = report.plan.items + WARM_UP
    took = time.perf_counter() - began
    if len(rates) > 2:
        report.replay_rate = (rates[-1][1] - rates[0][1]) / (rates[-1][0] - rates[0][0])
    else:
        report.replay_rate = records / took
    report.replay_cpu = cpu * 1000 / records
    *found, _ = map(json.loads, output.read_text().splitlines())
    return found


def _apply_under_kills(
    settings: Settings, until: str, reader: topic_reader.ArrivalTimes, plan: Plan, report: Report
) -> list[str]:
    """Runs `--apply` with kills and resumes. Returns the output lines of the run that reached its end."""
    rng = random.Random(plan.seed)
    whole = (plan.items + WARM_UP) / max(1.0, report.replay_rate)
    arguments = ["--from", "2020-01-01T00:00:00Z", "--to", until, "--apply", "--yes"]
    job: Job | None = None
    for number in range(plan.kills + 1):
        process, output = _start_replay(settings, *arguments)
        report.resumed += job is not None
        if number < plan.kills:
            when = (
                KillTime(REPLAY_SECONDS, rng.randint(1, max(1, report.changed * 3 // 4)))
                if number % 2
                else KillTime(rng.uniform(1.0, whole * 1.1))
            )
            _wait_for_kill_time(process, reader, when)
        else:
            process.wait(REPLAY_SECONDS)
        ended = process.poll() is not None
        _say(
            f"replay {number + 1}: {'ended' if ended else 'killed'}, {len(reader.reclassified)} published again so far"
        )
        if not ended:
            process.kill()
            process.wait()
            report.kills += 1
        if (job := _read_job(settings, "apply")) is not None:
            arguments = ["--resume", job.id, "--yes"]
        if ended:
            text = output.read_text()
            if process.returncode:
                report.violations.append(f"the replay ended with {process.returncode}: {text[-500:]}")
            if number == plan.kills or process.returncode:
                return text.splitlines()
    raise AssertionError("the last replay came to no end")


def _wait_for_kill_time(process: "subprocess.Popen[bytes]", reader: topic_reader.ArrivalTimes, when: KillTime) -> None:
    """Waits until it is time to kill the process, or it has ended."""
    deadline = time.monotonic() + when.seconds
    while process.poll() is None and time.monotonic() < deadline:
        if when.revisions and len(reader.reclassified) >= when.revisions:
            return
        time.sleep(0.005)


def _check(
    settings: Settings,
    reader: topic_reader.ArrivalTimes,
    found: Sequence[dict[str, object]],
    dropped: set[str],
    lines: Sequence[str],
    report: Report,
) -> None:
    wrong = report.violations
    reclassified = set(reader.reclassified)
    report.published = len(reclassified)
    if len(reclassified) != len(reader.reclassified):
        wrong.append(f"{len(reader.reclassified) - len(reclassified)} stories were published again twice")
    moved = {str(each["uri"]) for each in found if {"moved", "companies"} & {*_to_texts(each["kinds"])}}
    if other := [each for each in found if not {"moved", "companies"} & {*_to_texts(each["kinds"])}]:
        wrong.append(f"{len(other)} fates would change, the first: {other[0]}")
    if missing := sorted(moved - reclassified - dropped):
        wrong.append(f"{len(missing)} stories neither published again nor dropped: {missing[:3]}")
    wrong += [line for line in lines if line.startswith("waits")][:5]
    again = [json.loads(line) for line in _run_replay(settings, "--last", "1d", "--diff", "--json")][:-1]
    report.left = len(again)
    if surprises := sorted({each["uri"] for each in again} - dropped):
        wrong.append(f"{len(surprises)} stories would still change that were not dropped: {surprises[:3]}")
    audit = flow.newswire(settings, "audit")
    if audit.returncode:
        wrong.append(f"audit: {audit.stdout.decode()[-500:]}")


def _to_texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


@contextmanager
def _worker(settings: Settings, folder: Path, *arguments: str) -> Iterator[flow.Worker]:
    with flow.run_worker(settings, folder, "--http", "18266", *arguments) as worker:
        yield worker


def _start_replay(settings: Settings, *arguments: str) -> "tuple[subprocess.Popen[bytes], Path]":
    """Starts a replay. Returns the process and the file of its output; errors go there too, except with `--json`."""
    handle, name = tempfile.mkstemp(prefix="replay-")
    with os.fdopen(handle, "wb") as output:
        errors = subprocess.DEVNULL if "--json" in arguments else output
        command = [sys.executable, "-m", "streams", "replay", *arguments]
        return subprocess.Popen(command, env=flow.environment(settings), stdout=output, stderr=errors), Path(name)


def _read_job(settings: Settings, mode: str) -> Job | None:
    """Reads the newest job of this mode."""
    rows = {row.key: msgspec.json.decode(row.value or b"", type=Job) for row in flow.read(settings, REPLAYS)}
    return max((job for job in rows.values() if job.mode == mode), key=lambda job: job.id, default=None)


def _run_replay(settings: Settings, *arguments: str) -> list[str]:
    process, output = _start_replay(settings, *arguments)
    assert process.wait(REPLAY_SECONDS) == 0, output.read_text()
    return output.read_text().splitlines()


def _check_status(done: "subprocess.CompletedProcess[bytes]") -> None:
    assert done.returncode == 0, done.stderr


def _cpu_seconds(processes: Sequence[psutil.Process] | set[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=50_000)
    options.add_argument("--kills", type=int, default=6)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--live", type=float, default=20.0, help="live items a second beside the replay")
    options.add_argument("--quiet-seconds", type=float, default=60.0, help="live items timed without a replay")
    asked = options.parse_args()
    plan = Plan(
        seed=asked.seed, items=asked.items, kills=asked.kills, live=asked.live, quiet_seconds=asked.quiet_seconds
    )
    with tempfile.TemporaryDirectory(prefix="replay-") as folder, broker.start(Path(folder) / "kafka") as running:
        report = run(running.address, Path(folder), plan)
    for line in report.format_lines():
        print(line, flush=True)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
