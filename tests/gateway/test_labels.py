"""Labels of the pages and of the widget in each language."""

import re

import pytest

from streams.gateway.labels import LABELS, name_section, pick_language
from streams.model.topics import CATEGORIES, LATEST


def test_each_language_has_each_label_with_the_same_places_for_values() -> None:
    assert list(LABELS) == ["en", "de", "fr", "es", "it", "nl"]
    for labels in LABELS.values():
        assert labels.keys() == LABELS["en"].keys()
        for key, text in labels.items():
            assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", LABELS["en"][key])


def test_each_section_has_a_name() -> None:
    for labels in LABELS.values():
        assert all(name_section(labels, each) != each for each in (LATEST, *CATEGORIES))


@pytest.mark.parametrize(
    ("header", "chosen", "language"),
    [
        ("", "", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "", "de"),
        ("sv, it;q=0.4, fr;q=0.5", "", "fr"),
        ("ja", "", "en"),
        ("nl;q=0, es;q=0.1", "", "es"),
        ("de;q=x, fr;level=1, es", "", "es"),
        ("de", "nl", "nl"),
        ("de", "xx", "de"),
        ("de" + ",x" * 5000, "", "de"),
    ],
)
def test_the_language_is_the_chosen_or_the_preferred_one(header: str, chosen: str, language: str) -> None:
    assert pick_language(header, chosen) == language
