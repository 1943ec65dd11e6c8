"""Tests `newswire audit`: wrong calls, and spans that prove nothing."""

import asyncio

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
