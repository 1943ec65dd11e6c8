"""Sends damaged requests to a gateway with its desk: `python tests/quality/fuzz_http.py [--seconds N] [--seed N]`.

Half of the requests are right HTTP with wrong paths, parameters, headers or bodies; the others have damaged bytes too.
Every answer with a status of 500 or more is a fault, but for 503; it is printed with the seed that builds its request
again (`--only SEED`). At the end the gateway must answer as before, and no command may stand in the log.
"""

import argparse
import json
import random
import re
import socket
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import flow
from support.desk_page import STORY, TOKENS, run_desk
from support.mutations import PIECES, mutate

from streams.config.loader import load
from streams.gateway.history_query import PARAMETERS
from streams.gateway.static_files import FILES
from streams.kafka.embedded import broker
from streams.model.topics import CATEGORIES, LOG

PATHS = (
    *("/", "/latest", "/stream", "/status", "/healthz", "/readyz", "/metrics", "/suggest", "/calendar.ics"),
    *(f"/items/{STORY}", f"/items/{quote(STORY, safe='')}", f"/stories/{STORY}", "/items/", "/news/a-b-0123456789ab"),
    *("/feeds/latest.atom", "/feeds/companies.rss", "/feeds/markets.json", "/company/urn:newswire:company:norwick"),
    *("/desk", "/desk/me", "/desk/lists/duplicates", "/desk/lists/held", f"/desk/item?uri={STORY}", "/desk/actions"),
    *(f"/{category.replace('.', '/')}" for category in CATEGORIES),
    *FILES,
)
POSTS = ("/desk/plan", "/desk/act")
VALUES = (
    *(b"", b"0", b"-1", b"1", b"1000", b"1e9", b"999999999999999999999", b"NaN", b"true", b"null", b"en", b"companies"),
    *(b"2026-03-02T10:00:00Z", b"0001-01-01", b"9999-12-31T23:59:59Z", b"2026-02-30", b"+14:99", b"plant", b'"plant'),
    *(b"plant OR (", b"a* b*", b"NEAR(a b)", b"../../etc/passwd", b"%00", b"%ff", b"a:b:c", b"<script>", b"x" * 9000),
    *PIECES,
)
HEADERS = (
    *(b"Authorization", b"If-None-Match", b"If-Modified-Since", b"Accept-Encoding", b"Accept-Language", b"Range"),
    *(b"X-Forwarded-For", b"X-Forwarded-Proto", b"Last-Event-ID", b"Cookie", b"Origin", b"Sec-Fetch-Site", b"Expect"),
    *(b"Content-Length", b"Transfer-Encoding", b"Content-Type", b"Content-Encoding", b"Connection", b"Upgrade"),
)
ACTIONS = ("kill", "note", "retitle", "refile", "company", "split", "join", "undo", "release", "hold", "none")
ANSWER_SECONDS = 20.0
LARGEST = 60_000


def build_request(seed: int) -> bytes:
    """Builds the request of a seed."""
    chance = random.Random(seed)
    is_post = chance.random() < 0.3
    path = chance.choice(POSTS if is_post else PATHS)
    if chance.random() < 0.2:
        path += "/" + quote_from_bytes(chance.choice(VALUES)[:200])
    pairs = [
        f"{chance.choice((*PARAMETERS, 'limit', 'lastEventId', 'uri', 'q', 'name'))}="
        + quote_from_bytes(chance.choice(VALUES))
        for _ in range(chance.choice((0, 0, 1, 2, 4)))
    ]
    target = path + ("?" if "?" not in path else "&") * bool(pairs) + "&".join(pairs)
    method = "POST" if is_post else chance.choice(("GET", "GET", "GET", "GET", "HEAD", "PUT", "OPTIONS", "DELETE"))
    headers = [b"Host: localhost"]
    if chance.random() < 0.5:
        headers.append(b"Authorization: Bearer " + chance.choice(list(TOKENS.values())).encode())
    headers += [
        chance.choice(HEADERS) + b": " + chance.choice(VALUES)[:4000].replace(b"\n", b"")
        for _ in range(chance.choice((0, 0, 1, 3)))
    ]
    body = b""
    if is_post:
        body = json.dumps(build_body(chance)).encode()
        if chance.random() < 0.3:
            body = mutate(body, chance)[:LARGEST]
        headers += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    request = f"{method} {target} HTTP/1.1\r\n".encode() + b"\r\n".join(headers) + b"\r\n\r\n" + body
    return mutate(request, chance)[:LARGEST] if chance.random() < 0.5 else request


def build_body(chance: random.Random) -> dict[str, object]:
    """Builds what a page of the desk would send, with wrong values."""
    values: tuple[object, ...] = (STORY, "", "x" * 5000, "\ud800", 0, -1, 1e300, None, True, [], [[]], {}, ["markets"])
    names = ("uri", "text", "title", "why", "plan", "categories", "company", "other", "final", "versions")
    body: dict[str, object] = {"action": chance.choice(ACTIONS), "uri": STORY}
    return body | {chance.choice(names): chance.choice(values) for _ in range(chance.randint(0, 4))}


def send(port: int, request: bytes) -> str:
    """Sends a request and returns the status of the answer; `cut` or `none` where there is no whole one."""
    with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            head = b""
            while b"\r\n" not in head and (piece := connection.recv(4096)):
                head += piece
        except TimeoutError:
            return "none"
        except OSError:
            return "cut"
    found = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    return found[1].decode() if found else "cut"


def main() -> int:
    """Runs for the seconds that are given; the exit status is 1 when a request found a fault."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--only", type=int)
    chosen = arguments.parse_args()
    statuses: Counter[str] = Counter()
    found = 0
    with tempfile.TemporaryDirectory(prefix="newswire-fuzz-") as place:
        folder = Path(place)
        with broker.start(folder / "kafka") as kafka:
            prefix = f"fuzz-{uuid.uuid4().hex[:8]}"
            settings = load(environ={"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_TOPICS__PREFIX": prefix})
            with run_desk(settings, folder) as (settings, gateway):
                before, rows = len(flow.read(settings, LOG)), gateway.get("/latest")
                until = time.monotonic() + chosen.seconds
                seed = chosen.only if chosen.only is not None else chosen.seed * 10_000_000
                while time.monotonic() < until and gateway.process.poll() is None:
                    request = build_request(seed)
                    status = send(gateway.port, request)
                    statuses[status] += 1
                    if status.startswith("5") and status != "503":
                        found += 1
                        print(f"seed {seed}: {status} for {request[:300]!r}")
                    if chosen.only is not None:
                        print(f"{request[:2000]!r}\n{status}")
                        break
                    seed += 1
                assert gateway.process.poll() is None, "the gateway has ended"
                assert gateway.get("/latest") == rows, "the gateway answers otherwise than before"
                assert len(flow.read(settings, LOG)) == before, "a request wrote a command"
    print(f"{statuses.total()} requests, {found} faults; answers: {dict(statuses.most_common())}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
