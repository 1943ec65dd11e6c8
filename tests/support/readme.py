"""The tables of README and deploy/SIZING.md as code and results have them: `python tests/support/readme.py`."""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
README = Path(__file__).resolve().parents[2] / "README.md"
FILES = (README, README.parent / "deploy" / "SIZING.md")
MARKED = re.compile(r"(<!-- table:(?P<name>\w+) -->\n).*?(?=<!-- end -->)", re.S)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |\n" for line in lines)


def topics() -> str:
    from streams.model.topics import CATEGORIES, TOPICS

    rows = []
    for topic in TOPICS:
        if topic.name not in CATEGORIES:
            keep = "for ever" if topic.cleanup == "compact" else f"{topic.retention_ms // 86_400_000} days"
            rows.append((f"`news.{topic.name}`", topic.help, topic.key, topic.partitions, f"`{topic.cleanup}`, {keep}"))
    return table(("topic", "holds", "key", "partitions", "kept"), rows)


def categories() -> str:
    from streams.model.topics import CATEGORIES

    return table(
        ("category", "on the site", "topic"), [(f"`{id_}`", name, f"`news.{id_}`") for id_, name in CATEGORIES.items()]
    )


def settings() -> str:
    from streams.config.settings import Settings

    rows = []
    for part in msgspec.structs.fields(Settings):
        if part.name == "sources":
            rows.append(("`sources`", "table", "the wires, `[sources.<id>]`: see `streams/config/sources.toml`"))
            continue
        for field in msgspec.structs.fields(part.type):
            description = field.type.__metadata__[0].description
            rows.append((f"`{part.name}.{field.name}`", f"`{field.default!r}`", description))
    return table(("setting", "default", "meaning"), rows)


def metrics() -> str:
    from support.metrics import collectors, full_name

    rows = [
        (f"`{full_name(each)}`", each._type, ", ".join(each._labelnames), each._documentation) for each in collectors()
    ]
    return table(("metric", "type", "labels", "meaning"), rows)


def alerts() -> str:
    import yaml

    groups = yaml.safe_load((README.parent / "deploy/prometheus/rules.yml").read_text(encoding="utf-8"))["groups"]
    rows = []
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        name = rule["alert"]
        summary = re.sub(r"{{ [$](?:labels[.])?(\w+)[^}]*}}", r"*\1*", rule["annotations"]["summary"])
        rows.append((f"[{name}](deploy/RUNBOOKS.md#{name.lower()})", rule["labels"]["severity"], summary))
    return table(("alert", "severity", "says"), rows)


def formats() -> str:
    from streams.prepare.formats.registry import FORMATS

    rows = []
    for row in FORMATS:
        samples = README.parent / "tests" / "wires" / row.name
        count = sum(1 for path in samples.glob("*") if not path.name.endswith((".expected.json", ".headers.json")))
        rows.append((row.name, count))
    return table(("format, in the order tried", "samples"), rows)


def commands() -> str:
    from streams.cli.main import COMMANDS

    return table(("command", "does"), [(f"`newswire {name}`", help_) for name, (_, help_) in COMMANDS.items()])


def measured(part: str) -> Callable[[], str]:
    """A table of the benchmarks' results."""

    def told() -> str:
        from bench import results

        return results.told(part)

    return told


def sizing(part: str) -> Callable[[], str]:
    """A table computed from them."""

    def told() -> str:
        from bench import results, sizing

        return results.table(getattr(sizing, part)())

    return told


MEASURED = (
    "plain_job",
    "pipeline",
    "hotpath",
    "bytes",
    "latency",
    "buffering",
    "growth",
    "takeover",
    "memory",
    "startup",
)
TABLES: dict[str, Callable[[], str]] = {
    **{f"bench_{part}": measured(part) for part in MEASURED},
    "sizing_one": sizing("one"),
    "sizing_needed": sizing("needed"),
    "topics": topics,
    "categories": categories,
    "settings": settings,
    "metrics": metrics,
    "alerts": alerts,
    "formats": formats,
    "commands": commands,
}


def filled(text: str) -> str:
    """The text with each marked table as it should be."""
    return MARKED.sub(lambda found: found[1] + TABLES[found["name"]](), text)


if __name__ == "__main__":
    for file in FILES:
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
