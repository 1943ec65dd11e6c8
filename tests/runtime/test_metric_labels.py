"""Labels of metrics have a bounded number of values."""

import subprocess
import sys

import pytest
from prometheus_client import REGISTRY

from streams.model.records import Decision, Effect, Outcome
from streams.model.topics import LATEST
from streams.runtime import metrics
from streams.worker.outcome_metrics import _count_published


@pytest.mark.parametrize(
    ("language", "label"), [("en-GB", "en"), ("pt_BR", "pt"), ("", "und"), ("nonsense", "und"), ("x1", "und")]
)
def test_a_language_is_counted_by_its_primary_subtag(language: str, label: str) -> None:
    assert metrics.language_label(language) == label


def test_languages_beyond_the_limit_are_counted_as_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_languages", set())
    letters = "abcdefg"
    labels = [metrics.language_label(f"{one}{other}") for one in letters for other in letters]
    assert (labels.count("other"), len(set(labels))) == (9, metrics.MAX_LANGUAGES + 1)


@pytest.mark.parametrize(
    ("value", "language", "found"),
    [
        (b'{"language":"de"}', "de", "none"),
        (b'{"organisations":[{"rel":"mentions"},{"rel":"about"}]}', "und", "about"),
        (b'{"language":"sv","organisations":[{"rel":"mentions"}]}', "sv", "mentions"),
        (rb'{"language":"fi","headlines":[{"value":"\"rel\":\"about\""}]}', "fi", "none"),
        (rb'{"headlines":[{"value":"\"language\":\"no\""}]}', "und", "none"),
    ],
)
def test_a_published_item_is_counted_by_language_and_companies(value: bytes, language: str, found: str) -> None:
    source = f"counted-{language}-{found}"
    decision = Decision(
        log_offset=1, origin=None, outcome=Outcome.PUBLISHED, source=source, uri="a", version="1", topics=(LATEST,)
    )
    _count_published(decision, source, Effect(LATEST, b"a", value, ()))
    for name, labels in (
        ("newswire_items_by_language_total", {"language": language}),
        ("newswire_unclassified_total", {"language": language}),
        ("newswire_companies_found_total", {"found": found}),
    ):
        assert REGISTRY.get_sample_value(name, {"source": source, **labels}) == 1


def test_a_process_that_does_not_prepare_reports_no_version_of_rules() -> None:
    """The alert NewswireRulesDiffer counts the versions that processes report."""
    serve = "from prometheus_client import generate_latest; import streams.runtime.metrics; print(generate_latest())"
    done = subprocess.run([sys.executable, "-c", serve], capture_output=True, text=True, check=True)
    assert "# TYPE newswire_rules_info gauge" in done.stdout
    assert "newswire_rules_info 1" not in done.stdout
