import unicodedata
from zoneinfo import ZoneInfo

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config.loader import load_packaged_sources
from streams.gateway.filters import build_filter, parse_ticker_item
from streams.gateway.ticker_row import (
    Tombstone,
    format_ticker_line,
    format_ticker_time,
    parse_ticker_row,
    parse_tombstone,
)
from streams.model.printable import make_printable
from streams.model.sources import Sources

SOURCES = Sources(load_packaged_sources())
NEW_YORK = ZoneInfo("America/New_York")
EVENT = {
    "uri": "urn:newswire:prnewswire:20211210HK01",
    "version": "1",
    "pubStatus": "usable",
    "language": "en",
    "versionCreated": "2021-12-10T12:54:00Z",
    "headlines": [
        {"role": "main", "value": "Acme Widgets opens a plant in Springfield"},
        {"role": "ticker", "value": "ACME WIDGETS : opens a plant"},
    ],
    "subjects": [
        {"rel": "category", "literal": "companies"},
        {"rel": "provider", "literal": "keyword:plant"},
        {"rel": "category", "literal": "companies.new-contracts"},
    ],
    "organisations": [
        {
            "name": "Acme Widgets",
            "symbols": [
                {"symbol": "ACME", "exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker"},
                {"symbol": "US0000000001", "symbolType": "urn:newswire:symbol:isin"},
            ],
        }
    ],
    "infoSources": [
        {"name": "PR Newswire", "role": "distributor", "literal": "PR"},
        {"name": "Acme", "role": "issuer"},
    ],
    "altIds": [{"role": "canonical-url", "value": "https://example.com/acme"}],
}
HEADERS = [
    ("ce_id", b"urn:newswire:prnewswire:20211210HK01/1"),
    ("ce_source", b"urn:newswire:source:reuters"),
    ("ce_type", b"news.item.published"),
]


def parse_event(headers=HEADERS, **changed):
    return parse_ticker_row(orjson.dumps({**EVENT, **changed}), headers, SOURCES)


def headers_of_kind(word):
    return [*HEADERS[:2], ("ce_type", f"news.item.{word}".encode())]


def test_a_row_has_the_fields_that_the_gateway_promises():
    assert orjson.loads(msgspec.json.encode(parse_event())) == {
        "id": "urn:newswire:prnewswire:20211210HK01/1",
        "uri": "urn:newswire:prnewswire:20211210HK01",
        "version": "1",
        "time": "2021-12-10T12:54:00Z",
        "headline": "ACME WIDGETS : opens a plant",
        "source": "PR",
        "sourceName": "PR Newswire",
        "page": "/news/acme-widgets-opens-a-plant-020964d64a8f37bf",
        "categories": ["companies", "companies.new-contracts"],
        "symbols": ["ACME"],
        "language": "en",
        "url": "https://example.com/acme",
        "status": "new",
    }


def test_without_a_ticker_headline_the_main_one_is_shown():
    assert parse_event(headlines=EVENT["headlines"][:1]).headline == "Acme Widgets opens a plant in Springfield"


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ([{"role": "distributor", "name": "Business Wire"}], "BU"),
        ([{"role": "issuer", "name": "Business Wire"}], "RE"),
        ([], "RE"),
    ],
)
def test_the_code_is_the_distributors_or_else_the_sources(info, code):
    assert parse_event(infoSources=info).source == code


def test_a_source_that_is_not_in_the_table_has_the_first_letters_of_its_id():
    assert parse_event([HEADERS[0], ("ce_source", b"urn:newswire:source:b%C3%B6rse")], infoSources=[]).source == "BÖ"


def test_a_revision_is_an_update_or_what_its_header_calls_it_and_a_withdrawal_withdrawn():
    assert [parse_event(headers_of_kind(word)).status for word in ("published", "revised", "withdrawn")] == [
        "new",
        "updated",
        "withdrawn",
    ]
    revised = headers_of_kind("revised")
    assert parse_event([*revised, ("revision", b"correction")]).status == "corrected"
    assert parse_event([*revised, ("revision", b"update")]).status == "updated"
    assert parse_event([*revised, ("revision", b"anything")]).status == "updated"
    assert parse_event([*revised, ("replay-job", b"r-1")]).status == "new"
    assert parse_event(HEADERS[:1], version="2").status == "updated"
    assert parse_event(HEADERS[:1], pubStatus="canceled").status == "withdrawn"


@pytest.mark.parametrize("value", [b"", b"no", b"[]", b"{}", b'{"uri": 3}'])
def test_a_value_that_is_no_item_is_refused(value):
    with pytest.raises(ValueError):
        parse_ticker_row(value, HEADERS, SOURCES)


@pytest.mark.parametrize(
    "changed",
    [
        {"headlines": 3},
        {"headlines": [{"role": ["ticker"], "value": "x"}]},
        {"headlines": [{"role": "ticker", "value": ["x"]}]},
        {"subjects": [4]},
        {"subjects": [{"rel": "category", "literal": ["markets"]}]},
        {"organisations": None},
        {"organisations": [{"symbols": [{"symbol": {}, "symbolType": "urn:newswire:symbol:ticker"}]}]},
        {"infoSources": {}},
        {"altIds": "x"},
        {"language": []},
        {"version": 1},
        {"uri": ["urn:newswire:x:1"]},
    ],
)
def test_a_field_of_a_wrong_type_is_refused_by_its_name(changed):
    with pytest.raises(ValueError, match=rf"not the fields of an enriched item: .*{next(iter(changed))}"):
        parse_event(**changed)


