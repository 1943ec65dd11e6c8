"""The line between core and shell, read from the imports."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from streams.topics import TOPICS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "streams"
MODULES = sorted(PACKAGE.rglob("*.py"))
STAGES = ("prepare", "decide")
SHELL_ONLY = {"faust", "aiokafka", "prometheus_client", "asyncio", "logging", "structlog"}
CLOCK_CHANCE_AND_IO = {
    *("time", "random", "secrets", "uuid", "os", "io", "pathlib", "shutil", "tempfile", "glob", "fileinput"),
    *("socket", "ssl", "subprocess", "threading", "multiprocessing", "concurrent", "select", "selectors", "signal"),
    *("urllib.request", "http", "requests", "aiohttp", "sys", "click"),
}
"""What a pure function has no use for. `urllib.parse` and the types of `streams.config` are no such thing."""
READS_ITS_RULES = {
    *("streams/prepare/rules.py", "streams/prepare/phrases.py"),
    *("streams/prepare/companies/exchanges.py", "streams/prepare/companies/reference.py"),
}
"""May read a packaged file of rules or tables (`importlib.resources`), once and not for an item."""
CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
MOST_LINES = 300
LONGER: set[str] = set()
"""Modules that are longer for now. A name comes in here with a reason, and leaves when the module was split."""
TOPICS_OF_THE_CONTRACT = [
    "raw",
    "latest",
    "duplicates",
    "withheld",
    "dead-letters",
    "decisions",
    "companies",
    "markets",
    "economy-forex",
    "commodities",
    "interest-rates",
    "business-leaders",
    "finance-pro",
    "calendar",
    "sectors",
    "companies.analyst-recommendations",
    "companies.rumors",
    "companies.ipos",
    "companies.capital-markets-transactions",
    "companies.new-contracts",
    "companies.profit-warnings",
    "companies.appointments",
    "companies.press-releases",
    "companies.events",
    "companies.corporate-actions",
]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> set[str]:
    """Every module imported, at the top or inside a function; `from a import b` counts as a and a.b."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)} imports relatively"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def imports_any(path: Path, forbidden: set[str]) -> set[str]:
    return {module for module in imported(path) if any(f"{module}.".startswith(f"{each}.") for each in forbidden)}


STAGE_MODULES = [path for stage in STAGES for path in sorted((PACKAGE / stage).rglob("*.py"))]
CORE = [path for path in STAGE_MODULES if path.name != "agent.py"] + [
    PACKAGE / f"{module}.py"
    for module in (
        "replay/compare",
        "replay/shadow",
        "replay/job",
        "replay/telling",
        "model",
        "company",
        "reasons",
        "topics",
        "audit",
        "sources",
        "row",
        "errors",
    )
]


def test_there_is_something_to_look_at():
    assert len(STAGE_MODULES) > 30
    assert {path.name for path in CORE} >= {"stage.py", "fold.py", "model.py", "rss.py"}


def test_in_a_stage_folder_only_the_agent_knows_the_shells_libraries():
    wrong = {name(path): found for path in CORE if (found := imports_any(path, SHELL_ONLY))}
    assert wrong == {}


def test_nothing_imports_an_agent_but_the_topology():
    agents = {f"streams.{stage}.agent" for stage in STAGES}
    importers = {name(path) for path in MODULES if imports_any(path, agents)}
    assert importers == {"streams/topology.py"}


def test_the_core_has_no_clock_no_chance_and_no_io():
    wrong = {name(path): found for path in CORE if (found := imports_any(path, CLOCK_CHANCE_AND_IO))}
    assert wrong == {}


def test_the_core_calls_nothing_that_reads_or_prints_and_asks_no_clock():
    wrong = []
    for path in CORE:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Name) and called.id in CALLS:
                wrong.append(f"{name(path)}:{node.lineno} {called.id}")
            if isinstance(called, ast.Attribute) and called.attr in {"now", "utcnow", "today"}:
                wrong.append(f"{name(path)}:{node.lineno} {called.attr}")
    assert wrong == []


def test_only_the_rules_read_a_packaged_file():
    assert {name(path) for path in CORE if imports_any(path, {"importlib"})} <= READS_ITS_RULES


def test_the_core_imports_no_shell_of_ours():
    shell = {f"streams.{part}" for part in ("shell", "kafka", "feeders", "commands", "cli", "topology", "gateway")}
    wrong = {name(path): found for path in CORE if (found := imports_any(path, shell))}
    assert wrong == {}


def test_prepare_knows_nothing_of_decide():
    core = [path for path in CORE if path.is_relative_to(PACKAGE / "prepare")]
    known = {module for path in core for module in imports_any(path, {"streams.decide"})}
    assert known == set()


def test_decide_knows_nothing_of_prepare_but_the_fingerprint_of_a_text():
    core = [path for path in CORE if path.is_relative_to(PACKAGE / "decide")]
    known = {module for path in core for module in imports_any(path, {"streams.prepare"})}
    assert known <= {"streams.prepare", "streams.prepare.fingerprint"}


@pytest.mark.parametrize("topic", TOPICS_OF_THE_CONTRACT)
def test_every_topic_of_the_contract_is_declared_exactly_once(topic):
    assert Counter(row.name for row in TOPICS)[topic] == 1


def test_what_else_is_declared_is_internal():
    assert [
        row.name for row in TOPICS if row.name not in TOPICS_OF_THE_CONTRACT and not row.name.startswith("internal.")
    ] == []


def test_no_module_is_longer_than_can_be_read_at_one_sitting():
    long = {name(path) for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES}
    assert long == LONGER


def test_every_module_says_what_it_is_for():
    assert [name(path) for path in MODULES if ast.get_docstring(tree(path)) is None and path.stat().st_size] == []
