"""What lies outside the gaps of an alignment is equal in both lists."""

from hypothesis import given
from hypothesis import strategies as st

from streams.decide.alignment import align

words = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), max_size=30)


@given(words, words)
def test_what_is_outside_the_gaps_is_equal(new: list[str], old: list[str]) -> None:
    gaps = align(new, old)
    kept, old_kept = list(new), list(old)
    for gap in reversed(gaps):
        del kept[gap.start : gap.end], old_kept[gap.old_start : gap.old_end]
    assert kept == old_kept
    assert all(gap.start < gap.end or gap.old_start < gap.old_end for gap in gaps)
    assert align(new, new) == []
