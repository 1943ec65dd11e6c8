"""Splits the plain text of a release into its parts: dateline, issuer, body, boilerplate, links, marks.

Every wire format uses it, for the text says the same in all of them. Lines that are not copy are removed and read on
the way: links, pictures, copyright, share buttons, the wire's marks.
"""

import re

import msgspec

from streams.model.records import Picture, Status
from streams.prepare.text import notice_words
from streams.prepare.text.boilerplate import has_address, split_boilerplate
from streams.prepare.text.dateline import Dateline, find_known_wire, find_wire_name, read_dateline
from streams.prepare.text.notice_words import any_of, compile_words
from streams.prepare.text.plain import clean, one_line

_MAX_LINE = 2200
"""Characters of a line; a longer one is copy."""
_URL = r"(?P<url>https?://[^\s<>\"]{4,2000})"
_ORIGINAL = re.compile(
    r"(?:cision )?(?:view (?:the )?(?:original (?:content|press release|release)|source version)"
    r"|to view the (?:source|original) version)\b",
    re.I,
)
_ORIGINAL_ENDS = re.compile(
    r"(?: (?:of this [\w ]{1,30}|here|with multimedia))?(?: (?:on|at) (?:\S{3,60}\.\w{2,10}|[A-Z][\w ]{1,30}))?"
    r"[ .:]{0,3}"
)
"""The rest of such a line without a link."""
_LINK = re.compile(_URL)
_PICTURE = re.compile(rf"(?P<kind>photo|logo|picture|image|infographic)s? ?(?:-|\u2013|\u2014|:) ?{_URL}$", re.I)
_ATTACHMENT = re.compile(rf"link ?: ?{_URL}$", re.I)
_CAPTION = re.compile(r"caption ?: ?(?P<caption>.+)$", re.I)
_COPYRIGHT = re.compile(
    r"\u00a9|(?i:\(c\)\s?(?:copyright\b)?|copyright\b(?! (?:law|act|infring|protect|office))(?:\s?\(c\))?)"
    r"[\s:,.-]{0,3}(?:\u00a9\s?)?"
    r"(?:(?:[^\sa-z\d]\S{0,40}|by \S{1,40}|the|of|by|and|de|all|rights|reserved[.,]?)\s{1,2}){0,10}\(?\d{4}\b"
)
"""A notice of copyright: the sign, or the word with a year, with or without a name between; no sentence about it."""
_YEARS = re.compile(r"\b\d{4}(?: ?[-\u2013] ?\d{4})?\b")
_FORMULA = re.compile(r"\u00a9|\(c\)|copyright|all rights reserved|[.,]?$", re.I)
_NOISE = re.compile(
    r"read (?:more|(?:the )?full (?:article|story|release))(?: here)? ?[>\u00bb\u2192]{0,3}"
    r"|share (?:with|on|via) (?:facebook|twitter|x|linkedin|e-?mail|whatsapp|telegram|reddit|pinterest|instagram|xing"
    r"|threads|bluesky|messenger|friends|social media)(?: or copy link)?|cision|image attachments? links? ?:?"
    r"|related (?:links|images) ?:?|the post .{1,300} appeared first on .{1,80}|-0-|[#* ]{3,12}|-{1,2} ?end ?-{1,2}"
    r"|-{1,2}news direct-{1,2}|multimedia ?:|/prnewswire/",
    re.I,
)
_MARK = re.compile(
    r"/? ?(?P<mark>c ?o ?r ?r ?e ?c ?t ?i ?o ?n|u ?p ?d ?a ?t ?e|advisory|repeat|kill|withdrawn)"
    r"(?: (?:--?|\u2013|\u2014) [^/]{1,150}?)? ?/$",
    re.I,
)


_MARK_ALONE = re.compile(r"/ ?(?:C O R R E C T I O N|U P D A T E|R E P E A T|A D V I S O R Y)(?: ?--?[^/]{0,150})? ?/")
_LONGEST_HEADLINE = 300


