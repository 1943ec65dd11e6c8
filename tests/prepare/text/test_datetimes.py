"""Times are read in every form in which wires write them, and never guessed."""

import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from babel.dates import get_month_names
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.text.datetimes import MONTH_NAMES, parse_time

NOON = datetime(2021, 12, 10, 12, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2021-12-10T12:41:00Z",
        "2021-12-10T07:41:00-05:00",
        "2021-12-10T07:41:00-0500",
        "2021-12-10T07:41:00-05",
        "2021-12-10 12:41 UTC",
        "20211210T124100Z",
        "20211210T134100+0100",
        "Fri, 10 Dec 2021 07:41:00 EST",
        "Fri, 10 Dec 2021 12:41:00 +0000 (UTC)",
        "10 Dec 21 12:41 GMT",
        "10 Dec 2021 13:41 CET",
        "Friday, 10-Dec-21 12:41:00 GMT",
        "Fri Dec 10 07:41:00 EST 2021",
        "12/10/2021 | 07:41am EST",
        "12/10/2021 | 01:41pm CET",
        "December 10, 2021, 7:41 a.m. ET",
        "Dec. 10, 2021 | 07:41 ET",
        "December 10, 2021 07:41 AM Eastern Standard Time",
        "07:41 ET, Dec. 10, 2021",
        "2021年12月10日 20:41 HKT",
        "2021-12-10 12:41:00 GMT+0",
        "\uff12\uff10\uff12\uff11-12-10T12:41:00Z",
    ],
)
def test_every_form_gives_the_same_moment(text: str) -> None:
    assert parse_time(text) == NOON


@pytest.mark.parametrize(
    ("text", "naive"),
    [
        ("2021-12-10", "2021-12-10T00:00:00"),
        ("Dec. 10, 2021", "2021-12-10T00:00:00"),
        ("10 December 2021", "2021-12-10T00:00:00"),
        ("12/10/2021 07:41", "2021-12-10T07:41:00"),
        ("10.12.2021 07:41 Uhr", "2021-12-10T07:41:00"),
        ("2021年12月10日 07:41", "2021-12-10T07:41:00"),
        ("2021-12-10T07:41:30.25", "2021-12-10T07:41:30.250000"),
        ("9999-12-31", "9999-12-31T00:00:00"),
        ("12/10/2021 12:00am", "2021-12-10T00:00:00"),
        ("12/10/2021 12:00pm", "2021-12-10T12:00:00"),
    ],
)
def test_a_text_without_a_zone_gives_a_naive_time(text: str, naive: str) -> None:
    assert parse_time(text) == datetime.fromisoformat(naive)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2021",
        "2021-12",
        "2021-13-01",
        "13/12/2021",
        "01/02/03",
        "2021-02-30",
        "2021-12-10T24:00:00Z",
        "2021-12-10T12:41:00 XYZ",
        "2021-12-10T12:41:00+99:00",
        "12/10/2021 13:41pm EST",
        "9999-12-31T23:59:59-05:00",
        "0001-01-01T00:00:00+05:00",
        "2021-12-10 " * 40,
    ],
)
def test_a_text_that_fits_no_form_or_is_no_time_is_unreadable(text: str) -> None:
    assert parse_time(text) is None


def test_et_follows_daylight_saving_and_est_does_not() -> None:
    assert parse_time("July 1, 2021, 8:00 a.m. ET") == datetime(2021, 7, 1, 12, tzinfo=UTC)
    assert parse_time("July 1, 2021, 8:00 a.m. EST") == datetime(2021, 7, 1, 13, tzinfo=UTC)


def test_a_leap_second_is_the_next_second() -> None:
    assert parse_time("2016-12-31T23:59:60Z") == datetime(2017, 1, 1, tzinfo=UTC)


@given(
    st.datetimes(datetime.fromisoformat("1000-01-02"), datetime.fromisoformat("9999-12-30")),
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_iso_8601_as_python_writes_it_is_read_back(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_time(aware.isoformat()) == aware


@given(st.text(max_size=120))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    parse_time(text)


TABLE = tomllib.loads((Path(__file__).parent / "written_times.toml").read_text("utf-8"))
WRITTEN = [(form, moment) for moment in TABLE["moment"] for form in moment["forms"]]


@pytest.mark.parametrize(("form", "moment"), WRITTEN, ids=[form for form, _ in WRITTEN])
def test_each_form_of_the_table_gives_its_moment(form, moment):
    expected = datetime.fromisoformat(moment.get("utc") or moment["local"])
    found = parse_time(form)
    assert found == expected
    assert found.tzinfo == expected.tzinfo


REFUSED = [form for group in TABLE["refused"] for form in group["forms"]]


@pytest.mark.parametrize("form", REFUSED)
def test_a_form_of_the_table_that_is_no_moment_is_not_guessed(form):
    assert parse_time(form) is None


def test_the_table_has_at_least_200_forms_each_once():
    every = [form for form, _ in WRITTEN] + REFUSED
    assert len(every) == len(set(every)) >= 200


@pytest.mark.parametrize("language", MONTH_NAMES)
def test_the_long_names_of_months_are_those_of_cldr(language: str) -> None:
    names = get_month_names("wide", locale=language)
    assert MONTH_NAMES[language].split() == [names[number].casefold() for number in range(1, 13)]
