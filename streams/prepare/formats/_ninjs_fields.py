"""Parses the properties of a ninjs object that are lists or objects, as ninjs 1.x, 2.x and 3.x write them.

All keys are in lower case (`lower_keys`).
"""

from itertools import zip_longest

from streams.model.records import Code, Organisation, Picture
from streams.prepare.companies.identifiers import has_isin_form
from streams.prepare.formats._common import JsonObject, is_link, parse_code
from streams.prepare.text.plain import clean, html_to_text, one_line

_HTML_ROLES = ("html", "xhtml", "richtext")
_PICTURES = ("picture", "graphic")
_SUMMARY_ROLES = ("summary", "abstract", "main", "text", "short", "caption", "", *_HTML_ROLES)
_URL_ROLES = ("canonical-url", "canonicalurl", "canonical", "weburl", "web-url", "permalink")


def lower_keys(value: JsonObject) -> JsonObject:
    """Returns the object with its keys in lower case. Of two keys that differ only in case, the first one stays."""
    out: JsonObject = {}
    for key, entry in value.items():
        out.setdefault(key.lower(), entry)
    return out


def get_string(item: JsonObject, key: str) -> str:
    """Returns the text under a key, an integer as its digits, and an empty text for anything else."""
    value = item.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def get_objects(value: object) -> list[JsonObject]:
    """Returns the objects of a list with keys in lower case.

    The value may also be an object of named objects (1.x): each then gets its name under `name`.
    """
    if isinstance(value, dict):
        value = [{"name": key, **entry} for key, entry in value.items() if isinstance(entry, dict)]
    return [lower_keys(entry) for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _get_role(entry: JsonObject) -> str:
    return (get_string(entry, "role") or get_string(entry, "rel")).strip().lower()


def _get_content_type(entry: JsonObject) -> str:
    return (
        (get_string(entry, "contenttype") or get_string(entry, "mimetype") or get_string(entry, "mime_type"))
        .strip()
        .lower()
    )


def _entries_with_roles(item: JsonObject, plural: str, singular: str) -> list[JsonObject]:
    """Lists the entries of `headlines`, `bodies` or `descriptions`. 1.x writes the role into the key (`body_main`)."""
    old = [
        {"role": key.removeprefix(singular).lstrip("_"), "value": value}
        for key, value in item.items()
        if key == singular or key.startswith(singular + "_")
    ]
    return get_objects(item.get(plural)) + old


def find_headline(item: JsonObject, role: str) -> str:
    """Returns the headline of this role: `main` or `sub`.

    Without a `main` headline, the first is returned that is neither a ticker headline nor a subheadline.
    """
    entries = [
        (_get_role(entry), get_string(entry, "value")) for entry in _entries_with_roles(item, "headlines", "headline")
    ]
    subs = ("sub", "secondary")
    if role == "sub":
        return next((value for name, value in entries if name.startswith(subs) and value.strip()), "")
    others = [value for name, value in entries if name != "ticker" and not name.startswith(subs)]
    exact = [value for name, value in entries if name == role]
    return next((value for value in exact + others if value.strip()), "")


def parse_bodies(item: JsonObject) -> tuple[str, str, str]:
    """Returns plain text, HTML and boilerplate, told apart by content type, or by role if there is no content type."""
    plain = html = boilerplate = ""
    for entry in _entries_with_roles(item, "bodies", "body"):
        value, role, kind = get_string(entry, "value"), _get_role(entry), _get_content_type(entry)
        if role == "boilerplate":
            boilerplate = boilerplate or clean(value)
        elif "html" in kind or (role in _HTML_ROLES and not kind):
            html = html or value
        elif kind in ("", "text/plain"):
            plain = plain or value
    return plain, html, boilerplate


def parse_summary(item: JsonObject) -> str:
    """Returns the description as plain text: `summary` if there is one, else the next of `_SUMMARY_ROLES`."""
    by_role: dict[str, str] = {}
    for entry in _entries_with_roles(item, "descriptions", "description"):
        role, value = _get_role(entry), get_string(entry, "value")
        markup = "html" in _get_content_type(entry) or role in _HTML_ROLES
        by_role.setdefault(role, html_to_text(value) if markup else clean(value))
    return next((by_role[role] for role in _SUMMARY_ROLES if by_role.get(role)), "")


def parse_subject(entry: JsonObject, scheme: str = "") -> Code | None:
    """Parses the code of a subject or genre from `uri`, `code` (1.x), `qcode` or `literal`.

    `scheme` is used for an entry that names none.
    """
    name, uri = get_string(entry, "name"), get_string(entry, "uri")
    plain = get_string(entry, "code") or get_string(entry, "qcode") or get_string(entry, "literal")
    by_uri = parse_code(uri, "", name) if uri else None
    if by_uri is not None and plain and not uri.rstrip("/").endswith(plain.rpartition(":")[2]):
        return parse_code(plain, get_string(entry, "scheme") or scheme, name)
    if by_uri is not None:
        return by_uri
    if not plain:
        return parse_code("", "", name) if not scheme else parse_code(name, scheme, name)
    return parse_code(plain, get_string(entry, "scheme") or (scheme if ":" not in plain else ""), name)


def parse_organisations(item: JsonObject) -> tuple[Organisation, ...]:
    """Parses `organisation` (1.x) or `organisations`: one `Organisation` for each listing, paired with the ISINs."""
    found: list[Organisation] = []
    for entry in get_objects(item.get("organisations")) or get_objects(item.get("organisation")):
        listings, isins = _parse_symbols(entry)
        name = one_line(get_string(entry, "name"))
        rel = "mentions" if _get_role(entry).startswith("mention") else "about"
        pairs = list(zip_longest(listings, isins, fillvalue=None)) or ([(None, None)] if name else [])
        for listing, isin in pairs:
            symbol, exchange = listing or ("", "")
            found.append(
                Organisation(
                    name=name,
                    symbol=symbol,
                    exchange=exchange,
                    isin=isin or "",
                    rel="mentions" if rel == "mentions" else "about",
                )
            )
    return tuple(dict.fromkeys(found))


def _parse_symbols(entry: JsonObject) -> tuple[list[tuple[str, str]], list[str]]:
    listings: list[tuple[str, str]] = []
    isins: list[str] = []
    for row in get_objects(entry.get("symbols")):
        symbol = one_line(get_string(row, "symbol") or get_string(row, "ticker"))
        kind, exchange = get_string(row, "symboltype").lower(), one_line(get_string(row, "exchange"))
        if kind.endswith("isin") or (not exchange and has_isin_form(symbol)):
            isins.append(symbol.upper())
        elif symbol:
            listings.append((symbol, exchange))
    return listings, [isin for isin in isins if has_isin_form(isin)]


def parse_pictures(item: JsonObject, *, own: bool) -> tuple[Picture, ...]:
    """Parses the associated pictures and, with `own`, the item itself; the largest rendition of each."""
    entries = [item] if own else []
    entries += [entry for entry in get_objects(item.get("associations")) if get_string(entry, "type") in _PICTURES]
    found = [_parse_picture(entry) for entry in entries]
    return tuple(dict.fromkeys(picture for picture in found if picture is not None))


def _parse_picture(entry: JsonObject) -> Picture | None:
    renditions = [row for row in get_objects(entry.get("renditions")) if is_link(get_string(row, "href"))]
    usable = [row for row in renditions if _get_content_type(row).startswith("image") or not _get_content_type(row)]
    caption = parse_summary(entry) or one_line(find_headline(entry, "main"))
    if usable:
        best = max(usable, key=_parse_width)
        return Picture(href=get_string(best, "href").strip(), caption=caption, content_type=_get_content_type(best))
    uri = get_string(entry, "uri").strip()
    linked = uri.lower().endswith((".jpg", ".jpeg", ".png", ".gif", ".webp"))
    return Picture(href=uri, caption=caption) if linked and is_link(uri) else None


def _parse_width(rendition: JsonObject) -> int:
    width = get_string(rendition, "width").strip()
    return int(width) if width.isascii() and width.isdigit() and len(width) < 9 else 0


def parse_parties(item: JsonObject) -> tuple[str, str]:
    """Returns distributor and issuer, by the roles of `infoSource`. Superdesk's `source` is the distributor."""
    distributor, issuer = one_line(get_string(item, "source")), ""
    for entry in get_objects(item.get("infosources")) or get_objects(item.get("infosource")):
        name, role = one_line(get_string(entry, "name")), _get_role(entry)
        if "distribut" in role:
            distributor = name or distributor
        elif "issuer" in role:
            issuer = issuer or name
    return distributor, issuer


def find_canonical_url(item: JsonObject) -> str:
    """Finds the address of the item's web page: an `altIds` entry with such a role, or an HTML rendition."""
    ids = item.get("altids")
    pairs = list(lower_keys(ids).items()) if isinstance(ids, dict) else []
    pairs += [(_get_role(entry), get_string(entry, "value")) for entry in get_objects(ids) if _get_role(entry)]
    pairs += [
        ("canonical", get_string(entry, "href"))
        for entry in get_objects(item.get("renditions"))
        if _get_content_type(entry) == "text/html"
    ]
    found = (value.strip() for role, value in pairs if role in _URL_ROLES and isinstance(value, str))
    return next(filter(is_link, found), "")
