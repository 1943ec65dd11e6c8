"""Compares what two versions put out: `compare.py OLD NEW`, two folders made by make.sh. Exit status 1 on a difference.

Left out is what differs from run to run with the same code: record timestamps, offsets in the log (an embargo is
released by the clock, so its command stands at another place of the log), the keys of commands and the state, whose
entries hold those offsets.
"""

import sys
from collections import Counter
from difflib import unified_diff
from pathlib import Path
from typing import Any

import orjson

TEXTS = ("lines.jsonl", "help.txt", "topics.txt", "metrics.txt", "tables.md")
STATE, LOG, DECISIONS = "news.internal.state", "news.internal.items", "news.decisions"
MOST_SHOWN = 100


def masked(value: Any) -> Any:
    """The value without timestamps of raw records, log offsets and the time of a release."""
    if isinstance(value, dict):
        skipped = {"log_offset"} if "action" not in value else {"log_offset", "at", "received"}
        return {
            key: 0 if key in skipped or (key == "timestamp" and isinstance(inner, int)) else masked(inner)
            for key, inner in value.items()
        }
    return [masked(inner) for inner in value] if isinstance(value, list) else value


def comparable(record: dict[str, Any]) -> str:
    """A record as one text that is the same in every run of the same code."""
    headers, key, value = dict(record["headers"]), record["key"], record["value"]
    if headers.get("origin-topic") == LOG:
        headers["origin-offset"] = ""
    if record["topic"] in (LOG, DECISIONS):
        content = masked(orjson.loads(value))
        if content.get("action"):
            key, headers = "", {}
        value = orjson.dumps(content).decode()
    return orjson.dumps([record["topic"], key, headers, value]).decode()


def records(folder: Path) -> Counter[str]:
    """How often each record stands in the topics."""
    with (folder / "records.jsonl").open("rb") as lines:
        every = (orjson.loads(line) for line in lines)
        return Counter(comparable(record) for record in every if record["topic"] != STATE)


def differences(old: Path, new: Path) -> list[str]:
    """One line for each difference, with the part that it is in."""
    found = []
    for name in TEXTS:
        before, after = ((folder / name).read_text(encoding="utf-8").splitlines() for folder in (old, new))
        diff = (line for line in unified_diff(before, after, lineterm="", n=0) if line[:2] not in ("--", "++", "@@"))
        found += [f"{name}: {line}" for line in diff]
    before, after = records(old), records(new)
    found += [f"records.jsonl: -{record}" for record in (before - after).elements()]
    found += [f"records.jsonl: +{record}" for record in (after - before).elements()]
    return found


def main() -> int:
    """Prints the differences, each cut to one line of a terminal."""
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    for line in found[:MOST_SHOWN]:
        print(line[:300])
    print(f"{len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
