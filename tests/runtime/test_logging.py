"""Which log lines pass, how they look, and how signals change the level."""

import json
import logging
import subprocess
import sys
from contextlib import suppress
from datetime import datetime

import pytest
import structlog
from aiohttp.http_exceptions import BadHttpMessage
from hypothesis import given
from hypothesis import strategies as st

from streams.runtime import logging as runtime_logging
from streams.runtime.logging import MAX_KEYS, LogRateLimit, RateBudget, RepeatFilter


def build_log_record(
    name: str, at: float, message: str = "Unable to connect to %s", *values: object
) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.ERROR, "", 0, message, values, None)
    made.created = at
    return made


def test_the_same_message_of_a_library_passes_once_in_half_a_minute_and_says_how_many_were_left_out() -> None:
    limit = LogRateLimit()
    passed = [
        each.getMessage()
        for second in range(65)
        if limit.filter(
            each := build_log_record("aiokafka.client", second, "Unable to connect to %s", f"node {second}")
        )
    ]
    assert passed == [
        "Unable to connect to node 0",
        "Unable to connect to node 30 (29 more like it were left out)",
        "Unable to connect to node 60 (29 more like it were left out)",
    ]


def test_another_message_or_the_same_of_another_logger_passes() -> None:
    limit = LogRateLimit()
    assert [
        limit.filter(each)
        for each in (
            build_log_record("mode", 0, "a"),
            build_log_record("mode", 1, "b"),
            build_log_record("faust.app", 2, "a"),
            build_log_record("mode", 3, "a"),
        )
    ] == [True, True, True, False]


def test_messages_of_our_own_loggers_always_pass() -> None:
    limit = LogRateLimit()
    assert [limit.filter(build_log_record(name, 0, "a")) for name in ("streams", "streams", "modern", "modern")] == [
        True
    ] * 4


def test_while_kafka_is_gone_its_client_says_nothing_of_its_own(monkeypatch) -> None:
    monkeypatch.setattr(runtime_logging, "_kafka_is_gone", False)
    limit, passed = LogRateLimit(), []
    for is_gone in (False, True, False):
        runtime_logging.note_kafka(is_gone=is_gone)
        passed += [limit.filter(build_log_record(name, 0, f"{is_gone} {name}")) for name in ("aiokafka.conn", "mode")]
        limit = LogRateLimit()
    assert passed == [True, True, False, True, True, True]


def test_a_request_that_is_no_http_is_one_line_without_a_traceback() -> None:
    fault = BadHttpMessage("Invalid char in url path:\n\n  b'GET /\xff'")
    record = build_log_record("aiohttp.server", 0, "Error handling request from %s", "192.0.2.1")
    record.exc_info = (type(fault), fault, None)
    assert LogRateLimit().filter(record)
    assert (record.levelname, record.exc_info) == ("INFO", None)
    assert record.getMessage() == (
        "Error handling request from 192.0.2.1: 400, message: Invalid char in url path: b'GET /\xff'"
    )


def test_a_new_cluster_without_a_coordinator_is_logged_as_info() -> None:
    one = build_log_record(
        "aiokafka.consumer", 0, "Group Coordinator Request failed: %s", "[Error 15] GroupCoordinatorNotAvailableError"
    )
    other = build_log_record("aiokafka.consumer", 0, "Group Coordinator Request failed: %s", "[Error 30]")
    assert [LogRateLimit().filter(each) for each in (one, other)] == [True, True]
    assert (one.levelname, other.levelname) == ("INFO", "ERROR")


PREAMBLE = """
import os, signal, structlog, sys, time
from streams.runtime import logging
logging.set_up(sys.argv[1])
log = structlog.get_logger()
"""


def log_lines(program: str, level: str = "INFO") -> list[dict[str, object]]:
    """The lines that a process of its own logs."""
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + program, level], capture_output=True, text=True, timeout=60, check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_lines_are_json_with_the_event_its_level_and_the_time() -> None:
    (line,) = log_lines('log.warning("part_died", part="decide")')
    assert datetime.fromisoformat(str(line.pop("timestamp"))).tzinfo is not None
    assert line == {"event": "part_died", "part": "decide", "level": "warning"}


def test_time_level_and_event_stand_first_in_a_line_whoever_logged_it() -> None:
    lines = log_lines("""
import logging as libraries
log.warning("part_died", part="decide", code=1)
libraries.getLogger("aiokafka").warning("no answer")
""")
    assert [list(line)[:3] for line in lines] == [["timestamp", "level", "event"]] * 2
    assert list(lines[0])[3:] == ["part", "code"]


def test_an_exit_that_a_fresh_start_mends_is_one_line_and_the_tracebacks_of_libraries_are_left_out() -> None:
    lines = log_lines("""
import logging as libraries
def crash():
    try:
        raise RuntimeError("fenced")
    except RuntimeError:
        libraries.getLogger("mode.worker").exception("Crashed reason=%r", "fenced")
crash()
logging.log_leaving("decide cannot go on", RuntimeError("fenced"))
crash()
libraries.getLogger("faust.app.base").error("Crashed")
log.warning("still_ours")
""")
    assert [(line["event"], "exception" in line) for line in lines] == [
        ("Crashed reason='fenced'", True),
        ("worker_leaves", False),
        ("still_ours", False),
    ]


