"""A ticker headline is short, plain, in whole words, and names its company."""

import unicodedata

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.config.loader import load
from streams.model.records import Organisation, Story
from streams.prepare import normalise
from streams.prepare.companies.resolve import resolve_companies
from streams.prepare.loading import load_knowledge
from streams.prepare.ticker_headline import build_ticker_headline

REFERENCE = load_knowledge(load(environ={})).reference
ACME = Organisation(name="Acme Widgets", symbol="ACME", exchange="XNAS")


def ticker_of(headline: str, text: str = "", organisations: tuple[Organisation, ...] = (), **fields: str) -> str:
    story = Story(headline=headline, text=text, organisations=organisations, **fields)
    return build_ticker_headline(story, resolve_companies(story, REFERENCE)[0])


def test_a_headline_of_120_characters_stays_whole():
    headline = "Ferries " * 14 + "sail now"
    assert len(headline) == 120
    assert ticker_of(headline) == headline


def test_a_longer_headline_ends_with_a_whole_word():
    assert ticker_of("Ferries, sail again, " * 10) == "Ferries, sail again, " * 5 + "Ferries, sail…"
    assert ticker_of("Ferries, sail again " * 10) == "Ferries, sail again " * 5 + "Ferries, sail again…"
    assert ticker_of("Ferries sail again, " * 10) == "Ferries sail again, " * 5 + "Ferries sail again…"


def test_one_endless_word_is_cut():
    assert ticker_of("x" * 500) == "x" * 119 + "…"


def test_the_company_that_leads_the_story_but_not_the_headline_is_named_before_it():
    text = "Acme Widgets said on Monday that it opened a plant."
    assert ticker_of("New plant opened", text, (ACME,)) == "ACME WIDGETS : New plant opened"
    assert ticker_of("ACME Widgets opens a plant", text, (ACME,)) == "ACME Widgets opens a plant"
    assert ticker_of("New plant", f"{'The harbour. ' * 9}{text}", (ACME,)) == "New plant"
    mentioned = msgspec.structs.replace(ACME, rel="mentions")
    assert ticker_of("New plant", text, (mentioned,)) == "New plant"
    assert ticker_of("New plant", text, (ACME, Organisation(name="Elm Grove"))) == "New plant"
    assert ticker_of("New plant", text, (ACME, msgspec.structs.replace(ACME, exchange="XTSE"))).startswith("ACME")


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        ("Norwick Pumps AG opens a plant.", "NORWICK PUMPS AG : New plant opened"),
        ("Norwick Pumps opens a plant.", "NORWICK PUMPS : New plant opened"),
    ],
)
def test_the_name_has_its_legal_form_where_the_lead_writes_it(lead, expected):
    assert ticker_of("New plant opened", lead, (Organisation(name="Norwick Pumps AG"),)) == expected


@pytest.mark.parametrize(
    "headline",
    [
        "Norwick opens a plant",
        "Plant of norwick pumps opened",
        "NWP.L: a plant opens, NWP says",
        "New plant for NPI",
    ],
)
def test_a_headline_that_names_the_company_in_short_needs_no_name_before_it(headline):
    company = Organisation(name="Norwick Pumps International plc", symbol="NWP", exchange="XLON")
    assert ticker_of(headline, "Norwick Pumps International plc opens a plant.", (company,)) == headline


def test_a_long_headline_keeps_the_name_and_loses_its_own_end():
    found = ticker_of("Ferries sail again " * 10, "Acme Widgets said so.", (ACME,))
    assert found == "ACME WIDGETS : " + "Ferries sail again " * 5 + "Ferries…"


def test_a_name_of_half_a_line_is_left_out():
    name = "Norwick " * 8 + "Pumps"
    assert ticker_of("New plant", f"{name} opens it.", (Organisation(name=name),)) == "New plant"


