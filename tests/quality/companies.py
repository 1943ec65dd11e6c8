"""Measures companies and tickers on real data: `python tests/quality/companies.py` prints the figures.

It reads ../shared/data: press releases (tickers in brackets, compared with the independent parser below), wire files
with codes, Reuters stories of 1987 (names in headline and first sentence, compared with the marks `<TICKER>` behind
them), and tweets without their cashtags. `--errors SET` prints the disagreements for a reader.
"""

import argparse
import csv
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from streams.model.records import Story
from streams.prepare.companies.identifiers import find_mic, is_valid_isin
from streams.prepare.companies.mentions import find_mentions
from streams.prepare.companies.reference import load_packaged
from streams.prepare.companies.reference_file import listing_key
from streams.prepare.companies.resolve import resolve_companies

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WRITTEN = {
    "XNAS": "nasdaq nasdaqglobalselectmarket nasdaqcapitalmarket nasdaqglobalmarket",
    "XNYS": "nyse nysearca arca nyseamerican nyseamer nysea amex newyorkstockexchange",
    "OTCM": "otc otcqb otcqx otcpink otcpk otcmkts otcmarkets usotc otcid pink pinksheets otcqxbestmarket",
    "XTSE": "tsx tse", "XTSX": "tsxv tsxventure cve", "XCNQ": "cse cnx", "NEOE": "neo cboeca cboecanada",
    "XLON": "lse aim lon",
    "XFRA": "fse fra frankfurt fwb bf frankfurtstockexchange", "XETR": "etr xetr xetra", "XASX": "asx",
    "XSWX": "six", "XCBO": "bats cboe", "XKRX": "kosdaq", "XNSE": "nse", "XSHE": "szse",
}  # fmt: skip
EXCHANGE = {name: operator for operator, names in WRITTEN.items() for name in names.split()}
BRACKET = re.compile(r"[(\[][^()\[\]]*[)\]]")
PAIR = re.compile(
    r"([A-Za-z][A-Za-z. /-]*?)\s*:\s*((?:(?:, ?| and | & )?\$?[A-Z0-9]+(?:[.-][A-Z0-9]+)*(?![a-z:A-Z]| [A-Za-z]*:))+)"
)

Disagreement = tuple[str, str, str]


def releases() -> tuple[Counter[str], list[Disagreement]]:
    """Compares the tickers in the brackets of releases, by (operator of the exchange, ticker)."""
    count: Counter[str] = Counter()
    shown = []
    with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            text = f"{row['title']}\n{row['body']}"
            truth = set()
            for bracket in BRACKET.findall(text):
                for names, symbols in PAIR.findall(bracket):
                    operators = [EXCHANGE.get(re.sub(r"[^a-z]", "", name.lower())) for name in names.split("/")]
                    for symbol in re.findall(r"[A-Z0-9]+(?:[.-][A-Z0-9]+)*", symbols):
                        truth |= {(operator, symbol) for operator in operators if operator}
            found = {
                tuple(listing_key(one.exchange, one.symbol).split(":"))
                for one in find_mentions(row["title"], row["body"], load_packaged())
                if one.how == "bracket" and one.symbol
            }
            compare(count, shown, {(a, b.replace("-", ".")) for a, b in truth}, found, row["id"])
    return count, shown


def compare(count: Counter[str], shown: list[Disagreement], truth: set, found: set, where: object) -> None:
    count.update(right=len(truth & found), gold=len(truth), given=len(found))
    shown += [("WRONG", str(each), str(where)) for each in sorted(found - truth)]
    shown += [("MISSED", str(each), str(where)) for each in sorted(truth - found)]


def wires() -> tuple[Counter[str], list[Disagreement]]:
    """Compares tickers and ISINs of GlobeNewswire and Business Wire files with the codes that a text search finds."""
    from datetime import UTC, datetime

    from streams.model.errors import Reject
    from streams.model.records import Raw, RecordRef, StampedRef
    from streams.prepare.formats.document import Document
    from streams.prepare.formats.registry import find_format

    count: Counter[str] = Counter()
    shown: list[Disagreement] = []
    for path in sorted((DATA / "wire").rglob("*")):
        content = path.read_bytes() if path.is_file() and path.suffix in (".xml", ".newsml", ".json") else b""
        text = content.decode("utf-8", "replace")
        tickers = set(re.findall(r'MWKeyRole:Ticker"[^>]*>([^<:]+):([^<]+)<', text))
        tickers |= {("", one) for one in re.findall(r'"(?:Ticker Symbol)" Value="([^"]+)"', text)}
        isins = set(re.findall(r'"ISIN:([A-Z0-9]{12})"', text))
        if not tickers and not isins:
            continue
        at = StampedRef(RecordRef("news.raw", 0, 0), 0)
        document = Document(Raw(source="x", received=datetime(2026, 1, 1, tzinfo=UTC), body=content, position=at))
        try:
            stories = find_format(document).parse(document)
        except Reject as reject:
            shown.append(("MISSED", reject.message, path.name))
            continue
        codes = [one for story in stories if isinstance(story, Story) for one in story.organisations]
        rows = resolve_companies(Story(organisations=tuple(codes)), load_packaged())[0]
        found = {each.symbol for row in rows for each in row.listings} | {isin for row in rows for isin in row.isins}
        stated = {symbol.strip() for name, symbol in tickers if not name or find_mic(name)} | set(
            filter(is_valid_isin, isins)
        )
        own = {row.key.partition(":")[2] for row in rows} - stated
        compare(
            count,
            shown,
            {one.replace("-", ".") for one in stated},
            {one.replace("-", ".") for one in found - own},
            path.name,
        )
    return count, shown


