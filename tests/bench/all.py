"""Runs all benchmarks one after another, as `make bench` does: about 80 minutes on 2 cores.

`python tests/bench/all.py --quick [--save]` runs short versions in about ten minutes. With `--save` the results go into
the tables and charts of deploy/. The last lines name the scripts that failed; their saved results do not change.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
PARTS = {
    "startup": 1,
    "parsing": 1,
    "prepare": 1,
    "hotpath": 1,
    "facts": 1,
    "dedupe": 1,
    "axes": 2,
    "pipeline": 19,
    "latency": 11,
    "takeover": 9,
    "memory": 8,
    "replay": 10,
    "plain_job": 17,
    "gateway": 10,
}
"""Script -> approximate duration in minutes."""
SAVING = ("startup", "hotpath", "axes", "pipeline", "latency", "takeover", "memory", "replay", "plain_job")
"""Scripts that accept `--quick` and `--save`."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("parts", nargs="*", help="all where none is given")
    options.add_argument("--quick", action="store_true")
    options.add_argument("--save", action="store_true")
    asked = options.parse_args()
    parts = {name: minutes for name, minutes in PARTS.items() if not asked.parts or name in asked.parts}
    print(f"about {sum(parts.values())} minutes" if not asked.quick else "about 10 minutes", flush=True)
    failed = []
    for name, minutes in parts.items():
        print(f"\n## {name} (about {minutes} min)\n" if not asked.quick else f"\n## {name}\n", flush=True)
        given = ["--quick"] * asked.quick + ["--save"] * asked.save if name in SAVING else []
        began = time.monotonic()
        if subprocess.run([sys.executable, str(HERE / f"{name}.py"), *given], check=False).returncode:
            failed.append(name)
        print(f"{name}: {(time.monotonic() - began) / 60:.1f} min", file=sys.stderr, flush=True)
    if asked.save:
        subprocess.run([sys.executable, str(HERE / "charts.py")], check=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
