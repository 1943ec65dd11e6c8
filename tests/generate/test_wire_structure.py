"""The generated wire formats are well-formed and have the structure of the real ones."""

from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser

import pytest
from lxml import etree

from streams.generate import GeneratedItem, stream
from streams.generate.calendar import format_rfc5322, format_site_timestamp, to_milliseconds
from streams.generate.names import COUNT, build_company, build_isin

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def items() -> list[GeneratedItem]:
    return list(stream(21, 6_000, START, rate=1.0))


def test_newsml_1_2_has_identification_management_and_components(items: list[GeneratedItem]) -> None:
    found = [item for item in items if item.headers["content-type"] == "text/xml"]
    assert len(found) > 300
    for item in found:
        root = etree.fromstring(item.body)
        assert root.tag == "NewsML"
        assert root.findtext(".//ProviderId") == "businesswire.com"
        revision = root.findtext(".//RevisionId")
        assert root.findtext(".//PublicIdentifier", "").endswith(f":{revision}")
        killed = item.truth.kind == "kill"
        status = root.find(".//NewsManagement/Status")
        assert status is not None
        assert (status.get("FormalName") == "Canceled") == killed
        roles = [role.get("FormalName") for role in root.iter("Role")]
        assert roles == (["HeadLine"] if killed else ["HeadLine", "Body"])
        assert root.findtext(".//NewsLines/HeadLine")


def test_mail_is_a_message_with_subject_date_and_a_truncated_text(items: list[GeneratedItem]) -> None:
    found = [item for item in items if item.headers["content-type"] == "message/rfc822"]
    assert len(found) > 100
    cut = 0
    for item in found:
        message = BytesParser(policy=policy.default).parsebytes(item.body)
        assert message.get_content_type() == "text/plain"
        assert message["Date"].datetime is not None
        text = message.get_content()
        assert str(message["Subject"]).replace(" ", "") == text.splitlines()[0].replace(" ", "")
        cut += "(truncated" in text
    assert cut > len(found) / 2


def test_newsml_g2_contains_the_isin_of_the_company(items: list[GeneratedItem]) -> None:
    found = [item for item in items if item.headers["content-type"] == "application/vnd.iptc.g2.newsitem+xml"]
    assert len(found) > 1_000
    for item in found:
        codes = etree.fromstring(item.body).xpath("//*[@rel='MWFinRel:Instrument']/@qcode")
        assert isinstance(codes, list)
        assert not item.truth.companies or codes == [f"ISIN:{item.truth.companies[0].isin}"]


def test_the_time_on_the_page_is_new_york_time_in_winter_and_in_summer() -> None:
    assert (
        format_site_timestamp(to_milliseconds(datetime(2026, 1, 5, 12, 41, tzinfo=UTC))) == "01/05/2026 | 07:41am EST"
    )
    assert format_site_timestamp(to_milliseconds(datetime(2026, 7, 6, 4, 5, tzinfo=UTC))) == "07/06/2026 | 12:05am EDT"


def test_mail_dates_are_english_in_any_locale() -> None:
    assert format_rfc5322(to_milliseconds(START)) == "Mon, 02 Mar 2026 09:00:00 +0000"


def test_the_check_digit_of_an_isin_follows_iso_6166() -> None:
    assert build_isin("US", 37_833_100) == "US0378331005"
    assert build_isin("GB", 263_494) == "GB0002634946"


def test_companies_differ_in_name_and_isin() -> None:
    companies = [build_company(number) for number in range(0, COUNT, 7)]
    assert len({one.name for one in companies}) == len(companies)
    assert len({one.isin for one in companies}) == len(companies)
    assert build_company(COUNT + 3) == build_company(3)
