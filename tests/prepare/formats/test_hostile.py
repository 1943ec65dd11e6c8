"""Hostile items are refused or made harmless. `tests/quality/hostile.py` measures what they cost."""

import pytest
from quality import hostile
from quality.hostile import OTHERS, SHELLS

REFUSED = {
    "entity bomb": "malformed",
    "entity bomb in an attribute": "malformed",
    "one long entity, often": "malformed",
    "declared entities, many": "too-large",
    "external entity": "malformed",
    "nested tags": "too-large",
    "nested tags, never closed": "too-large",
    "elements, many": "too-large",
    "comments, many": "too-large",
    "truncated": "malformed",
}
READ = {
    "external DTD",
    "UTF-16 without BOM",
    "NUL bytes",
    "invalid UTF-8",
    "UTF-16 declared, UTF-8 sent",
    "attributes, many",
    "characters of HTML, many",
    "long headline",
}


@pytest.mark.parametrize("attack", sorted(hostile.ATTACKS))
@pytest.mark.parametrize("name", sorted(SHELLS))
def test_hostile_xml_is_refused_with_its_code_or_made_harmless(name: str, attack: str) -> None:
    what = hostile.outcome(hostile.ATTACKS[attack](SHELLS[name]))
    assert what.partition(":")[0] == REFUSED.get(attack, "read")
    assert (attack in READ) == (what == "read")


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        ("page: siblings", "too-large"),
        ("page: nested tags", "too-deep"),
        ("page: nested tables", "too-deep"),
        ("page: attributes, many", "read"),
        ("page: links, many", "too-large"),
        ("page: table, huge", "too-large"),
        ("page: meta, many", "read"),
        ("page: JSON-LD, deep", "read"),
        ("page: comments, many", "read"),
        ("page: script, large", "read"),
        ("page: tag, never closed", "read"),
        ("page: handler and script", "read"),
        ("page: as large as may be", "read"),
        ("JSON: nested", "too-deep"),
        ("JSON: nested and closed", "too-deep"),
        ("JSON: HTML with siblings", "too-large"),
        ("RSS: items, many", "too-large"),
        ("text: one long line", "read"),
        ("mail: parts, many", "too-large"),
    ],
)
def test_a_hostile_page_text_or_mail_is_refused_with_its_code_or_made_harmless(attack: str, code: str) -> None:
    assert hostile.outcome(OTHERS[attack]()).partition(":")[0] == code
