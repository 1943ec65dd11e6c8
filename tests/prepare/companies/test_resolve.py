import pytest
from support.invented_companies import TABLE

from streams.model.records import Company, Listing, Organisation, Story
from streams.prepare.companies.names import find_name_before
from streams.prepare.companies.resolve import build_company_keys, resolve_companies


def resolve(
    headline: str = "", text: str = "", issuer: str = "", stated: tuple[Organisation, ...] = ()
) -> list[Company]:
    story = Story(headline=headline, text=text, issuer=issuer, organisations=stated)
    return list(resolve_companies(story, TABLE)[0])


def summarise(found: list[Company]) -> list[tuple[str, str, list[str]]]:
    return [(one.rel, one.name, [f"{each.exchange}:{each.symbol}" for each in one.listings]) for one in found]


def test_codes_issuer_tickers_and_names_of_one_company_are_one_row():
    stated = (
        Organisation(name="Brenvik Pumps AB", isin="US0378331005"),
        Organisation(name="Brenvik Pumps", symbol="BRV", exchange="FRANKFURT"),
    )
    found = resolve("Brenvik Pumps rises", "Brenvik Pumps AB (Nasdaq: BRVK) said", "Brenvik Pumps AB", stated)
    assert summarise(found) == [("about", "Brenvik Pumps AB", ["XFRA:BRV", "XNAS:BRVK"])]
    assert found[0].isins == ("US0378331005",)


def test_the_name_before_a_bracket_names_a_company_that_no_table_has():
    found = resolve(text="BERLIN. Elm Grove Optik AG (Xetra: ELG; FSE: ELG) said it would grow.")
    assert summarise(found) == [("about", "Elm Grove Optik AG", ["XETR:ELG", "XFRA:ELG"])]


def test_another_class_of_shares_belongs_to_the_company_of_the_first_and_another_company_does_not():
    text = "NEW YORK. Elm Grove REIT (NYSE: ELG; ELG PR A) pays on (NYSE: ELG PRB, ELG.PRC), not (NYSE: ELGO)."
    assert summarise(resolve(text=text)) == [
        ("about", "Elm Grove REIT", ["XNYS:ELG", "XNYS:ELG PR A", "XNYS:ELG PRB", "XNYS:ELG.PRC"]),
        ("about", "", ["XNYS:ELGO"]),
    ]


def test_a_company_in_the_headline_is_the_subject_unless_a_word_before_it_makes_it_a_mention():
    assert summarise(resolve("Soltane sells its plant to the owner of Brenvik Pumps")) == [
        ("about", "Soltane Corp", ["XNYS:SLTN"]),
        ("mentions", "Brenvik Pumps AB", ["XNAS:BRVK"]),
    ]


def test_tickers_deep_in_the_text_are_mentions_if_the_lead_names_a_company():
    deep = "Elm Grove (NYSE: ELM) said so. " + "More of the same was said. " * 40 + "Rivals are Oak (NYSE: OAK)."
    assert [(one.rel, one.name) for one in resolve(text=deep)] == [("about", "Elm Grove"), ("mentions", "Oak")]


def test_the_company_that_leads_the_text_is_the_subject_if_nothing_else_decides():
    assert summarise(resolve("Plant to close", "Soltane said that its plant would close.")) == [
        ("about", "Soltane Corp", ["XNYS:SLTN"])
    ]
    assert [
        one.rel for one in resolve("Plant to close", "It was said by the workers of the town, and by Soltane as well.")
    ] == ["mentions"]


@pytest.mark.parametrize("issuer", ["Soltane", "Soltane Corp", "Elm Grove Optik AG"])
def test_an_issuer_that_is_a_company_is_what_the_item_is_about(issuer):
    assert [(one.rel, one.name) for one in resolve("Plant to close", "It closes.", issuer)] == [("about", issuer)]


@pytest.mark.parametrize(
    "text",
    [
        "The bill may draw interest from firms like Elm Grove Inc. (NASDAQ: ELMG), it was said.",
        "Rivals including Marl, Calder, Elm Grove Inc. (NASDAQ: ELMG) are older.",
    ],
)
def test_a_company_that_is_an_example_is_never_the_subject(text):
    assert [one.rel for one in resolve("A bill could be paused", text) if one.name == "Elm Grove Inc."] == ["mentions"]


@pytest.mark.parametrize("issuer", ["Office of Land", "Quillmark Works"])
def test_an_issuer_that_the_first_sentences_name_is_what_the_item_is_about(issuer):
    text = f"MARL. {issuer} said on Monday that the plant would close."
    assert [(one.rel, one.name) for one in resolve("Plant to close", text, issuer)] == [("about", issuer)]


def test_short_names_that_the_text_defines_are_no_other_company():
    text = 'The Old Tree Group AG (ISIN DE000A2QEFA1, "Soltane") plants trees. Soltane grows.'
    assert [one.name for one in resolve("Soltane publishes a plan", text)] == ["Old Tree Group AG"]


def test_a_name_is_dropped_that_the_text_writes_only_as_the_end_of_a_longer_name():
    text = "Bel Air Soltane, a shop, opened. Bel Air Soltane sells boats and cars."
    assert resolve("Bel Air Soltane Opens Shop", text) == []


@pytest.mark.parametrize("issuer", ["Foreign Affairs Office of Brenvik", "Friends of Soltane", "Ministry of Land"])
def test_an_issuer_that_is_not_a_company_gives_no_company(issuer):
    assert resolve("Plant to close", "It closes.", issuer) == []


