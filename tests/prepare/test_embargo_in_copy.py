"""An embargo that the copy states reaches the log from every kind of format, and none of its words is a headline."""

import orjson
import pytest

from streams.config.loader import load
from streams.model import codec
from streams.model.records import Item, RecordRef, StampedRef, Status
from streams.model.timestamps import HOLD
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.loading import load_knowledge

KNOWLEDGE = load_knowledge(load(environ={}))
AT = StampedRef(RecordRef("news.raw", 1, 5), 2_088_147_600_000)
PROSE = (
    "Marl Tools said on Tuesday that it would build a second mill at Ostrava by the end of the year, its third in the"
    " country. The mill will cost 40 million euros and employ 300 people, the company said in a statement."
)
TITLE = "Marl Tools builds a second mill in the north"
UNTIL = "2037-07-09T10:00:00Z"
LINE = "EMBARGOED UNTIL 10:00 GMT, THURSDAY 9 JULY 2037"
RELEASE = f"{LINE}\n\n{TITLE}\n\nDENBY, March 4, 2036 /PRNewswire/ -- {PROSE}\n\nSOURCE Marl Tools"
TWO_LINES = RELEASE.replace(", THURSDAY", "\nTHURSDAY", 1)
MAIL = (
    "From: press@marltools.example\nTo: wire@example.com\nDate: Tue, 04 Mar 2036 09:00:00 +0000\n"
    "Message-ID: <m1@marltools.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
)
RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Marl</title><item><guid>u1</guid><title>{}</title>'
    "<description>{}</description></item></channel></rss>"
)
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>{}</title><meta property="article:published_time"'
    ' content="2036-03-04T09:00:00Z"></head><body>{}<article><h1>{}</h1>{}<p>{}</p></article></body></html>'
)


def prepare_item(body: bytes) -> Item:
    done = prepare_message(RawMessage(AT, (("source", b"norwire"),), body), KNOWLEDGE)
    [record] = [codec.decode(value) for _, value in done.records]
    assert isinstance(record, Item)
    return record


@pytest.mark.parametrize(
    "body",
    [
        RELEASE,
        TWO_LINES,
        f"{MAIL}Subject: {TITLE}\n\n{LINE}\n\n{PROSE}\n",
        f"{MAIL}Subject: EMBARGOED: {TITLE}\n\n{LINE}\n\n{PROSE}\n",
        f"{MAIL}Subject: {TITLE} (embargoed until 10:00 GMT, 9 July 2037)\n\n{PROSE}\n",
        RSS.format(f"{LINE} - {TITLE}", PROSE),
        RSS.format(TITLE, f"&lt;p&gt;{LINE}&lt;/p&gt;&lt;p&gt;{PROSE}&lt;/p&gt;"),
        PAGE.format(TITLE, "", TITLE, f"<p>{LINE}</p>", PROSE),
        PAGE.format(TITLE, f"<div><span>{LINE}</span></div>", TITLE, "", PROSE),
        orjson.dumps({"id": "1", "title": LINE, "body": f"{TITLE}\n\n{PROSE}"}).decode(),
    ],
    ids=["release", "two lines", "mail", "both", "subject", "rss title", "rss text", "page", "above the page", "json"],
)
def test_an_embargo_in_the_copy_withholds_the_item_until_its_time(body: str) -> None:
    item = prepare_item(body.encode())
    event = orjson.loads(bytes(item.event))
    assert (item.embargoed_until, event["embargoedUntil"]) == (UNTIL, UNTIL)
    assert item.headline == TITLE
    assert all("EMBARGO" not in row["value"] for row in event["headlines"])


FORWARD = f"---------- Forwarded message ---------\nFrom: a@marl.example\nDate: x\nSubject: {TITLE}\n\n{PROSE}\n"


@pytest.mark.parametrize(
    "mail",
    [
        f"Subject: {LINE} - Fwd: {TITLE}\n\nSee below.\n\n{FORWARD}",
        f"Subject: Fwd: {LINE}: {TITLE}\n\n{FORWARD}",
        f"Subject: Fwd: {TITLE}\n\nDear all,\n\n{LINE}\n\nBest, Ann\n\n{FORWARD}",
    ],
)
def test_the_embargo_of_a_mail_that_forwards_another_is_not_lost_with_its_words(mail: str) -> None:
    item = prepare_item(f"{MAIL}{mail}".encode())
    assert (item.embargoed_until, item.headline) == (UNTIL, TITLE)
    assert b"Ann" not in bytes(item.event)


@pytest.mark.parametrize(
    ("field", "until"),
    [
        ({"embargoed_until": UNTIL}, UNTIL),
        ({"embargoed": True}, HOLD),
        ({"embargo": "after the speech"}, HOLD),
        ({"embargoed": False}, ""),
        ({"embargo": "none"}, ""),
    ],
)
def test_a_key_of_json_that_names_an_embargo_withholds(field: dict[str, object], until: str) -> None:
    assert prepare_item(orjson.dumps({"title": TITLE, "body": PROSE, **field})).embargoed_until == until


def test_the_embargo_date_of_a_feed_withholds() -> None:
    dated = f'<item xmlns:prism="http://p.example/"><prism:embargoDate>{UNTIL}</prism:embargoDate>'
    assert prepare_item(RSS.format(TITLE, PROSE).replace("<item>", dated).encode()).embargoed_until == UNTIL


def test_an_unreadable_time_is_a_hold_without_embargoed_until() -> None:
    item = prepare_item(orjson.dumps({"title": TITLE, "body": f"EMBARGOED UNTIL THE END OF THE SPEECH\n\n{PROSE}"}))
    assert (item.embargoed_until, item.status) == (HOLD, Status.USABLE)
    assert "embargoedUntil" not in orjson.loads(bytes(item.event))


@pytest.mark.parametrize("status", ["hold", "withheld"])
def test_a_hold_of_the_wire_is_a_withdrawal_with_a_hold_in_the_log(status: str) -> None:
    item = prepare_item(orjson.dumps({"id": "1", "title": TITLE, "body": PROSE, "status": status}))
    assert (item.embargoed_until, item.status) == (HOLD, Status.WITHDRAWN)
    assert "urgency" not in orjson.loads(bytes(item.event))


@pytest.mark.parametrize(
    "item",
    [
        {"title": "EU lifts arms embargo against the isles until 2037", "body": PROSE},
        {
            "title": "Oil embargo bites",
            "body": f"Embargo on oil: ministers met again on 9 July 2037.\n\n{PROSE}",
        },
        {"title": "Marl Tools' game", "body": f"Release date: 9 July 2037\n\n{PROSE}"},
    ],
)
def test_an_item_about_an_embargo_or_a_date_is_not_withheld(item: dict[str, str]) -> None:
    assert prepare_item(orjson.dumps(item)).embargoed_until == ""
