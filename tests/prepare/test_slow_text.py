"""Hostile text costs time in proportion to its length: no pattern and no function is quadratic."""

import gc
import re
import time
from collections.abc import Callable

import pytest
from support.slow_patterns import FoundPattern, find_patterns, write_texts

import streams.decide
import streams.desk
import streams.gateway
import streams.prepare
from streams.prepare.companies.names import core_name, split_legal_form
from streams.prepare.text.boilerplate import split_boilerplate
from streams.prepare.text.plain import clean, html_to_text, one_line, sanitise_html
from streams.prepare.text.release_copy import read_headline_status
from streams.prepare.ticker_headline import strip_wire_marks

SHORT, LONG = 2_500, 20_000
MOST_GROWTH = 22
"""Half way between 8, what eight times the text costs where the cost is in proportion, and the 64 of a quadratic one.

A busy machine only adds to a cost: where the first run says too much, the least of five counts.
"""
CHEAP_PASSES = 30
"""A run that costs no more than so many plain passes over the longer text cannot be quadratic; it is not repeated."""
PASS = re.compile("[0-9]z")
ALWAYS_AT_THE_START = ("streams.prepare.formats._common._NOTES", "streams.prepare.text.release_copy._HEADLINE_MARKS")
"""Tables whose patterns are only matched at the start of a text."""
BOUNDED = {
    "streams.prepare.companies.issuer._HOST": "it sees the 60 characters before a domain",
    "streams.prepare.text.embargo._BEHIND": "it sees the last 300 characters of a headline",
    "streams.prepare.facts.people.NAME_BEFORE": "it sees the 90 characters before a role",
    "streams.prepare.facts.events.": "they see at most `_SEEN` characters on each side of a date",
    "streams.prepare.text.release_copy._HEADLINE_MARKS": "they see 300 characters",
}
"""Patterns whose caller limits the text, and how."""
PATTERNS = [
    row
    for package in (streams.prepare, streams.decide, streams.gateway, streams.desk)
    for row in find_patterns(package)
    if not row.name.startswith(tuple(BOUNDED))
]
FUNCTIONS: list[Callable[[str], object]] = [
    *(strip_wire_marks, split_legal_form, core_name, split_boilerplate, read_headline_status),
    *(clean, one_line, html_to_text, sanitise_html),
]
PIECES = (
    *("*TOP NEWS* ", "*", "/", "(corrected)", "(corrected) ", "UPDATE 1-", " - PR Newswire", " (Business Wire)", "-"),
    *(
        "/ C O R R E C T I O N -- x/",
        "(a)",
        "/DE/",
        "(",
        "<",
        "</p>",
        "<p>",
        "&",
        "&amp;",
        "&a",
        "&#",
        "&#1",
        "& ",
        "[",
        "\n",
        " \n",
        "\t",
        ".\n",
    ),
    *("About X ", "About X\n", "financial results ", "key ", "Contact: ", "forward-looking ", "\u200d", "a\u0301", "x"),
)


def measure(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def find_growth(work: Callable[[str], object], short: str, long: str) -> float:
    """Measures how many times more the longer text costs, 1 where it is cheap."""
    cheap = CHEAP_PASSES * min(measure(lambda: PASS.findall(long)) for _ in range(3))
    after = measure(lambda: work(long))
    if after <= cheap:
        return 1.0
    gc.collect()
    before = min(measure(lambda: work(short)) for _ in range(3))
    for _ in range(4):
        if after / before <= MOST_GROWTH:
            break
        after = min(after, measure(lambda: work(long)))
    return after / before


def take(found: FoundPattern, text: str) -> None:
    if found.anchored or found.name.startswith(ALWAYS_AT_THE_START):
        found.pattern.match(text)
        found.pattern.fullmatch(text)
    else:
        for _ in found.pattern.finditer(text):
            pass


def test_the_patterns_are_found() -> None:
    assert len(PATTERNS) > 280
    assert {
        "streams.prepare.ticker_headline._BEFORE",
        "streams.prepare.text.boilerplate._HEADING",
        "streams.decide.differing_words._ADDRESS",
    } <= {row.name for row in PATTERNS}


@pytest.mark.parametrize("found", PATTERNS, ids=lambda row: row.name.removeprefix("streams."))
def test_a_pattern_needs_time_in_proportion_to_its_text(found: FoundPattern) -> None:
    slow = {
        long[:40]: round(growth, 1)
        for short, long in zip(write_texts(found, SHORT), write_texts(found, LONG), strict=True)
        if (growth := find_growth(lambda text: take(found, text), short, long)) > MOST_GROWTH
    }
    assert slow == {}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda row: row.__name__)
def test_a_function_needs_time_in_proportion_to_its_text(function: Callable[[str], object]) -> None:
    texts = {piece: [(piece * size)[:size] + " a word" for size in (SHORT, LONG)] for piece in PIECES}
    slow = {
        piece: round(growth, 1)
        for piece, (short, long) in texts.items()
        if (growth := find_growth(function, short, long)) > MOST_GROWTH
    }
    assert slow == {}
