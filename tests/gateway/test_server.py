"""The gateway on the real broker, behind a real worker."""

import asyncio
import http.client
import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from support import flow
from support.ticker import WAIT, GatewayProcess, run_ticker_gateway

from streams.config.loader import load
from streams.config.settings import Settings
from streams.gateway.auth import Access
from streams.gateway.consumer import TickerConsumer
from streams.gateway.filters import TickerItem, parse_ticker_item
from streams.gateway.history import HistoryTooSlow
from streams.gateway.hub import MAX_WAITING, Hub
from streams.gateway.server import FILES, Gateway
from streams.gateway.ticker_view import TickerView
from streams.model.errors import WorkFailed
from streams.model.topics import CATEGORIES, LATEST, SECTIONS

pytestmark = pytest.mark.kafka


class Stream:
    """An open stream of a client."""

    def __init__(self, port: int, query: str = "", last: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)
        self.connection.request("GET", f"/stream?{query}", headers={"Last-Event-ID": last} if last else {})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200
        assert self.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        self.id = last

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.close()
        self.connection.close()

    def _read_block(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        while (line := self.answer.readline().decode().rstrip("\n")) or not fields:
            assert line or not self.answer.isclosed(), "the stream has ended"
            name, _, value = line.partition(": ")
            fields[name] = value
        self.id = fields.get("id", self.id)
        return fields

    def read_data(self, count: int) -> list[tuple[str, Any]]:
        """Reads so many events about stories. A gateway that starts may also say its state at any moment."""
        found = []
        while len(found) < count:
            fields = self._read_block()
            if fields.get("event", "state") != "state":
                found.append((fields["event"], json.loads(fields["data"])))
        return found

    def read_events(self, count: int) -> list[tuple[str, str]]:
        """Reads so many events: each with its reason or the end of its uri."""
        return [
            (event, data["reason"] if event == "reset" else data["uri"].rpartition(":")[2])
            for event, data in self.read_data(count)
        ]


class Desk:
    """Sends items of one ticker symbol, which no other test uses."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.symbol = "Q" + "".join(chr(65 + int(digit, 16)) for digit in uuid.uuid4().hex[:4])
        self.query = f"ticker={self.symbol}"

    def send(self, name: str, *, version: str = "1", source: str = "prnewswire", **fields: str) -> str:
        title = fields.pop("title", f"{self.symbol} Pumps opens plant {name} in the north")
        item = {
            "id": f"{self.symbol}-{name}",
            "version": version,
            "date": "2026-03-02T10:00:00Z",
            "title": title,
            "body": f"{self.symbol} Pumps (NASDAQ: {self.symbol}) said: {title}. Version {version} of notice {name}.",
            "language": "en",
            **fields,
        }
        flow.send(self.settings, [(json.dumps(item).encode(), {"source": source})], partition=0)
        return f"{self.symbol}-{name}"

    def uri(self, name: str, source: str = "prnewswire") -> str:
        return f"urn:newswire:{source}:{self.symbol}-{name}"


@pytest.fixture(scope="module")
def line(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of topics for which a worker runs."""
    settings = load(environ={"NEWSWIRE_KAFKA": kafka, "NEWSWIRE_TOPICS__PREFIX": f"test-{uuid.uuid4().hex[:8]}"})
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path_factory.mktemp("line"), "--http", "17600"):
        yield settings


@pytest.fixture(scope="module")
def gateway(line: Settings) -> Iterator[GatewayProcess]:
    with run_ticker_gateway(line) as served:
        yield served


@pytest.fixture
def desk(line: Settings) -> Desk:
    return Desk(line)


