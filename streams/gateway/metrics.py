"""Declares the metrics of the gateway alone; those it shares with the workers are in streams/runtime/metrics.py."""

from prometheus_client import Counter, Gauge

CLIENTS = Gauge("newswire_gateway_clients", "Open streams")
SLOW_CLIENTS = Counter("newswire_gateway_slow_clients_total", "Streams cut because the client did not read")
RECORDS = Counter("newswire_gateway_records_total", "Records read from public topics by the gateway", ["result"])
"""`read`: an item. `refused`: no item of ours. `passed-over`: a record without a value that is no story's."""
HISTORY_LEFT = Gauge(
    "newswire_gateway_history_records_left", "Records of news.latest that the history has still to read at its start"
)
WEBHOOK_MESSAGES = Counter(
    "newswire_webhook_messages_total",
    "Attempts to send a message to the webhook of a saved search",
    ["search", "result"],
)
"""`taken`: by the target. `failed`: it is tried again. `given-up`: after 24 hours."""
WEBHOOK_WAITING = Gauge("newswire_webhook_waiting_messages", "Messages that a webhook has not taken yet", ["search"])
WEBHOOK_LATE_SECONDS = Gauge(
    "newswire_webhook_late_seconds", "Since the first attempt of the message that a webhook refuses longest", ["search"]
)
