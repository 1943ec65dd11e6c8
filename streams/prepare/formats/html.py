"""Any news article as a web page: what the page says of itself (JSON-LD, Open Graph, `meta`), and its article."""

import re
from itertools import islice

from lxml import etree
from lxml.html import HTMLParser

from streams.model import Code, Story
from streams.prepare.dateline import known_wire
from streams.prepare.document import Document
from streams.prepare.formats import _page_body as page_body
from streams.prepare.formats import _page_head as page
from streams.prepare.formats._feed import link, root_name
from streams.prepare.formats._fields import without_headline
from streams.prepare.formats._xml import Element
from streams.prepare.text import INVISIBLE, one_line, plain_tags
from streams.reasons import Reason, Reject

_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8})*")
_AUTHORS = ("author", "article:author", "parsely-author", "dc.creator", "sailthru.author", "byl")
_MOST_KEYWORDS = 30
_MOST_SCRIPT = 200_000
"""Characters of scripts and styles together. JSON-LD is none of them."""


def matches(document: Document) -> bool:
    """The outermost element is `html`; or the content type says so and there are tags (fragments, bare heads)."""
    if document.first != "<":
        return False
    name = root_name(document)
    declared = document.media_type in ("text/html", "application/xhtml+xml")
    return name == "html" or (declared and bool(name)) or document.text.lstrip()[:14].lower() == "<!doctype html"


def parse(document: Document) -> tuple[Story, ...]:
    """The one article of the page. Raises `Reject`: `malformed`, `too-deep`, `missing-field` (no headline, no text)."""
    root = _root(document)
    found, articles = page.meta(root), page.linked(root)
    _shorten(root)
    origin = document.raw.origin
    url = _canonical(root, found, articles, origin)
    headline = page.headline(root, found, articles, url)
    large = page_body.is_large(root)
    text, html = page_body.article(root, articles, document.text, large)
    text = without_headline(text, headline)
    published = page.published(root, found, articles)
    if published is None and not page.states_a_time(found, articles):
        published = page_body.date_in_page(root, url, document.raw.received, large)
    publisher = page.text_of(articles, "publisher") or page.first(found, "og:site_name")
    if not headline and not text:
        raise Reject(Reason.MISSING_FIELD, "the page has neither a headline nor an article")
    story = Story(
        guid=url,
        headline=headline,
        summary=page.first(found, "og:description", "description", "twitter:description")
        or page.text_of(articles, "description"),
        text=text,
        html=html,
        first_created=published,
        version_created=page.modified(found, articles) or published,
        language=_language(root, found, articles),
        byline=_byline(root, found, articles),
        copyright_notice=page.first(found, "copyright", "dc.rights", "dcterms.rights"),
        distributor=known_wire(publisher),
        url=url,
        codes=_keywords(found, articles),
        pictures=page_body.pictures(root, found, articles, origin),
    )
    return (story,)


def _root(document: Document) -> Element:
    text = plain_tags(INVISIBLE.sub("", document.text))
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        root, why = None, str(error)
    else:
        why = "it has no element"
    if any("depth" in entry.message for entry in parser.error_log):
        raise Reject(Reason.TOO_DEEP, "the elements of the page are nested too deep to be an article")
    if root is None:
        raise Reject(Reason.MALFORMED, f"the page cannot be read as HTML: {why}")
    document.check_depth(root)
    return root


def _shorten(root: Element) -> None:
    """Leaves out what costs much and has been read, or says little: `meta` by the thousand, long scripts."""
    if next(islice(root.iter("meta"), page.MOST_META, None), None) is not None:
        etree.strip_elements(root, "meta", with_tail=False)
    length = 0
    for element in root.iter("script", "style"):
        if "ld+json" in (element.get("type") or "").lower():
            continue
        length += len(element.text or "")
        if length > _MOST_SCRIPT:
            element.text = None


def _canonical(root: Element, found: page.Meta, articles: page.Linked, origin: str) -> str:
    """The link that the page gives itself (RFC 6596), else Open Graph's, JSON-LD's, or where it was fetched."""
    marked = [
        element.get("href") or ""
        for element in root.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    fetched = origin if origin.startswith(("http://", "https://")) else ""
    stated = [*marked, page.first(found, "og:url", "twitter:url"), page.text_of(articles, "url", "mainEntityOfPage")]
    links = (one_line(link(root, url, origin)) for url in stated if url.strip())
    return next((url for url in links if url.startswith(("http://", "https://"))), fetched)


def _language(root: Element, found: page.Meta, articles: page.Linked) -> str:
    html = next(iter(root.iter("html")), root)
    stated = (
        html.get("lang") or html.get("xml:lang") or "",
        page.text_of(articles, "inLanguage"),
        page.first(found, "og:locale", "content-language", "dc.language", "language"),
    )
    return next((text.strip().replace("_", "-") for text in stated if _LANGUAGE.fullmatch(text.strip())), "")


def _byline(root: Element, found: page.Meta, articles: page.Linked) -> str:
    names = page.names_of(articles, "author")
    stated = [name for key in _AUTHORS for name in found.get(key, ())]
    marked = page.select(root, "//*[@rel='author' or @itemprop='author'][not(self::meta)]")[:5]
    for group in (names, map(one_line, stated), map(page.inner, marked)):
        people = [name for name in group if name and len(name) < 100 and "://" not in name]
        if people:
            return ", ".join(dict.fromkeys(people)).removeprefix("By ")
    return ""


def _keywords(found: page.Meta, articles: page.Linked) -> tuple[Code, ...]:
    stated = found.get("article:tag", []) or page.names_of(articles, "keywords")
    stated = stated or found.get("news_keywords", []) or found.get("keywords", [])
    words = [one_line(word) for text in stated for word in text.split(",")]
    return tuple(Code("keyword", word, word) for word in dict.fromkeys(words) if word and len(word) < 100)[
        :_MOST_KEYWORDS
    ]
