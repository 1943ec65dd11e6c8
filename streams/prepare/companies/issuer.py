"""Finds who issues a release, where neither the wire nor a `SOURCE` line names the issuer.

The places where a release says it are read in this order: the service that writes it (`X is powered by Y`), the byline
of a service, the block of contacts, the subject of the first sentence, the headings `About X`, the subject of the
headline. A name counts only if a second place supports it: headline, first sentences, heading, or the address of the
web site. So an agency for public relations, a person and a company that is only named are no issuers.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from streams.model.records import Story
from streams.prepare.companies.names import core_name, find_name_before, fold_name, is_legal_form, word_set
from streams.prepare.text.plain import find_places, lower_same_length

_LEAD = 700
"""Characters of the text that support a name."""
_SENTENCE = 320
"""Characters of the text in which the subject of the first sentence stands."""
_TAIL = 5000
"""Characters at the end of the boilerplate that are searched for contacts and addresses."""

_WORD = r"(?:[a-z]{1,2}(?=[A-Z]))?[A-Z0-9\u00c0-\u00de](?:[\w&+'\u2019\u00ae\u2122!/-]|\.(?=[\w,. ]))*"
_NAME = rf"(?P<name>{_WORD}(?:,? (?:(?:of|and|for|the|de|du|di|at|to|\+|&|\|) ){{0,2}}{_WORD}){{0,10}}?)"
_DEFINITION = r"(?:\s?[(\[][^()\[\]]{1,120}[)\]])"
_SAYS = (
    r"(?:(?:has |have |is |are )?(?:today |also |[a-z]{3,14}ly )*"
    r"(?:announce[sd]?|announcing|report(?:s|ed)|launch(?:es|ed)|introduc(?:es|ed)|unveil(?:s|ed)|releas(?:es|ed)"
    r"|complet(?:es|ed)|clos(?:es|ed)|secur(?:es|ed)|sign(?:s|ed)|enter(?:s|ed) into|appoint(?:s|ed)|nam(?:es|ed)"
    r"|receiv(?:es|ed)|award(?:s|ed)|expand(?:s|ed)|acquir(?:es|ed)|partner(?:s|ed)|join(?:s|ed)|publish(?:es|ed)"
    r"|pleased|proud|excited|thrilled|honou?red|delighted|redefining|expanding|building|continu(?:es|ed)"
    r"|rais(?:es|ed)|confirm(?:s|ed)|provid(?:es|ed)|celebrat(?:es|ed|ing)|host(?:s|ed)|welcom(?:es|ed)|hir(?:es|ed)"
    r"|offer(?:s|ed)|select(?:s|ed)|chose[ns]?|open(?:s|ed)|submit(?:s|ted)|issu(?:es|ed)|deliver(?:s|ed)"
    r"|demonstrat(?:es|ed)|fil(?:es|ed)|achiev(?:es|ed)|w[io]ns?|surpass(?:es|ed)|earn(?:s|ed)|finali[sz](?:es|ed)"
    r"|began|begins|start(?:s|ed)|discover(?:s|ed)|intersect(?:s|ed)|intercept(?:s|ed)|extend(?:s|ed)|add(?:s|ed)"
    r"|mark(?:s|ed)|present(?:s|ed)|recogni[sz]e(?:s|d)|adjust(?:s|ed)|agree[sd]|plans|intends|becom(?:es|e))\b"
    r"|today\b|will (?:host|present|report|release|hold|participate|announce|attend|exhibit)\b"
    r"|(?:is|are|has|have) been (?:named|selected|recogni[sz]ed|awarded|honou?red|ranked)\b"
    r"|is set to\b|is (?:changing|transforming|a leading|a global|a company|a provider)\b)"
)
_APPOSITION = r"(?P<apposition>(?:[a-z][\w-]*|[\w'\u2019-]+['\u2019]s)\b(?:[^.]|\.(?=\w)|(?<=\b[A-Z])\.){3,260}?)"
_SUBJECT = re.compile(
    rf"(?:The )?{_NAME}(?P<defined>{_DEFINITION}*)"
    rf"(?: and (?:its |the )?[^,.]{{3,60}}?{_DEFINITION}*)?"
    rf"(?:,? (?P<says>{_SAYS})"
    rf"|, {_APPOSITION}(?:, (?P<then>{_SAYS})| (?P<late>(?!building|expanding|redefining){_SAYS})))"
)
_OPENING = re.compile(
    r"[\u201c\"* \u2013\u2014-]*(?:[A-Z][^\n.]{0,60}?\d{4} ?[\u2013\u2014-]{1,2} ?)?(?:Today, )?"
    r"(?:(?:[Bb]estselling )?[Aa]uthor )?"
)
_HONOURS = re.compile(r"\b(?:honou?r|recogni[sz]|award|nam|select|rank)(?:ed|es|s)?\b")
_STRONG = re.compile(r"announc|pleased|proud|excited|thrilled|honou?red|delighted|today|reports")
_DESCRIBED = re.compile(rf"(?m)^ ?(?:The )?{_NAME}{_DEFINITION}*,? is (?:an?|the|one of)\b")
_ROLE = (
    r"author|founder|co-founder|editor|editor-in-chief|president|ceo|chief [a-z]+ officer|attorney|surgeon|journalist"
    r"|actor|actress"
)
_PERSON = re.compile(
    rf"(?m)^ ?(?:About )?{_NAME}(?: (?P=name))? is (?:(?:an?|the|one of)(?: [\w-]+){{0,4}} )?"
    rf"(?i:{_ROLE})\b"
)
_HAS_ROLE = re.compile(rf" is (?:(?:an?|the|one of)(?: [\w-]+){{0,4}} )?(?i:{_ROLE})\b")
_BYLINE = re.compile(r"[Bb]y [A-Z][^\n,]{3,60}?(?:, | (?=Benzinga\b))(?P<name>[A-Z][\w&.' -]{2,40})$")
_POWERED = re.compile(r"(?m)^(?P<name>[A-Z0-9][^\n]{1,60}?) is powered by (?P<by>[A-Z][\w ]{1,40})\.?$")
_OFFICE = re.compile(r"(?m)^ ?Corporate Communications\s+(?P<name>[A-Z][\w ]{1,30}) \((?P<long>[^()\n]{3,40})\)")
_PUBLISHED = re.compile(r"(?:originally|first) published (?:on|by) (?P<name>[A-Z][\w ]{2,30})\.")
_CONTACT = re.compile(
    r"(?m)^ ?(?:Contact Details|Contact Information|Company Contact|Media Contact"
    r"|(?i:contact))[ \t]*:?\s*(?P<name>[A-Z0-9][^\n]{1,80})"
)
_OWN_CONTACT = re.compile(r"(?:Contact Details|Contact Information|Company Contact)")
_CONTACT_ENDS = re.compile(r"(?<=[a-z.])(?=\d)|(?<=[)\]])(?=\w)|\s[+(]?\d|  |\t|(?<!\S)\S{1,60}@|https?://|www\.")
_WEBSITE = re.compile(r"Company Website:?\s*(?:https?://)?(?P<host>[\w.-]+)", re.I)
_DOMAIN = re.compile(
    r"\.(?:com|org|net|io|co|ai|de|ca|eu|fr|uk|au|in|us|gov|edu|tech|health|capital|bet|news|energy|finance)\b"
)
_HOST = re.compile(r"[a-zA-Z0-9.-]+\Z")
_MAIL = re.compile(r"@(?P<host>[\w-]+\.[\w.-]+)")
_ABOUT = re.compile(
    r"(?m)^ ?(?:About|ABOUT) (?:the |The )?(?:(?P<line>[A-Z0-9\u201c\"a-z][^\n:]{1,70}?)\s*$"
    r"|(?P<run>[A-Z0-9\u201c\"a-z][^\n:]{1,70}?)"
    r"(?: ?:(?: |(?=[A-Z]))| \u2013 | - |\s?(?P<again>(?:The |the )?(?P=run)\b)))"
)
_SMALL = word_set("of and for the de du di at to + & |")
_AGENCY = re.compile(
    r"(?i)\b(?:communications?|pr|public relations|relations|media relations|advisors?|advisory|agency|marketing"
    r"|investor relations|ir|associates|publicity|strateg\w+)\b|relations"
)
_NOBODY = word_set(
    "the this these those our we today for in at on as by with if when while how why what all more it its he she they"
    " their his her contact company media press investor investors us about from after following since both one an a"
    " monday tuesday wednesday thursday friday saturday sunday january february march april may june july august"
    " september october november december forward-looking legal disclaimer note we\u2019re shareholders introducing"
    " announcing starting presenting meet discover learn"
)
_PUBLIC_HOSTS = word_set(
    "www facebook linkedin twitter instagram youtube x t google gmail yahoo hotmail outlook sec sedar sedarplus bit"
    " newsdirect newmediawire prnewswire businesswire globenewswire ibn youtu tiktok medium discord apple sec goo forms"
    " unsplash shutterstock otcmarkets nasdaq nyse citybiz lnkd telegram aol icloud pinterest zoom eventbrite amazon"
)
_ORGANISATION = word_set(
    "north america united states kingdom uk association society institute council board agency bank financial finance"
    " capital partners group media university college foundation hospital center centre clinic health medical law"
    " technologies technology solutions systems services network networks energy resources mining gold silver pharma"
    " therapeutics biosciences ventures holdings global international studio studios realty properties estate homes"
    " foods brands labs software digital security insurance investors investments wealth management advisory consulting"
    " school academy museum festival league club company motors airlines studios entertainment records press publishers"
    " pilates fitness restaurant hotel hotels resort cosmetics line wire news commission authority department"
)
_OFFICES = word_set("governor mayor senator president judge minister sheriff award awards ceo founder author")
_NAME_BEFORE = re.compile(r"\b[A-Z][a-z]+ \Z")
_WORD_AFTER = re.compile(r"\b(?! [A-Z(])")
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_HEAD_ENDS = re.compile(r"[:\u2013\u2014|,(]|'s\b|\u2019s\b| - ")
_FORM_BEHIND = re.compile(r"(?P<form>,? [A-Z][\w.]*)?(?P<defined> ?[(\[](?:[^)]{0,40}:|[\"\u201c'\u2018]))?", re.I)
_OPENS = re.compile(r"[(\[]\W{0,2}(?:the \W?)?\Z")
_CLOSES = re.compile(r"\W{0,2}[)\]]")
_GOES_ON = re.compile(r"(?:,? [A-Z][\w&.-]*){1,3}\.?")
_BRACKET = re.compile(r"(?<!\s)\s*[(\[][^()\[\]]*[)\]]?")
_SIGNS = re.compile(r"[\u00ae\u2122\u201c\u201d\"]")
_POSSESSIVE = re.compile(r"(?:'|\u2019)s$")
ENOUGH = 5
"""The weight from which a name is the issuer's."""
SURE = 8
"""The weight from which no more places are read."""
_HOST_ENDS = word_set(
    "inc corp group global usa us uk co company tech labs health bank app hq ai io online media news capital law energy"
    " sys systems investors ir bio pharma gold mining fund foundation official cmg store shop"
)
_HOST_BEGINS = word_set("play get try go my the use join hello shop visit meet buy drink wear")
_PERSON_WORDS = 3
_MOST_WORDS = 11


