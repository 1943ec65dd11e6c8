"""The tables of months and weekdays are complete, and agree with those of CLDR."""

import pytest
from babel.dates import get_day_names, get_month_names

from streams.prepare.text import date_words
from streams.prepare.text.date_words import MONTHS_OF, WEEKDAYS_OF, find_month

LOCALES = {"no": "nb"}


@pytest.mark.parametrize("language", MONTHS_OF)
@pytest.mark.parametrize("width", ["wide", "abbreviated"])
def test_every_name_that_cldr_has_is_in_the_table_with_its_number(language: str, width: str) -> None:
    locale = LOCALES.get(language, language)
    for context in ("format", "stand-alone"):
        months = {
            name.casefold().rstrip("."): number
            for number, name in get_month_names(width, context, locale=locale).items()
        }
        days = {
            name.casefold().rstrip("."): number + 1
            for number, name in get_day_names(width, context, locale=locale).items()
        }
        assert {name: date_words._MONTHS[language].get(name) for name in months} == months
        assert {name: date_words._WEEKDAYS[language].get(name) for name in days} == days


@pytest.mark.parametrize(("table", "columns"), [(MONTHS_OF, 12), (WEEKDAYS_OF, 7)])
def test_each_table_has_a_column_for_each_month_or_weekday(table: dict[str, str], columns: int) -> None:
    assert {language: len(names.split()) for language, names in table.items()} == dict.fromkeys(MONTHS_OF, columns)
    assert all(names == names.casefold() and "." not in names for names in table.values())


def test_only_mar_is_the_name_of_two_months_and_the_weekday_tells_which() -> None:
    names = {name for forms in date_words._MONTHS.values() for name in forms}
    numbers = {name: {forms[name] for forms in date_words._MONTHS.values() if name in forms} for name in names}
    assert {name for name, found in numbers.items() if len(found) > 1} == {"mar"}
    assert [find_month("mar", day) for day in ("", "mon", "mar", "ma", "la")] == [3, 3, 3, 11, 11]


@pytest.mark.parametrize(("name", "number"), [("mrz", 3), ("juil", 7), ("sept", 9), ("lok", 10), ("wrz", 9), ("x", 0)])
def test_short_names_of_feeds_are_known(name: str, number: int) -> None:
    assert find_month(name) == number