@pytest.mark.parametrize(
    "headline",
    [
        "/C O R R E C T I O N/ -- Norwick opens a plant",
        "/C O R R E C T I O N -- Norwick Pumps/ Norwick opens a plant",
        "CORRECTING and REPLACING Norwick opens a plant",
        "CORRECTING and REPLACING: Norwick opens a plant",
        "PHOTO CORRECTING and REPLACING Norwick opens a plant",
        "RECTIFICATIF Norwick opens a plant",
        "\uff08訂正\uff09Norwick opens a plant",
        "更正\uff1aNorwick opens a plant",
        "UPDATE 1-Norwick opens a plant",
        "UPDATE 2 - CORRECTED-Norwick opens a plant",
        "CORRECTED-(OFFICIAL)-UPDATE 1-Norwick opens a plant",
        "CORRECTED (OFFICIAL)-Norwick opens a plant",
        "REFILE 2-UPDATE 3 (CORRECTS FIGURE)-Norwick opens a plant",
        "UPDATED: Norwick opens a plant",
        "*TOP NEWS* Norwick opens a plant",
        "Press release: Norwick opens a plant",
        "EQS-News: Norwick opens a plant",
        "PR Newswire - Norwick opens a plant",
        "Norwick opens a plant - PR Newswire",
        "Norwick opens a plant | Business Wire",
        "Norwick opens a plant (GlobeNewswire)",
        "Norwick opens a plant (CORRECTED)",
        "RPT-UPDATE 3-Norwick opens a plant (Corrected) \u2013 PRNewswire",
    ],
)
def test_marks_of_the_wire_around_a_headline_are_left_out(headline):
    assert ticker_of(headline) == "Norwick opens a plant"


@pytest.mark.parametrize(
    "headline",
    [
        "Updated guidance lifts Norwick",
        "Correction of prices weighs on grain",
        "UPDATE 1-",
        "*TOP NEWS*",
        "Business Wire names a chairman",
        "Norwick hires a former head of PR Newswire",
        "Advisory board named at Norwick",
        "Brief recovery of wheat prices",
        "Norwick in talks with Halvard -sources",
    ],
)
def test_words_that_only_look_like_a_mark_are_kept(headline):
    assert ticker_of(headline) == headline


def test_a_story_without_a_headline_is_named_by_its_first_line():
    assert ticker_of("", "First line\nSecond") == "First line"
    assert ticker_of("", "", summary="In short") == "In short"
    assert ticker_of("", "", ed_note="\nKill it\nnow") == "Kill it"
    assert ticker_of("") == ""


def test_text_without_blanks_is_cut_between_characters():
    assert ticker_of("诺维克水泵公司开设新工厂" * 20) == ("诺维克水泵公司开设新工厂" * 20)[:119] + "…"
    assert ticker_of("Norwick 诺维克水泵公司开设新工厂" + "开设新工厂" * 40).startswith("Norwick 诺维克水泵公司")


@pytest.mark.parametrize(
    "one",
    [
        "か\u3099\u0301",
        "\U0001f469\u200d\U0001f52c",
        "\U0001f44d\U0001f3fd",
        "\U0001f1e9\U0001f1ea",
        "ก\u0e33\u0e49",
        "x\u0323\u0307\u0324",
    ],
)
def test_no_character_of_several_code_points_is_cut_in_two(one):
    for before in range(8):
        shown = normalise.one_line("開" * before + one * 120)
        found = ticker_of(shown).removesuffix("…")
        behind = shown[len(found)]
        assert found
        assert shown.startswith(found)
        assert not unicodedata.combining(behind)
        assert behind not in "\u200d\U0001f3fd"
        assert not found.endswith("\u200d")


CHARACTERS = st.characters() | st.sampled_from("ab ,…-:/*\u202e\u2066\u200f\x1b\n工厂\u0301\u200d\U0001f3fd")
MARKS = st.sampled_from(
    ["UPDATE 1-", "*TOP NEWS* ", "/C O R R E C T I O N/ -- ", " - PR Newswire", "Acme Widgets", "x "]
)
LONG = st.text(CHARACTERS, max_size=300) | st.lists(MARKS | st.text(max_size=12), max_size=25).map("".join)
STORIES = st.tuples(LONG, LONG, st.lists(st.text(max_size=70) | st.just("Acme Widgets"), max_size=2))


def build_story_and_ticker(headline: str, text: str, names: list[str]) -> tuple[Story, str]:
    story = normalise.complete_story(Story(headline=headline, text=text))
    rows = resolve_companies(
        msgspec.structs.replace(story, organisations=tuple(Organisation(name=name) for name in names)), REFERENCE
    )
    return story, build_ticker_headline(story, rows[0])


