import json
import re

import pytest

from streams.desk.stories import StoryFilter, StorySearch, StoryView, build_kills, plan_action, read_story
from streams.model.command_details import MAX_KILLED

URI = "urn:newswire:alphawire:A1"


def event(version="1", status="usable", until="", headline="Salton Tools opens a yard"):
    document = {"version": version, "pubStatus": status, "headlines": [{"role": "main", "value": headline}]}
    return json.dumps({**document, **({"embargoedUntil": until} if until else {})}).encode()


def test_the_newest_records_of_a_story_give_its_state():
    rows = [("latest", event()), ("latest", event("2", headline="Salton Tools opens two yards"))]
    assert read_story(URI, rows) == StoryView(uri=URI, version=2, headline="Salton Tools opens two yards")


def test_after_its_release_a_story_has_no_embargo():
    until = "2031-03-04T14:00:00Z"
    assert read_story(URI, [("withheld", event(until=until))]).withheld_until == until
    assert read_story(URI, [("withheld", event(until=until)), ("withheld", None)]).withheld_until == ""


@pytest.mark.parametrize(
    ("action", "story", "line", "acts"),
    [
        ("kill", StoryView(uri=URI, version=2, headline="Head"), f"kill  {URI} (version 2): Head", True),
        (
            "kill",
            StoryView(uri=URI, withheld_until="T", headline="Head"),
            f"kill  {URI} (withheld until T): Head",
            True,
        ),
        (
            "kill",
            StoryView(uri=URI, version=2, withdrawn=True),
            f"nothing to kill  {URI}: it is withdrawn already",
            False,
        ),
        ("kill", StoryView(uri=URI), f"nothing to kill  {URI}: no topic has such a story", False),
        ("release", StoryView(uri=URI, withheld_until="T", headline="Head"), f"release  {URI} before T: Head", True),
        ("release", StoryView(uri=URI, version=1), f"nothing to release  {URI}: it is not under embargo", False),
    ],
)
def test_the_plan_says_what_the_command_will_do(action, story, line, acts):
    assert plan_action(action, story) == (line, acts)


ROWS = [
    ("latest", "A", event(headline="Salton Tools opens a yard"), "alphawire", 1000),
    ("latest", "B", event(headline="Dole Pumps wins an order"), "betawire", 2000),
    ("latest", "C", event(headline="Salton Tools cuts its dividend"), "betawire", 3000),
    ("latest", "D", event(headline="Salton Tools names a chief"), "betawire", 4000),
    ("latest", "D", event("2", "canceled", headline=""), "betawire", 4500),
    ("withheld", "E", event(until="2031-03-04T14:00:00Z", headline="Salton Tools to buy Dole"), "alphawire", 5000),
    ("withheld", "F", event(until="2031-03-04T14:00:00Z", headline="Salton Tools to sell Dole"), "alphawire", 6000),
    ("withheld", "F", None, "alphawire", 6500),
]


@pytest.mark.parametrize(
    ("wanted", "uris"),
    [
        (StoryFilter(source="betawire"), "BC"),
        (StoryFilter(start=2000, end=5000), "BC"),
        (StoryFilter(end=2000), "A"),
        (StoryFilter(pattern=re.compile("salton", re.IGNORECASE)), "ACE"),
        (StoryFilter(pattern=re.compile("salton", re.IGNORECASE), source="betawire"), "C"),
        (StoryFilter(pattern=re.compile("dole", re.IGNORECASE), start=4000), "E"),
        (StoryFilter(source="gammawire"), ""),
    ],
)
def test_a_search_finds_the_live_and_withheld_stories_that_fit_in_every_part(wanted, uris):
    search = StorySearch(wanted)
    for row in ROWS:
        search.add(*row)
    assert [story.uri for story in search.found()] == [*uris]


@pytest.mark.parametrize(
    "document",
    [
        {"bodies": [{"role": "main", "value": "Salton said so."}]},
        {"descriptions": [{"role": "summary", "value": "Salton said so."}]},
        {"associations": [{"name": "picture-1", "descriptions": [{"role": "caption", "value": "Salton"}]}]},
    ],
)
def test_a_pattern_is_found_in_text_summary_and_caption(document):
    search = StorySearch(StoryFilter(pattern=re.compile("Salton")))
    value = json.dumps({"version": "1", "pubStatus": "usable", **document}).encode()
    search.add("latest", "A", value, "alphawire", 1)
    assert [story.uri for story in search.found()] == ["A"]


def test_the_newest_version_of_a_story_decides_whether_it_fits():
    search = StorySearch(StoryFilter(pattern=re.compile("yard")))
    search.add("latest", "A", event(headline="A yard"), "alphawire", 1)
    search.add("latest", "A", event("2", headline="A pier"), "alphawire", 2)
    search.add("latest", "B", event(headline="A pier"), "alphawire", 3)
    search.add("latest", "B", event("2", headline="A yard"), "alphawire", 4)
    assert [(story.uri, story.version) for story in search.found()] == [("B", 2)]


def test_a_command_carries_the_uris_of_a_thousand_stories_at_most():
    uris = [f"urn:newswire:alphawire:{number}" for number in range(2 * MAX_KILLED + 1)]
    kills = build_kills(uris, "2031-03-04T15:00:00Z", "night desk", "sent in error")
    assert [len(kill.detail["uris"]) for kill in kills] == [MAX_KILLED, MAX_KILLED, 1]
    assert [uri for kill in kills for uri in kill.detail["uris"]] == uris
    assert {(kill.action, kill.uri, kill.by, kill.why) for kill in kills} == {
        ("kill", "", "night desk", "sent in error")
    }
