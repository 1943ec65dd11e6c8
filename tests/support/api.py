"""Writes schemas/asyncapi.yaml and schemas/openapi.yaml from the code: `python tests/support/api.py`."""

import ast
import inspect
import sys
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent
from typing import Any

import msgspec
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

FOLDER = Path(__file__).resolve().parents[2] / "schemas"
JsonObject = dict[str, Any]
PRIVATE = ("internal.state", "internal.replays")
"""Topics that only the program itself reads and writes."""
NINJS = {"$ref": "./ninjs/ninjs-schema_3.1.json"}
ITEM = {"allOf": [NINJS, {"$ref": "./item.json"}]}
BYTES = {"description": "bytes, as the wire wrote them"}
ITEM_KEY = "the story's uri"


def _build_message(title: str, key: str, payload: JsonObject, headers: str = "", note: str = "") -> JsonObject:
    return {
        "title": title,
        **({"description": note} if note else {}),
        **({"headers": {"$ref": f"./{headers}"}} if headers else {}),
        "payload": payload,
        "bindings": {"kafka": {"key": {"type": "string", "description": key}}},
    }


MESSAGES: dict[str, JsonObject] = {
    "raw": _build_message("A wire item as received", "the source", BYTES, "raw-headers.json"),
    "item": _build_message("An enriched item: published, revised or withdrawn", ITEM_KEY, ITEM, "item-headers.json"),
    "withheld": _build_message(
        "An item under embargo, without its text",
        ITEM_KEY,
        ITEM,
        "item-headers.json",
        "A record without a value (and without time-source): the story was released or withdrawn.",
    ),
    "duplicate": _build_message("A suppressed item", "the uri it duplicates", NINJS, "duplicate.json"),
    "dead-letter": _build_message(
        "A refused item",
        "its place in news.raw",
        BYTES,
        "dead-letter.json",
        "A record without a value tells what became of the letter with its key: headers letter-*.",
    ),
    "decision": _build_message("What became of a record of the log", "its place", {"$ref": "./decision.json"}),
    "log-item": _build_message("A prepared item", "its place in news.raw", {"$ref": "./log-item.json"}),
    "log-refusal": _build_message("A refused item", "its place in news.raw", {"$ref": "./log-refusal.json"}),
    "log-command": _build_message(
        "A command of the desk, a release, a replay", "what it is about", {"$ref": "./log-command.json"}
    ),
}
MESSAGES_BY_TOPIC = {
    "raw": ("raw",),
    "internal.items": ("log-item", "log-refusal", "log-command"),
    "duplicates": ("duplicate",),
    "withheld": ("withheld",),
    "dead-letters": ("dead-letter",),
    "decisions": ("decision",),
}
"""Topic without prefix -> its messages. The other topics carry items."""


def list_messages(topic: str) -> tuple[str, ...]:
    """Returns the names of a topic's messages."""
    return MESSAGES_BY_TOPIC.get(topic, ("item",))


def build_asyncapi() -> JsonObject:
    """Builds the AsyncAPI 3.0 document: every public topic, with the category topics as one channel."""
    from streams.model.topics import CATEGORIES, DAY_MS, RAW, STORY_KEY, TOPICS

    first = next(iter(CATEGORIES))
    alike = {
        "address": "news.{category}",
        "description": "the items of one category",
        "parameters": {"category": {"enum": list(CATEGORIES)}},
    }
    shown = [topic for topic in TOPICS if topic.name not in PRIVATE and topic.name not in [*CATEGORIES][1:]]
    channels = {
        "category" if topic.name == first else topic.name: {
            **(alike if topic.name == first else {"address": f"news.{topic.name}", "description": topic.help}),
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in list_messages(topic.name)},
            "bindings": {
                "kafka": {
                    "partitions": topic.partitions,
                    "topicConfiguration": {
                        "cleanup.policy": topic.cleanup.split(","),
                        "retention.ms": topic.retention_ms,
                        **({"delete.retention.ms": topic.retention_days * DAY_MS} if topic.key == STORY_KEY else {}),
                        "max.message.bytes": topic.max_message_bytes,
                    },
                }
            },
        }
        for topic in shown
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Newswire Streams: topics",
            "version": version("newswire-streams"),
            "description": "Read with isolation.level=read_committed. Headers are UTF-8 text, CloudEvents 1.0 (Kafka, "
            "binary mode). A record that comes twice carries the same ce_id. The prefix `news` is a setting.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": "localhost:9092", "protocol": "kafka", "description": "NEWSWIRE_KAFKA"}},
        "channels": channels,
        "operations": {
            f"{action}-{name}": {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
            for name in channels
            for action in ["receive" if name == RAW else "send"]
        },
        "components": {"messages": MESSAGES},
    }


