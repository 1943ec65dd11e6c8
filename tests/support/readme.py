"""The README's tables as the code has them. `python tests/support/readme.py` writes them into the README."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase

README = Path(__file__).resolve().parents[2] / "README.md"
MARKED = re.compile(r"(<!-- table:(?P<name>\w+) -->\n).*?(?=<!-- end -->)", re.S)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |\n" for line in lines)


def topics() -> str:
    from streams.topics import CATEGORIES, TOPICS

    rows = []
    for topic in TOPICS:
        if topic.name not in CATEGORIES:
            keep = "for ever" if topic.cleanup == "compact" else f"{topic.retention_ms // 86_400_000} days"
            rows.append((f"`news.{topic.name}`", topic.help, topic.key, topic.partitions, f"`{topic.cleanup}`, {keep}"))
    return table(("topic", "holds", "key", "partitions", "kept"), rows)


def categories() -> str:
    from streams.topics import CATEGORIES

    return table(
        ("category", "on the site", "topic"), [(f"`{id_}`", name, f"`news.{id_}`") for id_, name in CATEGORIES.items()]
    )


def settings() -> str:
    from streams.config import Settings

    rows = []
    for part in msgspec.structs.fields(Settings):
        if part.name == "sources":
            rows.append(("`sources`", "table", "the wires, `[sources.<id>]`: see `streams/sources.toml`"))
            continue
        for field in msgspec.structs.fields(part.type):
            description = field.type.__metadata__[0].description
            rows.append((f"`{part.name}.{field.name}`", f"`{field.default!r}`", description))
    return table(("setting", "default", "meaning"), rows)


def metrics() -> str:
    from streams.feeders import metrics as of_feeders
    from streams.gateway import metrics as of_gateway
    from streams.shell import metrics as of_worker

    rows = []
    for collector in (*vars(of_worker).values(), *vars(of_gateway).values(), *vars(of_feeders).values()):
        if isinstance(collector, MetricWrapperBase):
            name = collector._name + ("_total" if isinstance(collector, Counter) else "")
            rows.append((f"`{name}`", collector._type, ", ".join(collector._labelnames), collector._documentation))
    return table(("metric", "type", "labels", "meaning"), rows)


def formats() -> str:
    from streams.prepare.formats.table import FORMATS

    rows = []
    for row in FORMATS:
        samples = README.parent / "tests" / "wires" / row.name
        count = sum(1 for path in samples.glob("*") if not path.name.endswith((".expected.json", ".headers.json")))
        rows.append((row.name, count))
    return table(("format, in the order tried", "samples"), rows)


def commands() -> str:
    from streams.cli import COMMANDS

    return table(("command", "does"), [(f"`newswire {name}`", help_) for name, (_, help_) in COMMANDS.items()])


TABLES = {
    "topics": topics,
    "categories": categories,
    "settings": settings,
    "metrics": metrics,
    "formats": formats,
    "commands": commands,
}


def filled(text: str) -> str:
    """The text with each marked table as it should be."""
    return MARKED.sub(lambda found: found[1] + TABLES[found["name"]](), text)


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
