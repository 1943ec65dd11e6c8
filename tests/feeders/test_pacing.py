"""A source that sends more than its most_per_minute is slowed, and all of it is sent."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from streams.feeders.pacing import PacedSend, SourceBudget
from streams.feeders.raw_records import RawRecord
from streams.model.sources import Source, Sources

SOURCES = Sources({"norwire": Source(most_per_minute=60), "free": Source(), "slow": Source(most_per_minute=0.5)})


class Clock:
    """A clock that only sleeping moves."""

    now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def send_paced(*batches: tuple[str, int]) -> list[tuple[float, str, int]]:
    """Sends batches one after the other. Returns for each send: when, of which source, how many."""
    clock, sent = Clock(), []

    async def send(records):
        sent.append((clock.now, records[0].key.decode(), len(records)))

    async def run() -> None:
        paced = PacedSend(send, SOURCES, lambda: clock.now, clock.sleep)
        for source, count in batches:
            await paced([RawRecord(source.encode(), str(number).encode(), []) for number in range(count)])

    asyncio.run(run())
    return sent


def test_a_minutes_worth_goes_at_once_and_the_rest_at_the_pace_and_is_logged_once() -> None:
    with capture_logs() as lines:
        sent = send_paced(("norwire", 63))
    assert sent == [(0, "norwire", 60), (1, "norwire", 1), (2, "norwire", 1), (3, "norwire", 1)]
    slowed = {"source": "norwire", "waiting": 3, "most_per_minute": 60}
    assert lines == [{"event": "source_slowed", "log_level": "warning", **slowed}]


def test_a_source_without_a_limit_is_never_slowed() -> None:
    assert send_paced(("free", 5000), ("free", 5000)) == [(0, "free", 5000), (0, "free", 5000)]


def test_the_feeds_of_a_source_share_its_pace_and_other_sources_have_their_own() -> None:
    sent = send_paced(("norwire", 60), ("free", 9), ("slow", 1), ("norwire", 1), ("slow", 1))
    assert [(at, source) for at, source, _ in sent] == [
        *((0, "norwire"), (0, "free"), (0, "slow"), (1, "norwire")),
        (120, "slow"),
    ]


@given(
    st.floats(0.1, 10_000),
    st.lists(st.tuples(st.integers(0, 500), st.floats(0, 90)), max_size=30),
)
def test_no_minute_brings_more_than_twice_the_limit_and_no_time_more_than_the_pace(most, asked) -> None:
    budget, now, taken = SourceBudget(most, 0.0), 0.0, 0
    for wanted, later in asked:
        now += later
        found = budget.take(wanted, now)
        assert 0 <= found <= wanted
        taken += found
        assert taken <= max(1.0, most) + now * most / 60 + 1e-3


def test_no_records_are_sent_as_none() -> None:
    async def run() -> list[int]:
        sent = []

        async def send(records):
            sent.append(len(records))

        await PacedSend(send, SOURCES)([])
        return sent

    assert asyncio.run(run()) == [0]
