"""Finding decisions for `newswire why` without decoding all records."""

import ast
from pathlib import Path

import msgspec
import pytest
from support.builders import TEXT, FoldRunner, build_command, build_item, build_refusal

from streams import decide
from streams.model.records import Decision
from streams.ops.explain import WORDS, explain, find_story, is_about, search_terms

STORY = "urn:newswire:alphawire:A1"
decode = msgspec.json.Decoder(Decision).decode


@pytest.fixture(scope="module")
def records() -> list[tuple[bytes, bytes]]:
    """Key and value of each record of news.decisions: two stories, a copy, a revision, a refusal, a kill."""
    fold = FoldRunner()
    fed = (
        build_item(),
        build_item(
            "B9", source="betawire", headline="Brookvale Mills to build a mill", text=TEXT + " It said so twice."
        ),
        build_item("B1", source="betawire"),
        build_item(version="2", created="2031-03-04T12:58:00Z", text=TEXT.replace("second", "third")),
        build_refusal(),
    )
    made = [fold.fold_new(record) for record in fed]
    made.append(fold.fold_record(build_command("kill", why="sent in error")))
    effects = [effect for outcome in made for effect in outcome.all if effect.topic == "decisions"]
    return [(effect.key or b"", effect.value or b"") for effect in effects]


@pytest.mark.parametrize(
    "wanted", [STORY, f"{STORY}/1", f"{STORY}/2", "urn:newswire:betawire:B1", "news.raw/0/3/0", "news.raw/0/5/0"]
)
def test_every_decision_about_a_wanted_id_contains_one_of_its_search_terms(
    records: list[tuple[bytes, bytes]], wanted: str
) -> None:
    marks = [mark.encode() for mark in search_terms(wanted)]
    about = [(key, value) for key, value in records if is_about(decode(value), wanted)]
    assert about
    assert all(key in marks or any(mark in value for mark in marks) for key, value in about)


def test_the_story_of_a_duplicate_is_found_by_the_uri_of_the_duplicate(records: list[tuple[bytes, bytes]]) -> None:
    assert find_story([decode(value) for _, value in records], "urn:newswire:betawire:B1") == STORY


def test_the_topics_that_a_story_left_and_the_copies_that_came_before_its_release_are_named() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    moved = fold.fold_new(build_item(version="2", created="2031-03-04T12:58:00Z", text="Short.", categories=()))
    assert "    left news.companies, news.companies.new-contracts" in list(explain(moved.decision))
    assert "    left desk2.companies, desk2.companies.new-contracts" in list(
        explain(moved.decision, full="desk2.{}".format)
    )
    held = build_item("E1", headline="Salton Tools names a head", text="A yard.", embargo="2031-03-04T14:00:00Z")
    fold.fold_all_new(held, held)
    released = fold.fold_record(build_command("release", "urn:newswire:alphawire:E1"))
    assert "    copies that came before its release: news.raw/0/4/0" in list(explain(released.decision))


def test_there_are_words_for_each_way_in_which_decide_finds_a_story() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(decide.__path__[0]).glob("*.py")]
    given = {
        each.value
        for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict))
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "matched"
        for each in ast.walk(value)
        if isinstance(each, ast.Constant)
    }
    assert len(given) > 5
    assert given <= WORDS["matched"].keys()


def test_the_words_in_which_a_copy_differs_are_shown() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    copy = fold.fold_new(build_item("B9", source="betawire", text=f"{TEXT} It said so twice."))
    assert "    words that only one has: It said so twice here, none there" in list(explain(copy.decision))
