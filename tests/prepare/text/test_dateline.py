"""A dateline gives place, date and wire, and prose is no dateline."""

import pytest

from streams.prepare.text.dateline import Dateline, read_dateline
from streams.prepare.text.release_copy import split_release


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
        ("KESSEN, July 23 (Harbour Line)", " - ", "KESSEN", ""),
        ("NEW KESSEN/MARL, 23 July 2031 (Quill)", " - ", "NEW KESSEN/MARL", ""),
        ("July 23 (Harbour Line)", " - ", "", ""),
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
def test_a_dateline_gives_place_wire_and_the_text_behind_it(dateline: str, dash: str, located: str, wire: str) -> None:
    found = read_dateline(f"{dateline}{dash}Marl (NYSE: M) - the mill")
    assert found == Dateline(dateline, located, wire, "Marl (NYSE: M) - the mill")


def test_a_dateline_may_name_the_issuer_in_place_of_the_wire() -> None:
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
        "Results of the year to March 31 (Unaudited) - sales rose",
        "March 31 (in millions) - sales rose",
        "Sales of barbed wire (Copper wire) - and of nails. They Rose and rose (copper wire) - again",
        "",
    ],
)
def test_prose_is_no_dateline(line: str) -> None:
    assert read_dateline(line) is None


@pytest.mark.parametrize(
    "line",
    [
        'KELOWNA, BRITISH COLUMBIA - April 28, 2025 (NEWMEDIAWIRE)  Harland Pumps Inc. (the "Company") said',
        "KELOWNA, April 28, 2025 (GLOBE NEWSWIRE) Harland Pumps Inc. said",
    ],
)
def test_the_mark_of_a_wire_behind_place_and_date_needs_no_dash(line: str) -> None:
    found = read_dateline(line)
    assert found is not None
    assert (found.located, found.rest[:18]) == ("KELOWNA", "Harland Pumps Inc.")


def test_a_wire_in_brackets_in_a_sentence_is_no_dateline() -> None:
    assert read_dateline("The release of Marl (Business Wire) Harland sent was wrong.") is None
