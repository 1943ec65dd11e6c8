"""What a replay prints of a difference, and the rows of its page."""

from streams.ops.diff_page import DiffRow
from streams.replay.diff import Difference
from streams.replay.report import build_rows, format_difference

MOVED = Difference(
    kinds=("moved", "companies"),
    uri="urn:newswire:alphawire:A1",
    version="2",
    source="alphawire",
    headline="Brookvale Mills builds",
    received="2031-03-04T12:00:00Z",
    categories_before=("companies", "markets"),
    categories_now=("companies", "commodities"),
    companies_now=("XLON:BVM",),
)


def test_a_difference_is_a_row_for_each_kind_with_what_it_loses_and_wins() -> None:
    place = "urn:newswire:alphawire:A1  2031-03-04T12:00:00Z"
    assert list(build_rows(MOVED)) == [
        DiffRow(place, "Brookvale Mills builds", "moved", ["markets"], ["commodities"]),
        DiffRow(place, "Brookvale Mills builds", "companies", [], ["XLON:BVM"]),
    ]


def test_a_difference_is_a_line_for_each_kind() -> None:
    assert list(format_difference(MOVED)) == [
        f"{'moved':<19}  {MOVED.uri}  v2  companies, markets -> companies, commodities  Brookvale Mills builds",
        f"{'companies':<19}  {MOVED.uri}  v2  none -> XLON:BVM  Brookvale Mills builds",
    ]
