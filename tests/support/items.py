"""Items of invented companies for flows: plain JSON and ninjs with copies, revisions, kills and broken ones."""

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
    """Values and headers for news.raw, the same for the same seed."""
    dice = random.Random(seed)
    made: list[dict[str, str]] = []
    for number in range(count):
        kind = dice.random()
        headers = {
            "source": dice.choice(SOURCES),
            "received-at": f"2026-03-02T10:{number // 60 % 60:02}:{number % 60:02}Z",
        }
        if made and kind < 0.15:  # the same item again
            item = dict(dice.choice(made))
        elif made and kind < 0.25:  # a new version with another text
            item = dict(dice.choice(made))
            item["version"] = str(int(item["version"]) + 1 + number)
            item["body"] = f"{item['body']} The figure was revised to {number}."
        elif made and kind < 0.30:  # a kill
            item = {
                "id": dice.choice(made)["id"],
                "version": str(10_000 + number),
                "status": "killed",
                "title": "KILL",
            }
        elif kind < 0.35:
            yield b'{"title": "broken ' + str(number).encode(), headers
            continue
        else:
            headline = f"{dice.choice(COMPANIES)} {dice.choice(DOINGS).format(n=number)}"
            item = {
                "id": f"item-{number}",
                "version": "1",
                "date": f"2026-03-02T09:{number // 60 % 60:02}:{number % 60:02}Z",
                "title": headline,
                "body": f"{headline}, the company said on Monday. It is release {number} of this test.",
            }
            made.append(item)
        yield json.dumps(item).encode(), headers
