"""The ticker view: order, revisions, withdrawals, bounds, changes since a position and backfilled rows."""

from hypothesis import given
from hypothesis import strategies as st
from support.ticker_items import EVERYTHING, STEPS, build_item, build_view, in_category, uris_of

from streams.gateway.filters import Filter
from streams.gateway.sse import EventEncoder
from streams.gateway.ticker_row import Tombstone
from streams.gateway.ticker_view import TickerView
from streams.model.topics import LATEST


def is_withdrawn(view: TickerView, uri: str) -> bool:
    return view.withdrawal(uri) is not None


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
    assert (uris_of(view), view.get("a"), is_withdrawn(view, "a"), is_withdrawn(view, "b")) == ([], None, True, False)


def test_a_repeat_and_an_older_version_change_nothing() -> None:
    first, second = build_item("a"), build_item("a", version=2)
    view, changes = build_view(first, second, first, second, build_item("a", version=3, withdrawn=True), second)
    assert [change is not None for change in changes] == [True, True, False, False, True, False]
    assert view.apply(0, 2, build_item("b"), b"{}") is None, "the offset was read before"
    assert is_withdrawn(view, "a")


def test_a_story_that_is_published_again_after_its_withdrawal_is_shown_again() -> None:
    view, _ = build_view(build_item("a"), build_item("a", version=2, withdrawn=True), build_item("a", version=3))
    assert (uris_of(view), is_withdrawn(view, "a")) == (["a"], False)


def test_a_row_stays_while_one_category_still_has_it_among_its_newest() -> None:
    rare = build_item("rare", time="2026-03-02T09:00:00Z", categories=["companies.ipos"])
    view, _ = build_view(rare, *(build_item(f"m{number}") for number in range(3)), rows=2)
    assert (uris_of(view, in_category(LATEST)), uris_of(view, in_category("companies.ipos"))) == (
        ["m2", "m1"],
        ["rare"],
    )
    assert view.get("rare") is not None
    assert view.get("m0") is None


def test_a_position_that_reaches_back_too_far_or_to_another_partition_has_no_changes() -> None:
    view, _ = build_view(*(build_item(f"u{number}") for number in range(6)), history=3)
    assert view.changes_since({0: 1}) is None
    assert [change.offset for change in view.changes_since({0: 2}) or []] == [3, 4, 5]
    assert view.changes_since({0: 5}) == []
    assert view.changes_since({0: 99}) == []
    assert view.changes_since({0: 5, 1: 0}) is None
    assert TickerView(5, 5, {0: 7}).changes_since({0: 5}) is None, "records 6 and before were never read"
    assert TickerView(5, 5, {0: 7}).changes_since({0: 6}) == []


@given(STEPS, st.integers(1, 4))
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
        view.backfill(1_772_000_000_000 + number, each, b"{}")
    assert uris_of(view) == ["a", "same-second", "old"]
    assert [(each.version, each.headline) for each in view.get("old").versions] == [  # type: ignore[union-attr]
        ("1", "Norwick Pumps opens a plant"),
        ("2", "Second"),
    ]
    assert not view.needs_rows(LATEST) or len(uris_of(view)) < 100


def test_a_change_of_a_backfilled_row_reaches_clients_that_saw_an_earlier_version() -> None:
    view, _ = build_view(build_item("a"))
    second = build_item("old", version=2, categories=["sectors"])
    view.backfill(1_772_000_000_000, second, b"{}")
    change = view.apply(0, 7, second, b"{}")
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


def read_resumed(view: TickerView, seen: dict[int, int], wanted: Filter = EVERYTHING) -> bytes:
    """What a client gets that comes back with a position."""
    return b"".join(EventEncoder(wanted, seen).encode_changes(view.changes_since(seen) or []))


def test_a_client_that_comes_back_gets_the_withdrawal_once_and_no_earlier_change_of_the_story() -> None:
    view, _ = build_view(
        build_item("a", headline="Secret one"),
        build_item("b", headline="Kept"),
        build_item("a", version=2, headline="Secret two"),
        build_item("a", version=3, withdrawn=True),
    )
    sent = read_resumed(view, {})
    assert (b"Secret" in sent, b"Kept" in sent, sent.count(b"event: withdrawn")) == (False, True, 1)
    assert b"Secret" not in read_resumed(view, {0: 1})


