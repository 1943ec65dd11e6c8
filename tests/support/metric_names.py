"""Lists the names of the declared metrics, and finds the metric names in a PromQL query."""

import re
from collections.abc import Iterator

from prometheus_client import Counter, Histogram, Info
from prometheus_client.metrics import MetricWrapperBase

from streams.archive import metrics as archive_metrics
from streams.feeders import metrics as feeder_metrics
from streams.gateway import metrics as gateway_metrics
from streams.runtime import metrics as worker_metrics

BUILT_IN = {
    *("up", "ALERTS", "process_cpu_seconds_total", "process_resident_memory_bytes"),
    *("process_open_fds", "process_max_fds", "kminion_kafka_consumer_group_topic_lag"),
}
NAME = re.compile(r"\b(newswire[:_][a-z0-9_:]+|process_[a-z_]+|kminion_[a-z_]+|up|ALERTS)\b(?!\s*=)")


def list_collectors() -> Iterator[MetricWrapperBase]:
    for module in (worker_metrics, gateway_metrics, feeder_metrics, archive_metrics):
        for value in vars(module).values():
            if isinstance(value, MetricWrapperBase):
                yield value


def full_name(collector: MetricWrapperBase) -> str:
    suffix = {Counter: "_total", Info: "_info"}.get(type(collector), "")
    return collector._name + suffix


def list_declared() -> set[str]:
    """Returns the names of all time series as Prometheus stores them."""
    found: set[str] = set()
    for each in list_collectors():
        parts = ("_bucket", "_sum", "_count") if isinstance(each, Histogram) else ("",)
        found |= {full_name(each) + part for part in parts}
    return found


def find_names(query: str) -> list[str]:
    """Returns the metric names in a PromQL expression."""
    bare = re.sub(r'"[^"]*"', '""', query)
    return NAME.findall(bare)
