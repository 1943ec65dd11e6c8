"""Any bytes and headers give at least one log record, the same each time; each refusal has its reason."""

import json
from pathlib import Path

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.config.loader import load
from streams.model import codec
from streams.model.errors import Reason
from streams.model.records import Item, LogRecord, RecordRef, Refusal, StampedRef
from streams.model.topics import MAX_ITEM_BYTES, MAX_RAW_BYTES
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.formats._common import MAX_ITEMS
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import MAX_ID, MAX_MESSAGE, prepare, read_wire_time, refuse

KNOWLEDGE = load_knowledge(load(environ={}))
AT = StampedRef(RecordRef("news.raw", 1, 5), 1_772_452_800_000)
WIRES = Path(__file__).resolve().parents[1] / "wires"
SAMPLES = [
    path.read_bytes()
    for path in sorted(WIRES.glob("*/*"))
    if path.suffix != ".md" and not path.name.endswith((".expected.json", ".headers.json"))
]


def test_a_record_over_the_limit_of_the_settings_is_refused_as_too_large() -> None:
    small = load_knowledge(load(environ={"NEWSWIRE_PREPARE__ITEM_MB": "0.001"}))
    (refusal,) = prepare(accept_raw_record(AT, (("source", b"norwire"),), b"x" * 1049), small)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.message) == ("too-large", "1049 bytes; the limit is 1048 (prepare.item_mb)")


def prepare_bytes(body: bytes | None, **headers: str) -> list[LogRecord]:
    """Log records, through the bytes of the log."""
    named = {"source": "norwire", **headers}
    fields = tuple((name.replace("_", "-"), text.encode("utf-8", "surrogateescape")) for name, text in named.items())
    done = prepare_message(RawMessage(AT, fields, body), KNOWLEDGE)
    assert done.bug == ""
    return [codec.decode(value) for _, value in done.records]


def prepare_one_item(**fields: object) -> Item:
    headers = fields.pop("headers", {})
    [record] = prepare_bytes(orjson.dumps(fields), **headers)
    assert isinstance(record, Item)
    return record


def prepare_one_refusal(body: bytes | None, **headers: str) -> Refusal:
    [record] = prepare_bytes(body, **headers)
    assert isinstance(record, Refusal)
    return record


DEEP = b"<?xml version='1.0'?>" + b"<a>" * 400 + b"</a>" * 400
REFUSED = [
    (Reason.UNKNOWN_FORMAT, b"\x01\x02\x03", {}),
    (Reason.UNKNOWN_FORMAT, b'{"colour": "red"}', {}),
    (Reason.MALFORMED, b'{"title": "Ferries', {}),
    (Reason.MALFORMED, b"<?xml version='1.0'?><newsItem><itemMeta>", {}),
    (Reason.MALFORMED, b'{"title": 4.5}', {}),
    (Reason.MALFORMED, orjson.dumps({"title": "Ferries", "id": "9" * (MAX_ID + 1)}), {}),
    (Reason.MALFORMED, orjson.dumps({"title": "Ferries", "id": "1", "version": "9" * (MAX_ID + 1)}), {}),
    (Reason.MALFORMED, b'{"title": "Ferries"}', {"guid": "9" * (MAX_ID + 1)}),
    (Reason.ENCODING, b"\xff\xfe\x00\xd8x\x00", {}),
    (Reason.TOO_LARGE, b"x" * (MAX_RAW_BYTES + 1), {}),
    (Reason.TOO_LARGE, b'{"too-large": {}}', {"too_large": "90000000"}),
    (Reason.TOO_LARGE, b"<rss><channel>" + b"<item/>" * (MAX_ITEMS + 1) + b"</channel></rss>", {}),
    (Reason.TOO_LARGE, b"<feed>" + b"<entry/>" * (MAX_ITEMS + 1) + b"</feed>", {}),
    (Reason.TOO_LARGE, b"[" + b'{"title":""},' * MAX_ITEMS + b'{"title":""}]', {}),
    (Reason.TOO_LARGE, b"[" + b'{"uri":"u","headline":""},' * MAX_ITEMS + b'{"uri":"u","headline":""}]', {}),
    (Reason.TOO_DEEP, b"[" * 3000, {}),
    (Reason.TOO_DEEP, DEEP, {}),
    (Reason.EMPTY, b" \n\0", {}),
    (Reason.EMPTY, None, {}),
    (Reason.EMPTY, b"\xef\xbb\xbf \r\n", {}),
    (Reason.MISSING_FIELD, b'{"id": "N1"}', {}),
    (Reason.MISSING_SOURCE, b'{"title": "Ferries"}', {"source": ""}),
    (Reason.MISSING_SOURCE, b'{"title": "Ferries"}', {"source": "\u202e\r\n"}),
    (Reason.TEST_ITEM, b'{"title": "Ferries", "status": "test"}', {}),
    (Reason.TEST_ITEM, b'{"title": "TEST - please ignore"}', {}),
]