def take_headline(headline: str, text: str) -> tuple[str, str]:
    """Returns headline and text, where the headline is only a mark (`/C O R R E C T I O N -- Marl plc/`).

    The release's own headline is then the first line of its text, if a paragraph follows.
    """
    first, _, rest = text.partition("\n")
    if not _MARK_ALONE.fullmatch(headline) or not rest.strip() or not 0 < len(first) < _LONGEST_HEADLINE:
        return headline, text
    return (headline, text) if first.endswith((".", ":")) else (first, rest.strip())


class TrailerReader:
    """Picks the lines that are not copy out of a release, line by line, and keeps what they say."""

    def __init__(self) -> None:
        self.url = ""
        self.notice = ""
        self.wire = ""
        self.status = Status.USABLE
        self.pictures: list[Picture] = []
        self._attached = False

    @property
    def holder(self) -> str:
        """The holder of the copyright: the notice without its sign, years and formula."""
        return _FORMULA.sub("", _YEARS.sub("", self.notice)).strip(" ,.;:-\u2013")

    def consume(self, line: str) -> bool:
        """Tells whether `line` is not copy, and keeps what it says."""
        if not line or len(line) > _MAX_LINE:
            return False
        if found := _ORIGINAL.match(line):
            link = _LINK.search(line)
            if link:
                self.url = self.url or _strip_punctuation(link["url"])
            if link or _ORIGINAL_ENDS.fullmatch(line, found.end()):
                self.wire = self.wire or find_known_wire(line[:300])
                return True
            return False
        return (
            self._read_picture(line)
            or self._read_mark(line)
            or self._read_copyright(line)
            or bool(_NOISE.fullmatch(line))
        )

    def _read_picture(self, line: str) -> bool:
        if found := _ATTACHMENT.match(line):
            self.pictures.append(Picture(href=_strip_punctuation(found["url"])))
            self._attached = True
            return True
        if self._attached and (found := _CAPTION.match(line)):
            self.pictures[-1] = Picture(href=self.pictures[-1].href, caption=found["caption"])
            self._attached = False
            return True
        if found := _PICTURE.match(line):
            caption = "Logo" if found["kind"].lower() == "logo" else ""
            self.pictures.append(Picture(href=_strip_punctuation(found["url"]), caption=caption))
            return True
        return False

    def _read_mark(self, line: str) -> bool:
        if not line.endswith("/") or len(line) > 200 or not (found := _MARK.fullmatch(line)):
            return False
        self.status = _STATUS_OF_MARK.get(found["mark"].replace(" ", "").lower(), Status.USABLE)
        return True

    def _read_copyright(self, line: str) -> bool:
        if len(line) > 200 or not _COPYRIGHT.match(line) or not _YEARS.search(line):
            return False
        self.notice = self.notice or line
        return True


_STATUS_OF_MARK = {
    "correction": Status.CORRECTION,
    "update": Status.UPDATE,
    "advisory": Status.ADVISORY,
    "kill": Status.WITHDRAWN,
    "withdrawn": Status.WITHDRAWN,
}


def _strip_punctuation(url: str) -> str:
    return url.rstrip(".,;:)]'\u201d\u2019")


class ReleaseParts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a release, each as in the field of `Story` of that name; empty where the text does not say."""

    dateline: str = ""
    located: str = ""
    distributor: str = ""
    issuer: str = ""
    url: str = ""
    pictures: tuple[Picture, ...] = ()
    copyright_notice: str = ""
    copyright_holder: str = ""
    status: Status = Status.USABLE
    ed_note: str = ""
    """The note of a correction: `In the news release …, the second paragraph should read …`."""
    byline: str = ""
    """Who wrote it, where the first line says it: `By Jo Hale, Marl Daily`."""
    text: str = ""
    """The copy behind the dateline's dash; copy that stands before the dateline comes first."""
    boilerplate: str = ""


