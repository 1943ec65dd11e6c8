"""What the README says is what the code has."""

import re

from support import readme


def test_the_tables_are_those_of_the_code() -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert {found["name"] for found in readme.MARKED.finditer(text)} == set(readme.TABLES)
    assert readme.filled(text) == text, "run: python tests/support/readme.py"


def test_every_file_it_names_is_there() -> None:
    text = readme.README.read_text(encoding="utf-8")
    named = set(re.findall(r"\]\((?!http|#)([^)\s]+)\)", text)) | set(
        re.findall(r"`((?:streams|tests|schemas|deploy)/[\w./-]+)`", text)
    )
    assert [path for path in sorted(named) if not (readme.README.parent / path).exists()] == []


def test_every_command_it_shows_exists() -> None:
    from streams.cli import COMMANDS

    text = readme.README.read_text(encoding="utf-8")
    shown = set(re.findall(r"\bnewswire ([a-z-]+)", text))
    assert shown - set(COMMANDS) == set()
