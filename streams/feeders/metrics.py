"""Declares the Prometheus metrics of `newswire feed --config`."""

from prometheus_client import Counter, Gauge

SENT = Counter("newswire_feeder_records_total", "Raw records that Kafka confirmed", ["feed"])
LOOKS = Counter("newswire_feeder_looks_total", "Looks at a feed or folder", ["feed", "result"])
LAST = Gauge("newswire_feeder_last_entry_timestamp_seconds", "When the feed last brought something new", ["feed"])
SLOWED = Counter("newswire_feeder_slowed_records_total", "Raw records that waited for most_per_minute", ["source"])
QUIET = Gauge("newswire_feeder_quiet", "1 while a feed is silent for longer than it ever is", ["feed"])
