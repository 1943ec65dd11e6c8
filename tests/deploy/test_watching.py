"""Alerts, runbooks and dashboard name only declared metrics."""

import ast
import re
from typing import Any

import yaml
from prometheus_client import REGISTRY
from support.grafana import GRAFANA
from support.metric_names import BUILT_IN, find_names, list_declared
from support.readme import README

from streams.model.errors import Reason

DEPLOY = README.parent / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"


def read_rules() -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_the_dashboard_file_is_generated_from_its_script() -> None:
    assert GRAFANA["FILE"].read_text(encoding="utf-8") == GRAFANA["written"]()


def test_alerts_and_dashboard_use_only_metrics_that_are_declared() -> None:
    known = list_declared() | BUILT_IN | {rule["record"] for rule in read_rules() if "record" in rule}
    used = {name for rule in read_rules() for name in find_names(rule["expr"])}
    used |= {name for query in GRAFANA["queries"]() for name in find_names(query)}
    assert used - known == set()


def test_the_dashboard_shows_every_metric_that_is_declared() -> None:
    used = {name for query in GRAFANA["queries"]() for name in find_names(query)}
    for rule in read_rules():
        if rule.get("record") in used:
            used |= set(find_names(rule["expr"]))
    base = {re.sub("_(bucket|sum|count)$", "", name) for name in used}
    shown = {re.sub("_(bucket|sum|count)$", "", name) for name in list_declared()}
    assert shown - base == {"newswire_build_info"}


def test_every_alert_has_a_runbook_page_with_its_meaning_checks_and_actions() -> None:
    text = (DEPLOY / "RUNBOOKS.md").read_text(encoding="utf-8")
    pages = {page.partition("\n")[0]: page for page in text.split("\n## ")[1:]}
    alerts = {rule["alert"]: rule for rule in read_rules() if "alert" in rule}
    for name, rule in alerts.items():
        assert rule["annotations"]["runbook"] == f"deploy/RUNBOOKS.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert [word for word in ("**Means**", "**Look at**", "**Do**") if word not in pages[name]] == []
    assert {page for page in pages if page.startswith("Newswire")} == set(alerts)


def test_the_drills_check_sentences_that_stand_in_the_runbooks() -> None:
    """The drills take too long for each change; a sentence that was reworded would only fail there."""
    runbooks = " ".join((DEPLOY / "RUNBOOKS.md").read_text(encoding="utf-8").split())
    checked = [
        call.args[0].value
        for file in ("drills.py", "night.py")
        for call in ast.walk(ast.parse((DEPLOY.parent / "tests" / "system" / file).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("check_page", "check_runbook")
        and isinstance(call.args[0], ast.Constant)
    ]
    assert len(checked) >= 10
    assert [words for words in checked if words not in runbooks] == []


def test_counters_that_alerts_watch_exist_before_their_first_event() -> None:
    """Prometheus sees no increase in a series that starts with its first event."""
    codes = [*Reason]
    assert all(
        REGISTRY.get_sample_value("newswire_dead_letters_total", {"code": code, "stage": stage}) is not None
        for code in codes
        for stage in ("parse", "prepare", "decide")
    )
    for name in ("append", "child"):
        assert REGISTRY.get_sample_value("newswire_retries_total", {"what": name}) is not None


def test_the_runbooks_name_only_metrics_that_exist() -> None:
    text = (DEPLOY / "RUNBOOKS.md").read_text(encoding="utf-8")
    assert (
        set(re.findall(r"`(newswire_[a-z_]+)`", text)) - {re.sub("_bucket$", "", name) for name in list_declared()}
        == set()
    )


def test_every_panel_says_what_it_shows_and_leads_to_the_runbooks_of_its_alerts() -> None:
    text = (DEPLOY / "RUNBOOKS.md").read_text(encoding="utf-8")
    pages = {re.sub(r"[^a-z0-9-]", "", head.lower().replace(" ", "-")) for head in re.findall(r"(?m)^## (.*)$", text)}
    dashboard = GRAFANA["dashboard"]()
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert [panel["title"] for panel in panels if len(panel["description"]) < 10] == []
    links = [link["url"] for panel in [dashboard, *panels] for link in panel["links"]]
    assert {url.partition("#")[2] for url in links} <= pages
    linked = {link["title"] for panel in panels for link in panel["links"]}
    assert {rule["alert"] for rule in read_rules() if "alert" in rule} - linked == set()
    assert set(GRAFANA["THRESHOLDS"]) | set(GRAFANA["DESCRIPTIONS"]) <= {panel["title"] for panel in panels}
