"""Finds the facts of an item: figures, dates, periods, directions and people, each with its place in the text.

Facts tell look-alike notices apart. Two ways of writing a fact have the same value:

| kind | value |
|---|---|
| `amount` | `EUR 12500000`; a range `USD 10000000..12000000`; a `$` alone is `USD` |
| `percent` | `-3.5 %`, a range `3..4 %`; basis points `25 bp`, percentage points `2 pp` |
| `rate` | like `percent`, for an interest rate, coupon or yield: `4.75 %` |
| `per-share` | `USD 0.25` |
| `shares` | `1250000` |
| `quantity` | a number of a known unit: `120 mw`, `500 jobs` |
| `period` | `2026-Q3`, `2026-H1`, `2026-10`, `FY2026`, `FY2026-Q3`; without a year `Q3`; ISO 8601 `P9M/2026-09-30` |
| `date` | `2026-11-22`; without a year `--11-22` |
| `direction` | `up`, `down` or `flat`, in the headline and the first sentences only |
| `person` | `Jane Roe|chief financial officer`, for a person who comes, goes or changes post |

`find_facts` never raises, and the same text gives the same facts on every machine. It takes about 100 µs for 3,000
characters.
"""

from streams.model.records import Fact
from streams.prepare.facts import dates, directions, numbers, people, periods
from streams.prepare.facts._matching import DECIMAL_COMMA, FoundFact
from streams.prepare.facts.anchors import Anchors
from streams.prepare.text.plain import lower_same_length

MAX_FACTS = 64
MAX_TEXT = 10_000
"""Characters of the text that are read. The facts that tell two notices apart stand before."""
MAX_HEADLINE = 500


def find_facts(headline: str, text: str, language: str = "") -> tuple[Fact, ...]:
    """Finds at most 64 facts: those of the headline first, then those of the text, each in order of place.

    `language` (BCP 47) decides whether `1,250` is a thousand or one and a quarter. Of overlapping facts the longer
    one stays.
    """
    head = headline[:MAX_HEADLINE]
    whole = f"{head}\n{text[:MAX_TEXT]}"
    comma = language[:2] in DECIMAL_COMMA
    lower = lower_same_length(whole)
    anchors = Anchors(lower)
    places = anchors.find_numbers(whole, spaced=comma)
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
            continue  # inside a longer fact: the date of `nine months ended September 30`
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
