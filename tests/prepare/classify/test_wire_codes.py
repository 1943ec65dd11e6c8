"""The mapping gives categories for the wires' codes."""

import pytest

from streams.model.records import Code, Label
from streams.prepare.classify.wire_codes import MappingError, load_mapping
from streams.prepare.loading import load_packaged_mapping

MAPPING = load_mapping(
    '[medtop]\n"20000177" = ["companies.corporate-actions", 92]\n[names]\n"Trade Show" = ["calendar", 60]\n', "x"
)


def test_a_code_gives_its_category_and_names_the_version_of_the_mapping():
    assert MAPPING.labels([Code("medtop", "20000177", "dividend"), Code("medtop", "1")]) == [
        Label("companies.corporate-actions", 92, f"code:medtop:20000177@{MAPPING.version}", ("dividend",))
    ]


def test_names_are_read_under_any_scheme_in_any_case_with_signs_as_blanks():
    codes = [Code("keyword", "TRADE-SHOW"), Code("http://x.example/subject", "77", "Trade/Show")]
    assert [label.creator for label in MAPPING.labels(codes)] == [
        f"code:keyword:TRADE-SHOW@{MAPPING.version}",
        f"code:http://x.example/subject:77@{MAPPING.version}",
    ]
    assert MAPPING.labels([Code("medtop", "20000178")]) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a", "x.toml, line 1: not TOML"),
        ('[a]\nb = ["markets", 50]\nb = ["companies", 50]', "x.toml, line 3: not TOML: Cannot overwrite"),
        ('[a]\n"b" = "markets"', "x.toml, line 2: .* write .category, confidence"),
        ("a = 1", "x.toml, line 1: 'a' is no table"),
        ('[a]\nb = ["markets", 101]', "x.toml, line 2: code 'b' of .a.: write"),
        ('[a]\nb = ["sport", 50]', "x.toml, line 2: code 'b' of .a.: no category 'sport'"),
        ('[a]\nb = ["companies.press-releases", 50]', "line 2: .* no category 'companies.press-releases' that a code"),
        ('[a]\n"b-c" = ["markets", 50]\n"B C" = ["markets", 50]', "line 3: .* it is there twice"),
    ],
)
def test_a_wrong_mapping_is_refused_with_file_and_line(text, message):
    with pytest.raises(MappingError, match=message):
        load_mapping(text, "x.toml")


def test_the_packaged_mapping_knows_the_codes_of_several_wires():
    codes = [
        Code("medtop", "20000187"),
        Code("N2", "CEN"),
        Code("subj", "04008024"),
        Code("keyword", "Merger/Acquisition"),
    ]
    assert [label.category for label in load_packaged_mapping().labels(codes)] == [
        "companies.ipos",
        "interest-rates",
        "commodities",
        "companies.capital-markets-transactions",
    ]


@pytest.mark.parametrize(
    ("scheme", "code", "category"),
    [
        ("https://www.sec.gov/", "S-1", "companies.ipos"),
        ("https://www.sec.gov/", "SC 13D/A", "companies.capital-markets-transactions"),
        ("https://www.sec.gov/", "DEF 14A", "companies.events"),
        ("edgar:item", "5.02", "companies.appointments"),
        ("rns", "POS", "companies.corporate-actions"),
        ("rns", "NAV", "finance-pro"),
        ("category", "Transaction in Own Shares", "companies.corporate-actions"),
    ],
)
def test_a_form_of_edgar_and_a_code_of_a_regulatory_headline_give_a_section(scheme, code, category):
    assert [label.category for label in load_packaged_mapping().labels([Code(scheme, code)])] == [category]


def test_a_current_report_gives_no_section_by_its_form_alone():
    assert load_packaged_mapping().labels([Code("https://www.sec.gov/", "8-K")]) == []
