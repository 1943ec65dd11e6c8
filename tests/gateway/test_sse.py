"""Events of a stream: their ids, what a client shows after it resumes, and frames that clients share."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ticker_items import EVERYTHING, STEPS, build_item, build_view, in_category

from streams.gateway.hub import Hub
from streams.gateway.sse import EventEncoder, format_event_id, parse_event_id
from streams.gateway.ticker_view import TickerView


def test_a_client_is_told_when_the_gateway_gets_no_news_and_when_it_does_again() -> None:
    hub = Hub()
    hub.open(build_view()[0])
    early, _ = hub.join(EVERYTHING, 10, None, "", lambda: None)
    hub.tell_problem("waiting for Kafka")
    hub.tell_problem("waiting for Kafka")
    late, _ = hub.join(EVERYTHING, 10, None, "", lambda: None)
    broken = b'event: state\ndata: {"ready":false,"why":"waiting for Kafka"}\n\n'
    assert (early.take(), late.take(), early.take()) == ([broken], [broken], [])
    hub.tell_problem("")
    assert early.take() == [b'event: state\ndata: {"ready":true,"why":""}\n\n']


@given(st.dictionaries(st.integers(0, 999), st.integers(0, 10**12), max_size=5))
def test_a_position_is_the_same_after_it_is_formatted_and_parsed(position: dict[int, int]) -> None:
    assert parse_event_id(format_event_id(position)) == position


@pytest.mark.parametrize(
    "text", ["", "x", "0", "0:-1", "0:1,", "0:1;1:2", "0:\N{ARABIC-INDIC DIGIT ONE}", "0:" + "9" * 40, "0:1\nevent: x"]
)
def test_an_id_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no id of this stream"):
        parse_event_id(text)


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


@given(STEPS, st.data())
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


@given(STEPS)
def test_clients_that_are_up_to_date_share_frames_equal_to_their_own(rows: list[dict[str, object]]) -> None:
    view = TickerView(100, 1000, {0: 0, 1: 0})
    one, other = EventEncoder(EVERYTHING, {}), EventEncoder(EVERYTHING, {})
    for number, each in enumerate(rows):
        change = view.apply(number % 2, number, build_item(**each), b"{}")  # type: ignore[arg-type]
        if change is not None:
            first, second = list(one.encode_changes([change])), list(other.encode_changes([change]))
            assert (first, one.event_id()) == (second, other.event_id())
            assert all(f"id: {one.event_id()}\n".encode() in frame for frame in first)
            assert all(offset <= view.head[partition] for partition, offset in parse_event_id(one.event_id()).items())
