"""Rule files that file every item of a made-up company in one category, so that an item shows which file it met."""

import json
from collections.abc import Iterator
from pathlib import Path

from streams.model import codec
from streams.model.records import Item
from streams.prepare.classify.rules import load_rule_files

CATEGORIES = ("markets", "economy-forex", "commodities", "interest-rates", "business-leaders", "finance-pro", "sectors")


def write_rules(path: Path, number: int, *, example: str = "Norwick reports") -> str:
    """Puts rules in place at once, as an editor's program does. Returns their version.

    The category of each item tells the number of the rules that it met.
    """
    text = (
        f'[[rule]]\nid = "norwick-{number}"\ncategory = "{CATEGORIES[number % len(CATEGORIES)]}"\n'
        f'any = ["norwick"]\nexamples = ["{example}"]\ncounter_examples = ["Nothing of it"]\n'
    )
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
    return load_rule_files({str(path): text}).version


def build_items(first: int, count: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Builds items that the rules file, each a story of its own."""
    for number in range(first, first + count):
        item = {
            "id": f"n-{number}",
            "title": f"Norwick {number} opens pump hall {number * 7919 % 100_003}",
            "body": f"Hall {number * 104_729 % 1_000_003} of Norwick opened in town {number}. It holds {number} pumps.",
            "language": "en",
        }
        yield json.dumps(item).encode(), {"source": "testwire"}


def read_rule_marks(value: bytes) -> tuple[str, str]:
    """Returns the version of the rules that a log record names, and the id of the rule that filed it."""
    item = codec.decode(value)
    assert isinstance(item, Item)
    creators = [label.creator for label in item.labels if "norwick" in label.creator]
    assert len(creators) == 1, item.labels
    return item.prepared_with["rules"], creators[0]
