"""The facts of an item: a small typed set that tells look-alike notices apart, each with its place in the text.

How the value of each kind is written:

| kind | value |
|---|---|
| `amount` | `EUR 12500000`; a range `USD 10000000..12000000`; a `$` alone is `USD` |
| `percent` | `-3.5 %`, a range `3..4 %`; basis points `25 bp`, percentage points `2 pp` |
| `rate` | the same, where it is an interest rate, coupon or yield: `4.75 %` |
| `per-share` | `USD 0.25` |
| `shares` | `1250000` |
| `quantity` | a number of a known unit: `120 mw`, `500 jobs` |
| `period` | `2026-Q3`, `2026-H1`, `2026-10`, `FY2026`, `FY2026-Q3`; no year: `Q3`; ISO 8601 `P9M/2026-09-30` |
| `date` | `2026-11-22`; where the text gives no year `--11-22` |
| `direction` | `up`, `down` or `flat`, of the headline and the first sentences only |
| `person` | `Jane Roe|chief financial officer`, where someone comes, goes or changes post |

Pure and never raising; the same text gives the same facts on every machine. Costs about 100 µs for 3,000 characters.
"""

from streams.model.records import Fact
from streams.prepare.facts import dates, directions, numbers, people, periods
from streams.prepare.facts._matching import DECIMAL_COMMA, FoundFact, lower_same_length
from streams.prepare.facts.anchors import Anchors

MAX_FACTS = 64
MAX_TEXT = 10_000
"""Characters of the text that are read: what tells two notices apart does not stand behind them."""
MAX_HEADLINE = 500


def find_facts(headline: str, text: str, language: str = "") -> tuple[Fact, ...]:
    """At most 64 facts: those of the headline first, then those of the text, in the order of their places.

    `language` is BCP 47; it tells whether `1,250` is a thousand or one and a quarter.
    """
    head = headline[:MAX_HEADLINE]
    whole = f"{head}\n{text[:MAX_TEXT]}"
    comma = language[:2] in DECIMAL_COMMA
    lower = lower_same_length(whole)
    anchors = Anchors(lower)
    places = anchors.numbers(whole, spaced=comma)
    found = [
        *periods.find_periods(whole, lower, places, anchors.parts, anchors.ended, language),
        *dates.find_dates(whole, places),
        *numbers.find_figures(whole, lower, places, decimal_comma=comma),
        *directions.find_directions(lower, len(head)),
        *people.find_people(whole, lower, len(head), anchors.moves, anchors.roles),
    ]
    found.sort(key=_sort_key)
    facts: list[Fact] = []
    cut, last = len(head), -1
    for start, end, kind, value in found:
        if start < last:
            continue  # within a longer one: the date of `nine months ended September 30`
        last = end
        if start < cut:
            facts.append(Fact(kind, value, "headline", start, end))
        else:
            facts.append(Fact(kind, value, "text", start - cut - 1, end - cut - 1))
        if len(facts) == MAX_FACTS:
            break
    return tuple(facts)


def _sort_key(found: FoundFact) -> tuple[int, int]:
    return found[0], -found[1]