class _Release:
    """What supports a name: headline, first sentences, headings, addresses."""

    def __init__(self, story: Story) -> None:
        self.headline = story.headline
        self.speakers: set[str] = set()
        self.lead = story.text[:_LEAD]
        self.tail = f"{story.text[-800:]}\n{story.boilerplate[:2500]}\n{story.boilerplate[2500:][-_TAIL:]}"
        self.folded_headline = fold_name(story.headline).decode(errors="replace")
        self.folded_lead = fold_name(self.lead).decode(errors="replace")
        headings = list(_ABOUT.finditer(self.tail))
        self.abouts = _list_names(found["line"] or found["run"] for found in headings)
        described = [*(found["run"] for found in headings if found["run"] and found["again"])]
        self.described = _list_names([*described, *(found["name"] for found in _DESCRIBED.finditer(self.tail))])
        people = _PERSON.finditer(self.tail) if _HAS_ROLE.search(self.tail) else ()
        self.people = {*map(core_name, _list_names(found["name"] for found in people))}
        site = _WEBSITE.search(self.tail) if "ebsite" in self.tail else None
        self.website = _label(site["host"]) if site else ""
        labels = map(_label, _list_hosts(self.tail))
        self.hosts = frozenset(label for label in labels if len(label) > 2 and label not in _PUBLIC_HOSTS)

    def in_headline(self, name: str) -> bool:
        """Whether the headline names it."""
        return _holds(self.folded_headline, name)

    def begins_headline(self, name: str) -> bool:
        """Whether the headline begins with it."""
        core = core_name(name)
        return bool(core) and self.folded_headline.removeprefix(" the").lstrip().startswith(f"{core} ")

    def in_lead(self, name: str) -> bool:
        """Whether the first sentences name it."""
        return _holds(self.folded_lead, name)

    def in_hosts(self, name: str, hosts: frozenset[str] | None = None) -> bool:
        """Whether the address of a web site or mail box is made of the name."""
        return any(_is_host_of(host, name) for host in (self.hosts if hosts is None else hosts))


