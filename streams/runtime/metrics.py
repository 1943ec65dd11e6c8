"""Declares every metric of a worker (schemas/README.md, section 7). Counters rise when the work is committed.

Cardinality is bounded: sources by `MAX_SOURCES`, every other label by a fixed set of values. Metrics that the client
library of Prometheus adds itself (`process_*`, `python_*`) are not declared here.
"""

from importlib.metadata import version

from prometheus_client import Counter, Gauge, Histogram, Info, disable_created_metrics

from streams.model.errors import Reason

disable_created_metrics()  # type: ignore[no-untyped-call]

# Throughput.
RECEIVED = Counter("newswire_items_received_total", "Items read from news.raw", ["source", "format"])
ITEMS = Counter("newswire_items_total", "Items by their fate", ["outcome", "source"])
PUBLISHED = Counter("newswire_events_published_total", "Records sent to category topics", ["category"])
UNCLASSIFIED = Counter(
    "newswire_unclassified_total", "Items published or revised with no category but latest", ["source", "language"]
)
BY_LANGUAGE = Counter(
    "newswire_items_by_language_total", "Items published or revised, by source and language", ["source", "language"]
)
COMPANIES_FOUND = Counter(
    "newswire_companies_found_total",
    "Items published or revised, by whether they are about a company, only mention companies, or name none",
    ["source", "found"],
)
PARTIAL = Counter(
    "newswire_partial_updates_total", "Updates of stories of before an upgrade whose text is no longer in the log"
)
DEAD_LETTERS = Counter("newswire_dead_letters_total", "Items refused", ["code", "stage"])
DUPLICATE_DELAY_SECONDS = Histogram(
    "newswire_duplicate_delay_seconds",
    "How much later a wire brought what was published before",
    ["source"],
    buckets=(1, 10, 60, 300, 1800, 3600, 21_600, 86_400),
)
SOURCE_LAST = Gauge(
    "newswire_source_last_item_timestamp_seconds", "Received time of the newest item of a source", ["source"]
)
SOURCE_QUIET_AFTER = Gauge(
    "newswire_source_quiet_after_seconds",
    "After how much silence a source is quiet: learnt by hour of the week, or its quiet_minutes",
    ["source"],
)
WIRE_DELAY_SECONDS = Histogram(
    "newswire_wire_delay_seconds",
    "From the time that the wire gives an item to its receipt",
    ["source"],
    buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400),
)
SOURCE_MOST = Gauge(
    "newswire_source_most_per_minute", "How many items a source may send a minute (its most_per_minute)", ["source"]
)

