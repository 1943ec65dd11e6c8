"""Changes ninjs documents: what an update, a withdrawal or an embargo leaves of them (schemas/README.md, section 3).

A document is the JSON object that prepare builds or that readers see, as bytes.
"""

from collections.abc import Collection, Iterable

import orjson
import zstandard

from streams.decide.state_entries import quote_source
from streams.model.headers import SOURCE_URN
from streams.model.records import JsonObject

MAX_NOTES = 2_000
"""Characters of the notes to editors that a story keeps in `edNote`."""
MAX_ALT_IDS = 64
"""Ids of other wires and versions that a story keeps in `altIds`."""
TIMES = ("firstCreated", "versionCreated")
"""The times of an item that a withdrawn one keeps."""
_UPDATED = ("versionCreated", "urgency", "embargoedUntil")
"""The fields that an update gives its story."""
_SHOWN_HEADLINES = ("main", "ticker")
_SOURCE_ROLES = ("distributor", "carrier")
_PACK_LEVEL = 1

# Both keep their buffers from call to call: made each time, they would cost more than the documents.
_packer = zstandard.ZstdCompressor(level=_PACK_LEVEL, write_checksum=False)
_unpacker = zstandard.ZstdDecompressor()


def pack(document: bytes) -> bytes:
    """Compresses a document for the state (Zstandard)."""
    return _packer.compress(document)


def unpack(packed: bytes) -> bytes:
    """Returns the document that `pack` compressed."""
    return _unpacker.decompress(packed)


def finalize_document(document: bytes, **first: str) -> bytes:
    """Puts the fields that decide adds before the prepared document, whose bytes stay as they are."""
    if not document.startswith(b"{"):
        raise ValueError("the prepared document is no JSON object")
    if not first:
        return document
    added = orjson.dumps(first)
    return added[:-1] + b"," + document[1:] if len(document) > 2 else added


def complete_document(shown: bytes, update: bytes, *, advisory: bool) -> bytes:
    """Builds the complete document of a story after an update without a text of its own.

    All is the story's (`shown`), but for times, urgency, the note to editors and, unless the update is an `advisory`,
    the headline. The ids of both are kept.
    """
    fields, news = _parse(shown), _parse(update)
    fields.update((name, news[name]) for name in _UPDATED if name in news)
    if notes := join_notes(_read_note(news, advisory=advisory), fields.get("edNote", "")):
        fields["edNote"] = notes
    if not advisory and any(row.get("role") == "main" for row in news.get("headlines", ())):
        others = (row for row in fields.get("headlines", ()) if row.get("role") not in _SHOWN_HEADLINES)
        fields["headlines"] = [*(row for row in news["headlines"] if row.get("role") in _SHOWN_HEADLINES), *others]
    if ids := _join_ids(fields.get("altIds", ()), news.get("altIds", ())):
        fields["altIds"] = ids
    return orjson.dumps(fields)


def keep_notes(document: bytes, earlier: bytes) -> bytes:
    """Gives a document the notes to editors of an earlier form of it."""
    fields, notes = _parse(document), _parse(earlier).get("edNote", "")
    if not notes or notes == fields.get("edNote"):
        return document
    return orjson.dumps({**fields, "edNote": notes})


def complete_without_text(update: bytes, headline: str) -> bytes:
    """Builds the document of an advisory on a story whose text is not known: the story's headline, and the note."""
    fields = _parse(update)
    note = join_notes(_read_note(fields, advisory=True), "")
    for name in ("bodies", "headlines"):
        fields.pop(name, None)
    if note:
        fields["edNote"] = note
    if headline:
        fields["headlines"] = [
            {"role": role, "contentType": "text/plain", "value": headline} for role in _SHOWN_HEADLINES
        ]
    return orjson.dumps(fields)


