"""Recognises ids that are one web address written in several ways: scheme, `www.`, fragment, tracking parameters."""

import re
from urllib.parse import urlsplit

_TRACKING = re.compile(
    r"(?:utm_\w+|at_\w+|mc_[ce]id|[a-z]{1,3}clid|igshid|_ga|guccounter|xtor|ocid|smid|cmp(?:id)?|icid|ito|partner|ref"
    r"|ref_?src|source|src|via|mod|rss|feed|feed(?:name|type)|ns_\w+|wt\.\w+|sr_share|s_cid|soc_src|tblci|echobox)(?:=|\Z)",
    re.I,
)
_PLACE = re.compile(r"[A-Za-z_-]*(?:=.*)?")
"""A fragment that names no item of its own: `comments`, `xtor=RSS-1`. One with a number (`post-17`) may be an id."""


def normalise_url_id(provider_id: str) -> str:
    """Returns one text for all spellings of an id that is a web address; empty for any other id."""
    if not provider_id[:8].lower().startswith(("http://", "https://")):
        return ""
    try:
        parts = urlsplit(provider_id)
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    query = "&".join(each for each in parts.query.split("&") if each and not _TRACKING.match(each))
    fragment = "" if _PLACE.fullmatch(parts.fragment) else f"#{parts.fragment}"
    shown_port = "" if port in (None, 80, 443) else f":{port}"
    return f"url:{host}{shown_port}{parts.path.rstrip('/')}{'?' if query else ''}{query}{fragment}"
