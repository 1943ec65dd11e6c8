"""Puts what persons set on a story over what the wire, the rules and the replays say.

The state keeps a story without its pins. They are applied when a version is built, so every later version has them,
and a pin that is removed leaves the story as it would be without that command.
"""

from collections.abc import Iterable

import msgspec
import orjson

from streams.decide.documents import join_notes
from streams.decide.state_entries import Pin
from streams.model.command_details import CompanyChange, DeskNote, Refiling, Retitling
from streams.model.records import Command, CommandAction, JsonObject, Label
from streams.model.topics import CATEGORIES

MAX_PINS = 32
"""Pins of one story. A person who sets more has to undo some first."""
DESK = "desk"
"""The `creator` of a category that a person chose. Who it was is in the decision."""
SURE = 100
"""The confidence of a person."""
_COMPANIES = "companies"
_DETAILS = {
    CommandAction.REFILE: Refiling,
    CommandAction.RETITLE: Retitling,
    CommandAction.NOTE: DeskNote,
    CommandAction.COMPANY: CompanyChange,
}


def build_pin(command: Command) -> Pin:
    """Builds the pin of a command. Raises ValueError for a wrong detail, or a category that does not exist."""
    detail = msgspec.convert(command.detail, _DETAILS[CommandAction(command.action)])
    if isinstance(detail, Refiling) and (unknown := {*detail.add, *detail.drop} - CATEGORIES.keys()):
        raise ValueError(f"there is no category {min(unknown)!r}")
    return Pin(command.id, command.action, msgspec.json.encode(detail))


def _read(pins: Iterable[Pin], action: CommandAction) -> list[JsonObject]:
    return [msgspec.json.decode(pin.detail) for pin in pins if pin.action == action]


def file_labels(pins: tuple[Pin, ...], labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """Returns the categories of a story after what persons filed. Who drops `companies` drops its sections too."""
    for change in _read(pins, CommandAction.REFILE):
        drops = set(change["drop"])
        labels = tuple(each for each in labels if not _is_dropped(each.category, drops))
        known = {each.category for each in labels}
        labels += tuple(Label(name, SURE, DESK) for name in change["add"] if name not in known)
    return labels


def _is_dropped(category: str, drops: set[str]) -> bool:
    return category in drops or (_COMPANIES in drops and category.startswith(f"{_COMPANIES}."))


def pin_document(pins: tuple[Pin, ...], document: bytes, labels: tuple[Label, ...]) -> bytes:
    """Returns a document with what persons set. `labels` are those of `file_labels`."""
    if not pins:
        return document
    fields: JsonObject = orjson.loads(document)
    if any(pin.action == CommandAction.REFILE for pin in pins):
        _file(fields, labels)
    for title in _read(pins, CommandAction.RETITLE):
        _retitle(fields, title)
    for note in _read(pins, CommandAction.NOTE):
        fields["edNote"] = join_notes(note["note"], fields.get("edNote", ""))
    for change in _read(pins, CommandAction.COMPANY):
        _change_companies(fields, change)
    return orjson.dumps(fields)


def _file(fields: JsonObject, labels: tuple[Label, ...]) -> None:
    rows = fields.get("subjects", [])
    filed = {row["literal"]: row for row in rows if row.get("rel") == "category"}
    others = [row for row in rows if row.get("rel") != "category"]
    _put(fields, "subjects", [*(filed.get(each.category) or build_category_subject(each) for each in labels), *others])


def build_category_subject(label: Label, creator: str = "") -> JsonObject:
    """Builds the row of `subjects` of a category; `creator` is that of the label where it is empty."""
    return {
        "name": CATEGORIES.get(label.category, label.category),
        "rel": "category",
        "uri": f"urn:newswire:category:{label.category}",
        "literal": label.category,
        "creator": creator or label.creator,
        "confidence": label.confidence,
    }


def _retitle(fields: JsonObject, title: JsonObject) -> None:
    others = [row for row in fields.get("headlines", ()) if row.get("role") not in ("main", "ticker")]
    pairs = (("main", title["title"]), ("ticker", title["ticker"]))
    fields["headlines"] = [
        *({"role": role, "contentType": "text/plain", "value": value} for role, value in pairs),
        *others,
    ]


def _change_companies(fields: JsonObject, change: JsonObject) -> None:
    rows = [row for row in fields.get("organisations", []) if not list_names(row) & set(change["drop"])]
    for added in change["add"]:
        names = list_names(added)
        rows = [added, *(row for row in rows if not list_names(row) & names)]
    _put(fields, "organisations", rows)


def _put(fields: JsonObject, name: str, rows: list[JsonObject]) -> None:
    if rows:
        fields[name] = rows
    else:
        fields.pop(name, None)


def list_names(organisation: JsonObject) -> set[str]:
    """Lists what a company may be called in a command: `XNAS:FCEL`, an ISIN; its name if it has neither."""
    symbols = {
        f"{row['exchange']}:{row['symbol']}" if row.get("exchange") else row["symbol"]
        for row in organisation.get("symbols", ())
    }
    return symbols or {organisation.get("name", "")}
