"""The alert rules: each goes off where it must, says what to do, and looks at numbers that there are."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from foundation.metrics import FOUNDATION, Metric, Metrics
from outreach.app import METRICS as OUTREACH
from preferences.app import METRICS as PREFERENCES
from tests.support.promtool import promtool
from tests.support.sources import ROOT

DEPLOY = ROOT / "deploy"
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
TESTS = [
    case
    for test in yaml.safe_load((DEPLOY / "alerts.test.yaml").read_text())["tests"]
    for case in test["alert_rule_test"]
]
DECLARED: Mapping[str, Mapping[str, Metric]] = {"outreach": OUTREACH, "preferences": PREFERENCES}
#: Prometheus's own, of every target.
OF_PROMETHEUS = {"up"}


def declared_by(service: str) -> dict[str, Metric]:
    return {str(name): metric for name, metric in [*FOUNDATION.items(), *DECLARED[service].items()]}


def metrics() -> dict[str, Metric]:
    return {
        f"{service}_{name}": metric for service in DECLARED for name, metric in declared_by(service).items()
    }


def named(expression: str) -> dict[str, set[str]]:
    """Return the metrics of ours that an expression names, each with the labels that are asked of it."""
    found: dict[str, set[str]] = {}
    for name, labels in re.findall(r"\b((?:outreach|preferences)_\w+)(?:\{([^}]*)\})?", expression):
        found.setdefault(name, set()).update(re.findall(r"(\w+)\s*(?:=~|!=|=)", labels))
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_metric_an_alert_names_is_one_of_ours_with_these_labels(rule: dict[str, Any]) -> None:
    asked = named(rule["expr"])

    assert asked or OF_PROMETHEUS & set(re.findall(r"\w+", rule["expr"]))
    for name, labels in asked.items():
        assert name in metrics()
        assert labels <= set(metrics()[name].labels)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_whom_it_calls_what_it_saw_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert {"summary", "what_to_do"} == set(rule["annotations"])


def test_every_alert_has_an_example_in_which_it_goes_off_and_one_in_which_it_does_not() -> None:
    goes_off = {case["alertname"] for case in TESTS if case["exp_alerts"]}
    stays_quiet = {case["alertname"] for case in TESTS if not case["exp_alerts"]}
    alerts = {rule["alert"] for rule in RULES}

    assert goes_off == alerts
    # Something was never read in the example of this one, so there is no moment without an alert.
    assert stays_quiet == alerts - {"InputIsNotKnownToBeFresh"}


def test_promtool_finds_that_each_example_comes_out_as_it_says() -> None:
    done = promtool("test", "rules", str(DEPLOY / "alerts.test.yaml"))

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", DECLARED)
def test_promtool_accepts_every_metric_of_a_service(service: str) -> None:
    kept = Metrics(prefix=service, declared=DECLARED[service])
    for name, metric in declared_by(service).items():
        labels = dict.fromkeys(metric.labels, "some")
        if metric.kind == "counter":
            kept.count(name, 1, **labels)
        elif metric.kind == "gauge":
            kept.set(name, 1, **labels)
        else:
            kept.observe(name, 1, **labels)

    done = promtool("check", "metrics", stdin=kept.render().decode())

    assert (done.returncode, done.stdout + done.stderr) == (0, "")
