"""A withdrawn story leaves an archive with every word, and a replay of what is left withdraws it again."""

import json
import random
from pathlib import Path

import pytest
import zstandard
from support import archiving
from support.builders import build_command
from support.recorded_system import RecordedSystem, encode_decision
from support.replay_comparison import with_rules

from streams.archive.files import require_head
from streams.archive.manifest import DueWithdrawal
from streams.archive.store import ArchiveStore, FolderStore
from streams.archive.verify import verify_archive
from streams.archive.withdrawals import note_decision, redact_command
from streams.config.loader import load
from streams.model import codec
from streams.model.topics import CATEGORIES, DECISIONS, DUPLICATES, LATEST
from streams.prepare.loading import load_knowledge

WORD = "zqxmarkle"
"""A word that only the killed story has, and its copies and revisions."""


def item(number: int, title: str, **more: str) -> bytes:
    body = f"{title}, the company said on Monday. It is one release of this test, and there is more of it."
    return json.dumps({"id": f"n-{number}", "version": "1", "title": title, "body": body, **more}).encode()


def send(system: RecordedSystem, source: str, body: bytes, minute: int) -> str:
    headers = (("source", source.encode()), ("received-at", f"2026-03-03T10:{minute:02}:00Z".encode()))
    (decision, *_) = system.send_raw(body, (*headers, ("origin", f"https://a.example/{minute}".encode())), minute % 3)
    return decision.uri


@pytest.fixture
def system() -> RecordedSystem:
    """A story with a copy, a revision and what editors did about it, among other stories; then it is killed."""
    made = RecordedSystem()
    made.send(40, seed=12, days=3)
    bad = f"Norwick Pumps {WORD} declares a dividend of 7 cents"
    uri = send(made, "testwire", item(1, bad), 0)
    assert send(made, "prnewswire", item(2, bad), 1) == uri
    send(made, "testwire", item(1, f"{bad} and more", version="2"), 2)
    send(made, "testwire", item(3, "Halvard Marine appoints Dana Irwell as chief financial officer"), 3)
    made.command("retitle", uri, id="c1", format=3, detail={"title": f"The {WORD} dividend", "ticker": WORD})
    made.command("note", uri, id="c2", format=3, detail={"note": f"see {WORD}"})
    joined = send(made, "testwire", item(4, f"Tessaly Foods {WORD} opens plant number 4 in the north"), 4)
    made.command("join", joined, id="c3", format=3, detail={"into": uri})
    made.uri = uri
    made.joined = joined
    return made


def plain(store: ArchiveStore) -> bytes:
    """Returns all that stands in the files, uncompressed."""
    found = b""
    for path, _ in store.list():
        data = store.read(path)
        found += (
            zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
            if path.endswith("zst")
            else data
        )
    return found


def purge(system: RecordedSystem, store: ArchiveStore, now: int) -> frozenset[str]:
    """Takes out what is due, as `newswire archive` does."""
    writer = archiving.open_writer(store)
    due = frozenset(uri for uri, each in writer.head.withdrawn.items() if each.due <= now and not each.purged)
    if due:
        writer.purge(due, system.prepare)
    return due


def test_no_word_of_a_story_that_was_killed_for_good_is_left_and_it_stays_withdrawn(
    system: RecordedSystem, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path)
    archiving.archive(system, store, random.Random(1))
    assert plain(store).count(WORD.encode()) > 6
    kill = system.command("kill", system.uri, detail={"final": True}, why="a court order")
    send(system, "prnewswire", item(5, f"Norwick Pumps {WORD} declares a dividend of 7 cents"), 9)
    archiving.archive(system, store, random.Random(2))
    due = purge(system, store, kill.log_offset + system.topics[DECISIONS][-1].timestamp)
    assert system.uri in due
    assert WORD.encode() not in plain(store)
    assert b"a court order" in plain(store)
    assert verify_archive(store).problems == []

    effects = archiving.replay(system, str(tmp_path))
    assert not any(WORD.encode() in (each.value or b"") for each in effects)
    for topic in (LATEST, *CATEGORIES):
        assert archiving.find_newest(effects, topic) == system.find_newest(topic), topic
    gone = {system.uri.encode(), system.joined.encode()}
    others = {key: value for key, value in system.find_newest(DUPLICATES).items() if key not in gone | due_keys(due)}
    assert archiving.find_newest(effects, DUPLICATES).items() >= others.items()
    recorded = [json.loads(row.value or b"") for row in system.topics[DECISIONS]]
    decided = [json.loads(each.value or b"") for each in effects if each.topic == DECISIONS]
    fields = ("log_offset", "fate", "uri", "version", "topics", "left", "origin", "action", "received")
    assert [[row[name] for name in fields] for row in decided] == [[row[name] for name in fields] for row in recorded]


def due_keys(due: frozenset[str]) -> set[bytes]:
    return {each.encode() for each in due}


def test_a_kill_with_an_undo_leaves_the_words_until_it_can_no_longer_be_taken_back(
    system: RecordedSystem, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path)
    system.command("kill", id="k1", detail={"uris": [system.uri]})
    killed = system.topics[DECISIONS][-1].timestamp
    archiving.archive(system, store, random.Random(3))
    assert system.uri not in purge(system, store, killed + archiving.UNDO_MS - 1)
    assert WORD.encode() in plain(store)
    assert system.uri in purge(system, store, killed + archiving.UNDO_MS)
    assert WORD.encode() not in plain(store)


