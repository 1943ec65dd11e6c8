"""The Grafana dashboard as a table of panels: `python deploy/grafana/dashboard.py` writes newswire.json.

What a panel means comes from the help texts of its metrics; its links lead to the runbooks of the alerts that watch the
same metrics.
"""

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from prometheus_client.metrics import MetricWrapperBase

from streams.archive import metrics as archive_metrics
from streams.feeders import metrics as feeder_metrics
from streams.gateway import metrics as gateway_metrics
from streams.runtime import metrics as worker_metrics

RULES = Path(__file__).resolve().parents[1] / "prometheus" / "rules.yml"
RUNBOOKS = "https://example.org/newswire/deploy/RUNBOOKS.md"
"""The default of the variable `runbooks`: where this deployment shows the runbooks."""
FILE = Path(__file__).with_name("newswire.json")
Panel = tuple[str, str, str, dict[str, str]]
"""Title, type, unit, legend -> query."""


def quantiles(metric: str, by: str = "") -> dict[str, str]:
    """Median and 99th percentile of a histogram."""
    labels, legend = (f"le, {by}", f" {{{{{by}}}}}") if by else ("le", "")
    return {
        f"p{share}{legend}": f"histogram_quantile(0.{share}, sum by ({labels}) (rate({metric}_bucket[5m])))"
        for share in (50, 99)
    }


