"""What of the libraries' log lines is passed on."""

import logging

from streams.shell.logging import Seldom


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


def test_however_many_messages_there_are_few_are_remembered() -> None:
    seldom = Seldom()
    assert all(seldom.filter(record("faust", 0, f"message {number}")) for number in range(5000))
    assert len(seldom._passed) == 500