@pytest.mark.parametrize(("reason", "body", "headers"), REFUSED, ids=[f"{row[0]}-{n}" for n, row in enumerate(REFUSED)])
def test_a_record_that_holds_no_item_is_refused_with_its_reason_and_its_bytes(reason, body, headers):
    found = prepare_one_refusal(body, **headers)
    assert (found.code, found.body) == (reason.value, body or b"")
    assert found.source == headers.get("source", "norwire") or found.source == "unknown"
    assert found.message
    assert len(found.message) <= MAX_MESSAGE
    assert (found.origin.index, found.origin.count) == (0, 1)


def test_every_reason_but_those_of_the_pool_and_of_bugs_is_provoked_here():
    assert {row[0] for row in REFUSED} == set(Reason) - {Reason.TIMEOUT, Reason.CRASHED, Reason.INTERNAL}


@pytest.mark.parametrize("headline", ["\u200b\u200b", "\u3164 \u3164", "\u2800", "\u202e\u2066", "\xa0\ufeff"])
def test_a_headline_of_nothing_but_invisible_characters_is_none(headline):
    refused = prepare_one_refusal(orjson.dumps({"id": "1", "title": headline}))
    assert refused.code == "missing-field"
    item = prepare_one_item(id="1", title=headline, body="Norwick Pumps opened a plant in Malmo on Tuesday.")
    shown = [row["value"] for row in orjson.loads(bytes(item.event)).get("headlines", ())]
    assert all(value.isprintable() and value.strip("\u3164\u2800 ") for value in shown)


def test_the_items_of_a_record_are_numbered_and_each_is_refused_alone():
    body = b'[{"title": "Ferries sail"}, {"title": 4.5}, {"id": "N1"}, {"title": "Ships dock"}]'
    records = prepare_bytes(body)
    assert [(each.origin.index, each.origin.count) for each in records] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert [each.code if isinstance(each, Refusal) else each.headline for each in records] == [
        "Ferries sail",
        "malformed",
        "missing-field",
        "Ships dock",
    ]
    assert {each.body for each in records if isinstance(each, Refusal)} == {body}
    assert all((each.origin.topic, each.origin.partition, each.origin.offset) == ("news.raw", 1, 5) for each in records)


def test_an_item_carries_all_that_decide_needs():
    found = prepare_one_item(
        id="N1",
        version="2",
        date="2026-03-02T09:30:00.250Z",
        title="Brenner Bank (NYSE: BRB) declares a dividend",
        body="The bank pays 12 cents.",
        headers={"received-at": "2026-03-02T11:59:00Z"},
    )
    assert (found.id, found.guid, found.version, found.version_created, found.time_source) == (
        "N1",
        "N1",
        "2",
        "2026-03-02T09:30:00.250Z",
        "wire",
    )
    assert (found.received, found.symbols, found.has_body, found.status) == (
        "2026-03-02T11:59:00Z",
        ("XNYS:BRB",),
        True,
        "usable",
    )
    assert found.prepared_with == KNOWLEDGE.versions
    assert len(found.text_hash) == 64


@pytest.mark.parametrize("headline", [{}, {"headline": "Pictures of the day from the harbour of Keld"}])
@pytest.mark.parametrize("kind", ["picture", "video"])
def test_pictures_are_compared_by_headline_and_caption(kind: str, headline: dict[str, str]) -> None:
    def prepare_picture(words: str) -> Item:
        time = "2026-03-02T09:00:00Z"
        return prepare_one_item(
            uri="urn:p1", type=kind, pubstatus="usable", versioncreated=time, description_text=words, **headline
        )

    ferry = prepare_picture("A ferry of Norwick leaves Keld on Monday.")
    wreck = prepare_picture("Divers of Norwick look at the wreck off Keld.")
    again = prepare_picture("A ferry of NORWICK leaves Keld, on Monday")
    assert ferry.text_hash == again.text_hash != wreck.text_hash
    assert {one.old_text_hash for one in (ferry, wreck, again)} == {""}
    assert ferry.fingerprint.minhash == again.fingerprint.minhash != wreck.fingerprint.minhash


