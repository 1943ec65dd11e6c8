"""Declares every topic: name without prefix, content, key, partitions, retention.

Names and retention: schemas/README.md, section 2. `newswire topics plan|apply` compares this with a cluster.
"""

from typing import Literal

import msgspec

DAY_MS = 86_400_000
SEGMENT_MS = DAY_MS
"""A segment takes records for so long. Kafka removes and compacts only segments that are closed."""
MIN_COMPACTION_LAG_MS = DAY_MS
"""Each version can be read for so long."""
MAX_COMPACTION_LAG_MS = 2 * DAY_MS
"""Compaction begins at the latest so long after a record; a withdrawn text is gone a segment later."""
REPLICAS_FOR_TWO_IN_SYNC = 3
"""A topic with so many replicas takes a record only when two have it. Then one broker may be lost."""
ROLL_KEY = b"newswire:roll"
"""The key of a tombstone that only lets Kafka close a quiet topic's segment. It is no story; readers pass over it."""

SECTIONS: dict[str, str] = {
    "companies": "Companies",
    "markets": "Markets",
    "economy-forex": "Economy & Forex",
    "commodities": "Commodities",
    "interest-rates": "Interest Rates",
    "business-leaders": "Business Leaders",
    "finance-pro": "Finance Pro.",
    "calendar": "Calendar",
    "sectors": "Sectors",
}
COMPANY_SECTIONS: dict[str, str] = {
    "companies.analyst-recommendations": "Analyst Recommendations",
    "companies.rumors": "Rumors",
    "companies.ipos": "IPOs",
    "companies.capital-markets-transactions": "Capital Markets Transactions",
    "companies.new-contracts": "New Contracts",
    "companies.profit-warnings": "Profit warnings",
    "companies.appointments": "Appointments",
    "companies.press-releases": "Press Releases",
    "companies.events": "Events",
    "companies.corporate-actions": "Corporate actions",
}
CATEGORIES: dict[str, str] = {**SECTIONS, **COMPANY_SECTIONS}
"""Category id -> name on the site. The id of a category is the name of its topic without prefix."""

RAW = "raw"
LOG = "internal.items"
STATE = "internal.state"
REPLAYS = "internal.replays"
LATEST = "latest"
DUPLICATES = "duplicates"
WITHHELD = "withheld"
DEAD_LETTERS = "dead-letters"
DECISIONS = "decisions"
OUTCOMES = (LATEST, *CATEGORIES, DUPLICATES, WITHHELD, DEAD_LETTERS)
"""The topics in which an item may end."""

MAX_RAW_BYTES = 8 << 20
MAX_ITEM_BYTES = 16 << 20


STORY_KEY = "story uri"
"""What public topics are keyed by."""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of a topic."""

    name: str
    help: str
    key: str
    partitions: int = 1
    cleanup: Literal["delete", "compact", "compact,delete"] = "delete"
    retention_days: int = 30
    like_raw: bool = False
    """Kept as long as the raw items (`topics.raw_retention_days`), not as the topics of items."""
    replicas: int = 1
    max_message_bytes: int = MAX_ITEM_BYTES + (1 << 20)

    @property
    def retention_ms(self) -> int:
        """How long Kafka keeps a record that is not compacted; -1 is for ever."""
        return -1 if self.cleanup == "compact" else self.retention_days * DAY_MS

    def config(self) -> dict[str, str]:
        """Returns the topic settings by their names in Kafka."""
        settings = {
            "cleanup.policy": self.cleanup,
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(self.max_message_bytes),
            "retention.ms": str(self.retention_ms),
            "segment.ms": str(SEGMENT_MS),
        }
        if self.cleanup != "delete":
            settings["max.compaction.lag.ms"] = str(MAX_COMPACTION_LAG_MS)
        if self.key == STORY_KEY:
            settings["min.compaction.lag.ms"] = str(MIN_COMPACTION_LAG_MS)
            settings["delete.retention.ms"] = str(self.retention_days * DAY_MS)
        if self.replicas >= REPLICAS_FOR_TWO_IN_SYNC:
            settings["min.insync.replicas"] = "2"
        return settings


def _public(name: str, help_: str) -> Topic:
    return Topic(name=name, help=help_, key=STORY_KEY, cleanup="compact,delete")


TOPICS: tuple[Topic, ...] = (
    Topic(
        name=RAW,
        help="wire items exactly as received",
        key="source",
        partitions=4,
        retention_days=32,
        like_raw=True,
        max_message_bytes=MAX_RAW_BYTES + (1 << 20),
    ),
    Topic(
        name=LOG,
        help="the log: prepared items, refusals and commands in their one order",
        key="raw position",
        retention_days=32,
        like_raw=True,
    ),
    Topic(name=STATE, help="changelog of the fold's state", key="state key", cleanup="compact"),
    Topic(name=REPLAYS, help="replays: what each does and how far it is", key="job", cleanup="compact"),
    _public(LATEST, "every published, revised or withdrawn item, in the order of decision"),
    *(_public(name, f"the site's section {label}") for name, label in CATEGORIES.items()),
    Topic(
        name=DUPLICATES,
        help="suppressed items, with a pointer to what they duplicate",
        key="uri it duplicates",
    ),
    Topic(name=WITHHELD, help="items under embargo, until released", key=STORY_KEY, cleanup="compact"),
    Topic(name=DEAD_LETTERS, help="refused items: original bytes and a reason", key="raw position"),
    Topic(
        name=DECISIONS,
        help="what became of each record of the log, and why",
        key="raw position or command",
        retention_days=32,
        like_raw=True,
    ),
)
ROLLED = tuple(topic.name for topic in TOPICS if topic.key == STORY_KEY)
"""The topics of items, which `newswire topics roll` keeps in motion."""
