"""An item gets each category that fits, with the reason."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.records import Label
from streams.model.topics import CATEGORIES
from streams.prepare.classify.classifier import Classifiers, classify
from streams.prepare.classify.rules import load_rule_files, tokenize_item_with_headline
from streams.prepare.loading import load_packaged_classifiers

JUDGES = load_packaged_classifiers()
RULES = JUDGES.rules
VERSION = RULES.version


def labels(
    headline="",
    text="",
    language="en",
    release_wire=False,
    has_company=False,
    release_copy=False,
    rules=RULES,
    codes=(),
):
    return classify(
        Classifiers(rules, JUDGES.mapping, JUDGES.model),
        tokenize_item_with_headline(headline, text),
        language=language,
        release_wire=release_wire,
        has_company=has_company,
        release_copy=release_copy,
        wire_codes=codes,
    )


def categories(*args, **kwargs):
    return [label.category for label in labels(*args, **kwargs)]


def test_a_sub_section_implies_companies_and_each_label_gives_its_reason():
    assert labels("Northwind Foods declares $0.81 dividend") == (
        Label(
            "companies",
            92,
            f"implied:companies.corporate-actions@{VERSION}",
            ("declares $0.81 dividend", "$0.81 dividend"),
        ),
        Label(
            "companies.corporate-actions",
            92,
            f"rule:dividend@{VERSION}",
            ("declares $0.81 dividend", "$0.81 dividend"),
        ),
    )


def test_a_release_of_a_city_on_a_conference_is_a_company_event_and_a_press_release():
    found = labels("The 4th Harbour City Shipbuilding Forum Successfully Held", release_wire=True)
    assert [(label.category, label.creator.partition("@")[0]) for label in found] == [
        ("companies", "implied:companies.press-releases"),
        ("companies.events", "rule:will-report"),
        ("companies.press-releases", "distributor"),
    ]


def test_press_releases_are_decided_by_the_distributor_and_never_by_the_text():
    headline = "PRESS RELEASE: Northwind Foods press release, distributed by a release wire"
    assert "companies.press-releases" not in categories(headline)
    assert categories("Hello", release_wire=True) == ["companies", "companies.press-releases"]


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        (
            "Gold for Fenn in the men's 400 metres",
            "Rhys Fenn won gold in the men's 400 metres on Sunday. Silver went to Ole Bell, injured last winter.",
        ),
        (
            "Keld take silver and copper plate at rugby championship",
            "The team took silver on Sunday and will train for gold in the winter, its captain said.",
        ),
        ("Oil painting of actor found in a school", "The oil on canvas was found behind a wall, a painter said."),
    ],
)
def test_the_model_adds_no_market_to_an_item_about_sport_or_the_arts(headline, text):
    assert set(categories(headline, text)).isdisjoint({"commodities", "markets", "economy-forex", "interest-rates"})


def test_a_metal_without_sport_stays_a_commodity():
    text = "Gold rose on Sunday in thin winter trade, and silver went to a high, as mines were shut by injured workers."
    assert "commodities" in categories("Gold for delivery in winter", text)


def test_there_is_no_label_where_nothing_fits():
    assert labels("Lovely weather in the mountains", "The sun shone all day.") == ()


def test_a_company_puts_an_item_into_companies_unless_it_is_about_markets_or_the_economy():
    assert labels("A quiet day", "The sun shone.", has_company=True) == (Label("companies", 70, f"company@{VERSION}"),)
    assert categories("Brent crude futures slip below $61", has_company=True) == ["commodities"]


def test_a_release_or_a_title_alone_may_name_a_company_that_it_is_not_about():
    def given_by_company(**kwargs):
        return [one.category for one in labels(has_company=True, **kwargs) if one.creator.startswith("company@")]

    assert given_by_company(headline="A quiet day", text="The sun shone.") == ["companies"]
    assert given_by_company(headline="A quiet day", text="The sun shone.", release_copy=True) == []
    assert given_by_company(headline="A quiet day") == []
    assert given_by_company(headline="Ein Tag", language="de") == ["companies"]


def test_no_rule_makes_company_news_of_a_ticker_that_the_text_names_in_passing():
    text = "Cells of the brain grow at night, a study says. Firms such as Acme Robotics Inc. (NASDAQ: ACME) look on."
    read = tokenize_item_with_headline("Study explains how cells grow", text)
    assert [match.rule.id for match in RULES.match(read, "en")] == []


def test_an_item_without_headline_is_classified_by_its_text():
    assert categories(text="Northwind Foods to acquire Acme Dairy for $1.2 billion") == [
        "companies",
        "companies.capital-markets-transactions",
    ]


def test_an_item_gets_every_category_that_fits():
    headline = "Northwind Foods to Announce Fourth Quarter 2031 Earnings on Friday, February 14"
    assert categories(headline) == ["calendar", "companies", "companies.events"]


@pytest.mark.parametrize(
    ("language", "headline", "category"),
    [
        ("zh", "第四届海港工业论坛成功举办", "companies.events"),
        ("zh-Hans", "北风食品宣布派息每股0.5元", "companies.corporate-actions"),
        ("de", "Nordwind AG erhöht Dividende auf 1,20 Euro", "companies.corporate-actions"),
        ("de-CH", "EZB hebt die Zinsen an", "interest-rates"),
        ("fr", "Vent du Nord publie ses résultats semestriels", "companies.events"),
    ],
)
def test_some_rules_are_for_other_languages(language, headline, category):
    assert category in categories(headline, language=language)


def test_the_most_confident_rule_is_named_and_at_most_five_matches_are_kept():
    text = "".join(
        f'[[rule]]\nid = "{id_}"\ncategory = "markets"\nconfidence = {confidence}\nlanguage = "de"\nany = {phrases}\n'
        for id_, confidence, phrases in (
            ("weak", 50, '["one"]'),
            ("b", 60, '["one"]'),
            ("a", 60, '["one", "two", "three", "four", "five", "six"]'),
        )
    )
    rules = load_rule_files({"x.toml": text})
    assert labels("One two three four five six", language="de", rules=rules) == (
        Label("markets", 60, f"rule:a@{rules.version}", ("One", "two", "three", "four", "five")),
    )


HEADLINES = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from([example for rule in RULES.rules for example in rule.examples + rule.counter_examples]),
        max_size=3,
    ).map(" ".join),
)


@given(HEADLINES, HEADLINES, st.sampled_from(["en", "de", "zh", ""]), st.booleans(), st.booleans())
def test_labels_are_sorted_known_implied_and_quote_the_item(headline, text, language, release_wire, has_company):
    found = labels(headline, text, language, release_wire, has_company)
    names = [label.category for label in found]
    assert found == labels(headline, text, language, release_wire, has_company)
    assert names == sorted(set(names))
    assert set(names) <= set(CATEGORIES)
    assert all(name.partition(".")[0] in names for name in names)
    assert ("companies.press-releases" in names) is release_wire
    assert all(0 < label.confidence <= 100 and len(label.matched) <= 10 for label in found)
    quoted = [words for label in found for words in label.matched if not re.search(r" \+\d+$", words)]
    assert all(words in headline or words in text for words in quoted)
