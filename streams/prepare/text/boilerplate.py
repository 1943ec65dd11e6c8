"""Separates the boilerplate of a release from its news: `About X`, forward-looking statements, contacts."""

import re


def _any(*patterns: str) -> str:
    return "(?:" + "|".join(patterns) + ")"


_FORM_WORD = r"\b(?:Inc|LLC|L\.L\.C|LLP|Ltd|Limited|Corp|Corporation|Company|Co|PLC|plc|GmbH|AG|SE|PBC)\b"
_FORM = rf"(?:,? {_FORM_WORD})?"

_ABOUT = _any(
    r"(?:About|ABOUT) (?:the |us\b)?(?:[A-Z0-9\u201c\"]|[a-z]{1,2}[A-Z]|[a-z]+ (?:AG|SE|Inc|Ltd)\b)"
    r"(?:[^\n.!?;]|\.(?=\w)"
    r"|(?i:(?<=inc|ltd|llc|pty|plc)|(?<=corp)|(?<= co)|(?<=\.\w))\.){0,100}",
    r"(?:About|ABOUT)(?: [Uu]s)?",
    r"(?:Over|Om) [A-ZÅÄÖØÉ][^\n.,!?;]{0,80}",
    r"(?:Über (?:die |das |den )?|À propos (?:de (?:la |l['\u2019])?|du |d['\u2019])|Sobre (?:a |o |la |el )?"
    r"|Acerca de |Informazioni su |A proposito di |O (?:firmie |spółce |Grupie ))"
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
    r"additional resources",
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
        r"(?: ?:|[.)]? [\u2013\u2014-] "
        r"| [A-Z][\w&.,'\u2019 -]{0,60} (?:\([^()\n]{1,40}\) )?(?:is|are|was|has|provides|offers)\b)",
        r"(?i:(?:note (?:on|regarding) |cautionary (?:note|statement)[\w -]{0,30} )?"
        rf"{_FORWARD} ?[:.\u2013-])",
        rf"(?i:(?:this|these|certain|some|all|except|statements|the) [^.]{{0,120}}\b{_FORWARD})",
        r"(?i:safe harbou?r (?:statement|act)?[^.]{0,60}[:.]|disclaimers? ?[:.]|social links ?:)",
        r"This information is provided by (?:RNS|Reach)\b",
        r"(?i:please see (?:the )?full terms of use and disclaimers\b)",
        r"(?i:(?:your |media|press|investor|company|ir)?(?: (?:and|&) (?:media|press|investor))?(?: relations)?"
        r" ?contacts? ?(?:details|information|person)?:)",
        r"(?i:media|press|investors?|ir|pr|company)(?: [Rr]elations)? [Cc]ontacts?(?=[A-Z0-9])",
        r"Contact[A-Z][a-z]+ ?[A-Z]",
        r"The issuer is solely responsible for the content",
        r"(?i:(?:statements|views|opinions)\b[^.]{0,160} are (?:solely )?those of the [^.]{0,40}\bauthors?\b)",
        rf"(?:About|ABOUT) (?:the |The )?(?P<run>[A-Z0-9][^\n:]{{1,70}}?){_FORM}(?: ?\([^()\n]{{1,40}}\))?[.)]?"
        r"\s?(?:The |the )?(?P=run)\b",
        r"(?:About|ABOUT) [A-Z][^\n:.!?]{1,70} (?:Co-)?(?:[Ff]ounded|[Ee]stablished|[Hh]eadquartered|Based|Located)"
        r" (?:in|by)\b",
        rf"(?:About|ABOUT) [A-Z][^\n:.!?]{{1,70}}?{_FORM_WORD}\.? (?:An?|The|Since|With|At) ",
        r"SOURCE:? (?P<source>[A-Z][^\n]{1,60}?)\s?(?P=source) (?:is|are|was|has|provides|offers)\b",
        r"About (?:the )?[A-Z0-9][^\n!?;]{1,70}[a-z.)](?=[A-Z][a-z])[^\n]{0,160}?"
        r" (?:is|are|was|has|empowers|provides|offers|recogni[sz]es?|helps?|makes?|delivers?|develops?|operates?"
        r"|serves?|speciali[sz]es?|enables?|brings?) ",
        r"(?:[\w&.' -]{1,40})?[Cc]ompany (?:[Pp]ortrait|[Pp]rofile) ?(?::|(?=[A-Z]))",
        r"NOTE TO INVESTORS ?:",
        r"This (?:post|article|content) (?:contains sponsored|was originally published on|is sponsored"
        r"|(?:was|is) (?:authored|written|provided) by an external)\b",
        r"(?i:neither (?:the )?(?:tsxv?|cse|canadian securities exchange|cboe|neo|nex|toronto stock exchange)\b"
        r"[^.]{0,200}\baccepts? responsibility)",
        r"(?i:(?:the )?(?:tsx venture exchange|cboe canada|canadian securities exchange|cse) (?:has|does) not\b)",
    )
)
_NO_VERB = r"(?!(?: ?[\w.]{1,20}){0,3}? (?:was|were|is|are|has|had|became|reads?|said|says|went|got|drew|did)\b)"
"""Behind a call to follow stands no verb: `Follow us on X was the slogan of the protest` is news."""
_SIDE_LINE = re.compile(
    _any(
        r"featured (?:photo|image)\b.{0,160}",
        r"(?:photo|image|picture)s? (?:by|from|via|courtesy of|credit:?) .{1,120}"
        r"(?:unsplash|shutterstock|pexels|pixabay|getty).{0,60}",
        r"(?:please )?(?:follow|join|connect with|find|like) (?:us|the company) on" + _NO_VERB + r" .{1,160}",
        r"follow [^.]{3,90}? (?:on (?:x|twitter|facebook|instagram|linkedin)\b"
        + _NO_VERB
        + r"(?!: (?!http|www)[a-z]).{0,60}|@\w+)",
        r"for (?:more|the latest) news (?:at|from|on|about) [^,]{3,80}, follow us on .{1,60}",
        r"(?:(?:facebook|instagram|tiktok|telegram|twitter|x|linkedin|youtube|discord|website)(?: ?/ ?\w+)? ?: ?"
        r"(?:https?://[^\s,;|]++|@?[\w.-]++)[ ,;|]*+)++",
        r"(?:#\w+[ ,]*){2,}",
        r"read further disclosures here\.?",
    ),
    re.I,
)
"""A credit of a picture, or links of social networks: no news, and nothing behind it is boilerplate for that."""
_LONGEST_SIDE_LINE = 220
_SIDE_WORDS = frozenset({
    "featured", "photo", "photos", "image", "images", "picture", "pictures",
    "please", "follow", "join", "connect", "find", "like", "read", "for",
    "facebook", "instagram", "tiktok", "telegram", "twitter", "x", "linkedin", "youtube", "discord", "website",
})  # fmt: skip
"""First words of such lines; a quick check before `_SIDE_LINE`."""
_OF_PLACE = r"[A-Z]\w+(?: [A-Z]\w+)?(?:'|\u2019)s"
_NAME_WORD = r"[A-Z0-9][\w&.+'\u2019\u00ae\u2122-]*"
_DESCRIPTION = re.compile(
    r"(?:(?P<since>(?:Established|Founded|Headquartered|Based|Launched) (?:(?:in|on|by) [^,\n]{2,40}"
    r"(?:, [A-Z][\w. ]{2,30})?|[\w ]{2,20} ago)"
    r"|(?:Since|For more than|For over) [\w ]{2,16}), )?(?:[Tt]he )?"
    rf"(?P<name>{_NAME_WORD}(?: (?:(?:of|and|for|the|de|du|in|at|&|\|) ){{0,2}}{_NAME_WORD},?){{0,9}}?)"
    r"(?: ?[(\[][^()\[\]\n]{1,120}[)\]])*,?"
    rf" (?:(?:is|are) (?:an?|the|one of|trusted|headquartered|{_OF_PLACE})|(?(since)[a-z]{{3,12}}s|is a)"
    r"|(?<=, )(?:an?|the) [^.\n]{5,120}, (?:is (?:trusted|headquartered)|provides|offers|helps|serves|delivers))\b"
)
_PROMOTES = re.compile(
    r"\b(?:leading|leader|provider|platform|headquartered|mission|founded|institution|nonprofit|non-profit|dedicated"
    r"|trusted|specializ\w+|specialis\w+|company|firm|brand|organi[sz]ation)\b",
    re.I,
)
_LEADS_ON = re.compile(r"(?:for (?:more|further|additional) information|(?:to )?learn more|(?:please )?visit)\b", re.I)
_LONG_PARAGRAPH = 1200
_IN_PARAGRAPH = re.compile(
    rf"(?:(?<=[.!?] )|(?<=\d{{4}} ))(?P<name>{_NAME_WORD}(?: (?:\| )?{_NAME_WORD}){{0,9}})"
    rf" is (?:an?|the|{_OF_PLACE}) (?:[\w-]+ ){{0,2}}(?:leading|trusted|premier)\b"
)
"""A sentence that describes a company, in a release of one paragraph."""
_SAYS_WHERE = re.compile(r"\b(?:(?:more|further|additional) information|learn more)\b.*(?:www\.|\.\w)", re.I)
_LAST_PARAGRAPHS = 3
"""Paragraphs at the end of a release that may describe its issuer."""
_SPACED = re.compile(
    r"(?:Contact Information|(?:Company |Author )?Profile|Media Contact) ?:|Contact Details[A-Z]"
    r"|This (?:post|content) contains sponsored "
)
"""A heading behind a sentence and a blank."""
_GLUED = re.compile(
    r"(?:(?:Company|Media|Press|Investor|IR)(?: (?:and|&) (?:Press|Media|Investor))?(?: Relations)? [Cc]ontacts?"
    r"|CONTACT|Contact(?: Details| Information)?|Disclaimers?|DISCLAIMER|Social Links|Forward-Looking Statements?"
    r"|Safe Harbor Statement)(?: ?:|$)|Contact Details[A-Z]",
    re.M,
)
"""A heading behind a sentence or a word, without a blank."""
_GLUED_ABOUT = re.compile(r"About (?:the )?[A-Z][\w&.' -]{1,60}$", re.M)
_WORDS_OF_HEADINGS = (
    *("About ", "Contact", "CONTACT", "Disclaimer", "DISCLAIMER", "Company ", "Author Profile", "Profile", "Media "),
    *("Press ", "Investor ", "IR ", "Social Links", "Forward-Looking", "Safe Harbor", "This post", "This content"),
)
_ENDS_SENTENCE = (".", "!", "?", "\u201d", '"')
_ENDS_WORD = (".", "!", "?", "\u201d", ")")
_ENDS_HOST = (".com", ".org", ".net")
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
_BEHIND = 700
"""Characters behind a heading that must bear it out."""
_OPEN_HEADING = re.compile(
    r"(?:(?i:about)\b(?P<about>[^\n]{0,80})"
    rf"|(?P<contact>(?i:(?:{_CONTACT_WORD} ?){{0,6}}(?:contacts?(?: (?:details|information|persons?|us))?|relations"
    r"|enquiries|inquiries)|corporate communications))"
    r"|(?P<legal>(?i:(?:legal |important |general )?(?:disclaimers?|legal notices?|disclosures?)"
    r"(?: (?:and|&|/) [\w ,-]{1,60})?|additional resources))"
    r"|(?P<harbor>(?i:(?:forward-looking )?safe[- ]harbou?r\b))"
    r"|(?P<run>(?i:(?:[a-z]{2,10} (?:(?:and|&) )?){0,4}contacts?(?: (?:details|information|person))?:(?=\s?\S)))"
    r"|(?P<profile>(?i:[\w&.' -]{0,40}company (?:profile|portrait|overview|background|description))))"
    r"(?(about)|(?(harbor)|(?(run)|[ :\u2026-]*$)))"
)
"""Headings that may be those of a news story too, and their kind."""
_NAME = re.compile(r"[^\W\d_a-z][\w&'\u2019-]+|\b\d{1,9}[A-Za-z]\w*|\b[a-z]{1,2}[A-Z]\w+")
_COUNT = re.compile(r" \d[\d,.]* [a-z]")
_NO_NAME = re.compile(r"The|THE|Of|OF|And|AND|Inc|Ltd|LLC|Corp|PLC|AG|SE|Us|US")
_DESCRIBES = re.compile(
    r"\b(?:leading|leader|provider|platform|headquartered|mission|founded|founder|non-?profit|dedicated|trusted"
    r"|speciali[sz]\w+|company|firm|brand|organi[sz]ation|subsidiary|incorporated|our)\b",
    re.I,
)
_REACHES = re.compile(
    r"@|https?:|www\.|\w\.(?:com|org|net|io|ai|ca|co|de|eu|uk)\b|(?:\d[\s().+/-]{0,3}){7}"
    r"|\b(?:tel|telephone|phone|e-?mail|fax)\b",
    re.I,
)
"""An address, a number of a telephone or a link."""
_IS_LEGAL = re.compile(
    r"forward.looking|advice|liab|warrant(?:y|ies)|responsib|solicit|disclaim|trademark|confidential|not constitute"
    r"|prospectus|inside information|sponsored|informational|securities (?:act|laws|exchange|and exchange)|\bSEC\b"
    r"|registered|past performance|\b(?:further|more) (?:information|disclosures)|guarant|news release|release link",
    re.I,
)
_SAFE = re.compile(
    r"forward.looking|statements?\b|litigation|provisions?\b|private securities|\bact of \d{4}|risks?\b", re.I
)
"""Words of a paragraph about the safe harbor of the law, not about one for boats."""
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
    body = _free_headings(body)
    if len(body) > _LONG_PARAGRAPH and "\n" not in body and (found := _IN_PARAGRAPH.search(body, len(body) // 2)):
        name = found["name"].split()[0]
        if name in body[: found.start()]:
            body = f"{body[: found.start()].rstrip()}\n\n{body[found.start() :]}"
            begun = True
    news: list[str] = []
    rest: list[str] = []
    inside = has_news = said = False
    before = ""
    read = looked = 0
    lines = body.split("\n")
    for at, line in enumerate(lines):
        if line and _begins_unit(before):
            if inside:
                short = len(line.split()) <= _HEADING_WORDS
                inside = not (short and _NEWS_HEADING.fullmatch(line.rstrip(" :")))
            if not inside and has_news and _is_heading(line) and _is_borne_out(lines, at):
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
    described = _take_description(news, sure=begun or any(rest) or bool(after))
    rest = [*described, "", *rest] if described else rest
    if after:
        rest += ["", after]
    return _join_lines(news), _join_lines(rest)


def _free_headings(body: str) -> str:
    """Puts headings that stand in a line, behind a sentence or a word, into a paragraph of their own."""
    cuts: dict[int, int] = {}
    for word in _WORDS_OF_HEADINGS:
        at = body.find(word, 1)
        while at > 0:
            before = body[at - 1]
            if before == " ":
                end = len(body[max(0, at - 4) : at].rstrip()) + max(0, at - 4)
                if body.endswith(_ENDS_SENTENCE, 0, end) and _SPACED.match(body, at):
                    cuts[at] = end
            elif before != "\n":
                ends = before in _ENDS_WORD
                glued = ends or before.islower() or before.isdigit()
                about = ends or body.endswith(_ENDS_HOST, 0, at)
                if (glued and _GLUED.match(body, at)) or (about and _GLUED_ABOUT.match(body, at)):
                    cuts[at] = at
            at = body.find(word, at + 1)
    for at in sorted(cuts, reverse=True):
        body = f"{body[: cuts[at]]}\n\n{body[at:]}"
    return body


def _is_side_line(line: str) -> bool:
    first = line.partition(" ")[0].partition(":")[0].lower()
    begins = first in _SIDE_WORDS or first.startswith("#")
    return begins and len(line) < _LONGEST_SIDE_LINE and _SIDE_LINE.fullmatch(line) is not None


def _take_description(news: list[str], *, sure: bool) -> list[str]:
    """Removes the last paragraphs from `news` that describe a company, and returns them.

    The text before must name the company, or the paragraph calls it a leading one. What follows may only describe, too.
    Where nothing else shows that it is a release (`sure`), the paragraphs must say where to read more.
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
            and _PROMOTES.search(line[:300])
            and ("leading" in line[:200] or any(found["name"].split()[0] in before for before in news[:at]))
        ):
            first = at
    if first < 0 or not (sure or _SAYS_WHERE.search("\n".join(news[first:]))):
        return []
    above = max(place for place in places if place < first)
    head = news[above].rstrip(" :").casefold()
    if news[above].endswith(":") and news[first].casefold().startswith(head):
        first = above
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


def has_address(text: str) -> bool:
    """Tells whether the beginning of a text has an address, a number of a telephone or a link."""
    return _REACHES.search(text[:_BEHIND]) is not None


def _is_borne_out(lines: list[str], at: int) -> bool:
    """Tells whether what follows a heading is what such a heading stands above, where a news story may have it too.

    With `About X` goes X, above or below, or a legal form, or words that describe a company; `About 300 people` is
    news. Behind `Contact` stands an address, behind `Disclosures` words of the law. Where no sentence follows, there is
    no story to lose.
    """
    found = _OPEN_HEADING.match(lines[at][:_BEHIND])
    if found is None or not any(found.groups()):
        return True
    behind = [line[:_BEHIND] for line in lines[at + 1 : at + 12] if line]
    text = "\n".join([lines[at][found.end() : _BEHIND], *behind])[:_BEHIND]
    if found["about"] is not None:
        if _COUNT.match(found["about"]):
            return False
        above = "\n".join(line[:_BEHIND] for line in lines[: min(at, 12)])
        named = _names_again(found["about"], f"{above}\n{text}") or re.search(_FORM_WORD, found["about"])
        return bool(named or _DESCRIBES.search(text) or has_address(text))
    if found["harbor"] or found["run"]:
        # The heading stands in its own line: is that a sentence of news?
        near = "\n".join([lines[at][:_BEHIND], *behind[:2]])
        bears = _SAFE.search(near) if found["harbor"] else has_address(near)
        return bool(bears) or not _SENTENCE.match(lines[at][:_BEHIND])
    if not behind or not _SENTENCE.match(behind[0]) or has_address(text):
        return True
    words = {"legal": _IS_LEGAL, "profile": _DESCRIBES}.get(found.lastgroup or "")
    return words is not None and words.search(text) is not None


def _names_again(heading: str, text: str) -> bool:
    """Tells whether a text has a word of the name in a heading (`About the Marl Group`) again."""
    words = [word for word in _NAME.findall(heading) if not _NO_NAME.fullmatch(word)]
    whole = f"{heading}\n{text}"
    if heading.isupper():
        words, whole = [word.casefold() for word in words], whole.casefold()
    alone = heading.strip(" :\u2026").casefold() in ("", "us")
    return alone or any(whole.count(word[:6]) > 1 for word in words)
