"""The schemas are valid, describe their examples, and the examples are what the code makes."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from support import golden
from support.ninjs_schema import errors

FOLDER = golden.FOLDER
DESCRIBES = {
    "raw-headers.json": ["raw-headers.json"],
    "item.json": ["event.json"],
    "item-headers.json": ["headers.json"],
    "duplicate.json": ["duplicate-headers.json"],
    "dead-letter.json": ["dead-letter-headers.json"],
    "log-item.json": ["log-item.json"],
    "log-refusal.json": ["log-refusal.json"],
    "log-command.json": ["log-command.json"],
    "decision.json": ["decision.json", "duplicate-decision.json", "dead-letter-decision.json"],
}


def load(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


def test_every_schema_is_listed_here() -> None:
    assert {path.name for path in FOLDER.parent.glob("*.json")} == set(DESCRIBES)


@pytest.mark.parametrize("name", DESCRIBES)
def test_a_schema_is_valid_and_describes_its_examples(name: str) -> None:
    schema = load(FOLDER.parent / name)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for example in DESCRIBES[name]:
        assert [error.message for error in validator.iter_errors(load(FOLDER / example))] == []


@pytest.mark.parametrize("name", ["item-headers.json", "duplicate.json", "dead-letter.json"])
def test_a_missing_header_is_noticed(name: str) -> None:
    validator = Draft202012Validator(load(FOLDER.parent / name))
    example = load(FOLDER / DESCRIBES[name][0])
    for header in load(FOLDER.parent / name)["required"]:
        assert not validator.is_valid({key: value for key, value in example.items() if key != header})


@pytest.mark.parametrize("name", ["item-headers.json", "duplicate.json", "dead-letter.json"])
def test_each_header_that_the_code_sends_is_declared(name: str) -> None:
    assert set(load(FOLDER / DESCRIBES[name][0])) <= set(load(FOLDER.parent / name)["properties"])


@pytest.mark.parametrize(
    ("words", "valid"), [('[["bln"],["billion"]]', True), ("[[],[]]", True), ("bln, billion", False), ("[]", False)]
)
def test_the_words_in_which_a_near_duplicate_differs_are_two_lists(words: str, valid: bool) -> None:
    validator = Draft202012Validator(load(FOLDER.parent / "duplicate.json"))
    headers = load(FOLDER / "duplicate-headers.json")
    assert validator.is_valid({**headers, "match-kind": "near", "differing-words": words}) is valid


def test_the_golden_example_is_what_the_code_makes() -> None:
    made = {name: golden.format_content(content) for name, content in golden.build_example().items()}
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == made


@pytest.mark.parametrize("name", sorted(golden.build_schemas()))
def test_the_generated_schemas_are_those_of_the_model(name: str) -> None:
    assert (FOLDER.parent / name).read_bytes() == golden.format_content(golden.build_schemas()[name])


@pytest.mark.parametrize("name", ["event.json", "duplicate.json"])
def test_the_events_of_the_example_are_ninjs(name: str) -> None:
    assert errors(load(FOLDER / name)) == []
