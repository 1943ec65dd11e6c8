from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.records import Picture, Status
from streams.prepare.text.dateline import Dateline, read_dateline
from streams.prepare.text.release_copy import ReleaseParts, read_headline_status, split_release


@pytest.mark.parametrize(
    ("dateline", "dash", "located", "wire"),
    [
        ("WUXI, China, Dec. 10, 2021 /PRNewswire/", " -- ", "WUXI", "PR Newswire"),
        ("ST. LOUIS, Dec. 10 /PRNewswire-FirstCall/", " -- ", "ST. LOUIS", "PR Newswire"),
        ("无锡2021年12月10日 /美通社/", " -- ", "无锡", "PR Newswire"),
        ("MONTREAL, Dec. 10, 2021 /CNW Telbec/", " - ", "MONTREAL", "CNW"),
        ("TORONTO, Dec. 10, 2021 (GLOBE NEWSWIRE)", " -- ", "TORONTO", "GlobeNewswire"),
        ("NEW YORK--(BUSINESS WIRE)", "--", "NEW YORK", "Business Wire"),
        ("Toronto, Ontario--(Newsfile Corp. - December 10, 2021)", " - ", "Toronto", "Newsfile"),
        ("NEW YORK, NY / ACCESSWIRE / December 10, 2021", " / ", "NEW YORK", "ACCESS Newswire"),
        ("HONG KONG, CHINA - EQS Newswire - 10 December 2021", " - ", "HONG KONG", "EQS Newswire"),
        ("MARL, MN, November 22, 2024 /24-7PressRelease/", " -- ", "MARL", "24-7PressRelease"),
        ("LONDON, Dec 10 (Reuters)", " - ", "LONDON", "Reuters"),
        ("OSLO, Norway, 10 December 2021", " -- ", "OSLO", ""),
        ("HOUSTON - (NewMediaWire) - September 1, 2024", " - ", "HOUSTON", "NewMediaWire"),
        ("Kessen, CA- (NewMediaWire) - September 21, 2024", "\u2013 ", "Kessen", "NewMediaWire"),
        ("(NewMediaWire) - May 1, 2025 - KESSEN", " \u2013 ", "KESSEN", "NewMediaWire"),
        ("(NewMediaWire) - May 1, 2025 - ST. KESSEN, N.Y.", " \u2014 ", "ST. KESSEN", "NewMediaWire"),
        ("(NewMediaWire) - May 1, 2025 - Kessen, NY", " - ", "Kessen", "NewMediaWire"),
        ("(NewMediaWire) - May 1, 2025", " - ", "", "NewMediaWire"),
        (
            "Kessen Bay, Florida (Newsworthy.ai) Thursday Feb 26, 2026 @ 11:00 PM America/Phoenix",
            " \u2014 ",
            "Kessen Bay",
            "Newsworthy.ai",
        ),
    ],
)
def test_a_dateline_gives_place_wire_and_what_follows(dateline: str, dash: str, located: str, wire: str) -> None:
    found = read_dateline(f"{dateline}{dash}Marl (NYSE: M) - the mill")
    assert found == Dateline(dateline, located, wire, "Marl (NYSE: M) - the mill")


def test_a_dateline_may_name_the_issuer_in_the_place_of_the_wire() -> None:
    text = "Naples, United States - February 5, 2025 / Marl Homes / Two houses were sold."
    dateline = "Naples, United States - February 5, 2025 / Marl Homes /"
    assert read_dateline(text) == Dateline(dateline, "Naples", "", "Two houses were sold.", issuer="Marl Homes")
    assert split_release(text).issuer == "Marl Homes"
    assert split_release(f"{text}\n\nSOURCE Marl Homes, Inc.").issuer == "Marl Homes, Inc."


@pytest.mark.parametrize(
    "line",
    [
        "The firm said (Business Wire) that it was fine",
        "The week with CNW - Marl lists its shares",
        "420 with CNW \u2014 Marl lists its shares",
        "On December 8, the company - which is big - met",
        "It rose and/or fell / up / down",
        "Sales of barbed wire (Copper wire) - and of nails. They Rose and rose (copper wire) - again",
        "",
    ],
)
def test_prose_is_no_dateline(line: str) -> None:
    assert read_dateline(line) is None


@pytest.mark.parametrize(
    "boilerplate",
    [
        "About Marl.com\n\nMarl.com sells oats.",
        "IR contactMarl Mills AGPhone: +49 00 000000",
        "Investor Relations ContactJane Roe, jane@marl.example",
        "Corporate Communications\n\nMarl Mills, 4 Mill Lane",
        "The issuer is solely responsible for the content of this announcement.",
    ],
)
def test_who_issued_it_and_who_is_to_be_asked_is_boilerplate(boilerplate: str) -> None:
    found = split_release(f"Marl Mills sold 40 tons of oats.\n\n{boilerplate}")
    assert (found.text, found.boilerplate) == ("Marl Mills sold 40 tons of oats.", boilerplate)


LONG = ("A long paragraph of news goes on and on for more than forty words. " * 4).strip()
NEWS = f"Marl Mills sold 40 tons of oats.\n\nSOURCE of oats is the north.\n\nSource: a table\n\n{LONG}"


def test_a_release_is_taken_apart() -> None:
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
        ("UPDATE 2-Marl sells", Status.UPDATE),
        ("/UPDATE -- Marl Mills/", Status.UPDATE),
        ("UPDATED: Marl sells", Status.UPDATE),
        ("ADVISORY -- Marl sells", Status.ADVISORY),
        ("KILL: Marl sells", Status.WITHDRAWN),
        ("MANDATORY KILL - Marl sells", Status.WITHDRAWN),
        ("WITHDRAWN: Marl sells", Status.WITHDRAWN),
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


LINES = st.sampled_from(
    ("MARL, Dec. 10, 2021 /PRNewswire/ -- Oats", "SOURCE Marl", "Source: x", "About Marl", "", "/ / /", "Cision")
) | st.sampled_from(
    ("Link: http://x.example/a", "Caption: c", "© PRNewswire 2021", "/C O R R E C T I O N/", "(((((((", "- - - -")
)


@given(st.lists(LINES | st.text(max_size=40), max_size=25).map("\n".join))
def test_any_text_is_read_and_nothing_is_told_twice(text: str) -> None:
    copy = split_release(text)
    assert len(copy.text) + len(copy.boilerplate) <= len(text) + 2
    assert "\n\n\n" not in copy.text + copy.boilerplate


def test_real_releases_keep_their_news_and_shed_their_boilerplate(shared_data: Path) -> None:
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
def test_a_way_to_read_on_is_no_copy(line: str) -> None:
    assert split_release(f"Marl opens a mill in the north of the country.\n\n{line}").text == (
        "Marl opens a mill in the north of the country."
    )


def test_the_link_to_the_original_names_the_wire() -> None:
    copy = split_release(
        "Marl opens a mill.\n\nView source version on newsdirect.com: https://newsdirect.com/news/marl-1"
    )
    assert (copy.distributor, copy.url) == ("News Direct", "https://newsdirect.com/news/marl-1")
