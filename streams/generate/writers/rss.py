"""Writes a release as one entry of an RSS feed: its title and the beginning of its text."""

from streams.generate.calendar import format_dateline_day, format_rfc5322
from streams.generate.writers.issue import Issue, WrittenItem, build_slug, escape_xml, format_dateline_place


def write(issue: Issue) -> WrittenItem:
    """Writes the feed with only its head and this entry, as the polling feeder sends it."""
    story = issue.story
    link = f"https://www.prnewswire.com/news-releases/{build_slug(story.headline)}-{300_000_000 + issue.key}.html"
    line = f"{format_dateline_place(story)}, {format_dateline_day(issue.created)} /PRNewswire/ -- "
    summary = story.paragraphs[0][:300].rpartition(" ")[0] or story.paragraphs[0]
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:prn="https://www.prnewswire.com/rss/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>All Releases</title><link>https://www.prnewswire.com/rss/</link><language>{story.language}</language>
<item><title>{escape_xml(story.headline)}</title><link>{link}</link>
<guid isPermaLink="true">{link}</guid><description>{escape_xml(line + summary)}...</description>
<pubDate>{format_rfc5322(issue.created)}</pubDate><dc:publisher>PR Newswire</dc:publisher>
<dc:contributor>{escape_xml(story.company.name)}</dc:contributor><prn:industry>CPR</prn:industry></item>
</channel></rss>
"""
    return WrittenItem(
        source="prnewswire-rss",
        body=body.encode(),
        content_type="application/rss+xml",
        origin="https://www.prnewswire.com/rss/",
        guid=link,
    )
