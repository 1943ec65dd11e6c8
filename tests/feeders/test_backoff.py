"""Tests of the poll interval after failures, and of the alert for a quiet feed."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from streams.feeders import backoff

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
seconds = st.floats(1, 86_400)


def test_a_working_feed_is_polled_at_its_interval_give_or_take_a_twentieth():
    assert backoff.compute_delay(60, 0, 0, 0.0) == 57
    assert round(backoff.compute_delay(60, 0, 0, 1.0), 6) == 63


def test_each_failure_doubles_the_time_up_to_an_hour():
    assert [backoff.compute_delay(60, failures, 0, 1.0) for failures in (1, 2, 3, 9, 500)] == [
        120,
        240,
        480,
        3600,
        3600,
    ]
    assert backoff.compute_delay(60, 3, 0, 0.0) == 240


@given(seconds, st.integers(0, 1000), st.floats(0, 86_400), st.floats(0, 1))
def test_the_delay_is_never_shorter_than_the_server_asks_for(every, failures, asked, chance):
    assert backoff.compute_delay(every, failures, asked, chance) >= asked


def test_retry_after_is_seconds_or_a_date():
    assert backoff.parse_retry_after("120", NOW) == 120
    assert backoff.parse_retry_after("Mon, 02 Mar 2026 12:01:30 GMT", NOW) == 90
    assert backoff.parse_retry_after("Mon, 02 Mar 2026 11:00:00 GMT", NOW) == 0
    assert backoff.parse_retry_after("soon", NOW) == 0
    assert backoff.parse_retry_after("", NOW) == 0
    assert backoff.parse_retry_after("9" * 30, NOW) == 86_400


def test_a_feed_is_quiet_after_half_again_its_longest_silence_once_two_days_are_known():
    day = 86_400.0
    history = backoff.record_gap({}, 0, 10 * day)
    history = backoff.record_gap(history, 10 * day, 10 * day + 600)
    assert backoff.alert_after(history) == float("inf")
    history = backoff.record_gap(history, 10 * day + 600, 11 * day)
    assert backoff.alert_after(history) == 1.5 * (day - 600)


def test_the_silence_history_forgets_days_older_than_two_weeks():
    history = {}
    for number in range(30):
        history = backoff.record_gap(history, 86_400.0 * number + 1, 86_400.0 * (number + 1))
    assert len(history) == 14
