"""The past brought in line under kill -9: `python tests/chaos/replay.py --items 50000 --kills 6 --seed 1`.

Generated items are decided, a rule is changed, and `newswire replay --diff`, then `--apply` run while live items come
in; the replay is killed at random points and goes on with `--resume`. In the end the compacted topics must be those of
a second system that had the new rules from the first record of the same log on, but for the stories that the replay
reported as dropped. In the same run: the replay's records a second against the worker's own (goal: 0.8), and the
99th percentile of raw to readable of the live items with and without the replay (goal: at most twice).
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
"""Items before the worker's time is taken: its model is loaded and its connections are open."""
NICE = 10
"""As `newswire replay` makes itself, so that both rates are taken at the same priority."""
REPLAY_SECONDS = 3600.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one run does."""

    seed: int
    items: int
    kills: int
    live: float
    """Items a second while the replay runs."""
    quiet_seconds: float
    """How long live items are timed without a replay."""


class Report(msgspec.Struct, kw_only=True):
    """What one run found."""

    plan: Plan
    seconds: float = 0.0
    worker_rate: float = 0.0
    """Raw records a second of the worker with one process that prepares."""
    worker_cpu: float = 0.0
    """ms of processor time a raw record, of prepare with its child and decide."""
    replay_rate: float = 0.0
    replay_cpu: float = 0.0
    quiet: tuple[float, float, int] = (0.0, 0.0, 0)
    """Raw to readable without a replay: median and 99th percentile in ms, items."""
    beside: tuple[float, float, int] = (0.0, 0.0, 0)
    kills: int = 0
    resumed: int = 0
    changed: int = 0
    """Stories that `--diff` shows as moved."""
    published: int = 0
    dropped: int = 0
    left: int = 0
    """Changes that a second `--diff` shows; only stories that were dropped."""
    violations: list[str] = []

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.plan.items} items, seed {self.plan.seed}: {self.seconds:.0f} s"
        yield (
            f"throughput: worker {self.worker_rate:.0f}/s ({self.worker_cpu:.2f} ms of processor time a record), "
            f"replay {self.replay_rate:.0f}/s ({self.replay_cpu:.2f} ms): {self.replay_rate / self.worker_rate:.2f}"
        )
        for name, (p50, p99, count) in (("without", self.quiet), ("beside", self.beside)):
            yield f"live items {name} the replay: p50 {p50:.0f} ms, p99 {p99:.0f} ms of {count}"
        yield f"p99 of live items beside the replay: {self.beside[1] / max(1.0, self.quiet[1]):.2f} times that without"
        yield (
            f"{self.kills} kills, {self.resumed} resumed; {self.changed} stories to file anew, "
            f"{self.published} published anew, {self.dropped} dropped, {self.left} shown by a second --diff"
        )
        yield from self.violations
        yield "holds" if not self.violations else f"{len(self.violations)} VIOLATIONS"


class Killed(msgspec.Struct, frozen=True):
    """When a replay is killed: so many seconds after its start, or when so many of its revisions can be read."""

    seconds: float
    revisions: int = 0


def run(address: str, folder: Path, plan: Plan) -> Report:
    """One run on a broker. What is wrong is in the report; it raises only where it cannot go on."""
    began = time.monotonic()
    report = Report(plan=plan)
    base = load(environ={"NEWSWIRE_KAFKA": address, "NEWSWIRE_TOPICS__PREFIX": f"replay-{os.getpid()}-{plan.seed}"})
    old = replay_comparison.with_rules(base, folder, "sectors", replay_comparison.COMMON)
    new = replay_comparison.with_rules(base, folder, "commodities", replay_comparison.COMMON)
    items = stream(plan.seed, None, START)
    _ok(flow.newswire(old, "topics", "apply"))
    decided = DecisionTracker(old)
    with _worker(old, folder) as worker:
        _throughput(old, worker, decided, items, plan, report)
    _say(f"worker {report.worker_rate:.0f}/s")
    with _worker(new, folder):
        found = _diff(new, report)
        report.changed = len(found)
        _say(f"replay {report.replay_rate:.0f}/s, {len(found)} changes")
        reader, live = topic_reader.ArrivalTimes(new), LiveTraffic(new, items, plan.live)
        reader.start()
        until = flow.now()
        live.start()
        begin = time.perf_counter()
        time.sleep(plan.quiet_seconds)
        middle = time.perf_counter()
        told = _apply_under_kills(new, until, reader, plan, report)
        end = time.perf_counter()
        live.stopping.set()
        live.join()
        decided.wait(WARM_UP + plan.items + len(live.sent), DECIDE_SECONDS)
        decided.close()
        report.quiet = _percentiles(live.latencies(reader, begin + 2, middle))
        report.beside = _percentiles(live.latencies(reader, middle, end))
        dropped = {line.split()[1] for line in told if line.startswith("dropped")}
        report.dropped = len(dropped)
        _judge(new, reader, found, dropped, told, report)
        reader.stopping.set()
        reader.join()
    _say("a second system with the new rules from the start")
    expected = build_fresh_system(new, folder)
    different = replay_comparison.find_differences(new, expected)
    report.violations += [each for each in different if each.split()[1] not in dropped][:20]
    report.seconds = time.monotonic() - began
    return report


def _percentiles(waits: list[float]) -> tuple[float, float, int]:
    """Median, 99th percentile and number of what is sorted."""
    return (waits[len(waits) // 2], waits[int(len(waits) * 0.99)], len(waits)) if waits else (0.0, 0.0, 0)


def _throughput(
    settings: Settings,
    worker: flow.Worker,
    decided: DecisionTracker,
    items: Iterator[GeneratedItem],
    plan: Plan,
    report: Report,
) -> None:
    """The worker's own rate over a backlog, from its first decision to its last."""
    _send(settings, [next(items) for _ in range(WARM_UP)])
    decided.wait(WARM_UP, DECIDE_SECONDS)
    tree = [psutil.Process(worker.process.pid), *psutil.Process(worker.process.pid).children(recursive=True)]
    for process in tree:
        process.nice(max(NICE, process.nice()))
    before = _cpu(tree)
    made = [next(items) for _ in range(plan.items)]
    first = len(decided.times)
    _send(settings, made)
    decided.wait(WARM_UP + plan.items, DECIDE_SECONDS + plan.items / 10)
    at = decided.times[first:]
    skipped = len(at) // 20  # while the feed itself still takes the processor
    report.worker_rate = plan.items * (len(at) - skipped) / len(at) / ((at[-1] - at[skipped]) / 1000)
    report.worker_cpu = (_cpu(tree) - before) * 1000 / plan.items


