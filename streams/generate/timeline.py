"""Generates the stream of items in the order of their received time.

Families begin one after another and their items interleave. An item is written when its time has come.
"""

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush

import msgspec

from streams.generate import plan
from streams.generate.calendar import format_rfc3339_ms, to_milliseconds
from streams.generate.changes import PlannedItem
from streams.generate.plan import Mix
from streams.generate.rng import Rng
from streams.generate.truth import GeneratedItem

RATE = 5.0
MAX_RATE = 1000.0


def stream(
    seed: int, count: int | None, start: datetime, rate: float = RATE, mix: Mix | None = None
) -> Iterator[GeneratedItem]:
    """Generates `count` items (None: without end), received from `start` (with a zone) on, about `rate` a second.

    Equal arguments give equal bytes on any machine, and a shorter stream is the beginning of a longer one. The
    received time always increases. Memory holds the planned items of the next hour or so, and all headlines so far.
    `Truth.needs` marks the outcomes for which ids and equal texts are not enough. Raises ValueError.
    """
    if start.tzinfo is None:
        raise ValueError("the start time has no zone; write it as 2026-03-02T09:30:00Z")
    if not 0 < rate <= MAX_RATE:
        raise ValueError(f"{rate} is no rate from above 0 to {MAX_RATE:.0f} items a second")
    return _stream(Rng(seed), count, to_milliseconds(start), rate, mix or Mix())


def _stream(rng: Rng, count: int | None, clock: int, rate: float, mix: Mix) -> Iterator[GeneratedItem]:
    gap = max(1, round(2000 / (rate * mix.families_per_item)))
    planned_items: list[tuple[int, int, PlannedItem]] = []
    headlines = plan.PublishedHeadlines()
    serial = order = number = 0
    received = clock - 1
    while count is None or number < count:
        while not planned_items or planned_items[0][0] > clock:
            for planned in plan.plan_family(rng, serial, clock, mix, headlines):
                heappush(planned_items, (planned.at, order, planned))
                order += 1
            serial += 1
            clock += rng.below(gap + 1)
        at, _, planned = heappop(planned_items)
        received = max(at, received + 1)
        written = planned.write()
        truth = msgspec.structs.replace(planned.truth, number=number)
        yield GeneratedItem(written.headers(format_rfc3339_ms(received)), written.body, truth)
        number += 1
