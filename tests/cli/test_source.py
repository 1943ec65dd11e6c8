"""`newswire source try`: what a new feed would bring, from a file, a folder and an address."""

import http.server
import json
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.wait import wait_until

from streams.cli.main import main

ITEMS = [
    {
        "id": "a-1",
        "title": "Tessaly Foods opens a mill in the north",
        "body": "Tessaly Foods opened a mill.",
        "language": "en",
    },
    {
        "id": "a-2",
        "title": "Tessaly Foods opens a mill in the north",
        "body": "Tessaly Foods opened a mill.",
        "language": "en",
    },
    {
        "id": "a-3",
        "title": "Crude oil prices fall 3% as output rises",
        "date": "2026-03-02T10:00:00Z",
        "language": "en",
    },
    {"title": 4.5},
]
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Nor Wire</title>
<item><guid>urn:n:1</guid><title>Norwick opens a pump hall in the town of Ostby</title>
<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>"""


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["source", "try", *arguments])
    output = capsys.readouterr()
    return int(ended.value.code or 0), output.out, output.err


def test_a_file_shows_what_it_would_bring_and_the_settings_to_paste(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in ITEMS))
    status, out, err = run(capsys, str(file), "--source", "norwire")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[:6] == [
        "items      4, of them 3 can be read",
        "format     plain-json 4",
        "language   en 3",
        "times      received 2, wire 1  (received: the wire gives none, or none with a zone)",
        "ids        3 of 3 items have one, 0 with a version; 0 stand at several items",
        "duplicates 1 among them",
    ]
    assert any(line.startswith("published  ") and "commodities" in line for line in lines)
    settings = tomllib.loads(out[out.index("# newswire.toml") :])
    assert settings["sources"]["norwire"]["language"] == "en"


def test_an_address_is_fetched_once_and_its_feed_is_configured_too(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(FEED) as url:
        status, out, err = run(capsys, url, "--source", "nor-wire")
    assert (status, err) == (0, "")
    assert "format     rss 1" in out
    settings = tomllib.loads(out[out.index("# newswire.toml") :])
    assert settings["feeds"] == {"nor-wire": {"url": url, "seconds": 60}}


@pytest.mark.parametrize(
    ("place", "status", "sentence"),
    [
        ("gone", 2, "gone: there is no such file or folder, and it is no web address"),
        ("http://127.0.0.1:1/feed", 1, "http://127.0.0.1:1/feed: "),
    ],
)
def test_a_place_without_items_is_one_sentence(
    capsys: pytest.CaptureFixture[str], place: str, status: int, sentence: str
) -> None:
    found, out, err = run(capsys, place)
    assert (found, out, sentence in err) == (status, "", True)


@contextmanager
def serve(body: bytes) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        wait_until(thread.is_alive)
        yield f"http://127.0.0.1:{server.server_port}/rss"
        server.shutdown()
