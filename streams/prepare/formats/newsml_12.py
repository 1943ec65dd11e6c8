"""Reads IPTC NewsML 1.0 to 1.2: an envelope with NewsItems, each one revision with a tree of NewsComponents.

Source: NewsML 1.2 Functional Specification (iptc.org/std/NewsML/1.2), section 5.4 for the envelope and 5.5 for
identification, revisions and status; NewsML_1.2.dtd for the elements.

- The `Role` of a NewsComponent says what it is in its parent: body, headline, contact and so on. The ContentItems of a
  component are renditions of one content.
- Metadata of a component holds for all components inside it, unless they have their own: the nearest one counts.
- A `Property` pairs a formal name with a value. Each provider has its own names.

Dialects: Business Wire (body, headline and contacts as components with roles; `Securities Identifier`), AFP, ANP,
Belga, EFE and Kyodo (NITF or text as DataContent).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from html import escape

import msgspec

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Organisation, Picture, Status, Story
from streams.prepare.companies.identifiers import has_isin_form
from streams.prepare.formats import nitf
from streams.prepare.formats._common import (
    UNTIL_FURTHER_NOTICE,
    StoryType,
    is_html,
    is_link,
    parse_code,
    parse_each,
    parse_embargo,
    parse_end,
    parse_note_status,
    parse_urgency,
    read_body,
    require_content,
    separate_paragraphs,
    unique_codes,
)
from streams.prepare.formats._inline import (
    InlineBody,
    describe,
    read_element,
    read_encoded,
    read_markup,
    require_understood,
)
from streams.prepare.formats._xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    inner_text,
    local_name,
    raw_text,
)
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, html_to_text, one_line

_SIGNED = re.compile(r"(?:\n\n|<p>\s*)[a-z]{1,4}(?:/[a-z]{1,4}){1,6}(?:\s*</p>)?\s*\Z")
"""AFP's last paragraph: the initials of writers and editors (`hh/ph/ts`), which are not for print."""
_INDENT = re.compile(r"(?m)^[ \t]+")
_BODY, _LEAD = ("body", "bodytext", "main", "story", "text", "maintext"), ("lead", "intro")
_TITLES = ("headline", "title")
_SUBTITLES = ("subheadline", "subtitle", "subhead")
_SUMMARIES = ("abstract", "summary", "synopsis", "teaser")
_NO_BODY = (*_LEAD, *_TITLES, *_SUBTITLES, *_SUMMARIES, "contact", "caption", "stylesheet", "keywords", "credit")
_IMAGES = ("photo", "picture", "image", "graphic", "jpeg", "png", "gif")
_SUBJECTS = ("Subject", "SubjectMatter", "SubjectDetail", "SubjectQualifier")
_IPTC = re.compile(r"iptcsubjectcodes?", re.I)
_SPLIT = re.compile(r"[;|]")
_NAMES = {
    "symbol": ("tickersymbol", "ticker", "symbol", "stocksymbol"),
    "exchange": ("exchange", "stockexchange", "market"),
    "isin": ("isin", "isincode"),
    "name": ("company", "companyname", "organisation", "organization"),
}
_SYMBOL_SCHEMES = ("ric", "ticker", "tickersymbol", "symbol")

_TYPES: dict[str, StoryType] = {
    "audio": "audio",
    "video": "video",
    "picture": "picture",
    "photo": "picture",
    "graphic": "graphic",
}
_INSTRUCTIONS = (
    (re.compile(r"kill|cancel|delete|withdraw|retract", re.I), Status.WITHDRAWN),
    (re.compile(r"correct|rectif", re.I), Status.CORRECTION),
    (re.compile(r"update|addition|replace", re.I), Status.UPDATE),
)
_RELEASES = ("release", "press release", "pressrelease", "news release")
_TIMESTAMP = re.compile(r"\d{8}(?:T.*)?")


class ComponentText(msgspec.Struct, frozen=True):
    """The text of one NewsComponent, with its role."""

    component: Element
    role: str
    text: str
    html: str
    nitf: Story
    """Everything that a NITF text says; empty for other texts."""


