"""Recipe: keeps the stories of topics in a PostgreSQL database, in the table `stories`.

    pip install confluent-kafka pg8000
    python to_postgres.py localhost:9092 news.companies news.markets

`PGHOST` (a host, or the folder of a Unix socket), `PGUSER`, `PGPASSWORD` and `PGDATABASE` say which database. Rows and
positions are committed together, so the program may die at any moment.
"""

import os
import sys

import pg8000.dbapi
from follow import Store, follow

HOST = os.environ.get("PGHOST", "localhost")


def main(brokers: str, *topics: str) -> None:
    """Follows until Ctrl-C."""
    connection = pg8000.dbapi.connect(
        user=os.environ.get("PGUSER", "postgres"),
        password=os.environ.get("PGPASSWORD"),
        database=os.environ.get("PGDATABASE", "postgres"),
        **({"unix_sock": f"{HOST}/.s.PGSQL.5432"} if HOST.startswith("/") else {"host": HOST}),
    )
    for change in follow(brokers, topics, Store(connection, mark="%s")):
        print(change.kind, change.topic, f"{change.uri}/{change.version}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
