"""What a web page says about its article: JSON-LD (schema.org), Open Graph, Dublin Core and other `meta`, headings."""

import html as entities
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from lxml import etree

from streams.prepare.formats._xml import Element
from streams.prepare.text import one_line
from streams.prepare.times import parse_time

Meta = dict[str, list[str]]
Linked = list[dict[str, Any]]

_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "og:published_time", "article:published"),
    *("article.published", "og:pubdate", "datepublished", "parsely-pub-date", "sailthru.date", "pubdate"),
    *("publishdate", "publish-date", "publish_date", "published_time", "dc.date.issued", "dcterms.created"),
    *("dcterms.issued", "cxenseparse:recs:publishtime", "dc.date", "dcterms.date", "dcterms.available", "date"),
    *("originalpublicationdate", "rnews:datepublished"),
)
_MODIFIED = (
    *("article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified", "datemodified"),
    *("last-modified", "lastmod", "dcterms.modified", "dc.date.modified"),
)
_ARTICLE = re.compile(r"(?:\w*Article|\w*Posting|Report|Review\w*|PressRelease)$")
_NO_ARTICLE = re.compile(r"^(?:Web(?:Page|Site)|BreadcrumbList|(?:NewsMedia)?Organization|Person|ImageObject)$")
_SEPARATED = re.compile(
    r"\s*(?:[|\u2013\u2014\u00b7\u2022\u00bb\u203a\uff5c\u3163\uff1a]|::|(?<=\s)[-*](?=\s)|-(?=[^\x00-\x7f]))\s*"
)
_SITE = (
    *("og:site_name", "application-name", "apple-mobile-web-app-title", "twitter:site", "twitter:creator"),
    *("al:ios:app_name", "al:android:app_name", "publisher", "dc.publisher", "article:section"),
)
MOST_META = 1000
_MOST_LINKED = 200
_MOST_NAMES = 20
_READ = "descendant::text()[not(parent::script or parent::style or parent::template)][position() <= 1000]"
_LONGEST = 2000
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


def meta(root: Element) -> Meta:
    """The contents of the `meta` elements by `name`, `property` or `itemprop`, in lower case; empty ones left out."""
    found: Meta = {}
    for element in islice(root.iter("meta"), MOST_META):
        content = (element.get("content") or "").strip()
        names = {(element.get(key) or "").strip().lower() for key in ("property", "name", "itemprop", "http-equiv")}
        for name in sorted(names - {""}) if content else ():
            found.setdefault(name, []).append(content)
    return found


def first(found: Meta, *names: str) -> str:
    """The first of these that is there, as one plain line; or empty."""
    return next((one_line(entities.unescape(text[:_LONGEST])) for name in names for text in found.get(name, ())), "")


def linked(root: Element) -> Linked:
    """The objects of JSON-LD that describe an article, the most telling first; what is no JSON is passed over."""
    objects = []
    for script in islice(root.iter("script"), MOST_META):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            objects += list(_objects(_decoded(script.text)))
    articles = [one for one in objects[:_MOST_LINKED] if _is_article(one)]
    return sorted(articles, key=lambda one: ("headline" not in one, "datePublished" not in one))


def _decoded(text: str) -> object:
    text = (
        text.strip().removeprefix("<!--").removesuffix("-->").strip().removeprefix("//<![CDATA[").removesuffix("//]]>")
    )
    for attempt in (text, re.sub(r"[\0-\x1f]+", " ", text).rstrip("; ")):
        try:
            return orjson.loads(attempt)
        except orjson.JSONDecodeError:
            continue
    return None


