"""`make bench`: prints the table. What it asserts is no time, but that every format was measured."""

from bench.parsing import GOAL, measure, table


def test_speed_of_every_format_is_measured() -> None:
    found = measure()
    print(f"\nGoal: {GOAL} µs to parse the median item of a format.\n\n{table(found)}")
    assert [name for name, times in found.items() if not times.parse] == []