def first_sentence(body: str) -> str:
    text = " ".join(html.unescape(body).split())
    end = re.search(r"(?<![A-Z])(?<!Inc)(?<!Corp)(?<!Co)(?<!Ltd)(?<!Cos)\. +[A-Z]", text)
    return text[: end.start() + 1] if end else text[:300]


def reuters() -> tuple[Counter[str], list[Disagreement]]:
    """Compares names in headlines and first sentences. A name is right if the mark behind it is the table's ticker.

    A mark that differs may be the same company's ticker of 1987, and most names have none: `read` counts those.
    """
    count: Counter[str] = Counter()
    shown = []
    read = json.loads((Path(__file__).parent / "reuters_read.json").read_text(encoding="utf-8"))
    wrong = {(row["id"], row["company"]) for row in read["wrong"]}
    with (DATA / "labelled" / "reuters21578_public.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            title, sentence = html.unescape(row["title"] or ""), first_sentence(row["body"] or "")
            for one in find_mentions(title, sentence, load_packaged()):
                if one.how != "name" or one.known is None:
                    continue
                company = load_packaged().company(one.known)
                text = title if one.field == "headline" else sentence
                mark = re.match(r"[^<]{0,30}?<([A-Z]+)>", text[one.end :])
                bad = (row["id"], company.name) in wrong
                agrees = bool(mark) and mark[1] in {symbol for _, symbol in company.listings}
                count.update(given=1, right=not bad, marked=bool(mark), agrees=agrees, read=not agrees)
                if not agrees:
                    around = f"{text[max(0, one.start - 40) : one.start]}[{one.name}]{text[one.end : one.end + 40]}"
                    shown.append(("WRONG" if bad else "read", f"{company.name}: {around}", str(row["id"])))
    return count, shown


def tweets() -> tuple[Counter[str], list[Disagreement]]:
    """Compares the companies of tweets with their removed cashtags, for tweets whose tags are all in the table."""
    count: Counter[str] = Counter()
    shown = []
    table = load_packaged()
    with (DATA / "labelled" / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tags = {table.find_by_ticker(tag, "") for tag in row["cashtags"].replace("$", "").split()}
            if not tags or None in tags:
                continue
            masked = re.sub(r"\$[A-Z]+(?:\.[A-Z]+)?\b:?", "", html.unescape(row["text"]))
            rows, _ = resolve_companies(Story(headline=masked), table)
            subjects = [row.listings[0] for row in rows if row.rel == "about" and row.listings]
            about = {
                table.find_by_ticker(one.symbol, one.exchange) for one in subjects if f"({one.symbol})" not in masked
            }
            count.update(items=1, given=len(about), right=len(about & tags), named=bool(about))
            shown += [("WRONG", table.company(one).name, row["text"]) for one in about - tags if one is not None]
    return count, shown


def rate(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def lines() -> Iterator[str]:
    for name, measured in (("tickers in brackets of releases", releases), ("codes of wire files", wires)):
        count, _ = measured()
        yield (
            f"{name}: precision {rate(count['right'], count['given'])}, recall {rate(count['right'], count['gold'])}"
            f" ({count['gold']} stated)"
        )
    count, _ = reuters()
    yield (
        f"names in Reuters headlines and first sentences: precision {rate(count['right'], count['given'])}"
        f" ({count['given']} found; {count['agrees']} by the mark behind them, {count['read']} read by eye)"
    )
    count, _ = tweets()
    yield (
        f"subjects of tweets without cashtags: precision {rate(count['right'], count['given'])} ({count['given']} found"
        f" in {count['named']} of {count['items']})"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--errors", choices=["releases", "wires", "reuters", "tweets"])
    chosen = arguments.parse_args()
    if chosen.errors:
        sets = {"releases": releases, "wires": wires, "reuters": reuters, "tweets": tweets}
        for kind, what, where in sets[chosen.errors]()[1]:
            print(f"{kind:7}{what}  |  {where[:140]}")
    else:
        print("\n".join(lines()))


if __name__ == "__main__":
    main()