def join_notes(new: str, earlier: str) -> str:
    """Joins notes to editors, the new one first, and cuts them to `MAX_NOTES` characters at a paragraph or a word."""
    if earlier == new or earlier.startswith(f"{new}\n\n"):
        new = ""
    notes = "\n\n".join(filter(None, (new, earlier)))
    if len(notes) <= MAX_NOTES:
        return notes
    for mark in ("\n\n", "\n", " "):
        # The mark itself may stand just behind the last character that has room.
        if (end := notes.rfind(mark, 1, MAX_NOTES + len(mark))) > 0:
            return notes[:end].rstrip()
    return notes[:MAX_NOTES]


def keep_ids_and_source(document: bytes, fields: Collection[str] = TIMES) -> JsonObject:
    """Returns what may be told of an item whose words may not be shown: type, ids, source and these fields.

    An id that is a link is left out, because links hold words of headlines.
    """
    given = _parse(document)
    kept = {name: given[name] for name in ("type", *fields) if name in given}
    if ids := _keep_ids(given):
        kept["altIds"] = ids
    if sources := [row for row in given.get("infoSources", ()) if row.get("role") in _SOURCE_ROLES]:
        kept["infoSources"] = sources
    return kept


def build_withdrawn_document(story: bytes, notice: bytes, *, source: str, note: str, **times: str) -> bytes:
    """Builds the document of a withdrawn story: type, times, ids, source and a fixed sentence, and no word of it.

    `story` is the document that readers saw, `notice` that of the wire which withdraws it; either may be `{}`.
    """
    here, there = keep_ids_and_source(story, ()), keep_ids_and_source(notice, ())
    sources = here.get("infoSources") or there.get("infoSources")
    ids = _join_ids(here.get("altIds", ()), there.get("altIds", ()))
    given_by = {"name": source, "role": "distributor", "uri": f"{SOURCE_URN}{quote_source(source)}"}
    fields = {
        "type": here.get("type") or there.get("type") or "text",
        **{name: time for name, time in times.items() if time},
        "edNote": note,
        "infoSources": sources or [given_by],
        **({"altIds": ids} if ids else {}),
    }
    return orjson.dumps(fields)


def read_reason(notice: bytes) -> str:
    """Reads why a wire withdraws a story: its note to editors, or the text of the notice."""
    return join_notes(_read_note(_parse(notice), advisory=True), "")


def replace_categories(document: bytes, subjects: list[JsonObject]) -> bytes:
    """Replaces the categories of a document."""
    fields = _parse(document)
    others = [row for row in fields.pop("subjects", []) if row.get("rel") != "category"]
    if subjects or others:
        fields["subjects"] = [*subjects, *others]
    return orjson.dumps(fields)


def add_translation_link(document: bytes, uri: str) -> bytes:
    """Adds the uri of the story that a document translates to its `altIds`."""
    fields = _parse(document)
    link = {"role": "translation-of", "value": uri}
    fields["altIds"] = [*fields.get("altIds", []), link]
    return orjson.dumps(fields)


def _parse(document: bytes) -> JsonObject:
    fields = orjson.loads(document)
    if not isinstance(fields, dict):
        raise ValueError("the prepared document is no JSON object")
    return fields


def _read_note(fields: JsonObject, *, advisory: bool) -> str:
    """Reads the note of an update. The text of an advisory is a note too; without one, its headline is."""
    note: str = fields.get("edNote", "")
    if not advisory:
        return note
    text = _read_main(fields, "bodies")
    if text and text not in note:
        note = "\n\n".join(filter(None, (note, text)))
    return note or _read_main(fields, "headlines")


def _read_main(fields: JsonObject, name: str) -> str:
    return next((row["value"] for row in fields.get(name, ()) if row.get("role") == "main"), "")


def _join_ids(mine: Iterable[JsonObject], theirs: Iterable[JsonObject]) -> list[JsonObject]:
    rows = {(row.get("role"), row.get("value")): row for row in (*theirs, *mine)}
    order = dict.fromkeys((row.get("role"), row.get("value")) for row in (*mine, *theirs))
    return [rows[key] for key in order][:MAX_ALT_IDS]


def _keep_ids(fields: JsonObject) -> list[JsonObject]:
    rows = fields.get("altIds", ())
    return [row for row in rows if row.get("role") == "provider-guid" and "://" not in row.get("value", "")]