ROWS: dict[str, list[Panel]] = {
    "Health": [
        ("Processes that answer", "stat", "none", {"{{job}}": 'sum by (job) (up{job=~"newswire-.+"})'}),
        ("Ready", "stat", "none", {"{{stage}}": "sum by (stage) (newswire_ready)"}),
        (
            "Since Kafka answered",
            "stat",
            "s",
            {"{{job}}": "time() - max by (job) (newswire_broker_last_answer_timestamp_seconds)"},
        ),
        ("Behind", "stat", "s", {"{{topic}}": "max by (topic) (newswire_consumer_lag_seconds)"}),
        ("Without progress", "stat", "s", {"{{stage}}": "max by (stage) (newswire_stalled_seconds)"}),
        ("Alerts", "table", "none", {"{{alertname}}": 'ALERTS{alertname=~"Newswire.+", alertstate="firing"}'}),
    ],
    "Flow": [
        (
            "Items a second by outcome",
            "timeseries",
            "ops",
            {"{{outcome}}": "sum by (outcome) (rate(newswire_items_total[5m]))"},
        ),
        (
            "Read a second by format",
            "timeseries",
            "ops",
            {"{{format}}": "sum by (format) (rate(newswire_items_received_total[5m]))"},
        ),
        ("From news.raw to the commit", "timeseries", "s", quantiles("newswire_end_to_end_seconds")),
        ("Time of a batch", "timeseries", "s", quantiles("newswire_stage_duration_seconds", "stage")),
        ("Time of a commit", "timeseries", "s", quantiles("newswire_commit_seconds")),
        (
            "Records of a batch (mean)",
            "timeseries",
            "none",
            {
                "{{stage}}": "sum by (stage) (rate(newswire_batch_records_sum[5m]))"
                " / sum by (stage) (rate(newswire_batch_records_count[5m]))"
            },
        ),
        (
            "Records behind, other groups",
            "timeseries",
            "none",
            {
                "{{group_id}} {{topic_name}}": "sum by (group_id, topic_name)"
                ' (kminion_kafka_consumer_group_topic_lag{group_id!~"newswire-.+"})'
            },
        ),
        ("Records behind", "timeseries", "none", {"{{topic}}": "sum by (topic) (newswire_consumer_lag_records)"}),
        (
            "Published a second by category",
            "timeseries",
            "ops",
            {"{{category}}": "sum by (category) (rate(newswire_events_published_total[5m]))"},
        ),
        (
            "Commits and aborts a second",
            "timeseries",
            "ops",
            {"{{result}}": "sum by (result) (rate(newswire_transactions_total[5m]))"},
        ),
        ("Done again", "timeseries", "none", {"{{what}}": "sum by (what) (increase(newswire_retries_total[5m]))"}),
    ],
    "Quality": [
        (
            "Newest item of each source",
            "table",
            "s",
            {"{{source}}": "sort_desc(time() - max by (source) (newswire_source_last_item_timestamp_seconds))"},
        ),
        (
            "Silence allowed",
            "table",
            "s",
            {"{{source}}": "max by (source) (newswire_source_quiet_after_seconds)"},
        ),
        (
            "Duplicates by source (1 h)",
            "timeseries",
            "percentunit",
            {"{{source}}": "newswire:duplicate_ratio"},
        ),
        ("How much later a wire is", "timeseries", "s", quantiles("newswire_duplicate_delay_seconds", "source")),
        (
            "Rules and tables in use",
            "table",
            "none",
            {
                "{{instance}}": "max by (instance, rules, mapping, model, reference, sectors, sources, refused)"
                " (newswire_rules_info)"
            },
        ),
        (
            "Changed files",
            "timeseries",
            "none",
            {"{{result}}": "sum by (result) (increase(newswire_rules_reloads_total[5m]))"},
        ),
        (
            "Published by language",
            "timeseries",
            "none",
            {"{{language}}": "sum by (language) (increase(newswire_items_by_language_total[1h]))"},
        ),
        (
            "Items about a company (1 h)",
            "timeseries",
            "percentunit",
            {
                "{{source}}": 'sum by (source) (increase(newswire_companies_found_total{found="about"}[1h]))'
                " / (sum by (source) (increase(newswire_companies_found_total[1h])) > 0)"
            },
        ),
        ("Without a category (1 h)", "timeseries", "percentunit", {"share": "newswire:unclassified_ratio"}),
        (
            "Without a category, by language (1 h)",
            "timeseries",
            "none",
            {"{{language}}": "sum by (language) (increase(newswire_unclassified_total[1h]))"},
        ),
        ("Refused (15 min)", "timeseries", "percentunit", {"share": "newswire:refused_ratio"}),
        (
            "Refused by code",
            "timeseries",
            "none",
            {"{{code}} {{stage}}": "sum by (code, stage) (increase(newswire_dead_letters_total[5m]))"},
        ),
        (
            "Updates without their text",
            "timeseries",
            "none",
            {"after an upgrade": "sum(increase(newswire_partial_updates_total[5m]))"},
        ),
        (
            "Looks at feeds",
            "timeseries",
            "none",
            {"{{feed}} {{result}}": "sum by (feed, result) (increase(newswire_feeder_looks_total[5m]))"},
        ),
        ("Fed a second", "timeseries", "ops", {"{{feed}}": "sum by (feed) (rate(newswire_feeder_records_total[5m]))"}),
        (
            "Since a feed brought something",
            "table",
            "s",
            {"{{feed}}": "time() - max by (feed) (newswire_feeder_last_entry_timestamp_seconds)"},
        ),
        (
            "From a wire's own time to receipt",
            "timeseries",
            "s",
            {"p50 {{source}}": "newswire:wire_delay_p50", "p95 {{source}}": "newswire:wire_delay_p95"},
        ),
        ("Most a minute", "table", "none", {"{{source}}": "max by (source) (newswire_source_most_per_minute)"}),
        (
            "Slowed by the feeder",
            "timeseries",
            "none",
            {"{{source}}": "sum by (source) (increase(newswire_feeder_slowed_records_total[5m]))"},
        ),
        ("Feeds quieter than ever", "stat", "none", {"feeds": "sum(newswire_feeder_quiet)"}),
        (
            "Not in the archive yet",
            "timeseries",
            "none",
            {"{{topic}}": "max by (topic) (newswire_archive_lag_records)"},
        ),
        (
            "Since the archive's last step",
            "stat",
            "s",
            {"age": "time() - max(newswire_archive_last_step_timestamp_seconds)"},
        ),
        (
            "Archived a second",
            "timeseries",
            "ops",
            {"{{kind}}": "sum by (kind) (rate(newswire_archive_records_total[5m]))"},
        ),
        (
            "Lost for the archive, and purged",
            "timeseries",
            "none",
            {
                "lost {{topic}}": "sum by (topic) (increase(newswire_archive_lost_records_total[1h]))",
                "purged stories": "sum(increase(newswire_archive_purged_stories_total[1h]))",
            },
        ),
        (
            "Under embargo",
            "stat",
            "none",
            {"stories": "max(newswire_withheld_items)", "on hold": "max(newswire_held_items)"},
        ),
    ],
    "Resources": [
        ("CPU", "timeseries", "none", {"{{instance}}": 'rate(process_cpu_seconds_total{job=~"newswire-.+"}[5m])'}),
        ("Memory", "timeseries", "bytes", {"{{instance}}": 'process_resident_memory_bytes{job=~"newswire-.+"}'}),
        ("Open files", "timeseries", "none", {"{{instance}}": 'process_open_fds{job=~"newswire-.+"}'}),
        ("Event loop late", "timeseries", "s", quantiles("newswire_event_loop_delay_seconds", "instance")),
        ("Pauses of the collector", "timeseries", "s", quantiles("newswire_collector_pause_seconds", "instance")),
        (
            "The fold's state",
            "timeseries",
            "none",
            {"stories": "max(newswire_dedupe_state_items)", "entries": "max(newswire_state_entries)"},
        ),
        (
            "Fold clock behind",
            "timeseries",
            "s",
            {"clock": "time() - max(newswire_state_clock_timestamp_seconds)"},
        ),
        (
            "Recovery",
            "timeseries",
            "none",
            {
                "read": "max(newswire_recovery_read_entries)",
                "remaining": "max(newswire_recovery_remaining_records)",
                "seconds": "max(newswire_recovery_seconds)",
            },
        ),
        (
            "Rebalances",
            "timeseries",
            "none",
            {"{{stage}}": "sum by (stage) (increase(newswire_rebalances_total[10m]))"},
        ),
        ("Length of a rebalance", "timeseries", "s", quantiles("newswire_rebalance_seconds", "stage")),
        ("Open streams", "timeseries", "none", {"{{instance}}": "newswire_gateway_clients"}),
        (
            "Streams cut",
            "timeseries",
            "none",
            {"{{instance}}": "increase(newswire_gateway_slow_clients_total[5m])"},
        ),
        ("Connections", "timeseries", "none", {"{{instance}} {{state}}": "newswire_http_connections"}),
        (
            "Connections cut",
            "timeseries",
            "none",
            {"{{instance}} {{why}}": "increase(newswire_http_connections_cut_total[5m])"},
        ),
        (
            "Records the gateway read",
            "timeseries",
            "ops",
            {"{{result}}": "sum by (result) (rate(newswire_gateway_records_total[5m]))"},
        ),
        (
            "Records the history has still to read",
            "timeseries",
            "none",
            {"{{instance}}": "newswire_gateway_history_records_left"},
        ),
        (
            "Webhook messages",
            "timeseries",
            "ops",
            {"{{search}} {{result}}": "sum by (search, result) (rate(newswire_webhook_messages_total[5m]))"},
        ),
        (
            "Webhook messages that wait",
            "timeseries",
            "none",
            {"{{search}}": "max by (search) (newswire_webhook_waiting_messages)"},
        ),
        (
            "How late a webhook is",
            "timeseries",
            "s",
            {"{{search}}": "max by (search) (newswire_webhook_late_seconds)"},
        ),
    ],
}
THRESHOLDS: dict[str, tuple[tuple[float, str], ...]] = {
    "Processes that answer": ((0, "red"), (1, "green")),
    "Ready": ((0, "red"), (1, "green")),
    "Since Kafka answered": ((0, "green"), (10, "orange"), (30, "red")),
    "Behind": ((0, "green"), (10, "orange"), (60, "red")),
    "Without progress": ((0, "green"), (20, "orange"), (45, "red")),
    "From news.raw to the commit": ((0, "green"), (1, "orange"), (5, "red")),
    "Without a category (1 h)": ((0, "green"), (0.4, "orange"), (0.6, "red")),
    "Refused (15 min)": ((0, "green"), (0.02, "orange"), (0.05, "red")),
    "From a wire's own time to receipt": ((0, "green"), (300, "orange"), (900, "red")),
    "Feeds quieter than ever": ((0, "green"), (1, "orange")),
    "Memory": ((0, "green"), (2e9, "orange"), (3e9, "red")),
    "Event loop late": ((0, "green"), (0.1, "orange"), (0.5, "red")),
    "Under embargo": ((0, "green"),),
}
"""Title of a panel -> values from which it changes its colour: the last one is that of the alert."""
DESCRIPTIONS = {
    "Processes that answer": "Workers, gateways and feeders that answer Prometheus.",
    "Alerts": "What fires now. Each alert has a page in the runbooks.",
    "CPU": "Cores that each process uses.",
    "Memory": "Memory of each process.",
    "Open files": "Files and connections that each process has open.",
    "Records behind, other groups": "Lag of the consumer groups of other teams, as kminion measures it.",
    "Duplicates by source (1 h)": "Share of a source's items that another wire, or itself, had brought before.",
}
"""Title -> what the panel shows, where no metric of ours says it."""
NAME = re.compile(r"newswire[:_][a-z0-9_:]+|process_[a-z_]+|up\b")
SMALL = {"stat": (4, 5), "table": (8, 8), "timeseries": (8, 8)}
"""Type -> width of 24, height."""


