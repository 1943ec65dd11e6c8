"""Labels of metrics have a bounded number of values."""

import pytest

from streams.model.records import Effect
from streams.model.topics import LATEST
from streams.runtime import metrics
from streams.worker.decide_agent import _read_language


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


def test_the_language_of_an_unclassified_item_is_that_of_its_record() -> None:
    effects = [
        Effect(LATEST, b"a", b'{"language": "de", "uri": "a"}', ()),
        Effect(LATEST, b"b", b'{"uri": "b"}', ()),
        Effect("markets", b"c", b'{"language": "fr"}', ()),
    ]
    assert [_read_language(effects, key) for key in (b"a", b"b", b"c")] == ["de", "", ""]