def test_a_stream_begins_with_a_snapshot_and_goes_on_with_each_change(gateway: GatewayProcess, desk: Desk) -> None:
    one = desk.send("one")
    gateway.rows(desk.query, 1)
    with Stream(gateway.port, desk.query) as stream:
        assert stream.read_events(2) == [("reset", "start"), ("item", one)]
        two = desk.send("two")
        assert stream.read_events(1) == [("item", two)]
        desk.send("two", version="2", title=f"{desk.symbol} Pumps opens plant two in the far north after all")
        [(event, row)] = stream.read_data(1)
        assert (event, row["uri"], row["version"], row["status"]) == ("item", desk.uri("two"), "2", "updated")
        desk.send("one", version="9", status="killed", title="KILL")
        assert stream.read_data(1) == [
            (
                "withdrawn",
                {"id": f"{desk.uri('one')}/2", "uri": desk.uri("one"), "version": "2", "reason": "withdrawn"},
            )
        ]
    assert [row["uri"] for row in gateway.rows(desk.query, 1)] == [desk.uri("two")]
    status, text = gateway.get(f"/items/{desk.uri('one')}")
    assert (status, text) == (410, "this story was withdrawn by its source\n")


def test_a_client_resumes_with_exactly_what_it_missed_here_at_another_gateway_and_after_a_restart(
    gateway: GatewayProcess, desk: Desk
) -> None:
    first = desk.send("first")
    gateway.rows(desk.query, 1)
    with Stream(gateway.port, desk.query) as stream:
        assert stream.read_events(2) == [("reset", "start"), ("item", first)]
        last = stream.id
    missed = [("item", desk.send(name)) for name in ("second", "third", "fourth")]
    gateway.rows(desk.query, 4)
    with run_ticker_gateway(desk.settings) as other:
        for port in (gateway.port, other.port):
            with Stream(port, desk.query, last) as stream:
                assert stream.read_events(2) == missed[:2]
                half = stream.id
            with Stream(port, f"{desk.query}&lastEventId={half}") as stream:
                assert stream.read_events(len(missed) - 2) == missed[2:]
                live = ("item", desk.send(f"live-{port}"))
                assert stream.read_events(1) == [live]
                missed.append(live)
        with Stream(other.port, desk.query, last) as stream:
            assert stream.read_events(5) == missed
        end = stream.id
    with run_ticker_gateway(desk.settings) as restarted, Stream(restarted.port, desk.query, end) as stream:
        sixth = desk.send("sixth")
        assert stream.read_events(1) == [("item", sixth)]


def test_a_client_with_an_id_that_is_too_old_gets_a_fresh_snapshot_that_says_so(desk: Desk) -> None:
    first = desk.send("old")
    with run_ticker_gateway(desk.settings) as served:
        served.rows(desk.query, 1)
        with Stream(served.port, desk.query) as stream:
            stream.read_events(2)
            old = stream.id
        young = desk.send("young")
        served.rows(desk.query, 2)
        with Stream(served.port, desk.query) as stream:
            assert stream.read_events(3)[2] == ("item", young)
            offset = int(stream.id.partition(":")[2])
    admin = AdminClient({"bootstrap.servers": desk.settings.kafka.brokers})
    place = TopicPartition(desk.settings.topics.full(LATEST), 0, offset)
    for deleted in admin.delete_records([place]).values():
        deleted.result()
    with run_ticker_gateway(desk.settings) as served:
        with Stream(served.port, desk.query, old) as stream:
            # The first one is gone from news.latest; the topics of its categories still have it.
            assert stream.read_events(3) == [("reset", "too-old"), ("item", first), ("item", young)]
        with Stream(served.port, desk.query, "0:999999999") as stream:  # of a topic that was made again
            assert stream.read_events(1) == [("reset", "too-old")]


def test_filters_are_applied_by_the_server(gateway: GatewayProcess, desk: Desk) -> None:
    desk.send("dividend", title=f"{desk.symbol} Pumps declares a quarterly dividend of 12 cents per share")
    desk.send("agency", source="reuters", title=f"{desk.symbol} Pumps in talks to buy a rival, sources say")
    gateway.rows(desk.query, 2)
    release, agency = desk.uri("dividend"), desk.uri("agency", "reuters")
    for query, expected in {
        "source=RE": [agency],
        "source=prnewswire": [release],
        "source=RE,PR&limit=1": [agency],
        "language=en": [agency, release],
        "language=fr": [],
        "category=companies.press-releases": [release],
        "category=companies.rumors&category=companies.corporate-actions": [agency, release],
        "category=commodities": [],
    }.items():
        status, text = gateway.get(f"/latest?{desk.query}&{query}")
        assert (status, [row["uri"] for row in json.loads(text)]) == (200, expected), query
    assert gateway.get(f"/latest?ticker=xnas:{desk.symbol.lower()}")[1].count('"uri"') == 2