@pytest.mark.parametrize("headers", [[], HEADERS[1:], [("ce_id", b"")], [("ce_id", None)]])
def test_a_record_without_ce_id_is_not_ours(headers):
    with pytest.raises(ValueError, match="`ce_id`"):
        parse_event(headers)


def test_a_headline_is_cut_after_a_word_where_a_text_stands_in_its_place():
    text = "Norwick Pumps said so. " * 40
    assert parse_event(headlines=[{"role": "main", "value": text}]).headline == f"{text[:298]}…"


def read_tombstone(key=b"u:1", **headers):
    named = {"ce_id": "u:1/3", "ce_type": "news.item.moved", "ce_time": "2026-03-02T10:00:00Z", **headers}
    return parse_tombstone(key, [(name, value.encode()) for name, value in named.items()], SOURCES)


def test_a_tombstone_says_which_version_of_a_story_left_and_whether_it_was_withdrawn():
    source = "urn:newswire:source:reuters"
    assert read_tombstone(ce_source=source) == Tombstone("u:1/3", "u:1", "3", "2026-03-02T10:00:00Z", "RE", False)
    withdrawn = read_tombstone(ce_type="news.item.withdrawn", ce_source=source)
    assert withdrawn == Tombstone("u:1/3", "u:1", "3", "2026-03-02T10:00:00Z", "RE", True)
    assert format_ticker_line(withdrawn.as_row(), NEW_YORK) == "05:00a  withdrawn: u:1"


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (b"newswire:roll", {"ce_id": ""}),
        (None, {}),
        (b"", {"ce_id": "/3"}),
        (b"u:2", {}),
        (b"\xff", {}),
        (b"u:1", {"ce_id": "u:1"}),
    ],
)
def test_a_record_without_value_that_is_no_storys_is_no_tombstone(key, headers):
    assert read_tombstone(key, **headers) is None


@pytest.mark.parametrize(
    ("ticker", "named"),
    [
        ("ACME", True),
        ("acme", True),
        ("XNAS:ACME", True),
        ("XNYS:ACME", False),
        ("ACM", False),
        ("US0000000001", False),
    ],
)
def test_a_ticker_is_compared_whole_with_its_exchange_where_one_is_given(ticker, named):
    asked = build_filter(SOURCES, tickers=[ticker])
    assert asked.matches(parse_ticker_item(orjson.dumps(EVENT), HEADERS, SOURCES)) is named


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("2021-12-10T12:54:00Z", "07:54a"),
        ("2021-12-10T17:00:59.999Z", "12:00p"),
        ("2021-12-10T05:05:00Z", "12:05a"),
        ("2021-07-10T12:54:00Z", "08:54a"),
        ("2021-12-11T04:59:00Z", "11:59p"),
        ("yesterday", "      "),
    ],
)
def test_the_time_has_twelve_hours_with_a_or_p(time, text):
    assert format_ticker_time(time, NEW_YORK) == text


def test_a_line_has_time_headline_and_code():
    assert format_ticker_line(parse_event(), NEW_YORK) == "07:54a  ACME WIDGETS : opens a plant  PR"
    assert (
        format_ticker_line(parse_event(headers_of_kind("revised")), NEW_YORK)
        == "07:54a  ACME WIDGETS : opens a plant (updated)  PR"
    )
    assert (
        format_ticker_line(parse_event(headers_of_kind("withdrawn")), NEW_YORK)
        == "07:54a  withdrawn: urn:newswire:prnewswire:20211210HK01"
    )


def test_a_headline_can_neither_control_the_terminal_nor_turn_the_direction_of_the_line():
    hostile = "a\x1b[31mred\x9b2J\r\nb\u202ec\u2066d\u200fe\u2028f\x00 g\ufeff"
    assert parse_event(headlines=[{"role": "ticker", "value": hostile}]).headline == "a [31mred 2J bcde f g"


def test_joiners_that_a_script_needs_stay():
    assert make_printable("नमस्\u200cते") == "नमस्\u200cते"


@given(st.text())
def test_printable_text_is_one_line_without_controls_and_is_not_changed_again(text):
    once = make_printable(text)
    assert make_printable(once) == once
    assert all(unicodedata.category(each)[0] != "C" or each in "\u200c\u200d" for each in once)
    assert len(once.splitlines()) <= 1


@given(
    st.dictionaries(st.sampled_from(sorted(EVENT)), st.recursive(st.none() | st.text() | st.integers(0, 9), st.lists))
)
def test_any_object_is_a_row_or_refused(changed):
    try:
        row, refusal = parse_event(**changed), ""
    except ValueError as error:
        row, refusal = None, str(error)
    assert refusal.startswith(("not the fields of an enriched item", "an enriched item has a `uri`") if not row else "")
    assert row is None or row.uri == make_printable(changed.get("uri", EVENT["uri"]))
