"""Separates the boilerplate of a release from its news: `About X`, forward-looking statements, contacts."""

import re


def _any(*patterns: str) -> str:
    return "(?:" + "|".join(patterns) + ")"


_ABOUT = _any(
    r"(?:About|ABOUT) (?:the |us\b)?[A-Z0-9\u201c\"](?:[^\n.!?;]|\.(?=\w)"
    r"|(?i:(?<=inc|ltd|llc|pty|plc)|(?<=corp)|(?<= co)|(?<=\.\w))\.){0,100}",
    r"(?:Über (?:die |das |den )?|À propos (?:de (?:la |l['\u2019])?|du |d['\u2019])|Sobre (?:a |o |la |el )?"
    r"|Acerca de |Informazioni su |A proposito di |Over |Om |O (?:firmie |spółce |Grupie ))"
    r"[A-Z0-9ÅÄÖØÉ][^\n.!?;]{0,80}",
    r"(?:关于|關於).{1,40}",
    r".{1,40}(?:について|の概要)",
    r"会社概要|公司简介|公司簡介",
)
_FORWARD = r"forward[- \u2011]?looking (?:statement|information)s?"
_LEGAL = _any(
    r"(?:note (?:on|regarding|about) |cautionary (?:note|statement|language)s? "
    r"(?:on|regarding|about|concerning) )?(?:the )?(?:use of )?" + _FORWARD + r"(?: [\w ,-]{0,60})?",
    r"cautionary (?:note|statement)s?[\w ,-]{0,60}",
    r"(?:forward-looking )?safe[- ]harbou?r[\w ,/-]{0,80}",
    r"(?:legal |important |general )?(?:disclaimers?|legal notices?|disclosures?)(?: (?:and|&|/) [\w ,-]{1,60})?",
    r"on behalf of (?:the )?board(?: of directors)?(?: of .{1,60})?",
    r"[\w&.' -]{0,40}company (?:profile|portrait|overview|background|description)",
    r"(?:important |additional )information[\w ,-]{0,60}where to find it",
    r"no offer or solicitation",
    r"participants in the solicitation",
)
_CONTACT_WORD = (
    r"(?:company|media|press|investors?|ir|pr|corporate|public|sales|general|business|customer|shareholder|news"
    r"|for|and|&|/|further|more|additional|relations|enquiries|inquiries|information)"
)
_CONTACT = _any(
    rf"(?:{_CONTACT_WORD} ?){{0,6}}"
    r"(?:contacts?(?: (?:details|information|persons?|us))?|relations|enquiries|inquiries)",
    r"for (?:further|more|additional) information(?:,? (?:please )?(?:contact|visit)[^\n]{0,120})?",
    r"for (?:further|more|additional) information (?:about|on) [^.\n]{1,70}:",
    r"contact details.{0,60}",
    r"corporate communications",
    r"kontakt|pressekontakt|ansprechpartner|medienkontakt|contacts? presse|contactos? (?:de )?prensa"
    r"|contatti(?: stampa)?|perscontact|presskontakt|kontaktpersoner?|contato(?:s)? (?:de )?imprensa"
    r"|kontakt dla mediów|お?問い合わせ先?"
    r"|rechtlicher hinweis|zukunftsgerichtete aussagen|avertissement|déclarations prospectives|aviso legal",
    r"(?:媒体联系|联系人).{0,20}",
    r"notes? to (?:the )?editors?",
)
_HEADING = re.compile(rf"(?:(?i:{_LEGAL}|{_CONTACT})|{_ABOUT})[ :\u2026-]*")
_RUN_IN = re.compile(
    _any(
        r"(?:About|ABOUT) (?:the )?[A-Z\u201c\"][\w&.,'\u2019\u00ae\u2122 -]{0,80}?"
        r"(?: ?:|[.)]? [\u2013\u2014-] | [A-Z][\w&.,'\u2019 -]{0,60} (?:is|are|was|has|provides|offers)\b)",
        r"(?i:(?:note (?:on|regarding) |cautionary (?:note|statement)[\w -]{0,30} )?"
        rf"{_FORWARD} ?[:.\u2013-])",
        rf"(?i:(?:this|these|certain|some|all|except|statements|the) [^.]{{0,120}}\b{_FORWARD})",
        r"(?i:safe harbou?r (?:statement|act)?[^.]{0,60}[:.]|disclaimer ?[:.])",
        r"(?i:(?:media|press|investor|company)?(?: relations)? ?contacts? ?(?:details|information)?:)",
        r"(?i:media|press|investors?|ir|pr|company)(?: [Rr]elations)? [Cc]ontacts?(?=[A-Z0-9])",
        r"The issuer is solely responsible for the content",
        r"(?:About|ABOUT) (?:the |The )?(?P<run>[A-Z0-9][^\n:]{1,70}?)[.)]?\s?(?:The |the )?(?P=run)\b",
        r"About (?:the )?[A-Z0-9][^\n!?;]{1,70}[a-z.)](?=[A-Z][a-z])[^\n]{0,160}?"
        r" (?:is|are|was|empowers|provides|offers) ",
        r"(?:[\w&.' -]{1,40})?[Cc]ompany (?:[Pp]ortrait|[Pp]rofile) ?(?::|(?=[A-Z]))",
        r"NOTE TO INVESTORS ?:",
        r"This (?:post|article|content) (?:contains sponsored|was originally published on|is sponsored)\b",
        r"(?i:neither (?:the )?(?:tsxv?|cse|canadian securities exchange|cboe|neo|nex|toronto stock exchange)\b"
        r"[^.]{0,200}\baccepts? responsibility)",
        r"(?i:(?:the )?(?:tsx venture exchange|cboe canada|canadian securities exchange|cse) (?:has|does) not\b)",
    )
)
_SIDE_LINE = re.compile(
    _any(
        r"featured (?:photo|image)\b.{0,160}",
        r"(?:photo|image|picture)s? (?:by|from|via|courtesy of|credit:?) .{1,120}"
        r"(?:unsplash|shutterstock|pexels|pixabay|getty).{0,60}",
        r"(?:please )?(?:follow|join|connect with|find|like) (?:us|the company) on .{1,160}",
        r"read further disclosures here\.?",
    ),
    re.I,
)
"""A credit of a picture, or links of social networks: no news, and nothing behind it is boilerplate for that."""
_LONGEST_SIDE_LINE = 220
_SIDE_WORDS = frozenset({
    "featured", "photo", "photos", "image", "images", "picture", "pictures",
    "please", "follow", "join", "connect", "find", "like", "read",
})  # fmt: skip
"""First words of such lines; a quick check before `_SIDE_LINE`."""
_DESCRIPTION = re.compile(
    r"(?:(?P<since>(?:Established|Founded|Headquartered|Based|Launched) (?:in|on|by) [^,\n]{2,40}"
    r"(?:, [A-Z][\w. ]{2,30})?"
    r"|(?:Since|For more than|For over) [\w ]{2,16}), )?(?:[Tt]he )?"
    r"(?P<name>[A-Z0-9][\w&.+'\u2019\u00ae\u2122|-]*(?: [\w&.+'\u2019\u00ae\u2122|-]+,?){0,9}?)"
    r"(?: ?\([^()\n]{1,120}\))*,?"
    r" (?:(?:is|are) (?:an?|the|one of|trusted|dedicated|committed|headquartered)|(?(since)[a-z]{3,12}s|is a))\b"
)
_PROMOTES = re.compile(
    r"\b(?:leading|leader|provider|platform|headquartered|mission|founded|institution|nonprofit|non-profit|dedicated"
    r"|trusted|specializ\w+|specialis\w+|committed|company|firm|brand|industry|innovative)\b",
    re.I,
)
_LEADS_ON = re.compile(r"(?:for (?:more|further|additional) information|(?:to )?learn more|(?:please )?visit)\b", re.I)
_LAST_PARAGRAPHS = 3
"""Paragraphs at the end of a release that may describe its issuer."""
_IN_LINE = re.compile(r"(?<=[.!?\u201d\"]) {1,4}(?=(?:Contact Information|Company Profile|Media Contact) ?:)")
_NEWS_HEADING = re.compile(
    _any(
        r"(?:unaudited |interim |condensed |selected |key |summary )*(?:consolidated |financial |operating )+"
        r"(?:condensed |financial |income )?"
        r"(?:statements?|results|highlights|tables?|figures|data|information|balance|summary)\b.{0,60}",
        r"(?:consolidated )?balance sheets?|income statements?|reconciliation of .{1,80}",
        r"(?:appendix|conference call|webcast).{0,60}",
        r"(?:business )?outlook|highlights|key figures",
    ),
    re.I,
)
_HEADING_WORDS = 14
_NOTICE = re.compile(r"The issuer is solely responsible for the content")
_SENTENCE = re.compile(r"(?:\S+\s+){5}.*[.!?\u2026][\"'\u201d)]?\s*\Z|.{12,}\u3002\s*\Z", re.S)
_OF_A_SERVICE = re.compile(r"disclosure of (?:an )?inside information|transmitted by|dissemination of a", re.I)
"""A sentence that a service puts above each announcement; it is no news."""


