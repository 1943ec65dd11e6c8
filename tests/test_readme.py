"""The documents say what the code has: tables, paths, links, commands, sections, settings and examples."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import msgspec
import pytest
from bench import charts
from prepare.formats.test_samples import assert_refused_as, select_fields
from support import readme
from support.raw_records import document

from streams.config import loader
from streams.feeders import settings as feeders
from streams.model.errors import Reject
from streams.model.records import Story
from streams.model.sources import Source
from streams.prepare.formats.registry import FORMATS, Format

DOCUMENTS = readme.list_documents()
MOST_LINES = 200
MADE_UP = {"feeders.toml"}
"""Files of the examples."""
PATH = re.compile(r"(?<![\w/.-])(?:streams|tests|schemas|deploy)/[\w./-]*\w/?")
FILE = re.compile(r"[\w-]+\.(?:py|toml|json|yaml|yml|md|sh|lock)")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """The text without its blocks of code."""
    return re.sub(r"(?ms)^```.*?^```$", "", read(path))


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"(?m)^#+ (.+)$", prose(path))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def name(path: Path) -> str:
    return path.relative_to(readme.ROOT).as_posix()


def test_the_readme_is_read_in_three_minutes() -> None:
    assert len(read(readme.README).splitlines()) <= MOST_LINES


def test_each_table_stands_in_its_document_and_nowhere_else() -> None:
    found = {path: [marked["name"] for marked in readme.MARKED.finditer(read(path))] for path in DOCUMENTS}
    assert {path: tuple(names) for path, names in found.items() if names} == readme.TABLES_BY_DOCUMENT
    assert set(readme.BUILDERS) <= {table for tables in readme.TABLES_BY_DOCUMENT.values() for table in tables}
    assert Counter(table for names in found.values() for table in names).most_common(1)[0][1] == 1


@pytest.mark.parametrize("path", readme.TABLES_BY_DOCUMENT, ids=name)
def test_the_tables_are_those_of_the_code(path: Path) -> None:
    assert readme.fill_tables(read(path)) == read(path), "run: python tests/support/readme.py"


def test_the_charts_are_those_of_the_saved_results() -> None:
    for chart, picture in charts.draw_charts().items():
        assert (charts.FOLDER / f"{chart}.svg").read_text(encoding="utf-8") == picture, (
            "run: python tests/bench/charts.py"
        )


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    broken = []
    for target, anchor in re.findall(r"\]\((?!http)([^)\s#]*)(?:#([^)\s]*))?\)", prose(path)):
        file = path.parent / target if target else path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(f"{target}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_file_it_names_is_there(path: Path) -> None:
    folders = ("streams", "tests", "schemas", "deploy")
    names = {each.name for folder in folders for each in (readme.ROOT / folder).rglob("*")} | MADE_UP
    names |= {each.name for each in readme.ROOT.iterdir()}
    shown = re.findall(r"`([^`\n]+)`", prose(path))
    missing = {found for span in shown for found in PATH.findall(span) if not (readme.ROOT / found).exists()}
    missing |= {span for span in shown if FILE.fullmatch(span) and span not in names}
    assert sorted(missing) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_command_it_shows_exists_with_its_options(path: Path) -> None:
    shown = re.findall(r"\bnewswire ([a-z][^`\n#|&;>()]*)", read(path))
    assert [found for words in shown for found in unknown_words(words.split())] == []


def unknown_words(words: list[str]) -> Iterator[str]:
    """The commands of a line that do not exist, and the options that its command does not have."""
    from streams.cli.main import newswire

    command: click.Command = newswire
    rest = iter(words)
    for word in rest:
        context = click.Context(command)
        known = True
        if option := re.match(r"--?[a-z][a-z-]*", word):
            options = [each for each in command.get_params(context) if option[0] in (*each.opts, *each.secondary_opts)]
            known = bool(options)
            if known and word == option[0] and not getattr(options[0], "is_flag", True):
                next(rest, "")
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            known = found is not None or not re.fullmatch(r"[a-z][a-z-]*", word)  # else a value
            command = found or command
        if not known:
            yield f"{command.name}: {word}"


def test_every_section_of_the_schemas_that_is_cited_is_there() -> None:
    sections = set(re.findall(r"(?m)^## (\d+)\. ", read(readme.SCHEMAS)))
    assert sections >= set("1234567")
    files = [path for folder in ("streams", "tests") for path in (readme.ROOT / folder).rglob("*.py")]
    cited = re.compile(r"schemas/README\.md,\s+sections?\s+(\d+)(?:\s+and\s+(\d+))?")
    found = {number for path in [*files, *DOCUMENTS] for each in cited.findall(read(path)) for number in each if number}
    assert found <= sections


def test_the_settings_of_feeders_and_sources_are_all_explained() -> None:
    section = read(readme.FEEDERS).partition("## The configuration of")[2].partition("\n## ")[0]
    shown = Counter(each for row in re.findall(r"(?m)^\| (`.+?) \|", section) for each in re.findall(r"`(\w+)`", row))
    kinds = (feeders.FeederSettings, feeders.FeedRow, feeders.FolderRow)
    declared = Counter(field for kind in kinds for field in kind.__struct_fields__)
    assert shown == declared - Counter(("feeds", "folders"))
    section = read(readme.PREPARE).partition("\n## Sources")[2]
    assert re.findall(r"(?m)^\| `(\w+)` \|", section) == list(Source.__struct_fields__)


def test_the_configuration_of_the_readme_is_valid_and_uses_no_setting_that_does_not_exist(tmp_path: Path) -> None:
    files = readme.read_configuration()
    assert set(files) == {"newswire.toml", "feeders.toml"}
    for file, text in files.items():
        (tmp_path / file).write_text(text.replace("/var/spool/businesswire", str(tmp_path)), encoding="utf-8")
    settings = loader.load(str(tmp_path / "newswire.toml"), environ={})
    brought = feeders.load(str(tmp_path / "feeders.toml"))
    assert settings.source_table.get("norvale").code == "NV"
    sources = {row.source or key for rows in (brought.feeds, brought.folders) for key, row in rows.items()}
    assert sources <= set(settings.source_table.table)
    source = msgspec.to_builtins(settings.sources["norvale"])
    assert set(tomllib.loads(files["newswire.toml"])["sources"]["norvale"]) >= set(source) - {"split", "names"}


def test_the_example_of_a_new_format_works_and_is_short() -> None:
    files: dict[str, str] = dict(re.findall(r"(?ms)^```\w*\n# ([^\n]+)\n(.*?)^```$", read(readme.PREPARE)))
    row = "streams/prepare/formats/registry.py, above the rows that would match too"
    flash, sample, expected = (
        next(body for file, body in files.items() if file.endswith(end))
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
            actual, wanted = select_fields(story, fields)
            assert actual == wanted
        else:
            assert isinstance(story, Reject)
            assert_refused_as(story, fields)


def test_the_documents_of_the_code_stay_out_of_the_wheel() -> None:
    project = tomllib.loads(read(readme.ROOT / "pyproject.toml"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"] == ["*.md"]
