"""Makes items under embargo in three formats, and what comes after them: repeats, copies, revisions, kills, junk."""

import json
from collections.abc import Iterator
from xml.sax.saxutils import escape

MARK = "zqx"
"""Each word that only one item has begins with it."""
UNTIL = "2099-01-01T00:00:00Z"
SOURCE = "testwire"
Fields = dict[str, str]


def word(number: int, field: str) -> str:
    """Makes the word that only this field of the item has."""
    letters = "".join("abcdefghij"[int(digit)] for digit in f"{number:03}")
    return f"{MARK}{letters}{field}"


def build_fields(number: int, **changes: str) -> Fields:
    """Builds the texts of an item, with a word of its own in each."""
    own = {field: word(number, field).title() for field in ("head", "body", "caption", "name", "firm", "note", "place")}
    return {
        "id": f"urn:example:item-{number}",
        "version": "1",
        "created": f"2026-03-02T09:{number:02}:00Z",
        "embargo": UNTIL,
        "headline": f"{own['firm']} Inc to buy {own['head']} for {number + 3}.5 million dollars in a deal of shares",
        "body": f"{own['firm']} Inc said on Monday that it would buy the maker of pumps {own['body']} for"
        f" {number + 3}.5 million dollars. {own['name']} Irwell, its chief executive, said that the two would"
        f" open {number + 11} yards in {own['place']} by the end of 2033.",
        "caption": f"The yard of {own['caption']} at dusk.",
        "byline": f"{own['name']} Irwell",
        "note": f"Call {own['note']} with questions.",
        "place": own["place"],
        "firm": f"{own['firm']} Inc",
        **changes,
    }


def build_ninjs(given: Fields) -> bytes:
    picture = {"name": "p", "type": "picture", "uri": "https://pictures.example/1.jpg"}
    return json.dumps(
        {
            "uri": given["id"],
            "type": "text",
            "version": given["version"],
            "versionCreated": given["created"],
            "pubStatus": "usable",
            "embargoedUntil": given["embargo"],
            "edNote": given["note"],
            "by": given["byline"],
            "located": given["place"],
            "headlines": [{"role": "main", "value": given["headline"]}],
            "bodies": [{"role": "main", "value": given["body"]}] if given["body"] else [],
            "organisations": [{"name": given["firm"], "rel": "about"}],
            "associations": [{**picture, "descriptions": [{"role": "caption", "value": given["caption"]}]}],
        }
    ).encode()


def build_newsml(given: Fields) -> bytes:
    said = {name: escape(text) for name, text in given.items()}
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" standard="NewsML-G2" standardversion="2.28"
 guid="{said["id"]}" version="{said["version"]}" xml:lang="en">
 <itemMeta><itemClass qcode="ninat:text"/><provider literal="wire.example"/>
  <versionCreated>{said["created"]}</versionCreated><embargoed>{said["embargo"]}</embargoed>
  <pubStatus qcode="stat:usable"/><edNote>{said["note"]}</edNote></itemMeta>
 <contentMeta><by>{said["byline"]}</by><located><name>{said["place"]}</name></located>
  <headline>{said["headline"]}</headline><description role="drol:summary">{said["caption"]}</description></contentMeta>
 <contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><body>
  <p>{said["body"]}</p></body></html></inlineXML></contentSet>
</newsItem>""".encode()


def build_nitf(given: Fields) -> bytes:
    said = {name: escape(text) for name, text in given.items()}
    stamps = {name: said[name].replace("-", "").replace(":", "") for name in ("created", "embargo")}
    return f"""<nitf><head><docdata management-status="embargoed"><doc-id id-string="{said["id"]}" regsrc="WX"/>
 <date.issue norm="{stamps["created"]}"/><date.release norm="{stamps["embargo"]}"/><ed-msg info="{said["note"]}"/>
 <du-key version="{said["version"]}"/></docdata></head>
<body><body.head><hedline><hl1>{said["headline"]}</hl1></hedline><byline>{said["byline"]}</byline></body.head>
<body.content><p>{said["body"]}</p><media media-type="image"><media-reference mime-type="image/jpeg"
 source="https://pictures.example/2.jpg"/><media-caption>{said["caption"]}</media-caption></media></body.content></body>
</nitf>""".encode()


FORMATS = (build_ninjs, build_newsml, build_nitf)


def build_item(number: int, **changes: str) -> bytes:
    return FORMATS[number % len(FORMATS)](build_fields(number, **changes))


def list_followers(number: int) -> Iterator[tuple[str, bytes, str]]:
    """Yields what comes after item `number` and before its release: kind, bytes and source. All claim its embargo."""
    given = build_fields(number)
    longer = f"{given['body']} It is the first such deal of {word(number, 'more').title()}."
    newer = {"version": "2", "created": f"2026-03-02T10:{number:02}:00Z"}
    yield "repeat", build_item(number), SOURCE
    kinds: list[tuple[str, bytes, str]] = [
        ("near copy", build_item(number, body=longer, id=f"urn:example:copy-{number}"), "otherwire"),
        ("near copy of one wire", build_item(number, body=longer, id=f"urn:example:copy-{number}"), SOURCE),
        ("revision", build_item(number, body=longer, **newer), SOURCE),
        ("headline alone", build_item(number, body="", headline=f"{given['headline']} on Friday", **newer), SOURCE),
        ("advisory", build_item(number, body="", note=f"ADVISORY: {given['note']}", **newer), SOURCE),
        ("late version", build_item(number, created="2026-03-02T08:00:00Z", version="0"), SOURCE),
        ("broken", build_item(number)[:-30] + b"<zqxbroken/>&zqxentity;", SOURCE),
        ("no time", build_item(number, embargo=f"when {word(number, 'time')} says"), SOURCE),
        ("no item", build_item(number, body="", headline="", caption="", note=""), SOURCE),
    ]
    yield kinds[number % len(kinds)]
    yield "repeat", build_item(number), SOURCE
    if number % 7 == 6:
        notice = {**newer, "version": "3", "headline": f"KILL: {given['headline']}", "created": "2026-03-02T11:30:00Z"}
        yield "kill", build_item(number, body=f"Please kill {word(number, 'kill')}.", **notice), SOURCE
        again = {**notice, "version": "4", "created": "2026-03-02T11:40:00Z", "note": f"Kill {word(number, 'again')}"}
        yield "kill", build_item(number, body="", embargo="", **again), SOURCE
