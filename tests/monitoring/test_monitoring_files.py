"""The page of metrics and the files in docs/monitoring have each metric and label that is sent, and no other."""

from __future__ import annotations

import pytest
from monitoring_files import alerts, documented, explained, mappings, panels
from told_metrics import methods_told, metrics, tell_everything

from airflow_provider_orgauth.observers.metrics import Metrics

FREE = {"conn_id", "hostname"}
"""Labels whose values are the user's."""


@pytest.fixture(scope="module")
def sent():
    return metrics()


@pytest.fixture(scope="module")
def series(sent):
    """The labels of each series that Prometheus gets, with their values."""
    found = {}
    for name, metric in sent.items():
        base = f"airflow_{name.replace('.', '_')}"
        if metric.kind == "timer":
            found |= {f"{base}_sum": metric.labels, f"{base}_count": metric.labels}
            found[f"{base}_bucket"] = metric.labels | {"le": set()}
        else:
            found[base] = metric.labels
    return found


def test_everything_that_metrics_are_told_of_is_told_here():
    own = {name for name in vars(Metrics) if not name.startswith("_")}
    assert own <= methods_told(tell_everything)


def test_the_page_has_each_metric_its_kind_and_its_labels_in_order(sent):
    told = sorted((name, metric.kind, list(metric.labels)) for name, metric in sent.items())
    assert sorted(documented()) == told


@pytest.mark.parametrize(
    ("metric", "label"),
    [("api_requests", "status"), ("wait.duration", "reason"), ("retries", "of"), ("lease_turns", "outcome")],
)
def test_the_page_explains_each_value(sent, metric, label):
    values = sent[f"orgauth.{metric}"].labels[label]
    assert len(values) > 1
    assert [value for value in values if f"`{value}`" not in explained()[label]] == []


def test_the_mapping_makes_of_each_plain_name_what_tags_say(sent):
    rules, used = mappings(), set()
    for name, metric in sent.items():
        for plain, tags in metric.plain.items():
            taken = [(rule, labels) for rule in rules if (labels := rule.labels_of(plain)) is not None]
            assert [labels for _, labels in taken] == [tags], plain
            (rule, _) = taken[0]
            assert rule.name == f"airflow_{name.replace('.', '_')}"
            used.add(rule.match)

    assert {rule.match for rule in rules} == used


@pytest.mark.parametrize("expression", [*alerts(), *panels()], ids=lambda one: one.where)
def test_an_expression_asks_for_what_there_is(series, expression):
    labels = set()
    assert expression.selectors
    for name, matchers in expression.selectors:
        assert name in series
        labels |= series[name].keys()
        for label, value in matchers:
            assert label in series[name], name
            unknown = set(value.split("|")) - series[name][label]
            assert label in FREE or unknown == set(), (name, label)
    assert expression.grouped_by <= labels
    assert expression.shown <= expression.grouped_by


def test_the_dashboard_shows_each_metric(sent):
    shown = {name for panel in panels() for name, _ in panel.selectors}
    missing = {name for name in sent if not any(one.startswith(f"airflow_{name.replace('.', '_')}") for one in shown)}
    assert missing == set()
