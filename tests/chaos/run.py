"""Runs the pipeline under faults: `python tests/chaos/run.py --seed 1 --items 50000 --delivery exactly-once`.

Generated items are fed while an editor gives commands and faults are injected. Afterwards the topics, read by an
independent client, must agree with the fold of the recorded log and with the generator's truth. `make chaos` uses
`--long`: five runs of 50,000 items.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import msgspec

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos.editor import Editor
from chaos.faults import FAULTS, KILLS, Faults
from chaos.system import Cluster, Feeder, System
from chaos.verdict import Findings, examine, wait_until_decided

LEAST_COMMANDS = 18
"""Commands that the editor gives, even if all items are fed by then."""
EDITOR_SECONDS = 90.0
"""How long the run waits for them after the faults: on a busy machine the first decisions come late."""
DELIVERIES = ("exactly-once", "at-least-once")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of one run."""

    seed: int
    items: int
    delivery: str = "exactly-once"
    partitions: int = 1
    workers: int = 2
    faults: int
    kinds: tuple[str, ...] = tuple(FAULTS)
    gap: tuple[float, float] = (0.3, 3.0)
    rate: float
    """Items fed per second."""
    stall_seconds: float = 120.0
    """Longest time without a decision after the last fault, while items are left."""
    sabotage: str = ""


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
            f"{self.plan.seed:>4}  {self.plan.delivery:<13} {self.plan.partitions:>4}  {self.plan.items:>6} "
            f"{self.found.log_records:>7} {self.found.repeats:>7} {sum(self.faults.values()):>6} {self.kills:>5} "
            f"{self.broker_restarts:>8} {self.rebalances:>10} {self.restarted:>8} {self.taken_over:>9} "
            f"{self.connections:>11} {sum(self.commands.values()):>8} {self.seconds:>7.0f}  {verdict}"
        )


HEAD = (
    "seed  delivery      part   items     log repeats faults kills restarts rebalances "
    "respawns takeovers connections commands seconds  verdict"
)


def run(cluster: Cluster, folder: Path, plan: Plan) -> Report:
    """Runs a plan on a cluster. The report lists the violations; an exception means that the run could not continue."""
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    prefix = f"chaos-{plan.seed}-{plan.delivery}-{plan.sabotage or plan.kinds[0].replace(' ', '-')}"
    connections = cluster.proxy.connections
    system = System(cluster, folder, prefix, plan.partitions, plan.delivery, plan.sabotage)
    faults = Faults(system, plan.seed)
    with system.running(plan.workers):
        feeder = Feeder(system.settings, plan.seed, plan.items, plan.rate)
        editor = Editor(system.settings, plan.seed)
        feeder.start()
        editor.start()
        try:
            faults.inject(plan.kinds, plan.faults, plan.gap)
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
        kills=sum(faults.done[kind] for kind in KILLS),
        broker_restarts=faults.done["kill broker"] + faults.done["restart broker"],
        rebalances=logs.count('"event": "assigned"'),
        restarted=logs.count('"event": "part_died"') + faults.done["kill worker"] + system.restarts,
        taken_over=logs.count('"event": "recovered"'),
        connections=cluster.proxy.connections - connections,
        commands=dict(sorted(editor.given.items())),
        found=found._replace(violations=[*([stall] if stall else []), *faults.problems, *found.violations]),
    )


def build_long_plan(seed: int, items: int, delivery: str, rate: float = 250.0) -> Plan:
    """Builds a plan with faults for as long as items are fed, and a little longer."""
    return Plan(
        seed=seed,
        items=items,
        delivery=delivery,
        partitions=1 if seed % 2 else 3,
        faults=max(len(FAULTS), int(items / rate / 2.5)),
        rate=rate,
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--items", type=int, default=50_000)
    options.add_argument("--delivery", choices=DELIVERIES, default=DELIVERIES[0])
    options.add_argument("--rate", type=float, default=250.0, help="items fed a second")
    options.add_argument("--long", action="store_true", help="five runs, seeds from --seed on, both deliveries in turn")
    options.add_argument("--keep", type=Path, help="folder for the workers' logs")
    asked = options.parse_args()
    plans = [
        build_long_plan(asked.seed + number, asked.items, delivery, asked.rate)
        for number in range(5 if asked.long else 1)
        for delivery in [DELIVERIES[number % 2] if asked.long else asked.delivery]
    ]
    reports = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        folder = asked.keep or Path(temporary)
        print(HEAD, flush=True)
        with Cluster(Path(temporary) / "kafka") as cluster:
            for plan in plans:
                reports.append(run(cluster, folder / f"{plan.seed}-{plan.delivery}", plan))
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
