from collections.abc import Iterable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config.loader import load_packaged_sources
from streams.gateway.filters import Filter, TickerItem, build_filter, parse_ticker_item
from streams.gateway.sse import EventEncoder, format_event_id, parse_event_id
from streams.gateway.ticker_view import TickerView, ViewChange
from streams.model.sources import Sources
from streams.model.topics import LATEST

SOURCES = Sources(load_packaged_sources())
EVERYTHING = Filter()


def build_item(
    uri: str,
    *,
    version: int = 1,
    time: str = "2026-03-02T10:00:00Z",
    categories: Iterable[str] = ("markets",),
    symbol: str = "",
    language: str = "en",
    source: str = "prnewswire",
    withdrawn: bool = False,
    headline: str = "Norwick Pumps opens a plant",
) -> TickerItem:
    event = {
        "uri": uri,
        "version": str(version),
        "versionCreated": time,
        "language": language,
        "headlines": [{"role": "ticker", "value": headline}],
        "subjects": [{"rel": "category", "literal": category} for category in categories],
        "organisations": [
            {"symbols": [{"symbol": symbol, "exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker"}]}
        ]
        if symbol
        else [],
    }
    kind = "withdrawn" if withdrawn else "published" if version == 1 else "revised"
    headers = [
        ("ce_type", f"news.item.{kind}".encode()),
        ("ce_source", f"urn:newswire:source:{source}".encode()),
    ]
    return parse_ticker_item(orjson.dumps(event), headers, SOURCES)


def build_view(*items: TickerItem, rows: int = 100, history: int = 1000) -> tuple[TickerView, list[ViewChange | None]]:
    view = TickerView(rows, history, {0: 0})
    return view, [view.apply(0, offset, each, b"{}", "prnewswire") for offset, each in enumerate(items)]


def uris_of(view: TickerView, filter_: Filter = EVERYTHING, limit: int = 1000) -> list[str]:
    return [entry.item.row.uri for entry in view.newest(filter_, limit)]


def in_category(*categories: str) -> Filter:
    return Filter(categories=frozenset(categories))


def test_rows_are_newest_first_by_the_wires_time_and_within_a_second_by_their_order_in_the_topic() -> None:
    view, _ = build_view(
        build_item("a", time="2026-03-02T10:00:00.900Z"),
        build_item("b", time="2026-03-02T10:00:00.100Z"),
        build_item("c", time="2026-03-02T09:59:59Z"),
        build_item("d", time="2026-03-02T10:00:01Z"),
    )
    assert uris_of(view) == ["d", "b", "a", "c"]


def test_a_revision_replaces_its_row_and_leaves_the_category_it_no_longer_names() -> None:
    view, changes = build_view(
        build_item("a", categories=["markets"]),
        build_item("a", version=2, categories=["commodities"], headline="Corrected"),
    )
    assert [entry.item.row.headline for entry in view.newest(EVERYTHING, 9)] == ["Corrected"]
    assert (uris_of(view, in_category("markets")), uris_of(view, in_category("commodities"))) == ([], ["a"])
    change = changes[1]
    assert change is not None
    assert (
        change.effect_for(in_category("markets")),
        change.effect_for(in_category("commodities")),
        change.effect_for(in_category("sectors")),
    ) == (
        False,
        True,
        None,
    )


def test_a_withdrawal_removes_the_row_everywhere_and_is_remembered() -> None:
    view, _ = build_view(
        build_item("a", categories=["companies", "companies.ipos"]), build_item("a", version=2, withdrawn=True)
    )
    assert [uris_of(view, in_category(each)) for each in ("companies", "companies.ipos")] == [[], []]
    assert (uris_of(view), view.get("a"), view.is_withdrawn("a"), view.is_withdrawn("b")) == ([], None, True, False)


