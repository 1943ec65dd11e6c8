"""`newswire audit` as a command: wrong calls, and spans that prove nothing."""

import asyncio

import pytest

from streams.cli.main import main
from streams.kafka import admin


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    return stop.value.code, out, err


@pytest.mark.parametrize("end", ["2026-03-02T10:00:00Z", "2026-03-02T09:00:00Z"])
def test_a_span_that_ends_before_it_begins_is_a_wrong_call(end, capsys):
    status, out, err = call(capsys, "audit", "--from", "2026-03-02T10:00:00Z", "--to", end)
    assert (status, out) == (2, "")
    assert "--from is not before --to (or now): give the earlier time first" in err


@pytest.mark.kafka
def test_a_span_without_raw_records_proves_nothing(settings, monkeypatch, capsys):
    monkeypatch.setenv("NEWSWIRE_KAFKA", settings.kafka.brokers)
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", settings.topics.prefix)
    asyncio.run(admin.create_topics(settings))
    assert call(capsys, "audit") == (
        1,
        "0 raw records, 0 items: none\n0 records in the topics of outcomes, 0 repeats dropped\n",
        "no raw record lies in the span: nothing was proved; look at --from, --to and topics.prefix\n",
    )
    status, out, err = call(capsys, "why", "urn:newswire:norwire:1")
    assert (status, out) == (1, "")
    assert err == (
        "nothing was decided about urn:newswire:norwire:1: give the key of a record of"
        f" {settings.topics.prefix}.latest or a category's topic, or the ce_id of one of"
        f" {settings.topics.prefix}.duplicates or {settings.topics.prefix}.dead-letters\n"
    )


@pytest.mark.kafka
def test_apply_says_how_much_it_did(settings, monkeypatch, capsys):
    monkeypatch.setenv("NEWSWIRE_KAFKA", settings.kafka.brokers)
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", settings.topics.prefix)
    status, out, err = call(capsys, "topics", "apply")
    assert (status, err) == (0, f"{len(out.splitlines())} changes made\n")
    assert call(capsys, "topics", "apply")[2] == ""


def test_a_command_without_its_broker_prints_one_plain_sentence(monkeypatch, capsys):
    monkeypatch.setenv("NEWSWIRE_KAFKA", "127.0.0.1:1")
    assert call(capsys, "status") == (
        1,
        "",
        "no Kafka at 127.0.0.1:1: start one with `newswire kafka up` or set NEWSWIRE_KAFKA\n",
    )
