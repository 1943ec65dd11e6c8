"""The laws of the code base, read from its imports: what is pure, what may import what."""

import ast
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from streams.model.topics import TOPICS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "streams"

LAYERS = (
    ("__main__",),
    ("cli",),
    ("demo",),
    ("topology",),
    ("replay",),
    ("worker",),
    ("desk",),
    ("ops",),
    ("gateway",),
    ("archive",),
    ("feeders",),
    ("runtime",),
    ("training",),
    ("kafka", "prepare", "decide"),
    ("generate",),
    ("config",),
    ("model",),
)
"""The rooms from top to bottom. A module imports from its own room or from a room below; never from a neighbour."""

WITH_IO = {
    *("streams.__main__", "streams.topology", "streams.prepare.loading", "streams.config.loader"),
    *("streams.cli", "streams.demo", "streams.worker", "streams.runtime", "streams.kafka", "streams.training"),
    *("streams.feeders", "streams.ops.dead_letter_retry", "streams.ops.system_status"),
    *("streams.desk.records", "streams.desk.page", "streams.desk.reader", "streams.desk.access"),
    *("streams.replay.runner", "streams.replay.engine", "streams.replay.source", "streams.replay.recorded"),
    *("streams.replay.missing_log", "streams.replay.apply", "streams.replay.shadow_topics"),
    *("streams.replay.jobs_topic", "streams.replay.archive_source"),
    *("streams.archive.store", "streams.archive.s3", "streams.archive.files", "streams.archive.writer"),
    *("streams.archive.follow", "streams.archive.purge", "streams.archive.verify", "streams.archive.metrics"),
    *("streams.archive.places", "streams.archive.reader", "streams.archive.intake"),
    *("streams.gateway.consumer", "streams.gateway.hub", "streams.gateway.stream", "streams.gateway.server"),
    *("streams.gateway.auth", "streams.gateway.metrics", "streams.gateway.pages"),
    *("streams.gateway.history", "streams.gateway.history_consumer", "streams.gateway.history_reads"),
    *("streams.gateway.history_tables", "streams.gateway.feed_server"),
    *("streams.gateway.responses", "streams.gateway.webhooks"),
}
"""Modules, and folders with all that is in them, that may do I/O. Every other module is pure."""

IMPURE = {
    *("faust", "mode", "aiokafka", "aiohttp", "prometheus_client", "asyncio", "logging", "structlog", "uvloop"),
    *("time", "random", "secrets", "uuid", "os", "io", "pathlib", "shutil", "tempfile", "glob", "fileinput"),
    *("socket", "ssl", "subprocess", "threading", "multiprocessing", "concurrent", "select", "selectors", "signal"),
    *("urllib.request", "http", "requests", "sys", "click", "pebble", "rocksdict", "rich"),
}
"""What a pure function has no use for: engine, network, clock, chance, files, processes."""
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
DICE = {("streams.generate.rng", "random"), ("streams.generate.rng", "random.Random")}
"""Chance with a seed: the same seed gives the same stream, so it is no chance at all."""
CLOCK_CALLS = {"now", "utcnow", "today"}
READS_PACKAGED_FILES = {
    *("streams.gateway.labels", "streams.gateway.page_templates", "streams.gateway.static_files"),
    *("streams.prepare.classify.rules", "streams.prepare.companies.identifiers"),
    *("streams.prepare.companies.reference",),
}
"""Pure modules that read a file of the package (`importlib.resources`), once and not for an item."""
MOST_LINES = 600
TOPICS_OF_THE_CONTRACT = [
    *("raw", "latest", "duplicates", "withheld", "dead-letters", "decisions", "companies", "markets"),
    *("economy-forex", "commodities", "interest-rates", "business-leaders", "finance-pro", "calendar", "sectors"),
    *("companies.analyst-recommendations", "companies.rumors", "companies.ipos"),
    *("companies.capital-markets-transactions", "companies.new-contracts", "companies.profit-warnings"),
    *("companies.appointments", "companies.press-releases", "companies.events", "companies.corporate-actions"),
]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"), str(MODULES[module]))


