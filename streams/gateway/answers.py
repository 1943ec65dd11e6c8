"""Answers that a client can keep: an ETag of the content, 304 where it has not changed, compressed where it may be."""

from collections.abc import Mapping
from hashlib import blake2b

from aiohttp import ETag, hdrs, web


def kept(
    request: web.Request, body: bytes, content_type: str, headers: Mapping[str, str], charset: str | None = None
) -> web.Response:
    """The body, or 304 (RFC 9110, 13.1.2). The tag is the same at every copy of the gateway."""
    tag = blake2b(body, digest_size=12).hexdigest()
    vary = ", ".join(filter(None, (headers.get(hdrs.VARY, ""), hdrs.ACCEPT_ENCODING)))
    headers = {hdrs.CACHE_CONTROL: "no-cache", **headers, hdrs.VARY: vary}
    if any(each.value in (tag, "*") for each in request.if_none_match or ()):
        answer = web.Response(status=304, headers=headers)
    else:
        answer = web.Response(body=body, content_type=content_type, charset=charset, headers=headers)
        answer.enable_compression()
    answer.etag = ETag(tag, is_weak=True)
    return answer