class _Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The subject of a first sentence."""

    name: str
    announces: bool
    described: bool
    """A definition, an apposition or a legal form says what it is."""
    honours: bool
    """It gives another one a prize or a rank."""
    introduced: bool
    """The sentence introduces it as a person who speaks: `Author Jo Hale has announced`."""


def find_issuer(story: Story) -> str:
    """Returns the name of the issuer of a release; empty where the text does not say it for sure."""
    if not story.text and not story.boilerplate:
        return ""
    if " is powered by " in story.boilerplate and (powered := _POWERED.search(story.boilerplate)):
        return powered["by"] if story.text.startswith(f"{powered['by']} ") else powered["name"]
    release = _Release(story)
    if service := _find_service(story, release):
        return _define(service, story.text)
    ballot = _Ballot(release)
    ballot.add(_list_candidates(story, release))
    if ballot.best_score < SURE:
        ballot.add((name, 1) for name in _read_beginning(release))
        ballot.add((name, 2) for name in _read_hosts(story, release))
    if ballot.best_score < ENOUGH:
        return ""
    return _define(_lengthen(ballot.best, release), story.text)


class _Ballot:
    """The weights of the names that may be the issuer's. Spellings of one name count as one."""

    def __init__(self, release: _Release) -> None:
        self._release = release
        self._weights: dict[str, int] = {}
        self._written: dict[str, str] = {}
        self._weighed: dict[str, int] = {}
        self.best = ""
        self.best_score = 0

    def add(self, names: Iterable[tuple[str, int]]) -> None:
        """Adds names with the weight of their place, and finds the best of all."""
        for name, weight in names:
            if core := core_name(name):
                self._weights[core] = self._weights.get(core, 0) + weight
                if len(name) > len(self._written.get(core, "")):
                    self._written[core] = name
        scores = {core: weight + self._weigh(self._written[core]) for core, weight in self._weights.items()}
        if scores:
            best = max(scores, key=lambda core: scores[core])
            self.best, self.best_score = self._written[best], scores[best]

    def _weigh(self, name: str) -> int:
        if name not in self._weighed:
            self._weighed[name] = _weigh(name, self._release)
        return self._weighed[name]


