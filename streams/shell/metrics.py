"""Every metric, declared once (contract, section 7). Counters rise when the work is committed."""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]

RECEIVED = Counter("newswire_items_received_total", "Items read from news.raw", ["source", "format"])
ITEMS = Counter("newswire_items_total", "Items by their fate", ["outcome", "source"])
PUBLISHED = Counter("newswire_events_published_total", "Records sent to category topics", ["category"])
DEAD_LETTERS = Counter("newswire_dead_letters_total", "Items refused", ["code", "stage"])
STAGE_SECONDS = Histogram(
    "newswire_stage_duration_seconds",
    "Time of a batch in a stage",
    ["stage"],
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
END_TO_END_SECONDS = Histogram(
    "newswire_end_to_end_seconds",
    "From the raw record's timestamp to the commit of its outcome",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 3600),
)
LAG_RECORDS = Gauge("newswire_consumer_lag_records", "Records not yet read", ["topic", "partition"])
LAG_SECONDS = Gauge(
    "newswire_consumer_lag_seconds",
    "Age of the last record read while there are more",
    ["topic", "partition"],
)
STATE_ITEMS = Gauge("newswire_dedupe_state_items", "Stories in the fold's state")
SOURCE_LAST = Gauge(
    "newswire_source_last_item_timestamp_seconds", "Received time of the newest item of a source", ["source"]
)
MAX_SOURCES = 200
"""Sources with a label of their own; those beyond are counted as `other` (bounded cardinality)."""
_sources: set[str] = set()


def source_label(source: str) -> str:
    """A source as a label value."""
    if source not in _sources:
        if len(_sources) >= MAX_SOURCES:
            return "other"
        _sources.add(source)
    return source