def test_an_item_without_a_time_has_no_time_for_the_order_of_versions():
    found = prepare_one_item(title="Ferries sail")
    assert (found.version_created, found.time_source) == ("", "received")
    assert json.loads(bytes(found.event))["versionCreated"] == "2026-03-02T12:00:00Z"


@pytest.mark.parametrize(
    ("date", "order"),
    [
        ("2026-03-03T12:00:00Z", "2026-03-03T12:00:00Z"),
        ("2026-03-03T12:00:01Z", ""),
        ("2062-03-02T09:30:00Z", ""),
    ],
)
def test_a_time_over_a_day_ahead_is_shown_but_orders_no_version(date, order):
    found = prepare_one_item(title="Ferries sail", date=date)
    assert (found.version_created, found.time_source) == (order, "wire")
    assert json.loads(bytes(found.event))["versionCreated"] == date


def test_a_source_that_is_too_long_is_refused_under_its_beginning():
    done = prepare_message(RawMessage(AT, (("source", b"s" * 5000),), b'{"title": "Ferries"}'), KNOWLEDGE)
    [found] = [codec.decode(value) for _, value in done.records]
    assert isinstance(found, Refusal)
    assert (found.code, found.source, done.source) == ("malformed", "s" * 200, "s" * 200)


def test_the_message_of_a_refusal_is_one_line():
    found = prepare_one_refusal(orjson.dumps({"title": "Ferries", "status": "so\n\u202eon\x1b"}))
    assert found.message.startswith("status 'so")
    assert found.message.isprintable()
    raw = accept_raw_record(AT, (("source", b"norwire"),), b"x")
    assert refuse(raw, Reason.INTERNAL, "a\r\nb\u202e", stage="prepare").message == "a b"


def test_an_embargo_of_the_wire_is_in_the_item():
    found = (WIRES / "newsml-g2" / "embargoed-until.xml").read_bytes()
    [record] = prepare_bytes(found)
    assert isinstance(record, Item)
    assert record.embargoed_until == json.loads(bytes(record.event))["embargoedUntil"] != ""


def test_a_kill_by_status_replaces_its_own_id_and_one_by_headline_may_mean_any_story():
    killed = prepare_one_item(id="77", title="Norwick Pumps to build a yard", status="killed")
    marked = prepare_one_item(id="78", title="KILL: Norwick Pumps to build a yard")
    assert (killed.status, killed.replaces) == ("withdrawn", ("77",))
    assert (marked.status, marked.replaces) == ("withdrawn", ())


def test_a_kill_needs_no_text_where_it_has_an_id():
    assert prepare_one_item(id="N1", status="killed").status == "withdrawn"
    assert prepare_one_refusal(b'{"status": "killed"}').code == "missing-field"


