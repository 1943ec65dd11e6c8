"""Part of `make bench`: prints the table. It checks that every format was measured, and no times."""

from bench.parsing import GOAL, format_table, measure


def test_speed_of_every_format_is_measured() -> None:
    found = measure()
    print(f"\nGoal: {GOAL} µs to parse the median item of a format.\n\n{format_table(found)}")
    assert [name for name, times in found.items() if not times.parse] == []