# Speed and lag.
STAGE_SECONDS = Histogram(
    "newswire_stage_duration_seconds",
    "Time of a batch in a stage",
    ["stage"],
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
BATCH_RECORDS = Histogram(
    "newswire_batch_records", "Records of a batch", ["stage"], buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
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

# The state of the fold.
STATE_ITEMS = Gauge("newswire_dedupe_state_items", "Stories in the fold's state")
STATE_ENTRIES = Gauge("newswire_state_entries", "Entries of the fold's state: stories, ids, texts, raw partitions")
STATE_CLOCK = Gauge("newswire_state_clock_timestamp_seconds", "The fold's own time: the latest received time met")
WITHHELD = Gauge("newswire_withheld_items", "Stories with a version under embargo")
HELD = Gauge("newswire_held_items", "Stories on hold: they wait for a command of the desk, as no time releases them")
RECOVERY_READ = Gauge("newswire_recovery_read_entries", "Entries of the changelog read by the recovery so far")
RECOVERY_REMAINING = Gauge("newswire_recovery_remaining_records", "Records of the changelog still to be read")
RECOVERY_SECONDS = Gauge("newswire_recovery_seconds", "How long the last recovery of the state took")

# Health.
READY = Gauge("newswire_ready", "1 while /readyz says ready, else 0", ["stage"])
STALLED_SECONDS = Gauge(
    "newswire_stalled_seconds", "How long nothing was done although there is something to do", ["stage"]
)
BROKER_LAST_ANSWER = Gauge("newswire_broker_last_answer_timestamp_seconds", "When Kafka last answered this process")
TRANSACTIONS = Counter("newswire_transactions_total", "Commits of the fold: committed or aborted", ["result"])
COMMIT_SECONDS = Histogram(
    "newswire_commit_seconds",
    "Time of a commit of the fold: outcomes, state and log offset together",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
REBALANCES = Counter("newswire_rebalances_total", "Times the group gave out its partitions again", ["stage"])
REBALANCE_SECONDS = Histogram(
    "newswire_rebalance_seconds",
    "From partitions taken to partitions given",
    ["stage"],
    buckets=(0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60),
)
RETRIES = Counter("newswire_retries_total", "Work done again after a failure: append (to the log), child", ["what"])
LOOP_DELAY_SECONDS = Histogram(
    "newswire_event_loop_delay_seconds",
    "How late the event loop wakes a sleeper",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5),
)
COLLECTOR_PAUSE_SECONDS = Histogram(
    "newswire_collector_pause_seconds",
    "CPU time for which Python's collector of cycles stopped the process",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25),
)
CONNECTIONS = Gauge("newswire_http_connections", "Open HTTP connections: busy (with a request) or idle", ["state"])
CONNECTIONS_CUT = Counter(
    "newswire_http_connections_cut_total",
    "HTTP connections cut without a request: no-request (never a whole one), idle (after an answer), too-many",
    ["why"],
)
RULES = Gauge(  # no Info: that is served without labels by processes that do not prepare
    "newswire_rules_info",
    "What a process prepares with: the version of each table; `refused` says why newer files were not taken",
    ["rules", "mapping", "model", "reference", "sectors", "sources", "refused"],
)
RELOADS = Counter("newswire_rules_reloads_total", "Changed rules, sources or tables: loaded or refused", ["result"])
BUILD = Info("newswire_build", "Version of this program and of its engine")
BUILD.info({name.replace("-", "_"): version(name) for name in ("newswire-streams", "faust-streaming", "aiokafka")})

# Counters begin at 0: a series that begins with its first event shows Prometheus no increase.
for _code in Reason:
    for _stage in ("parse", "prepare", "decide"):
        DEAD_LETTERS.labels(_code.value, _stage)
for _outcome in ("committed", "aborted"):
    TRANSACTIONS.labels(_outcome)
for _result in ("loaded", "refused"):
    RELOADS.labels(_result)
for _what in ("append", "child"):
    RETRIES.labels(_what)
UNCLASSIFIED.labels("other", "und")
BY_LANGUAGE.labels("other", "und")
for _found in ("about", "mentions", "none"):
    COMPANIES_FOUND.labels("other", _found)
for _why in ("no-request", "idle", "too-many"):
    CONNECTIONS_CUT.labels(_why)

MAX_SOURCES = 200
"""Sources with a label value of their own; further ones are counted as `other`."""
_sources: set[str] = set()
MAX_LANGUAGES = 40
"""Languages with a label value of their own; further ones are counted as `other`."""
_languages: set[str] = set()


def source_label(source: str) -> str:
    """Returns the label value of a source: its id, or `other` beyond `MAX_SOURCES`."""
    if source not in _sources:
        if len(_sources) >= MAX_SOURCES:
            return "other"
        _sources.add(source)
    return source


def language_label(language: str) -> str:
    """Returns the label value of a language: its primary subtag, `und` if unknown, `other` beyond `MAX_LANGUAGES`."""
    primary = language.replace("_", "-").partition("-")[0].lower()
    if not primary.isalpha() or len(primary) > 3:
        return "und"
    if primary not in _languages:
        if len(_languages) >= MAX_LANGUAGES:
            return "other"
        _languages.add(primary)
    return primary
