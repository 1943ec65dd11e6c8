"""Writes a release as mail of an aggregator, with a long text cut off."""

from base64 import b64encode

from streams.generate import names
from streams.generate.calendar import format_dateline_day, format_rfc5322
from streams.generate.writers.issue import Issue, WrittenItem, format_dateline_place

MAX_CHARACTERS = 900
"""Number of characters of the text in a mail."""


def write(issue: Issue) -> WrittenItem:
    """Writes the message (RFC 5322) with a text/plain body in UTF-8 and CR LF line ends."""
    story = issue.story
    text = f"{format_dateline_place(story)}, {format_dateline_day(issue.created)} -- " + "\n\n".join(story.paragraphs)
    if len(text) > MAX_CHARACTERS:
        text = f"{text[:MAX_CHARACTERS].rstrip()} ...\n\n(truncated; the full text is with the wire)"
    number = f"{issue.key}.{issue.version}"
    lines = [
        f"Received: from relay.aggregator.example by desk.newswire.example; {format_rfc5322(issue.created)}",
        "From: Aggregated News <news@aggregator.example>",
        "To: desk@newswire.example",
        f"Subject: {_encode_header(story.headline)}",
        f"Date: {format_rfc5322(issue.created)}",
        f"Message-ID: <{number}@aggregator.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        story.headline,
        "",
        text,
        "",
        f"Source: {names.strip_legal_form(story.company.name)}",
        "",
    ]
    return WrittenItem(
        source="acquiremedia",
        body="\n".join(lines).replace("\n", "\r\n").encode(),
        content_type="message/rfc822",
        origin=f"{number}.eml",
    )


def _encode_header(text: str) -> str:
    """Encodes a header as encoded words (RFC 2047) of at most 75 characters if it is not ASCII."""
    if text.isascii():
        return text
    parts = [text[at : at + 12] for at in range(0, len(text), 12)]
    return "\n ".join(f"=?utf-8?B?{b64encode(part.encode()).decode()}?=" for part in parts)
