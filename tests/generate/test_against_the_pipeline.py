"""The pipeline decides generated items as their truth says."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from streams.config.loader import load
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.generate import GeneratedItem, stream
from streams.generate.calendar import to_milliseconds
from streams.model import codec
from streams.model.records import Decision, Outcome, RecordRef, StampedRef
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.loading import load_knowledge

Decided = list[tuple[GeneratedItem, list[Decision], str]]


@pytest.fixture(scope="module")
def decided() -> Decided:
    settings = load(environ={})
    knowledge, params, state, log_offset = load_knowledge(settings), DecideParams.from_settings(settings), State(), 0
    found: Decided = []
    for item in stream(11, 2_000, datetime(2026, 3, 2, 9, 0, tzinfo=UTC), rate=0.5):
        stamp = to_milliseconds(datetime.fromisoformat(item.headers["received-at"]))
        position = StampedRef(RecordRef("news.raw", 0, item.truth.number), stamp)
        headers = tuple((name, value.encode()) for name, value in item.headers.items())
        result = prepare_message(RawMessage(position, headers, item.body), knowledge)
        decisions = []
        for _, value in result.records:
            overlay = Batch(state)
            decision, _ = apply(overlay, codec.decode(value), log_offset, params)
            state.merge(overlay.changes)
            decisions.append(decision)
            log_offset += 1
        found.append((item, decisions, result.bug))
    return found


def test_every_item_gives_one_record_and_no_bug(decided: Decided) -> None:
    assert [(item.truth, bug) for item, decisions, bug in decided if bug or len(decisions) != 1] == []
    assert [item.truth for item, (decision,), _ in decided if decision.error_code == "internal"] == []


def test_outcomes_equal_the_truth_unless_they_need_near_copies_or_references(decided: Decided) -> None:
    wrong = [
        (item.truth.kind, item.truth.outcome, item.truth.error, decision.outcome.value, decision.error_message)
        for item, (decision,), _ in decided
        if not item.truth.needs
        and (decision.outcome.value, decision.error_code) != (item.truth.outcome, item.truth.error)
    ]
    assert wrong == []
    compared = Counter(item.truth.kind for item, _, _ in decided if not item.truth.needs)
    assert compared.keys() >= {"release", "copy", "alert", "full-text", "version", "kill", "look-alike", "hostile"}


def test_all_items_of_a_story_get_its_uri_and_numbered_versions(decided: Decided) -> None:
    uris: dict[str, str] = {}
    for item, (decision,), _ in decided:
        truth = item.truth
        if truth.needs or decision.outcome is Outcome.REJECTED:
            continue
        assert decision.uri == uris.setdefault(truth.story, decision.uri), truth
        if truth.version:
            assert decision.version == str(truth.version), truth
    assert len(set(uris.values())) == len(uris)


def test_every_valid_item_is_accepted(decided: Decided) -> None:
    unread = [
        item.truth
        for item, (decision,), _ in decided
        if decision.outcome is Outcome.REJECTED and item.truth.outcome != "rejected"
    ]
    assert unread == []
