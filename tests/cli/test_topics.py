"""Tests `newswire topics apply`."""

import pytest


@pytest.mark.kafka
def test_apply_reports_how_many_changes_it_made(run_on_kafka):
    status, out, err = run_on_kafka("topics", "apply")
    assert (status, err) == (0, f"{len(out.splitlines())} changes made\n")
    assert run_on_kafka("topics", "apply")[2] == ""
