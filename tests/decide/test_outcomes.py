"""Versions order by `versionCreated`, then version, then the log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decide.outcomes import MAX_SEEN, add_version, compare_versions, find_newest
from streams.decide.state_entries import SeenVersion


def version(number: str = "", created: str = "", key: str = "id alphawire A1", text: str = "t") -> SeenVersion:
    return SeenVersion(key, created, number, text)


@pytest.mark.parametrize(
    ("item", "other", "expected"),
    [
        (version("1", "2031-03-04T12:00:01Z"), version("2", "2031-03-04T12:00:00Z"), 1),
        (version("2", "2031-03-04T12:00:00Z"), version("1", "2031-03-04T12:00:01Z"), -1),
        (version("1", "2031-03-04T12:00:00.001Z"), version("1", "2031-03-04T12:00:00Z"), 1),
        (version("1", "2031-03-04T12:00:00Z"), version("1", "2031-03-04T12:00:00.001Z"), -1),
        (version("2", "2031-03-04T12:00:00Z"), version("1", "2031-03-04T12:00:00Z"), 1),
        (version("10"), version("9"), 1),
        (version("9"), version("10"), -1),
        (version("1.10"), version("1.9"), 1),
        (version("1"), version("1.1"), -1),
        (version("1", "2031-03-04T12:00:00Z"), version("2"), -1),
        (version("3"), version("3", "2031-03-04T12:00:00Z"), 0),
        (version("f3a9"), version("c001"), 1),
        (version("c001"), version("f3a9"), 1),
        (version(""), version("4"), 1),
        (version(""), version(""), 0),
        (version("9" * 50), version("1"), 1),
    ],
)
def test_versions_compare_by_time_then_by_number_then_by_the_log(
    item: SeenVersion, other: SeenVersion, expected: int
) -> None:
    assert compare_versions(item, other) == expected


NUMBERED = st.builds(
    version,
    st.integers(0, 30).map(str),
    st.integers(0, 5).map(lambda second: f"2031-03-04T12:00:0{second}Z"),
)


@given(NUMBERED, NUMBERED)
def test_two_versions_with_time_and_number_are_ordered_or_equal(one: SeenVersion, two: SeenVersion) -> None:
    assert compare_versions(one, two) == -compare_versions(two, one)
    assert (compare_versions(one, two) == 0) == (one == two)


@given(st.lists(NUMBERED, min_size=1, max_size=12))
def test_no_seen_version_is_newer_than_the_newest(seen: list[SeenVersion]) -> None:
    best = find_newest(tuple(seen), "id alphawire A1")
    assert best is not None
    assert all(compare_versions(best, each) >= 0 for each in seen)


def test_the_newest_version_is_searched_under_one_id() -> None:
    seen = (version("1"), version("7", key="id betawire B1"), version("2"))
    assert find_newest(seen, "id alphawire A1") == version("2")
    assert find_newest(seen, "id gammawire C1") is None


def test_of_equal_versions_the_last_in_the_log_is_the_newest() -> None:
    assert find_newest((version("1", text="a"), version("1", text="b")), "id alphawire A1") == version("1", text="b")


def test_a_story_remembers_each_version_once_and_only_the_last_ones() -> None:
    seen: tuple[SeenVersion, ...] = ()
    for number in range(MAX_SEEN + 5):
        seen = add_version(add_version(seen, version(str(number))), version(str(number)))
    assert seen == tuple(version(str(number)) for number in range(5, MAX_SEEN + 5))