_SOURCE = re.compile(r"(?:SOURCE:? |Source: ?|消息来源 ?[:\uff1a]? ?|稿源 ?[:\uff1a] ?)(?P<issuer>\S.{1,198})$")
_NOTE = re.compile(
    r"(?:in the (?:news )?release|in a release|please replace the|this corrects|we are advised by"
    r"|please note that|the (?:updated|corrected) release reads)\b",
    re.I,
)
_NOTE_ENDS = re.compile(
    r"(?:follows|reads|below)[:.]$|should (?:read|be|have)|replace the release|corrected version", re.I
)
_FEED_MARK = re.compile(r"The post [^\n]{3,200} (?:appeared first|first appeared) on [^\n]{2,80}$")
"""What a feed of WordPress adds behind the last words of a summary."""
_DEEPEST_DATELINE = 14
"""Lines, empty ones not counted, in which a dateline is looked for."""
_HEADER_LINES = 6
"""Lines of a carrier's header, `EQS-Adhoc: … / Key word(s): …`, below which the dateline of the issuer stands."""
_HEADER_WORDS = 25
"""Words of such a line; a longer one is the first paragraph of the text."""


def split_release(text: str) -> ReleaseParts:
    """Splits the plain text of a release. Never raises; takes time in proportion to the length of the text."""
    trailer = TrailerReader()
    text = clean(text)
    if "The post " in text:
        text = _FEED_MARK.sub("", text).rstrip()
    lines = [line for line in text.split("\n") if not trailer.consume(line)]
    issuer_at, issuer, sure = _find_issuer(lines)
    after: list[str] = []
    if issuer_at >= 0:
        lines, after = lines[:issuer_at], lines[issuer_at + 1 :]
    dateline, lines = _find_dateline(lines)
    note, lines = _find_note(lines, trailer.status)
    byline, lines = _find_byline(lines)
    body, boilerplate = split_boilerplate(clean("\n".join(lines)), clean("\n".join(after)), begun=dateline is not None)
    return ReleaseParts(
        dateline=dateline.text if dateline else "",
        located=dateline.located if dateline else "",
        distributor=(dateline.wire if dateline else "") or find_wire_name(trailer.notice) or trailer.wire,
        issuer=_choose_issuer(issuer if sure else "", (issuer, dateline.issuer if dateline else ""), body, boilerplate),
        url=trailer.url,
        pictures=tuple(trailer.pictures),
        copyright_notice=trailer.notice,
        copyright_holder=trailer.holder,
        status=trailer.status,
        ed_note=note,
        byline=byline,
        text=body,
        boilerplate=boilerplate,
    )


def _find_issuer(lines: list[str]) -> tuple[int, str, bool]:
    """Returns the index and issuer of the last `SOURCE …` line that no paragraph follows; -1 where there is none.

    The third tells whether it is the line with which a wire names the issuer (`SOURCE X`), not `Source: X`.
    A source followed by a paragraph is that of a table or a quotation; so is `Source: X` if lines without an address
    follow.
    """
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        if (found := _SOURCE.match(line)) and _is_name(found["issuer"]):
            sure = not line.startswith("Source")
            if sure or not any(lines[at + 1 :]) or has_address("\n".join(lines[at + 1 : at + 12])):
                return at, found["issuer"].strip(), sure
        if len(line.split()) > 40 and not _is_legal(line):
            break
    return -1, "", False


def _choose_issuer(source: str, named: tuple[str, ...], text: str, boilerplate: str) -> str:
    """Returns the issuer that the line `SOURCE X` states, else the first of the names `named` that fits.

    `Source: X` and a dateline (`/ Marl Media /`) may name the service that passed the release on. So where the release
    has boilerplate, text or boilerplate must have the first two words of the name again.
    """
    folded = f"{text}\n{boilerplate}".casefold()
    fits = (name for name in named if name and (not boilerplate or " ".join(name.split()[:2]).casefold() in folded))
    return source or next(fits, "")


def _is_name(text: str) -> bool:
    words = text.split()
    sentence = text.endswith((".", "?", "!")) and len(words[-1]) > 5
    return len(words) <= 25 and not text[0].islower() and not sentence and "http" not in words[0]


def _is_legal(line: str) -> bool:
    return bool(re.match(r"(?:about|forward|this (?:press|news) release|the information)\b", line, re.I))


def _find_note(lines: list[str], status: Status) -> tuple[str, list[str]]:
    """Returns the editor's note above a corrected release, and the lines without it."""
    found = [at for at, line in enumerate(lines[:12]) if _NOTE.match(line) and _NOTE_ENDS.search(line)]
    note = " ".join(lines[at] for at in found)
    if status is Status.USABLE and not re.search(r"correct|replace", note, re.I):
        return "", lines
    return note, [line for at, line in enumerate(lines) if at not in found]


