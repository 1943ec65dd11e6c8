"""Tests `newswire why` on a cluster without decisions."""

import asyncio

import pytest

from streams.kafka import admin


@pytest.mark.kafka
def test_a_story_without_decisions_is_an_error_that_says_which_ids_to_give(settings, run_on_kafka):
    asyncio.run(admin.create_topics(settings))
    status, out, err = run_on_kafka("why", "urn:newswire:norwire:1")
    assert (status, out) == (1, "")
    full = settings.topics.full
    assert err == (
        f"nothing was decided about urn:newswire:norwire:1: give the key of a record of {full('latest')}, the ce_id of"
        f" one of {full('duplicates')} or {full('dead-letters')}, a provider's id, an address, or words of a headline\n"
    )