def test_the_text_of_an_item_is_shown_only_where_its_source_allows_it(gateway: GatewayProcess, desk: Desk) -> None:
    desk.send("free")
    desk.send("owned", source="reuters", title=f"{desk.symbol} Pumps to close a plant in the south")
    gateway.rows(desk.query, 2)
    free = json.loads(gateway.get(f"/items/{desk.uri('free')}")[1])
    owned = json.loads(gateway.get(f"/items/{desk.uri('owned', 'reuters').replace(':', '%3A')}")[1])
    assert [body["role"] for body in free["bodies"]] == ["main"]
    assert ("bodies" in owned, owned["uri"]) == (False, desk.uri("owned", "reuters"))


def test_a_headline_with_markup_is_json_text_on_one_line(gateway: GatewayProcess, desk: Desk) -> None:
    title = f"{desk.symbol} <img src=x onerror=alert(1)>\r\n\r\nevent: reset </script>"
    with Stream(gateway.port, desk.query) as stream:
        assert stream.read_events(1) == [("reset", "start")]
        desk.send("hostile", title=title)
        [(event, row)] = stream.read_data(1)
    assert (event, row["uri"]) == ("item", desk.uri("hostile"))
    assert "<img src=x onerror=alert(1)>" in row["headline"]
    assert "\n" not in row["headline"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/latest?limit=many", 400, "limit is 'many': give how many rows, 1 or more"),
        ("/latest?limit=0", 400, "limit is '0': give how many rows, 1 or more"),
        ("/stream?category=ipos", 400, "there is no category 'ipos': try companies.ipos"),
        ("/latest?categry=markets", 400, "there is no parameter 'categry': use category, ticker, language, source"),
        ("/stream?lastEventId=yesterday", 400, "Last-Event-ID: 'yesterday' is no id of this stream, such as 0:1234"),
        ("/items/urn:newswire:prnewswire:never", 404, "no such story among those that are held here"),
        ("/nothing", 404, "not found: GET /nothing"),
        ("/items/", 404, "not found: GET /items/"),
    ],
)
def test_a_refusal_is_a_sentence(gateway: GatewayProcess, path: str, status: int, said: str) -> None:
    answered, text = gateway.get(path)
    assert answered == status
    assert text.startswith(said)
    assert text.count("\n") == 1


def test_health_and_metrics_are_served(gateway: GatewayProcess) -> None:
    assert gateway.get("/healthz") == (200, "alive\n")
    assert gateway.get("/readyz") == (200, "ready\n")
    answer = json.loads(gateway.get("/status")[1])
    assert (answer["ready"], answer["why"], answer["clients"]) == (True, "", 0)
    status, text = gateway.get("/metrics")
    assert status == 200
    assert "\nnewswire_gateway_clients 0.0\n" in text
    assert "\nnewswire_consumer_lag_records{" in text


