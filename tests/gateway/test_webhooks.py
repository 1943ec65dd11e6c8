"""Webhooks of a gateway on the real broker, with a real target."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support import flow
from support.ticker import WAIT, GatewayProcess, LatestWriter, run_ticker_gateway

from streams.config.errors import ConfigError
from streams.config.loader import load
from streams.config.settings import SavedSearch, Settings
from streams.gateway.history import HistoryStore
from streams.gateway.webhooks import Webhook

KEY = b"k" * 32
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class Target:
    """An HTTP server that takes messages, or refuses those that a test names."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        """Type and end of the uri of each message."""
        self.ids: list[str] = []
        self.is_away = False
        self.refused: set[str] = set()
        self.tries = 0
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(target.take(dict(self.headers), body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.tries += 1
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = base64.b64encode(hmac.digest(KEY, signed, "sha256")).decode()
        event = json.loads(body)
        name = event["data"]["uri"].rpartition(":")[2]
        if headers["webhook-signature"] != f"v1,{right}" or self.is_away or name in self.refused:
            return 503
        self.ids.append(headers["webhook-id"])
        self.taken.append((event["type"].rpartition(".")[2], name))
        return 204

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + WAIT
        while len(self.taken) < count:
            assert time.monotonic() < deadline, self.taken
            time.sleep(0.05)

    def wait_for_tries(self, count: int) -> None:
        deadline, before = time.monotonic() + WAIT, self.tries
        while self.tries < before + count:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def environ(target: Target, tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    fields = {
        "FILTER": "category=markets",
        "WEBHOOK": f"http://127.0.0.1:{target.server.server_port}/hook",
        "SECRET_FILE": str(path),
        "INSECURE": "true",
        "PRIVATE": "true",
    }
    return {f"NEWSWIRE_SEARCHES__MOVES__{name}": value for name, value in fields.items()}


@pytest.fixture
def topics(settings: Settings) -> Settings:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    return settings


def begin(served: GatewayProcess, writer: LatestWriter, target: Target) -> None:
    """Waits until the webhook has read its position: what was there before it is not sent."""
    for number in range(int(10 * WAIT)):
        writer.put(f"begin-{number}", categories=("markets",))
        time.sleep(0.2)
        if target.taken:
            break
    seen = -1
    while len(target.taken) != seen:
        seen = len(target.taken)
        time.sleep(1)
    target.taken.clear()
    target.ids.clear()


@pytest.mark.kafka
def test_a_target_that_was_away_gets_all_none_twice_and_no_text_that_was_withdrawn_meanwhile(
    topics: Settings, target: Target, environ: dict[str, str]
) -> None:
    writer = LatestWriter(topics)
    with run_ticker_gateway(topics, **environ) as served:
        begin(served, writer, target)
        target.is_away = True
        for number in range(120):
            writer.put(f"n{number}", categories=("markets",) if number % 2 else ("sectors",))
        writer.put("n3", "A correction", version=2, categories=("markets",))
        writer.put("n5", "", version=2, kind="withdrawn", pub_status="canceled")
        writer.put("n119", "", version=2, kind="withdrawn", pub_status="canceled")
        target.wait_for_tries(4)
        served.wait_for("/metrics", lambda _, text: 'newswire_webhook_waiting_messages{search="moves"} 50.0' in text)
        target.is_away = False
        target.wait_for(61)
        time.sleep(1)
        expected = [("published", f"n{number}") for number in range(1, 119, 2) if number != 5]
        assert sorted(each for each in target.taken if each[0] == "published") == sorted(expected)
        assert sorted(each for each in target.taken if each[0] != "published") == [
            ("revised", "n3"),
            ("withdrawn", "n119"),
            ("withdrawn", "n5"),
        ]
        assert target.taken.index(("published", "n3")) < target.taken.index(("revised", "n3"))
        assert len(set(target.ids)) == len(target.ids)


@pytest.mark.kafka
def test_a_gateway_that_starts_again_goes_on_where_it_ended_with_what_was_refused(
    topics: Settings, target: Target, environ: dict[str, str]
) -> None:
    writer = LatestWriter(topics)
    with run_ticker_gateway(topics, **environ) as served:
        begin(served, writer, target)
        target.refused = {"bad"}
        for name in ("one", "bad", "two"):
            writer.put(name, categories=("markets",))
        target.wait_for(2)
    writer.put("three", categories=("markets",))
    target.refused = set()
    with run_ticker_gateway(topics, **environ), run_ticker_gateway(topics, **environ):
        target.wait_for(4)
        writer.put("four", categories=("markets",))
        target.wait_for(5)
        time.sleep(1)
    assert sorted(target.taken) == sorted(("published", name) for name in ("one", "two", "bad", "three", "four"))


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (
            {"webhook": "http://hooks.example/x"},
            "searches.a.webhook is 'http://hooks.example/x': give an https",
        ),
        ({"webhook": "ftp://hooks.example/x", "insecure": True}, "searches.a.webhook is 'ftp://hooks.example/x'"),
        ({"webhook": "https://hooks.example/x", "secret_file": ""}, "searches.a.webhook needs a secret"),
        ({"webhook": "https://hooks.example/x", "secret_file": "gone"}, "searches.a.secret_file cannot be used"),
        ({"webhook": "https://hooks.example/x", "filter": ""}, "searches.a.filter: it selects nothing"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_with_its_setting(
    tmp_path: Path, search: dict[str, object], said: str
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    fields = {"filter": "q=copper", "secret_file": str(tmp_path / "secret"), **search}
    with pytest.raises(ConfigError) as refusal:
        Webhook("a", SavedSearch(**fields), load(environ={}), HistoryStore(tmp_path, "news.latest"))  # type: ignore[arg-type]
    assert str(refusal.value).startswith(said)
