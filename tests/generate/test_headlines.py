"""A headline by which later items refer to a story belongs to no other story."""

from itertools import count

from streams.generate import plan
from streams.generate.plan import Mix, PublishedHeadlines
from streams.generate.rng import Rng

AT = 1_772_442_000_000


def test_no_other_story_has_the_headline_of_a_story_that_later_items_refer_to() -> None:
    for seed in count():
        first = plan.plan_family(Rng(seed), 0, AT, Mix(), headlines := PublishedHeadlines())
        if headlines.reserved:
            break
    (headline,) = headlines.reserved
    assert headline.encode() in first[0].write().body
    later = plan.plan_family(Rng(seed), 1, AT, Mix(), headlines)
    earlier = PublishedHeadlines()
    earlier.used.add(headline)
    behind = plan.plan_family(Rng(seed), 1, AT, Mix(), earlier)
    assert not any(headline.encode() in planned.write().body for planned in (*later, *behind))