def split_boilerplate(body: str, after: str = "", *, begun: bool = False) -> tuple[str, str]:
    """Splits `body` into news and boilerplate. `after`, the text behind the `SOURCE` line, is boilerplate as a whole.

    Boilerplate runs from its heading to the next heading of news (tables, outlook), or to the end. Nothing before the
    first paragraph of news counts as boilerplate. News has begun with a sentence, or where the caller says so
    (`begun`: a dateline stood above); else only what is shorter than the text above it is boilerplate. A note that a
    service puts above each announcement is boilerplate alone.
    """
    if "Contact Information" in body or "Company Profile" in body or "Media Contact" in body:
        body = _IN_LINE.sub("\n\n", body)
    news: list[str] = []
    rest: list[str] = []
    inside = has_news = said = False
    before = ""
    read = looked = 0
    for line in body.split("\n"):
        if line and _begins_unit(before):
            if inside:
                short = len(line.split()) <= _HEADING_WORDS
                inside = not (short and _NEWS_HEADING.fullmatch(line.rstrip(" :")))
            if not inside and has_news and _is_heading(line):
                said = said or any(map(_is_sentence, news[looked:]))
                looked = len(news)
                if not said and _NOTICE.match(line):
                    rest += [line, ""]
                    before = ""
                    continue
                inside = begun or said or 2 * read > len(body)
        read += len(line) + 1
        if not inside and has_news and _is_side_line(line):
            rest += [line, ""]
            continue
        (rest if inside else news).append(line)
        has_news = has_news or (bool(line) and not inside)
        before = line
    if begun or any(rest) or after:
        described = _take_description(news)
        rest = [*described, "", *rest] if described else rest
    if after:
        rest += ["", after]
    return _join_lines(news), _join_lines(rest)