class ItemTexts(msgspec.Struct, frozen=True):
    """The texts of an item, by their part in the item."""

    text: str = ""
    html: str = ""
    headline: str = ""
    subheadline: str = ""
    summary: str = ""
    contact: str = ""
    component: Element | None = None
    """The component of the text. The metadata of the components around it holds for the item."""
    nitf: Story = Story()


def matches(document: Document) -> bool:
    """Whether the root is `NewsML`, of any version and in any namespace."""
    return document.xml is not None and local_name(document.xml) == "NewsML"


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each item, also inside packages, into a story or its `Reject`. Raises `Reject`: `empty`, `malformed`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    items = [item for item in descendants(root, "NewsItem") if not _is_container(item)]
    if not items:
        raise Reject(Reason.EMPTY, "the NewsML holds no NewsItem with news in it")
    many = len(items) > 1
    envelope = child(root, "NewsEnvelope")
    places = [(item, f"NewsItem {i}" if many else "the NewsItem") for i, item in enumerate(items)]
    return parse_each(lambda item, where: _parse_item(item, envelope, where), places)


def _is_container(item: Element) -> bool:
    """Whether the item only holds others: a package of items without a headline of its own, or a set of topics."""
    if child(item, "NewsComponent") is None:
        return child(item, "TopicSet") is not None
    return any(True for _ in descendants(item, "NewsItem")) and not any(
        local_name(found) == "HeadLine" for found in item.iterfind("*/*/*")
    )


def _parse_item(item: Element, envelope: Element | None, where: str) -> Story:
    management, top = child(item, "NewsManagement"), child(item, "NewsComponent")
    if top is None and child(item, "Update") is not None:
        raise Reject(Reason.MISSING_FIELD, f"{where} holds only Update instructions; send the whole revision")
    texts = _read_texts(top, where)
    body = _arrange_texts(texts)
    around = _enclosing_components(body.component if body.component is not None else _find_headline_component(top))
    guid, id_, version = _parse_identifier(child(item, "Identification", "NewsIdentifier"))
    note = _read_note(management, around)
    story = Story(
        guid=guid,
        id=id_,
        version=version,
        type=next((_TYPES[name] for one in around if (name := _read_role(one)) in _TYPES), "text"),
        status=_parse_status(management, note),
        headline=_find_news_line(around, "HeadLine") or body.headline,
        subheadline=_find_news_line(around, "SubHeadLine") or body.subheadline,
        summary=body.summary,
        text=body.text,
        html=body.html,
        boilerplate=body.contact,
        first_created=_read_time(management, "FirstCreated"),
        version_created=_read_time(management, "ThisRevisionCreated") or _read_time(envelope, "DateAndTime"),
        content_created=parse_time(inner_text(_find_nearest(around, "DescriptiveMetadata", "DateLineDate"))),
        embargoed_until=_parse_embargo(management, where),
        rights_end=parse_end(inner_text(_find_nearest(around, "RightsMetadata", "UsageRights", "EndDate"))),
        language=_find_language([*around, item]),
        urgency=parse_urgency(_formal_name(child(management, "Urgency"))),
        ed_note=note,
        slugline=_find_news_line(around, "SlugLine"),
        byline=_find_news_line(around, "ByLine"),
        dateline=_find_dateline(around),
        located=_find_city(around),
        copyright_notice=_find_news_line(around, "CopyrightLine"),
        copyright_holder=one_line(inner_text(_find_nearest(around, "RightsMetadata", "Copyright", "CopyrightHolder"))),
        usage_terms=_format_usage_terms(around),
        distributor=_find_distributor(item, envelope, around),
        issuer=_find_issuer(around),
        codes=_parse_codes(around),
        organisations=_parse_organisations(item, around),
        pictures=_parse_pictures(top),
    )
    story = nitf.fill_gaps(story, body.nitf)
    require_understood(story, _describe_unread(top, texts), where)
    caption = "" if story.text or story.summary else _find_text(texts, ("caption",))
    if caption and (not story.headline or _has_image(top)):
        story = msgspec.structs.replace(story, type="picture", summary=caption)
    return require_content(story, where)


def _find_headline_component(top: Element | None) -> Element | None:
    """Finds the first component with a headline, for items without text."""
    found = [one for one in _walk_components(top) if _find_news_line([one], "HeadLine")]
    return found[0] if found else top


