"""Damages samples of every format at random and prepares them: `python tests/quality/fuzz.py [--seconds N] [--seed N]`.

It prints the slowest item of each format in CPU time, and every item that raised an exception other than a refusal or
took longer than half a second, with the seed that builds it again (`--only SEED`). The exit status is 1 if there was
one.
"""

import argparse
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.mutations import SAMPLES, mutate

from streams.config.loader import load
from streams.model.records import RecordRef, StampedRef
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import Knowledge, prepare

AT = StampedRef(RecordRef("news.raw", 0, 0), 1_772_452_800_000)
SLOW = 0.5
"""Limit in CPU seconds. The worker's own limit (`prepare.item_seconds`) is ten times as long."""


def one(seed: int, knowledge: Knowledge) -> tuple[str, float, str]:
    """Prepares the item of a seed. Returns format, CPU seconds and traceback (empty: none)."""
    chance = random.Random(seed)
    sample = chance.choice(SAMPLES)
    raw = accept_raw_record(AT, (("source", b"fuzz"),), mutate(sample.read_bytes(), chance))
    begun = time.process_time()
    fault = ""
    try:
        prepare(raw, knowledge)
    except Exception:
        fault = traceback.format_exc()
    return sample.parent.name, time.process_time() - begun, fault


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--only", type=int)
    chosen = arguments.parse_args()
    knowledge = load_knowledge(load(environ={}))
    for sample in SAMPLES:  # what is loaded once, with the first item of its kind, is not the item's time
        prepare(accept_raw_record(AT, (("source", b"fuzz"),), sample.read_bytes()), knowledge)
    until = time.monotonic() + chosen.seconds
    slowest: dict[str, tuple[float, int]] = {}
    seed = chosen.only if chosen.only is not None else chosen.seed * 10_000_000
    found = count = 0
    while time.monotonic() < until:
        name, took, fault = one(seed, knowledge)
        count += 1
        slowest[name] = max(slowest.get(name, (0.0, 0)), (took, seed))
        if fault or took > SLOW:
            found += 1
            print(f"seed {seed} ({name}): {took:.2f} s {fault}")
        if chosen.only is not None:
            break
        seed += 1
    for name, (took, which) in sorted(slowest.items()):
        print(f"{name:12} slowest {took * 1000:8.1f} ms (seed {which})")
    print(f"{count} items, {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
