"""Dead letters as people handle them: what is open, what was retried, what was discarded (pure)."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from streams.model.headers import headers_as_text, source_id
from streams.model.records import CommandAction, RecordRef

MAX_ATTEMPTS = 5
"""Times a record goes through prepare at most: what failed so often wants another mend, not another try."""
RETRIED, DISCARDED = CommandAction.RETRIED, CommandAction.DISCARDED


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One record of `news.dead-letters`, and what people did about it since."""

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
    state: str = "open"
    by: str = ""
    why: str = ""
    retried_as: str = ""

    @property
    def raw(self) -> RecordRef:
        """Its raw record, which may hold other items too."""
        topic, partition, offset, _ = self.id.rsplit("/", 3)
        return topic, int(partition), int(offset)


def letters(records: Iterable[tuple[bytes, bytes | None, Iterable[tuple[str, bytes]]]]) -> dict[str, Letter]:
    """By id, in the order of the topic. A record without a value says what became of the letter of its key."""
    found: dict[str, Letter] = {}
    for key, value, headers in records:
        headers = tuple(headers)
        named = headers_as_text(headers)
        if value is not None:
            found[key.decode()] = _letter(key.decode(), value, named, source_id(headers))
        elif (known := found.get(key.decode())) is not None:
            found[known.id] = msgspec.structs.replace(
                known,
                state=named.get("letter-state", known.state),
                by=named.get("letter-by", ""),
                why=named.get("letter-why", ""),
                retried_as=named.get("retried-as", ""),
            )
    return found


def _letter(key: str, value: bytes, named: dict[str, str], source: str) -> Letter:
    attempts = named.get("attempts", "1")
    return Letter(
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


def chosen(found: Iterable[Letter], *, code: str = "", source: str = "", every: bool = False) -> list[Letter]:
    """Those that are open (all with `every`) and fit all that is given."""
    return [
        letter
        for letter in found
        if (every or letter.state == "open") and code in ("", letter.code) and source in ("", letter.source)
    ]


def counts(found: Iterable[Letter]) -> Iterator[tuple[str, str, int]]:
    """Code, source and number, the most first."""
    tally = Counter((letter.code, letter.source) for letter in found)
    for (code, source), count in sorted(tally.items(), key=lambda row: (-row[1], row[0])):
        yield code, source, count


def shown(letter: Letter, origin: str | None, most: int = 4096) -> Iterator[str]:
    """The lines of one letter: headers, reason, where its raw record came from, and its bytes as text and as hex.

    `origin` is None where the raw record is gone.
    """
    yield f"{letter.id}  {letter.state}" + (f" by {letter.by}: {letter.why}" if letter.by else "")
    yield f"{letter.code} at {letter.stage}, attempt {letter.attempts}: {letter.message}"
    for name, value in letter.headers:
        yield f"    {name}: {_visible(value)}"
    came = "its raw record is gone" if origin is None else f"from {_visible(origin)}" if origin else ""
    yield from (came,) if came else ()
    yield f"{len(letter.body)} bytes" + (f", the first {most} of them" if len(letter.body) > most else "")
    body = letter.body[:most]
    yield from (f"    {_visible(line)}" for line in body.decode("utf-8", "backslashreplace").splitlines())
    for start in range(0, min(len(body), 256), 16):
        piece = body[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
        yield f"    {start:06x}  {piece.hex(' '):<47}  {text}"


def _visible(text: str) -> str:
    """What a hostile sender wrote does nothing to the terminal of who looks at it."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)
