"""Reads a news article from its web page.

Metadata comes from JSON-LD (schema.org), Open Graph, Dublin Core and other `meta` elements, and headings. The library
trafilatura extracts the article without navigation, advertisements and lists of other articles. htmldate finds a date
that the page shows but does not mark.
"""

import html as entities
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from types import ModuleType

import orjson
from lxml import etree
from lxml.html import HTMLParser

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Picture, Story
from streams.prepare.formats._common import NO_PICTURE, JsonObject, strip_headline
from streams.prepare.formats._feed import find_root_name, resolve_link
from streams.prepare.formats._no_article import explain_no_article
from streams.prepare.formats._page import (
    find_embargo_line,
    find_lost_prose,
    find_marked_time,
    find_text_headline,
    flatten_lists_in_cells,
    is_no_headline,
    read_lines,
)
from streams.prepare.formats._xml import Element
from streams.prepare.formats.document import Document
from streams.prepare.text.dateline import find_known_wire
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import INVISIBLE, clean, drop_excess_attributes, html_to_text, one_line

_MetaTags = dict[str, list[str]]
"""Name of a `meta` element -> its contents."""
_JsonLd = list[JsonObject]
"""JSON-LD objects that describe an article."""

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
_SEPARATOR = re.compile(
    r"(?:(?<!\s)\s+)?(?:[|\u2013\u2014\u00b7\u2022\u00bb\u203a\uff5c\u3163\uff1a]|::|(?<=\s)[-*](?=\s)|-(?=[^\x00-\x7f]))\s*"
)
_SITE_NAMES = (
    *("og:site_name", "application-name", "apple-mobile-web-app-title", "twitter:site", "twitter:creator"),
    *("al:ios:app_name", "al:android:app_name", "publisher", "dc.publisher", "article:section"),
)
_MAX_META = 1000
_MAX_OBJECTS = 200
_MAX_NAMES = 20
_VISIBLE_TEXT = "descendant::text()[not(parent::script or parent::style or parent::template)][position() <= 1000]"
_MAX_LINE = 2000
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})

_MAX_ELEMENTS = 6_000
_MAX_CHARACTERS = 200_000
"""Size of a page above which extracting the article costs too much; its whole text is used.

The largest of 137 real pages have 4,098 elements and 117,704 characters.
"""
_MAX_DATE_LINE = 60
"""Maximum length of a line with a date: `Published: Monday, 2 March 2026, 10.30 a.m. CET`."""
_MAX_LINES = 300
_DIGIT = re.compile(r"\d")
_MAX_PICTURES = 10
_WRAPPING = re.compile(r"\A.*?<body>|</body>.*\Z", re.S)
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8})*")
_AUTHORS = ("author", "article:author", "parsely-author", "dc.creator", "sailthru.author", "byl")
_MAX_KEYWORDS = 30
_MAX_SCRIPT = 200_000
"""Maximum characters of all scripts and styles together, without JSON-LD."""


def matches(document: Document) -> bool:
    """Whether the outermost element is `html`, or the content type is HTML and the text begins with any element."""
    if document.first != "<":
        return False
    name = find_root_name(document)
    declared = document.media_type in ("text/html", "application/xhtml+xml")
    return name == "html" or (declared and bool(name)) or document.text.lstrip()[:14].lower() == "<!doctype html"


def parse(document: Document) -> tuple[Story, ...]:
    """Parses the one article of the page.

    Raises `Reject`: `malformed`, `too-deep`, `empty` (the page is no article), `missing-field` (neither headline nor
    text).
    """
    root = _parse_html(document)
    meta, articles = _read_meta(root), _read_json_ld(root)
    _drop_costly_elements(root)
    origin = document.raw.origin
    url = _find_canonical_url(root, meta, articles, origin)
    headline = _find_headline(root, meta, articles, url)
    large = _is_large(root)
    text, html = _extract_article(root, articles, document.text, large)
    if why := explain_no_article(root, text, declared=_declares_article(meta, articles)):
        raise Reject(Reason.EMPTY, why)
    headline = headline or find_text_headline(text) or find_text_headline("\n".join(read_lines(root)))
    text = strip_headline(text, headline)
    if (embargo := find_embargo_line(root)) and embargo not in text:
        text = f"{embargo}\n\n{text}"
    published = _find_published(root, meta, articles)
    if published is None and not _declares_published(meta, articles):
        published = _guess_published(root, url, document.raw.received, large)
    publisher = _find_json_ld_text(articles, "publisher") or _find_meta(meta, "og:site_name")
    if not headline and not text:
        raise Reject(Reason.MISSING_FIELD, "the page has neither a headline nor an article")
    story = Story(
        guid=url,
        headline=headline,
        summary=_find_meta(meta, "og:description", "description", "twitter:description")
        or _find_json_ld_text(articles, "description"),
        text=text,
        html=html,
        first_created=published,
        version_created=_find_modified(meta, articles) or published,
        language=_find_language(root, meta, articles),
        byline=_find_byline(root, meta, articles),
        copyright_notice=_find_meta(meta, "copyright", "dc.rights", "dcterms.rights"),
        distributor=find_known_wire(publisher),
        url=url,
        codes=_find_keywords(meta, articles),
        pictures=_find_pictures(root, meta, articles, origin),
    )
    return (story,)