def _send(settings: Settings, items: list[GeneratedItem]) -> None:
    flow.send(settings, ((item.body, item.headers) for item in items))


def _diff(settings: Settings, report: Report) -> list[dict[str, object]]:
    """What would change; its rate is that between the first and the last record of the job."""
    began = time.perf_counter()
    process, output = _replay(settings, "--last", "1d", "--diff", "--json")
    rates: list[tuple[float, int]] = []
    cpu = 0.0
    tree: set[psutil.Process] = set()
    while process.poll() is None:
        time.sleep(2)
        try:
            tree |= {psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)}
        except psutil.NoSuchProcess:
            break
        cpu = max(cpu, _cpu(tree))
        job = _job(settings, "diff")
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
    """The lines of the last run, the one that came to its end."""
    dice = random.Random(plan.seed)
    whole = (plan.items + WARM_UP) / max(1.0, report.replay_rate)
    arguments = ["--from", "2020-01-01T00:00:00Z", "--to", until, "--apply", "--yes"]
    job: Job | None = None
    for number in range(plan.kills + 1):
        process, output = _replay(settings, *arguments)
        report.resumed += job is not None
        if number < plan.kills:
            when = (
                Killed(REPLAY_SECONDS, dice.randint(1, max(1, report.changed * 3 // 4)))
                if number % 2
                else Killed(dice.uniform(1.0, whole * 1.1))
            )
            _wait(process, reader, when)
        else:
            process.wait(REPLAY_SECONDS)
        ended = process.poll() is not None
        _say(f"replay {number + 1}: {'ended' if ended else 'killed'}, {len(reader.reclassified)} published anew so far")
        if not ended:
            process.kill()
            process.wait()
            report.kills += 1
        if (job := _job(settings, "apply")) is not None:
            arguments = ["--resume", job.id, "--yes"]
        if ended:
            told = output.read_text()
            if process.returncode:
                report.violations.append(f"the replay ended with {process.returncode}: {told[-500:]}")
            if number == plan.kills or process.returncode:
                return told.splitlines()
    raise AssertionError("the last replay came to no end")


def _wait(process: "subprocess.Popen[bytes]", reader: topic_reader.ArrivalTimes, when: Killed) -> None:
    """Until it is time to kill it, or it has ended."""
    deadline = time.monotonic() + when.seconds
    while process.poll() is None and time.monotonic() < deadline:
        if when.revisions and len(reader.reclassified) >= when.revisions:
            return
        time.sleep(0.005)


def _judge(
    settings: Settings,
    reader: topic_reader.ArrivalTimes,
    found: Sequence[dict[str, object]],
    dropped: set[str],
    told: Sequence[str],
    report: Report,
) -> None:
    wrong = report.violations
    reclassified = set(reader.reclassified)
    report.published = len(reclassified)
    if len(reclassified) != len(reader.reclassified):
        wrong.append(f"{len(reader.reclassified) - len(reclassified)} stories were published anew twice")
    moved = {str(each["uri"]) for each in found if {"moved", "companies"} & {*_texts(each["kinds"])}}
    if other := [each for each in found if not {"moved", "companies"} & {*_texts(each["kinds"])}]:
        wrong.append(f"{len(other)} fates would change, the first: {other[0]}")
    if missing := sorted(moved - reclassified - dropped):
        wrong.append(f"{len(missing)} stories neither published anew nor dropped: {missing[:3]}")
    wrong += [line for line in told if line.startswith("waits")][:5]
    again = [json.loads(line) for line in _out(settings, "--last", "1d", "--diff", "--json")][:-1]
    report.left = len(again)
    if surprises := sorted({each["uri"] for each in again} - dropped):
        wrong.append(f"{len(surprises)} stories would still change that were not dropped: {surprises[:3]}")
    audit = flow.newswire(settings, "audit")
    if audit.returncode:
        wrong.append(f"audit: {audit.stdout.decode()[-500:]}")


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


@contextmanager
def _worker(settings: Settings, folder: Path, *arguments: str) -> Iterator[flow.Worker]:
    with flow.run_worker(settings, folder, "--http", "18266", *arguments) as worker:
        yield worker


def _replay(settings: Settings, *arguments: str) -> "tuple[subprocess.Popen[bytes], Path]":
    """A replay that has started, and the file of its standard output; what it says of errors is there too."""
    handle, name = tempfile.mkstemp(prefix="replay-")
    with os.fdopen(handle, "wb") as output:
        wrong = subprocess.DEVNULL if "--json" in arguments else output
        command = [sys.executable, "-m", "streams", "replay", *arguments]
        return subprocess.Popen(command, env=flow.environment(settings), stdout=output, stderr=wrong), Path(name)


def _job(settings: Settings, mode: str) -> Job | None:
    """The newest replay of this mode on record."""
    rows = {row.key: msgspec.json.decode(row.value or b"", type=Job) for row in flow.read(settings, REPLAYS)}
    return max((job for job in rows.values() if job.mode == mode), key=lambda job: job.id, default=None)


def _out(settings: Settings, *arguments: str) -> list[str]:
    process, output = _replay(settings, *arguments)
    assert process.wait(REPLAY_SECONDS) == 0, output.read_text()
    return output.read_text().splitlines()


def _ok(done: "subprocess.CompletedProcess[bytes]") -> None:
    assert done.returncode == 0, done.stderr


def _cpu(processes: Sequence[psutil.Process] | set[psutil.Process]) -> float:
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
    for line in report.lines():
        print(line, flush=True)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
