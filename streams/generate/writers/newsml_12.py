"""Writes Business Wire's NewsML 1.2: an envelope, and a NewsItem with headline and body as components."""

from streams.generate import names
from streams.generate.calendar import format_iso_basic, to_utc
from streams.generate.writers.issue import Issue, WrittenItem, escape_xml, format_dateline_place

_STATUS = {"killed": "Canceled", "usable": "Usable", "correction": "Usable", "advisory": "Usable", "test": "Usable"}
_TEXTS = {"correction": "CORRECTING and REPLACING {}", "killed": "KILL: {}", "advisory": "ADVISORY: {}"}


def write(issue: Issue) -> WrittenItem:
    """Writes the NewsML document. Versions have one NewsItemId and rising RevisionIds."""
    story, language = issue.story, issue.story.language
    item = f"{to_utc(issue.first_created).strftime('%Y%m%d')}{issue.key:08}"
    public = f"urn:newsml:businesswire.com:20010714:{item}:{issue.version}"
    headline = escape_xml(_TEXTS.get(issue.status, "{}").format(story.headline))
    company = escape_xml(story.company.name)
    embargo = (
        f'         <StatusWillChange><FutureStatus FormalName="Usable"/>'
        f"<DateAndTime>{format_iso_basic(issue.embargoed_until)}</DateAndTime></StatusWillChange>\n"
        if issue.embargoed_until
        else ""
    )
    status = "Embargoed" if issue.embargoed_until else _STATUS[issue.status]
    text = _build_component("Body", _build_text(issue)) if issue.status != "killed" else ""
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<NewsML Version="1.2">
   <Catalog Href="http://www.businesswire.example/schema/newsml/BusinesswireNewsMLCatalog.xml"/>
   <NewsEnvelope>
      <SentFrom>
         <Party FormalName="Business Wire"/>
      </SentFrom>
      <DateAndTime>{format_iso_basic(issue.created)}</DateAndTime>
      <NewsService FormalName="Business Wire"/>
      <NewsProduct FormalName="BUSINESS WIRE"/>
   </NewsEnvelope>
   <NewsItem>
      <Identification>
         <NewsIdentifier>
            <ProviderId>businesswire.com</ProviderId>
            <DateId>20010714</DateId>
            <NewsItemId>{item}</NewsItemId>
            <RevisionId PreviousRevision="{issue.version - 1}" Update="N">{issue.version}</RevisionId>
            <PublicIdentifier>{public}</PublicIdentifier>
         </NewsIdentifier>
      </Identification>
      <NewsManagement>
         <NewsItemType FormalName="News"/>
         <FirstCreated>{format_iso_basic(issue.first_created)}</FirstCreated>
         <ThisRevisionCreated>{format_iso_basic(issue.created)}</ThisRevisionCreated>
         <Status FormalName="{status}"/>
{embargo}      </NewsManagement>
      <NewsComponent>
         <BasisForChoice Rank="1">./NewsComponent/DescriptiveMetadata/Language</BasisForChoice>
         <NewsLines>
            <CopyrightLine>Copyright Business Wire {to_utc(issue.created).year}</CopyrightLine>
         </NewsLines>
         <AdministrativeMetadata>
            <Source>
               <Party FormalName="{company}"/>
            </Source>
         </AdministrativeMetadata>
         <DescriptiveMetadata>
            <Language FormalName="{language}"/>
            <Genre FormalName="Release"/>
            <OfInterestTo FormalName="Business Editors" Importance="1"/>
         </DescriptiveMetadata>
         <Metadata>
            <MetadataType FormalName="Securities Identifier"/>
            <Property FormalName="Company">
               <Property FormalName="Ticker Symbol" Value="{story.company.symbol}"/>
               <Property FormalName="Exchange" Value="{names.EXCHANGE_NAMES[story.company.exchange]}"/>
               <Property FormalName="ISIN" Value="{story.company.isin}"/>
            </Property>
         </Metadata>
         <NewsComponent>
            <BasisForChoice Rank="1">./NewsComponent/Role</BasisForChoice>
            <NewsLines>
               <HeadLine>{headline}</HeadLine>
               <DateLine>{escape_xml(story.place)}</DateLine>
            </NewsLines>
{_build_component("HeadLine", f"<p><b>{headline}</b></p>")}{text}         </NewsComponent>
      </NewsComponent>
   </NewsItem>
</NewsML>
"""
    return WrittenItem(
        source="businesswire", body=body.encode(), content_type="text/xml", origin=f"{item}r{issue.version}.xml"
    )


def _build_component(role: str, html: str) -> str:
    return f"""            <NewsComponent>
               <Role FormalName="{role}"/>
               <BasisForChoice Rank="1">./ContentItem/Format</BasisForChoice>
               <ContentItem>
                  <Format FormalName="XHTML"/>
                  <MimeType FormalName="text/xhtml"/>
                  <DataContent>
                     <html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{html}</body></html>
                  </DataContent>
               </ContentItem>
            </NewsComponent>
"""


def _build_text(issue: Issue) -> str:
    story = issue.story
    first = f"{format_dateline_place(story)}--(BUSINESS WIRE)--{story.paragraphs[0]}"
    if issue.status == "correction":
        first = f"Please replace the release with the following corrected version because {issue.note}"
    lines = [first, *(story.paragraphs if issue.status == "correction" else story.paragraphs[1:])]
    if story.about:
        lines += [f"About {names.strip_legal_form(story.company.name)}", story.about, "Contacts", story.contact]
    return "\n".join([f"<p>{escape_xml(line)}</p>" for line in lines])
