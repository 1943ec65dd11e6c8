"""Items of invented companies for integration tests: plain JSON with copies, revisions, kills and malformed items."""

import json
import random
from collections.abc import Iterator

COMPANIES = ("Norwick Pumps", "Halvard Marine", "Tessaly Foods", "Brightwater Rail", "Okoro Minerals")
DOINGS = (
    "declares a quarterly dividend of {n} cents per share",
    "appoints Dana Irwell as chief financial officer number {n}",
    "signs a supply agreement worth {n} million dollars",
    "to acquire a stake of {n} percent in a rival",
    "opens plant number {n} in the north",
)
SOURCES = ("testwire", "prnewswire", "globenewswire")


def mixed_items(count: int, *, seed: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Yields values and headers for news.raw. A seed always gives the same items."""
    rng = random.Random(seed)
    made: list[dict[str, str]] = []
    for number in range(count):
        kind = rng.random()
        headers = {
            "source": rng.choice(SOURCES),
            "received-at": f"2026-03-02T10:{number // 60 % 60:02}:{number % 60:02}Z",
        }
        if made and kind < 0.15:  # the same item again
            item = dict(rng.choice(made))
        elif made and kind < 0.25:  # a new version with another text
            item = dict(rng.choice(made))
            item["version"] = str(int(item["version"]) + 1 + number)
            item["body"] = f"{item['body']} The figure was revised to {number}."
        elif made and kind < 0.30:  # a kill
            item = {
                "id": rng.choice(made)["id"],
                "version": str(10_000 + number),
                "status": "killed",
                "title": "KILL",
            }
        elif kind < 0.35:
            yield b'{"title": "broken ' + str(number).encode(), headers
            continue
        else:
            headline = f"{rng.choice(COMPANIES)} {rng.choice(DOINGS).format(n=number)}"
            item = {
                "id": f"item-{number}",
                "version": "1",
                "date": f"2026-03-02T09:{number // 60 % 60:02}:{number % 60:02}Z",
                "title": headline,
                "body": f"{headline}, the company said on Monday. It is release {number} of this test.",
            }
            made.append(item)
        yield json.dumps(item).encode(), headers
