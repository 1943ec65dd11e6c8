"""Writes the generated tables of the documents: `python tests/support/readme.py`.

A table is generated from the code or from the saved benchmark results. `TABLES_BY_DOCUMENT` says which document has
which table.
"""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
SCHEMAS = ROOT / "schemas" / "README.md"
PREPARE = ROOT / "streams" / "prepare" / "README.md"
FEEDERS = ROOT / "streams" / "feeders" / "README.md"
REPLAY = ROOT / "streams" / "replay" / "README.md"
OPERATIONS = ROOT / "deploy" / "OPERATIONS.md"
SECURITY = ROOT / "deploy" / "SECURITY.md"
SETTINGS = ROOT / "deploy" / "SETTINGS.md"
BENCHMARKS = ROOT / "deploy" / "BENCHMARKS.md"
SIZING = ROOT / "deploy" / "SIZING.md"
MARKED = re.compile(r"(<!-- table:(?P<name>\w+) -->\n).*?(?=<!-- end -->)", re.S)


def list_documents() -> list[Path]:
    """Lists the documents that describe the current program, so not the changelog."""
    folders = [ROOT / name for name in ("deploy", "schemas", "streams", "tests")]
    return [README, ROOT / "CONTRIBUTING.md", *sorted(path for folder in folders for path in folder.rglob("*.md"))]


def read_configuration() -> dict[str, str]:
    """Reads the complete configuration files in the README: name -> text."""
    return dict(re.findall(r"(?ms)^```toml\n# ([\w.]+)\n(.*?)^```$", README.read_text(encoding="utf-8")))


def format_table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Formats a Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |\n" for line in lines)


def topics() -> str:
    from streams.model.topics import CATEGORIES, TOPICS

    rows = []
    for topic in TOPICS:
        if topic.name not in CATEGORIES:
            keep = "for ever" if topic.cleanup == "compact" else f"{topic.retention_days} days"
            rows.append((f"`news.{topic.name}`", topic.help, topic.key, topic.partitions, f"`{topic.cleanup}`, {keep}"))
    return format_table(("topic", "holds", "key", "partitions", "kept"), rows)


def categories() -> str:
    from streams.model.topics import CATEGORIES

    return format_table(
        ("category", "on the site", "topic"), [(f"`{id_}`", name, f"`news.{id_}`") for id_, name in CATEGORIES.items()]
    )


def settings() -> str:
    from streams.config.settings import SavedSearch, Settings

    rows = []
    for part in msgspec.structs.fields(Settings):
        if part.name == "sources":
            rows.append(("`sources`", "table", "the wires, `[sources.<id>]`: see `streams/config/sources.toml`"))
            continue
        table, kind = ("searches.<name>", SavedSearch) if part.name == "searches" else (part.name, part.type)
        for field in msgspec.structs.fields(kind):
            description = field.type.__metadata__[0].description
            rows.append((f"`{table}.{field.name}`", f"`{field.default!r}`", description))
    return format_table(("setting", "default", "meaning"), rows)


def metrics() -> str:
    from support.metric_names import full_name, list_collectors

    rows = [
        (f"`{full_name(each)}`", each._type, ", ".join(each._labelnames), each._documentation)
        for each in list_collectors()
    ]
    return format_table(("metric", "type", "labels", "meaning"), rows)


def alerts() -> str:
    import yaml

    groups = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text(encoding="utf-8"))["groups"]
    rows = []
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        name = rule["alert"]
        summary = re.sub(r"{{ [$](?:labels[.])?(\w+)[^}]*}}", r"*\1*", rule["annotations"]["summary"])
        rows.append((f"[{name}](RUNBOOKS.md#{name.lower()})", rule["labels"]["severity"], summary))
    return format_table(("alert", "severity", "says"), rows)


def formats() -> str:
    from streams.prepare.formats.registry import FORMATS

    rows = []
    for row in FORMATS:
        samples = ROOT / "tests" / "wires" / row.name
        count = sum(1 for path in samples.glob("*") if not path.name.endswith((".expected.json", ".headers.json")))
        rows.append((row.name, count))
    return format_table(("format, in the order tried", "samples"), rows)


def commands() -> str:
    from streams.cli.main import COMMANDS

    return format_table(("command", "does"), [(f"`newswire {name}`", help_) for name, (_, help_) in COMMANDS.items()])


def roles() -> str:
    from streams.kafka.acls import ROLES

    return format_table(("user", "runs"), [(f"`newswire-{role}`", text) for role, text in ROLES.items()])


def saved_results(part: str) -> Callable[[], str]:
    """Returns the function that builds the table of one part of the saved benchmark results."""

    def build() -> str:
        from bench import results

        return results.format_results(part)

    return build


def goals() -> str:
    """Builds the table of the goals: goal, measured value, whether the goal is met."""
    from bench import goals, results

    return results.format_table(goals.build_rows())


def sizing(part: str) -> Callable[[], str]:
    """Returns the function that builds a sizing table from the saved benchmark results."""

    def build() -> str:
        from bench import results, sizing

        return results.format_table(getattr(sizing, part)())

    return build


BUILDERS: dict[str, Callable[[], str]] = {
    "topics": topics,
    "categories": categories,
    "settings": settings,
    "metrics": metrics,
    "alerts": alerts,
    "formats": formats,
    "commands": commands,
    "roles": roles,
    "bench_goals": goals,
    "sizing_one": sizing("one"),
    "sizing_needed": sizing("needed"),
}
TABLES_BY_DOCUMENT: dict[Path, tuple[str, ...]] = {
    SCHEMAS: ("topics", "categories", "commands"),
    PREPARE: ("formats",),
    SETTINGS: ("settings",),
    OPERATIONS: ("metrics", "alerts"),
    SECURITY: ("roles",),
    BENCHMARKS: (
        "bench_goals",
        "bench_plain_job",
        "bench_pipeline",
        "bench_hotpath",
        "bench_latency",
        "bench_buffering",
        "bench_growth",
        "bench_takeover",
        "bench_replay",
        "bench_memory",
        "bench_startup",
    ),
    SIZING: ("sizing_one", "bench_bytes", "sizing_needed"),
}
"""Each table stands in exactly one document."""


def build_table(name: str) -> str:
    """Builds the table of this name; `bench_<part>` is a part of the saved benchmark results."""
    build = BUILDERS.get(name) or saved_results(name.removeprefix("bench_"))
    return build()


def fill_tables(text: str) -> str:
    """Returns the text with each marked table replaced by its current version."""
    return MARKED.sub(lambda found: found[1] + build_table(found["name"]), text)


if __name__ == "__main__":
    for file in TABLES_BY_DOCUMENT:
        file.write_text(fill_tables(file.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