def _parse_identifier(identifier: Element | None) -> tuple[str, str, str]:
    """Returns the public identifier, the same without its revision, and the revision (section 5.5.1).

    A public identifier is `urn:newsml:ProviderId:DateId:NewsItemId:RevisionId`, and the `Update` letter unless that
    is N. If a provider writes anything else without the NewsItemId, it is built from the parts.
    """
    names = ("ProviderId", "DateId", "NewsItemId", "RevisionId")
    provider, date, number, revision = (one_line(inner_text(child(identifier, name))) for name in names)
    public = one_line(inner_text(child(identifier, "PublicIdentifier")))
    letter = attribute(child(identifier, "RevisionId"), "Update").removeprefix("N")
    bare = public
    for end in (f":{revision}{letter}", f":{revision}"):
        if revision and public.endswith(end):
            return public, public.removesuffix(end), revision
    if number and number not in public:
        bare = f"urn:newsml:{provider}:{date}:{number}"
        public = f"{bare}:{revision}" if revision else bare
    return public, bare, revision


def _parse_status(management: Element | None, note: str) -> Status:
    stated = _formal_name(child(management, "Status")).lower()
    kind = _formal_name(child(management, "NewsItemType")).lower()
    if "test" in (stated, kind):
        return Status.TEST
    if stated in ("canceled", "cancelled", "killed", "withdrawn"):
        return Status.WITHDRAWN
    orders = [_formal_name(one) for one in children(management, "Instruction")]
    return next(
        (status for pattern, status in _INSTRUCTIONS if any(map(pattern.search, orders))),
        Status.ADVISORY if kind == "advisory" else parse_note_status(note),
    )


def _parse_embargo(management: Element | None, where: str) -> datetime | None:
    """Returns when an embargoed or withheld item becomes usable (`StatusWillChange`); None for a usable item."""
    if _formal_name(child(management, "Status")).lower() not in ("embargoed", "withheld"):
        return None
    for change in children(management, "StatusWillChange"):
        if _formal_name(child(change, "FutureStatus")).lower() == "usable":
            return (
                parse_embargo(inner_text(child(change, "DateAndTime")), f"{where}: StatusWillChange")
                or UNTIL_FURTHER_NOTICE
            )
    return UNTIL_FURTHER_NOTICE


def _read_time(parent: Element | None, name: str) -> datetime | None:
    return parse_time(inner_text(child(parent, name)))


def _read_note(management: Element | None, around: list[Element]) -> str:
    orders = [clean(inner_text(child(one, "Comment"))) for one in children(management, "Instruction")]
    line = _find_typed_line(around, "editorsnote", "editorialnote", "advisoryline", "notetoeditors")
    return "\n".join(dict.fromkeys(filter(None, (*orders, line))))


def _find_dateline(around: list[Element]) -> str:
    line = _find_news_line(around, "DateLine")
    return "" if _TIMESTAMP.fullmatch(line) else line.rstrip(" -\u2013\u2014")


def _find_distributor(item: Element, envelope: Element | None, around: list[Element]) -> str:
    """Returns the provider of the item, else the sender, the news service, or the domain of the identifier."""
    return (
        _find_party(around, "Provider")
        or _formal_name(child(envelope, "SentFrom", "Party"))
        or _formal_name(child(envelope, "NewsService"))
        or one_line(inner_text(child(item, "Identification", "NewsIdentifier", "ProviderId")))
    )


def _find_issuer(around: list[Element]) -> str:
    """Returns the source of a press release: there it is the company that issues it. Empty for other items."""
    genres = [
        _formal_name(one).lower() for each_ in around for one in children(child(each_, "DescriptiveMetadata"), "Genre")
    ]
    return _find_party(around, "Source") if any(genre in _RELEASES for genre in genres) else ""


def _read_texts(top: Element | None, where: str) -> list[ComponentText]:
    """Reads the text of each component, in its longest rendition, in document order."""
    found: list[ComponentText] = []
    for component in _walk_components(top):
        read = [part for item in children(component, "ContentItem") if (part := _read_text(component, item, where))]
        if read:
            found.append(max(read, key=lambda part: len(part.text)))
    return found


def _walk_components(top: Element | None) -> Iterator[Element]:
    """Iterates over a component and all components below it, but not those of a NewsItem inside."""
    if top is not None:
        yield top
        for inner in children(top, "NewsComponent"):
            yield from _walk_components(inner)


