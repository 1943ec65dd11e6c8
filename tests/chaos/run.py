"""Runs the pipeline under faults: `python tests/chaos/run.py --seed 1 --items 50000 --delivery exactly-once`.

Generated items are fed while an editor gives commands and faults are injected. Afterwards the topics, read by an
independent client, must agree with the fold of the recorded log and with the generator's truth. With `--brokers 3` they
are on a cluster of three nodes, which has faults of its own. Each run appends a line to a file; `chaos/results.py` sums
them up. `make chaos` uses five runs of 50,000 items on one broker, then four of 3,000 on three.
"""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

import msgspec

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos.editor import Editor
from chaos.faults import FAULTS, KILLS, Fault, Faults
from chaos.node_faults import CLUSTER_FAULTS, NODE_KILLS, NODE_RESTARTS
from chaos.nodes import ThreeNodes
from chaos.results import FILE, append_result
from chaos.system import Cluster, Feeder, System
from chaos.verdict import Findings, examine, wait_until_decided

LEAST_COMMANDS = 9
"""Commands that the editor gives, even if all items are fed by then."""
EDITOR_SECONDS = 90.0
"""How long the run waits for them after the faults: on a busy machine the first decisions come late."""
BROKER_RESTARTS = {"kill broker": 1, "restart broker": 1, **NODE_RESTARTS}
"""Kind of fault -> brokers that start again."""
RATES = {1: 250.0, 3: 15.0}
"""Items fed a second, by brokers. The faults of a cluster take longer, and the items must not end before them."""
DELIVERIES = ("exactly-once", "at-least-once")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of one run."""

    seed: int
    items: int
    brokers: int = 1
    delivery: str = "exactly-once"
    partitions: int = 1
    workers: int = 2
    faults: int
    kinds: tuple[str, ...] = ()
    """The kinds of its faults; none: all that so many brokers can have."""
    gap: tuple[float, float] = (0.3, 3.0)
    rate: float
    """Items fed per second."""
    stall_seconds: float = 120.0
    """Longest time without a decision after the last fault, while items are left."""
    sabotage: str = ""

    def list_faults(self) -> dict[str, tuple[str, Fault]]:
        """Lists the faults by kind."""
        able = CLUSTER_FAULTS if self.brokers > 1 else FAULTS
        return {kind: able[kind] for kind in self.kinds or able}


class Report(msgspec.Struct, kw_only=True):
    """The result of one run."""

    plan: Plan
    seconds: float
    faults: dict[str, int]
    kills: int
    broker_restarts: int
    rebalances: int
    restarted: int
    """Restarts of parts by their parent, and of workers."""
    taken_over: int
    connections: int
    commands: dict[str, int]
    """Commands of the desk by action."""
    found: Findings

    def format_row(self) -> str:
        """Formats the result as a row of the table."""
        verdict = "holds" if not self.found.violations else f"{len(self.found.violations)} VIOLATIONS"
        return (
            f"{self.plan.seed:>4} {self.plan.brokers:>7}  {self.plan.delivery:<13} {self.plan.partitions:>4} "
            f"{self.plan.items:>7} "
            f"{self.found.log_records:>7} {self.found.repeats:>7} {sum(self.faults.values()):>6} {self.kills:>5} "
            f"{self.broker_restarts:>8} {self.rebalances:>10} {self.restarted:>8} {self.taken_over:>9} "
            f"{self.connections:>11} {sum(self.commands.values()):>8} {self.seconds:>7.0f}  {verdict}"
        )


HEAD = (
    "seed brokers  delivery      part   items     log repeats faults kills restarts rebalances "
    "respawns takeovers connections commands seconds  verdict"
)


def run(cluster: Cluster | ThreeNodes, folder: Path, plan: Plan) -> Report:
    """Runs a plan on a cluster. The report lists the violations; an exception means that the run could not continue."""
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    prefix = f"chaos-{plan.seed}-{plan.delivery}-{plan.sabotage or next(iter(plan.list_faults())).replace(' ', '-')}"
    connections = cluster.proxy.connections
    system = System(cluster, folder, prefix, plan.partitions, plan.delivery, plan.sabotage)
    faults = Faults(system, plan.seed)
    with system.running(plan.workers):
        feeder = Feeder(system.settings, plan.seed, plan.items, plan.rate)
        editor = Editor(system.settings, plan.seed)
        feeder.start()
        editor.start()
        try:
            faults.inject(plan.list_faults(), plan.faults, plan.gap)
            faults.wait_for_end()
            until = time.monotonic() + EDITOR_SECONDS
            while feeder.is_alive() or (editor.given.total() < LEAST_COMMANDS and time.monotonic() < until):
                system.restart_ended()
                time.sleep(0.2)
            editor.halt()
            stall = wait_until_decided(system, feeder, plan.stall_seconds)
            for worker in list(system.workers):
                if (status := system.remove_worker(worker)) != 0:
                    faults.problems.append(f"a worker ended with status {status} after SIGTERM")
        finally:
            faults.wait_for_end()
            feeder.halt()
            editor.halt()
    found = examine(system, feeder)
    logs = system.read_logs()
    return Report(
        plan=plan,
        seconds=time.monotonic() - began,
        faults=dict(sorted(faults.done.items())),
        kills=sum(count * (NODE_KILLS.get(kind) or (kind in KILLS)) for kind, count in faults.done.items()),
        broker_restarts=sum(count * BROKER_RESTARTS.get(kind, 0) for kind, count in faults.done.items()),
        rebalances=logs.count('"event": "assigned"'),
        restarted=logs.count('"event": "part_died"') + faults.done["kill worker"] + system.restarts,
        taken_over=logs.count('"event": "recovered"'),
        connections=cluster.proxy.connections - connections,
        commands=dict(sorted(editor.given.items())),
        found=found._replace(
            violations=[*([stall] if stall else []), *cluster.failed, *faults.problems, *found.violations]
        ),
    )


def build_long_plan(seed: int, items: int, delivery: str, brokers: int = 1, rate: float | None = None) -> Plan:
    """Builds a plan with faults for as long as items are fed, and a little longer."""
    rate = rate or RATES[brokers]
    least = len(CLUSTER_FAULTS) if brokers > 1 else max(len(FAULTS), int(items / rate / 2.5))
    return Plan(
        seed=seed,
        items=items,
        brokers=brokers,
        delivery=delivery,
        partitions=1 if seed % 2 else 3,
        faults=least,
        rate=rate,
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--items", type=int, help="default: 50,000 on one broker, 3,000 on three")
    options.add_argument("--brokers", type=int, choices=RATES, default=1)
    options.add_argument("--delivery", choices=DELIVERIES, default=DELIVERIES[0])
    options.add_argument("--rate", type=float, help="items fed a second")
    options.add_argument("--runs", type=int, default=1, help="runs, seeds from --seed on, both deliveries in turn")
    options.add_argument("--keep", type=Path, help="folder that keeps the workers' logs and Kafka's data")
    options.add_argument("--results", type=Path, default=FILE, help=f"file that gets a line a run (default: {FILE})")
    asked = options.parse_args()
    items = asked.items or (3_000 if asked.brokers > 1 else 50_000)
    first = DELIVERIES.index(asked.delivery)
    plans = [
        build_long_plan(asked.seed + number, items, DELIVERIES[(first + number) % 2], asked.brokers, asked.rate)
        for number in range(asked.runs)
    ]
    reports = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leave no node and no mounted disk behind
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        folder = asked.keep or Path(temporary)
        print(HEAD, flush=True)
        with (ThreeNodes if asked.brokers > 1 else Cluster)(folder / "kafka") as cluster:
            for plan in plans:
                reports.append(run(cluster, folder / f"{plan.seed}-{plan.delivery}", plan))
                append_result(asked.results, reports[-1])
                print(reports[-1].format_row(), flush=True)
                for violation in reports[-1].found.violations:
                    print(f"      {violation}", flush=True)
    for report in reports:
        injected = ", ".join(f"{count} {kind}" for kind, count in report.faults.items())
        fates = ", ".join(f"{count} {fate}" for fate, count in report.found.fates.items())
        commands = ", ".join(f"{count} {action}" for action, count in report.commands.items())
        undone = ", ".join(f"{count} {action}" for action, count in report.found.undone.items())
        print(f"seed {report.plan.seed}: {injected}; fates: {fates}; commands of the desk: {commands}")
        print(f"      undone, and as before: {undone or 'none'}")
    return 1 if any(report.found.violations for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