def test_an_item_whose_copies_exceed_the_limit_is_too_large_and_one_below_it_is_not():
    text = b"ferry " * (MAX_ITEM_BYTES // 3 // 6)
    body = orjson.dumps({"title": "Ferries sail", "body": text.decode()})
    assert len(body) < MAX_RAW_BYTES
    [small] = prepare_bytes(body)
    assert isinstance(small, Item)
    copies = len(prepare_one_item(title="Ferries sail", headers={"source": "prnewswire"}).labels) + 1
    assert copies == 3
    large = prepare_one_refusal(body, source="prnewswire")
    assert large.code == "too-large"
    assert f"in each of {copies} topics; the limit is {MAX_ITEM_BYTES} in all" in large.message


def test_the_largest_record_and_the_longest_headers_fit_the_log():
    control = "\x01"
    headers = (
        ("source", (control * 300_000).encode()),
        ("content-type", (control * 300_000).encode()),
        ("too-large", b"9" * 300_000),
        ("guid", (control * 300_000).encode()),
    )
    for body in (b"\xff" * MAX_RAW_BYTES, b'{"title": "Ferries sail"}'):
        for some in (headers, headers[:2], (*headers[:2], headers[3])):
            done = prepare_message(RawMessage(AT, some, body), KNOWLEDGE)
            assert sum(len(value) for _, value in done.records) < MAX_ITEM_BYTES


def test_the_time_of_the_wire_is_the_first_that_the_record_gives():
    def first(body: bytes) -> str:
        return str(read_wire_time(accept_raw_record(AT, (("source", b"norwire"),), body), KNOWLEDGE))

    assert first(b'[{"title": "a"}, {"title": "b", "date": "2026-03-02T09:30:00Z"}]') == "2026-03-02 09:30:00+00:00"
    assert first(b'{"title": "a", "date": "2026-03-02T09:30:00"}') == "None"
    assert first(b"\x01") == "None"


HEADER = st.sampled_from(["source", "content-type", "received-at", "guid", "origin", "attempts", "traceparent"])
HEADERS = st.lists(
    st.tuples(
        HEADER,
        st.none() | st.binary(max_size=30) | st.sampled_from([b"reuters", b"text/html; charset=utf-7", b"norwire"]),
    ),
    max_size=5,
).map(lambda rows: (("source", b"norwire"), *rows))


def check_log_records(headers: tuple[tuple[str, bytes | None], ...], body: bytes | None) -> None:
    record = RawMessage(AT, headers, body)
    done = prepare_message(record, KNOWLEDGE)
    assert done.bug == ""
    assert done == prepare_message(record, KNOWLEDGE)
    records = [codec.decode(value) for _, value in done.records]
    assert [(each.origin.index, each.origin.count) for each in records] == [
        (n, len(records)) for n in range(len(records))
    ]
    assert len(records) >= 1


@settings(deadline=None)
@given(HEADERS, st.none() | st.binary(max_size=200))
def test_any_bytes_give_log_records(headers, body):
    check_log_records(headers, body)


@st.composite
def damaged_samples(draw):
    body = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        until = draw(st.integers(at, min(len(body), at + 40)))
        piece = draw(
            st.binary(max_size=6) | st.sampled_from([b"<", b"]]>", b'"', b"{", b"\0", b"&#xD800;", b"\\ud800"])
        )
        body = draw(st.sampled_from([body[:at] + piece + body[until:], body[:until], body[:until] + body[at:]]))
    return body


@settings(max_examples=300, deadline=None)
@given(HEADERS, damaged_samples())
def test_a_damaged_sample_gives_log_records(headers, body):
    check_log_records(headers, body)


def test_a_log_record_is_decoded_as_it_was_encoded():
    records = prepare(
        accept_raw_record(AT, (("source", b"norwire"),), b'[{"title": "Ferries sail"}, {"title": 4.5}]'), KNOWLEDGE
    )
    assert tuple(codec.decode(codec.encode(record)) for record in records) == records
    assert msgspec.json.decode(codec.encode(records[1]))["kind"] == "refusal"


def test_a_record_of_many_refused_items_is_refused_once_where_their_dead_letters_would_flood_the_log() -> None:
    items = [{"title": 1, "body": "x" * 50_000} for _ in range(20)] + [{"title": "Good"}]
    body = orjson.dumps(items)
    record = prepare_one_refusal(body)
    assert (record.code, record.origin.count, record.body) == ("malformed", 1, body)
    assert record.message == ("20 of its 21 items are refused, the first because item 0: title is a number, not text")


def test_a_title_of_a_wire_that_writes_in_one_language_is_read_in_that_language() -> None:
    item = prepare_one_item(title="MUSTER MEDITEC AG : Berenberg sticks Neutral", headers={"source": "analyser"})
    assert orjson.loads(bytes(item.event))["language"] == "en"
    assert [label.category for label in item.labels] == ["companies", "companies.analyst-recommendations"]


def test_the_language_that_an_item_names_wins_over_that_of_its_wire() -> None:
    item = prepare_one_item(title="Muster SE startet Werk", language="de", headers={"source": "mtnewswires"})
    assert orjson.loads(bytes(item.event))["language"] == "de"


G2_WITHOUT_ZONE = (
    "<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='a:1' version='1'><itemMeta><provider literal='{}'/>"
    "<versionCreated>{}</versionCreated></itemMeta><contentMeta><headline>Havn</headline></contentMeta></newsItem>"
)
SOLITA_WITHOUT_ZONE = (
    "<release id='1'><title>Satama</title><publisher><name>Satama</name></publisher><leadtext>Satama avaa.</leadtext>"
    "<publicationDate>02.03.2026 10:45</publicationDate><longurl>https://www.{}/tiedote/1</longurl></release>"
)


@pytest.mark.parametrize(
    ("body", "source", "moment"),
    [
        ((WIRES / "ritzau" / "story.xml").read_text("utf-8"), "norwire", ("2026-03-02T09:45:00.120Z", "assumed-zone")),
        ((WIRES / "ritzau" / "story.xml").read_text("utf-8"), "dowjones", ("2026-03-02T15:45:00.120Z", "assumed-zone")),
        (
            (WIRES / "ritzau" / "time-with-zone.xml").read_text("utf-8"),
            "dowjones",
            ("2026-03-02T09:45:00.120Z", "wire"),
        ),
        (SOLITA_WITHOUT_ZONE.format("sttinfo.fi"), "norwire", ("2026-03-02T08:45:00Z", "assumed-zone")),
        (SOLITA_WITHOUT_ZONE.format("ntbinfo.no"), "norwire", ("2026-03-02T09:45:00Z", "assumed-zone")),
        (SOLITA_WITHOUT_ZONE.format("wire.example"), "norwire", ("2026-03-02T12:00:00Z", "received")),
        (G2_WITHOUT_ZONE.format("STT", "2026-07-02T10:45:00"), "norwire", ("2026-07-02T07:45:00Z", "assumed-zone")),
        (G2_WITHOUT_ZONE.format("STT", "2026-07-02T10:45:00Z"), "norwire", ("2026-07-02T10:45:00Z", "wire")),
        (
            '{"title": "Havn", "source": "STT", "date": "2026-03-02T10:45:00"}',
            "norwire",
            ("2026-03-02T12:00:00Z", "received"),
        ),
    ],
)
def test_a_time_without_a_zone_has_that_of_the_source_or_of_the_wire_whose_format_it_is(
    body: str, source: str, moment: tuple[str, str]
) -> None:
    [record] = prepare_bytes(body.encode(), source=source)
    assert isinstance(record, Item), record
    assert (orjson.loads(bytes(record.event))["versionCreated"], record.time_source) == moment


CARRIED = (
    "<nitf><head><docdata><doc-id regsrc='AP' id-string='a-1'/></docdata></head><body><body.head><hedline>"
    "<hl1>Marl Clubs opens a hall</hl1></hedline><distributor>The Associated Press</distributor></body.head>"
    "<body.content><p>MARL, Mass.--(BUSINESS WIRE)--Jul 9, 2031--</p><p>Marl Clubs, Inc. today opened a hall of its own"
    " in the town.</p><p>SOURCE: Marl Clubs, Inc.</p></body.content></body></nitf>"
)


@pytest.mark.parametrize("source", ["ap", "norwire"])
def test_a_release_that_an_agency_carries_is_a_press_release_of_its_wire(source: str) -> None:
    [record] = prepare_bytes(CARRIED.encode(), source=source)
    assert isinstance(record, Item), record
    rows = orjson.loads(bytes(record.event))["infoSources"]
    assert rows == [
        {"name": "Business Wire", "role": "distributor", "literal": "BU", "uri": "urn:newswire:source:businesswire"},
        {"name": "Associated Press", "role": "carrier", "literal": "AP", "uri": "urn:newswire:source:ap"},
        {"name": "Marl Clubs, Inc.", "role": "issuer"},
    ]
    assert "companies.press-releases" in [label.category for label in record.labels]


def test_an_item_that_announces_a_call_with_its_day_is_in_the_calendar() -> None:
    text = "Marl Mills talks of oats. It will hold its conference call on December 3, 2026."
    item = prepare_one_item(id="a1", title="Marl Mills talks of oats", body=text, date="2026-11-20T09:00:00Z")
    (label,) = [one for one in item.labels if one.category == "calendar"]
    assert label.creator.partition("@")[0] == "event"
    assert label.matched == ("Conference call 2026-12-03",)
