"""Tests `newswire audit`: wrong calls, and spans that prove nothing."""

import asyncio
import io

import pytest

from streams.kafka import admin


@pytest.mark.parametrize("end", ["2026-03-02T10:00:00Z", "2026-03-02T09:00:00Z"])
def test_a_span_that_ends_before_it_begins_is_a_wrong_call(end, run_newswire):
    status, out, err = run_newswire("audit", "--from", "2026-03-02T10:00:00Z", "--to", end)
    assert (status, out) == (2, "")
    assert "--from is not before --to (or now): give the earlier time first" in err


@pytest.mark.kafka
def test_a_span_without_raw_records_proves_nothing(settings, run_on_kafka):
    asyncio.run(admin.create_topics(settings))
    assert run_on_kafka("audit") == (
        1,
        "0 raw records, 0 items: none\n0 records in the topics of outcomes, 0 repeats dropped\n",
        "no raw record lies in the span: nothing was proved; look at --from, --to and topics.prefix\n",
    )


@pytest.mark.kafka
def test_items_that_no_worker_has_read_yet_are_counted_and_the_exit_status_is_3(settings, run_on_kafka, tmp_path):
    asyncio.run(admin.create_topics(settings))
    (tmp_path / "a.json").write_text('{"id": "1", "title": "Norwick Ferries opens a yard"}', encoding="utf-8")
    assert run_on_kafka("feed", str(tmp_path / "a.json"), "--source", "norwire")[0] == 0
    status, out, err = run_on_kafka("audit", "--last", "1h")
    assert (status, out.splitlines()[0]) == (3, "1 raw records, 0 items: none")
    assert "1 not decided yet" in out.splitlines()
    assert err == "1 item is not decided yet, the others are well: run it again in a moment, or give --to\n"


@pytest.mark.parametrize("bound", ["--from=2026-03-02T10:00:00Z", "--to=2026-03-02T10:00:00Z", "--last=1h"])
def test_what_is_gone_is_asked_of_all_times(bound, run_newswire):
    status, out, err = run_newswire("audit", "--gone", "urn:newswire:a:1", bound)
    assert (status, out) == (2, "")
    assert "--gone reads every topic from its start: give no --from, --to and --last" in err


def test_uris_of_stories_that_are_gone_may_come_on_stdin(run_newswire, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    status, out, err = run_newswire("audit", "--gone", "-")
    assert (status, out) == (2, "")
    assert "stdin has no uri: give one a line" in err


@pytest.mark.kafka
def test_of_a_story_that_no_topic_knows_nothing_is_said(settings, run_on_kafka):
    asyncio.run(admin.create_topics(settings))
    status, out, err = run_on_kafka("audit", "--gone", "urn:newswire:a:1")
    latest = settings.topics.full("latest")
    assert (status, out) == (1, "")
    assert err == f"no topic knows a story urn:newswire:a:1: give keys of records of {latest}\n"
