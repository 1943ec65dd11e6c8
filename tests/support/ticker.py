"""Runs a gateway process, and writes records to news.latest as a worker writes them."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from support import flow

from streams.config.settings import Settings
from streams.model.topics import LATEST

WAIT = 60.0


class GatewayProcess:
    """A `newswire gateway` in a process of its own."""

    def __init__(
        self,
        settings: Settings,
        port: int = 0,
        until: str = "/readyz",
        state: str = "",
        checkout: Path | None = None,
        **environ: str,
    ) -> None:
        """`checkout`: another checkout, whose code the process runs."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streams", "gateway", "--port", str(port), *(["--state", state] if state else [])],
            cwd=checkout,
            env={**flow.environment(settings), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        address = self.process.stdout.readline()
        assert address.startswith("http://127.0.0.1:")
        self.port = int(address.strip().strip("/").rpartition(":")[2])
        self.wait_for(until, lambda status, _: status == 200)

    def get(self, path: str) -> tuple[int, str]:
        return flow.http_get(self.port, path)

    def wait_for(self, path: str, is_right: Callable[[int, str], bool]) -> str:
        deadline = time.monotonic() + WAIT
        while not is_right(*(answer := self.get(path))):
            assert time.monotonic() < deadline, answer
            time.sleep(0.1)
        return answer[1]

    def rows(self, query: str, count: int) -> list[dict[str, Any]]:
        """Waits until /latest has so many rows, and returns them."""
        rows = json.loads(self.wait_for(f"/latest?{query}", lambda _, text: len(json.loads(text)) == count))
        assert isinstance(rows, list)
        return rows

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(WAIT)


@contextmanager
def run_ticker_gateway(
    settings: Settings,
    port: int = 0,
    until: str = "/readyz",
    state: str = "",
    checkout: Path | None = None,
    **environ: str,
) -> Iterator[GatewayProcess]:
    served = GatewayProcess(settings, port, until, state, checkout, **environ)
    try:
        yield served
    finally:
        status = served.stop()
    assert status == 0


class LatestWriter:
    """Writes enriched items to news.latest, readable at once, as those of a worker after its commit."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer = Producer(
            {"bootstrap.servers": settings.kafka.brokers, "linger.ms": 0, "enable.idempotence": True}
        )

    def put(self, name: str, headline: str = "", *, flush: bool = True, topic: str = LATEST, **fields: Any) -> str:
        """Sends an item and returns its uri."""
        uri, value, headers = build_latest_record(name, headline, **fields)
        self._producer.produce(self._settings.topics.full(topic), value, uri.encode(), headers=headers)
        if flush:
            assert self._producer.flush(WAIT) == 0
        else:
            self._producer.poll(0)
        return uri

    def flush(self) -> None:
        """Waits until the broker has everything."""
        assert self._producer.flush(WAIT) == 0


def build_latest_record(
    name: str,
    headline: str = "",
    *,
    version: int = 1,
    kind: str = "",
    categories: tuple[str, ...] = ("companies",),
    symbol: str = "",
    language: str = "en",
    source: str = "prnewswire",
    when: str = "2026-03-02T10:00:00Z",
    text: str = "Norwick Pumps said so.\n\nIt did not say more.",
    note: str = "",
    more: dict[str, Any] | None = None,
    **headers: str,
) -> tuple[str, bytes, list[tuple[str, bytes]]]:
    """Builds an enriched item: uri, value and headers."""
    uri = f"urn:newswire:{source}:{name}"
    kind = kind or ("published" if version == 1 else "revised")
    event: dict[str, Any] = {
        "uri": uri,
        "version": str(version),
        "versionCreated": when,
        "language": language,
        "headlines": [
            {"role": role, "value": headline or f"Norwick Pumps opens plant {name}"} for role in ("main", "ticker")
        ],
        "subjects": [
            {"rel": "category", "literal": each, "name": each, "confidence": 90, "creator": "rule:opening@rules-1"}
            for each in categories
        ],
    }
    if kind != "withdrawn":
        event["bodies"] = [{"role": "main", "value": text}]
    if note:
        event["edNote"] = note
    event |= more or {}
    if symbol:
        listing = {"symbol": symbol, "exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker"}
        event["organisations"] = [
            {"uri": "urn:newswire:company:norwick", "name": "Norwick Pumps", "rel": "about", "symbols": [listing]}
        ]
    named = {
        "ce_id": f"{uri}/{version}",
        "ce_type": f"news.item.{kind}",
        "ce_source": f"urn:newswire:source:{source}",
        **{key.replace("_", "-"): value for key, value in headers.items()},
    }
    return uri, json.dumps(event).encode(), [(key, value.encode()) for key, value in named.items()]
