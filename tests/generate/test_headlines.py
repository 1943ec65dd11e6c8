"""No item of a stream means two stories by one headline, or its truth would be wrong."""

from itertools import count

from streams.generate import plan
from streams.generate.plan import Mix, PublishedHeadlines
from streams.generate.rng import Rng

AT = 1_772_442_000_000


def test_no_other_story_of_a_stream_has_the_headline_of_one_that_later_items_mean() -> None:
    for seed in count():
        first = plan.plan_family(Rng(seed), 0, AT, Mix(), published := PublishedHeadlines())
        if published.reserved:
            break
    (headline,) = published.reserved
    assert headline.encode() in first[0].write().body
    later = plan.plan_family(Rng(seed), 1, AT, Mix(), published)
    earlier = PublishedHeadlines()
    earlier.used.add(headline)
    behind = plan.plan_family(Rng(seed), 1, AT, Mix(), earlier)
    assert not any(headline.encode() in planned.write().body for planned in (*later, *behind))
