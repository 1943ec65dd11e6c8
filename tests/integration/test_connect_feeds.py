"""The two configuration files of README.md, "Connect your own feeds", as they stand there: real feeds, real broker."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support import flow, readme

pytestmark = pytest.mark.kafka
ITEM = "<item><guid>{0}</guid><title>{0}</title><description>{0}, it said on Monday.</description></item>"
HEADLINES = {
    "/rss": "Norwick Ferries orders two boats from Halvard Marine",
    "/markets/rss": "Stocks end higher in Tessaly as exporters gain",
}
RELEASE = {"id": "A1", "title": "Granite Bank Optics opens a laboratory in Corven", "body": "It has forty rooms."}


@pytest.fixture
def wire() -> Iterator[str]:
    """A provider with two feeds of one entry each; the address that its paths begin with."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<rss><channel>{ITEM.format(HEADLINES[self.path])}</channel></rss>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def test_the_configuration_of_the_readme_brings_feeds_and_a_folder_to_the_topics(
    settings, tmp_path: Path, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    replaced = {
        "https://norvale.example": wire,
        "/var/spool/businesswire": str(spool),
        "http_port = 6166": f"http_port = {free_port()}",
    }
    for name, text in readme.read_configuration().items():
        for written, used in replaced.items():
            text = text.replace(written, used)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("NEWSWIRE_CONFIG", str(tmp_path / "newswire.toml"))
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    checked = flow.newswire(settings, "check")
    assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()
    with flow.run_worker(settings, tmp_path), (tmp_path / "feed.log").open("wb") as said:
        feeding = subprocess.Popen(
            [sys.executable, "-m", "streams", "feed", "--config", str(tmp_path / "feeders.toml")],
            env=flow.environment(settings),
            stderr=said,
        )
        try:
            (spool / "release.json").write_text(json.dumps(RELEASE), encoding="utf-8")
            flow.wait_decided(settings, 3)
            feeding.send_signal(signal.SIGTERM)
            assert feeding.wait(20) == 0
        finally:
            feeding.kill()
            feeding.wait()
        shown = {_headline(row): _distributor(row) for row in map(_event, flow.read(settings, "latest"))}
    assert shown == {**dict.fromkeys(HEADLINES.values(), "NV"), RELEASE["title"]: "BU"}
    assert b"Traceback" not in (tmp_path / "feed.log").read_bytes()
    assert (tmp_path / "feeders.state.json").is_file()


def _event(row: flow.RecordContent) -> dict[str, list[dict[str, str]]]:
    event: dict[str, list[dict[str, str]]] = json.loads(row.value or b"")
    return event


def _headline(event: dict[str, list[dict[str, str]]]) -> str:
    return next(each["value"] for each in event["headlines"] if each["role"] == "main")


def _distributor(event: dict[str, list[dict[str, str]]]) -> str:
    return next(each["literal"] for each in event["infoSources"] if each["role"] == "distributor")
