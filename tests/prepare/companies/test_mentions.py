import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.invented_companies import TABLE

from streams.prepare.companies.mentions import find_mentions
from streams.prepare.companies.reference import load_packaged


def find_company_names(text: str, headline: str = "") -> list[str]:
    return [TABLE.company(one.known).name for one in find_mentions(headline, text, TABLE) if one.known is not None]


@pytest.mark.parametrize(
    "text",
    [
        "the board of Brenvik Pumps said on Monday",
        "the board of BRENVIK PUMPS AB said on Monday",
        "the board of Brenvik\u00a0Pumps\u2019 unit said on Monday",
        "Brenvik Pumps (Nasdaq: BRVK) said",
        "$BRVK rises",
        "<BRVK.O> rises",
        "ISIN (ISIN: US0378331005)",
    ],
)
def test_a_company_is_found_by_its_name_ticker_or_isin(text):
    assert set(find_company_names(text)) == {"Brenvik Pumps AB"}


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("SOLTANE <SLTN> RAISES PAYOUT", True),
        ("SLTN <SLTN> RAISES PAYOUT", True),
        ("SOL TANE CORP <SLTN> RAISES PAYOUT", True),
        ("GELBRIDGE <SLTN> RAISES PAYOUT", False),
        ("Gelbridge Corp <SLTN.N> raises payout", True),
    ],
)
def test_a_ticker_without_exchange_behind_another_name_is_not_of_the_company_that_has_it_today(text, known):
    assert [one.known is not None for one in find_mentions("", text, TABLE) if one.how == "ric"] == [known]


@pytest.mark.parametrize(
    "text",
    [
        "put the kettle on, said the chairman of the board",
        "a man called Norwick said that prices would fall soon",
        "the Soltanes of this world said that prices would fall",
        "the unit Old Soltane Works said that prices would fall",
        "shares of Grand Soltane were sold to another buyer today",
        "the plan of Soltane Marine Corp was told to the press today",
        "the deal with Soltane-Weber was told to the press today",
        "see soltane.example or @Soltane for more about these matters",
        "the bright river and its land were sold to another buyer",
        "shares of Twinlake were sold to another buyer by the owner",
        "(QXB) is what the quality exchange board calls itself today",
    ],
)
def test_words_that_may_mean_something_else_are_no_company(text):
    assert find_company_names(text) == []


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("Soltane of Kythera returns to view after cleaning", "The statue of Soltane is back on its stair."),
        ("", "Ida Moss, whom neighbours call the Kettle of Denby, said that Kettle is a fine name."),
        ("", "the lorries sold by Soltane of Orlando were told to come back"),
        ("Soltane fires spread", "Fires in the Soltane spread in August as the rain forest dried."),
        ("Soltane rain forest shrinks", "Soltane is smaller than in any year before."),
        ("Soltane elects a mayor", "the city of Soltane elected a mayor on Sunday, the first woman in the office"),
        ("Soltane is flooded", "the flood reached Soltane, a small town in the north, on Friday"),
        ("Soltane river is clean again", "the Soltane river is clean again, scientists said on Friday"),
        ("Soltane museum", "the museum of Ada Soltane opened a new wing on Friday, the city said"),
        ("Soltane Center hosts concert", "A concert was held at the Soltane Center on Friday."),
        ("Soltane Ocean Race starts", "Seven boats left for the race on Friday."),
        ("Soltane seen in a garden", "A soltane was seen in a garden on Friday, and the police called for a keeper."),
        ("", "The temple of Soltane was opened, and visitors left coins for the goddess Soltane in it."),
        ("", "the pipeline through the Soltane basin was shut, and people left Soltane by boat"),
    ],
)
def test_a_name_that_the_item_gives_to_another_thing_means_it_in_all_its_places(headline, text):
    assert find_company_names(text, headline) == []


@pytest.mark.parametrize(
    "text",
    [
        "the board of Soltane of Germany said that prices would fall",
        "the parts in the Soltane were told to be too small",
        "the head of Soltane said that it would plant rain forests",
    ],
)
def test_a_name_with_a_home_country_or_near_a_forest_stays_a_company(text):
    assert find_company_names(text) == ["Soltane Corp"]