def _read_field_docs(kind: type) -> dict[str, str]:
    """Reads the docstring below each field of a class."""
    (tree,) = ast.parse(dedent(inspect.getsource(kind))).body
    assert isinstance(tree, ast.ClassDef)
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def _build_schemas(**kinds: type) -> JsonObject:
    """Builds the schemas of structs under their published names, which may differ from the class names."""
    _, parts = msgspec.json.schema_components(tuple(kinds.values()), ref_template="#/components/schemas/{name}")
    for public, kind in kinds.items():
        texts = {field.encode_name: field.name for field in msgspec.structs.fields(kind)}
        parts[kind.__name__]["title"] = public
        for name, schema in parts[kind.__name__]["properties"].items():
            if text := _read_field_docs(kind).get(texts[name]):
                schema["description"] = text
    return {public: parts[kind.__name__] for public, kind in kinds.items()}


def _text_response(description: str) -> JsonObject:
    return {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _json_response(description: str, schema: JsonObject) -> JsonObject:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _schema_ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter_refs(*names: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _array_of(schema: JsonObject) -> JsonObject:
    return {"type": "array", "items": schema}


FILTERS = ("category", "ticker", "language", "source", "company", "about", "sector", "q", "limit")
PAGE = ("from", "to", "before", "after")
OPEN: list[dict[str, list[str]]] = [{}, {"token": []}]
WRONG = _text_response("A parameter is wrong; the sentence says which, and what it may be")
UNKNOWN = _text_response("The token is wrong, or one is needed (gateway.private)")
WAIT = _text_response("Not ready, or too many open streams: try again after Retry-After")


def _build_parameters() -> JsonObject:
    from streams.gateway.history_query import DEFAULT_LIMIT
    from streams.model.topics import CATEGORIES, LATEST

    def query(name: str, description: str, schema: JsonObject) -> JsonObject:
        style = {"style": "form", "explode": False} if schema["type"] == "array" else {}
        return {"name": name, "in": "query", "description": description, **style, "schema": schema}

    text = {"type": "string"}
    return {
        "category": query(
            "category", "Any of these categories; none: all", _array_of({**text, "enum": [LATEST, *CATEGORIES]})
        ),
        "ticker": query("ticker", "Any of these: FCEL, or with its exchange XNAS:FCEL", _array_of(text)),
        "language": query("language", "BCP 47 ranges: en takes en-GB", _array_of(text)),
        "source": query("source", "Ids or display codes", _array_of(text)),
        "company": query(
            "company", "Any of these ids: cik-886128, an ISIN, or the uri of an organisation", _array_of(text)
        ),
        "about": query(
            "about",
            "1: only what is about the company; 0: mentions too. Default: 1 with company, 0 with ticker alone",
            {**text, "enum": ["0", "1"]},
        ),
        "sector": query(
            "sector", "Any of these sectors: an IPTC Media Topic, medtop:20000225, or its name", _array_of(text)
        ),
        "q": query("q", 'Words of headlines, summaries and names; "a phrase"; -unwanted', {**text, "maxLength": 200}),
        "from": query("from", "A day (UTC) or an RFC 3339 time: not before it", text),
        "to": query("to", "A day (UTC) or an RFC 3339 time: not after it", text),
        "before": query("before", "A cursor of the header Link, or a time: older rows", text),
        "after": query("after", "A cursor of the header Link, or a time: the newer rows that are next to it", text),
        "limit": query(
            "limit", "Rows; at most gateway.rows", {"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT}
        ),
        "lastEventId": query("lastEventId", "As Last-Event-ID, for clients that cannot set headers", text),
        "Last-Event-ID": {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "Resume behind the event with this id",
            "schema": text,
        },
        "name": {
            "name": "name",
            "in": "path",
            "required": True,
            "description": "latest, a category, or a saved search of the settings",
            "schema": text,
        },
        "kind": {
            "name": "kind",
            "in": "path",
            "required": True,
            "description": "The format",
            "schema": {**text, "enum": ["atom", "rss", "json"]},
        },
        "uri": {"name": "uri", "in": "path", "required": True, "description": "The story's uri", "schema": text},
    }


def _build_paths() -> JsonObject:
    found = {
        "401": UNKNOWN,
        "404": _text_response("Not among the newest that are held here"),
        "410": _text_response("Withdrawn"),
    }
    asking = {"400": WRONG, "401": UNKNOWN, "503": WAIT}
    story = {
        "type": "object",
        "required": ["uri", "versions", "copies"],
        "properties": {
            "uri": {"type": "string"},
            "versions": _array_of(_schema_ref("Version")),
            "copies": {**_array_of(_schema_ref("Copy")), "description": "The same story on other wires"},
        },
    }
    stream = {
        "description": "Events `item` (data: a Row, in place of the row of its uri), `withdrawn` (data: a Gone) and "
        "`reset` (data: a Reset; forget all rows, that many items follow), `state` (data: a State)",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }

    feed = {
        "description": "Atom 1.0 (with deleted entries), RSS 2.0 or JSON Feed 1.1",
        "content": {
            "application/atom+xml": {"schema": {"type": "string"}},
            "application/rss+xml": {"schema": {"type": "string"}},
            "application/feed+json": {"schema": {"type": "object"}},
        },
    }

    def get(summary: str, parameters: list[JsonObject], answers: JsonObject, **more: object) -> JsonObject:
        given = {"parameters": parameters} if parameters else {}
        return {"get": {"summary": summary, **given, "responses": answers, **more}}

    kept = {"304": {"description": "As the ETag in If-None-Match"}}
    # ninjs itself is left out: its schema refers to one of GeoJSON by an address that few tools may fetch.
    item = {"$ref": "./item.json"}
    return {
        "/latest": get(
            "Rows, newest first. The header Link leads to older (next) and newer (prev) ones",
            _parameter_refs(*FILTERS, *PAGE),
            {"200": _json_response("Rows", _array_of(_schema_ref("Row"))), **kept, **asking},
            security=OPEN,
        ),
        "/stream": get(
            "Server-Sent Events: a snapshot or what was missed, then every change",
            _parameter_refs(*FILTERS, "lastEventId", "Last-Event-ID"),
            {"200": stream, **asking, "429": _text_response("Too many open streams of this address")},
            security=OPEN,
        ),
        "/feeds/{name}.{kind}": get(
            "A section or a saved search as a feed; a text only where its rights or a token allow",
            _parameter_refs("name", "kind", *(each for each in (*FILTERS, *PAGE) if each != "category")),
            {"200": feed, **kept, **asking, "404": _text_response("No such feed")},
            security=OPEN,
        ),
        "/calendar.ics": get(
            "The events that items announce with their day, as an iCalendar",
            _parameter_refs(*FILTERS, *PAGE),
            {
                "200": {"description": "Events", "content": {"text/calendar": {"schema": {"type": "string"}}}},
                **kept,
                **asking,
            },
            security=OPEN,
        ),
        "/items/{uri}": get(
            "The enriched item; whole only where its rights or a token allow",
            _parameter_refs("uri"),
            {"200": _json_response("A ninjs 3.1 document (schemas/ninjs)", item), **kept, **found, "503": WAIT},
            security=OPEN,
        ),
        "/stories/{uri}": get(
            "Its versions, and the same story on other wires",
            _parameter_refs("uri"),
            {"200": _json_response("The story", story), **kept, **found, "503": WAIT},
            security=OPEN,
        ),
        "/suggest": get(
            "Companies whose name or ticker begins with a text",
            _parameter_refs("q"),
            {"200": _json_response("Companies, most news first", _array_of(_schema_ref("Suggestion"))), "401": UNKNOWN},
            security=OPEN,
        ),
        "/status": get("The essentials", [], {"200": _json_response("How the gateway is", _schema_ref("Status"))}),
        "/healthz": get("Alive", [], {"200": _text_response("alive")}),
        "/readyz": get(
            "Whether the newest items are read and Kafka answers",
            [],
            {"200": _text_response("ready"), "503": _text_response("Why not")},
        ),
        "/metrics": get("Prometheus", [], {"200": _text_response("Metrics in the text format")}),
    }


def build_openapi() -> JsonObject:
    """Builds the OpenAPI 3.1 document of the gateway, without its page and widget."""
    from streams.gateway.consumer import GatewayStatus
    from streams.gateway.other_wires import OtherWireItem
    from streams.gateway.pages import Suggestion
    from streams.gateway.sse import GatewayState, Gone, Reset
    from streams.gateway.story_versions import ShownVersion
    from streams.gateway.text_changes import ChangePiece, TextChange
    from streams.gateway.ticker_row import RowCompany, TickerRow

    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Newswire Streams: gateway",
            "version": version("newswire-streams"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8080"}],
        "paths": _build_paths(),
        "components": {
            "parameters": _build_parameters(),
            "schemas": _build_schemas(
                Row=TickerRow,
                RowCompany=RowCompany,
                Suggestion=Suggestion,
                TextChange=TextChange,
                ChangePiece=ChangePiece,
                Version=ShownVersion,
                Copy=OtherWireItem,
                Status=GatewayStatus,
                Reset=Reset,
                Gone=Gone,
                State=GatewayState,
            ),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


class _NoAnchors(yaml.SafeDumper):
    """Writes repeated values in full, without YAML anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def format_document(document: JsonObject) -> str:
    """Formats a document as the YAML text of its file."""
    head = "# Written by `python tests/support/api.py` from the code; see README.md.\n"
    return head + yaml.dump(document, Dumper=_NoAnchors, sort_keys=False, width=118, allow_unicode=True)


DOCUMENTS = {"asyncapi.yaml": build_asyncapi, "openapi.yaml": build_openapi}

if __name__ == "__main__":
    for name, made in DOCUMENTS.items():
        (FOLDER / name).write_text(format_document(made()), encoding="utf-8")
