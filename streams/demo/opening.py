"""The first two minutes of the demo: a few items that show one thing each, one after another (pure)."""

from datetime import datetime, timedelta

import msgspec
import orjson

from streams.model.records import Decision, Outcome
from streams.model.timestamps import format_rfc3339

STEP_SECONDS = 9.0
"""How long each step stands alone."""
EMBARGO_SECONDS = 30
"""How long the item under embargo waits; the steps after it are played meanwhile."""
PLANT = (
    "Norwick Pumps (NASDAQ: NRWK) will open a plant in Eastholm in May. The plant costs {cost} million dollars and"
    " gives work to 240 people. It will make pumps for waterworks of the region.\n\n"
    '"Eastholm has good workers and a harbour," said Ragna Nettlefold, who leads the company. The first pumps will'
    " leave the plant in June. The town council agreed to the plan last week.\n\n"
    "Norwick Pumps makes pumps for water, oil and milk. It sold 9,000 of them last year in eleven countries."
)
TITLE = "Norwick Pumps opens a plant in Eastholm"


class OpeningStep(msgspec.Struct, frozen=True):
    """A step: what it tells, and the item that is sent."""

    told: str
    source: str
    name: str
    """The id of the item, by which its decision is found."""
    body: bytes
    shows: str
    """What becomes of it, in the words of the ticker."""


def build_opening(run: str, now: datetime) -> tuple[OpeningStep, ...]:
    """Builds the steps. `run` makes the ids of this demo different from those of the last one in the same folder."""
    wire, copy, near, secret, broken = (f"demo-{run}-{name}" for name in ("plant", "copy", "near", "loan", "broken"))
    text = PLANT.format(cost="40")
    end = now + timedelta(seconds=4 * STEP_SECONDS + EMBARGO_SECONDS)
    return (
        OpeningStep(
            "PR Newswire sends a press release.",
            "prnewswire",
            wire,
            _write_plain(wire, "1", TITLE, text, now),
            "it stands in Latest News, Companies and Press Releases",
        ),
        OpeningStep(
            "Business Wire sends the same release under another id.",
            "businesswire",
            copy,
            _write_plain(copy, "1", TITLE, text, now),
            "no second row, as its text is the same",
        ),
        OpeningStep(
            "GlobeNewswire sends it once more, with a line changed.",
            "globenewswire",
            near,
            _write_plain(near, "1", TITLE, text.replace(" of the region", " in the region"), now),
            "no second row, as it says nothing new",
        ),
        OpeningStep(
            "PR Newswire corrects its release: the plant costs 60 million, not 40.",
            "prnewswire",
            wire,
            _write_plain(wire, "2", f"CORRECTION: {TITLE}", PLANT.format(cost="60"), now + timedelta(minutes=1)),
            "the row changes and is marked as corrected; the story shows what changed",
        ),
        OpeningStep(
            f"GlobeNewswire sends a result under embargo until {end:%H:%M:%S} UTC.",
            "globenewswire",
            secret,
            _write_embargoed(secret, now, end),
            "it waits for the end of its embargo: watch for Quay Bank",
        ),
        OpeningStep(
            "PR Newswire withdraws its release.",
            "prnewswire",
            wire,
            _write_plain(wire, "3", f"KILL: {TITLE}", "", now + timedelta(minutes=2), status="withdrawn"),
            "the row is gone, and so are its words",
        ),
        OpeningStep(
            "A broken item comes in.",
            "prnewswire",
            broken,
            b'<?xml version="1.0"?><nitf><head><title>Norwick',
            "it is kept with the reason as a dead letter, which can be sent again",
        ),
    )


def tell_outcome(step: OpeningStep, decision: Decision) -> str:
    """Tells what the decision on the item of a step was."""
    if decision.outcome is Outcome.DUPLICATE:
        return f"duplicate ({decision.match_kind}): {step.shows}"
    if decision.outcome is Outcome.REJECTED:
        return f"rejected ({decision.error_code}): {step.shows}"
    return f"{decision.outcome.value}: {step.shows}"


def _write_plain(name: str, version: str, title: str, text: str, at: datetime, status: str = "") -> bytes:
    fields = {
        "id": name,
        "version": version,
        "date": format_rfc3339(at),
        "title": title,
        "body": text,
        "language": "en",
        "status": status,
    }
    return orjson.dumps({key: value for key, value in fields.items() if value})


def _write_embargoed(name: str, now: datetime, end: datetime) -> bytes:
    text = (
        "Quay Bank earned 12 million euros in the third quarter, after 9 million a year ago. Income from interest rose"
        " by 4 percent. The bank pays a dividend of 20 cents."
    )
    return orjson.dumps(
        {
            "$schema": "https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json",
            "uri": f"urn:demo:{name}",
            "type": "text",
            "language": "en",
            "pubStatus": "usable",
            "versionCreated": format_rfc3339(now),
            "embargoedUntil": format_rfc3339(end),
            "headlines": [{"role": "main", "value": "Quay Bank earned 12 million euros in the third quarter"}],
            "bodies": [{"role": "main", "value": text, "contentType": "text/plain"}],
        }
    )