def test_a_false_isin_and_a_ticker_of_an_unknown_market_are_dropped_and_the_name_stays():
    stated = (
        Organisation(name="Quill River", isin="US0378331006"),
        Organisation(symbol="QRT", exchange="Ulm"),
        Organisation(name="Elm Grove", symbol="ELM", exchange="Ulm"),
    )
    assert summarise(resolve(stated=stated)) == [("about", "Quill River", []), ("about", "Elm Grove", [":ELM"])]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("PARIS. Elm Grove SE (Euronext: TWA) (EPA: TWA) said so.", ()),
        ("PARIS. Elm Grove SE <TWA> said so.", ()),
        ("", (Organisation(name="Elm Grove SE", symbol="TWA"),)),
    ],
)
def test_a_ticker_without_exchange_is_not_of_the_american_company_that_has_it(text, stated):
    [found] = resolve("Plant to close", text, stated=stated)
    assert (found.name, found.uri) == ("Elm Grove SE", "")


def test_a_ticker_without_exchange_that_the_wire_gives_is_of_the_company_whose_name_fits():
    [found] = resolve(stated=(Organisation(name="Twinlake", symbol="TWA"),))
    assert (found.name, found.key) == ("Twinlake Inc", "XNAS:TWA")


def test_an_organisation_that_the_wire_only_mentions_stays_a_mention():
    stated = (Organisation(name="Soltane", rel="mentions"), Organisation(name="Elm Grove"))
    assert [(one.rel, one.name) for one in resolve(stated=stated)] == [("about", "Elm Grove"), ("mentions", "Soltane")]


def test_the_keys_are_listings_and_isins_of_the_companies_that_the_item_is_about():
    found = (
        Company(listings=(Listing("QRT", "XTSE"), Listing("ABC", "ARCX"), Listing("X")), rel="about"),
        Company(listings=(Listing("BRB", "XNYS"),)),
        Company(name="Pellworth", isins=("US0378331005",), rel="about"),
    )
    assert build_company_keys(found) == ("US0378331005", "XNYS:ABC", "XTSE:QRT")


def test_two_items_about_a_company_of_the_table_share_a_key_whichever_listing_they_give():
    ours, theirs = resolve("Brenvik Pumps (Xetra: BRV) rises"), resolve("Brenvik Pumps (NASDAQ: BRVK) rises")
    assert set(build_company_keys(tuple(ours))) & set(build_company_keys(tuple(theirs))) >= {"XNAS:BRVK"}


def test_a_company_has_a_uri_from_the_table_else_from_its_isin_else_none():
    text = "Soltane Corp said so. Elm Grove AG (ISIN DE000A2QEFA1) and Oak AG (Xetra: OAK) said so too."
    assert [one.uri for one in resolve(text=text)] == [
        "urn:newswire:company:DE000A2QEFA1",
        "",
        "urn:newswire:company:3",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("firms like Elm Grove Corp. (", "Elm Grove Corp."),
        ("such as Elm Grove, Inc. (", "Elm Grove, Inc."),
        ("Elm Grove\u2019s (", "Elm Grove"),
        ("said so. Elm Grove (", "Elm Grove"),
        ("Breaking \u2013 Bank of Elm & Grove (", "Bank of Elm & Grove"),
        ("Elm Grove (\u201cElm\u201d or \u201cthe Company\u201d) (", "Elm Grove"),
        ("Dana Orme, CEO of Elm Grove (", "Elm Grove"),
        ("Founder and Chairman of Elm Grove (", "Elm Grove"),
        ("President of the Bank of Elm (", "Bank of Elm"),
        ("the shares (", ""),
        ("(", ""),
    ],
)
def test_the_name_before_a_bracket_is_found(text, name):
    assert find_name_before(text, len(text) - 1) == name


def test_a_company_that_the_wire_gives_by_its_number_and_the_text_by_its_name_is_one_row():
    stated = (Organisation(symbol="MBGX", exchange="XSTO", isin="SE1050131671"),)
    text = "Marl Bay Gas AB (Nasdaq Stockholm: MBGX) today named Rona Kell as chief."
    found = resolve("Marl Bay Gas Names a Chief", text, "Marl Bay Gas AB", stated)
    assert summarise(found) == [("about", "Marl Bay Gas AB", ["XSTO:MBGX"])]
    assert found[0].isins == ("SE1050131671",)


def test_a_ticker_without_a_name_and_an_issuer_without_a_ticker_are_one_row():
    stated = (Organisation(symbol="MBGX", exchange="XSTO", isin="SE1050131671"),)
    found = resolve("Marl Bay Gas names a chief", "Marl Bay Gas AB named one.", "Marl Bay Gas AB", stated)
    assert summarise(found) == [("about", "Marl Bay Gas AB", ["XSTO:MBGX"])]


def test_a_symbol_that_stands_for_itself_is_no_second_company():
    text = "Marl Bay Gas Inc. offers shares. They are to begin trading under the symbol MBGX (NYSE: MBGX)."
    found = resolve("Marl Bay Gas Prices Offering", text, "Marl Bay Gas Inc.")
    assert summarise(found) == [("about", "Marl Bay Gas Inc.", ["XNYS:MBGX"])]


def test_the_first_word_of_a_longer_name_is_no_company():
    found = resolve("Brenvik Haven Cement beruft Kell", "Brenvik Haven Cement Ltd. (TSX: BHCX) hat Kell berufen.")
    assert summarise(found) == [("about", "Brenvik Haven Cement Ltd.", ["XTSE:BHCX"])]