def test_what_comes_later_of_a_purged_story_goes_too(system: RecordedSystem, tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    system.command("kill", system.uri, detail={"final": True})
    archiving.archive(system, store, random.Random(4))
    now = system.topics[DECISIONS][-1].timestamp + 1000
    assert system.uri in purge(system, store, now)
    assert purge(system, store, now) == frozenset()
    send(system, "testwire", item(1, f"Norwick Pumps {WORD} is back", version="9"), 20)
    archiving.archive(system, store, random.Random(5))
    assert WORD.encode() in plain(store)
    assert purge(system, store, now + 10_000) == {system.uri}
    assert WORD.encode() not in plain(store)


@pytest.mark.parametrize("seed", range(3))
def test_a_purge_that_is_killed_is_done_whole_by_the_next_one(
    system: RecordedSystem, tmp_path: Path, seed: int
) -> None:
    store, rng, kills = FolderStore(tmp_path), random.Random(seed), 0
    system.command("kill", system.uri, detail={"final": True})
    archiving.archive(system, store, rng)
    now = system.topics[DECISIONS][-1].timestamp
    while True:
        try:
            purge(system, archiving.MortalStore(store, rng.randrange(0, 12)), now)
            break
        except archiving.Killed:
            kills += 1
            assert verify_archive(store).problems == []
    assert kills
    archiving.open_writer(store).flush()
    listed = [path for path, _ in store.list()]
    head, _ = require_head(store)
    assert head.withdrawn[system.uri].purged
    assert head.replaced == []
    assert listed
    assert WORD.encode() not in b"".join(
        row.value or b"" for kind in ("raw", "commands", "decisions") for row in archiving.read_all(store, kind)
    )


def test_a_held_or_joined_story_stays_and_an_undone_kill_is_forgotten(system: RecordedSystem) -> None:
    joined = next(each for each in system.decisions if each.action == "join")
    assert note_decision({}, joined, 5, 100) == {}
    kill = system.command("kill", id="k1", detail={"uris": [system.uri]})
    assert note_decision({}, kill, 5, 100) == {system.uri: DueWithdrawal(due=105, seen=5)}
    known = {system.uri: DueWithdrawal(due=105, seen=5, purged=True)}
    late = send(system, "testwire", item(1, "Norwick Pumps is back", version="9"), 30)
    assert late == system.uri
    assert note_decision(known, system.decisions[-1], 50, 100) == {system.uri: DueWithdrawal(due=105, seen=50)}
    final = system.decisions[-1]
    assert encode_decision(final)
    shown = next(each for each in system.decisions if each.outcome == "published" and each.uri == system.uri)
    assert note_decision(known, shown, 60, 100) == {system.uri: None}


def test_of_a_command_about_several_stories_only_the_withdrawn_ones_are_taken_out() -> None:
    stories = [{"uri": "urn:a", "event": "words of a"}, {"uri": "urn:b", "event": "words of b"}]
    undo = build_command("undo", "", detail={"command": "k1", "action": "kill", "stories": stories})
    left = redact_command(codec.encode(undo), {"urn:a"})
    assert left is not None
    assert b"words of a" not in left
    assert b"words of b" in left
    assert redact_command(codec.encode(undo), {"urn:a", "urn:b"}) is None
    kill = codec.encode(build_command("kill", "urn:a"))
    assert redact_command(kill, {"urn:a"}) == kill
    assert redact_command(codec.encode(build_command("retitle", "urn:a", detail={"title": "x"})), {"urn:a"}) is None


def test_other_stories_of_the_same_raw_record_stay_as_they_were_prepared(
    system: RecordedSystem, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path)
    titles = (
        "Okoro Minerals opens a mine in the south",
        f"Brightwater Rail {WORD} buys 40 trains",
        "Tarn Foods names a chief",
    )
    entries = "".join(
        f"<item><guid>p-{number}</guid><title>{title}</title><description>{title}, it said.</description></item>"
        for number, title in enumerate(titles)
    )
    feed = f'<rss version="2.0"><channel><title>A feed</title>{entries}</channel></rss>'.encode()
    decided = system.send_raw(feed, (("source", b"testwire"), ("received-at", b"2026-03-03T10:40:00Z")))
    assert [each.outcome for each in decided] == ["published"] * 3
    for each in (decided[1], decided[0]):
        system.command("kill", each.uri, detail={"final": True})
        archiving.archive(system, store, random.Random(6))
        assert each.uri in purge(system, store, system.topics[DECISIONS][-1].timestamp)
        effects = archiving.replay(system, str(tmp_path))
        assert archiving.find_newest(effects, LATEST) == system.find_newest(LATEST)
    assert b"Brightwater" not in plain(store)
    assert b"Okoro Minerals" not in plain(store)
    assert b"Tarn Foods names a chief" in plain(store)


def test_other_rules_file_live_stories_of_an_archive_again_and_no_withdrawn_one(
    system: RecordedSystem, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "archive")
    for number in range(3):
        send(
            system,
            "testwire",
            item(60 + number, f"Norwick Pumps opens plant number {number} in the north"),
            30 + number,
        )
    killed = system.decisions[-1].uri
    system.command("kill", killed, detail={"final": True})
    archiving.archive(system, store, random.Random(7))
    assert killed in purge(system, store, system.topics[DECISIONS][-1].timestamp)
    _, same = archiving.compare(store.name, system.knowledge)
    assert (same.outcomes, same.reclassified()) == ([], [])
    changed = load_knowledge(with_rules(load(environ={}), tmp_path, "commodities"))
    _, other = archiving.compare(store.name, changed)
    found = {each.difference.uri: each for each in other.reclassified()}
    assert {"urn:newswire:testwire:n-60", "urn:newswire:testwire:n-61"} <= found.keys()
    assert killed not in found
    assert "commodities" in found["urn:newswire:testwire:n-60"].difference.categories_now
