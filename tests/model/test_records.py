import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.records import ItemRef, Origin, RecordRef

ORIGIN = Origin(topic="news.raw", partition=3, offset=17, timestamp=1_772_452_800_000, index=2, count=4)


def test_references_are_written_as_topic_partition_offset_and_index() -> None:
    assert str(RecordRef("news.raw", 3, 17)) == "news.raw/3/17"
    assert str(ItemRef(RecordRef("news.raw", 3, 17), 2)) == "news.raw/3/17/2"


@given(st.text(min_size=1), st.integers(0, 1 << 31), st.integers(0, 1 << 62), st.integers(0, 1 << 31))
def test_a_reference_is_equal_after_writing_and_reading(topic: str, partition: int, offset: int, index: int) -> None:
    record = RecordRef(topic, partition, offset)
    assert RecordRef.parse(str(record)) == record
    assert ItemRef.parse(str(ItemRef(record, index))) == ItemRef(record, index)


@pytest.mark.parametrize("text", ["", "news.raw", "news.raw/1", "news.raw/1/", "news.raw/one/2"])
def test_a_text_that_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|not enough values"):
        RecordRef.parse(text)


def test_an_origin_knows_its_record_and_its_item() -> None:
    assert ORIGIN.record_ref == RecordRef("news.raw", 3, 17)
    assert ORIGIN.item_ref == ItemRef(RecordRef("news.raw", 3, 17), 2)
    assert str(ORIGIN) == str(ORIGIN.item_ref)
