"""Reads dead letters with their state: open, retried or discarded. Selects, counts and formats them."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from streams.model.headers import headers_as_text, read_source_id
from streams.model.printable import escape_controls
from streams.model.records import ItemRef, RecordRef

MAX_ATTEMPTS = 5
"""The most times that a record may go through prepare. What fails so often needs a correction, not another retry."""
MOST_SHOWN = 4096
"""How many bytes of a dead letter are shown."""
OPEN = "open"
"""The state of a dead letter that was neither retried nor discarded."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A record of `news.dead-letters`, and what an operator did about it since."""

    id: str
    """Its key and `ce_id`: `news.raw/0/17/0`."""
    code: str
    message: str
    stage: str
    attempts: int
    source: str
    received: str
    content_type: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    state: str = OPEN
    by: str = ""
    why: str = ""
    retried_as: str = ""

    @property
    def record_ref(self) -> RecordRef:
        """The raw record, which may hold other items too."""
        return ItemRef.parse(self.id).record


def read_dead_letters(
    records: Iterable[tuple[bytes, bytes | None, Iterable[tuple[str, bytes]]]],
) -> dict[str, DeadLetter]:
    """Reads dead letters by id from the key, value and headers of their records, in the order of the topic.

    A record without a value says what an operator did about the dead letter with its key.
    """
    found: dict[str, DeadLetter] = {}
    for key, value, headers in records:
        headers, id_ = tuple(headers), key.decode("utf-8", "replace")
        named = headers_as_text(headers)
        if value is not None:
            found[id_] = _read_dead_letter(id_, value, named, read_source_id(headers))
        elif (known := found.get(id_)) is not None:
            found[known.id] = msgspec.structs.replace(
                known,
                state=named.get("letter-state", known.state),
                by=named.get("letter-by", ""),
                why=named.get("letter-why", ""),
                retried_as=named.get("retried-as", ""),
            )
    return found


def _read_dead_letter(key: str, value: bytes, named: dict[str, str], source: str) -> DeadLetter:
    attempts = named.get("attempts", "1")
    return DeadLetter(
        id=key,
        code=named.get("error-code", ""),
        message=named.get("error-message", ""),
        stage=named.get("error-stage", ""),
        attempts=int(attempts) if attempts.isdecimal() else 1,
        source=source,
        received=named.get("ce_time", ""),
        content_type=named.get("content-type", ""),
        headers=tuple(named.items()),
        body=value,
    )


def select_dead_letters(
    found: Iterable[DeadLetter], *, code: str = "", source: str = "", every: bool = False
) -> list[DeadLetter]:
    """Selects the open dead letters (all with `every`) that have this code and source, where given."""
    return [
        each
        for each in found
        if (every or each.state == OPEN) and code in ("", each.code) and source in ("", each.source)
    ]


def count_dead_letters(found: Iterable[DeadLetter]) -> Iterator[tuple[str, str, int]]:
    """Counts dead letters by code and source; yields the largest number first."""
    tally = Counter((each.code, each.source) for each in found)
    for (code, source), count in sorted(tally.items(), key=lambda row: (-row[1], row[0])):
        yield code, source, count


def format_dead_letter(letter: DeadLetter, origin: str | None) -> Iterator[str]:
    """Formats a dead letter as lines: headers, reason, origin of its raw record, and its bytes as text and as hex.

    `origin` is None if the raw record is gone.
    """
    yield f"{letter.id}  {letter.state}" + (f" by {letter.by}: {letter.why}" if letter.by else "")
    yield f"{letter.code} at {letter.stage}, attempt {letter.attempts}: {letter.message}"
    for name, value in letter.headers:
        yield f"    {name}: {escape_controls(value)}"
    came = "its raw record is gone" if origin is None else f"from {escape_controls(origin)}" if origin else ""
    yield from (came,) if came else ()
    yield f"{len(letter.body)} bytes" + (f", the first {MOST_SHOWN} of them" if len(letter.body) > MOST_SHOWN else "")
    body = letter.body[:MOST_SHOWN]
    yield from (f"    {escape_controls(line)}" for line in body.decode("utf-8", "backslashreplace").splitlines())
    for start in range(0, min(len(body), 256), 16):
        piece = body[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
        yield f"    {start:06x}  {piece.hex(' '):<47}  {text}"