def test_a_repeat_and_an_older_version_change_nothing() -> None:
    first, second = build_item("a"), build_item("a", version=2)
    view, changes = build_view(first, second, first, second, build_item("a", version=3, withdrawn=True), second)
    assert [change is not None for change in changes] == [True, True, False, False, True, False]
    assert view.apply(0, 2, build_item("b"), b"{}", "prnewswire") is None, "the offset was read before"
    assert view.is_withdrawn("a")


def test_a_story_that_is_published_again_after_its_withdrawal_is_shown_again() -> None:
    view, _ = build_view(build_item("a"), build_item("a", version=2, withdrawn=True), build_item("a", version=3))
    assert (uris_of(view), view.is_withdrawn("a")) == (["a"], False)


def test_a_sub_section_is_part_of_its_section() -> None:
    view, _ = build_view(build_item("a", categories=["companies.ipos"]))
    assert (uris_of(view, in_category("companies")), uris_of(view, in_category("companies.rumors"))) == (
        ["a"],
        [],
    )


def test_a_row_stays_while_one_category_still_has_it_among_its_newest() -> None:
    rare = build_item("rare", time="2026-03-02T09:00:00Z", categories=["companies.ipos"])
    view, _ = build_view(rare, *(build_item(f"m{number}") for number in range(3)), rows=2)
    assert (uris_of(view, in_category(LATEST)), uris_of(view, in_category("companies.ipos"))) == (
        ["m2", "m1"],
        ["rare"],
    )
    assert view.get("rare") is not None
    assert view.get("m0") is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"ticker": "acme"}, ["a"]),
        ({"ticker": "XNAS:ACME"}, ["a"]),
        ({"ticker": "XNYS:ACME"}, []),
        ({"languages": ["EN"]}, ["b", "a"]),
        ({"languages": ["en-GB"]}, ["b"]),
        ({"languages": ["de", "en-gb"]}, ["c", "b"]),
        ({"sources": ["re"]}, ["c"]),
        ({"sources": ["reuters"]}, ["c"]),
        ({"categories": ["markets", "commodities"]}, ["b", "a"]),
        ({"categories": ["latest", "markets"]}, ["c", "b", "a"]),
        ({"categories": ["markets"], "languages": ["en-GB"]}, []),
    ],
)
def test_all_filters_given_must_hold(asked: dict[str, object], found: list[str]) -> None:
    view, _ = build_view(
        build_item("a", symbol="ACME"),
        build_item("b", language="en-GB", categories=["commodities"]),
        build_item("c", language="de", source="reuters", categories=["sectors"]),
    )
    given_ = {"categories": [], "ticker": "", "languages": [], "sources": [], **asked}
    assert uris_of(view, build_filter(**given_, table=SOURCES)) == found  # type: ignore[arg-type]


def test_a_category_that_does_not_exist_is_refused_with_one_that_does() -> None:
    with pytest.raises(ValueError, match=r"there is no category 'comodities': try commodities"):
        build_filter(["comodities"], "", [], [], SOURCES)


def test_a_position_that_reaches_back_too_far_or_to_another_partition_has_no_changes() -> None:
    view, _ = build_view(*(build_item(f"u{number}") for number in range(6)), history=3)
    assert view.changes_since({0: 1}) is None
    assert [change.offset for change in view.changes_since({0: 2}) or []] == [3, 4, 5]
    assert view.changes_since({0: 5}) == []
    assert view.changes_since({0: 99}) == []
    assert view.changes_since({0: 5, 1: 0}) is None
    assert TickerView(5, 5, {0: 7}).changes_since({0: 5}) is None, "records 6 and before were never read"
    assert TickerView(5, 5, {0: 7}).changes_since({0: 6}) == []


@given(st.dictionaries(st.integers(0, 999), st.integers(0, 10**12), max_size=5))
def test_a_position_is_the_same_after_it_is_formatted_and_parsed(position: dict[int, int]) -> None:
    assert parse_event_id(format_event_id(position)) == position