def queries() -> list[str]:
    """Every query of the dashboard."""
    return [query for panels in ROWS.values() for *_, targets in panels for query in targets.values()]


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana reads it."""
    panels: list[dict[str, Any]] = []
    top = 0
    for row, chosen in ROWS.items():
        panels.append(_panel(len(panels), row, "row", (0, top, 24, 1)))
        top, left, tallest = top + 1, 0, 0
        for title, kind, unit, targets in chosen:
            width, height = SMALL[kind]
            if left + width > 24:
                top, left, tallest = top + tallest, 0, 0
            panel = _panel(len(panels), title, kind, (left, top, width, height))
            panel["datasource"] = {"type": "prometheus", "uid": "${datasource}"}
            panel["description"] = describe(title, targets)
            panel["links"] = [
                {"title": alert, "url": f"${{runbooks}}#{alert.lower()}", "targetBlank": True}
                for alert in find_alerts(targets)
            ]
            panel["fieldConfig"] = {"defaults": {"unit": unit, **_thresholds(title, kind)}, "overrides": []}
            panel["targets"] = [
                {"refId": chr(65 + at), "expr": query, "legendFormat": legend, "instant": kind != "timeseries"}
                for at, (legend, query) in enumerate(targets.items())
            ]
            panels.append(panel)
            left, tallest = left + width, max(tallest, height)
        top += tallest
    runbooks = {"name": "runbooks", "type": "textbox", "query": RUNBOOKS, "label": "Runbooks"}
    source = {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    return {
        "uid": "newswire",
        "title": "Newswire Streams",
        "schemaVersion": 39,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [source, runbooks]},
        "links": [{"title": "The first five minutes", "type": "link", "url": "${runbooks}#the-first-five-minutes"}],
        "panels": panels,
    }


def describe(title: str, targets: dict[str, str]) -> str:
    """Says what a panel shows, in the words of its metrics."""
    found = dict.fromkeys(help_ for name in sorted(_find_metrics(targets)) if (help_ := _list_helps().get(name)))
    return DESCRIPTIONS.get(title) or ". ".join(found) + "."


def find_alerts(targets: dict[str, str]) -> list[str]:
    """Finds the alerts that watch a metric of these queries."""
    shown = _find_metrics(targets)
    return [alert for alert, watched in _list_alerts().items() if shown & watched]


def _find_metrics(targets: dict[str, str]) -> set[str]:
    """Finds the metrics in queries, those behind a recorded name too, without the endings of histograms."""
    found: set[str] = set()
    for query in targets.values():
        for name in NAME.findall(re.sub(r'"[^"]*"', '""', query)):
            found |= _list_recorded().get(name, {re.sub("_(bucket|sum|count)$", "", name)})
    return found


@cache
def _read_rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


@cache
def _list_recorded() -> dict[str, set[str]]:
    names = {rule["record"]: NAME.findall(rule["expr"]) for rule in _read_rules() if "record" in rule}
    return {record: {re.sub("_(bucket|sum|count)$", "", name) for name in found} for record, found in names.items()}


@cache
def _list_alerts() -> dict[str, set[str]]:
    return {rule["alert"]: _find_metrics({"": rule["expr"]}) for rule in _read_rules() if "alert" in rule}


@cache
def _list_helps() -> dict[str, str]:
    found = {}
    for module in (worker_metrics, gateway_metrics, feeder_metrics, archive_metrics):
        for each in vars(module).values():
            if isinstance(each, MetricWrapperBase):
                ending = {"counter": "_total", "info": "_info"}.get(each._type, "")
                found[each._name + ending] = each._documentation
    return found


def _thresholds(title: str, kind: str) -> dict[str, Any]:
    steps = THRESHOLDS.get(title)
    if not steps:
        return {}
    limits = [{"value": value or None, "color": color} for value, color in steps]
    line = {"custom": {"thresholdsStyle": {"mode": "line"}}} if kind == "timeseries" else {}
    return {"color": {"mode": "thresholds"} if kind == "stat" else {"mode": "palette-classic"}, **line} | {
        "thresholds": {"mode": "absolute", "steps": limits}
    }


def _panel(number: int, title: str, kind: str, place: tuple[int, int, int, int]) -> dict[str, Any]:
    return {"id": number + 1, "title": title, "type": kind, "gridPos": dict(zip("xywh", place, strict=True))}


def written() -> str:
    """The file."""
    return json.dumps(dashboard(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
