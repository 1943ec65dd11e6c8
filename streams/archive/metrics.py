"""Declares the Prometheus metrics of `newswire archive`."""

from prometheus_client import Counter, Gauge

RECORDS = Counter("newswire_archive_records_total", "Records that were written to the archive", ["kind"])
LAG = Gauge("newswire_archive_lag_records", "Records that Kafka has and the archive has not", ["topic"])
LAST = Gauge("newswire_archive_last_step_timestamp_seconds", "When the archive was last complete up to its position")
LOST = Counter("newswire_archive_lost_records_total", "Records that Kafka no longer had for the archive", ["topic"])
PURGED = Counter("newswire_archive_purged_stories_total", "Withdrawn stories whose words were taken out")