def _objects(value: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for one in value[:_MOST_LINKED]:
            yield from _objects(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(key), depth + 1)


def _is_article(one: dict[str, Any]) -> bool:
    kinds = one.get("@type")
    names = [str(kind).rpartition("/")[2] for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if any(_ARTICLE.match(name) for name in names):
        return True
    return ("headline" in one or "datePublished" in one) and not any(_NO_ARTICLE.match(name) for name in names)


def text_of(articles: Linked, *names: str) -> str:
    """The first text under one of these names, as one plain line; or empty."""
    values = (value for one in articles for name in names for value in _texts(one.get(name)))
    return next((line for value in values if (line := plain(value))), "")


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        value = value.get("name") or value.get("url") or value.get("@id")
    if isinstance(value, list):
        return [text for one in value[:_MOST_NAMES] for text in _texts(one)]
    return [value] if isinstance(value, str) and value.strip() else []


def names_of(articles: Linked, name: str) -> list[str]:
    """All texts (of an object: its name) under a name, of the first article that has any."""
    found = ([plain(text) for text in _texts(one.get(name))] for one in articles)
    return list(dict.fromkeys(next((texts for texts in found if any(texts)), [])))


def plain(text: str) -> str:
    """A text that may be escaped or carry tags, as one line."""
    text = entities.unescape(entities.unescape(text[:_LONGEST]))
    return one_line(re.sub(r"<[a-zA-Z/][^<>]*>", " ", text))


def select(root: Element, path: str) -> list[Element]:
    """The elements at an XPath."""
    found = root.xpath(path)
    return [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []


def inner(element: Element) -> str:
    """The text of an element as one line, without scripts and styles; the end of a very long one is left out."""
    pieces = element.xpath(_READ)
    return one_line("".join(map(str, pieces if isinstance(pieces, list) else []))[:_LONGEST])


def headline(root: Element, found: Meta, articles: Linked, url: str = "") -> str:
    """The headline, without the site's name: that of Open Graph, unless JSON-LD has one that nothing else repeats.

    Such a one was written by hand for the article; the others are filled in by the site's software. `url` is the
    page's: a site is named by its address too.
    """
    site = [first(found, name) for name in _SITE] + [text_of(articles, "publisher"), *_host(url)]
    site += names_of(articles, "articleSection")
    headings = [text for element in _headings(root) if (text := inner(element))]
    titled = next((text for element in root.iter("title") if (text := inner(element))), "")
    editors = text_of(articles, "headline") or text_of(articles, "name")
    social = [first(found, "og:title"), first(found, "twitter:title", "dc.title", "parsely-title"), titled]
    shorter = [text for text in (*headings, editors, titled) if text]
    stated = [_bare(text, site, shorter) for text in (*social[:2], *headings, social[2])]
    editors = _bare(editors, site, shorter)
    repeated = any(_repeats(text, editors) for text in stated[:-1])
    return editors if editors and not repeated else next(filter(None, (stated[0], editors, *stated[1:])), "")


def _host(url: str) -> list[str]:
    """What a site calls itself by its address: `example`, `example.com` of `https://www.example.com/a`."""
    host = url.partition("://")[2].partition("/")[0].partition(":")[0].removeprefix("www.")
    return [host, *(label for label in host.split(".")[:-1] if len(label) > 2)]


def _bare(text: str, sites: list[str], shorter: list[str]) -> str:
    """The text without the site's name; a shorter one that it extends by the name of the site, a section, an author."""
    text = _without_site(text, sites)
    return next((other for other in shorter if _extends(text, other)), text)


def _headings(root: Element) -> list[Element]:
    inside = select(root, "//h1[ancestor::article or ancestor::main]")[:_MOST_NAMES]
    return inside + [element for element in islice(root.iter("h1"), _MOST_NAMES) if element not in inside]


def _key(text: str) -> str:
    return " ".join(text.translate(_QUOTES).casefold().split())


def _repeats(text: str, other: str) -> bool:
    """It begins with the other, or is the other but for punctuation: `Fire - Two hurt` is `Fire: Two hurt`."""
    return _key(text).startswith(_key(other).rstrip(". \u2026")) or _words(text) == _words(other)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", _key(text))


def _name(text: str) -> str:
    """Of a site, as its address and its handles write it: `The Daily Wire` is `@dailywire`."""
    return "".join(_words(text)).removeprefix("the")


def _extends(longer: str, shorter: str) -> bool:
    """`Profit falls | The Daily Wire` extends `Profit falls`."""
    longer, shorter = _key(longer), _key(shorter)
    rest = longer.removeprefix(shorter)
    return len(shorter) > 8 and rest != longer and _SEPARATED.match(rest if rest[:1] != "-" else f" {rest}") is not None


def _without_site(text: str, sites: list[str]) -> str:
    names = {_name(site) for site in sites} - {""}
    for _ in range(3):  # headline - section - site
        cuts = list(islice(_SEPARATED.finditer(text), _MOST_NAMES))
        behind = next((cut for cut in cuts if _name(text[cut.end() :]) in names), None)
        before = next((cut for cut in cuts if _name(text[: cut.start()]) in names), None)
        if behind is None and before is None:
            break
        text = text[: behind.start()] if behind else text[before.end() :] if before else text
    return text


def published(root: Element, found: Meta, articles: Linked) -> datetime | None:
    """When the article was first published."""
    stated = [text for one in articles for text in _texts(one.get("datePublished"))]
    stated += [text for name in _PUBLISHED for text in found.get(name, ())]
    stated += [text for one in articles for name in ("dateCreated", "uploadDate") for text in _texts(one.get(name))]
    for element in select(root, "//*[@itemprop='datePublished'] | //time[@pubdate] | //time[@datetime]")[:20]:
        stated += [element.get("datetime") or element.get("content") or inner(element)]
    return _first_time(stated)


def states_a_time(found: Meta, articles: Linked) -> bool:
    """Whether the page says when it was published, be it readable or not: then nothing is to be guessed."""
    return any(name in found for name in _PUBLISHED) or any("datePublished" in one for one in articles)


def modified(found: Meta, articles: Linked) -> datetime | None:
    """When it was last changed."""
    stated = [text for one in articles for text in _texts(one.get("dateModified"))]
    return _first_time(stated + [text for name in _MODIFIED for text in found.get(name, ())])


def _first_time(stated: list[str]) -> datetime | None:
    return next((when for text in stated[:50] if (when := parse_time(entities.unescape(text).strip()))), None)
