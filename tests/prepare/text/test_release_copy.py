"""The text of a release is split into its parts, whatever it holds."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.records import Picture, Status
from streams.prepare.text.release_copy import (
    ReleaseParts,
    is_marked_withdrawn,
    read_headline_status,
    split_release,
    take_headline,
)

LONG = ("A long paragraph of news goes on and on for more than forty words. " * 4).strip()
NEWS = f"Marl Mills sold 40 tons of oats.\n\nSOURCE of oats is the north.\n\nSource: a table\n\n{LONG}"


def test_a_release_is_split_into_its_parts() -> None:
    assert split_release(
        f"MARL, Dec. 10, 2021 /PRNewswire/ -- {NEWS}"
        "\n\nPhoto - https://x.example/a.jpg\nLogo - https://x.example/l.png"
        "\n\nAbout Marl Mills\n\nMarl Mills grinds.\n\nConsolidated Balance Sheet\n\nCash\t4"
        "\n\nContact:\nJane Roe\n\nView original content:https://x.example/r-1.html"
        "\n\nSOURCE Marl Mills, Inc.\n\n© PRNewswire 2021"
    ) == ReleaseParts(
        dateline="MARL, Dec. 10, 2021 /PRNewswire/",
        located="MARL",
        distributor="PR Newswire",
        issuer="Marl Mills, Inc.",
        url="https://x.example/r-1.html",
        pictures=(
            Picture(href="https://x.example/a.jpg"),
            Picture(href="https://x.example/l.png", caption="Logo"),
        ),
        copyright_notice="© PRNewswire 2021",
        copyright_holder="PRNewswire",
        text=f"{NEWS}\n\nConsolidated Balance Sheet\n\nCash\t4",
        boilerplate="About Marl Mills\n\nMarl Mills grinds.\n\nContact:\nJane Roe",
    )


def test_without_a_source_line_there_is_no_issuer() -> None:
    assert split_release("SOURCE code is what we publish, and we do so every day of the year.").issuer == ""


def test_without_a_dateline_the_copyright_names_the_wire() -> None:
    copy = split_release("Marl Mills sold oats.\n\nCopyright Business Wire 2013")
    assert (copy.distributor, copy.copyright_notice) == ("Business Wire", "Copyright Business Wire 2013")


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        ("/C O R R E C T I O N/", Status.CORRECTION),
        ("/C O R R E C T I O N -- Marl Mills/", Status.CORRECTION),
        ("/UPDATE -- Marl Mills/", Status.UPDATE),
        ("/ADVISORY -- Marl Mills/", Status.ADVISORY),
    ],
)
def test_a_mark_on_a_line_of_its_own_sets_the_status_and_leaves_the_text(mark: str, status: Status) -> None:
    copy = split_release(f"{mark}\n\nMarl Mills sold oats.")
    assert (copy.status, copy.text) == (status, "Marl Mills sold oats.")


@pytest.mark.parametrize(
    ("headline", "status"),
    [
        ("CORRECTING and REPLACING Marl Mills Sells Oats", Status.CORRECTION),
        ("/C O R R E C T I O N -- Marl Mills/", Status.CORRECTION),
        ("CORRECTION: Marl sells", Status.CORRECTION),
        ("CORRECTED-Marl sells", Status.CORRECTION),
        ("Marl sells oats (CORRECTED)", Status.CORRECTION),
        ("Marl sells oats (Corrected)", Status.CORRECTION),
        ("Marl sells oats (Update)", Status.UPDATE),
        ("Marl sells oats [UPDATE 2]", Status.UPDATE),
        ("Marl gives a business update", Status.USABLE),
        ("Marl verkauft Hafer (korrigiert)", Status.CORRECTION),
        ("UPDATE 2-Marl sells", Status.UPDATE),
        ("/UPDATE -- Marl Mills/", Status.UPDATE),
        ("UPDATED: Marl sells", Status.UPDATE),
        ("ADVISORY -- Marl sells", Status.ADVISORY),
        ("KILL: Marl sells", Status.WITHDRAWN),
        ("MANDATORY KILL - Marl sells", Status.WITHDRAWN),
        ("UPDATE 1-KILL: Marl sells", Status.WITHDRAWN),
        ("WITHDRAWN: Marl sells", Status.USABLE),
        ("RECTIFICATIF Marl vend", Status.CORRECTION),
        ("Rectificatif budgétaire de Marl", Status.USABLE),
        ("\uff08訂正\uff09マール、新製品を発売", Status.CORRECTION),
        ("更正\uff1a马尔公司出售燕麦", Status.CORRECTION),
        ("更正登记公告", Status.USABLE),
        ("TEST - PLEASE IGNORE", Status.TEST),
        ("Media Advisory: Marl sells", Status.USABLE),
        ("Kill Bill is Back in Cinemas", Status.USABLE),
        ("KILLER WHALES RETURN", Status.USABLE),
        ("Correction of prices goes on", Status.USABLE),
        ("Update on the oat harvest", Status.USABLE),
        ("Test results of the new engine", Status.USABLE),
        ("Corporate update: Marl sells", Status.USABLE),
    ],
)
def test_only_an_unmistakable_mark_in_a_headline_sets_the_status(headline: str, status: Status) -> None:
    assert read_headline_status(headline) is status


@pytest.mark.parametrize(
    ("headline", "marked"),
    [
        ("WITHDRAWN: Marl sells", True),
        ("STORY RETRACTED - Marl sells", True),
        ("UPDATE 1-WITHDRAWN: Marl sells", True),
        ("Marl sells (WITHDRAWN)", True),
        ("Withdrawn: Marl sells", False),
        ("WITHDRAWN CASH IS FOUND: MARL", False),
    ],
)
def test_a_mark_in_capitals_may_withdraw_a_story(headline: str, marked: bool) -> None:
    assert is_marked_withdrawn(headline) is marked


LINES = st.sampled_from(
    ("MARL, Dec. 10, 2021 /PRNewswire/ -- Oats", "SOURCE Marl", "Source: x", "About Marl", "", "/ / /", "Cision")
) | st.sampled_from(
    ("Link: http://x.example/a", "Caption: c", "© PRNewswire 2021", "/C O R R E C T I O N/", "(((((((", "- - - -")
)


@given(st.lists(LINES | st.text(max_size=40), max_size=25).map("\n".join))
def test_any_text_is_split_and_no_text_is_doubled(text: str) -> None:
    copy = split_release(text)
    assert len(copy.text) + len(copy.boilerplate) <= len(text) + 2
    assert "\n\n\n" not in copy.text + copy.boilerplate


def test_real_releases_keep_their_news_and_lose_their_boilerplate(shared_data: Path) -> None:
    lines = (shared_data / "releases" / "releases.jsonl").read_bytes().splitlines()[::7]
    releases = [msgspec.json.decode(line) for line in lines]
    copies = [(one["source"], split_release(one["body"])) for one in releases]
    assert all(copy.text for _, copy in copies)
    marked = [copy for source, copy in copies if source in ("newmediawire", "247PressRelease")]
    assert sum(bool(copy.dateline) for copy in marked) >= 0.85 * len(marked)
    wires = [copy for source, copy in copies if source == "ibn"]
    assert sum(bool(copy.boilerplate) for copy in wires) >= 0.95 * len(wires)


@pytest.mark.parametrize(
    "line",
    [
        "Read More>>",
        "READ FULL ARTICLE HERE",
        "View source version on newsdirect.com: https://newsdirect.com/news/marl-1",
    ],
)
def test_a_link_to_read_more_is_no_copy(line: str) -> None:
    assert split_release(f"Marl opens a mill in the north of the country.\n\n{line}").text == (
        "Marl opens a mill in the north of the country."
    )


def test_the_link_to_the_original_names_the_wire() -> None:
    copy = split_release(
        "Marl opens a mill.\n\nView source version on newsdirect.com: https://newsdirect.com/news/marl-1"
    )
    assert (copy.distributor, copy.url) == ("News Direct", "https://newsdirect.com/news/marl-1")


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Jo Hale, Marl Daily", "Jo Hale, Marl Daily"),
        ("by Jo Hale and Rona Kell", "Jo Hale and Rona Kell"),
        ("By Felix Day", "Felix Day"),
    ],
)
def test_a_first_line_that_names_the_author_is_the_byline(line: str, author: str) -> None:
    parts = split_release(f"{line}\n\nHarland Pumps opened a plant on Monday.")
    assert (parts.byline, parts.text) == (author, "Harland Pumps opened a plant on Monday.")


@pytest.mark.parametrize("line", ["By Royal Appointment", "By Popular Demand", "By All Accounts"])
def test_a_first_line_that_begins_with_by_and_names_nobody_is_text(line: str) -> None:
    parts = split_release(f"{line}\n\nHarland Pumps opened a plant on Monday.")
    assert (parts.byline, parts.text) == ("", f"{line}\n\nHarland Pumps opened a plant on Monday.")


def test_below_the_header_of_a_carrier_the_dateline_of_the_issuer_is_read() -> None:
    header = (
        "EQS-Adhoc: Marl Mills AG / Key word(s): Forecast\nMarl Mills AG raises its forecast\n\n04-Mar-2031 / 18:42 CET"
    )
    release = split_release(f"{header}\n\nKessen, 4 March 2031 - Marl Mills AG now expects to sell more oats.")
    assert (release.located, release.distributor) == ("Kessen", "EQS Newswire")
    assert release.text.endswith("\n\nMarl Mills AG now expects to sell more oats.")
    prose = f"OSLO, March 4 (Reuters) - {'Marl Mills sells oats. ' * 8}\n\nKessen, 4 March 2031 - the mill is old."
    assert split_release(prose).located == "OSLO"


def test_the_mark_of_a_feed_behind_a_summary_is_no_text() -> None:
    summary = "Marl Mills sold oats in May... The post Marl sells oats appeared first on Harbour News."
    assert split_release(summary).text == "Marl Mills sold oats in May..."
    assert split_release("The post office of Kessen sold oats.").text == "The post office of Kessen sold oats."


def test_a_first_sentence_that_begins_with_by_is_text() -> None:
    parts = split_release("By Monday the plant was open.\n\nIt cost $12 million.")
    assert (parts.byline, parts.text.startswith("By Monday")) == ("", True)


@pytest.mark.parametrize(
    ("written", "issuer"),
    [
        ("Marlow - Feb. 7, 2025 / Marl Media /\n\nHarland Pumps sold a pump.\n\nAbout Harland\n\nIt is old.", ""),
        ("Marlow - Feb. 7, 2025 / Harland Pumps /\n\nHarland Pumps sold a pump.", "Harland Pumps"),
        ("Harland Pumps sold a pump.\n\nAbout Harland\n\nIt is old.\n\nSource: Marl Media", ""),
        ("Harland Pumps sold a pump.\n\nSource: Harland Pumps", "Harland Pumps"),
        ("Harland Pumps sold a pump.\n\nSOURCE Town of Marlow", "Town of Marlow"),
    ],
)
def test_a_service_that_only_the_dateline_or_a_source_in_small_letters_names_is_no_issuer(
    written: str, issuer: str
) -> None:
    assert split_release(written).issuer == issuer


@pytest.mark.parametrize(
    ("headline", "text", "taken"),
    [
        ("/C O R R E C T I O N -- Marl Mills/", "Marl Mills opens\n\nIt is open.", ("Marl Mills opens", "It is open.")),
        ("/C O R R E C T I O N/", "It is open.", ("/C O R R E C T I O N/", "It is open.")),
        ("/C O R R E C T I O N/", "It is open.\n\nYes.", ("/C O R R E C T I O N/", "It is open.\n\nYes.")),
        ("Marl Mills opens", "Soon\n\nIt is open.", ("Marl Mills opens", "Soon\n\nIt is open.")),
    ],
)
def test_a_headline_that_is_only_a_mark_gives_way_to_the_first_line_of_the_release(
    headline: str, text: str, taken: tuple[str, str]
) -> None:
    assert take_headline(headline, text) == taken


@pytest.mark.parametrize(
    "line",
    [
        "Copyright income of Marl Radio rose 12 percent in 2025, to 310 million pounds, it said on Tuesday.",
        "(c) the court held in 2025 that the song was copied.",
        "(c) Twenty tons of oats on or before July 1, 2028.",
        "View source version control became popular.",
        "Share with staff 10 million",
    ],
)
def test_a_sentence_that_begins_like_a_notice_or_a_button_is_copy(line: str) -> None:
    assert split_release(f"Marl Mills sold oats.\n\n{line}") == ReleaseParts(text=f"Marl Mills sold oats.\n\n{line}")


@pytest.mark.parametrize(
    "line",
    [
        "© 2025 Marl Mills",
        "Copyright (c) 2025 Marl Mills. All rights reserved.",
        "(c) Copyright Marl Mills 2014. Click for terms",
        "Copyright by marl 2020",
        "Copyright The Marl Press, 2019",
    ],
)
def test_a_notice_of_copyright_is_no_copy(line: str) -> None:
    found = split_release(f"Marl Mills sold oats.\n\n{line}")
    assert (found.text, found.copyright_notice) == ("Marl Mills sold oats.", line)


@pytest.mark.parametrize("line", ["View original content here", "View the original release on www.marl.example"])
def test_a_line_that_points_at_the_original_is_no_copy(line: str) -> None:
    assert split_release(f"Marl Mills sold oats.\n\n{line}") == ReleaseParts(text="Marl Mills sold oats.")


def test_rows_behind_the_source_of_a_table_stay_in_the_text() -> None:
    table = "Prices by region:\n\nNorth 4.1 percent\n\nSource: Marl Bank\n\nSouth 3.2 percent"
    assert split_release(table) == ReleaseParts(text=table)
    found = split_release("Marl Mills sold oats.\n\nSource: Marl Mills\n\nJane Roe, jane@marl.example")
    assert (found.text, found.boilerplate) == ("Marl Mills sold oats.", "Jane Roe, jane@marl.example")