def get_bytes(gateway: GatewayProcess, path: str) -> tuple[bytes, str]:
    """Gets a file, which must be there: its bytes and its Content-Security-Policy."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=WAIT)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, path
    return body, answer.headers.get("Content-Security-Policy", "")


def test_the_page_has_a_tab_for_every_category_and_allows_nothing_inline(gateway: GatewayProcess) -> None:
    body, policy = get_bytes(gateway, "/")
    page = body.decode()
    assert [name for name in (LATEST, *SECTIONS) if f'data-category="{name}"' not in page] == []
    companies = get_bytes(gateway, "/companies")[0].decode()
    assert [name for name in CATEGORIES if f'data-category="{name}"' not in companies] == []
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
    assert "unsafe" not in policy
    page = page.replace(f"http://127.0.0.1:{gateway.port}", "")  # its own address, for search engines
    assert [
        part for part in ("<style", " style=", "<script>", " onclick=", "http://", "https://") if part in page
    ] == []
    assert [path for path in FILES if not get_bytes(gateway, path)[0]] == []


def test_a_port_in_use_is_one_sentence(gateway: GatewayProcess, line: Settings) -> None:
    done = flow.newswire(line, "gateway", "--port", str(gateway.port))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines()[-1].startswith(f"cannot listen at 127.0.0.1:{gateway.port} (")


def test_nothing_is_served_before_the_newest_items_are_read() -> None:
    settings = load(environ={})

    async def answers() -> list[tuple[int, str]]:
        hub = Hub()
        app = Gateway(settings, hub, TickerConsumer(settings, hub), Access(settings.gateway, {})).app()
        async with TestClient(TestServer(app)) as client:
            found = []
            for path in ("/readyz", "/latest", "/stream", "/healthz"):
                async with client.get(path) as answer:
                    found.append((answer.status, await answer.text()))
            hub.open(TickerView(10, 10, {0: 0}))
            async with client.get("/latest") as answer:
                found.append((answer.status, await answer.text()))
            return found

    wait = "not ready: waiting for Kafka; try again in a second\n"
    assert asyncio.run(answers()) == [
        (503, "waiting for Kafka\n"),
        (503, wait),
        (503, wait),
        (200, "alive\n"),
        (200, "[]\n"),
    ]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (WorkFailed("Kafka does not answer"), "Kafka does not answer\n"),
        (HistoryTooSlow(), "this takes too long: try again\n"),
    ],
)
def test_what_cannot_be_answered_now_is_503_and_a_sentence(error: WorkFailed, text: str) -> None:
    settings = load(environ={})

    async def fail(_: web.Request) -> web.StreamResponse:
        raise error

    async def answer() -> tuple[int, str]:
        hub = Hub()
        app = Gateway(settings, hub, TickerConsumer(settings, hub), Access(settings.gateway, {})).app()
        app.router.add_get("/desk/item", fail)
        async with TestClient(TestServer(app)) as client, client.get("/desk/item") as found:
            return found.status, await found.text()

    assert asyncio.run(answer()) == (503, text)


def test_a_client_that_does_not_read_is_dropped_and_the_others_receive_everything() -> None:
    settings = load(environ={"NEWSWIRE_GATEWAY__MAX_CLIENTS": "2"})
    count = 12 * MAX_WAITING

    async def run() -> tuple[int, int, int]:
        hub = Hub()
        view = TickerView(10, 10, {0: 0})
        hub.open(view)
        app = Gateway(settings, hub, TickerConsumer(settings, hub), Access(settings.gateway, {})).app()
        async with TestClient(TestServer(app)) as client:
            slow = socket.socket()
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(slow, ("127.0.0.1", client.port))
            await loop.sock_sendall(slow, b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            async with client.get("/stream") as quick:
                while len(hub.clients) < 2:
                    await asyncio.sleep(0.01)
                async with client.get("/stream") as third:
                    refused = third.status
                heard = 0
                for offset in range(count):
                    change = view.apply(0, offset, build_long_item(offset, settings), b"{}")
                    assert change is not None
                    hub.publish(change)
                    while heard < offset - MAX_WAITING // 2:
                        heard += (await quick.content.readline()).startswith(b"event: item")
                while heard < count:
                    heard += (await quick.content.readline()).startswith(b"event: item")
                left = len(hub.clients)
            slow.close()
        return refused, left, heard

    assert asyncio.run(run()) == (503, 1, count)


def build_long_item(number: int, settings: Settings) -> TickerItem:
    event = {
        "uri": f"urn:newswire:x:{number}",
        "version": "1",
        "versionCreated": "2026-03-02T10:00:00Z",
        "headlines": [{"role": "ticker", "value": "A long headline. " * 60}],
    }
    return parse_ticker_item(json.dumps(event).encode(), [("ce_id", b"x/1")], settings.source_table)