@pytest.mark.parametrize(
    "text",
    [
        "the city of Soltane elected a mayor, and Soltane Corp said on Friday that it was pleased",
        "Soltane said on Friday that the soltane is a bird",
        "the keeper saw a soltane near the works of Soltane on Friday and told the police",
    ],
)
def test_a_name_that_also_stands_for_the_company_stays_one(text):
    assert set(find_company_names(text)) == {"Soltane Corp"}


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("Car gets HP boost", "The new car has 300 HP, 40 more than before, its maker said on Friday in the town."),
        ("GM crops approved", "The ministry approved GM crops on Friday, and farmers may sow them from May on."),
        ("3M people flee floods", "The government said that about 3M people had fled the floods in the delta."),
        ("Patients whose BP was high slept badly", "A study of patients says that their BP was lower in summer."),
    ],
)
def test_an_abbreviation_that_is_also_a_companys_name_is_none(headline, text):
    assert find_mentions(headline, text, load_packaged()) == []


def test_a_ticker_says_that_a_name_with_of_means_the_company_elsewhere():
    assert find_company_names("Soltane of Orlando is a dealer of Soltane (NYSE: SLTN) said") == ["Soltane Corp"] * 3


@pytest.mark.parametrize("before", ["Central", "National", "First"])
def test_a_bank_with_a_word_before_its_name_is_another_bank_in_a_line_of_capitals_too(before):
    headline = f"Seaward Fund Is Authorised By The {before} Bank of Pellmoor"
    assert find_company_names("", headline=headline) == []
    assert find_company_names("", headline="Court Fines Bank of Pellmoor") == ["Bank of Pellmoor plc"]


def test_an_ordinary_word_is_a_name_if_prose_has_no_other_reason_for_its_capital():
    assert find_company_names("Shares of rival Kettle fell after the news of the day.") == ["Kettle Holdings, Inc."]
    assert find_company_names("Kettle said that its plant would close for a week.") == ["Kettle Holdings, Inc."]
    assert find_company_names("Kettle prices fell after the news of the day.") == []
    assert find_company_names("", headline="Five Best Kettle Deals Today") == []


def test_a_doubtful_name_needs_its_legal_form_or_a_ticker():
    assert find_company_names("the board of Norwick Ltd said that prices would fall") == ["Norwick Ltd"]
    assert find_company_names("the board of Norwick said that prices would fall (LSE: NWK)") == [
        "Norwick Ltd",
        "Norwick Ltd",
    ]


def test_an_acronym_is_a_name_in_prose_and_not_in_a_line_of_capitals():
    assert find_company_names("the board of QXB said that prices would fall") == ["QXB plc"]
    assert find_company_names("", headline="QXB BOARD SAYS PRICES WOULD FALL") == []


def test_a_ticker_behind_the_name_says_which_company_of_that_name_it_is():
    other = find_mentions("", "the board of Soltane Corp (NYSE: SOLT) said today", TABLE)
    assert [(one.name, one.symbol, one.known) for one in other] == [("Soltane Corp", "SOLT", None)]
    abroad = find_mentions("", "the board of Soltane Corp (Frankfurt: S9X) said today", TABLE)
    assert [(one.symbol, one.known) for one in abroad] == [("", 2), ("S9X", 2)]


def test_each_mention_has_its_place():
    text = "The board of Soltane (NYSE: SLTN) met."
    assert [(one.how, text[one.start : one.end]) for one in find_mentions("", text, TABLE)] == [
        ("name", "Soltane"),
        ("bracket", "SLTN"),
    ]
    text = "Im \u0130stanbul \u00e9t\u00e9, \u201cSoltane\u201d met."
    assert [text[one.start : one.end] for one in find_mentions(text, "", TABLE) if one.how == "name"] in (
        [],
        ["Soltane"],
    )


@given(
    st.lists(
        st.sampled_from(["Soltane", "Kettle", "(NYSE: SLTN", ")", " ", ". ", "the", "$KTL", "<KTL.N>", "\n", "\u00e9"])
    )
)
def test_a_mention_lies_within_its_text(parts):
    text = "".join(parts)
    for one in find_mentions(text, text, TABLE):
        assert 0 <= one.start < one.end <= len(text)
        if one.how == "name":
            assert text[one.start : one.end] == one.name


@given(st.text(max_size=200))
def test_any_text_is_searched_without_an_error(text):
    assert isinstance(find_mentions(text, text, TABLE), list)