@cache
def imported(module: str) -> frozenset[str]:
    """Every module imported, at the top or inside a function; `from a import b` counts as a, and as a.b."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def ours(module: str) -> set[str]:
    """The modules of this package that a module imports."""
    return {each for each in imported(module) if each in MODULES and each != "streams"}


def is_in(module: str, places: set[str]) -> bool:
    return any(f"{module}.".startswith(f"{place}.") for place in places)


def room(module: str) -> str:
    return module.split(".")[1]


def layer(module: str) -> int:
    return next(number for number, rooms in enumerate(LAYERS) if room(module) in rooms)


ROOMED = [module for module in MODULES if module != "streams"]
PURE = [module for module in ROOMED if not is_in(module, WITH_IO)]


def test_there_is_something_to_look_at() -> None:
    assert len(PURE) > 120
    assert {"streams.decide.fold", "streams.prepare.stage", "streams.prepare.formats.rss"} <= set(PURE)
    assert {place for place in WITH_IO if place not in MODULES} == set()


def test_every_room_has_its_layer() -> None:
    rooms = [each for rooms in LAYERS for each in rooms]
    assert sorted(rooms) == sorted({room(module) for module in ROOMED})


def test_no_import_runs_up_or_to_a_neighbour() -> None:
    wrong = [
        f"{module} -> {each}"
        for module in ROOMED
        for each in ours(module)
        if room(each) != room(module) and layer(each) <= layer(module)
    ]
    assert wrong == []


def test_a_pure_module_imports_no_engine_clock_chance_or_file() -> None:
    found = {(module, each) for module in PURE for each in imported(module) if is_in(each, IMPURE)}
    assert found - DICE == set()


def test_a_pure_module_imports_only_pure_modules() -> None:
    wrong = [f"{module} -> {each}" for module in PURE for each in ours(module) if is_in(each, WITH_IO)]
    assert wrong == []


def test_a_pure_module_reads_and_prints_nothing_and_asks_no_clock() -> None:
    wrong = []
    for module in PURE:
        for node in ast.walk(tree(module)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Name) and called.id in IMPURE_CALLS:
                wrong.append(f"{module}:{node.lineno} {called.id}")
            if isinstance(called, ast.Attribute) and called.attr in CLOCK_CALLS:
                wrong.append(f"{module}:{node.lineno} {called.attr}")
    assert wrong == []


def test_few_pure_modules_read_a_file_of_the_package() -> None:
    assert {module for module in PURE if "importlib" in imported(module)} == READS_PACKAGED_FILES


def test_only_the_worker_and_the_topology_know_faust() -> None:
    knows = {module for module in ROOMED if any(is_in(each, {"faust", "mode"}) for each in imported(module))}
    assert {room(module) for module in knows} - {"worker", "topology"} == set()


def test_only_kafka_makes_clients_of_aiokafka() -> None:
    clients = {"aiokafka.AIOKafkaConsumer", "aiokafka.AIOKafkaProducer", "aiokafka.AIOKafkaClient", "aiokafka.admin"}
    names = {each.rpartition(".")[2] for each in clients} | {"AIOKafkaAdminClient"}
    makers = {
        module
        for module in ROOMED
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    }
    assert {module for module in makers if room(module) != "kafka"} <= {"streams.worker.batch_transport"}


def test_no_wait_swallows_a_cancellation() -> None:
    """`asyncio.wait_for` of Python 3.11 does, where what it waits for ends at that moment: use `asyncio.timeout`."""
    calls = [(module, node) for module in MODULES for node in ast.walk(tree(module)) if isinstance(node, ast.Call)]
    assert [module for module, call in calls if ast.unparse(call.func) == "asyncio.wait_for"] == []


def test_the_model_imports_msgspec_alone() -> None:
    libraries = {
        each.partition(".")[0]
        for module in ROOMED
        if room(module) == "model"
        for each in imported(module)
        if not each.startswith("streams")
    }
    assert libraries - {"msgspec"} <= set(sys.stdlib_module_names)


def test_no_class_name_stands_twice() -> None:
    names = Counter(node.name for module in ROOMED for node in tree(module).body if isinstance(node, ast.ClassDef))
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_no_module_is_longer_than_can_be_read_at_one_sitting() -> None:
    long = {
        module: lines
        for module, path in MODULES.items()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [module for module in MODULES if ast.get_docstring(tree(module)) is None] == []


@pytest.mark.parametrize("topic", TOPICS_OF_THE_CONTRACT)
def test_every_topic_of_the_contract_is_declared_exactly_once(topic: str) -> None:
    assert Counter(row.name for row in TOPICS)[topic] == 1


def test_what_else_is_declared_is_internal() -> None:
    others = [row.name for row in TOPICS if row.name not in TOPICS_OF_THE_CONTRACT]
    assert [name for name in others if not name.startswith("internal.")] == []