_BYLINE = re.compile(r"[Bb]y (?P<name>[A-Z][\w.'\u2019-]+(?:,? (?:and )?[A-Z][\w.'\u2019-]+){1,7})")
_NO_AUTHOR = re.compile(
    r"(?:all|any|popular|royal|special|executive|unanimous|order|far|land|air)\b"
    r"|.*\b(?:appointment|demand|request|order|decree|invitation|warrant|assent|consent|numbers|means|accounts)$",
    re.I,
)
"""A line that names no author: `By Royal Appointment`, `By Popular Demand`."""


def _find_byline(lines: list[str]) -> tuple[str, list[str]]:
    """Returns the authors that the first lines name, and the lines without them."""
    names: list[str] = []
    for at, line in enumerate(lines):
        found = _BYLINE.fullmatch(line.strip()) if line and len(line) < 90 and any(lines[at + 1 :]) else None
        found = None if found and _NO_AUTHOR.match(found["name"]) else found
        if line and not found:
            return ", ".join(names), lines[at:] if names else lines
        names += [found["name"]] if found else []
    return "", lines


def _find_dateline(lines: list[str]) -> tuple[Dateline | None, list[str]]:
    """Finds the dateline. Below a carrier's header, which names the wire alone, the issuer's own may follow."""
    marked: Dateline | None = None
    seen, deepest = 0, _DEEPEST_DATELINE
    for at, line in enumerate(lines):
        if not line:
            continue
        if found := read_dateline(line):
            if marked is None or found.located:
                lines = [*lines[:at], found.rest, *lines[at + 1 :]]
            if marked is not None and found.located:
                return msgspec.structs.replace(found, wire=found.wire or marked.wire), lines
            if found.located or len(found.rest.split()) > _HEADER_WORDS:
                return marked or found, lines
            marked = marked or found
            deepest = seen + _HEADER_LINES
        seen += 1
        if seen >= deepest:
            break
    return marked, lines


_SEPARATED = r"(?:\s*[:\uff1a/\u2013\u2014]|\s*--|\s+-\s|-(?=\S))"
_TAKE = r"(?:(?:UPDATE \d{1,2}|REFILE|RPT)\s?[-:/]\s?)?"
"""The mark of a take, before that of a kill."""
_IGNORE = r"[\s,:.\u2013-]*(?:please )?(?:ignore|disregard)"
_KIND = r"(?:MANDATORY|STORY|NEWS|BULLETIN) "
_CORRECTED = any_of(notice_words.CORRECTED_MARKS)
_UPDATED = any_of(notice_words.UPDATED_MARKS)
_HEADLINE_PATTERNS = (
    (
        Status.TEST,
        rf"(?i:(?:this is a )?test(?:ing)?(?: (?:message|item|story|only|release))?(?:{_IGNORE})?[\s.!]*$)",
    ),
    (Status.WITHDRAWN, rf"{_TAKE}(?:{_KIND})?KILL(?:ED)?(?:{_SEPARATED}|\s*$|(?: KILL)+\b)"),
    (Status.HOLD, rf"(?:{_KIND})?WITHHOLD{_SEPARATED}|{_KIND}HOLD{_SEPARATED}|HOLD(?:[- ]HOLD)+\b"),
    (Status.CORRECTION, r"C O R R E C T I O N\b"),
    (Status.CORRECTION, r"(?i:correcting and replacing|replacing and correcting|correction from source)\b"),
    (Status.CORRECTION, rf"(?i:{_CORRECTED}){_SEPARATED}"),
    (Status.CORRECTION, rf"[(\[\u3010\uff08](?i:{_CORRECTED})[)\]\u3011\uff09]{_SEPARATED}?"),
    (Status.CORRECTION, rf"(?:{notice_words.CORRECTED_MARKS_ALONE})\b"),
    (Status.CORRECTION, rf".*[(\[\u3010\uff08](?i:{_CORRECTED})[)\]\u3011\uff09]\s*$"),
    (Status.CORRECTION, rf".*\s(?:-|--|[\u2013\u2014|])\s*(?i:{_CORRECTED})\s*$"),
    (Status.CORRECTION, rf"(?:.*[:\u2013\u2014/-] ?)?(?i:{any_of(notice_words.NAMED_BEFORE)})"),
    (Status.ADVISORY, rf"ADVISORY{_SEPARATED}"),
    (Status.UPDATE, rf"UPDATED?(?: \d{{1,2}})?{_SEPARATED}|(?i:{_UPDATED}):|UPDATE \d{{1,2}}\b"),
    (Status.UPDATE, rf"[(\[](?i:{any_of(notice_words.UPDATED_MARKS, notice_words.UPDATED_IN_BRACKETS)})[)\]]"),
    (Status.UPDATE, rf".*[(\[](?i:{_UPDATED})[)\]]\s*$"),
)
_HEADLINE_MARKS = tuple((status, re.compile(rf"[/*\s]*+(?:{pattern})")) for status, pattern in _HEADLINE_PATTERNS)