@pytest.mark.parametrize(
    "text", ["", "x", "0", "0:-1", "0:1,", "0:1;1:2", "0:\N{ARABIC-INDIC DIGIT ONE}", "0:" + "9" * 40, "0:1\nevent: x"]
)
def test_an_id_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no id of this stream"):
        parse_event_id(text)


steps = st.lists(
    st.builds(
        dict,
        uri=st.sampled_from("abcdefgh"),
        version=st.integers(1, 5),
        time=st.sampled_from([f"2026-03-02T10:00:0{second}Z" for second in range(4)]),
        categories=st.lists(st.sampled_from(["markets", "companies", "companies.ipos", "sectors"]), unique=True),
        withdrawn=st.booleans(),
    ),
    max_size=40,
)


@given(steps, st.integers(1, 4))
def test_a_category_always_has_at_most_n_rows_in_order_and_only_newest_versions(
    rows: list[dict[str, object]], bound: int
) -> None:
    items = [build_item(**row) for row in rows]  # type: ignore[arg-type]
    view, changes = build_view(*items, rows=bound)
    last = {change.item.row.uri: change.item for change in changes if change is not None}
    for category in (LATEST, "markets", "companies", "companies.ipos", "sectors"):
        entry = view.newest(in_category(category) if category != LATEST else EVERYTHING, 1000)
        assert len(entry) <= bound
        assert [each.key for each in entry] == sorted((each.key for each in entry), reverse=True)
        assert all(last[each.item.row.uri] is each.item and category in each.item.categories for each in entry)
        assert all(each.item.row.status != "withdrawn" for each in entry)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["markets", "sectors"])), max_size=30), st.integers(1, 5))
def test_stories_of_one_version_leave_the_newest_n_of_all(made: list[tuple[int, str]], bound: int) -> None:
    items = [
        build_item(f"u{number}", time=f"2026-03-02T10:00:0{second}Z", categories=[category])
        for number, (second, category) in enumerate(made)
    ]
    view, _ = build_view(*items, rows=bound)
    for category in ("markets", "sectors"):
        own = [
            (each.row.time, number, each.row.uri) for number, each in enumerate(items) if category in each.categories
        ]
        assert uris_of(view, in_category(category)) == [uri for _, _, uri in sorted(own, reverse=True)][:bound]


class Screen:
    """A client: the rows that it shows after its events, and the id that it would resume with."""

    def __init__(self) -> None:
        self.rows: dict[str, object] = {}
        self.id = ""

    def read(self, frame: bytes) -> None:
        fields = dict(line.split(": ", 1) for line in frame.decode().strip().splitlines() if line[:1] != ":")
        self.id = fields.get("id", self.id)
        data = orjson.loads(fields["data"]) if "data" in fields else None
        if fields.get("event") == "reset":
            self.rows = {}
        elif fields.get("event") == "item":
            self.rows[data["uri"]] = data
        elif fields.get("event") == "withdrawn":
            self.rows.pop(data["uri"], None)


@given(steps, st.data())
def test_a_client_that_breaks_off_and_resumes_anywhere_shows_the_same_rows_as_one_that_stayed(
    rows: list[dict[str, object]], data: st.DataObject
) -> None:
    items = [build_item(**row) for row in rows]  # type: ignore[arg-type]
    filter_ = data.draw(
        st.sampled_from(
            [
                EVERYTHING,
                in_category("markets"),
                in_category("companies"),
                in_category("markets", "sectors"),
            ]
        )
    )
    early = data.draw(st.integers(0, len(items)))
    view, _ = build_view(*items[:early])
    screen = Screen()
    frames = EventEncoder(filter_, {}).encode_snapshot(view.newest(filter_, 1000), view.head, "start")
    for frame in frames[: data.draw(st.integers(1, len(frames)))]:
        screen.read(frame)
    whole, _ = build_view(*items)
    if screen.id:
        seen = parse_event_id(screen.id)
        changes = whole.changes_since(seen)
        assert changes is not None
        for frame in EventEncoder(filter_, seen).encode_changes(changes):
            screen.read(frame)
    else:
        for frame in EventEncoder(filter_, {}).encode_snapshot(whole.newest(filter_, 1000), whole.head, "start"):
            screen.read(frame)
    assert screen.rows == {entry.item.row.uri: orjson.loads(entry.item.data) for entry in whole.newest(filter_, 1000)}


