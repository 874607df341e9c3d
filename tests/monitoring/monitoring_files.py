"""The files in docs/monitoring, and the page of metrics, as data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = DOCS / "monitoring"
MAPPING = FOLDER / "statsd_mapping.yml"
RULES = FOLDER / "prometheus_rules.yml"
RULES_TEST = FOLDER / "prometheus_rules_test.yml"
DASHBOARD = FOLDER / "grafana_dashboard.json"

_SELECTOR = re.compile(r"\b(airflow_orgauth_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_BY = re.compile(r"\bby\s*\(([^)]*)\)")
_IN_LEGEND = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}")


@dataclass(frozen=True)
class Expression:
    """An expression of PromQL.

    :param where: a panel's title, or the name of an alert.
    :param shown: the labels that its legend, or its texts, have.
    """

    where: str
    text: str
    shown: frozenset[str]

    @property
    def selectors(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The names of series, each with label and value of its matchers."""
        found = _SELECTOR.findall(self.text)
        return [(name, [(label, value) for label, _, value in _MATCHER.findall(within)]) for name, within in found]

    @property
    def grouped_by(self) -> set[str]:
        """The labels of all its ``by (…)``."""
        return {label.strip() for labels in _BY.findall(self.text) for label in labels.split(",")}


@dataclass(frozen=True)
class Rule:
    """A rule of the statsd_exporter: which plain names it takes, and the series that come of them."""

    match: str
    name: str
    labels: Mapping[str, str]

    def labels_of(self, plain: str) -> dict[str, str] | None:
        """Return the labels that it makes of a plain name; None: it does not take it."""
        parts, pattern = f"airflow.{plain}".split("."), self.match.split(".")
        if len(parts) != len(pattern) or any(one not in ("*", part) for one, part in zip(pattern, parts, strict=True)):
            return None
        stars = [part for one, part in zip(pattern, parts, strict=True) if one == "*"]
        return {label: stars[int(number.removeprefix("$")) - 1] for label, number in self.labels.items()}


def mappings() -> list[Rule]:
    """Return the rules of the statsd_exporter."""
    return [Rule(**one) for one in yaml.safe_load(MAPPING.read_text())["mappings"]]


def alerts() -> list[Expression]:
    """Return the expression of each alert."""
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    return [
        Expression(rule["alert"], rule["expr"], _labels_in("".join(rule.get("annotations", {}).values())))
        for rule in rules
    ]


def panels() -> list[Expression]:
    """Return each expression of the dashboard."""
    return [
        Expression(panel["title"], target["expr"], _labels_in(target["legendFormat"]))
        for panel in dashboard()["panels"]
        for target in panel["targets"]
    ]


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana imports it."""
    found: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return found


def documented() -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, kind and labels of each metric in the page's table."""
    for row in re.findall(r"^\| (`orgauth\..*)$", _page(), re.MULTILINE):
        names, kind, about, *_ = (cell.strip() for cell in row.split("|"))
        first, *others = re.findall(r"`([^`]+)`", names)
        family = first.rpartition(".")[0]
        for name in (first, *(f"{family}{other}" for other in others)):
            yield name, kind.removesuffix("s"), re.findall(r"`([^`]+)`", about)


def explained() -> dict[str, str]:
    """Return what the page says of each label, by the label: the items of its list, and the table's words on ``of``."""
    page, found = _page(), {}
    for label, text in re.findall(r"^- \*\*`(\w+)`\*\*(.*?)(?=^- |^$)", page, re.MULTILINE | re.DOTALL):
        found[label] = found.get(label, "") + text
    return found | dict(re.findall(r"; `(of)` is (.*?) \|$", page, re.MULTILINE))


def _page() -> str:
    return (DOCS / "metrics.md").read_text()


def _labels_in(text: str) -> frozenset[str]:
    return frozenset(_IN_LEGEND.findall(text))