def _parse_html(document: Document) -> Element:
    text = drop_excess_attributes(INVISIBLE.sub("", document.text))
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


def _drop_costly_elements(root: Element) -> None:
    """Removes `meta` elements if there are over a thousand, and scripts and styles beyond a limit: they cost time."""
    if next(islice(root.iter("meta"), _MAX_META, None), None) is not None:
        etree.strip_elements(root, "meta", with_tail=False)
    length = 0
    for element in root.iter("script", "style"):
        if "ld+json" in (element.get("type") or "").lower():
            continue
        length += len(element.text or "")
        if length > _MAX_SCRIPT:
            element.text = None


def _read_meta(root: Element) -> _MetaTags:
    """Reads the contents of `meta` elements by `name`, `property`, `itemprop` or `http-equiv`, in lower case."""
    found: _MetaTags = {}
    for element in islice(root.iter("meta"), _MAX_META):
        content = (element.get("content") or "").strip()
        names = {(element.get(key) or "").strip().lower() for key in ("property", "name", "itemprop", "http-equiv")}
        for name in sorted(names - {""}) if content else ():
            found.setdefault(name, []).append(content)
    return found


def _find_meta(meta: _MetaTags, *names: str) -> str:
    """Returns the first of these `meta` elements that is there, as one plain line; empty if there is none."""
    return next((one_line(entities.unescape(text[:_MAX_LINE])) for name in names for text in meta.get(name, ())), "")


def _read_json_ld(root: Element) -> _JsonLd:
    """Reads the JSON-LD objects that describe an article: first those with a headline, then those with a date.

    Scripts that are not valid JSON are skipped.
    """
    objects = []
    for script in islice(root.iter("script"), _MAX_META):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            objects += list(_walk_objects(_decode_json_ld(script.text)))
    articles = [one for one in objects[:_MAX_OBJECTS] if _is_article(one)]
    return sorted(_keep_own(root, articles), key=lambda one: ("headline" not in one, "datePublished" not in one))


def _keep_own(root: Element, articles: _JsonLd) -> _JsonLd:
    """Of several articles, keeps those whose headline the page itself shows; all if it shows none of them."""
    if len(articles) < 2:
        return articles
    shown = [_inner_line(one) for one in islice(root.iter("h1", "title"), _MAX_NAMES)]
    shown += [one.get("content") or "" for one in root.iter("meta") if one.get("property") == "og:title"][:2]
    lines = [_normalise(line) for line in shown if line]
    titles = [_normalise(_find_json_ld_text([one], "headline")) for one in articles]
    own = [one for one, title in zip(articles, titles, strict=True) if title and any(title in line for line in lines)]
    return [*own, *(one for one in articles if "headline" not in one)] if own else articles


def _decode_json_ld(text: str) -> object:
    text = (
        text.strip().removeprefix("<!--").removesuffix("-->").strip().removeprefix("//<![CDATA[").removesuffix("//]]>")
    )
    for attempt in (text, re.sub(r"[\0-\x1f]+", " ", text).rstrip("; ")):
        try:
            return orjson.loads(attempt)
        except orjson.JSONDecodeError:
            continue
    return None


