"""A command that withdraws several stories does to each what a command of its own would do."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import FoldRunner, build_command, build_item

from streams.model.command_details import MAX_KILLED
from streams.model.records import split_by_story

URI = "urn:newswire:alphawire:A{}"
HEADS = (
    "Salton Tools opens a yard in Norwick",
    "Dole Pumps names Ada Byrne as chief",
    "Tarn Foods sells its dairy arm",
)


def publish(fold: FoldRunner, count: int = 3) -> None:
    for number in range(count):
        text = f"{HEADS[number]}. It said so on day {number}, and gave the sum of {number + 2} million crowns for it."
        fold.fold_new(build_item(f"A{number}", headline=HEADS[number], text=text))


def build_kill_of(*uris: str):
    return build_command("kill", uri="", detail={"uris": list(uris)}, why="a court order")


def test_each_story_is_withdrawn_with_records_of_its_own(fold: FoldRunner) -> None:
    publish(fold)
    gone = fold.fold_record(build_kill_of(URI.format(0), URI.format(2)))
    assert (gone.outcome, gone.decision.uri, gone.decision.topics) == ("withdrawn", "", ("latest",))
    assert gone.decision.evidence["why"] == "a court order"
    stories = split_by_story(gone.decision)
    assert [(story.uri, story.version) for story in stories] == [(URI.format(0), "2"), (URI.format(2), "2")]
    latest = [effect for effect in gone.effects if effect.topic == "latest"]
    assert [json.loads(effect.value or b"")["pubStatus"] for effect in latest] == ["canceled", "canceled"]
    assert [dict(effect.headers)["origin-index"] for effect in latest] == [b"0", b"1"]
    for index, story in enumerate(stories):
        tombstones = [each for each in gone.effects if each.key == story.uri.encode() and each.value is None]
        assert tuple(sorted(each.topic for each in tombstones)) == story.left != ()
        assert {dict(each.headers)["origin-index"] for each in tombstones} == {str(index).encode()}


def test_a_story_that_is_unknown_or_withdrawn_is_named_and_nothing_happens_to_it(fold: FoldRunner) -> None:
    publish(fold, 1)
    kill = build_kill_of(URI.format(0), "urn:newswire:alphawire:none")
    assert fold.fold_record(kill).decision.evidence["not live"] == ["urn:newswire:alphawire:none"]
    again = fold.fold_record(kill)
    assert (again.outcome, again.decision.evidence["not live"]) == ("none", [*kill.detail["uris"]])
    assert again.topics == []


def test_a_command_withdraws_a_thousand_stories_at_most(fold: FoldRunner) -> None:
    publish(fold)
    others = [f"urn:newswire:alphawire:none-{number}" for number in range(MAX_KILLED - 1)]
    gone = fold.fold_record(build_kill_of(*others, URI.format(0), URI.format(1)))
    assert [story.uri for story in split_by_story(gone.decision)] == [URI.format(0)]


def test_a_list_that_is_none_changes_nothing_and_is_named(fold: FoldRunner) -> None:
    publish(fold, 1)
    for detail in ({"uris": 7}, {"uris": [None]}, {"uris": []}, {}):
        out = fold.fold_record(build_command("kill", uri="", detail=detail))
        assert (out.outcome, out.topics) == ("none", [])


@settings(max_examples=25)
@given(st.lists(st.sampled_from([URI.format(number) for number in range(4)]), max_size=6))
def test_one_command_leaves_what_a_command_for_each_story_leaves(uris: list[str]) -> None:
    one, many = FoldRunner(), FoldRunner()
    publish(one)
    publish(many)
    together = one.fold_record(build_kill_of(*uris))
    apart = [many.fold_record(build_command("kill", uri=uri, why="a court order")) for uri in uris]

    def shown(effects):
        return [(each.topic, each.key, each.value) for each in effects if each.topic != "decisions"]

    assert shown(together.effects) == [row for each in apart for row in shown(each.effects)]
    stories = [each.decision for each in apart if each.outcome == "withdrawn"]
    found = split_by_story(together.decision) if stories else []
    assert [(each.uri, each.version, each.left) for each in found] == [
        (each.uri, each.version, each.left) for each in stories
    ]
