"""Builds answers that a client may keep: with an ETag, compressed, 304 where nothing changed. Finds their address."""

from collections.abc import Mapping
from hashlib import blake2b

from aiohttp import ETag, hdrs, web

from streams.config.settings import Settings


def build_cacheable_response(
    request: web.Request,
    body: bytes,
    content_type: str,
    headers: Mapping[str, str],
    charset: str | None = None,
    status: int = 200,
) -> web.Response:
    """Builds an answer with the body, or 304 (RFC 9110, section 13.1.2). The ETag is the same at every gateway."""
    tag = blake2b(body, digest_size=12).hexdigest()
    vary = ", ".join(filter(None, (headers.get(hdrs.VARY, ""), hdrs.ACCEPT_ENCODING)))
    headers = {hdrs.CACHE_CONTROL: "no-cache", **headers, hdrs.VARY: vary}
    if status == 200 and any(each.value in (tag, "*") for each in request.if_none_match or ()):
        answer = web.Response(status=304, headers=headers)
    else:
        answer = web.Response(status=status, body=body, content_type=content_type, charset=charset, headers=headers)
        answer.enable_compression()
    if status == 200:
        answer.etag = ETag(tag, is_weak=True)
    return answer


def find_site(request: web.Request, settings: Settings) -> str:
    """Finds the address that links to this gateway begin with: `gateway.site`, or what the request was sent to."""
    return settings.gateway.site.rstrip("/") or f"{request.scheme}://{request.host}"
