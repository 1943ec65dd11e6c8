"""Measures start times: `python tests/bench/startup.py [--rounds 5] [--save]`. Takes half a minute.

It measures `newswire --help`, and a worker without state from its start until both its processes are ready.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import harness, results
from support import flow
from support.processes import free_ports
from support.wait import wait_until


def measure_help(rounds: int) -> list[float]:
    """Measures the seconds of `newswire --help`."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run([str(Path(sys.executable).with_name("newswire")), "--help"], check=True, capture_output=True)
        found.append(time.perf_counter() - began)
    return found


def measure_ready(rounds: int) -> list[float]:
    """Measures the seconds until a worker with one prepare and one decide process is ready."""
    found = []
    with harness.run_kafka() as running, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for _ in range(rounds):
            settings, port = harness.make_settings(running.address), free_ports(4)

            def ready(port: int = port) -> bool:
                try:
                    return all(flow.http_get(each, "/readyz")[0] == 200 for each in (port, port + 1))
                except OSError:
                    return False

            began = time.perf_counter()
            with harness.run_worker(settings, Path(folder), "--http", str(port), pinned=False):
                wait_until(ready, seconds=120, every=0.02)
                found.append(time.perf_counter() - began)
    return found


def main() -> None:
    options = results.build_parser(__doc__, "one round")
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    rounds = 1 if asked.quick else asked.rounds
    measured = (("`newswire --help`", measure_help(2 * rounds), "0.3"), ("a worker", measure_ready(rounds), "5"))
    rows = [
        {"what": what, "seconds": results.format_spread(times, ".2f"), "goal": f"≤ {goal}"}
        for what, times, goal in measured
    ]
    results.print_table("startup", rows, keep=asked.save)


if __name__ == "__main__":
    main()