def _read_role(component: Element) -> str:
    """Returns the role of a component in lower case without blanks; empty if it has none."""
    return attribute(child(component, "Role"), "FormalName").replace(" ", "").lower()


def _read_text(component: Element, item: Element, where: str) -> ComponentText | None:
    data, kind = _find_data(item)
    if data is None:
        return None
    document = next(descendants(data, "nitf"), None)
    if document is not None:
        story = nitf.parse_element(document, where)
        return ComponentText(component, _read_role(component), story.text, story.html, story)
    holder = data.getparent()
    if holder is not None and local_name(holder) == "Encoding":
        body = read_encoded(raw_text(data), attribute(holder, "Notation"), _read_mime_type(item))
    elif (page := next((one for one in data if local_name(one)), None)) is not None and local_name(page) == "html":
        inside = child(page, "body")
        body = InlineBody() if inside is None else read_markup(inside)
    elif len(data) and "html" in kind:
        body = read_markup(data)
    elif any(map(local_name, data)):
        body = read_element(data)
    else:
        body = InlineBody(*read_body(_INDENT.sub("", raw_text(data)), ""))
    return ComponentText(component, _read_role(component), body.text, body.html, Story()) if body else None


def _find_data(item: Element) -> tuple[Element | None, str]:
    """Returns the content of a ContentItem and its kind; None for style sheets and scripts, and for no content."""
    kind = f"{_read_mime_type(item)} {attribute(child(item, 'Format'), 'FormalName').lower()}"
    data = child(item, "DataContent")
    if data is None:
        data = child(item, "Encoding", "DataContent")
    return (None if "css" in kind or "javascript" in kind else data), kind


def _read_mime_type(item: Element) -> str:
    return attribute(child(item, "MimeType"), "FormalName").lower()


def _describe_unread(top: Element | None, found: list[ComponentText]) -> str:
    """Describes the first content that may be the body and was not read; empty if all was read."""
    read = {part.component for part in found if part.text}
    for component in _walk_components(top):
        if component in read or _read_role(component) in _NO_BODY:
            continue
        for item in children(component, "ContentItem"):
            data, kind = _find_data(item)
            if data is not None and inner_text(data) and not kind.startswith(("image/", "audio/", "video/")):
                return describe(data)
    return ""


def _arrange_texts(found: list[ComponentText]) -> ItemTexts:
    """Chooses body, lead, headline, summary and contacts among the texts, by role.

    Of several bodies (languages, long and short form) the first is taken. A lead that is a component of its own is
    put above the body.
    """
    main = next((part for name in _BODY for part in found if part.role == name), None)
    if main is None:
        main = max((part for part in found if part.role not in _NO_BODY), key=lambda part: len(part.text), default=None)
    beside = found if main is None else [part for part in found if _is_sibling(part, main)]
    lead = next((part for part in beside if part.role in _LEAD and part is not main), None)
    texts = [part for part in (lead, main) if part is not None]
    return ItemTexts(
        text=_SIGNED.sub("", "\n\n".join(part.text for part in texts)),
        html=_SIGNED.sub("", "\n".join(map(_format_html, texts))) if any(part.html for part in texts) else "",
        headline=_find_text(beside, _TITLES),
        subheadline=_find_text(beside, _SUBTITLES),
        summary=_find_text(beside, _SUMMARIES),
        contact=next((clean(part.text) for part in beside if part.role == "contact"), ""),
        component=texts[-1].component if texts else next((part.component for part in found), None),
        nitf=Story() if main is None else main.nitf,
    )


def _is_sibling(part: ComponentText, main: ComponentText) -> bool:
    return part.component.getparent() is main.component.getparent()


def _find_text(found: list[ComponentText], roles: tuple[str, ...]) -> str:
    return next((one_line(part.text) for part in found if part.role in roles), "")


def _format_html(part: ComponentText) -> str:
    return part.html or "\n".join(
        f"<p>{escape(line, quote=False)}</p>" for line in separate_paragraphs(part.text).split("\n\n")
    )


