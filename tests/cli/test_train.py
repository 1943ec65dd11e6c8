"""Tests `newswire train`."""

import pytest


@pytest.fixture
def run(run_newswire, tmp_path, monkeypatch):
    """Runs `newswire` in the folder of this test."""
    monkeypatch.chdir(tmp_path)
    return run_newswire


def test_training_needs_a_folder_of_labelled_data_and_an_output(run, tmp_path):
    assert run("train", ".")[0] == 2
    code, _, err = run("train", ".", "--report")
    assert code == 1
    assert "has no releases_labels_public.json" in err or "newswire-streams[train]" in err
