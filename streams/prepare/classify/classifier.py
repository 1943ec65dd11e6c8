"""Assigns site categories to an item, each with its confidence and the rule, code, model or fact that decided.

Three sources are combined: the wire's own codes, through the mapping; rules, in every language; and for English the
model, which weighs the words and the rules that apply. A rule or code decides what it names. The model adds only
categories that neither of them gave, and only where it was measured to be right for that kind of copy. It adds no
market and no economy to an item that a rule files under companies, or whose headline is about sport or the arts (the
word list `sport` of the rules).
`companies.press-releases` depends on the distributor alone.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from streams.model.records import Code, Label
from streams.prepare.classify import linear_model
from streams.prepare.classify.linear_model import LinearModel
from streams.prepare.classify.rules import BY_DISTRIBUTOR, ItemTokens, RuleMatch, RuleSet
from streams.prepare.classify.wire_codes import CodeMapping

MAX_MATCHED = 5
COMPANY_CONFIDENCE = 70
ANNOUNCED_CONFIDENCE = 78
_NOT_OF_ONE_COMPANY = frozenset({"markets", "economy-forex", "commodities", "interest-rates"})
_MODEL_LANGUAGES = frozenset({"en", "", "und"})


class Classifiers(msgspec.Struct, frozen=True):
    """The three classifiers of categories: the rules, the mapping of wire codes, the model."""

    rules: RuleSet
    mapping: CodeMapping
    model: LinearModel

    @property
    def versions(self) -> dict[str, str]:
        """The version of each classifier."""
        return {"rules": self.rules.version, "mapping": self.mapping.version, "model": self.model.version}


def classify(
    classifiers: Classifiers,
    read: ItemTokens,
    *,
    language: str,
    release_wire: bool,
    has_company: bool,
    release_copy: bool = False,
    wire_codes: Iterable[Code] = (),
    announced: str = "",
) -> tuple[Label, ...]:
    """Returns the labels of an item, sorted by category; none where nothing fits (it then goes to `latest` only).

    `read` holds the item's tokens (`rules.tokenize_item_with_headline`). `language` is BCP 47, empty where unknown.
    `release_wire` says that the distributor is a release wire; `release_copy`, that the text has the form of a release;
    `has_company`, that the item is about a company; `announced` names an event and its day that the item announces.
    """
    matches = classifiers.rules.match(read, language)
    version = classifiers.rules.version
    labels = [*(_label_from_rule(match, version) for match in matches), *classifiers.mapping.labels(wire_codes)]
    if release_wire:
        labels.append(Label(BY_DISTRIBUTOR, 100, f"distributor@{version}"))
    if announced:
        labels.append(Label("calendar", ANNOUNCED_CONFIDENCE, f"event@{version}", (announced,)))
    labels = _add_parents(labels)
    if language.replace("_", "-").partition("-")[0].lower() in _MODEL_LANGUAGES:
        kind = linear_model.name_copy_kind(has_text=bool(read.text_tokens), is_release=release_wire or release_copy)
        given = {label.category for label in labels}
        # In sport gold is a medal, and in news of a company copper is part of its name.
        if "companies" in given or not classifiers.rules.sport.isdisjoint(read.headline_tokens):
            given |= _NOT_OF_ONE_COMPANY
        labels += [
            label for label in _labels_from_model(classifiers.model, read, kind, matches) if label.category not in given
        ]
        # Releases name companies that they are not about, and so do titles, of which the model decides.
        has_company &= kind == "story"
    if has_company and not any(label.category in _NOT_OF_ONE_COMPANY for label in labels):
        labels.append(Label("companies", COMPANY_CONFIDENCE, f"company@{version}"))
    return tuple(_add_parents(labels))


def _label_from_rule(match: RuleMatch, version: str) -> Label:
    name = f"rule:{match.rule.id}@{version}"
    return Label(match.rule.category, match.rule.confidence, name, match.matched[:MAX_MATCHED])


def _labels_from_model(
    model: LinearModel, read: ItemTokens, kind: str, matches: Sequence[RuleMatch]
) -> Iterator[Label]:
    lead = read.text_tokens if read.titled else ()
    for one in model.predict(read.headline_tokens, lead, linear_model.list_rule_features(matches), kind):
        yield Label(one.category, linear_model.score_to_percent(one.score), f"model@{model.version}", one.words)


def _add_parents(labels: Iterable[Label]) -> list[Label]:
    best = _keep_strongest(labels)
    implied = [
        Label(parent, label.confidence, f"implied:{label.category}@{label.creator.rpartition('@')[2]}", label.matched)
        for label in best
        if (parent := label.category.partition(".")[0]) != label.category
    ]
    return _keep_strongest([*best, *implied])


def _keep_strongest(labels: Iterable[Label]) -> list[Label]:
    """Keeps one label a category: the most confident; of equals, the one whose creator sorts first."""
    best: dict[str, Label] = {}
    for label in sorted(labels, key=lambda label: (-label.confidence, label.creator)):
        best.setdefault(label.category, label)
    return [best[category] for category in sorted(best)]
