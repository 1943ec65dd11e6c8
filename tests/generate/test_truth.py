"""The truth of the items agrees with itself and with the items."""

from datetime import UTC, datetime

import msgspec
import pytest

from streams.generate import GeneratedItem, Truth, stream
from streams.model.errors import Reason
from streams.model.topics import CATEGORIES
from streams.prepare.companies.identifiers import is_valid_isin

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def items() -> list[GeneratedItem]:
    return list(stream(9, 15_000, START, rate=2.0))


def group_by_story(items: list[GeneratedItem]) -> dict[str, list[Truth]]:
    stories: dict[str, list[Truth]] = {}
    for item in items:
        stories.setdefault(item.truth.story, []).append(item.truth)
    return stories


def test_versions_of_a_story_count_from_one_in_the_order_of_the_stream(items: list[GeneratedItem]) -> None:
    for truths in group_by_story(items).values():
        shown = [truth.version for truth in truths if truth.outcome in ("published", "revised", "withdrawn")]
        assert shown == list(range(1, len(shown) + 1))
    assert all(not item.truth.version for item in items if item.truth.outcome in ("duplicate", "withheld", "rejected"))


def test_a_duplicate_comes_after_the_first_item_of_its_story(items: list[GeneratedItem]) -> None:
    for truths in group_by_story(items).values():
        assert truths[0].outcome != "duplicate"
        assert truths[0].kind not in ("copy", "version", "correction", "advisory", "full-text")


def test_a_withdrawn_story_is_never_published_or_revised_again(items: list[GeneratedItem]) -> None:
    for truths in group_by_story(items).values():
        outcomes = [truth.outcome for truth in truths]
        if "withdrawn" in outcomes:
            assert set(outcomes[outcomes.index("withdrawn") :]) <= {"withdrawn", "duplicate"}


def test_families_interleave(items: list[GeneratedItem]) -> None:
    family = next(truths for truths in group_by_story(items).values() if len(truths) > 3)
    between = range(family[0].number, family[-1].number)
    assert len({items[number].truth.story for number in between}) > 10


def test_copies_come_from_the_release_wires_the_aggregator_and_mail(items: list[GeneratedItem]) -> None:
    copies = {item.headers["source"] for item in items if item.truth.kind == "copy"}
    wires = {"prnewswire", "globenewswire", "businesswire", "prnewswire-rss", "acquiremedia"}
    assert wires <= copies


def test_every_company_has_a_ticker_an_exchange_and_a_valid_isin(items: list[GeneratedItem]) -> None:
    companies = {company for item in items for company in item.truth.companies}
    assert len(companies) > 5_000
    assert all(company.symbol and company.exchange.startswith("X") for company in companies)
    assert [company for company in companies if not is_valid_isin(company.isin)] == []
    assert len({company.isin for company in companies}) == len({company.name for company in companies})


def test_only_rejected_items_have_an_error_code_and_it_is_a_known_reason(items: list[GeneratedItem]) -> None:
    assert all((item.truth.outcome == "rejected") == bool(item.truth.error) for item in items)
    errors = {item.truth.error for item in items} - {""}
    assert errors <= set(Reason)
    assert {"malformed", "encoding", "too-deep", "empty", "missing-field", "missing-source", "test-item"} <= errors


def test_categories_are_known_sorted_and_without_repeats(items: list[GeneratedItem]) -> None:
    for item in items:
        assert list(item.truth.categories) == sorted(set(item.truth.categories) & CATEGORIES.keys())


def test_the_text_of_a_first_item_and_of_a_new_version_contains_its_facts(items: list[GeneratedItem]) -> None:
    with_facts = [item for item in items if item.truth.kind in ("release", "version", "look-alike", "alert")]
    assert len(with_facts) > 9_000
    for item in with_facts:
        text = item.body.decode()
        assert all(fact in text for fact in item.truth.facts.values()), item.truth


def test_a_new_version_and_a_correction_change_a_fact(items: list[GeneratedItem]) -> None:
    changes = 0
    for item in items:
        truth = item.truth
        if truth.kind in ("version", "correction", "advisory"):
            first = next(one.truth for one in items if one.truth.story == truth.story)
            changes += first.facts != truth.facts
            assert first.facts.keys() == truth.facts.keys()
    assert changes > 300


def test_one_template_gives_hundreds_of_look_alikes_and_no_two_are_equal(items: list[GeneratedItem]) -> None:
    values = [item for item in items if item.truth.kind == "look-alike" and b"Net Asset Value(s)" in item.body]
    assert len(values) > 300
    assert len({(item.truth.companies, tuple(item.truth.facts.items())) for item in values}) == len(values)


def test_truth_survives_a_round_trip_through_json(items: list[GeneratedItem]) -> None:
    for item in items[:2_000]:
        assert msgspec.json.decode(msgspec.json.encode(item.truth), type=Truth) == item.truth


def test_headers_are_those_of_the_raw_topic(items: list[GeneratedItem]) -> None:
    names = {"source", "content-type", "received-at", "origin", "guid"}
    assert {name for item in items for name in item.headers} == names
    assert [item.truth.error for item in items if "source" not in item.headers] == ["missing-source"] * sum(
        "source" not in item.headers for item in items
    )
