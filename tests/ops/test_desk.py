import json

import pytest

from streams.ops.desk import StoryView, plan_action, read_story

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
        ("kill", StoryView(uri=URI), f"nothing to kill  {URI}: no such story in the last 30 days", False),
        ("release", StoryView(uri=URI, withheld_until="T", headline="Head"), f"release  {URI} before T: Head", True),
        ("release", StoryView(uri=URI, version=1), f"nothing to release  {URI}: it is not under embargo", False),
    ],
)
def test_the_plan_says_what_the_command_will_do(action, story, line, acts):
    assert plan_action(action, story) == (line, acts)