def _list_candidates(story: Story, release: _Release) -> Iterator[tuple[str, int]]:
    """Yields the names that may be the issuer's, each with the weight of its place."""
    yield from _read_contacts(release)
    for line in list(filter(None, story.text[:2500].split("\n")))[:6]:
        subject = _read_subject(line[:_SENTENCE])
        if subject and not (subject.honours and not release.in_headline(subject.name)):
            yield subject.name, 4 * subject.announces + subject.described + 1
            if subject.described or subject.introduced:
                release.speakers.add(core_name(subject.name))
    alone = len({*map(core_name, release.abouts)}) == 1
    repeated = {*map(core_name, release.described)}
    for about in release.abouts:
        yield about, 2 + alone + 2 * (alone and core_name(about) in repeated)
    yield from ((name, 2) for name in release.described)


def _weigh(name: str, release: _Release) -> int:
    """Weighs what supports a name."""
    if name.split()[-1].casefold() in _OFFICES or core_name(name) in release.people:
        return -9
    weight = 2 * release.in_hosts(name) + _ends_with_form(name)
    if release.begins_headline(name):
        weight += 2
    elif release.in_headline(name):
        weight += 1
    elif not release.in_lead(name):
        weight -= 1
    if release.website:
        weight += 1 if release.in_hosts(name, frozenset({release.website})) else -1
    if " " not in name and not release.in_hosts(name):
        weight -= 3 if _is_last_name(name, release.lead) else 1
    if core_name(name) in release.speakers or release.in_hosts(name) or release.begins_headline(name):
        return weight
    return weight - 2 * _may_be_person(name)