def test_rows_of_a_rare_category_are_backfilled_from_its_topic_and_never_replace_those_of_news_latest() -> None:
    view, _ = build_view(build_item("a"), build_item("gone", version=2, withdrawn=True))
    for number, each in enumerate(
        [
            build_item("old", categories=["sectors"], time="2026-03-01T10:00:00Z"),
            build_item("old", version=2, categories=["sectors"], time="2026-03-01T10:00:00Z", headline="Second"),
            build_item("same-second", categories=["sectors"]),
            build_item("gone", categories=["sectors"]),
            build_item("a", version=9, categories=["sectors"]),
            build_item("killed", categories=["sectors"]),
            build_item("killed", version=2, withdrawn=True),
        ]
    ):
        view.backfill(1_772_000_000_000 + number, each, b"{}", "prnewswire")
    assert uris_of(view) == ["a", "same-second", "old"]
    assert [(each.version, each.headline) for each in view.get("old").versions] == [  # type: ignore[union-attr]
        ("1", "Norwick Pumps opens a plant"),
        ("2", "Second"),
    ]
    assert not view.needs_rows(LATEST) or len(uris_of(view)) < 100


def test_a_change_of_a_backfilled_row_reaches_clients_that_saw_an_earlier_version() -> None:
    view, _ = build_view(build_item("a"))
    second = build_item("old", version=2, categories=["sectors"])
    view.backfill(1_772_000_000_000, second, b"{}", "prnewswire")
    change = view.apply(0, 7, second, b"{}", "prnewswire")
    assert change is not None
    assert (change.effect_for(in_category("sectors")), change.effect_for(in_category("markets"))) == (
        True,
        False,
    )
    assert uris_of(view, in_category("sectors")) == ["old"]


def test_a_page_of_several_tickers_gets_the_newest_of_each_category() -> None:
    rare = build_item("rare", time="2026-03-02T09:00:00Z", categories=["sectors", "markets"])
    view, _ = build_view(rare, *(build_item(f"m{number}") for number in range(3)))
    rows = view.newest_of_each(in_category("markets", "sectors"), 2)
    assert [entry.item.row.uri for entry in rows] == ["m2", "m1", "rare"]


def test_a_replayed_item_is_marked_and_never_new() -> None:
    event = b'{"uri": "u", "version": "1", "versionCreated": "2026-03-02T10:00:00Z"}'
    plain = parse_ticker_item(event, [("ce_type", b"news.item.published")], SOURCES)
    replayed = parse_ticker_item(event, [("ce_type", b"news.item.published"), ("replay-job", b"r-1")], SOURCES)
    assert (plain.row.status, b"replayed" in plain.data) == ("new", False)
    assert (replayed.row.status, orjson.loads(replayed.data)["replayed"]) == ("corrected", True)


@given(steps)
def test_clients_that_are_up_to_date_share_frames_equal_to_their_own(rows: list[dict[str, object]]) -> None:
    view = TickerView(100, 1000, {0: 0, 1: 0})
    one, other = EventEncoder(EVERYTHING, {}), EventEncoder(EVERYTHING, {})
    for number, each in enumerate(rows):
        change = view.apply(number % 2, number, build_item(**each), b"{}", "x")  # type: ignore[arg-type]
        if change is not None:
            first, second = list(one.encode_changes([change])), list(other.encode_changes([change]))
            assert (first, one.event_id()) == (second, other.event_id())
            assert all(f"id: {one.event_id()}\n".encode() in frame for frame in first)
            assert all(offset <= view.head[partition] for partition, offset in parse_event_id(one.event_id()).items())
