"""Runs a worker and a gateway with the page of the desk, and feeds a story and a copy of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from support import flow
from support.ticker import GatewayProcess

from streams.config.settings import Settings

TOKENS = {"ada": "a-token-of-ada-0001", "bob": "a-token-of-bob-0002", "eve": "a-token-of-eve-0003"}
"""Ada may do everything, Bob may file, Eve may look."""
LINES = "".join(
    f"{name} {roles} {TOKENS[name]}\n" for name, roles in (("ada", "file,withdraw"), ("bob", "file"), ("eve", "look"))
)
STORY, COPY, LAKE = "urn:newswire:testwire:1", "urn:newswire:betawire:2", "urn:newswire:testwire:3"
TEXT = "Norwick Pumps said on Tuesday that it opens a plant in the north of the county with sixty people in May."
ITEMS = [
    ({"id": "1", "title": "Norwick Pumps opens a plant in the north", "body": TEXT}, "testwire"),
    ({"id": "2", "title": "Norwick Pumps opens a plant in the north", "body": f"{TEXT} It said so."}, "betawire"),
    ({"id": "3", "title": "Ducks were seen at the lake again", "body": "Many came to look at them."}, "testwire"),
]
"""A story, a copy of it, and an item of no category."""


@contextmanager
def run_desk(settings: Settings, folder: Path) -> Iterator[tuple[Settings, GatewayProcess]]:
    (folder / "tokens").write_text(LINES)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, folder):
        rows = [(json.dumps(row).encode(), {"source": source}) for row, source in ITEMS]
        flow.wait_decided(settings, flow.send(settings, rows, partition=0))
        switched = {"NEWSWIRE_GATEWAY__DESK": "true", "NEWSWIRE_GATEWAY__DESK_TOKEN_FILE": str(folder / "tokens")}
        gateway = GatewayProcess(settings, **switched)
        try:
            yield settings, gateway
        finally:
            gateway.stop()


def ask(
    gateway: GatewayProcess, path: str, token: str = "", body: object = None, method: str = "", **headers: str
) -> tuple[int, Any]:
    """Sends a request; returns status and JSON or text."""
    connection = HTTPConnection("127.0.0.1", gateway.port, timeout=60)
    given = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        given["Content-Type"] = "application/json"
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        method or ("GET" if body is None else "POST"), path, None if body is None else json.dumps(body), given
    )
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, json.loads(text) if answer.headers.get_content_type() == "application/json" else text