def test_signals_change_the_level_of_a_running_process_by_one_step_within_the_levels() -> None:
    lines = log_lines("""
import threading
steps, change_level = [], logging.change_level
logging.change_level = lambda step: (change_level(step), steps.append(step))
def send_signal(number):
    before = len(steps)
    os.kill(os.getpid(), number)
    while len(steps) == before:
        time.sleep(0.01)
    for thread in threading.enumerate():  # another thread logs the new level
        if thread is not threading.main_thread():
            thread.join()
log.debug("not yet")
send_signal(signal.SIGUSR1); log.debug("now")
send_signal(signal.SIGUSR1); send_signal(signal.SIGUSR2); log.debug("no more"); log.info("still")
send_signal(signal.SIGUSR2); log.info("no more"); log.warning("always")
""")
    changes = [(line["event"], line.get("to")) for line in lines]
    assert changes == [
        ("log_level", "DEBUG"),
        ("now", None),
        ("log_level", "DEBUG"),
        ("log_level", "INFO"),
        ("still", None),
        ("log_level", "WARNING"),
        ("always", None),
    ]


def test_the_level_at_the_start_is_a_setting() -> None:
    assert [line["event"] for line in log_lines('log.info("a"); log.warning("b")', "WARNING")] == ["b"]


def test_the_same_event_passes_ten_times_and_other_events_still_pass() -> None:
    lines = log_lines('[log.info("again", number=number) for number in range(500)]; log.info("other")')
    assert [line["event"] for line in lines] == ["again"] * 10 + ["other"]


def test_suppressed_events_are_counted_when_the_interval_ends(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    repeat_filter = RepeatFilter(lambda: now[0], seconds=3600)
    passed = 0
    for _ in range(25):
        with suppress(structlog.DropEvent):
            repeat_filter(None, "info", {"event": "again"})
            passed += 1
    now[0] = 3601
    with structlog.testing.capture_logs() as reported:
        repeat_filter.report()
    assert passed == 10
    assert reported == [{"event": "repeated", "of": "again", "held_back": 15, "seconds": 3600, "log_level": "warning"}]


def test_passwords_and_keys_in_addresses_are_redacted_whoever_logged_them() -> None:
    lines = log_lines("""
import logging as libraries
log.warning("feed_failed", error="cannot reach https://joe:open-sesame@wire.example/feed?api_key=open-sesame&page=2")
libraries.getLogger("aiokafka").warning("at %s", "https://wire.example/?token=open-sesame")
""")
    assert [line.get("error") or line["event"] for line in lines] == [
        "cannot reach https://…@wire.example/feed?api_key=…&page=2",
        "at https://wire.example/?token=…",
    ]


def test_the_first_events_of_an_interval_pass_and_the_next_interval_reports_how_many_were_suppressed() -> None:
    budget = RateBudget(2, 10)
    assert [budget.admit("a", second) for second in (0, 1, 2, 9, 10, 11, 12)] == [0, 0, None, None, 2, 0, None]


def test_suppressed_events_are_reported_after_their_interval_even_if_no_event_follows() -> None:
    budget = RateBudget(1, 10)
    for second in (0, 1, 2):
        budget.admit("a", second)
    budget.admit("b", 5)
    assert (budget.pop_ended(9), budget.has_suppressed()) == ([], True)
    assert (budget.pop_ended(10), budget.has_suppressed()) == ([("a", 2)], False)
    assert budget.pop_ended(60) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=60))
def test_every_event_either_passes_or_is_counted(events: list[tuple[str, float]]) -> None:
    budget, passed, suppressed = RateBudget(3, 10), 0, 0
    for key, now in sorted(events, key=lambda each: each[1]):
        answer = budget.admit(key, now)
        passed += answer is not None
        suppressed += answer or 0
    suppressed += sum(count for _, count in budget.pop_ended(1000))
    assert passed + suppressed == len(events)


def test_however_many_keys_there_are_only_few_are_remembered() -> None:
    budget = RateBudget(1, 10)
    assert all(budget.admit(number, 0) == 0 for number in range(5000))
    assert len(budget._intervals) == MAX_KEYS


def test_lines_of_threads_that_log_in_both_ways_never_stand_on_one_line() -> None:
    code = (
        "import logging, sys, threading, structlog\nfrom streams.runtime.logging import set_up\n"
        "sys.setswitchinterval(1e-6)\nset_up('INFO')\n"
        "def ours():\n    for number in range(3000): structlog.get_logger().info(f'ours_{number}')\n"
        "def theirs():\n    for number in range(3000): logging.getLogger(f'theirs_{number}').error('x')\n"
        "threads = [threading.Thread(target=each) for each in (ours, theirs)]\n"
        "[each.start() for each in threads]; [each.join() for each in threads]\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert len([line for line in lines if line["event"].startswith("ours")]) == 3000