def _is_last_name(name: str, lead: str) -> bool:
    """Whether the first sentences write one word behind another name: `Hale` in `Jo Hale`."""
    return any(
        _WORD_AFTER.match(lead, at + len(name)) and _NAME_BEFORE.search(lead, 0, at) for at in find_places(lead, name)
    )


def _read_contacts(release: _Release) -> Iterator[tuple[str, int]]:
    """Yields the organisations of the blocks of contacts, without agencies.

    Wires print the contact of the issuer in blocks of their own; in others it may be an agency's.
    """
    for found in _CONTACT.finditer(release.tail):
        written = _CONTACT_ENDS.split(found["name"])[0]
        name = tidy_name(written)
        if not name or name.split()[0].casefold() in _NOBODY:
            continue
        own = _OWN_CONTACT.match(found[0].strip()) is not None
        if _AGENCY.search(name) and not release.in_headline(name):
            continue
        if not own:
            if release.in_headline(name):
                yield name, 2
            continue
        first = core_name(name).split()[0]
        defined = _IN_BRACKETS.search(written)
        known = (
            release.in_hosts(name)
            or (len(first) > 5 and any(host.startswith(first) for host in release.hosts))
            or (defined and release.in_hosts(defined[1]))
        )
        fits = not release.website or release.in_hosts(name, frozenset({release.website}))
        yield name, (9 if fits else 4) if known else 0 if _may_be_person(name) and not release.in_headline(name) else 3


def _read_beginning(release: _Release) -> Iterator[str]:
    """Yields the name with which the headline begins and that the first sentences write as a name."""
    words = _HEAD_ENDS.split(release.headline, maxsplit=1)[0].split()[:6]
    lower = lower_same_length(release.lead)
    for count in range(len(words), 0, -1):
        name = tidy_name(" ".join(words[:count]))
        if not name or name.split()[0].casefold() in _NOBODY or not release.in_lead(name):
            continue
        at = next(_find_words(lower, lower_same_length(name)), -1)
        end = at + len(name)
        if at < 0 or not release.lead[at].isupper() or not tidy_name(release.lead[at:end]):
            continue
        found = _FORM_BEHIND.match(release.lead, end)
        assert found is not None  # all of it is optional
        whole = tidy_name(f"{name}{found['form'] or ''}")
        yield whole if _ends_with_form(whole) else name
        if found["defined"]:
            yield whole if _ends_with_form(whole) else name
        return


