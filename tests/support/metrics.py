"""The metrics as they are declared, and which of them a query names."""

import re
from collections.abc import Iterator

from prometheus_client import Counter, Histogram, Info
from prometheus_client.metrics import MetricWrapperBase

from streams.feeders import metrics as of_feeders
from streams.gateway import metrics as of_gateway
from streams.runtime import metrics as of_worker

BUILT_IN = {"up", "ALERTS", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}
NAME = re.compile(r"\b(newswire[:_][a-z0-9_:]+|process_[a-z_]+|up|ALERTS)\b(?!\s*=)")


def collectors() -> Iterator[MetricWrapperBase]:
    for module in (of_worker, of_gateway, of_feeders):
        for value in vars(module).values():
            if isinstance(value, MetricWrapperBase):
                yield value


def full_name(collector: MetricWrapperBase) -> str:
    suffix = {Counter: "_total", Info: "_info"}.get(type(collector), "")
    return collector._name + suffix


def declared() -> set[str]:
    """Names as Prometheus stores them."""
    found: set[str] = set()
    for each in collectors():
        parts = ("_bucket", "_sum", "_count") if isinstance(each, Histogram) else ("",)
        found |= {full_name(each) + part for part in parts}
    return found


def names_in(query: str) -> list[str]:
    """The metrics of a PromQL expression."""
    bare = re.sub(r'"[^"]*"', '""', query)
    return NAME.findall(bare)
