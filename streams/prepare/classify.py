"""The site categories of an item, each with its confidence and the rule, distributor or fact that decided.

Pure: the same item and the same rules give the same labels. `companies.press-releases` goes by the
distributor alone; every other category by rules (rules.toml).
A statistical model and the wire's own codes can add their
labels to `_strongest` later.
"""

from collections.abc import Iterable

from streams.model import Label
from streams.prepare.rules import BY_DISTRIBUTOR, Rules

MAX_MATCHED = 5
HEADLINE_CHARACTERS = 500
"""A headline is read to here; an item without one is judged by as much of its text."""
COMPANY_CONFIDENCE = 70
_NOT_ABOUT_ONE = frozenset({"markets", "economy-forex", "commodities", "interest-rates"})


def classify(
    rules: Rules, *, headline: str, text: str, language: str, release_wire: bool, has_company: bool
) -> tuple[Label, ...]:
    """The labels of an item, sorted by category; none where nothing fits (it then goes to `latest` only).

    `language` is BCP 47, empty where unknown. `release_wire`: the distributor is a release wire.
    `has_company`: the item carries a company's symbol, or its issuer is a company.
    """
    headline = (headline.strip() or text)[:HEADLINE_CHARACTERS]
    labels = [
        Label(
            hit.rule.category,
            hit.rule.confidence,
            f"rule:{hit.rule.id}@{rules.version}",
            hit.matched[:MAX_MATCHED],
        )
        for hit in rules.match(headline, text, language)
    ]
    if release_wire:
        labels.append(Label(BY_DISTRIBUTOR, 100, f"distributor@{rules.version}"))
    if has_company and not any(label.category in _NOT_ABOUT_ONE for label in labels):
        labels.append(Label("companies", COMPANY_CONFIDENCE, f"company@{rules.version}"))
    best = _strongest(labels)
    implied = [
        Label(parent, label.confidence, f"implied:{label.category}@{rules.version}", label.matched)
        for label in best
        if (parent := label.category.partition(".")[0]) != label.category
    ]
    return _strongest([*best, *implied])


def _strongest(labels: Iterable[Label]) -> tuple[Label, ...]:
    """One label a category: the most confident, of equals the one whose creator sorts first."""
    best: dict[str, Label] = {}
    for label in sorted(labels, key=lambda label: (-label.confidence, label.creator)):
        best.setdefault(label.category, label)
    return tuple(best[category] for category in sorted(best))