def _is_side_line(line: str) -> bool:
    first = line.partition(" ")[0].lower()
    return first in _SIDE_WORDS and len(line) < _LONGEST_SIDE_LINE and _SIDE_LINE.fullmatch(line) is not None


def _take_description(news: list[str]) -> list[str]:
    """Removes the last paragraphs from `news` that describe a company, and returns them.

    The text before must name the company, or the paragraph calls it a leading one. What follows may only describe, too.
    """
    places = [at for at, line in enumerate(news) if line]
    first = -1
    for at in reversed(places[1:][-_LAST_PARAGRAPHS:]):
        line = news[at]
        found = _DESCRIPTION.match(line)
        if not found and not _LEADS_ON.match(line):
            break
        if (
            found
            and not news[at - 1]
            and _PROMOTES.search(line[:400])
            and ("leading" in line[:200] or any(found["name"].split()[0] in before for before in news[:at]))
        ):
            first = at
    if first < 0:
        return []
    taken = news[first:]
    del news[first:]
    return taken


def _join_lines(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _is_sentence(line: str) -> bool:
    return _SENTENCE.match(line) is not None and not _OF_A_SERVICE.search(line) and not _NOTICE.match(line)


def _begins_unit(before: str) -> bool:
    """Tells whether the line after `before` begins a paragraph: `before` is empty or ends a sentence."""
    return not before or before.endswith((".", "!", "?", ":", ")", '"', "\u201d"))


def _is_heading(line: str) -> bool:
    head = line[:300]
    if len(head) < 140 and len(head.split()) <= _HEADING_WORDS and _HEADING.fullmatch(head):
        return True
    return _RUN_IN.match(head) is not None
