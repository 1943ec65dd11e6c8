"""GlobeNewswire's NewsML-G2: a newsItem with instruments in assertions and the release as XHTML."""

from streams.generate import names
from streams.generate.calendar import dateline_day, rfc3339, utc
from streams.generate.writers.issue import Issue, Written, dateline_place, escape, slug

_TAGS = {"en": "en-US", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "zh": "zh-CN"}
_SIGNALS = {"killed": "kill", "test": "test", "correction": "correction", "advisory": "advisory"}


def write(issue: Issue) -> Written:
    """The newsItem; versions share its guid. A kill has no text."""
    story = issue.story
    number = 2_000_000 + issue.key
    guid = f"urn:newsml:globenewswire.com:20020408:{number}-{story.language}"
    tag = _TAGS[story.language]
    headline = escape(story.headline)
    company = escape(story.company.name)
    killed = issue.status == "killed"
    status = "canceled" if killed else "withheld" if issue.embargoed_until else "usable"
    meta = [f'    <pubStatus qcode="stat:{status}" />\n']
    if issue.embargoed_until:
        meta.insert(0, f"    <embargoed>{rfc3339(issue.embargoed_until)}</embargoed>\n")
    if issue.note:
        meta.append(f"    <edNote>{escape(issue.note)}</edNote>\n")
    if signal := _SIGNALS.get(issue.status):
        meta.append(f'    <signal qcode="sig:{signal}" />\n')
    first = escape(story.paragraphs[0])
    body = f"""<?xml version="1.0" encoding="utf-8"?>
<newsItem standard="NewsML-G2" standardversion="2.10" conformance="power"
  guid="{guid}" version="{issue.version}" xml:lang="{tag}"
  xmlns="http://iptc.org/std/nar/2006-10-01/">
  <catalogRef href="http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_17.xml" />
  <rightsInfo>
    <copyrightHolder literal="globenewswire.com" />
    <copyrightNotice>© {utc(issue.created).year} GlobeNewswire, Inc. All rights reserved.</copyrightNotice>
  </rightsInfo>
  <itemMeta>
    <itemClass qcode="ninat:text" />
    <provider literal="globenewswire.com" />
    <versionCreated>{rfc3339(issue.created)}</versionCreated>
    <firstCreated>{rfc3339(issue.first_created)}</firstCreated>
{"".join(meta)}    <service qcode="MWNetwork:ESTPR" />
  </itemMeta>
  <contentMeta>
    <contentCreated>{rfc3339(issue.created)}</contentCreated>
    <creator literal="globenewswire">
      <organisationDetails>
        <contactInfo>
          <email>desk@globenewswire.example</email>
        </contactInfo>
      </organisationDetails>
    </creator>
    <located literal="{escape(story.place)}" />
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
{"" if killed else _content(issue, headline)}</newsItem>
"""
    return Written(
        source="globenewswire",
        body=body.encode(),
        content_type="application/vnd.iptc.g2.newsitem+xml",
        origin=f"{slug(story.headline)}-{number}.xml",
    )


def _content(issue: Issue, headline: str) -> str:
    story = issue.story
    dateline = f"{escape(dateline_place(story))}, {dateline_day(issue.created)} (GLOBE NEWSWIRE) -- "
    paragraphs = "  ".join([f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs[1:]])
    name = escape(names.short(story.company.name))
    about = f"  <p><strong>About {name}</strong><br />{escape(story.about)}</p>" if story.about else ""
    first = escape(story.paragraphs[0])
    contact = (
        f'<div class="mw_contactinfo">\n<pre>Contact: {escape(story.contact)}</pre>\n</div>\n' if story.contact else ""
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
