"""Measures how often the language of a short text is right: `python tests/quality/language.py [--errors]`.

The texts are English headlines of releases, tweets and Reuters, and sentences and headlines of fundus pages in other
languages (by the country of the paper), cut to twelve words. Half of each page's sentences, chosen by SHA-256, counts.
"""

import argparse
import csv
import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from streams.prepare.text.language import detect_language, load_language_model

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PAPERS = {
    "at": "de", "de": "de", "es": "es", "fr": "fr", "it": "it", "be": "nl", "dk": "da", "no": "no", "se": "sv",
    "pl": "pl", "ru": "ru", "ua": "uk", "jp": "ja", "kr": "ko", "tr": "tr", "id": "id",
}  # fmt: skip
STEMS = {"TheJapanNews": "en", "DWEN": "en", "MallorcaZeitung": "de", "Tageszeitung": "de", "Pravda": "ru"}
"""Papers whose language is not that of their country."""
WORDS = 12
FEWEST = 5


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def pages() -> Iterator[tuple[str, str]]:
    for path in sorted((DATA / "html" / "fundus").glob("*/*.json")):
        spoken = STEMS.get(path.stem) or PAPERS.get(path.parent.name)
        if spoken is None:
            continue
        for text in strings(json.loads(path.read_text(encoding="utf-8"))):
            for sentence in re.split(r"(?<=[.!?。])\s*|\n", text):
                east = spoken in ("ja", "ko")
                words = sentence.split()
                if len(sentence) > 14 and "http" not in sentence and (east or len(words) >= FEWEST):
                    yield spoken, sentence[:30] if east else " ".join(words[:WORDS])


def english() -> Iterator[tuple[str, str]]:
    with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as lines:
        yield from (("en", json.loads(line)["title"]) for line in lines)
    with (DATA / "labelled" / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
        yield from (("en", re.sub(r"https?://\S+", "", html.unescape(row["text"]))) for row in csv.DictReader(file))
    with (DATA / "labelled" / "reuters21578_public.jsonl").open(encoding="utf-8") as lines:
        yield from (("en", html.unescape(json.loads(line)["title"])) for line in lines)


def reported(text: str) -> bool:
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--errors", action="store_true", help="mistakes of the other half")
    chosen = arguments.parse_args()
    cases = [
        (spoken, text)
        for spoken, text in dict.fromkeys((*pages(), *english()))
        if (spoken in ("ja", "ko") or len(text.split()) >= FEWEST) and reported(text) is not chosen.errors
    ]
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    load_language_model()
    begin = process_time()
    given = [detect_language("", text, "") for _, text in cases]
    spent = process_time() - begin
    for (spoken, text), found in zip(cases, given, strict=True):
        total[spoken] += 1
        right[spoken] += found == spoken
        silent[spoken] += not found
        if chosen.errors and found != spoken:
            print(f"{spoken} {found or '-':3} {text}")
    print("| language | headlines | right | unknown |\n| --- | --- | --- | --- |")
    for spoken, count in sorted(total.items()):
        print(f"| {spoken} | {count} | {right[spoken] / count:.3f} | {silent[spoken] / count:.3f} |")
    mean = sum(right[spoken] / count for spoken, count in total.items()) / len(total)
    print(f"| all | {total.total()} | {right.total() / total.total():.3f} | {silent.total() / total.total():.3f} |")
    print(f"\nmean over the languages {mean:.3f}; {spent / len(cases) * 1e6:.0f} microseconds each")


if __name__ == "__main__":
    main()
