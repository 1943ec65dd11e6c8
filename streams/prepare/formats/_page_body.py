"""The article of a web page without its navigation, advertisements and lists of other articles (trafilatura)."""

import re
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree

from streams.model import Picture
from streams.prepare.formats._feed import link
from streams.prepare.formats._page_head import Linked, Meta, first, inner, select, text_of
from streams.prepare.formats._xml import Element
from streams.prepare.text import clean, html_to_text, one_line
from streams.prepare.times import parse_time

MOST_TAGS = 6_000
MOST_TEXT = 200_000
"""Elements and characters of a page beyond which finding the article would cost too much: its whole text is taken.

The largest of 137 real pages have 4,098 and 117,704.
"""
_LONGEST_DATE = 60
"""Characters of a line with day, time and what stands before it: `Published: Monday, 2 March 2026, 10.30 a.m. CET`."""
_MOST_LINES = 300
_DIGIT = re.compile(r"\d")
_MOST_PICTURES = 10
_WRAPPING = re.compile(r"\A.*?<body>|</body>.*\Z", re.S)
_NO_PICTURE = re.compile(
    r"(?:logo|icon|avatar|sprite|pixel|placeholder|spacer|blank)[\w.-]*(?:\?|$)|\.svg(?:\?|$)", re.I
)


@cache
def _trafilatura() -> Any:
    # 0.2 s and 40 MB, which only those who read pages should pay.
    import trafilatura

    return trafilatura


def article(root: Element, articles: Linked, page: str, large: bool) -> tuple[str, str]:
    """Text and HTML of the article; both empty where the page has none.

    `page` is the whole page as text, for a large one.
    """
    if large:
        return html_to_text(page), ""
    found = _trafilatura().extract(
        root,
        output_format="html",
        include_comments=False,
        include_links=True,
        include_formatting=True,
        favor_precision=True,
        with_metadata=False,
    )
    html = _WRAPPING.sub("", found or "").strip()
    text = html_to_text(html)
    stated = clean(text_of_body(articles))
    if len(stated) > 2 * len(text):  # the article came by script, or the page hides its end
        return stated, ""
    return text, html


def is_large(root: Element) -> bool:
    """Whether the page is too large to look for the article in it."""
    characters = 0
    for tags, element in enumerate(root.iter(etree.Element)):
        characters += len(element.tail or "") + (0 if element.tag in ("script", "style") else len(element.text or ""))
        if tags >= MOST_TAGS or characters > MOST_TEXT:
            return True
    return False


def text_of_body(articles: Linked) -> str:
    """`articleBody` of JSON-LD, which may be HTML."""
    body = next((one["articleBody"] for one in articles if isinstance(one.get("articleBody"), str)), "")
    return html_to_text(body) if "<" in body or "&" in body else body


def date_in_page(root: Element, url: str, received: datetime, large: bool) -> datetime | None:
    """The day or time that the page shows, where none is marked; never one after the received time's.

    By its address, its markup (htmldate; not in a large page) or the first line that is a date.
    """
    latest = received + timedelta(days=1)
    if large:
        return _line_that_is_a_date(root, latest)
    import htmldate

    found = htmldate.find_date(
        root,
        extensive_search=False,  # it loads dateparser: 2.2 s, and of 127 pages one more day right, four more wrong
        original_date=True,
        url=url or None,
        min_date="1995-01-01",
        max_date=latest.strftime("%Y-%m-%d"),
    )
    if found and not found.endswith("-01-01"):  # a page that shows no more than a year is dated to its first day
        return datetime.fromisoformat(found)
    return _line_that_is_a_date(root, latest)


def _line_that_is_a_date(root: Element, latest: datetime) -> datetime | None:
    """The first line of the article, else of the page; words may stand before the date."""
    parts = (*select(root, "//article | //main")[:3], *select(root, "//body"))
    short = (str(text) for part in parts for text in part.itertext() if len(text) <= 2 * _LONGEST_DATE)
    lines = map(one_line, short)
    dated = ((line, digit.start()) for line in lines if len(line) <= _LONGEST_DATE and (digit := _DIGIT.search(line)))
    for line, digit_at in islice(dated, _MOST_LINES):
        when = parse_time(line) or parse_time(line[digit_at:])
        if when and when.date() <= latest.date():
            return when
    return None


def pictures(root: Element, found: Meta, articles: Linked, origin: str) -> tuple[Picture, ...]:
    """The figures of the article with their captions, the page's own picture first."""
    pictures: dict[str, Picture] = {}
    for figure in select(root, "(//article | //main)//figure")[:_MOST_PICTURES]:
        image = next(iter(figure.iter("img")), None)
        href = _source(image, origin) if image is not None else ""
        caption = next((inner(element) for element in figure.iter("figcaption")), "")
        if href and image is not None:
            pictures.setdefault(href, Picture(href=href, caption=caption or (image.get("alt") or "").strip()))
    main = link(root, first(found, "og:image", "og:image:url", "twitter:image") or text_of(articles, "image"), origin)
    if main.startswith("http") and main not in pictures and not _NO_PICTURE.search(main):
        pictures = {main: Picture(href=main, caption=first(found, "og:image:alt", "twitter:image:alt")), **pictures}
    return tuple(pictures.values())[:_MOST_PICTURES]


def _source(image: etree._Element, origin: str) -> str:
    for name in ("src", "data-src", "data-original"):
        href = link(image, image.get(name) or "", origin)
        if href.startswith(("http://", "https://")) and not _NO_PICTURE.search(href):
            return href
    return ""
