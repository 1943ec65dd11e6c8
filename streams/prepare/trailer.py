"""Lines of a release that are no copy: links, pictures, copyright, share buttons, the wire's marks."""

import re

from streams.model import Picture, Status
from streams.prepare.dateline import known_wire

_LONGEST = 2200
_URL = r"(?P<url>https?://[^\s<>\"]{4,2000})"
_ORIGINAL = re.compile(
    r"(?:cision )?(?:view (?:the )?(?:original (?:content|press release|release)|source version)"
    r"|to view the (?:source|original) version)\b",
    re.I,
)
_LINK = re.compile(_URL)
_PICTURE = re.compile(rf"(?P<kind>photo|logo|picture|image|infographic)s? ?(?:-|\u2013|\u2014|:) ?{_URL}$", re.I)
_ATTACHMENT = re.compile(rf"link ?: ?{_URL}$", re.I)
_CAPTION = re.compile(r"caption ?: ?(?P<caption>.+)$", re.I)
_COPYRIGHT = re.compile(r"(?:\u00a9|\(c\) ?(?=\d|[A-Z])|copyright\b(?! (?:law|act|infring|protect|office)))", re.I)
_YEARS = re.compile(r"\b\d{4}(?: ?[-\u2013] ?\d{4})?\b")
_FORMULA = re.compile(r"\u00a9|\(c\)|copyright|all rights reserved|[.,]?$", re.I)
_NOISE = re.compile(
    r"read (?:more|(?:the )?full (?:article|story|release))(?: here)? ?[>\u00bb\u2192]{0,3}"
    r"|share (?:with|on|via) [\w ]{2,20}|cision|image attachments? links? ?:?|related (?:links|images) ?:?"
    r"|the post .{1,300} appeared first on .{1,80}|-0-|[#* ]{3,12}|-{1,2} ?end ?-{1,2}"
    r"|-{1,2}news direct-{1,2}|multimedia ?:|/prnewswire/",
    re.I,
)
_MARK = re.compile(
    r"/? ?(?P<mark>c ?o ?r ?r ?e ?c ?t ?i ?o ?n|u ?p ?d ?a ?t ?e|advisory|repeat|kill|withdrawn)"
    r"(?: (?:--?|\u2013|\u2014) [^/]{1,150}?)? ?/$",
    re.I,
)


class Trailer:
    """Takes such lines one by one, and remembers what they say."""

    def __init__(self) -> None:
        self.url = ""
        self.notice = ""
        self.wire = ""
        self.status = Status.USABLE
        self.pictures: list[Picture] = []
        self._attached = False

    @property
    def holder(self) -> str:
        """Whose copyright it is: the notice without its sign, years and formula."""
        return _FORMULA.sub("", _YEARS.sub("", self.notice)).strip(" ,.;:-\u2013")

    def takes(self, line: str) -> bool:
        """Whether `line` is such a line; what it says is kept."""
        if not line or len(line) > _LONGEST:
            return False
        if _ORIGINAL.match(line):
            self.wire = self.wire or known_wire(line[:300])
            if link := _LINK.search(line):
                self.url = self.url or _bare(link["url"])
            return bool(link) or len(line) < 120
        return self._picture(line) or self._mark(line) or self._copyright(line) or bool(_NOISE.fullmatch(line))

    def _picture(self, line: str) -> bool:
        if found := _ATTACHMENT.match(line):
            self.pictures.append(Picture(href=_bare(found["url"])))
            self._attached = True
            return True
        if self._attached and (found := _CAPTION.match(line)):
            self.pictures[-1] = Picture(href=self.pictures[-1].href, caption=found["caption"])
            self._attached = False
            return True
        if found := _PICTURE.match(line):
            caption = "Logo" if found["kind"].lower() == "logo" else ""
            self.pictures.append(Picture(href=_bare(found["url"]), caption=caption))
            return True
        return False

    def _mark(self, line: str) -> bool:
        if not line.endswith("/") or len(line) > 200 or not (found := _MARK.fullmatch(line)):
            return False
        self.status = _MARKS.get(found["mark"].replace(" ", "").lower(), Status.USABLE)
        return True

    def _copyright(self, line: str) -> bool:
        if len(line) > 200 or not _COPYRIGHT.match(line) or not _YEARS.search(line):
            return False
        self.notice = self.notice or line
        return True


_MARKS = {
    "correction": Status.CORRECTION,
    "update": Status.UPDATE,
    "advisory": Status.ADVISORY,
    "kill": Status.WITHDRAWN,
    "withdrawn": Status.WITHDRAWN,
}


def _bare(url: str) -> str:
    return url.rstrip(".,;:)]'\u201d\u2019")
