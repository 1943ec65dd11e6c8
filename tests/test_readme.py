"""What the README says is what the code has."""

import json
import re
from types import ModuleType

from bench import charts
from prepare.formats.test_samples import named_fields, refused_as
from support import readme
from support.raws import document

from streams.model.errors import Reject
from streams.model.records import Story
from streams.prepare.formats.registry import FORMATS, Format


def test_the_tables_are_those_of_the_code() -> None:
    texts = [file.read_text(encoding="utf-8") for file in readme.FILES]
    assert {found["name"] for text in texts for found in readme.MARKED.finditer(text)} == set(readme.TABLES)
    assert list(map(readme.filled, texts)) == texts, "run: python tests/support/readme.py"


def test_the_charts_are_those_of_the_saved_results() -> None:
    for name, picture in charts.charts().items():
        assert (charts.FOLDER / f"{name}.svg").read_text(encoding="utf-8") == picture, (
            "run: python tests/bench/charts.py"
        )


def test_every_file_it_names_is_there() -> None:
    text = readme.README.read_text(encoding="utf-8")
    named = set(re.findall(r"\]\((?!http|#)([^)\s#]+)(?:#[^)\s]*)?\)", text)) | set(
        re.findall(r"`((?:streams|tests|schemas|deploy)/[\w./-]+)`", text)
    )
    assert [path for path in sorted(named) if not (readme.README.parent / path).exists()] == []


def test_every_command_it_shows_exists() -> None:
    from streams.cli.main import COMMANDS

    text = readme.README.read_text(encoding="utf-8")
    shown = set(re.findall(r"\bnewswire ([a-z][a-z-]*)", text))
    assert shown - set(COMMANDS) == set()


def test_the_example_of_a_new_format_works_and_is_short() -> None:
    text = readme.README.read_text(encoding="utf-8")
    files: dict[str, str] = dict(re.findall(r"(?ms)^```\w*\n# ([^\n]+)\n(.*?)^```$", text))
    row = "streams/prepare/formats/registry.py, above the rows that would match too"
    flash, sample, expected = (
        next(body for name, body in files.items() if name.endswith(end))
        for end in ("flash.py", "/two-lines.txt", "/two-lines.expected.json")
    )
    assert sum(len(body.splitlines()) for body in (flash, files[row], sample, expected)) < 60
    module = ModuleType("flash")
    exec(compile(flash, "flash.py", "exec"), module.__dict__)
    rows: tuple[Format, ...] = (eval(files[row], {"Format": Format, "flash": module}), *FORMATS)
    opened = document(sample, source="marl")
    found = next(each for each in rows if each.matches(opened))
    assert found.name == "flash"
    for story, fields in zip(found.parse(opened), json.loads(expected), strict=True):
        if isinstance(story, Story):
            actual, wanted = named_fields(story, fields)
            assert actual == wanted
        else:
            assert isinstance(story, Reject)
            refused_as(story, fields)
