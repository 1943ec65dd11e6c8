"""Builds bad inputs, each with its expected outcome: malformed, hostile and test items that some wires send."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import orjson

from streams.generate import names, prose
from streams.generate.calendar import format_rfc3339
from streams.generate.rng import Rng
from streams.generate.truth import ExpectedOutcome, ItemKind
from streams.generate.writers.issue import WrittenItem, escape_xml
from streams.model.topics import MAX_RAW_BYTES

DEPTH = 5_000
"""Nesting depth of the deeply nested items."""


class BadInput(NamedTuple):
    """A bad input: kind, expected outcome and error code, and the function that writes it."""

    kind: ItemKind
    outcome: ExpectedOutcome
    error: str
    write: Callable[[], WrittenItem]


class _UniqueText(NamedTuple):
    """The key and time of a bad input, and a title and body that no other item has."""

    key: int
    at: int
    title: str
    body: str


def draw_bad_input(rng: Rng, key: int, at: int, *, oversized: bool) -> BadInput:
    """Draws a bad input. Items above the size limit of a raw record (8 MiB each) come only if `oversized` is set."""
    rows = _OVERSIZED if oversized and rng.chance(0.02) else _ROWS
    kind, outcome, error, write = rng.pick(rows)
    name = names.strip_legal_form(names.draw_company(rng).name)
    title = f"{name} Opens Workshop Number {rng.between(100, 99_999)} in {rng.pick(names.TOWNS)} to the Public"
    text = _UniqueText(key, at, title, f"{title}. {prose.build_sentence(rng)} {prose.build_sentence(rng)}")
    return BadInput(kind, outcome, error, partial(write, text))


def _build_json(text: _UniqueText, **fields: object) -> bytes:
    item = {
        "id": f"X{text.key}",
        "version": "1",
        "date": format_rfc3339(text.at),
        "title": text.title,
        "body": text.body,
    }
    return orjson.dumps({**item, "language": "en", **fields})


def _write_item(body: bytes, content_type: str = "application/json", source: str = "testwire") -> WrittenItem:
    return WrittenItem(source=source, body=body, content_type=content_type)


def _build_newsml_g2(
    text: _UniqueText, *, prolog: str = "", meta: str = "", paragraph: str = "", guid: str = ""
) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<newsItem standard="NewsML-G2" standardversion="2.28" '
        f'guid="{guid or f"urn:newsml:testwire.example:{text.key}"}" version="1" xml:lang="en" '
        f'xmlns="http://iptc.org/std/nar/2006-10-01/"><itemMeta><itemClass qcode="ninat:text"/>'
        f"<versionCreated>{format_rfc3339(text.at)}</versionCreated>{meta}</itemMeta><contentMeta>"
        f"<headline>{escape_xml(text.title)}</headline></contentMeta><contentSet><inlineXML "
        f'contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><body><p>'
        f"{escape_xml(text.body)}</p>{paragraph}</body></html></inlineXML></contentSet></newsItem>"
    )


def _write_xml(body: str) -> WrittenItem:
    return _write_item(body.encode(), "application/xml")


def _truncated_xml(text: _UniqueText) -> WrittenItem:
    whole = _build_newsml_g2(text)
    return _write_xml(whole[: len(whole) * 2 // 3])


def _truncated_json(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text)[:-20])


def _nothing(_text: _UniqueText) -> WrittenItem:
    return _write_item(b"", "text/plain")


def _zeros(_text: _UniqueText) -> WrittenItem:
    return _write_item(b"\0" * 300, "application/octet-stream")


def _binary(text: _UniqueText) -> WrittenItem:
    return _write_item(b"\x89PNG\r\n\x1a\n\1\2\3\4" + str(text.key).encode() * 20, "image/png")


def _no_source(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text), source="")


def _no_words(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text, title="", body=""))


def _wrong_type(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text, title=[text.title]))


def _bad_encoding(text: _UniqueText) -> WrittenItem:
    # Neither UTF-8 nor Windows-1252, which has no 0x81 and no 0x9d.
    return _write_item(_build_json(text).replace(b" to the", b" \x81\x9d\xff the"))


def _deep_json(text: _UniqueText) -> WrittenItem:
    nested = b'{"a":' * DEPTH + b"1" + b"}" * DEPTH
    return _write_item(_build_json(text)[:-1] + b',"extra":' + nested + b"}")


def _deep_xml(text: _UniqueText) -> WrittenItem:
    return _write_xml(_build_newsml_g2(text, paragraph="<div>" * DEPTH + "</div>" * DEPTH))


def _entity_bomb(text: _UniqueText) -> WrittenItem:
    steps = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return _write_xml(
        _build_newsml_g2(text, prolog=f'<!DOCTYPE newsItem [<!ENTITY l0 "lol">{steps}]>', paragraph="<p>&l9;</p>")
    )


def _external_entity(text: _UniqueText) -> WrittenItem:
    prolog = '<!DOCTYPE newsItem [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
    return _write_xml(_build_newsml_g2(text, prolog=prolog, paragraph="<p>&file;</p>"))


def _script(text: _UniqueText) -> WrittenItem:
    body = (
        f'<p onclick="steal()">{escape_xml(text.body)}</p><script>document.location="https://evil.example/"</script>'
        f'<iframe src="https://evil.example/"></iframe><a href="javascript:alert(1)">more</a>'
    )
    return _write_item(_build_json(text, body=body))


def _right_to_left(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text, title=f"\u202e{text.title[::-1]}\u202c {text.title}\u200b\ufeff"))


def _nul_characters(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text, body=text.body.replace(". ", ".\0 \0")))


def _wrong_content_type(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text), "application/xml")


def _xml_called_json(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_newsml_g2(text).encode(), "application/json; charset=iso-8859-1")


def _long_id(text: _UniqueText) -> WrittenItem:
    return _write_xml(_build_newsml_g2(text, guid=f"urn:newsml:testwire.example:{text.key}:" + "9" * 9000))


def _test_status(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text, status="test"))


def _test_signal(text: _UniqueText) -> WrittenItem:
    return _write_xml(_build_newsml_g2(text, meta='<signal qcode="sig:test"/>'))


def _test_headline(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text, title="TEST - please ignore"))


def _oversized(text: _UniqueText) -> WrittenItem:
    return _write_item(_build_json(text, body=text.body + " x" * (MAX_RAW_BYTES // 2)))


_Row = tuple[ItemKind, ExpectedOutcome, str, Callable[[_UniqueText], WrittenItem]]
_ROWS: tuple[_Row, ...] = (
    ("broken", "rejected", "malformed", _truncated_xml),
    ("broken", "rejected", "malformed", _truncated_json),
    ("broken", "rejected", "empty", _nothing),
    ("broken", "rejected", "empty", _zeros),
    ("broken", "rejected", "unknown-format", _binary),
    ("broken", "rejected", "missing-source", _no_source),
    ("broken", "rejected", "missing-field", _no_words),
    ("broken", "rejected", "malformed", _wrong_type),
    ("broken", "rejected", "encoding", _bad_encoding),
    ("hostile", "rejected", "too-deep", _deep_json),
    ("hostile", "rejected", "too-deep", _deep_xml),
    ("hostile", "rejected", "malformed", _entity_bomb),
    ("hostile", "rejected", "malformed", _external_entity),
    ("hostile", "rejected", "malformed", _long_id),
    ("hostile", "published", "", _script),
    ("hostile", "published", "", _right_to_left),
    ("hostile", "published", "", _nul_characters),
    ("hostile", "published", "", _wrong_content_type),
    ("hostile", "published", "", _xml_called_json),
    ("test", "rejected", "test-item", _test_status),
    ("test", "rejected", "test-item", _test_signal),
    ("test", "rejected", "test-item", _test_headline),
)
_OVERSIZED: tuple[_Row, ...] = (("hostile", "rejected", "too-large", _oversized),)
