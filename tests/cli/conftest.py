"""Fixtures of the tests of commands."""

import pytest

from streams.cli.main import main


@pytest.fixture
def run_newswire(capsys):
    """Runs `newswire` with arguments in this process; returns exit status, stdout and stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return run


@pytest.fixture
def run_on_kafka(run_newswire, settings, monkeypatch):
    """Runs `newswire` as `run_newswire` does, with the broker and the topics of this test."""
    monkeypatch.setenv("NEWSWIRE_KAFKA", settings.kafka.brokers)
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", settings.topics.prefix)
    return run_newswire
