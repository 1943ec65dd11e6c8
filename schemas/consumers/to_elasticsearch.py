"""Recipe: prints the changes of topics in the bulk format of Elasticsearch and OpenSearch.

    pip install confluent-kafka
    python to_elasticsearch.py localhost:9092 positions.db news.companies |
        split -l 1000 --filter 'curl -sf -H "Content-Type: application/x-ndjson" --data-binary @- $ES/_bulk'

The index has the name of the topic. `external_gte` makes the index refuse an older version, so lines may be sent twice.
"""

import hashlib
import json
import sqlite3
import sys

from follow import Change, Store, follow

MAX_ID = 512
"""The most bytes of an `_id`."""


def format_bulk(change: Change) -> str:
    """Formats a change as lines of the bulk format: `index` with the story, or `delete`."""
    name = change.uri if len(change.uri) <= MAX_ID else hashlib.sha256(change.uri.encode()).hexdigest()
    place = {"_index": change.topic, "_id": name, "version": change.version, "version_type": "external_gte"}
    lines = [{"delete": place}] if change.item is None else [{"index": place}, change.item]
    return "".join(f"{json.dumps(line)}\n" for line in lines)


if __name__ == "__main__":
    for each in follow(sys.argv[1], sys.argv[3:], Store(sqlite3.connect(sys.argv[2]))):
        sys.stdout.write(format_bulk(each))
        sys.stdout.flush()
