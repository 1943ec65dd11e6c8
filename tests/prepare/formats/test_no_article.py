"""Pages that are no article are refused as `empty` with a reason; articles about such pages stay."""

import pytest

from streams.config.loader import load
from streams.model import codec
from streams.model.records import Item, LogRecord, RecordRef, Refusal, StampedRef
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.loading import load_knowledge

KNOWLEDGE = load_knowledge(load(environ={}))
AT = StampedRef(RecordRef("news.raw", 1, 5), 1_772_452_800_000)


def prepare_page(head: str, body: str) -> LogRecord:
    page = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    done = prepare_message(RawMessage(AT, (("source", b"norwire"),), page.encode()), KNOWLEDGE)
    [record] = [codec.decode(value) for _, value in done.records]
    return record


PAGES = {
    "challenge": (
        "<title>Just a moment...</title>",
        "<h1>wire.example</h1><h2>Verifying you are human. This may take a few seconds.</h2>"
        "<p>wire.example needs to review the security of your connection before proceeding.</p>",
    ),
    "challenge in a script": (
        "<title>wire.example</title><script src='https://ct.captcha-delivery.com/c.js'></script>",
        "<p id='cmsg'>Please wait while the page is being loaded for you.</p>",
    ),
    "interruption": (
        "<title>Pardon Our Interruption</title>",
        "<h1>Pardon Our Interruption</h1><p>As you were browsing something about your browser made us think you were a"
        " bot.</p>",
    ),
    "403 of a server": (
        "<title>403 Forbidden</title>",
        "<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>",
    ),
    "403 with a sentence": (
        "<title>Error 403</title>",
        "<h1>Forbidden</h1><p>You don't have permission to access this resource on this server.</p>",
    ),
    "503": (
        "<title>503 Service Temporarily Unavailable</title>",
        "<h1>Service Temporarily Unavailable</h1><p>The server is temporarily unable to service your request due to"
        " maintenance downtime or capacity problems. Please try again later.</p>",
    ),
    "502 with the name of the site": ("<title>wire.example | 502: Bad gateway</title>", "<h1>Bad gateway</h1>"),
    "404": (
        "<title>Page not found - Wire News</title>",
        "<h1>Page not found</h1><p>The page you are looking for may have been moved, or its address may be wrong.</p>",
    ),
    "access denied": (
        "<title>Access Denied</title>",
        '<h1>Access Denied</h1><p>You don\'t have permission to access "http://wire.example/" on this server.</p>'
        "<p>Reference #18.7a5f2117.1772452800.1a2b3c4d</p>",
    ),
    "access denied in German": (
        "<title>Zugriff verweigert | Drahtdienst</title>",
        "<h1>Zugriff verweigert</h1><p>Sie haben keine Berechtigung, diese Seite zu sehen.</p>",
    ),
    "consent": (
        "<title>Before you continue to Wire News</title>",
        "<h1>Before you continue</h1><p>We use cookies and data to deliver and maintain our services, to track outages"
        ' and protect against spam, fraud and abuse.</p><p>If you choose to "Accept all", we will also use cookies and'
        " data to develop new services.</p><button>Accept all</button>",
    ),
    "consent under the name of the site": (
        "<title>Wire News</title>",
        "<p>We and our 812 partners store information on a device, such as cookies, and process personal data for the"
        " purposes described below.</p><p>You may reject all or manage your choices at any time in the settings.</p>",
    ),
    "consent in French": (
        "<title>Avant de continuer vers Fil Info</title>",
        "<p>Nous et nos 300 partenaires utilisons des cookies pour mesurer l'audience de ce site et de ses pages.</p>",
    ),
    "login": (
        "<title>Sign in to Wire Terminal</title>",
        "<h1>Sign in</h1><form><input type='text'><input type='password'></form><a href='/'>Forgot your password?</a>",
    ),
    "login under another title": (
        "<title>Wire Terminal</title>",
        "<h2>Welcome back</h2><form><input type='email'><input type='password'></form>",
    ),
    "login in Spanish": (
        "<title>Iniciar sesión</title>",
        "<form><input type='password'></form><p>¿Olvidó su contraseña?</p>",
    ),
    "script": (
        "<title>Wire News</title>",
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div>",
    ),
    "script in German": (
        "<title>Drahtdienst</title>",
        "<p>Bitte aktivieren Sie JavaScript in Ihrem Browser, um diese Seite zu sehen.</p>",
    ),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_is_no_article_is_refused_as_empty_with_a_reason(page: str) -> None:
    refusal = prepare_page(*PAGES[page])
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.message.startswith("the page is no article")) == ("empty", True)


PROSE = (
    "<p>Cloudflare said on Tuesday that a fault in its network had kept readers from a fifth of all web sites for two"
    " hours, and that it had found the cause.</p><p>Visitors saw a page with the words 'Just a moment...' and a request"
    " to enable JavaScript. The company's shares fell 3 percent in New York, their largest loss since May.</p>"
)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<title>Cloudflare fault hits a fifth of the web</title>", f"<h1>Cloudflare fault</h1>{PROSE}"),
        ("<title>Access denied</title>", f"<h1>Access denied</h1>{PROSE}"),
        ("<title>403 Forbidden: the story of an error</title>", f"<h1>403 Forbidden</h1>{PROSE}"),
        (
            "<title>Marl Tools rises | Wire</title><script src='https://www.google.com/recaptcha/api.js'></script>",
            f"<form><input type='password'></form><h1>Marl Tools rises</h1>{PROSE}",
        ),
        (
            "<title>Login</title><meta property='og:type' content='article'>"
            "<meta property='og:title' content='Marl Tools buys Login'>",
            "<p>Marl Tools buys Login, it said.</p><form><input type='password'></form>",
        ),
        (
            "<title>Marl Tools says cookies sell well</title>",
            "<h1>Marl Tools says cookies sell well</h1><p>Marl Tools said on Tuesday that its cookies had sold well in"
            " the north, and that it would bake more of them by May.</p>",
        ),
        ("<title>Marl Tools to merge with Teesdale Dye</title>", "<h1>Marl Tools to merge with Teesdale Dye</h1>"),
    ],
)
def test_an_article_about_such_pages_or_beside_such_signs_is_read(head: str, body: str) -> None:
    assert isinstance(prepare_page(head, body), Item)
