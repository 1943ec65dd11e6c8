"""Writes GlobeNewswire's NewsML-G2: a newsItem with instruments in assertions and the release as XHTML."""

from streams.generate import names
from streams.generate.calendar import format_dateline_day, format_rfc3339, to_utc
from streams.generate.writers.issue import Issue, WrittenItem, build_slug, escape_xml, format_dateline_place

_TAGS = {
    "en": "en-US", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "it": "it-IT", "nl": "nl-NL", "sv": "sv-SE",
    "da": "da-DK", "no": "no-NO", "pt": "pt-BR", "pl": "pl-PL", "zh": "zh-CN", "ja": "ja-JP",
}  # fmt: skip
_SIGNALS = {"killed": "kill", "test": "test", "correction": "correction", "advisory": "advisory"}


def write(issue: Issue) -> WrittenItem:
    """Writes the newsItem. Versions have one guid. A kill has no text."""
    story = issue.story
    number = 2_000_000 + issue.key
    guid = f"urn:newsml:globenewswire.com:20020408:{number}-{story.language}"
    tag = _TAGS[story.language]
    headline = escape_xml(story.headline)
    company = escape_xml(story.company.name)
    killed = issue.status == "killed"
    status = "canceled" if killed else "withheld" if issue.embargoed_until else "usable"
    meta = [f'    <pubStatus qcode="stat:{status}" />\n']
    if issue.embargoed_until:
        meta.insert(0, f"    <embargoed>{format_rfc3339(issue.embargoed_until)}</embargoed>\n")
    if issue.note:
        meta.append(f"    <edNote>{escape_xml(issue.note)}</edNote>\n")
    if signal := _SIGNALS.get(issue.status):
        meta.append(f'    <signal qcode="sig:{signal}" />\n')
    first = escape_xml(story.paragraphs[0])
    body = f"""<?xml version="1.0" encoding="utf-8"?>
<newsItem standard="NewsML-G2" standardversion="2.10" conformance="power"
  guid="{guid}" version="{issue.version}" xml:lang="{tag}"
  xmlns="http://iptc.org/std/nar/2006-10-01/">
  <catalogRef href="http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_17.xml" />
  <rightsInfo>
    <copyrightHolder literal="globenewswire.com" />
    <copyrightNotice>© {to_utc(issue.created).year} GlobeNewswire, Inc. All rights reserved.</copyrightNotice>
  </rightsInfo>
  <itemMeta>
    <itemClass qcode="ninat:text" />
    <provider literal="globenewswire.com" />
    <versionCreated>{format_rfc3339(issue.created)}</versionCreated>
    <firstCreated>{format_rfc3339(issue.first_created)}</firstCreated>
{"".join(meta)}    <service qcode="MWNetwork:ESTPR" />
  </itemMeta>
  <contentMeta>
    <contentCreated>{format_rfc3339(issue.created)}</contentCreated>
    <creator literal="globenewswire">
      <organisationDetails>
        <contactInfo>
          <email>desk@globenewswire.example</email>
        </contactInfo>
      </organisationDetails>
    </creator>
    <located literal="{escape_xml(story.place)}" />
    <subject literal="{company}" type="cpnat:organisation" relevance="100">
      <name>{company}</name>
    </subject>
    <headline>{headline}</headline>
    <description role="MWdrole:abstract">{first[:250].rpartition(" ")[0] or first}...</description>
    <language tag="{tag}" />
    <keyword role="MWKeyRole:Ticker">{names.EXCHANGE_NAMES[story.company.exchange]}:{story.company.symbol}</keyword>
  </contentMeta>
  <assert literal="{company}">
    <related rel="MWFinRel:Instrument" qcode="ISIN:{story.company.isin}" />
    <related rel="MWFinRel:Instrument" literal="{story.company.symbol}">
      <related rel="MWFinRel:TradedOn" qcode="MWMarket:{names.EXCHANGE_NAMES[story.company.exchange]}" />
    </related>
  </assert>
{"" if killed else _build_content_set(issue, headline)}</newsItem>
"""
    return WrittenItem(
        source="globenewswire",
        body=body.encode(),
        content_type="application/vnd.iptc.g2.newsitem+xml",
        origin=f"{build_slug(story.headline)}-{number}.xml",
    )


def _build_content_set(issue: Issue, headline: str) -> str:
    story = issue.story
    dateline = f"{escape_xml(format_dateline_place(story))}, {format_dateline_day(issue.created)} (GLOBE NEWSWIRE) -- "
    paragraphs = "  ".join([f"<p>{escape_xml(paragraph)}</p>" for paragraph in story.paragraphs[1:]])
    name = escape_xml(names.strip_legal_form(story.company.name))
    about = f"  <p><strong>About {name}</strong><br />{escape_xml(story.about)}</p>" if story.about else ""
    first = escape_xml(story.paragraphs[0])
    contact = (
        f'<div class="mw_contactinfo">\n<pre>Contact: {escape_xml(story.contact)}</pre>\n</div>\n'
        if story.contact
        else ""
    )
    return f"""  <contentSet>
    <inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
    <title>{headline}</title>
</head>
<body>
<h1>
{headline}
</h1>
<div class="mw_release"><p align="left">{dateline}{first}</p>  {paragraphs}{about}</div>{contact}</body>
</html>
</inlineXML>
  </contentSet>
"""
