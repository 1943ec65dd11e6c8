"""A dateline gives the country that it names, and no other."""

import pytest

from streams.prepare.text.countries import find_dateline_country


@pytest.mark.parametrize(
    ("dateline", "code"),
    [
        ("WUXI, China, Dec. 10, 2021 /PRNewswire/", "CN"),
        ("WUXI, CHINA", "CN"),
        ("AUSTIN, Texas, Dec. 10", "US"),
        ("SAN DIEGO, CA--(BUSINESS WIRE)", "US"),
        ("NEW YORK, N.Y., Dec. 10", "US"),
        ("LONDON, U.K., 10 December 2026 (GLOBE NEWSWIRE)", "GB"),
        ("Toronto, Ontario--(Newsfile Corp. - December 10, 2026)", "CA"),
        ("SINGAPORE, Dec. 10", "SG"),
        ("MÜNCHEN, Deutschland, 10. Dezember 2026", "DE"),
        ("中国无锡2021年12月10日 /美通社/", "CN"),
    ],
)
def test_a_dateline_gives_the_country_that_it_names(dateline, code):
    assert find_dateline_country(dateline)[0] == code


def test_a_country_has_its_english_name():
    assert find_dateline_country("Wien, Österreich") == ("AT", "Austria")


@pytest.mark.parametrize(
    "dateline",
    [
        "",
        "LONDON--(BUSINESS WIRE)",
        "NEW YORK, Dec. 10",
        "LONDON, SINGAPORE, Dec. 10",
        "LONDON, NEW YORK, Dec. 10",
        "LONDON and PARIS, France",
        "PARIS, France, BERLIN, Germany",
        "ATLANTA, Georgia",
        "Paris, de",
    ],
)
def test_a_dateline_that_names_no_country_or_several_gives_none(dateline):
    assert find_dateline_country(dateline) == ("", "")
