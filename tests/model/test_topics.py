from streams.model.topics import CATEGORIES, TOPICS


def test_every_category_has_its_topic():
    assert set(CATEGORIES) <= {topic.name for topic in TOPICS}
