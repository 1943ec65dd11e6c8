"""What the formats make of hostile XML; `tests/quality/hostile_xml.py` measures what it costs."""

import pytest

from tests.quality import hostile_xml
from tests.quality.hostile_xml import SHELLS

REFUSED = {
    "entity bomb": "malformed",
    "entity bomb in an attribute": "malformed",
    "one long entity, often": "malformed",
    "declared entities, many": "malformed",
    "external entity": "malformed",
    "nested tags": "too-deep",
    "nested tags, never closed": "too-deep",
    "truncated": "malformed",
    "NUL bytes": "malformed",
    "invalid UTF-8": "malformed",
    "UTF-16 declared, UTF-8 sent": "malformed",
}
READ = {"external DTD", "UTF-16 without BOM", "attributes, many", "characters of HTML, many", "comments, many"}
LARGE = {"elements, many", "long headline"}


@pytest.mark.parametrize("attack", sorted(hostile_xml.ATTACKS.keys() - LARGE))
@pytest.mark.parametrize("name", sorted(SHELLS))
def test_hostile_xml_is_refused_with_its_code_or_made_harmless(name: str, attack: str) -> None:
    what = hostile_xml.outcome(hostile_xml.ATTACKS[attack](SHELLS[name]))
    assert what.partition(":")[0] == REFUSED.get(attack, "read")
    assert (attack in READ) == (what == "read")
