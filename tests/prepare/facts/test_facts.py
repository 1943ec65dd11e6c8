"""The facts of a text. The tests write them as `kind value` at the words that state them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.records import Fact
from streams.prepare import facts


def find_by_words(text: str, language: str = "en") -> dict[str, str]:
    """Finds the facts: words of the text -> kind and value."""
    return {text[each.start : each.end]: f"{each.kind} {each.value}" for each in facts.find_facts(text, "", language)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Norwick pays $0.25 per share", {"$0.25 per share": "per-share USD 0.25"}),
        ("Norwick pays 20 cents a share", {"20 cents a share": "per-share USD 0.2"}),
        ("worth US$1.2 billion", {"US$1.2 billion": "amount USD 1200000000"}),
        ("a C$ 4 bn loan", {"C$ 4 bn": "amount CAD 4000000000"}),
        ("of Rs 500 crore", {"Rs 500 crore": "amount INR 5000000000"}),
        ("of €12-14 million", {"€12-14 million": "amount EUR 12000000..14000000"}),
        ("of $10 million to $12 million", {"$10 million to $12 million": "amount USD 10000000..12000000"}),
        ("between $10 and $12 million", {"$10 and $12 million": "amount USD 10000000..12000000"}),
        ("net 1.2 mln dlrs", {"1.2 mln dlrs": "amount USD 1200000"}),
        ("约15亿元", {"15亿元": "amount CNY 1500000000"}),
        ("3.5 million ordinary shares", {"3.5 million ordinary shares": "shares 3500000"}),
        ("1,250,000 shares", {"1,250,000 shares": "shares 1250000"}),
        ("some 500 jobs", {"500 jobs": "quantity 500 jobs"}),
        ("a margin of -3.5%", {"-3.5%": "percent -3.5 %"}),
        ("a margin of 3% to 4%", {"3% to 4%": "percent 3..4 %"}),
        ("by 25 basis points", {"25 basis points": "percent 25 bp"}),
        ("4.75% Senior Notes due 2030", {"4.75%": "rate 4.75 %"}),
        ("a coupon of 7-1/4 pct", {"7-1/4 pct": "rate 7.25 %"}),
        ("a dividend of 12 1/2 cts", {"12 1/2 cts": "amount USD 0.125"}),
        ("up 3/16 pct", {"up": "direction up", "3/16 pct": "percent 0.1875 %"}),
        ("open 24/7 customers say", {}),
        ("orders 747-400 aircraft", {}),
        ("debt from 1986 to 900 mln dlrs", {"900 mln dlrs": "amount USD 900000000"}),
        (
            "100 mln Swiss francs and 480 mln marks",
            {
                "100 mln Swiss francs": "amount CHF 100000000",
                "480 mln marks": "amount DEM 480000000",
            },
        ),
        ("an A320, v1.2.3 and 1,250 of them in 2026", {}),
    ],
)
def test_a_figure_has_its_unit(text, expected):
    assert find_by_words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12,5 Mio. Euro", {"12,5 Mio. Euro": "amount EUR 12500000"}),
        ("1.250 Euro", {"1.250 Euro": "amount EUR 1250"}),
        ("im dritten Quartal 2026", {"dritten Quartal 2026": "period 2026-Q3"}),
        ("am 22. November 2026", {"22. November 2026": "date 2026-11-22"}),
    ],
)
def test_german_figures_have_a_decimal_comma(text, expected):
    assert find_by_words(text, "de") == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("third quarter 2026", "2026-Q3"),
        ("Q3 FY26", "FY2026-Q3"),
        ("3Q26", "2026-Q3"),
        ("H1 2026", "2026-H1"),
        ("2026 first half", "2026-H1"),
        ("First Half of 2026", "2026-H1"),
        ("Six Months Ended June 30, 2026", "P6M/2026-06-30"),
        ("fiscal third quarter 2025", "FY2025-Q3"),
        ("first quarter of fiscal 2026", "FY2026-Q1"),
        ("fourth quarter and full year 2025", "2025-Q4"),
        ("Q1", "Q1"),
        ("fiscal 2025", "FY2025"),
        ("FY26", "FY2026"),
        ("week ended 14 November", "P1W/--11-14"),
        ("six months to June", "P6M/--06"),
        ("nine months ended September 30, 2025", "P9M/2025-09-30"),
        ("year ended 31 December 2025", "P1Y/2025-12-31"),
        ("October 2026", "2026-10"),
    ],
)
def test_a_period_has_one_value_however_it_is_written(text, value):
    assert find_by_words(f"for the {text}, it says") == {text: f"period {value}"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Nov. 22, 2026", "2026-11-22"),
        ("22 November 2026", "2026-11-22"),
        ("November 22nd", "--11-22"),
        ("NOVEMBER 22", "--11-22"),
        ("2026-11-22", "2026-11-22"),
        ("11/22/2026", "2026-11-22"),
        ("22.11.2026", "2026-11-22"),
        ("2026年11月22日", "2026-11-22"),
        ("22 novembre 2026", "2026-11-22"),
        ("29 February", "--02-29"),
    ],
)
def test_a_date_has_one_value_however_it_is_written(text, value):
    assert find_by_words(f"on {text}, it says") == {text: f"date {value}"}


@pytest.mark.parametrize(
    "text", ["31 November", "November 31, 2026", "13/22/2026", "may 5", "2026-02-30", "22.13.2026"]
)
def test_a_day_that_does_not_exist_is_no_date(text):
    assert find_by_words(f"on {text}, it says") == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Norwick raises its dividend", "up"),
        ("Norwick cuts its dividend", "down"),
        ("Norwick keeps its dividend unchanged", "flat"),
        ("Umsatz steigt deutlich", "up"),
        ("Norwick misses estimates", "down"),
        ("Norwick upgraded to buy", "up"),
        ("Norwick raises its equity stake", "up"),
        ("Norwick sees higher-than-expected costs", "up"),
    ],
)
def test_a_headline_has_a_direction(text, value):
    assert [(each.kind, each.value) for each in facts.find_facts(text, "")] == [("direction", value)]


@pytest.mark.parametrize(
    "text",
    [
        "Jane Roe steps down",
        "Norwick raises awareness",
        "Norwick raises $x",
        "Open in the fall",
        "A lock-up",
        "Turned down",
        "Rough Cut",
        "Norwick cuts ties",
        "A cutting-edge pump",
        "Upgraded Processing",
        "Norwick upgrades plant",
        "Norwick net loss",
        "Norwick profit",
        "Norwick sees no increase",
        "Norwick won't raise rates",
        "Norwick raises a family",
        "Norwick to raise growth capital",
        "Norwick gains approval",
        "Norwick has gain on stock sale",
        "Auditors lift qualification",
        "Norwick drops condition",
        "Norwick declined to comment",
        "Norwick growth strategy",
        "Norwick lost conviction",
        "Rewards of up to thousands",
        "Norwick cleans up",
        "Norwick pays down debt",
        "Higher education",
        "Increased collaboration",
        "The rise of pumps",
        "Misses Roe and Doe",
        "A steady stream",
    ],
)
def test_words_that_only_look_like_a_direction_give_no_fact(text):
    assert facts.find_facts(text, "") == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Norwick appoints Jane Roe as Chief Financial Officer", "Jane Roe|chief financial officer"),
        ("Norwick CFO Jane Roe resigns", "Jane Roe|chief financial officer"),
        ("Jane Roe named CEO of Norwick", "Jane Roe|chief executive officer"),
        ("Norwick names Dr. Jane van Roe president", "Jane van Roe|president"),
    ],
)
def test_a_person_who_comes_or_goes_is_found_with_a_role(text, value):
    assert value in [each.value for each in facts.find_facts(text, "") if each.kind == "person"]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (
            'Names new director. Harland has appointed Sharon Holt to its board of directors. "Good," said Dana Orme,'
            " CEO of Harland. Ms. Holt succeeds Tom Askew, who retires.",
            ["Sharon Holt|director", "Tom Askew|director (leaves)"],
        ),
        (
            "Calder named Rona Kell as its new chief financial officer, replacing Rohit Dane. So said Jo Hale, CEO.",
            ["Rona Kell|chief financial officer", "Rohit Dane|chief financial officer (leaves)"],
        ),
        (
            "Calder elected Rona Kell to the board. According to Jo Hale, chairman of Calder, it will grow.",
            ["Rona Kell|director"],
        ),
    ],
)
def test_the_object_of_an_appointing_verb_is_meant_and_never_who_is_quoted(text, people):
    assert [each.value for each in facts.find_facts(text, "") if each.kind == "person"] == people


def test_a_person_who_only_speaks_is_no_fact():
    assert find_by_words('"We like it," said Jane Roe, chief executive officer of Norwick') == {}


def test_the_facts_of_the_headline_come_first_and_places_are_of_their_field():
    assert facts.find_facts("Norwick pays $5", "It pays $5 million on 3 May 2026.") == (
        Fact("amount", "USD 5", "headline", 13, 15),
        Fact("amount", "USD 5000000", "text", 8, 18),
        Fact("date", "2026-05-03", "text", 22, 32),
    )


def test_a_lone_surrogate_hides_no_fact():
    assert find_by_words("Norwick\ud800 pays $5") == {"$5": "amount USD 5"}


def test_a_text_has_at_most_64_facts():
    assert len(facts.find_facts("", "It costs $5. " * 100)) == 64


def test_no_fact_reaches_from_the_headline_into_the_text():
    assert facts.find_facts("Sold in the US", "$5 each") == (Fact("amount", "USD 5", "text", 0, 2),)


ANY = st.text() | st.text(st.sampled_from("0123456789.,-$€%QHFY MayJune bnto'"))


@given(st.text(), ANY, st.sampled_from(["", "de"]))
def test_each_fact_stands_within_its_field_in_order(headline, text, language):
    found = facts.find_facts(headline, text, language)
    fields = {"headline": headline, "text": text}
    assert all(0 <= each.start < each.end <= len(fields[each.field]) for each in found)
    assert list(found) == sorted(found, key=lambda each: (each.field, each.start))


def test_the_first_of_two_days_has_the_year_of_both():
    assert find_by_words("on March 3-5, 2027, it says") == {"March 3": "date 2027-03-03"}


@pytest.mark.parametrize(
    ("text", "word", "value"),
    [
        ("Norwick sales up 4 pct", "up", "up"),
        ("Norwick jobless rate edged down to 3 pct", "down", "down"),
        ("Norwick posts 5% growth", "growth", "up"),
    ],
)
def test_a_common_word_beside_a_figure_is_a_direction(text, word, value):
    assert find_by_words(text)[word] == f"direction {value}"
