"""No damage to an item makes a format fail: it is read or refused. The long run: `python tests/quality/fuzz.py`."""

import random
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.mutations import SAMPLES, mutated

from streams.model import Position, Raw
from streams.prepare.document import Document
from streams.prepare.formats.table import FORMATS, find_format
from streams.reasons import Reject

AT = Position(topic="news.raw", partition=0, offset=0, timestamp=0)
RECEIVED = datetime(2026, 3, 2, tzinfo=UTC)
TYPES = ("", "text/plain", "application/json", "text/xml; charset=utf-16", "text/html; charset=x", "message/rfc822")
BY_FORMAT = {name: [path for path in SAMPLES if path.parent.name == name] for name in {p.parent.name for p in SAMPLES}}


@settings(max_examples=1_000)
@given(
    st.sampled_from(sorted(BY_FORMAT)).flatmap(lambda name: st.sampled_from(BY_FORMAT[name])),
    st.integers(0, 2**32),
    st.sampled_from(TYPES),
)
def test_a_damaged_item_of_any_format_is_read_or_refused(sample: Path, seed: int, content_type: str) -> None:
    body = mutated(sample.read_bytes(), random.Random(seed))
    document = Document(Raw(source="x", received=RECEIVED, body=body, content_type=content_type, position=AT))
    try:
        find_format(document).parse(document)
    except Reject:
        return


def test_every_format_is_among_the_damaged() -> None:
    assert BY_FORMAT.keys() == {row.name for row in FORMATS}