def _walk_objects(value: object, depth: int = 0) -> Iterator[JsonObject]:
    if depth > 6:
        return
    if isinstance(value, list):
        for one in value[:_MAX_OBJECTS]:
            yield from _walk_objects(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _walk_objects(value.get(key), depth + 1)


def _is_article(one: JsonObject) -> bool:
    kinds = one.get("@type")
    names = [str(kind).rpartition("/")[2] for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if any(_ARTICLE.match(name) for name in names):
        return True
    return ("headline" in one or "datePublished" in one) and not any(_NO_ARTICLE.match(name) for name in names)


def _find_json_ld_text(articles: _JsonLd, *names: str) -> str:
    """Returns the first text under one of these names, as one plain line; empty if there is none."""
    values = (value for one in articles for name in names for value in _collect_texts(one.get(name)))
    return next((line for value in values if (line := _strip_markup(value))), "")


def _find_json_ld_names(articles: _JsonLd, name: str) -> list[str]:
    """Returns all texts under a name, of the first article that has any. The text of an object is its name."""
    found = ([_strip_markup(text) for text in _collect_texts(one.get(name))] for one in articles)
    return list(dict.fromkeys(next((texts for texts in found if any(texts)), [])))


def _collect_texts(value: object) -> list[str]:
    if isinstance(value, dict):
        value = value.get("name") or value.get("url") or value.get("@id")
    if isinstance(value, list):
        return [text for one in value[:_MAX_NAMES] for text in _collect_texts(one)]
    return [value] if isinstance(value, str) and value.strip() else []


def _find_canonical_url(root: Element, meta: _MetaTags, articles: _JsonLd, origin: str) -> str:
    """Finds the address of the page: its canonical link (RFC 6596), else Open Graph, JSON-LD, or `origin`."""
    marked = [
        element.get("href") or ""
        for element in root.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    fetched = origin if origin.startswith(("http://", "https://")) else ""
    stated = [
        *marked,
        _find_meta(meta, "og:url", "twitter:url"),
        _find_json_ld_text(articles, "url", "mainEntityOfPage"),
    ]
    links = (one_line(resolve_link(root, url, origin)) for url in stated if url.strip())
    return next((url for url in links if url.startswith(("http://", "https://"))), fetched)


def _find_headline(root: Element, meta: _MetaTags, articles: _JsonLd, url: str = "") -> str:
    """Finds the headline and removes the name of the site from it.

    It is the headline of Open Graph, unless JSON-LD has one that no other element repeats: an editor wrote that one,
    and the software of the site filled in the others. `url` is the address of the page; it names the site too.
    """
    site = [_find_meta(meta, name) for name in _SITE_NAMES] + [
        _find_json_ld_text(articles, "publisher"),
        *_names_of_host(url),
    ]
    site += _find_json_ld_names(articles, "articleSection")
    headings = [text for element in _find_headings(root) if (text := _inner_line(element))]
    titles = map(_inner_line, root.iter("title"))
    titled = next((text for text in titles if text and not is_no_headline(text)), "")
    editors = _find_json_ld_text(articles, "headline") or _find_json_ld_text(articles, "name")
    social = [_find_meta(meta, "og:title"), _find_meta(meta, "twitter:title", "dc.title", "parsely-title"), titled]
    shorter = [text for text in (*headings, editors, titled) if text]
    stated = [_strip_site_name(text, site, shorter) for text in (*social[:2], *headings, social[2])]
    editors = _strip_site_name(editors, site, shorter)
    repeated = any(_repeats(text, editors) for text in stated[:-1])
    return editors if editors and not repeated else next(filter(None, (stated[0], editors, *stated[1:])), "")


def _find_headings(root: Element) -> list[Element]:
    inside = _select(root, "//h1[ancestor::article or ancestor::main]")[:_MAX_NAMES]
    return inside + [element for element in islice(root.iter("h1"), _MAX_NAMES) if element not in inside]


def _names_of_host(url: str) -> list[str]:
    """Returns the names of a site in an address: `example.com` and `example` for `https://www.example.com/a`."""
    host = url.partition("://")[2].partition("/")[0].partition(":")[0].removeprefix("www.")
    return [host, *(label for label in host.split(".")[:-1] if len(label) > 2)]


def _strip_site_name(text: str, sites: list[str], shorter: list[str]) -> str:
    """Removes the name of the site from a headline.

    If the headline is another one with an addition (site, section, author), that shorter one is returned.
    """
    text = _cut_site_names(text, sites)
    return next((other for other in shorter if _extends(text, other)), text)


def _cut_site_names(text: str, sites: list[str]) -> str:
    names = {_normalise_site_name(site) for site in sites} - {""}
    for _ in range(3):  # headline - section - site
        cuts = list(islice(_SEPARATOR.finditer(text), _MAX_NAMES))
        behind = next((cut for cut in cuts if _normalise_site_name(text[cut.end() :]) in names), None)
        before = next((cut for cut in cuts if _normalise_site_name(text[: cut.start()]) in names), None)
        if behind is None and before is None:
            break
        text = text[: behind.start()] if behind else text[before.end() :] if before else text
    return text


def _normalise_site_name(text: str) -> str:
    """Returns the name of a site as addresses and handles write it: `The Daily Wire` becomes `dailywire`."""
    return "".join(_split_words(text)).removeprefix("the")


def _extends(longer: str, shorter: str) -> bool:
    """Whether the longer text adds something behind a separator: `Profit falls | The Daily Wire` to `Profit falls`."""
    longer, shorter = _normalise(longer), _normalise(shorter)
    rest = longer.removeprefix(shorter)
    return len(shorter) > 8 and rest != longer and _SEPARATOR.match(rest if rest[:1] != "-" else f" {rest}") is not None


def _repeats(text: str, other: str) -> bool:
    """Whether a text begins with the other, or differs only in punctuation: `Fire - Two hurt`, `Fire: Two hurt`."""
    return _normalise(text).startswith(_normalise(other).rstrip(". \u2026")) or _split_words(text) == _split_words(
        other
    )


def _split_words(text: str) -> list[str]:
    return re.findall(r"\w+", _normalise(text))


def _normalise(text: str) -> str:
    return " ".join(text.translate(_QUOTES).casefold().split())


def _is_large(root: Element) -> bool:
    """Whether the page is too large to extract the article."""
    characters = 0
    for tags, element in enumerate(root.iter(etree.Element)):
        characters += len(element.tail or "") + (0 if element.tag in ("script", "style") else len(element.text or ""))
        if tags >= _MAX_ELEMENTS or characters > _MAX_CHARACTERS:
            return True
    return False


def load_page_reader() -> ModuleType:
    """Loads the library that finds the article of a page: 0.2 s and 40 MB, which only who reads pages should pay."""
    import trafilatura

    return trafilatura


def _extract_article(root: Element, articles: _JsonLd, page: str, large: bool) -> tuple[str, str]:
    """Extracts text and HTML of the article; both empty if the page has none.

    For a large page the text of the whole page (`page`, its HTML) is returned.
    """
    if large:
        return html_to_text(page), ""
    flatten_lists_in_cells(root)
    found = load_page_reader().extract(
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
    if lost := find_lost_prose(root, text):
        text, html = lost, ""
    stated = clean(_read_article_body(articles))
    if len(stated) > 2 * len(text):  # the article came by script, or the page hides its end
        return stated, ""
    return text, html


def _read_article_body(articles: _JsonLd) -> str:
    """Returns the `articleBody` of JSON-LD as text; it may be HTML."""
    bodies = (one.get("articleBody") for one in articles)
    body = next((text for text in bodies if isinstance(text, str)), "")
    return html_to_text(body) if "<" in body or "&" in body else body


def _find_published(root: Element, meta: _MetaTags, articles: _JsonLd) -> datetime | None:
    """Returns when the article was first published, as the page declares it; None if it does not."""
    stated = [text for one in articles for text in _collect_texts(one.get("datePublished"))]
    stated += [text for name in _PUBLISHED for text in meta.get(name, ())]
    stated += [
        text for one in articles for name in ("dateCreated", "uploadDate") for text in _collect_texts(one.get(name))
    ]
    for element in _select(root, "//*[@itemprop='datePublished'] | //time[@pubdate] | //time[@datetime]")[:20]:
        stated += [element.get("datetime") or element.get("content") or _inner_line(element)]
    return _parse_first_time(stated)


def _declares_published(meta: _MetaTags, articles: _JsonLd) -> bool:
    """Whether the page declares a time of publication, readable or not. Then no time is guessed."""
    return any(name in meta for name in _PUBLISHED) or any("datePublished" in one for one in articles)


def _declares_article(meta: _MetaTags, articles: _JsonLd) -> bool:
    """Whether the page says of itself that it is an article."""
    kinds = (one.strip().lower() for one in meta.get("og:type", ()))
    return bool(articles) or _declares_published(meta, articles) or any(kind.endswith("article") for kind in kinds)


def _guess_published(root: Element, url: str, received: datetime, large: bool) -> datetime | None:
    """Guesses the time of publication from the address, the markup or the first line that is a date.

    Address and markup (htmldate) are not used for a large page. The result is at most one day after `received`.
    """
    latest = received + timedelta(days=1)
    if when := find_marked_time(root):
        return when if when.date() <= latest.date() else None
    if large:
        return _find_date_line(root, latest)
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
    return _find_date_line(root, latest)


def _find_date_line(root: Element, latest: datetime) -> datetime | None:
    """Finds the first line with a date, in the article, else in the page. Words may stand before the date."""
    parts = (*_select(root, "//article | //main")[:3], *_select(root, "//body"))
    short = (str(text) for part in parts for text in part.itertext() if len(text) <= 2 * _MAX_DATE_LINE)
    lines = map(one_line, short)
    dated = ((line, digit.start()) for line in lines if len(line) <= _MAX_DATE_LINE and (digit := _DIGIT.search(line)))
    for line, digit_at in islice(dated, _MAX_LINES):
        when = parse_time(line) or parse_time(line[digit_at:])
        if when and when.date() <= latest.date():
            return when
    return None


def _find_modified(meta: _MetaTags, articles: _JsonLd) -> datetime | None:
    """Returns when the article was last changed; None if the page does not declare it."""
    stated = [text for one in articles for text in _collect_texts(one.get("dateModified"))]
    return _parse_first_time(stated + [text for name in _MODIFIED for text in meta.get(name, ())])


def _parse_first_time(stated: list[str]) -> datetime | None:
    return next((when for text in stated[:50] if (when := parse_time(entities.unescape(text).strip()))), None)


def _find_language(root: Element, meta: _MetaTags, articles: _JsonLd) -> str:
    html = next(iter(root.iter("html")), root)
    stated = (
        html.get("lang") or html.get("xml:lang") or "",
        _find_json_ld_text(articles, "inLanguage"),
        _find_meta(meta, "og:locale", "content-language", "dc.language", "language"),
    )
    return next((text.strip().replace("_", "-") for text in stated if _LANGUAGE.fullmatch(text.strip())), "")


def _find_byline(root: Element, meta: _MetaTags, articles: _JsonLd) -> str:
    names = _find_json_ld_names(articles, "author")
    stated = [name for key in _AUTHORS for name in meta.get(key, ())]
    marked = _select(root, "//*[@rel='author' or @itemprop='author'][not(self::meta)]")[:5]
    for group in (names, map(one_line, stated), map(_inner_line, marked)):
        people = [name for name in group if name and len(name) < 100 and "://" not in name]
        if people:
            return ", ".join(dict.fromkeys(people)).removeprefix("By ")
    return ""


def _find_keywords(meta: _MetaTags, articles: _JsonLd) -> tuple[Code, ...]:
    stated = meta.get("article:tag", []) or _find_json_ld_names(articles, "keywords")
    stated = stated or meta.get("news_keywords", []) or meta.get("keywords", [])
    words = [one_line(word) for text in stated for word in text.split(",")]
    return tuple(Code("keyword", word, word) for word in dict.fromkeys(words) if word and len(word) < 100)[
        :_MAX_KEYWORDS
    ]


def _find_pictures(root: Element, meta: _MetaTags, articles: _JsonLd, origin: str) -> tuple[Picture, ...]:
    """Finds the figures of the article with their captions; the main picture of the page comes first."""
    pictures: dict[str, Picture] = {}
    for figure in _select(root, "(//article | //main)//figure")[:_MAX_PICTURES]:
        image = next(iter(figure.iter("img")), None)
        href = _find_image_source(image, origin) if image is not None else ""
        caption = next((_inner_line(element) for element in figure.iter("figcaption")), "")
        if href and image is not None:
            pictures.setdefault(href, Picture(href=href, caption=caption or (image.get("alt") or "").strip()))
    main = resolve_link(
        root,
        _find_meta(meta, "og:image", "og:image:url", "twitter:image") or _find_json_ld_text(articles, "image"),
        origin,
    )
    if main.startswith("http") and main not in pictures and not NO_PICTURE.search(main):
        pictures = {
            main: Picture(href=main, caption=_find_meta(meta, "og:image:alt", "twitter:image:alt")),
            **pictures,
        }
    return tuple(pictures.values())[:_MAX_PICTURES]


def _find_image_source(image: etree._Element, origin: str) -> str:
    for name in ("src", "data-src", "data-original"):
        href = resolve_link(image, image.get(name) or "", origin)
        if href.startswith(("http://", "https://")) and not NO_PICTURE.search(href):
            return href
    return ""


def _select(root: Element, path: str) -> list[Element]:
    """Returns the elements that an XPath finds."""
    found = root.xpath(path)
    return [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []


def _inner_line(element: Element) -> str:
    """Returns the text of an element as one line without scripts and styles, cut after 2,000 characters."""
    pieces = element.xpath(_VISIBLE_TEXT)
    return one_line("".join(map(str, pieces if isinstance(pieces, list) else []))[:_MAX_LINE])


def _strip_markup(text: str) -> str:
    """Returns a text that may be escaped or contain tags as one plain line."""
    text = entities.unescape(entities.unescape(text[:_MAX_LINE]))
    return one_line(re.sub(r"<[a-zA-Z/][^<>]*>", " ", text))
