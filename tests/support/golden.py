"""The golden example: one page of the site's shape on its whole way. `python tests/support/golden.py` writes it anew."""

import sys
from pathlib import Path
from typing import Any

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


def example() -> dict[str, Any]:
    """File name -> content: what the map and the fold make of the page at offset 0 of a raw partition."""
    from streams.commands.process import line
    from streams.config import load
    from streams.decide import log
    from streams.decide.fold import Rulebook, apply
    from streams.decide.state import Overlay, State
    from streams.model import Position
    from streams.prepare.child import Record, prepared
    from streams.shell.knowledge import load_knowledge

    settings = load(environ={})
    position = Position(topic="news.raw", partition=0, offset=0, timestamp=TIMESTAMP)
    headers = tuple((name, value.encode()) for name, value in RAW_HEADERS.items())
    ((_, value),) = prepared(Record(position, headers, PAGE.read_bytes()), load_knowledge(settings)).records
    decision, effects = apply(Overlay(State()), log.decode(value), 0, Rulebook.of(settings))
    *public, decided = effects
    assert len({(effect.value, effect.headers) for effect in public}) == 1
    assert public[0].value is not None
    assert decided.value is not None
    return {
        "raw.txt": PAGE.read_bytes(),
        "raw-headers.json": RAW_HEADERS,
        "log-item.json": orjson.loads(value),
        "event.json": orjson.loads(public[0].value),
        "headers.json": {name: text.decode() for name, text in public[0].headers},
        "process.json": line(("site-page.txt", 0), decision, effects, settings.topics.full),
        "decision.json": orjson.loads(decided.value),
    }


def as_bytes(content: Any) -> bytes:
    """As it stands in the folder."""
    return content if isinstance(content, bytes) else orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in example().items():
        (FOLDER / name).write_bytes(as_bytes(content))
    sys.exit(0)
