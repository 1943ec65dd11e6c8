"""Writes the text of the site's article page with a PR Newswire release: navigation, headline, release, ticker."""

from streams.generate import names
from streams.generate.calendar import format_chinese_day, format_dateline_day, format_day, format_site_timestamp, to_utc
from streams.generate.writers.issue import Issue, WrittenItem, build_slug, format_dateline_place

_NAVIGATION = """Log in
E-mail
Password
Show password
Remember
Forgot password ?
Become a member for free
Sign up
New member
Settings
Dynamic quotes 
OFFON
  1. Homepage
  2. News
  3. Companies
News: Latest News
Latest NewsCompaniesMarketsEconomy & ForexCommoditiesInterest RatesBusiness LeadersFinance Pro.CalendarSectors
All News
Analyst Recommendations
Rumors
IPOs
Corporate actions
"""  # noqa: W291 - as the page has it
_SHARE = "share with twitter\nshare with LinkedIn\nshare with facebook"
_TICKER = (
    "{a} : {b} Securities sticks Neutral\nMD",
    "{a} Signs Supply Agreement with {c}\nAQ",
    "{a} Reports Copper at Lone Pine\nAQ",
    "{a} : Transaction in Own Shares\nPU",
    "{a} Appoints Head of Sales\nBU",
)
_MARKS = {"killed": "KILL", "advisory": "ADVISORY"}


def write(issue: Issue) -> WrittenItem:
    """Writes the page. Its `guid` is that of the release, equal for each version."""
    story, created = issue.story, issue.created
    number = 300_000_000 + issue.key
    link = f"https://www.prnewswire.com/news-releases/{build_slug(story.headline)}-{number}.html"
    chinese = story.language == "zh"
    name = names.strip_legal_form(story.company.name)
    parts = [_NAVIGATION]
    headline = story.headline
    if issue.status == "correction":
        parts.append(f"/C O R R E C T I O N -- {name}/\n")
    if issue.status in _MARKS:
        headline = f"{_MARKS[issue.status]}: {headline}"
    parts += [f"{headline}\n", f"{format_site_timestamp(created)}\n{_SHARE}\n"]
    if issue.status == "correction":
        parts.append(
            f"In the news release, {issue.replaces}, issued {format_day(issue.first_created)} by {name} over PR "
            f"Newswire, we are advised by the company that {issue.note} The complete, corrected release follows:\n"
        )
    paragraphs = (
        ("Please disregard the release that was issued under this headline; it was sent in error.",)
        if issue.status == "killed"
        else story.paragraphs
    )
    if chinese:
        line = f"{story.place}{format_chinese_day(created)} /美通社/ -- "
    else:
        line = f"{format_dateline_place(story)}, {format_dateline_day(created)} /PRNewswire/ -- "
    parts.append(line + "\n\n".join(paragraphs) + "\n")
    if story.about and issue.status != "killed":
        about = f"关于{name}" if chinese else f"About {name}"
        parts.append(f"{about}\n\n{story.about}\n\nContact:\n{story.contact}\n")
    parts.append(f"Cision\nView original content to download multimedia:{link}\n")
    parts.append(f"消息来源\uff1a{story.company.name}\n" if chinese else f"SOURCE {story.company.name}\n\n")
    parts.append(f"© PRNewswire {to_utc(created).year}\n{_build_ticker(issue.key, created)}")
    return WrittenItem(
        source="prnewswire",
        body="\n".join(parts).encode(),
        content_type="text/plain; charset=utf-8",
        origin=link,
        guid=f"prnewswire-{number}",
    )


def _build_ticker(key: int, created: int) -> str:
    time = to_utc(created)
    stamp = f"{(time.hour - 1) % 12 + 1:02}:{time.minute:02}{'a' if time.hour < 12 else 'p'}"
    rows = ['Latest news "Companies"']
    for row in range(4):
        company = names.strip_legal_form(names.build_company(key * 7 + row).name)
        other = names.strip_legal_form(names.build_company(key * 3 + row).name)
        family = names.FAMILY[(key + row) % len(names.FAMILY)]
        rows.append(stamp + _TICKER[(key + row) % len(_TICKER)].format(a=company, b=family, c=other))
    return "\n".join([*rows, 'Latest news "Companies"\n'])
