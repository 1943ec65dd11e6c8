"""The Kafka Streams example passes the suite, and the recipe for PostgreSQL makes its tables."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support import compaction
from support import consumer_suite as suite

from streams.config.settings import Settings

pytestmark = pytest.mark.system
KTABLE = suite.FOLDER / "ktable"


@pytest.fixture(scope="module")
def _ktable() -> None:
    """Builds the Kafka Streams example."""
    if not (shutil.which("mvn") and shutil.which("java")):
        pytest.skip("needs Maven and a JDK (deploy/debian-packages.sh)")
    command = ["mvn", "-q", "-B", "package", "dependency:copy-dependencies"]
    built = subprocess.run(command, cwd=KTABLE, capture_output=True, text=True, timeout=500, check=False)
    assert built.returncode == 0, built.stdout


def run_ktable(settings: Settings, folder: Path) -> list[list[str]]:
    """Runs the Kafka Streams example until it has the last story of each topic; returns the words of what it prints."""
    output = folder / "out"
    with output.open("wb") as out:
        running = subprocess.Popen(
            [
                *("java", "-cp", f"{KTABLE}/target/classes:{KTABLE}/target/dependency/*", "consumers.Follow"),
                *(settings.kafka.brokers, settings.topics.prefix, str(folder / "state")),
                *map(settings.topics.full, suite.TOPICS),
            ],
            stdin=subprocess.PIPE,
            stdout=out,
        )
    try:
        suite.wait_for_lines(output, suite.has_ends)
        assert running.stdin is not None
        running.stdin.close()
        assert running.wait(60) == 0
    finally:
        running.kill()
    return [line.split(" ", 2) for line in output.read_text().splitlines()]


@pytest.mark.usefixtures("_ktable")
def test_the_kafka_streams_example_makes_the_table_and_the_changes_of_every_sequence(
    settings: Settings, tmp_path: Path
) -> None:
    suite.create_topics(settings)
    suite.write_suite(settings)
    lines = run_ktable(settings, tmp_path)
    for topic in suite.TOPICS:
        full = settings.topics.full(topic)
        changes = suite.group_changes((kind, rest) for kind, of, rest in lines if of == full and kind != "story")
        assert changes == suite.expect_changes(topic)
        items = [json.loads(rest) for kind, of, rest in lines if of == full and kind == "story"]
        table = {item["uri"]: suite.read_row(item) for item in items if item["uri"] != suite.END}
        assert table == suite.expect_table(topic, "version", "headline", "text")


@pytest.mark.usefixtures("_ktable")
def test_the_kafka_streams_example_makes_of_compacted_topics_the_table_of_all_their_records(
    settings: Settings, tmp_path: Path
) -> None:
    effects = compaction.build_effects(200, suite.TOPICS)
    suite.create_topics(settings)
    compaction.write(settings, effects)
    with compaction.busy_cleaner(settings):
        compaction.compact(settings, suite.TOPICS)
    suite.write_records(settings, suite.build_last(suite.END))
    lines = run_ktable(settings, tmp_path)
    for topic in suite.TOPICS:
        full = settings.topics.full(topic)
        table = {
            item["uri"]: item
            for item in (json.loads(rest) for kind, of, rest in lines if (kind, of) == ("story", full))
        }
        del table[suite.END]
        every = compaction.fold((each.key, each.value) for each in effects if each.topic == topic)
        live = {uri: item for uri, item in every.items() if item["pubStatus"] == "usable"}
        assert len(live) > 20
        assert table == live


@pytest.fixture
def postgres() -> Iterator[str]:
    """The folder of the socket of a PostgreSQL server of this test's own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("postgresql is not installed (deploy/debian-packages.sh)")
    programs = found[-1].parent
    # The server refuses to run as root; Debian's package makes a user for it.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with ExitStack() as until:
        # Not below the folder of pytest, which only its own user may enter.
        folder = Path(until.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        if as_user:
            shutil.chown(folder, "postgres")

        def run(*command: str | Path) -> None:
            done = subprocess.run(
                [*as_user, *map(str, command)], cwd=folder, stdout=subprocess.DEVNULL, timeout=120, check=False
            )
            assert done.returncode == 0, command

        data = folder / "data"
        run(programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-N")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run(programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        until.callback(run, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        yield str(folder)


def test_the_recipe_for_postgresql_makes_the_table_of_every_sequence(
    settings: Settings, tmp_path: Path, postgres: str
) -> None:
    dbapi = pytest.importorskip("pg8000.dbapi", reason="pg8000 is not installed (pip install -e '.[system]')")
    suite.create_topics(settings)
    suite.write_suite(settings)
    topics = {settings.topics.full(topic): topic for topic in suite.TOPICS}
    output = tmp_path / "out"

    def run_until(topics_read: int) -> None:
        """Runs the recipe until it has printed the last story of so many topics, and kills it."""
        with output.open("ab") as out:
            running = subprocess.Popen(
                [sys.executable, suite.FOLDER / "to_postgres.py", settings.kafka.brokers, *topics],
                env={**os.environ, "PGHOST": postgres, "PGUSER": "postgres"},
                stdout=out,
            )
        try:
            suite.wait_for_lines(
                output, lambda lines: len({line for line in lines if line.endswith(f" {suite.END}/1")}) >= topics_read
            )
        finally:
            running.kill()
            running.wait()

    run_until(1)
    run_until(len(topics))
    connection = dbapi.connect(user="postgres", unix_sock=f"{postgres}/.s.PGSQL.5432")
    cursor = connection.cursor()
    for full, topic in topics.items():
        cursor.execute("select item from stories where topic = %s and item is not null", (full,))
        items = [json.loads(item) for (item,) in cursor.fetchall()]
        table = {item["uri"]: suite.read_row(item) for item in items if item["uri"] != suite.END}
        assert table == suite.expect_table(topic, "version", "headline", "text")
    connection.close()
