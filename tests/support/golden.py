"""Writes schemas/example and the generated JSON schemas: `python tests/support/golden.py`.

The example follows one page of the site from its raw bytes to its decision.
"""

import sys
from pathlib import Path

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


def build_example() -> dict[str, object]:
    """Prepares and decides three raw records, and returns file name -> content.

    The records are the page, the same page from another feed (a duplicate), and a malformed item (a dead letter).
    """
    from streams.cli.process import build_row
    from streams.config.loader import load
    from streams.decide.fold import apply
    from streams.decide.output_records import FoldResult
    from streams.decide.parameters import DecideParams
    from streams.decide.state import Batch, State
    from streams.model import codec
    from streams.model.records import Command, RecordRef, StampedRef
    from streams.prepare.batch import RawMessage, prepare_message
    from streams.prepare.loading import load_knowledge

    settings = load(environ={})
    knowledge, params, state = load_knowledge(settings), DecideParams.from_settings(settings), Batch(State())

    def prepare_and_decide(offset: int, raw_headers: dict[str, str], body: bytes) -> tuple[bytes, FoldResult]:
        position = StampedRef(RecordRef("news.raw", 0, offset), TIMESTAMP + offset * 60_000)
        headers = tuple((name, value.encode()) for name, value in raw_headers.items())
        ((_, record),) = prepare_message(RawMessage(position, headers, body), knowledge).records
        return record, apply(state, codec.decode(record), offset, params)

    item, (decision, effects) = prepare_and_decide(0, RAW_HEADERS, PAGE.read_bytes())
    copy_headers = {"source": "othersite", "received-at": "2021-12-10T12:55:12Z", "guid": "x-77"}
    _, (duplicate_decision, (duplicate, _)) = prepare_and_decide(1, copy_headers, PAGE.read_bytes())
    _, (refusal_decision, (dead_letter, _)) = prepare_and_decide(2, {"source": "othersite"}, b'{"title": "cut off')
    refusal, _ = prepare_and_decide(3, {"source": "othersite"}, b"")
    command = Command(action="kill", uri=decision.uri, at="2021-12-10T13:00:00Z", by="desk", why="sent in error")
    *public, _ = effects
    assert len({(effect.value, effect.headers) for effect in public}) == 1
    return {
        "raw.txt": PAGE.read_bytes(),
        "raw-headers.json": RAW_HEADERS,
        "log-item.json": orjson.loads(item),
        "event.json": orjson.loads(public[0].value or b""),
        "headers.json": _decode_headers(public[0].headers),
        "process.json": build_row(("site-page.txt", 0), decision, effects, settings.topics.full),
        "decision.json": _to_json(decision),
        "duplicate.json": orjson.loads(duplicate.value or b""),
        "duplicate-headers.json": _decode_headers(duplicate.headers),
        "duplicate-decision.json": _to_json(duplicate_decision),
        "dead-letter.bin": dead_letter.value,
        "dead-letter-headers.json": _decode_headers(dead_letter.headers),
        "dead-letter-decision.json": _to_json(refusal_decision),
        "log-refusal.json": orjson.loads(refusal),
        "log-command.json": orjson.loads(codec.encode(command)),
    }


def _decode_headers(headers: tuple[tuple[str, bytes], ...]) -> dict[str, str]:
    return {name: value.decode() for name, value in headers}


def _to_json(value: msgspec.Struct) -> object:
    return msgspec.to_builtins(value)


PUBLISHED_NAMES = {"Outcome": "Fate", "TextFingerprint": "Print"}
"""Class -> its name in the published schemas, which does not change when a class is renamed."""


def build_schemas() -> dict[str, object]:
    """Builds the JSON schemas of the structs that are stored as records: file name -> schema."""
    from streams.model.records import LOG_FORMAT, Command, Decision, Item, Refusal

    titles = {
        "log-item.json": (Item, "A prepared item in the log, news.internal.items"),
        "log-refusal.json": (Refusal, "A refused item in the log, news.internal.items"),
        "log-command.json": (Command, "A command in the log, news.internal.items"),
        "decision.json": (Decision, "A record of news.decisions"),
    }
    schemas: dict[str, object] = {}
    for name, (kind, title) in titles.items():
        (schema,), parts = _rename_parts(msgspec.json.schema_components([kind], ref_template="#/$defs/{name}"))
        schemas[name] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:newswire:schema:{name.removesuffix('.json')}:{LOG_FORMAT}",
            "title": title,
            **schema,
            "$defs": parts,
        }
    return schemas


def _rename_parts(components: object) -> tuple[tuple[dict[str, object], ...], dict[str, object]]:
    text = orjson.dumps(components).decode()
    for name, published in PUBLISHED_NAMES.items():
        text = text.replace(f'"#/$defs/{name}"', f'"#/$defs/{published}"')
    schemas, parts = orjson.loads(text)
    published_parts = {}
    for name, part in parts.items():
        published = PUBLISHED_NAMES.get(name, name)
        published_parts[published] = {**part, "title": published}
    return tuple(schemas), published_parts


def format_content(content: object) -> bytes:
    """Formats a content as the bytes of its file."""
    return content if isinstance(content, bytes) else orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in build_example().items():
        (FOLDER / name).write_bytes(format_content(content))
    for name, schema in build_schemas().items():
        (FOLDER.parent / name).write_bytes(format_content(schema))
    sys.exit(0)