def _enclosing_components(component: Element | None) -> list[Element]:
    """Returns the component and the components around it within its item, the nearest first."""
    if component is None:
        return []
    outer = [found for found in component.iterancestors() if local_name(found) in ("NewsComponent", "NewsItem")]
    inside = (
        [local_name(found) for found in outer].index("NewsItem")
        if any(local_name(f) == "NewsItem" for f in outer)
        else len(outer)
    )
    return [component, *outer[:inside]]


def _find_nearest(components: list[Element], *path: str) -> Element | None:
    """Returns the element at a path of local names in the nearest component that has it."""
    return next((found for component in components if (found := child(component, *path)) is not None), None)


def _find_news_line(components: list[Element], *names: str) -> str:
    """Returns the first non-empty line of `NewsLines` with one of these names, in any case (`Headline`)."""
    wanted = [name.lower() for name in names]
    for component in components:
        lines = child(component, "NewsLines")
        for found in lines if lines is not None else ():
            if local_name(found).lower() in wanted and (said := inner_text(found)):
                return one_line(said)
    return ""


def _find_typed_line(components: list[Element], *kinds: str) -> str:
    """Returns the text of the first `NewsLine` of one of these types (in lower case without blanks)."""
    for component in components:
        for found in children(child(component, "NewsLines"), "NewsLine"):
            kind = attribute(child(found, "NewsLineType"), "FormalName").replace(" ", "").lower()
            if kind in kinds and inner_text(child(found, "NewsLineText")):
                return one_line(inner_text(child(found, "NewsLineText")))
    return ""


def _formal_name(element: Element | None) -> str:
    """Returns the `FormalName` of an element."""
    return one_line(attribute(element, "FormalName"))


def _find_party(components: list[Element], kind: str) -> str:
    """Returns the party with this role (Provider, Source and so on) in `AdministrativeMetadata`."""
    found = (_formal_name(child(component, "AdministrativeMetadata", kind, "Party")) for component in components)
    return next(filter(None, found), "")


def _find_language(components: list[Element]) -> str:
    """Returns the `Language` of `DescriptiveMetadata`, else `xml:lang`."""
    stated = (_formal_name(child(component, "DescriptiveMetadata", "Language")) for component in components)
    marked = (attribute(component, "lang") for component in components)
    return next(filter(None, (*stated, *marked)), "")


def _find_city(components: list[Element]) -> str:
    """Returns the city that the item comes from: of a `Location` with `HowPresent` Origin or without `HowPresent`."""
    for component in components:
        for place in children(child(component, "DescriptiveMetadata"), "Location"):
            city = _read_properties(place).get("city", "")
            if city and attribute(place, "HowPresent") in ("", "Origin"):
                return city
    return ""


def _format_usage_terms(components: list[Element]) -> str:
    """Joins type, geography and limitations of the usage rights into one text."""
    rights = _find_nearest(components, "RightsMetadata", "UsageRights")
    names = ("UsageType", "Geography", "Limitations")
    return "; ".join(filter(None, (one_line(inner_text(child(rights, name))) for name in names)))


def _parse_codes(components: list[Element]) -> tuple[Code, ...]:
    """Parses subject codes, genres and keywords.

    Keywords under a name of the provider's own (`BWIndustryKeywords`) have that name as scheme.
    """
    found: list[Code | None] = []
    for component in components:
        described = child(component, "DescriptiveMetadata")
        for group in children(described, "SubjectCode"):
            found += [_parse_subject(one) for one in group if local_name(one) in _SUBJECTS]
        found += [Code("genre", _formal_name(one)) for one in children(described, "Genre") if _formal_name(one)]
        lines = [one_line(inner_text(one)) for one in children(child(component, "NewsLines"), "KeywordLine")]
        found += [Code("keyword", word.strip()) for words in lines for word in _SPLIT.split(words) if word.strip()]
        for holder in (described, *children(component, "Metadata")):
            for entry in children(holder, "Property"):
                name, value = _formal_name(entry), one_line(attribute(entry, "Value"))
                if value and name.lower() in ("keyword", "keywords"):
                    found += [Code("keyword", word.strip()) for word in _SPLIT.split(value) if word.strip()]
                elif value and name.endswith("Keywords"):
                    found.append(Code(name, value))
    return unique_codes(found)