def _read_hosts(story: Story, release: _Release) -> Iterator[str]:
    """Yields the name in headline or first sentences of which the address in the contacts is made."""
    mails = {_label(found["host"]) for found in _MAIL.finditer(release.tail[-700:])}
    hosts = (mails | {release.website}) - _PUBLIC_HOSTS - {""}
    written = "".join(filter(str.isalnum, f"{story.headline}{release.lead}".casefold())) if hosts else ""
    hosts = {host for host in hosts if host in written}
    for text in (story.headline, release.lead) if hosts else ():
        words = text.split()
        for at in range(len(words)):
            joined = ""
            for end in range(at, min(at + 4, len(words))):
                joined += "".join(filter(str.isalnum, words[end].casefold()))
                name = tidy_name(" ".join(words[at : end + 1])) if joined in hosts else ""
                if name and not name.islower() and (joined == release.website or not _may_be_person(name)):
                    yield name
                    return


def _define(name: str, text: str) -> str:
    """Returns the name that initials stand for in the text: `Marl Trade Council` of `MTC`."""
    if not (name.isupper() and name.isalpha() and 2 < len(name) < 9):
        return name
    brackets = (
        opening.start()
        for at in find_places(text, name)
        if _CLOSES.match(text, at + len(name)) and (opening := _OPENS.search(text, max(0, at - 8), at))
    )
    bracket = next(brackets, -1)
    full = find_name_before(text, bracket) if bracket >= 0 else ""
    initials = "".join(word[0] for word in full.split() if word[0].isupper())
    return full if len(full.split()) > 2 and initials.endswith(name[-2:]) and initials[:1] == name[0] else name


def _list_hosts(text: str) -> set[str]:
    """Lists the hosts in addresses of web sites and mail boxes."""
    found = set()
    for end in _DOMAIN.finditer(text):
        if host := _HOST.search(text, max(0, end.start() - 60), end.start()):
            found.add(host[0] + end[0])
    return found


def _list_names(written: Iterable[str]) -> tuple[str, ...]:
    names = dict.fromkeys(map(tidy_name, written))
    return tuple(name for name in names if name and name.split()[0].casefold() not in _NOBODY)


def _is_host_of(host: str, name: str) -> bool:
    core = core_name(name)
    joined = "".join(filter(str.isalnum, core))
    if not joined:
        return False
    if " " not in core:
        if host.endswith(joined) and host[: -len(joined)] in _HOST_BEGINS:
            return True
        return host == joined or (host.startswith(joined) and host[len(joined) :] in _HOST_ENDS)
    initials = "".join(word[0] for word in core.split())
    great = "".join(word[0] for word in core.split() if word not in _SMALL)
    same = 0
    for one, other in zip(joined, host, strict=False):
        if one != other:
            break
        same += 1
    return (
        host == joined
        or (len(host) > 3 and joined.startswith(host))
        or (len(joined) > 3 and host.startswith(joined))
        or (len(great) > 2 and host in (initials, great))
        or (same > 6 and same * 5 > min(len(joined), len(host)) * 3)
    )


def _find_service(story: Story, release: _Release) -> str:
    """Returns the news service that wrote the release for a client."""
    first = story.byline or next(filter(None, story.text[:200].split("\n")), "")
    if byline := _BYLINE.match(first if first.lower().startswith("by ") else f"By {first}" if story.byline else ""):
        return tidy_name(byline["name"])
    office = _OFFICE.search(release.tail) if "Corporate Communications" in release.tail else None
    if office and release.in_hosts(office["long"]):
        return office["name"]
    published = _PUBLISHED.search(release.tail) if " published " in release.tail else None
    return published["name"] if published else ""


