"""Declares every topic: name without prefix, content, key, partitions, retention.

Names and retention: schemas/README.md, section 2. `newswire topics plan|apply` compares this with a cluster.
"""

from typing import Literal

import msgspec

DAY_MS = 86_400_000

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


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of a topic."""

    name: str
    help: str
    key: str
    partitions: int = 1
    cleanup: Literal["delete", "compact", "compact,delete"] = "delete"
    retention_ms: int = 30 * DAY_MS
    min_compaction_lag_ms: int = 0
    max_message_bytes: int = MAX_ITEM_BYTES + (1 << 20)

    def config(self) -> dict[str, str]:
        """Returns the topic settings by their names in Kafka."""
        settings = {
            "cleanup.policy": self.cleanup,
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(self.max_message_bytes),
            "retention.ms": str(-1 if self.cleanup == "compact" else self.retention_ms),
        }
        if self.min_compaction_lag_ms:
            settings["min.compaction.lag.ms"] = str(self.min_compaction_lag_ms)
        return settings


def _public(name: str, help_: str) -> Topic:
    return Topic(name=name, help=help_, key="story uri", cleanup="compact,delete", min_compaction_lag_ms=DAY_MS)


TOPICS: tuple[Topic, ...] = (
    Topic(
        name=RAW,
        help="wire items exactly as received",
        key="source",
        partitions=4,
        max_message_bytes=MAX_RAW_BYTES + (1 << 20),
    ),
    Topic(name=LOG, help="the log: prepared items, refusals and commands in their one order", key="raw position"),
    Topic(name=STATE, help="changelog of the fold's state", key="state key", cleanup="compact"),
    Topic(name=REPLAYS, help="replays: what each does and how far it is", key="job", cleanup="compact"),
    _public(LATEST, "every published, revised or withdrawn item, in the order of decision"),
    *(_public(name, f"the site's section {label}") for name, label in CATEGORIES.items()),
    Topic(
        name=DUPLICATES,
        help="suppressed items, with a pointer to what they duplicate",
        key="uri it duplicates",
    ),
    _public(WITHHELD, "items under embargo, until released"),
    Topic(name=DEAD_LETTERS, help="refused items: original bytes and a reason", key="raw position"),
    Topic(name=DECISIONS, help="what became of each record of the log, and why", key="raw position or command"),
)