def test_a_change_that_waits_for_a_client_is_not_sent_after_the_withdrawal() -> None:
    view = TickerView(100, 1000, {0: 0})
    waiting = view.apply(0, 0, build_item("a", headline="Secret"), b"{}")
    assert waiting is not None
    assert b"Secret" in b"".join(EventEncoder(EVERYTHING, {}).encode_changes([waiting]))
    view.apply(0, 1, build_item("a", version=2, withdrawn=True), b"{}")
    assert b"Secret" not in b"".join(EventEncoder(EVERYTHING, {}).encode_changes([waiting]))


def test_a_client_that_still_shows_a_row_that_left_its_category_before_the_withdrawal_removes_it() -> None:
    view, _ = build_view(
        build_item("a", categories=["markets"]),
        build_item("a", version=2, categories=["commodities"]),
        build_item("a", version=3, withdrawn=True),
    )
    assert b"event: withdrawn" in read_resumed(view, {0: 0}, in_category("markets"))


def test_a_client_that_shows_a_version_from_before_this_view_removes_it_at_the_withdrawal() -> None:
    view = TickerView(100, 1000, {0: 7})
    view.apply(0, 7, build_item("a", version=5, categories=["commodities"]), b"{}")
    view.apply(0, 8, build_item("a", version=6, withdrawn=True), b"{}")
    assert b"event: withdrawn" in read_resumed(view, {0: 6}, in_category("markets"))


def test_a_story_that_comes_back_after_its_withdrawal_is_sent_with_its_new_headline_only() -> None:
    view, _ = build_view(
        build_item("a", headline="Secret"),
        build_item("a", version=2, withdrawn=True),
        build_item("a", version=3, headline="Open"),
    )
    sent = read_resumed(view, {})
    assert (b"Secret" in sent, b"Open" in sent) == (False, True)


@given(STEPS)
def test_no_headline_before_the_last_withdrawal_of_a_story_is_sent_again_from_any_position(
    rows: list[dict[str, object]],
) -> None:
    items = [build_item(**each, headline=f"<{number}>") for number, each in enumerate(rows)]  # type: ignore[arg-type]
    view, changes = build_view(*items)
    gone: dict[str, int] = {}
    for number, change in enumerate(changes):
        if change is not None and items[number].row.status == "withdrawn":
            gone[items[number].row.uri] = number
    for seen in range(-1, len(items)):
        sent = read_resumed(view, {0: seen})
        assert [
            number
            for number, each in enumerate(items)
            if number < gone.get(each.row.uri, -1) and f"<{number}>".encode() in sent
        ] == []


def tombstone(uri: str, version: int, *, withdrawn: bool = False) -> Tombstone:
    return Tombstone(f"{uri}/{version}", uri, str(version), "2026-03-02T10:00:00Z", "PR", withdrawn)


def test_a_tombstone_of_a_category_topic_removes_a_backfilled_row_of_an_older_version_only() -> None:
    view, _ = build_view(build_item("live", version=5))
    for uri, version in (("moved", 1), ("elsewhere", 2), ("withdrawn", 1)):
        view.backfill(1_772_000_000_000, build_item(uri, version=version, categories=["sectors"]), b"{}")
    for each in (
        tombstone("moved", 2),
        tombstone("elsewhere", 2),
        tombstone("withdrawn", 2, withdrawn=True),
        tombstone("never-seen", 2),
        tombstone("live", 6, withdrawn=True),
    ):
        view.backfill_tombstone(each)
    assert sorted(uris_of(view)) == ["elsewhere", "live"]
    assert [is_withdrawn(view, uri) for uri in ("moved", "withdrawn", "live")] == [False, True, False]
    view.backfill(1_772_000_000_000, build_item("withdrawn", categories=["markets"]), b"{}")
    assert view.get("withdrawn") is None, "another topic of the story is read after its withdrawal"