@settings(deadline=None)
@given(STORIES)
def test_a_ticker_headline_is_one_plain_line_of_at_most_120_characters(story):
    _, found = build_story_and_ticker(*story)
    assert len(found) <= 120
    assert found == " ".join(found.split())
    assert not {unicodedata.category(character) for character in found} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(found) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@settings(deadline=None)
@given(st.text(st.sampled_from("abc ,;…-"), max_size=300), st.lists(st.text(max_size=9), max_size=1))
def test_a_ticker_headline_has_whole_words_of_its_headline(headline, names):
    story, found = build_story_and_ticker(headline, "", names)
    words = found.removesuffix("…").split(" ")
    whole = story.headline.split(" ")
    if " " in story.headline[:120] and len(found) < len(story.headline):
        assert words[:-1] == whole[: len(words) - 1]
        assert whole[len(words) - 1].rstrip(",;:-") == words[-1].rstrip(",;:-")


@settings(deadline=None)
@given(STORIES)
@example(("-PRNEWSWIRE", "Acme Widgets", ["Acme Widgets"]))
def test_a_ticker_headline_of_a_ticker_headline_is_the_same(story):
    headline, text, names = story
    _, found = build_story_and_ticker(headline, text, names)
    assert build_story_and_ticker(headline, text, names)[1] == found
    assert build_story_and_ticker(found, text, names)[1] == found


@settings(deadline=None)
@given(STORIES)
def test_a_story_with_a_headline_always_has_one_for_the_ticker(story):
    read, found = build_story_and_ticker(*story)
    assert bool(found) >= bool(read.headline)


@pytest.mark.parametrize(
    ("headline", "shown"),
    [
        ("MarlMiningBreaks \u2013 Harland Pumps (NYSE: HPMX) (TSX.V: HPX) Opens Plant", "Harland Pumps Opens Plant"),
        ("420 with MNW \u2014 Harland Pumps Opens Plant", "Harland Pumps Opens Plant"),
        ("Harland Pumps (NASDAQ: HPMX), Calder (NYSE: CLDX) to Merge", "Harland Pumps, Calder to Merge"),
        (
            "SHAREHOLDER ALERT: Orme & Hale, a Leading Law Firm, Investigates Harland Pumps (NYSE: HPMX)",
            "Orme & Hale Investigates Harland Pumps",
        ),
        ("The Marl Minute \u2013 Harland Pumps Opens Plant", "Harland Pumps Opens Plant"),
    ],
)
def test_series_tickers_and_alerts_of_law_firms_are_left_out(headline, shown):
    found = build_ticker_headline(Story(headline=headline), (), ("The Marl Minute \u2013",))
    assert found == shown


@pytest.mark.parametrize(
    "headline",
    [
        "Spring Breaks \u2013 where to go",
        "Ceasefire breaks down",
        "Pumps (new: old) are tested",
        "Investors notice a change",
    ],
)
def test_words_that_look_like_a_series_or_a_ticker_stay(headline):
    assert build_ticker_headline(Story(headline=headline), ()) == headline


@pytest.mark.parametrize(
    ("headline", "text", "language", "shown"),
    [
        (
            "CALDER GAS NAMES NEW CFO AND SELLS ITS LNG UNIT",
            "Calder Gas has named a chief, it said.",
            "en",
            "Calder Gas Names New CFO and Sells Its LNG Unit",
        ),
        (
            "PUMPCO AND EBRINE SIGN DEAL FOR 40 PUMPS IN Q3",
            "PumpCo and eBrine said so on Monday in a statement.",
            "",
            "PumpCo and eBrine Sign Deal for 40 Pumps in Q3",
        ),
        ("CALDER ERWARTET MEHR GEWINN", "Calder erwartet mehr Gewinn im Jahr.", "de", "Calder erwartet mehr Gewinn"),
        ("PLANT OF CALDER TO CLOSE", "", "en", "PLANT OF CALDER TO CLOSE"),
        ("CALDER GAS", "Calder Gas said so.", "en", "CALDER GAS"),
        ("PLANT OF CALDER TO CLOSE", "THE PLANT OF CALDER WILL CLOSE.", "en", "PLANT OF CALDER TO CLOSE"),
    ],
)
def test_a_headline_in_capitals_is_written_as_the_text_shows(headline, text, language, shown):
    assert build_ticker_headline(Story(headline=headline, text=text, language=language), ()) == shown