def _parse_subject(element: Element) -> Code | None:
    scheme = attribute(element, "Scheme") or attribute(element, "Vocabulary")
    return parse_code(_formal_name(element), "" if _IPTC.fullmatch(scheme) else scheme)


def _parse_organisations(item: Element, components: list[Element]) -> tuple[Organisation, ...]:
    """Parses companies from properties that stand together (Ticker Symbol, Exchange, ISIN), and from the topics."""
    holders = [
        holder
        for component in components
        for name in ("DescriptiveMetadata", "Metadata")
        for holder in children(component, name)
    ]
    found = [entry for holder in holders for entry in _parse_securities(holder)]
    return tuple(dict.fromkeys((*found, *_parse_topics(item))))


def _parse_securities(holder: Element) -> Iterator[Organisation]:
    stated = _read_properties(holder)
    name, symbol, exchange, isin = (
        next((value for key, value in stated.items() if key in _NAMES[kind]), "")
        for kind in ("name", "symbol", "exchange", "isin")
    )
    entry = Organisation(name=name, symbol=symbol, exchange=exchange, isin=_isin_or_empty(isin))
    if entry.symbol or entry.isin:
        yield entry
    for inner in children(holder, "Property"):
        if len(inner):
            yield from _parse_securities(inner)


def _read_properties(holder: Element) -> dict[str, str]:
    """Reads the properties that have a value, by formal name in lower case without blanks; the first of each name."""
    found: dict[str, str] = {}
    for entry in children(holder, "Property"):
        if value := one_line(attribute(entry, "Value")):
            found.setdefault(_formal_name(entry).replace(" ", "").lower(), value)
    return found


def _isin_or_empty(value: str) -> str:
    return value if has_isin_form(value) else ""


def _parse_topics(item: Element) -> Iterator[Organisation]:
    """Parses topics of type Company (section 5.3). Their formal names are codes in the scheme that each names."""
    for topic in descendants(item.getroottree().getroot(), "Topic"):
        if _formal_name(child(topic, "TopicType")).lower() not in ("company", "organisation", "organization"):
            continue
        stated = {attribute(one, "Scheme").lower(): one_line(inner_text(one)) for one in children(topic, "FormalName")}
        symbol = next((stated[name] for name in _SYMBOL_SCHEMES if stated.get(name)), "")
        isin = _isin_or_empty(stated.get("isin", ""))
        if symbol or isin:
            yield Organisation(name=one_line(inner_text(child(topic, "Description"))), symbol=symbol, isin=isin)


def _parse_pictures(top: Element | None) -> tuple[Picture, ...]:
    """Parses the largest image of each component that links images, with its caption."""
    found = []
    for component in _walk_components(top):
        linked = [
            item for item in children(component, "ContentItem") if is_link(attribute(item, "Href")) and _is_image(item)
        ]
        if linked:
            best = max(linked, key=_read_width)
            mime = attribute(child(best, "MimeType"), "FormalName").lower()
            found.append(Picture(href=attribute(best, "Href"), caption=_find_caption(component), content_type=mime))
    return tuple({picture.href: picture for picture in found}.values())


def _has_image(top: Element | None) -> bool:
    return any(_is_image(item) for component in _walk_components(top) for item in children(component, "ContentItem"))


def _is_image(item: Element) -> bool:
    mime = attribute(child(item, "MimeType"), "FormalName").lower()
    kinds = (attribute(child(item, name), "FormalName").lower() for name in ("MediaType", "Format"))
    return mime.startswith("image/") or (not mime and any(word in kind for kind in kinds for word in _IMAGES))


def _read_width(item: Element) -> int:
    sizes = children(child(item, "Characteristics"), "Property")
    values = (attribute(one, "Value") for one in sizes if attribute(one, "FormalName") in ("PixelWidth", "Width"))
    return max((int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 9), default=0)


def _find_caption(component: Element) -> str:
    """Finds the caption of a component: the text of a child or sibling with that role, else its own headline."""
    for inner in (*children(component, "NewsComponent"), *children(component.getparent(), "NewsComponent")):
        if _read_role(inner) == "caption" and (data := next(descendants(inner, "DataContent"), None)) is not None:
            caption = raw_text(data)
            return one_line(html_to_text(caption) if is_html(caption) else caption)
    return one_line(inner_text(child(component, "NewsLines", "HeadLine")))