_WITHDRAWN = re.compile(
    rf"[/*\s]*+(?:{_TAKE}(?=[A-Z]+(?: [A-Z]+){{0,2}}{_SEPARATED})(?i:{notice_words.WITHDRAWN_MARKS['en']}){_SEPARATED}"
    r"|.*\((?:WITHDRAWN|RETRACTED|KILLED)\)\s*$)"
)
_MAY_WITHDRAW = re.compile(rf"[/*\s]*(?P<mark>(?i:{any_of(notice_words.WITHDRAWN_MARKS)})){_SEPARATED}")

_WITHDRAWN_WORDS = any_of(notice_words.WITHDRAWN_MARKS, notice_words.MORE_WITHDRAWN_MARKS)
_DOUBTFUL_BEFORE = compile_words(
    rf"[/*\s(\[\u3010\uff08]*{_TAKE}(?:{_WITHDRAWN_WORDS}(?:[)\]\u3011\uff09]|\s*\*{{2,3}}|{_SEPARATED})"
    rf"|(?-i:{notice_words.WITHDRAWN_MARKS_ALONE})\s)\s*(?P<title>.+)"
)
_DOUBTFUL_BEHIND = compile_words(
    rf"(?:(?:\s[-|]|--|[\u2013\u2014])\s?{_WITHDRAWN_WORDS}|[(\[\u3010\uff08]{_WITHDRAWN_WORDS}[)\]\u3011\uff09])[\s.]{{0,5}}$"
)
_TAIL = 60
"""Characters at the end of a headline in which such a mark stands."""


def read_headline_status(headline: str) -> Status:
    """Reads the status that a mark in a headline states: `CORRECTING and REPLACING …`, `UPDATE 2-…`, `KILL:`.

    Only unmistakable marks count: `Media Advisory: …`, `Correction of prices` and `Kill Bill` are usable. So is
    `WITHDRAWN: …`, for its text tells whether a story or a share offer is meant (references.py).
    """
    line = one_line(headline)[:300]
    for status, pattern in _HEADLINE_MARKS:
        if pattern.match(line):
            return status
    return Status.USABLE


def is_marked_withdrawn(headline: str) -> bool:
    """Tells whether a headline has a mark in capitals that withdraws a story where the text is no news."""
    return _WITHDRAWN.match(one_line(headline)[:300]) is not None


def may_withdraw(headline: str) -> bool:
    """Tells whether a headline begins with a word that may withdraw a story (`Rückzug:`), and is no mark by itself."""
    return _MAY_WITHDRAW.match(one_line(headline)[:300]) is not None


def read_doubtful_kill(headline: str) -> str:
    """Returns what stands beside a word that may withdraw a story (`PULLED: …`, `… [RETRACTED]`); empty without one."""
    line = one_line(headline)[:300]
    if before := _DOUBTFUL_BEFORE.match(line):
        return before["title"].strip(" /*")
    behind = _DOUBTFUL_BEHIND.search(line, max(0, len(line) - _TAIL))
    return line[: behind.start()].strip(" /*") if behind else ""
