"""What runs in the child process of prepare beside its batches: its set-up, and the check of new files."""

from streams.config.errors import ConfigError
from streams.prepare import batch
from streams.prepare.classify import rules
from streams.prepare.classify.linear_model import ModelError
from streams.prepare.classify.rules import RulesError
from streams.prepare.classify.sectors import SectorsError
from streams.prepare.classify.wire_codes import MappingError
from streams.prepare.formats.html import load_page_reader
from streams.prepare.loading import KnowledgeFiles, parse_knowledge
from streams.prepare.stage import Knowledge
from streams.runtime import collector


class RefusedFilesError(Exception):
    """Files that prepare cannot take; the message is a sentence that says which and why."""


_refused: list[str] = []


def set_up(files: KnowledgeFiles) -> None:
    """Parses what a child process needs. It runs once in each, before the first batch.

    Files that are wrong do not end the child: `check` says what is wrong with them.
    """
    try:
        batch.initialise_child(parse(files))
    except RefusedFilesError as error:
        _refused[:] = [str(error)]
    collector.freeze()


def check() -> dict[str, str]:
    """Checks the files of this child with their own examples. Returns their versions. Raises `RefusedFilesError`.

    Loads what the first items would load, so that none of them waits for it.
    """
    if _refused:
        raise RefusedFilesError(_refused[0])
    knowledge = batch.current_knowledge()
    check_examples(knowledge)
    load_page_reader()
    collector.freeze()
    return knowledge.versions


def parse(files: KnowledgeFiles) -> Knowledge:
    """Parses files. Raises `RefusedFilesError`."""
    try:
        return parse_knowledge(files)
    except (ConfigError, RulesError, MappingError, ModelError, SectorsError) as error:
        raise RefusedFilesError(str(error)) from error


def check_examples(knowledge: Knowledge) -> None:
    """Checks the rules with their own examples, which also compiles them. Raises `RefusedFilesError`."""
    read = knowledge.classifiers.rules
    if failures := rules.check_examples(read):
        more = f", and {len(failures) - 1} more" if len(failures) > 1 else ""
        raise RefusedFilesError(f"prepare.rules: {failures[0]}{more}: see `newswire rules test`")
    for language in ("", rules.ANY_LANGUAGE):
        read.match(rules.tokenize_item("", ""), language)
