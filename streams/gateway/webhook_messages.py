"""Builds and signs the messages of webhooks (Standard Webhooks 1.0), and orders them while a target fails. No I/O.

The messages of one story go out in their order, each after the one before it was taken. A story whose message fails
does not hold up the others. A target that takes nothing is asked at growing intervals.
"""

import base64
import binascii
import hmac
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from streams.gateway.filters import Filter, TickerItem
from streams.gateway.restricted import restrict_document
from streams.gateway.story_address import build_short_id

SECRET_PREFIX = "whsec_"  # noqa: S105 - begins a secret, and is none
MIN_SECRET = 24
"""The fewest bytes of a secret."""
RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0, 1800.0)
"""Pauses before the attempts of one message; the last one again and again."""
GIVE_UP_SECONDS = 24 * 3600.0
MAX_PAUSE = 60.0
"""The longest pause between two attempts at a target that takes nothing."""
OUTAGE = 3
"""So many failures in a row are the target's, not the message's."""
MAX_WAITING = 50
"""Messages that may wait for a target; meanwhile no more are read."""
MAX_KNOWN = 100_000
"""Stories of which it is remembered whether the target has them."""


class WebhookMessage(msgspec.Struct):
    """A message on its way to a target."""

    id: str
    """The `ce_id`."""
    story: str
    """The short id of the story."""
    partition: int
    offset: int
    body: bytes
    is_removal: bool
    """Whether it has no word of the story."""
    attempts: int = 0
    first_attempt: float = 0.0
    last_attempt: float = 0.0
    next_attempt: float = 0.0


class SentStories:
    """Decides what a target gets of a record, by what it got before."""

    def __init__(self, wanted: Filter) -> None:
        self._wanted = wanted
        self._known: OrderedDict[str, bool] = OrderedDict()

    def build_message(self, partition: int, offset: int, item: TickerItem, document: bytes) -> WebhookMessage | None:
        """Builds the message of a record; None where the target needs none.

        A story that leaves the search, or is withdrawn, is told where the target has it, and where that is not known,
        as after a restart.
        """
        row = item.row
        story = build_short_id(row.uri)
        had = self._known.pop(story, None)
        is_wanted = row.status != "withdrawn" and self._wanted.matches(item)
        self._known[story] = is_wanted
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        is_first = row.version == "1" and row.status == "new"
        if not is_wanted and (had is False or (had is None and is_first)):
            return None
        if is_wanted:
            shown = document if item.is_open else restrict_document(document)
            kind = "news.item.published" if is_first else "news.item.revised"
            data: object = msgspec.Raw(shown)
        else:
            kind = "news.item.withdrawn" if row.status == "withdrawn" else "news.item.left"
            data = {"uri": row.uri, "version": row.version}
        body = msgspec.json.encode({"type": kind, "timestamp": row.time, "data": data})
        return WebhookMessage(row.id, story, partition, offset, body, not is_wanted)


class DeliveryQueue:
    """Holds the messages that a target has not taken yet. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._stories: OrderedDict[str, list[WebhookMessage]] = OrderedDict()
        self._failures = 0
        self._resume = 0.0

    def __len__(self) -> int:
        return sum(map(len, self._stories.values()))

    def add(self, message: WebhookMessage) -> None:
        """Adds a message behind those of its story. A removal takes the place of the texts that wait before it."""
        waiting = self._stories.setdefault(message.story, [])
        if message.is_removal:
            waiting.clear()
        waiting.append(message)

    def remove(self, message: WebhookMessage) -> None:
        """Removes a message that need not be sent any more."""
        if (waiting := self._stories.get(message.story)) and message in waiting:
            waiting.remove(message)
            if not waiting:
                del self._stories[message.story]

    def pick(self, now: float) -> WebhookMessage | None:
        """Picks the message to try now; None where none is due."""
        if now < self._resume:
            return None
        heads = [waiting[0] for waiting in self._stories.values() if waiting]
        is_outage = self._failures >= OUTAGE
        due = [each for each in heads if each.next_attempt <= now or is_outage]
        # In an outage all are due; the one that was tried longest ago comes first.
        return min(due, key=lambda each: (each.last_attempt, each.offset), default=None)

    def wait(self, now: float) -> float:
        """Returns for how many seconds nothing is due; infinity where nothing waits."""
        heads = [waiting[0] for waiting in self._stories.values() if waiting]
        first = min((each.next_attempt for each in heads), default=float("inf"))
        if heads and self._failures >= OUTAGE:
            first = self._resume
        return max(0.0, first - now, self._resume - now)

    def succeed(self, message: WebhookMessage) -> None:
        """Notes that the target took a message. After an outage all others are due at once."""
        self.remove(message)
        if self._failures >= OUTAGE:
            for waiting in self._stories.values():
                waiting[0].next_attempt = 0.0
        self._failures, self._resume = 0, 0.0

    def fail(self, message: WebhookMessage, now: float, pause: float = 0.0) -> bool:
        """Notes that the target did not take a message; it asked for a `pause`. Returns whether it is given up."""
        self._failures += 1
        self._resume = now + max(pause, min(MAX_PAUSE, 2.0 ** min(self._failures - 1, 10)))
        message.first_attempt = message.first_attempt or now
        message.last_attempt = now
        message.next_attempt = now + RETRY_SECONDS[min(message.attempts, len(RETRY_SECONDS) - 1)]
        message.attempts += 1
        if now - message.first_attempt < GIVE_UP_SECONDS:
            return False
        self.remove(message)
        return True

    def list_offsets(self, partition: int) -> list[int]:
        """Lists the offsets of the records of a partition whose messages wait."""
        return sorted(
            each.offset for waiting in self._stories.values() for each in waiting if each.partition == partition
        )

    def oldest_attempt(self) -> float | None:
        """Returns when the message that waits longest was tried first; None where none was."""
        tried = (each.first_attempt for waiting in self._stories.values() for each in waiting if each.attempts)
        return min(tried, default=None)


def parse_secrets(text: str) -> tuple[bytes, ...]:
    """Parses secrets, one a line, `whsec_` and base64. Raises ValueError where one is none."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            secret = base64.b64decode(line.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            secret = b""
        if not line.startswith(SECRET_PREFIX) or len(secret) < MIN_SECRET:
            raise ValueError(f"a secret is `whsec_` and the base64 of {MIN_SECRET} bytes or more")
        found.append(secret)
    if not found:
        raise ValueError("it holds no secret")
    return tuple(found)


def sign_message(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Builds the headers of a message, with one signature for each secret."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    signatures = (base64.b64encode(hmac.digest(secret, signed, sha256)).decode() for secret in secrets)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }


def format_waiting(offsets: Sequence[int]) -> str:
    """Formats the offsets that wait, as the metadata of a committed offset."""
    return ",".join(map(str, offsets))


def parse_waiting(metadata: str) -> list[int]:
    """Parses the metadata of a committed offset; what is none of ours counts as nothing."""
    return [int(part) for part in metadata.split(",") if part.isascii() and part.isdecimal()]
