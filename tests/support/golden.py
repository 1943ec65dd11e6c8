"""The golden example: one page of the site's shape on its way. `python tests/support/golden.py` writes it anew."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import orjson

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "schemas" / "example"
PAGE = ROOT / "tests" / "wires" / "release" / "site-page.txt"
RAW_HEADERS = {
    "source": "site",
    "content-type": "text/plain",
    "received-at": "2021-12-10T12:54:00Z",
    "origin": "site-page.txt",
    "guid": "301000001",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}
TIMESTAMP = 1_639_140_840_250
"""The raw record's LogAppendTime, 2021-12-10T12:54:00.250Z."""


def build_example() -> dict[str, Any]:
    """File name -> content: what the map and the fold make of the page at offset 0 of a raw partition.

    Then of the same page from another feed (a duplicate), and of a record that is refused (a dead letter).
    """
    from streams.cli.process import build_row
    from streams.config.loader import load
    from streams.decide.fold import apply
    from streams.decide.output_records import FoldResult
    from streams.decide.parameters import DecideParams
    from streams.decide.state import Batch, State
    from streams.model import codec
    from streams.model.records import Command, Position
    from streams.prepare.batch import Record, prepared
    from streams.prepare.loading import load_knowledge

    settings = load(environ={})
    knowledge, rules, state = load_knowledge(settings), DecideParams.of(settings), Batch(State())

    def through(offset: int, raw_headers: dict[str, str], body: bytes) -> tuple[bytes, FoldResult]:
        position = Position(topic="news.raw", partition=0, offset=offset, timestamp=TIMESTAMP + offset * 60_000)
        headers = tuple((name, value.encode()) for name, value in raw_headers.items())
        ((_, record),) = prepared(Record(position, headers, body), knowledge).records
        return record, apply(state, codec.decode(record), offset, rules)

    item, (decision, effects) = through(0, RAW_HEADERS, PAGE.read_bytes())
    copy_headers = {"source": "othersite", "received-at": "2021-12-10T12:55:12Z", "guid": "x-77"}
    _, (copied, (copy, _)) = through(1, copy_headers, PAGE.read_bytes())
    _, (refused, (letter, _)) = through(2, {"source": "othersite"}, b'{"title": "cut off')
    refusal, _ = through(3, {"source": "othersite"}, b"")
    command = Command(action="kill", uri=decision.uri, at="2021-12-10T13:00:00Z", by="desk", why="sent in error")
    *public, _ = effects
    assert len({(effect.value, effect.headers) for effect in public}) == 1
    return {
        "raw.txt": PAGE.read_bytes(),
        "raw-headers.json": RAW_HEADERS,
        "log-item.json": orjson.loads(item),
        "event.json": orjson.loads(public[0].value or b""),
        "headers.json": _headers(public[0].headers),
        "process.json": build_row(("site-page.txt", 0), decision, effects, settings.topics.full),
        "decision.json": _built(decision),
        "duplicate.json": orjson.loads(copy.value or b""),
        "duplicate-headers.json": _headers(copy.headers),
        "duplicate-decision.json": _built(copied),
        "dead-letter.bin": letter.value,
        "dead-letter-headers.json": _headers(letter.headers),
        "dead-letter-decision.json": _built(refused),
        "log-refusal.json": orjson.loads(refusal),
        "log-command.json": orjson.loads(codec.encode(command)),
    }


def _headers(headers: tuple[tuple[str, bytes], ...]) -> dict[str, str]:
    return {name: value.decode() for name, value in headers}


def _built(value: Any) -> Any:
    return msgspec.to_builtins(value)


def build_schemas() -> dict[str, Any]:
    """File name -> JSON Schema of what is written by a struct of the model."""
    from streams.model.records import Command, Decision, Item, Refusal

    titles = {
        "log-item.json": (Item, "A prepared item in the log, news.internal.items"),
        "log-refusal.json": (Refusal, "A refused item in the log, news.internal.items"),
        "log-command.json": (Command, "A command in the log, news.internal.items"),
        "decision.json": (Decision, "A record of news.decisions"),
    }
    made = {}
    for name, (kind, title) in titles.items():
        (schema,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
        made[name] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:newswire:schema:{name.removesuffix('.json')}:1",
            "title": title,
            **schema,
            "$defs": parts,
        }
    return made


def format_content(content: Any) -> bytes:
    """As it stands in the folder."""
    return content if isinstance(content, bytes) else orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in build_example().items():
        (FOLDER / name).write_bytes(format_content(content))
    for name, schema in build_schemas().items():
        (FOLDER.parent / name).write_bytes(format_content(schema))
    sys.exit(0)
