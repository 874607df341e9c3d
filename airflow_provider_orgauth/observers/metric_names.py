"""The names of metrics: with tags where Airflow's metrics take them, else with the tags' values in the name.

Plain StatsD knows no tags, and Airflow drops them there: what a metric is about must be in its name then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

from airflow_provider_orgauth.compat import conf

PREFIX = "orgauth"

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")
_MOST_CHARACTERS = 60
"""Of a tag's value: Airflow refuses names of 250 characters."""


class Naming(Enum):
    """How a metric says what it is about."""

    TAGS = "beside its name"
    IN_NAME = "in its name"


def naming() -> Naming | None:
    """Return what Airflow's metrics are configured for, looked at in Airflow's order; None: they are off."""
    if conf.getboolean("metrics", "statsd_datadog_enabled", fallback=False):
        return Naming.TAGS
    if conf.getboolean("metrics", "statsd_on", fallback=False):
        has_tags = conf.getboolean("metrics", "statsd_influxdb_enabled", fallback=False)
        return Naming.TAGS if has_tags else Naming.IN_NAME
    return Naming.TAGS if conf.getboolean("metrics", "otel_on", fallback=False) else None


def named(metric: str, tags: Mapping[str, str], how: Naming) -> tuple[str, dict[str, str] | None]:
    """Return a metric's name and tags, as Airflow's ``Stats`` wants them.

    :param metric: without the prefix.
    :param tags: in the order in which a name has their values.
    """
    if how is Naming.TAGS:
        return f"{PREFIX}.{metric}", dict(tags)
    return ".".join((PREFIX, metric, *tags.values())), None


def tag_value(text: str) -> str:
    """Return a text as a tag's value, or a part of a name: a dot there would begin another part."""
    return _NOT_IN_A_NAME.sub("_", text)[:_MOST_CHARACTERS] or "_"
