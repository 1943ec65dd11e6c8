"""CPU time that hostile XML costs until it is refused or made harmless: `python tests/quality/hostile_xml.py`.

Each in the three XML formats of agencies, through the whole of prepare. The limit of issue 6 is 100 ms.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from time import process_time

from streams.config import load
from streams.model import Item, Position, Raw
from streams.prepare.stage import Knowledge, prepare
from streams.shell.knowledge import load_knowledge

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


@cache
def _knowledge() -> Knowledge:
    return load_knowledge(load(environ={}))


def outcome(body: bytes) -> str:
    """`read`, or the code and the message of the refusal."""
    position = Position(topic="news.raw", partition=0, offset=0, timestamp=0)
    raw = Raw(source="x", received=datetime(2026, 3, 2, tzinfo=UTC), body=body, position=position)
    first = prepare(raw, _knowledge())[0]
    return "read" if isinstance(first, Item) else f"{first.code}: {first.message}"


def main() -> None:
    """Prints format, attack, CPU milliseconds and what became of it."""
    over = 0
    outcome(b"<nitf><head><title>warm</title></head></nitf>")
    for name, shell in SHELLS.items():
        for attack, write in ATTACKS.items():
            body = write(shell)
            begin = process_time()
            what = outcome(body)
            spent = (process_time() - begin) * 1000
            over += spent > LIMIT_MS
            print(f"{name:12}{attack:30}{spent:8.1f} ms{'  OVER' if spent > LIMIT_MS else '':7} {what[:70]}")
    print(f"{over} over {LIMIT_MS} ms")


if __name__ == "__main__":
    main()
