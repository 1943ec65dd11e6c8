"""Runs `newswire` with three bugs built in: `broken.py worker`. Tests show what each bug costs.

Preparing an item that says BREAK PREPARE raises, and so does the fold on one that says BREAK FOLD; one that says
SLOW PREPARE takes three seconds of CPU.
"""

import sys
import time
from typing import Any

from streams.decide import stories
from streams.prepare import batch

_prepare, _decide = batch.prepare_in_steps, stories.decide_item


def prepare(raw: Any, knowledge: Any) -> Any:
    if b"BREAK PREPARE" in raw.body:
        raise ZeroDivisionError("a bug in prepare")
    if b"SLOW PREPARE" in raw.body:
        until = time.process_time() + 3
        while time.process_time() < until:
            pass
    return (yield from _prepare(raw, knowledge))


def decide(state: Any, item: Any, log_offset: int, rules: Any) -> Any:
    if b"BREAK FOLD" in bytes(item.event):
        raise ZeroDivisionError("a bug in the fold")
    return _decide(state, item, log_offset, rules)


# At the import: the child that prepares imports the main module too.
batch.prepare_in_steps, stories.decide_item = prepare, decide

if __name__ == "__main__":
    from streams.cli.main import main
    from streams.runtime import supervisor

    supervisor.build_command = lambda *words: [sys.executable, __file__, *words]
    sys.argv[0] = "newswire"
    main()
