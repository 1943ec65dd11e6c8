"""Measures the CPU time of hostile items until they are refused or harmless: `python tests/quality/hostile.py [WORD…]`.

The attacks are XML in three formats of agencies, web pages, JSON, text and mail, each through the whole of prepare.
The limit is 100 ms. With words it runs only the attacks whose names contain one of them.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from time import process_time

from streams.config.loader import load
from streams.model.records import Item, Raw, RecordRef, StampedRef
from streams.prepare.loading import load_knowledge
from streams.prepare.stage import Knowledge, prepare

LIMIT_MS = 100
SHELLS = {
    "newsml-g2": '{0}<newsItem standard="NewsML-G2" guid="g"><contentMeta><headline>h{2}</headline></contentMeta>'
    "<contentSet><inlineXML><html><body>{1}</body></html></inlineXML></contentSet></newsItem>",
    "newsml-1.2": "{0}<NewsML><NewsItem><NewsComponent><NewsLines><HeadLine>h{2}</HeadLine></NewsLines><ContentItem>"
    "<DataContent><nitf><body><body.content>{1}</body.content></body></nitf></DataContent></ContentItem>"
    "</NewsComponent></NewsItem></NewsML>",
    "nitf": "{0}<nitf><head><title>h{2}</title></head><body><body.content>{1}</body.content></body></nitf>",
}
N = 100_000


def _bomb() -> str:
    steps = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY l0 "lol">{steps}]>'


ATTACKS: dict[str, Callable[[str], bytes]] = {
    "entity bomb": lambda shell: shell.format(_bomb(), "<p>&l9;</p>", "").encode(),
    "entity bomb in an attribute": lambda shell: shell.format(_bomb(), '<p id="&l9;"/>', "").encode(),
    "one long entity, often": lambda shell: shell.format(
        f'<!DOCTYPE x [<!ENTITY l "{"x" * N}">]>', "<p>&l;</p>" * 1000, ""
    ).encode(),
    "declared entities, many": lambda shell: shell.format(
        "<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "x">' for n in range(N)) + "]>", "<p>x</p>", ""
    ).encode(),
    "characters of HTML, many": lambda shell: shell.format(
        "<!DOCTYPE x SYSTEM 'x.dtd'>", f"<p>{'&eacute;' * N}</p>", ""
    ).encode(),
    "external entity": lambda shell: shell.format(
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "<p>&f;</p>", ""
    ).encode(),
    "external DTD": lambda shell: shell.format('<!DOCTYPE x SYSTEM "file:///etc/passwd">', "<p>a</p>", "").encode(),
    "nested tags": lambda shell: shell.format("", "<p>" * N + "</p>" * N, "").encode(),
    "nested tags, never closed": lambda shell: shell.format("", "<p>" * N, "").encode(),
    "attributes, many": lambda shell: shell.format(
        "", "<p " + " ".join(f'a{n}="x"' for n in range(N)) + ">x</p>", ""
    ).encode(),
    "elements, many": lambda shell: shell.format("", "<p>x</p>" * N, "").encode(),
    "truncated": lambda shell: (shell.format("", "<p>x</p>" * 1000, ""))[:4000].encode(),
    "NUL bytes": lambda shell: shell.format("", "<p>x</p>", "\0").encode(),
    "invalid UTF-8": lambda shell: (
        b"<?xml version='1.0' encoding='utf-8'?>"
        + shell.format("", "<p>x</p>", "?").encode().replace(b"?", b"\xff\xfe\x80")
    ),
    "UTF-16 without BOM": lambda shell: shell.format("", "<p>x</p>", "").encode("utf-16-le"),
    "UTF-16 declared, UTF-8 sent": lambda shell: (
        '<?xml version="1.0" encoding="UTF-16"?>' + shell.format("", "<p>x</p>", "")
    ).encode(),
    "long headline": lambda shell: shell.format("", "<p>x</p>", "x " * N).encode(),
    "comments, many": lambda shell: shell.format("", "<p>x</p>" + "<!---->" * N, "").encode(),
}

_PAGE = (
    "<!doctype html><html><head><title>Norwick</title>{0}</head><body><article><h1>h</h1>{1}</article></body></html>"
)
_LD = '<script type="application/ld+json">{0}</script>'


def _page(head: str = "", body: str = "<p>x</p>") -> bytes:
    return _PAGE.format(head, body).encode()


_RELEASE = b"Norwick orders\n\nMARL, Dec. 10, 2021 /PRNewswire/ -- "
_SENTENCE = "The company said that sales rose. "
OTHERS: dict[str, Callable[[], bytes]] = {
    "page: siblings": lambda: _page(body="<p>x</p>" * N),
    "page: nested tags": lambda: _page(body="<div>" * (N // 3)),
    "page: nested tables": lambda: _page(body="<table><tr><td>" * 10_000),
    "page: attributes, many": lambda: _page(body="<p " + " ".join(f'a{n}="x"' for n in range(N)) + ">x</p>"),
    "page: links, many": lambda: _page(body='<a href="http://x.example/">x</a> ' * N),
    "page: table, huge": lambda: _page(body="<table>" + "<tr><td>1</td><td>2</td></tr>" * N + "</table>"),
    "page: meta, many": lambda: _page('<meta name="author" content="x">' * (N // 3)),
    "page: JSON-LD, deep": lambda: _page(_LD.format("[" * N + "]" * N)),
    "page: comments, many": lambda: _page(body="<!---->" * (N // 3) + "<p>x</p>"),
    "page: script, large": lambda: _page("<script>" + "var x=1;" * N + "</script>"),
    "page: tag, never closed": lambda: _page(body="<p " + 'a="' * N),
    "page: handler and script": lambda: _page(
        body='<p onclick="x()">x</p><a href="javascript:x()">y</a><script>z</script>'
    ),
    "page: as large as may be": lambda: _page(body=f"<p>{_SENTENCE}</p>" * 5_800),
    "JSON: nested": lambda: b'{"title":"x","body":' + b"[" * N,
    "JSON: nested and closed": lambda: b'{"title":"x","body":' + b"[" * 900 + b"]" * 900 + b"}",
    "JSON: HTML with siblings": lambda: b'{"title":"x","body":"' + b"<p>x</p>" * N + b'"}',
    "RSS: items, many": lambda: b"<rss><channel>" + b"<item><title>x</title></item>" * N + b"</channel></rss>",
    "text: one long line": lambda: _RELEASE + (_SENTENCE * 3_000).encode() + b"\n\nSOURCE Norwick",
    "mail: parts, many": lambda: (
        b"From: a@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Type: text/plain\n\nx\n" * N
    ),
}


@cache
def _knowledge() -> Knowledge:
    return load_knowledge(load(environ={}))


def outcome(body: bytes) -> str:
    """Prepares an item. Returns `read`, or the code and the message of the refusal."""
    position = StampedRef(RecordRef("news.raw", 0, 0), 0)
    raw = Raw(source="x", received=datetime(2026, 3, 2, tzinfo=UTC), body=body, position=position)
    first = prepare(raw, _knowledge())[0]
    return "read" if isinstance(first, Item) else f"{first.code}: {first.message}"


def main() -> None:
    """Prints format, attack, CPU milliseconds and result of each attack."""
    over = 0
    outcome(b"<nitf><head><title>warm</title></head></nitf>")
    outcome(_page(body=f"<p>{_SENTENCE}</p>"))
    items = [
        (f"{name}: {attack}", partial(write, shell))
        for name, shell in SHELLS.items()
        for attack, write in ATTACKS.items()
    ]
    for name, make in (*items, *OTHERS.items()):
        if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
            continue
        body = make()
        begin = process_time()
        what = outcome(body)
        spent = (process_time() - begin) * 1000
        over += spent > LIMIT_MS
        print(f"{name:42}{spent:8.1f} ms{'  OVER' if spent > LIMIT_MS else '':7} {what[:70]}", flush=True)
    print(f"{over} over {LIMIT_MS} ms")


if __name__ == "__main__":
    main()
