"""The items of the demo's first two minutes become what the terminal tells of them."""

from datetime import UTC, datetime, timedelta

from support.builders import FoldRunner

from streams.config.loader import load
from streams.demo.opening import build_opening, tell_outcome
from streams.model.records import RecordRef, StampedRef
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import prepare

NOW = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
TITLE = "Norwick Pumps opens a plant in Eastholm"


def test_each_item_of_the_opening_has_the_outcome_that_is_told() -> None:
    knowledge, fold = load_knowledge(load(environ={})), FoldRunner()
    found = []
    for number, step in enumerate(build_opening("x", NOW)):
        received = (NOW + timedelta(seconds=9 * number)).isoformat()
        headers = (("source", step.source.encode()), ("received-at", received.encode()))
        at = StampedRef(RecordRef("news.raw", 0, number), int(NOW.timestamp() * 1000) + 9000 * number)
        (record,) = prepare(accept_raw_record(at, headers, step.body), knowledge)
        made = fold.fold_new(record)
        found.append(tell_outcome(step, made.decision).partition(":")[0])
    assert found == [
        "published",
        "duplicate (same-text)",
        "duplicate (near)",
        "revised",
        "withheld",
        "withdrawn",
        "rejected (malformed)",
    ]


def test_the_correction_says_that_it_is_one() -> None:
    knowledge, fold = load_knowledge(load(environ={})), FoldRunner()
    headers = []
    for number, step in enumerate(build_opening("x", NOW)[:4]):
        given = (("source", step.source.encode()), ("received-at", NOW.isoformat().encode()))
        at = StampedRef(RecordRef("news.raw", 0, number), int(NOW.timestamp() * 1000))
        (record,) = prepare(accept_raw_record(at, given, step.body), knowledge)
        headers.append(fold.fold_new(record))
    assert headers[3].headers("latest")["revision"] == "correction"
    assert {"companies", "companies.press-releases"} <= set(headers[0].shown)
