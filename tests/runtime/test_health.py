from typing import Any

import pytest

from streams.runtime import health as module
from streams.runtime.health import GIVE_UP_SECONDS, STALLED_SECONDS, Health, listen, name_client


class Clock:
    """Seconds that pass when we say so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: Any) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def working(lag: int) -> Health:
    health = Health()
    health.assigned = health.recovered = True
    health.update_lag(lag)
    return health


def test_a_worker_with_nothing_to_read_is_never_stuck_however_long_the_night(clock: Clock) -> None:
    health = working(0)
    for _ in range(10):
        clock.now += GIVE_UP_SECONDS
        health.update_lag(0)
    clock.now += 1
    health.update_lag(5)  # the first items of the morning, not yet through
    assert not health.is_stuck()
    assert health.problem() == ""


def test_a_worker_with_lag_and_without_progress_is_first_not_ready_and_then_stuck(clock: Clock) -> None:
    health = working(7)
    clock.now += STALLED_SECONDS + 1
    assert health.problem() == f"no progress for {STALLED_SECONDS:.0f} s with 7 records to read"
    assert not health.is_stuck()
    clock.now += GIVE_UP_SECONDS
    assert health.is_stuck()
    health.mark_progress()
    assert not health.is_stuck()


def test_a_spare_that_takes_over_has_its_time_from_then_on(clock: Clock) -> None:
    health = Health()
    health.assigned = True
    clock.now += 10 * GIVE_UP_SECONDS
    health.recovered = True
    health.mark_progress()
    health.update_lag(256)
    assert not health.is_stuck()


def test_while_kafka_is_away_a_process_is_not_ready_and_its_time_without_progress_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr("streams.runtime.health.time.monotonic", lambda: now[0])
    health = Health()
    health.assigned = health.recovered = True
    health.update_lag(5)
    assert (health.note_broker(answers=True), health.problem()) == (None, "")
    assert health.note_broker(answers=False) is None
    now[0] += 78
    assert health.note_broker(answers=False) is None
    assert (health.problem(), health.is_stuck()) == ("no answer of Kafka for 78 s", False)
    now[0] += 22
    assert health.note_broker(answers=True) == 100
    assert (health.problem(), health.stalled_seconds(), health.broker_is_gone) == ("", 0.0, False)
    assert health.note_broker(answers=True) is None


def test_a_topic_that_is_gone_is_a_problem_when_two_looks_in_a_row_miss_it() -> None:
    health = working(0)
    changes = [health.note_missing_topics(missing) for missing in ((), ("news.raw",), (), ("news.raw",))]
    assert (changes, health.problem()) == ([False] * 4, "")
    assert health.note_missing_topics(("news.raw",))
    assert health.problem() == "topic news.raw is gone: call `newswire topics apply`"
    assert [health.note_missing_topics(()), health.note_missing_topics(())] == [False, True]
    assert health.problem() == ""


def test_errors_soon_after_the_return_of_kafka_count_as_those_of_its_absence(clock: Clock) -> None:
    health = working(0)
    assert not health.broker_was_away
    health.note_broker(answers=False)
    clock.now += 80
    assert health.broker_was_away
    assert health.note_broker(answers=True) == 80
    clock.now += module.AFTERMATH_SECONDS - 1
    assert health.broker_was_away
    clock.now += 2
    assert not health.broker_was_away


def test_a_process_listens_at_the_first_free_port_and_its_client_id_tells_it() -> None:
    with listen("127.0.0.1", 27_300) as first:
        port = first.getsockname()[1]
        with listen("127.0.0.1", port) as second:
            taken = second.getsockname()[1]
            assert taken > port
            assert name_client("newswire-decide", second) == f"newswire-decide@127.0.0.1:{taken}"


def test_without_a_free_port_the_error_says_which_option_to_give() -> None:
    with pytest.raises(OSError, match=r"^no free port for HTTP between 65535 and 65634 on 192\.0\.2\.1: .*--http$"):
        listen("192.0.2.1", 65_535)
