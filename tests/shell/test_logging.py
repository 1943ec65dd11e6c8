"""What of the libraries' log lines is passed on."""

import json
import logging
import subprocess
import sys
from contextlib import suppress
from datetime import datetime

import pytest
import structlog

from streams.shell.logging import Repeats, Seldom


def record(name: str, at: float, message: str = "Unable to connect to %s", *values: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.ERROR, "", 0, message, values, None)
    made.created = at
    return made


def test_the_same_message_of_a_library_passes_once_in_half_a_minute_and_says_what_was_left_out() -> None:
    seldom = Seldom()
    passed = [
        each.getMessage()
        for second in range(65)
        if seldom.filter(each := record("aiokafka.client", second, "Unable to connect to %s", f"node {second}"))
    ]
    assert passed == [
        "Unable to connect to node 0",
        "Unable to connect to node 30 (29 more like it were left out)",
        "Unable to connect to node 60 (29 more like it were left out)",
    ]


def test_another_message_and_the_same_of_another_logger_pass() -> None:
    seldom = Seldom()
    assert [
        seldom.filter(each)
        for each in (
            record("mode", 0, "a"),
            record("mode", 1, "b"),
            record("faust.app", 2, "a"),
            record("mode", 3, "a"),
        )
    ] == [True, True, True, False]


def test_what_is_not_of_a_library_always_passes() -> None:
    seldom = Seldom()
    assert [seldom.filter(record(name, 0, "a")) for name in ("streams", "streams", "modern", "modern")] == [True] * 4


def test_that_a_new_cluster_has_no_coordinator_yet_is_no_error() -> None:
    one = record(
        "aiokafka.consumer", 0, "Group Coordinator Request failed: %s", "[Error 15] GroupCoordinatorNotAvailableError"
    )
    other = record("aiokafka.consumer", 0, "Group Coordinator Request failed: %s", "[Error 30]")
    assert [Seldom().filter(each) for each in (one, other)] == [True, True]
    assert (one.levelname, other.levelname) == ("INFO", "ERROR")


SPEAKER = """
import os, signal, structlog, sys, time
from streams.shell import logging
logging.set_up(sys.argv[1])
log = structlog.get_logger()
"""


def said(program: str, level: str = "INFO") -> list[dict[str, object]]:
    """What a process writes: its lines."""
    done = subprocess.run(
        [sys.executable, "-c", SPEAKER + program, level], capture_output=True, text=True, timeout=60, check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_lines_are_json_with_the_event_its_level_and_the_time() -> None:
    (line,) = said('log.warning("part_died", part="decide")')
    assert datetime.fromisoformat(str(line.pop("timestamp"))).tzinfo is not None
    assert line == {"event": "part_died", "part": "decide", "level": "warning"}


def test_signals_change_the_level_of_a_running_process_by_a_step_and_no_further_than_the_last() -> None:
    lines = said("""
import threading
turned, real = [], logging.turn
logging.turn = lambda step: (real(step), turned.append(step))
def turn(number):
    before = len(turned)
    os.kill(os.getpid(), number)
    while len(turned) == before:
        time.sleep(0.01)
    for thread in threading.enumerate():  # another thread writes that it was heard
        if thread is not threading.main_thread():
            thread.join()
log.debug("not yet")
turn(signal.SIGUSR1); log.debug("now")
turn(signal.SIGUSR1); turn(signal.SIGUSR2); log.debug("no more"); log.info("still")
turn(signal.SIGUSR2); log.info("no more"); log.warning("always")
""")
    told = [(line["event"], line.get("to")) for line in lines]
    assert told == [
        ("log_level", "DEBUG"),
        ("now", None),
        ("log_level", "DEBUG"),
        ("log_level", "INFO"),
        ("still", None),
        ("log_level", "WARNING"),
        ("always", None),
    ]


def test_the_level_at_the_start_is_a_setting() -> None:
    assert [line["event"] for line in said('log.info("a"); log.warning("b")', "WARNING")] == ["b"]


def test_the_same_event_passes_ten_times_then_it_is_counted_while_others_pass() -> None:
    lines = said('[log.info("again", number=number) for number in range(500)]; log.info("other")')
    assert [line["event"] for line in lines] == ["again"] * 10 + ["other"]


def test_what_was_held_back_is_counted_in_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    repeats = Repeats(lambda: now[0], seconds=3600)
    passed = 0
    for _ in range(25):
        with suppress(structlog.DropEvent):
            repeats(None, "info", {"event": "again"})
            passed += 1
    now[0] = 3601
    with structlog.testing.capture_logs() as told:
        repeats.tell()
    assert passed == 10
    assert told == [{"event": "repeated", "of": "again", "held_back": 15, "seconds": 3600, "log_level": "warning"}]


def test_passwords_and_keys_in_addresses_are_not_told_whoever_wrote_them() -> None:
    lines = said("""
import logging as libraries
log.warning("feed_failed", error="cannot reach https://joe:open-sesame@wire.example/feed?api_key=open-sesame&page=2")
libraries.getLogger("aiokafka").warning("at %s", "https://wire.example/?token=open-sesame")
""")
    assert [line.get("error") or line["event"] for line in lines] == [
        "cannot reach https://…@wire.example/feed?api_key=…&page=2",
        "at https://wire.example/?token=…",
    ]
