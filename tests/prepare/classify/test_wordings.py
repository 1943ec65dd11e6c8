"""How news of each section is worded in twelve languages, and that general news gets no section.

Each file of wordings/ has a heading for the sections, `# companies.events calendar` or `# none`, and headlines under it
that get these and no others. All headlines are invented.
"""

from pathlib import Path

import pytest

from streams.prepare.classify.rules import load_packaged_rules, tokenize_item

FILES = sorted((Path(__file__).parent / "wordings").glob("*.txt"))
RULES = load_packaged_rules()


def read(path: Path) -> list[tuple[str, frozenset[str]]]:
    wanted: frozenset[str] = frozenset()
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            named = set(line[2:].split()) - {"none"}
            wanted = frozenset(named | {name.partition(".")[0] for name in named})
        else:
            rows.append((line, wanted))
    return rows


def sections(headline: str, language: str) -> frozenset[str]:
    given = {hit.rule.category for hit in RULES.match(tokenize_item(headline, ""), language)}
    return frozenset(given | {name.partition(".")[0] for name in given})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_headline_gets_its_sections_and_no_others(path):
    wrong = {
        headline: sorted(given ^ wanted)
        for headline, wanted in read(path)
        if (given := sections(headline, path.stem)) != wanted
    }
    assert wrong == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_language_has_headlines_of_general_news_that_get_no_section(path):
    assert sum(not wanted for _, wanted in read(path)) >= 30
