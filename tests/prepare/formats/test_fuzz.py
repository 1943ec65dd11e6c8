"""A damaged item is read or refused, in every format. `python tests/quality/fuzz.py` runs this for longer."""

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.mutations import SAMPLES, mutate
from support.raw_records import document

from streams.model.errors import Reject
from streams.prepare.formats.registry import FORMATS, find_format

TYPES = ("", "text/plain", "application/json", "text/xml; charset=utf-16", "text/html; charset=x", "message/rfc822")
BY_FORMAT = {name: [path for path in SAMPLES if path.parent.name == name] for name in {p.parent.name for p in SAMPLES}}


@settings(max_examples=1_000)
@given(
    st.sampled_from(sorted(BY_FORMAT)).flatmap(lambda name: st.sampled_from(BY_FORMAT[name])),
    st.integers(0, 2**32),
    st.sampled_from(TYPES),
)
def test_a_damaged_item_of_any_format_is_read_or_refused(sample: Path, seed: int, content_type: str) -> None:
    body = mutate(sample.read_bytes(), random.Random(seed))
    opened = document(body, content_type)
    try:
        find_format(opened).parse(opened)
    except Reject:
        return


def test_every_format_is_among_the_damaged() -> None:
    assert BY_FORMAT.keys() == {row.name for row in FORMATS}
