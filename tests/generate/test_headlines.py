"""No item of a stream means two stories by one headline, or its truth would be wrong."""

from itertools import count

from streams.generate import plan
from streams.generate.dice import Dice
from streams.generate.plan import Mix, Told

AT = 1_772_442_000_000


def test_no_other_story_of_a_stream_has_the_headline_of_one_that_later_items_mean() -> None:
    for seed in count():
        first = plan.family(Dice(seed), 0, AT, Mix(), told := Told())
        if told.meant:
            break
    (headline,) = told.meant
    assert headline.encode() in first[0].write().body
    later = plan.family(Dice(seed), 1, AT, Mix(), told)
    earlier = Told()
    earlier.headlines.add(headline)
    behind = plan.family(Dice(seed), 1, AT, Mix(), earlier)
    assert not any(headline.encode() in planned.write().body for planned in (*later, *behind))