def _read_subject(sentence: str) -> _Subject | None:
    """Reads the subject of a first sentence; None where it is no name."""
    opening = _OPENING.match(sentence)
    found = _SUBJECT.match(sentence, opening.end() if opening else 0)
    name = tidy_name(found["name"]) if found else ""
    if found is None or len(name) < 2 or name.split()[0].casefold() in _NOBODY or found["name"].endswith("-"):
        return None
    says = found["says"] or found["then"] or found["late"]
    return _Subject(
        name=name,
        announces=_STRONG.search(says) is not None,
        described=bool(found["defined"] or found["apposition"] or _ends_with_form(name)),
        honours=_HONOURS.search(says) is not None,
        introduced=opening is not None and opening[0].rstrip().casefold().endswith("author"),
    )


def _lengthen(name: str, release: _Release) -> str:
    """Returns the longer form of a name, with its article or legal form, that headings or first sentences give."""
    whole = _find_longer(name, release)
    return f"The {whole}" if release.headline.casefold().startswith(f"the {name.casefold()}") else whole


def _find_longer(name: str, release: _Release) -> str:
    core = core_name(name)
    for longer in (*release.abouts, *release.described):
        if core_name(longer) == core and len(longer) > len(name):
            return longer
        if core_name(longer).startswith(f"{core} ") and (
            release.begins_headline(longer) or release.folded_lead.lstrip().startswith(f"{core_name(longer)} ")
        ):
            return longer
    if not _ends_with_form(name):
        end = 0
        for at in _find_words(release.lead, name):
            found = _GOES_ON.match(release.lead, at + len(name)) if at >= end else None
            end = found.end() if found else end
            longer = tidy_name(f"{name}{found[0]}") if found else ""
            if _ends_with_form(longer):
                return longer
    return name


def _find_words(text: str, name: str) -> Iterator[int]:
    """Yields each place of a name that no letter stands before."""
    return (at for at in find_places(text, name) if not at or not (text[at - 1].isalnum() or text[at - 1] == "_"))


@lru_cache(4096)
def tidy_name(written: str) -> str:
    """Returns a name without brackets, possessive, marks and punctuation around it; empty where it is a sentence."""
    name = _BRACKET.sub("", written)
    name = _SIGNS.sub("", name).rstrip(" ,:;*|\u2013\u2014-")
    dotted = name.endswith(".")
    name = name.strip(" ,:;.*|\u2013\u2014-")
    name = _POSSESSIVE.sub("", name)
    if dotted and name and is_legal_form(name.split()[-1]):
        name += "."
    words = name.split()
    if not words or len(words) > _MOST_WORDS or not any(map(str.isalpha, name)) or "@" in name or "://" in name:
        return ""
    if not all(
        word[0].isupper()
        or word[0].isdigit()
        or word in _SMALL
        or not word[0].isalpha()
        or any(map(str.isupper, word))
        or "." in word
        for word in words
    ):
        return ""
    return " ".join(words)


def _ends_with_form(name: str) -> bool:
    words = name.replace(",", " ").split()
    return len(words) > 1 and is_legal_form(words[-1])


def _may_be_person(name: str) -> bool:
    words = name.split()
    if not _ORGANISATION.isdisjoint(word.casefold().strip(".,") for word in words):
        return False
    return words[0] in ("Dr.", "Dr", "Mr.", "Ms.") or (
        1 < len(words) <= _PERSON_WORDS
        and all(word.istitle() or len(word) < 3 for word in words)
        and not _ends_with_form(name)
    )


def _holds(folded: str, name: str) -> bool:
    core = core_name(name)
    return bool(core) and (f" {core} " in folded or f" {core.replace('&', 'and')} " in folded)


def _begins(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return bool(short) and (short == long or (len(short) > 3 and long.startswith(f"{short} ")))


def _label(host: str) -> str:
    """Returns the label of a host that names its owner: `comcast` of `cable.comcast.com`."""
    parts = host.casefold().rstrip(".").split(".")
    if len(parts) > 2 and parts[-2] in ("co", "com", "org", "net", "gov", "ac"):
        parts.pop()
    return parts[-2].replace("-", "") if len(parts) > 1 else ""
